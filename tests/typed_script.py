"""What a type checker sees of the package: the script of a user, checked but never run.

`make check` reads it with the rest. A line marked as wrong must be found wrong: else the package
would let any name or number pass.
"""

from __future__ import annotations

from pathlib import Path

import partnersim
from partnersim import (
    Ensemble,
    InputError,
    PartnershipModel,
    Run,
    Runs,
    World,
    actor_oriented,
    events,
    load_scenario,
    load_world,
    read_runs,
    run_sweep,
    simulate,
    simulate_ensemble,
    synthetic_world,
    world_of,
)


def links_at_end(policy: str, seed: int) -> float:
    """Return the links between partners in the last quarter of one run."""
    scenario = load_scenario(f"policy={policy}", "horizon.end=2026Q4")
    world: World = world_of(scenario)
    run: Run = simulate(world, scenario, seed=seed, replicate=3)
    return float(run.metrics["links"].iloc[-1])


def counts(replicates: int) -> dict[str, int]:
    """Return how many countries, years and links some ways of running tell of."""
    world, scenario = load_world(), load_scenario()
    ensemble: Ensemble = simulate_ensemble(world, scenario, replicates=replicates, threads=2)
    model = PartnershipModel(synthetic_world(12, seed=1), scenario, seed=7)
    model.step()
    return {
        "countries": len(ensemble.iso3),
        "years": len(ensemble.years),
        "links": int(ensemble.links_at_end.sum()),
        "quarter": model.quarter,
    }


def sweep(folder: Path) -> Runs:
    """Run a sweep; read it if it is there; say what is wrong with the request."""
    try:
        return read_runs(folder) if folder.exists() else run_sweep("experiment=robustness")
    except InputError as error:
        for problem in error.problems:
            print(problem.upper())
        raise


def parts() -> tuple[str, bool]:
    """Return the version, and whether the two packages are there."""
    return partnersim.__version__, callable(actor_oriented.simulate) and bool(events.__all__)


def mistakes(world: World) -> None:
    """Do what a type checker must warn of."""
    partnersim.simulat(world)  # type: ignore[attr-defined]
    load_world(links="everything")  # type: ignore[arg-type]
    simulate(world, "policy=balanced")  # type: ignore[arg-type]
    simulate(world, load_scenario(), seed="seven")  # type: ignore[arg-type]
    world.countris  # type: ignore[attr-defined]  # noqa: B018
