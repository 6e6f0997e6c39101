"""What a sweep costs beside its runs, and how much memory it needs.

    python -m benchmarks.sweeps [--quick] [--million]

The runs of a sweep in one thread, with everything around them (preparing states, writing parts,
reading them back for the digest), against the bare compiled runs, in CPU time of one process.
``--million`` adds a sweep of a million short runs. None of this is part of the tests.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.measuring import cpu_seconds, machine, show
from partnersim import run_sweep
from partnersim.configuration import load_experiment
from partnersim.sweep.chunk import Workbench
from partnersim.sweep.plan import Plan, plan_of

COMMON = ("experiment=robustness", "world=named", "figures=false", "threads=1")
#: Bare runs that are timed, spread over all runs of the sweep.
BARE_RUNS = 600

PEAK_MEMORY = """
import resource, sys
from partnersim import run_sweep
sweep = run_sweep(*sys.argv[1:])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(sweep.manifest["runs_done"], peak / (1024 * 1024 if sys.platform == "darwin" else 1024))
"""
#: Two quarters: the shortest runs that still have an end of a year.
SHORT = ("horizon.end=2025Q4", "policies=[balanced,connect_first]")


class Case(NamedTuple):
    """A sweep and what it shows."""

    told: str
    words: tuple[str, ...]


def cases(runs: int) -> list[Case]:
    """Return a sweep of about so many runs, and sweeps of a tenth with other shapes."""
    few = runs // 10
    return [
        Case("25 replicates a future", ("replicates=25", f"design.points={runs // 150}")),
        Case("5 replicates a future", ("replicates=5", f"design.points={few // 30}")),
        Case("1 replicate a future", ("replicates=1", f"design.points={few // 6}")),
    ]


def bare_seconds_per_run(plan: Plan) -> float:
    """Return the CPU seconds of a bare run, over runs spread evenly over the plan."""
    layout = plan.layout
    bench = Workbench(plan)
    seconds = 0.0
    chosen = np.unique(np.linspace(0, layout.runs - 1, BARE_RUNS).astype(int))
    for run in chosen:
        policy, point, replicate = (int(x[0]) for x in layout.places(np.array([run])))
        name = layout.policies[policy]
        state = bench.state(name, plan.future(point)[name])
        began = time.process_time()
        bench.play(state, replicate)
        seconds += time.process_time() - began
    return seconds / len(chosen)


def overhead(case: Case) -> None:
    """Run a sweep and print what it costs beside its bare runs."""
    words = (*COMMON, *case.words)
    plan = plan_of(load_experiment(words))
    bare_seconds_per_run(plan)  # compiles, and warms up
    before = bare_seconds_per_run(plan)
    with tempfile.TemporaryDirectory() as folder:
        whole = cpu_seconds(run_sweep, *words, f"output={folder}")
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    bare = 0.5 * (before + bare_seconds_per_run(plan)) * plan.layout.runs
    show(
        f"{case.told}: {plan.layout.runs:,} runs, beside the bare runs",
        f"{100 * (whole / bare - 1):+.1f} %  ({1000 * bare / plan.layout.runs:.2f} ms a run;"
        f" {size / 1e6:.0f} MB)",
    )


def memory(runs: int) -> None:
    """Run a sweep of short runs in a process of its own and print its peak memory."""
    words = (*COMMON[:3], *SHORT, "replicates=500", f"design.points={runs // 1000}")
    with tempfile.TemporaryDirectory() as folder:
        told = subprocess.run(
            [sys.executable, "-c", PEAK_MEMORY, *words, f"output={folder}"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split()
    show(f"{int(told[0]):,} short runs: peak memory", f"{float(told[1]):.0f} MiB")


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description="What a sweep costs beside its runs.")
    parser.add_argument("--quick", action="store_true", help="a tenth of the runs")
    parser.add_argument("--million", action="store_true", help="also a million short runs")
    chosen = parser.parse_args()
    for line in machine():
        print(line)
    print("\nOverhead in CPU time of one thread, named world, robustness design")
    for case in cases(20_000 if chosen.quick else 100_000):
        overhead(case)
    print("\nMemory")
    for runs in (10_000, 100_000, *([1_000_000] if chosen.million else [])):
        memory(runs)


if __name__ == "__main__":
    main()
