"""How fast partnersim is, side by side with a Mesa model of the same kind.

    python -m benchmarks.speed [--quick]

The yardstick is the same model as Mesa teaches it, agents with numpy vectors of their own; a test
sees to it that it does about as much as the rules. It and the compiled ensemble take turns in one
process; what is compared is CPU time. Only the ratios carry over to other machines, and none of
this is part of the tests.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.measuring import PRINT_PEAK, begin, cpu_seconds, machine, show, spread, wall_seconds
from benchmarks.mesa_twin import Partnerships
from partnersim import load_scenario, load_world, simulate_ensemble, synthetic_world
from partnersim.model.metrics import metric_names
from partnersim.runs.replicate import new_year_ends, run_replicate
from partnersim.scenario.compile import prepare
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World

SETTINGS = ("geopolitics=rivalry",)
EVENT_CAPACITY = 20_000
SYNTHETIC = (60, 120, 240, 480)
MEMORY_LIMIT = 1024.0
PROGRAM = str(Path(sys.executable).parent / "partnersim")


class Effort(NamedTuple):
    """How much work a benchmark is given."""

    rounds: int
    twins: int
    runs: dict[str, int]
    synthetic: int
    memory: int
    starts: int


FULL = Effort(7, 3, {"all": 60}, 20, 1000, 5)
QUICK = Effort(3, 1, {"all": 60}, 5, 200, 3)

PEAK_MEMORY = f"""
import sys
from partnersim import load_scenario, load_world, simulate_ensemble
simulate_ensemble(load_world(), load_scenario(*sys.argv[2:]), replicates=int(sys.argv[1]))
{PRINT_PEAK}"""


class Case(NamedTuple):
    """A world with its scenario, and how many runs of it make a measurement."""

    world: World
    scenario: Scenario
    runs: int


def cases(effort: Effort) -> dict[str, Case]:
    """Return the real world."""
    return {
        which: Case(load_world(), load_scenario(*SETTINGS), runs)
        for which, runs in effort.runs.items()
    }


def play_twin(case: Case, runs: int) -> None:
    """Play the same scenario with the Mesa model."""
    for number in range(runs):
        model = Partnerships(case.world, case.scenario, [1, number])
        for _ in range(case.scenario.horizon.quarters):
            model.step()


def play_ensemble(case: Case, threads: int = 1) -> None:
    """Run the compiled ensemble."""
    simulate_ensemble(case.world, case.scenario, seed=1, replicates=case.runs, threads=threads)


def against_twin(effort: Effort) -> None:
    """Compare CPU time per run of the Mesa model and the ensemble, one core each, taking turns."""
    begin("CPU time of a run, one core, 2025Q3 to 2035Q4")
    for which, case in cases(effort).items():
        play_ensemble(case)
        fast, slow = [], []
        for _ in range(effort.rounds):
            slow.append(cpu_seconds(play_twin, case, effort.twins) / effort.twins)
            fast.append(cpu_seconds(play_ensemble, case) / case.runs)
        ratios = [one / other for one, other in zip(slow, fast, strict=True)]
        show(f"{which}: compiled ensemble with its tables, ms", spread(fast, 2, 1e3))
        show(f"{which}: Mesa, agents with vectors, ms", spread(slow, 1, 1e3))
        show(f"{which}: Mesa / ensemble", spread(ratios, 0))


def python_layer(effort: Effort) -> None:
    """Compare the CPU time of the compiled rules with that of the whole ensemble."""
    begin("Share of the CPU time of an ensemble that is not compiled rules")
    for which, case in cases(effort).items():
        state = prepare(case.world, case.scenario, EVENT_CAPACITY)
        names = metric_names(case.world.regions)
        metrics = np.zeros((case.scenario.horizon.quarters + 1, len(names)))
        year_ends = new_year_ends(1, *state.pairs.shape)
        no_year = np.full(len(metrics), -1)
        all_quarters = np.ones(len(metrics), bool)

        def play_rules(case: Case, *arguments: object) -> None:
            for number in range(case.runs):
                run_replicate(arguments[0], 1, number, *arguments[1:])

        arguments = case, state, no_year, metrics, year_ends, all_quarters
        play_rules(*arguments)
        shares = [
            1.0 - cpu_seconds(play_rules, *arguments) / cpu_seconds(play_ensemble, case)
            for _ in range(effort.rounds)
        ]
        show(f"{which}: settings, tables, year ends, event log, %", spread(shares, 0, 100.0))


def threads(effort: Effort) -> None:
    """Compare two threads with one, by the clock on the wall."""
    begin("Two threads against one, by the clock (on a quiet machine)")
    for which, case in cases(effort).items():
        ratios = [
            wall_seconds(play_ensemble, case, 1) / wall_seconds(play_ensemble, case, 2)
            for _ in range(effort.rounds)
        ]
        show(f"{which}: one thread / two threads", spread(ratios, 2))


def against_size(effort: Effort) -> None:
    """Measure how the cost of a run grows with the number of countries."""
    begin("Cost against the number of countries (synthetic worlds)")
    scenario = load_scenario(*SETTINGS)
    costs = []
    for countries in SYNTHETIC:
        case = Case(synthetic_world(countries, 1), scenario, effort.synthetic)
        times = [cpu_seconds(play_ensemble, case) / case.runs for _ in range(effort.rounds)]
        costs.append(statistics.median(times))
        show(f"{countries} countries, ms a run", spread(times, 1, 1e3))
    power = np.polyfit(np.log(SYNTHETIC), np.log(costs), 1)[0]
    show("cost grows as countries to the power of", f"{power:.2f}")


def memory(effort: Effort) -> None:
    """Measure the peak memory of a process that does many runs of the full world."""
    begin("Peak memory")
    command = [sys.executable, "-c", PEAK_MEMORY, str(effort.memory), *SETTINGS]
    peak = float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    judged = "" if peak < MEMORY_LIMIT else f", MORE than the {MEMORY_LIMIT:.0f} MB allowed"
    show(f"{effort.memory} runs of the full world, all threads, MB", f"{peak:.0f}{judged}")


def start_up(effort: Effort) -> None:
    """Measure how long it takes until something is seen, with everything compiled before."""
    begin("Start, by the clock, compiled before")
    for name, command in (
        ("import partnersim, s", [sys.executable, "-c", "import partnersim"]),
        ("partnersim --help, s", [PROGRAM, "--help"]),
    ):
        times = [wall_seconds(_silently, command) for _ in range(effort.starts)]
        show(name, spread(times, 2))
    show("partnersim to its first numbers, s", spread(_first_numbers(effort.starts), 2))


def _silently(command: list[str]) -> None:
    subprocess.run(command, capture_output=True, check=True)


def _first_numbers(repeats: int) -> list[float]:
    """Return the seconds until a run of the default experiment prints its first result."""
    times = []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            with subprocess.Popen(
                [PROGRAM, f"output={folder}"],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            ) as running:
                assert running.stdout is not None
                for line in running.stdout:
                    if any(character.isdigit() for character in line):
                        break
                times.append(time.perf_counter() - began)
                running.terminate()
    return times


def cold_start(effort: Effort) -> None:
    """Measure CPU time and memory until the first numbers, with nothing compiled before."""
    begin("Start with nothing compiled before")
    seconds, peaks = [], []
    for _ in range(min(effort.starts, 3)):
        with tempfile.TemporaryDirectory() as folder:
            compiled = {**os.environ, "PARTNERSIM_CACHE": folder, "NUMBA_NUM_THREADS": "1"}
            command = [sys.executable, "-c", PEAK_MEMORY, "1", *SETTINGS]
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            done = subprocess.run(command, env=compiled, capture_output=True, text=True, check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            used = [each.ru_utime + each.ru_stime for each in (before, after)]
            seconds.append(used[1] - used[0])
            peaks.append(float(done.stdout))
    show("CPU time to the first run of the full world, s", spread(seconds, 1))
    show("peak memory, MB", spread(peaks, 0))


def figures() -> None:
    """Compare the CPU time of the main experiment with and without its figures."""
    begin("Figures of the main experiment, CPU time")
    spent = {}
    for drawn in ("false", "true"):
        with tempfile.TemporaryDirectory() as folder:
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            _silently([PROGRAM, f"figures={drawn}", f"output={folder}"])
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent[drawn] = after.ru_utime - before.ru_utime
    show("figures / simulating", f"{spent['true'] / spent['false'] - 1:.2f}")


def measure(*, quick: bool) -> None:
    """Measure everything."""
    effort = QUICK if quick else FULL
    print(f"median (lowest to highest) of {effort.rounds} rounds; ratios carry over, times do not")
    play_ensemble(Case(load_world(), load_scenario(), 1))
    against_twin(effort)
    python_layer(effort)
    threads(effort)
    against_size(effort)
    memory(effort)
    cold_start(effort)
    start_up(effort)
    figures()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Measure the speed of partnersim.")
    parser.add_argument("--quick", action="store_true", help="few rounds, rough numbers")
    quick = parser.parse_args().quick
    print("\n".join(machine()))
    measure(quick=quick)


if __name__ == "__main__":
    main()
