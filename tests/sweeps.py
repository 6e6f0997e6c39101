"""Small sweeps that tests run, break and repair."""

from __future__ import annotations

from pathlib import Path

from partnersim import StoredSweep, run_sweep
from partnersim.configuration import load_experiment
from partnersim.runs.chunk import Workbench, simulate_chunk
from partnersim.runs.named_world import write_world
from partnersim.runs.part import write_part
from partnersim.runs.plan import Plan, plan_of
from partnersim.runs.running import resume_sweep
from partnersim.runs.sweep_writer import begin_sweep
from partnersim.scenario.engine import Engine

#: Two policies, two climates, eight futures, three replicates: 48 runs of three quarters.
WORDS = (
    "experiment=robustness",
    "world=named",
    "horizon.end=2026Q1",
    "policies=[balanced,connect_first]",
    "climates=[calm,coercion]",
    "design.points=8",
    "replicates=3",
    "figures=false",
)
RUNS = 48


def small_sweep(folder: Path, *words: str) -> StoredSweep:
    """Run the small sweep into a folder."""
    return run_sweep(*WORDS, f"output={folder}", *words)


def cut_sweep(folder: Path, size: int) -> StoredSweep:
    """Run the small sweep in parts of so many runs."""
    plan = small_plan()
    world = plan.world
    folder.mkdir(parents=True, exist_ok=True)
    write_world(folder, world.countries, world.instruments, world.network)
    begin_sweep(folder, plan.facts())
    bench = Workbench(plan)
    # Backwards: the order in which parts are made must not matter.
    for start in reversed(range(0, RUNS, size)):
        made = simulate_chunk(bench, start, min(RUNS, start + size))
        write_part(folder / "parts", plan.facts().configuration_hash, plan.layout, made)
    return resume_sweep(folder, Engine(), threads=1)


def small_plan(*words: str) -> Plan:
    """Return the plan of the small sweep, changed by some words."""
    return plan_of(load_experiment([*WORDS, *words]))
