"""What a sweep costs beside its runs, and how much memory it needs.

    python -m benchmarks.sweeps [--quick] [--million]

The runs of a sweep in one thread, with everything around them (preparing states, writing parts,
reading them back for the digest), against the compiled runs alone, in CPU time of one process.
Peak memory is read where Linux tells it.
``--million`` adds a sweep of a million short runs. None of this is part of the tests.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from benchmarks.measuring import PRINT_PEAK, begin, cpu_seconds, machine, show, wall_seconds
from partnersim import run_sweep
from partnersim.configuration import load_experiment
from partnersim.runs.plan import plan_of
from partnersim.runs.play import Player
from partnersim.runs.running import seconds_per_run

COMMON = ("experiment=robustness", "figures=false", "threads=1")

PEAK_MEMORY = f"""
import sys
from partnersim import run_sweep
print(run_sweep(*sys.argv[1:]).manifest["runs_done"])
{PRINT_PEAK}"""
#: Two quarters: the shortest runs that still have an end of a year.
SHORT = ("horizon.end=2025Q4", "policies=[balanced,connect_first]")


class Case(NamedTuple):
    """A sweep and what it shows."""

    label: str
    words: tuple[str, ...]


def cases(runs: int) -> list[Case]:
    """Return a sweep of about so many runs, and sweeps of a tenth with other shapes."""
    few = runs // 10
    return [
        Case("100 replicates a future", ("replicates=100", f"design.points={runs // 700}")),
        Case("25 replicates a future", ("replicates=25", f"design.points={runs // 175}")),
        Case("5 replicates a future", ("replicates=5", f"design.points={few // 35}")),
        Case("1 replicate a future", ("replicates=1", f"design.points={few // 7}")),
    ]


def overhead(case: Case) -> None:
    """Run a sweep and print what it costs beside its compiled runs.

    Both are measured in the same sweep: on a busy machine two measurements one after the other
    differ by more than what is looked for.
    """
    words = (*COMMON, *case.words)
    plan = plan_of(load_experiment(words))
    seconds_per_run(plan)  # compiles, and warms up
    bare = [0.0]
    play = Player.play

    def timed(player: Player, seed: int, replicate: int) -> object:
        began = time.thread_time()
        try:
            return play(player, seed, replicate)
        finally:
            bare[0] += time.thread_time() - began

    with tempfile.TemporaryDirectory() as folder:
        Player.play = timed  # type: ignore[method-assign,assignment]
        try:
            whole = cpu_seconds(run_sweep, *words, f"output={folder}")
        finally:
            Player.play = play  # type: ignore[method-assign]
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    runs = plan.layout.runs
    show(
        f"{case.label}: {runs:,} runs, beside the compiled runs",
        f"+{100 * (whole / bare[0] - 1):.1f} %  ({1000 * bare[0] / runs:.2f} ms a run;"
        f" {size / 1e6:.0f} MB)",
    )


def memory(runs: int) -> None:
    """Run a sweep of short runs in a process of its own and print its peak memory."""
    words = (*COMMON[:3], *SHORT, "replicates=500", f"design.points={runs // 1000}")
    with tempfile.TemporaryDirectory() as folder:
        printed = subprocess.run(
            [sys.executable, "-c", PEAK_MEMORY, *words, f"output={folder}"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split()
    show(f"{int(printed[0]):,} short runs: peak memory", f"{float(printed[1]):.0f} MiB")


def engines(runs: int) -> None:
    """Compare two workers of each engine with one, by the clock on the wall."""
    begin("Two workers against one, sweep, by the clock (on a quiet machine)")
    for engine in ("threads", "processes", *(["dask"] if find_spec("dask") else [])):
        taken = []
        for workers in (1, 2):
            words = (*COMMON[:2], f"engine={engine}", f"threads={workers}", "replicates=25")
            with tempfile.TemporaryDirectory() as folder:
                sweep = (*words, f"design.points={runs // 175}", f"output={folder}")
                taken.append(wall_seconds(run_sweep, *sweep))
        show(f"{engine}: one worker / two workers", f"{taken[0] / taken[1]:.2f}")


def measure(*, quick: bool, million: bool = False) -> None:
    """Measure everything."""
    begin("What a sweep costs beside its runs, CPU time of one thread, robustness design")
    for case in cases(20_000 if quick else 100_000):
        overhead(case)
    engines(4_000 if quick else 20_000)
    begin("Memory of sweeps")
    for runs in (10_000, 100_000, *([1_000_000] if million else [])):
        memory(runs)


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description="What a sweep costs beside its runs.")
    parser.add_argument("--quick", action="store_true", help="a fifth of the runs")
    parser.add_argument("--million", action="store_true", help="also a million short runs")
    chosen = parser.parse_args()
    print("\n".join(machine()))
    measure(quick=chosen.quick, million=chosen.million)


if __name__ == "__main__":
    main()
