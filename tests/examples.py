"""A small real experiment, run once, for tests that read or draw results."""

from __future__ import annotations

from pathlib import Path

import pytest

from partnersim import Runs
from partnersim.configuration import load_experiment
from partnersim.runs.plan import plan_of
from partnersim.runs.running import start
from partnersim.scenario.experiment import experiment_from
from partnersim.scenario.run_settings import Engine

POLICIES = ("balanced", "deepen_first", "no_offer", "connect_first", "open_doors")
CLIMATES = ("calm", "fragmentation")
SHOCKS = ("supplier_coercion", "cable_cut", "technology_breakthrough")


def write_example(
    folder: Path,
    *,
    policies: tuple[str, ...] = POLICIES[:3],
    climates: tuple[str, ...] = CLIMATES,
    shocks: tuple[str, ...] = SHOCKS,
    replicates: int = 12,
    end: str = "2027Q4",
) -> Runs:
    """Run the first shipped policies in climates, under the names given, with shock tests."""
    configuration = load_experiment(
        [
            f"policies=[{','.join(POLICIES[: len(policies)])}]",
            f"climates=[{','.join(CLIMATES[: len(climates)])}]",
            f"shock_tests=[{','.join(shocks)}]",
            f"replicates={replicates}",
            "seed=2",
            f"horizon.end={end}",
        ]
    ).configuration()
    names = dict(zip((*POLICIES[: len(policies)], *CLIMATES), (*policies, *climates), strict=False))
    for group in ("policy", "geopolitics"):
        configuration[group] = {names.get(k, k): v for k, v in configuration[group].items()}
    for group in ("policies", "climates"):
        configuration[group] = [names.get(name, name) for name in configuration[group]]
    experiment = experiment_from(configuration)
    settings = experiment.settings.model_copy(update={"output": str(folder), "threads": 1})
    return start(plan_of(experiment.model_copy(update={"settings": settings})), Engine())


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Three policies in two climates, with three shock tests."""
    return write_example(tmp_path_factory.mktemp("results"))
