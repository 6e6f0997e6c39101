"""An experiment without a design, and a forecast, as small as they can be."""

from __future__ import annotations

from pathlib import Path

from campaign.program import call
from campaign.trials import must
from partnersim.runs.experiment_reader import StoredExperiment, read_experiment

#: Two policies, two runs of two quarters.
WORDS = (
    "policy=no_offer",
    "world=named",
    "horizon.end=2025Q4",
    "replicates=2",
    "shock_tests=[]",
    "figures=false",
    "threads=2",
)
NAME = "no_offer_calm"
FORECAST_WORDS = ("forecast", "draws=2", "runs=2", "world=named", "horizon.end=2026Q2", "threads=2")


def undisturbed(output: Path) -> StoredExperiment:
    """Run the experiment in peace."""
    answer = call([*WORDS, f"output={output}"])
    must(answer.status == 0, answer.err)
    return read_experiment(output / NAME)


def forecast(output: Path) -> Path:
    """Make a forecast; return its table."""
    answer = call([*FORECAST_WORDS, f"output={output}"])
    must(answer.status == 0, answer.err)
    return output / "forecast" / "forecast.csv"
