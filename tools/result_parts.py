"""Generated parts about runs: the main experiment, shipped experiments, the campaign."""

from __future__ import annotations

import json
import shutil
from typing import Any

from doc_tables import RESULTS, ROOT, code, table
from experiment_pages import overview
from partnersim.compare.factors import CLIMATE
from partnersim.compare.labels import metric_label, quantity
from partnersim.compare.tables import mean_outcomes
from partnersim.configuration import load_experiment
from partnersim.errors import InputError
from partnersim.model.coefficients import NAMES
from partnersim.reproduction.experiments import experiment_folders
from partnersim.runs.manifest import configuration_hash
from partnersim.runs.reader import Runs, read_runs, the_one_in

#: What the README tells of the main experiment.
SHOWN = ("instruments", "partners_depth_3", "links", "hub_dependence", "partner_value", "eu_value")


#: Figures of the main experiment that the README shows.
FIGURES = ("comparison.png", "growth.png")


def reliability() -> str | None:
    """Return what the reliability campaign tried and how often it held; None if it was not run."""
    rows = [
        (part["title"], part["tried"], part["held"], f"{sum(part['kinds'].values()):,}")
        for part in _campaign()
    ]
    return table(("part", "what was tried", "what must hold", "held in"), rows) if rows else None


def reliability_cases() -> str | None:
    """Return the trials of the reliability campaign by kind; None if it was not run."""
    rows = [
        (part["title"], kind, f"{count:,}")
        for part in _campaign()
        for kind, count in part["kinds"].items()
    ]
    return table(("part", "kind", "how often"), rows) if rows else None


def benchmarks() -> str | None:
    """Return what the benchmarks measured and on which machine; None if they were not run."""
    path = RESULTS / "benchmarks.json"
    if not path.exists():
        return None
    measured = json.loads(path.read_text("utf-8"))
    machine = " ".join(f"{line.rstrip('.')}." for line in measured["machine"])
    return f"{machine}\n\n{table(('part', 'what', 'measured'), measured['rows'])}"


def _campaign() -> list[dict[str, Any]]:
    """Return the records of the parts of the reliability campaign that were run and held."""
    paths = sorted((RESULTS / "campaign").glob("*.json"))
    return [json.loads(path.read_text("utf-8")) for path in paths]


def experiments() -> str:
    """Return question, answer and figure of every shipped experiment."""
    return overview(experiment_folders().values(), "../experiments")


def main_experiment() -> Runs | None:
    """Return the main experiment; None if it is not there or of other settings."""
    try:
        stored = read_runs(RESULTS / "main")
    except InputError:
        return None
    shipped = configuration_hash(load_experiment(["experiment=main"]).configuration())
    return stored if stored.manifest["configuration_hash"] == shipped else None


def copy_figures(stored: Runs) -> None:
    """Copy the figures that the README shows."""
    target = ROOT / "docs" / "figures"
    target.mkdir(exist_ok=True)
    for name in FIGURES:
        shutil.copyfile(stored.folder / "figures" / name, target / name)


def copy_backtest() -> None:
    """Copy the figure of the backtest, if it was run."""
    figure = the_one_in(RESULTS / "backtest") / "figures" / "backtest.png"
    if figure.is_file():
        shutil.copyfile(figure, ROOT / "docs" / "figures" / figure.name)


def results() -> str | None:
    """Return the main results; None if they are not there or of other settings."""
    stored = main_experiment()
    if stored is None:
        return None
    outcomes = stored.outcomes(SHOWN)
    climates = list(stored.futures[CLIMATE])
    best, worst = climates[0], climates[-1]
    means = [
        mean_outcomes(outcomes[outcomes["future"] == future], SHOWN)
        for future in (0, len(climates) - 1)
    ]
    rows = []
    for policy in stored.policies:
        pairs = [
            [quantity(metric, table.loc[policy, metric]) for table in means] for metric in SHOWN
        ]
        rows.append((code(policy), *(" / ".join(pair) for pair in pairs)))
    counts = (
        f"Means of {stored.manifest['replicates']} runs at the end of"
        f" {stored.manifest['quarters'][-1]} in the climate {code(best)} / {code(worst)}."
        f" {len(stored.manifest['assumed_coefficients'])} of {len(NAMES)} coefficients are"
        " assumed.\n\n"
    )
    return counts + table(("policy", *(metric_label(metric).title for metric in SHOWN)), rows)
