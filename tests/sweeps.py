"""Small sweeps that tests run, break and repair."""

from __future__ import annotations

from pathlib import Path

from partnersim import Runs, run_sweep
from partnersim.configuration import load_experiment
from partnersim.runs.chunk import Workbench, simulate_chunk
from partnersim.runs.digest import added
from partnersim.runs.parts import write_part
from partnersim.runs.plan import Plan, plan_of
from partnersim.runs.running import begin, resume_runs
from partnersim.scenario.run_settings import Engine

#: Two policies, two climates, eight futures, three replicates: 48 runs of three quarters.
WORDS = (
    "experiment=robustness",
    "horizon.end=2026Q1",
    "policies=[balanced,connect_first]",
    "climates=[calm,coercion]",
    "design.points=8",
    "replicates=3",
    "figures=false",
)
RUNS = 48
#: The same policies in the two climates as they are, and a shock test: 15 runs.
LISTED_WORDS = (
    *("horizon.end=2026Q4", "replicates=3", "shock_tests=[cable_cut]"),
    *("policies=[balanced,connect_first]", "climates=[calm,coercion]", "figures=false"),
)
LISTED_RUNS = 15


def small_sweep(folder: Path, *words: str) -> Runs:
    """Run the small sweep into a folder."""
    return run_sweep(*WORDS, f"output={folder}", *words)


def digest_now(runs: Runs) -> str:
    """Return the digest of runs as they lie in their folder now."""
    return f"{added(part.read().digest(runs.layout) for part in runs.completeness.parts):064x}"


def small_experiment(folder: Path, *words: str) -> Runs:
    """Run the same policies in listed futures into a folder."""
    return run_sweep(*LISTED_WORDS, f"output={folder}", *words)


def cut_sweep(folder: Path, size: int, plan: Plan | None = None) -> Runs:
    """Run the small sweep, or another plan, in parts of so many runs."""
    plan = plan or small_plan()
    manifest = plan.manifest()
    begin(folder, plan)
    bench = Workbench(plan)
    runs = plan.layout.runs
    # Backwards: the order in which parts are made must not matter.
    for start in reversed(range(0, runs, size)):
        made = simulate_chunk(bench, start, min(runs, start + size))
        write_part(folder / "parts", manifest["configuration_hash"], plan.layout, made)
    return resume_runs(folder, Engine(), threads=1)


def small_plan(*words: str) -> Plan:
    """Return the plan of the small sweep, changed by some words."""
    return plan_of(load_experiment([*WORDS, *words]))


def listed_plan(*words: str) -> Plan:
    """Return the plan of the small experiment, changed by some words."""
    return plan_of(load_experiment([*LISTED_WORDS, *words]))
