"""The chunk function: from a stretch of runs to its results. Every engine calls it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from partnersim.model.constants import QUARTERS_PER_YEAR
from partnersim.model.metrics import metric_names
from partnersim.model.state import State
from partnersim.runs.part import Failure, Part
from partnersim.runs.plan import Plan
from partnersim.runs.replicate import YearEnds, new_year_ends, run_replicate
from partnersim.runs.run_digest import run_digest
from partnersim.scenario.compile import prepare, prepare_again
from partnersim.scenario.problems import problems_of
from partnersim.scenario.scenario import Scenario


class Workbench:
    """What one thread needs to play the runs of a plan; it is used again for the next chunk.

    Parameters
    ----------
    plan : Plan
        Whose runs.
    """

    def __init__(self, plan: Plan) -> None:
        layout = plan.layout
        horizon = plan.experiment.arms[0].scenario.horizon
        names = list(metric_names(plan.world.regions))
        self.plan = plan
        quarters = np.array([horizon.labels.index(name) for name in layout.quarters])
        metrics = np.array([names.index(name) for name in layout.metrics])
        #: (quarters, metrics) places of what is kept in the flattened metrics of a run.
        self.kept = quarters[:, np.newaxis] * len(names) + metrics
        self._seed = int(plan.experiment.settings.seed)
        self._metrics = np.zeros((horizon.quarters + 1, len(names)))
        self._year_of_quarter = np.full(horizon.quarters + 1, -1, np.int64)
        ends = [
            quarter
            for quarter, label in enumerate(horizon.labels)
            if quarter > 0 and label.endswith(f"Q{QUARTERS_PER_YEAR}")
        ]
        self._year_of_quarter[ends] = np.arange(len(ends))
        self._year_ends: YearEnds = new_year_ends(
            len(ends), len(layout.iso3), len(layout.instruments)
        )
        self._states: dict[tuple[str, Any], tuple[State, Scenario]] = {}

    def state(self, policy: str, scenario: Scenario) -> State:
        """Return a state that holds a scenario; one per policy and schedule is kept."""
        place = policy, scenario.geopolitics.schedule
        if place in self._states:
            state, before = self._states[place]
            prepare_again(state, self.plan.world, before, scenario)
        else:
            # Nobody reads the event log of a sweep; the rules only count what they would write.
            state = prepare(self.plan.world, scenario, event_capacity=0)
        self._states[place] = state, scenario
        return state

    def forget(self, policy: str, scenario: Scenario) -> None:
        """Drop a state that a failed run may have left half-written."""
        self._states.pop((policy, scenario.geopolitics.schedule), None)

    def play(self, state: State, replicate: int) -> tuple[NDArray[np.float64], NDArray[Any]]:
        """Play one run; return all metrics (T + 1, M) and (years, N, K) whether in force.

        Both are overwritten by the next run.
        """
        run_replicate(
            state, self._seed, replicate, self._year_of_quarter, self._metrics, self._year_ends
        )
        return self._metrics, self._year_ends.in_force


def simulate_chunk(bench: Workbench, start: int, stop: int) -> Part:
    """Simulate the runs ``start`` .. ``stop - 1`` of a plan.

    The result depends on the plan and the two numbers only.

    Parameters
    ----------
    bench : Workbench
        Holds the plan; belongs to one thread.
    start, stop : int
        Numbers of runs, see `SweepLayout`.

    Returns
    -------
    Part
        A run that raises an error is noted as failed and does not stop the others.
    """
    layout = bench.plan.layout
    values = np.empty((stop - start, len(layout.quarters), len(layout.metrics)))
    in_force = np.zeros(
        (len(layout.policies), len(layout.years), len(layout.iso3), len(layout.instruments)),
        np.uint32,
    )
    done: list[int] = []
    digests: list[bytes] = []
    failures: list[Failure] = []
    with np.errstate(over="ignore"):
        for policy, scenario, first, last in _series(bench.plan, start, stop, failures):
            try:
                state = bench.state(layout.policies[policy], scenario)
            except Exception as error:
                failures += [Failure(run, told(error)) for run in range(first, last)]
                bench.forget(layout.policies[policy], scenario)
                continue
            for run in range(first, last):
                try:
                    metrics, held = bench.play(state, run % layout.replicates)
                except Exception as error:
                    failures.append(Failure(run, told(error)))
                    continue
                own = values[len(done)]
                np.take(metrics, bench.kept, out=own, mode="clip")  # unbuffered
                digests.append(run_digest(own))
                in_force[policy] += held
                done.append(run)
    return Part(
        start=start,
        stop=stop,
        runs=np.array(done, np.int64),
        metrics=np.ascontiguousarray(values[: len(done)].transpose(2, 0, 1)),
        digests=tuple(digests),
        in_force=in_force.astype(np.int64),
        failures=tuple(failures),
    )


def _series(
    plan: Plan, start: int, stop: int, failures: list[Failure]
) -> Iterator[tuple[int, Scenario, int, int]]:
    """Yield policy, scenario and stretch of the runs that differ in their replicate only.

    Futures whose values do not go together are noted as failures of all their runs.
    """
    layout = plan.layout
    run = start
    point, future = -1, {}
    while run < stop:
        pair = run // layout.replicates
        end = min(stop, (pair + 1) * layout.replicates)
        if pair // len(layout.policies) != point:
            point = pair // len(layout.policies)
            try:
                future = plan.future(point)
            except ValidationError as error:
                end = min(stop, (point + 1) * len(layout.policies) * layout.replicates)
                reasons = "; ".join(problems_of(error, Scenario, ""))
                failures += [Failure(failed, reasons) for failed in range(run, end)]
                run, point = end, -1
                continue
        policy = pair % len(layout.policies)
        yield policy, future[layout.policies[policy]], run, end
        run = end


def told(error: Exception) -> str:
    """Return an error as one line."""
    first = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {first}" if first else type(error).__name__
