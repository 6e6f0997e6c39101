"""A chunk: a stretch of runs, simulated in one go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pydantic import ValidationError

from partnersim.model.metrics import metric_names
from partnersim.runs.counts import Totals
from partnersim.runs.part import (
    COUNTRIES,
    IN_FORCE,
    LINKS,
    Failure,
    Part,
    as_table,
)
from partnersim.runs.plan import Plan
from partnersim.runs.play import EVENT_CAPACITY, Player, year_ends_of
from partnersim.runs.run_tables import events_table
from partnersim.scenario.compile import prepare, prepare_again
from partnersim.scenario.problems import problems_of
from partnersim.scenario.scenario import Scenario

#: A policy, and a future where futures are told apart.
Series = tuple[int, int | None]


class Workbench:
    """What one thread needs to play the runs of a plan; it is used again for the next chunk.

    Parameters
    ----------
    plan : Plan
        Whose runs.
    """

    def __init__(self, plan: Plan) -> None:
        horizon = plan.horizon
        names = list(metric_names(plan.world.regions))
        quarters = np.array([horizon.labels.index(name) for name in plan.layout.quarters])
        metrics = np.array([names.index(name) for name in plan.layout.metrics])
        self.plan = plan
        #: (quarters, metrics) places of what is kept in the flattened metrics of a run.
        self.kept = quarters[:, np.newaxis] * len(names) + metrics
        self.seed = int(plan.experiment.settings.seed)
        self._noted, years = year_ends_of(horizon)
        self._metrics = len(names)
        #: Position of the first end of a year in or after each quarter.
        self.year_of_quarter = np.searchsorted(years, [int(x[:4]) for x in horizon.labels])
        self._players: dict[tuple[str, Any], tuple[Player, Scenario]] = {}

    def player(self, policy: str, scenario: Scenario) -> Player:
        """Return a player of a scenario; one per policy and schedule is kept."""
        place = policy, scenario.geopolitics.schedule
        if place in self._players:
            player, before = self._players[place]
            prepare_again(player.state, self.plan.world, before, scenario)
        else:
            # Where nobody reads the event log, the rules only count what they would write.
            capacity = EVENT_CAPACITY if self.plan.layout.detailed else 0
            state = prepare(self.plan.world, scenario, capacity)
            player = Player(state, self._noted, self._metrics)
        self._players[place] = player, scenario
        return player

    def forget(self, policy: str, scenario: Scenario) -> None:
        """Drop a state that a failed run may have left half-written."""
        self._players.pop((policy, scenario.geopolitics.schedule), None)

    def totals(self) -> Totals:
        """Return counts over no runs."""
        layout = self.plan.layout
        return Totals(len(layout.years), len(layout.iso3), len(layout.instruments))


def simulate_chunk(bench: Workbench, start: int, stop: int) -> Part:
    """Simulate the runs ``start`` .. ``stop - 1`` of a plan.

    The result depends on the plan and the two numbers only.

    Parameters
    ----------
    bench : Workbench
        Holds the plan; belongs to one thread.
    start, stop : int
        Numbers of runs, see `Layout`.

    Returns
    -------
    Part
        A run that raises an error is noted as failed and does not stop the others.
    """
    layout = bench.plan.layout
    values = np.empty((stop - start, len(layout.quarters), len(layout.metrics)))
    totals: dict[Series, Totals] = {}
    done: list[int] = []
    logs: list[pa.Table] = []
    failures: list[Failure] = []
    for policy, future, scenario, first, last in _series(bench.plan, start, stop, failures):
        name = layout.policies[policy]
        compared = future < layout.futures
        try:
            player = bench.player(name, scenario)
        except Exception as error:
            failures += [Failure(run, one_line_of(error)) for run in range(first, last)]
            bench.forget(name, scenario)
            continue
        place = policy, future if layout.detailed else None
        total = totals.setdefault(place, bench.totals()) if compared else bench.totals()
        own_logs: list[np.ndarray] = []
        replicates: list[int] = []
        for run in range(first, last):
            try:
                played = player.play(bench.seed, run % layout.replicates)
            except Exception as error:
                failures.append(Failure(run, one_line_of(error)))
                continue
            np.take(played.metrics, bench.kept, out=values[len(done)], mode="clip")  # unbuffered
            total.add(played.year_ends)
            if layout.detailed:
                total.add_log(played.events, bench.year_of_quarter)
                own_logs.append(played.events)
                replicates.append(run % layout.replicates)
            done.append(run)
        if compared and own_logs:
            logs.append(_log_table(bench.plan, scenario, own_logs, replicates, policy, future))
    return Part(
        start=start,
        stop=stop,
        runs=np.array(done, np.int64),
        metrics=values[: len(done)],
        events=_joined(logs or [_log_table(bench.plan)]) if layout.detailed else None,
        counts=_count_tables(bench, totals),
        failures=tuple(failures),
    )


def _log_table(
    plan: Plan,
    scenario: Scenario | None = None,
    logs: Sequence[np.ndarray] = (),
    replicates: Sequence[int] = (),
    policy: int = 0,
    future: int = 0,
) -> pa.Table:
    """Return the event logs of one series, by default none."""
    scenario = scenario or plan.experiment.arms[0].scenario
    frame = events_table(plan.world, scenario, logs, replicates)
    return as_table(_named(frame, plan.layout.policies, policy, future))


def _count_tables(bench: Workbench, totals: dict[Series, Totals]) -> dict[str, pa.Table]:
    layout = bench.plan.layout
    axes = layout.years, layout.iso3, layout.instruments
    if not totals:
        totals = {(0, 0 if layout.detailed else None): bench.totals()}
    frames: dict[str, list[pd.DataFrame]] = {IN_FORCE: []}
    if layout.detailed:
        frames |= {COUNTRIES: [], LINKS: []}
    for (policy, future), total in totals.items():
        own = {IN_FORCE: total.in_force_rows(*axes)}
        if layout.detailed:
            own[COUNTRIES] = total.country_rows(layout.years, layout.iso3)
            own[LINKS] = total.link_rows(layout.iso3)
        else:
            own[IN_FORCE] = own[IN_FORCE].drop(columns="moved")
        for name, frame in own.items():
            frames[name].append(_named(frame, layout.policies, policy, future))
    return {name: _joined([as_table(f) for f in own]) for name, own in frames.items()}


def _named(
    frame: pd.DataFrame, policies: tuple[str, ...], policy: int, future: int | None
) -> pd.DataFrame:
    """Return rows with policy and future in front."""
    codes = np.full(len(frame), policy)
    frame.insert(0, "policy", pd.Categorical.from_codes(codes, list(policies)))
    if future is not None:
        frame.insert(1, "future", np.int64(future))
    return frame


def _joined(tables: list[pa.Table]) -> pa.Table:
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks()


def _series(
    plan: Plan, start: int, stop: int, failures: list[Failure]
) -> Iterator[tuple[int, int, Scenario, int, int]]:
    """Yield policy, future, scenario and stretch of the runs that differ in their replicate only.

    Futures whose values do not go together are noted as failures of all their runs.
    """
    layout = plan.layout
    run = start
    scenarios: tuple[int, dict[str, Scenario]] = -1, {}
    while run < stop:
        end = min(stop, (run // layout.replicates + 1) * layout.replicates)
        name, future, _ = layout.place(run)
        try:
            if scenarios[0] != future:
                scenarios = future, plan.scenarios(future)
            yield layout.policies.index(name), future, scenarios[1][name], run, end
        except ValidationError as error:
            reasons = "; ".join(problems_of(error, Scenario, ""))
            failures += [Failure(failed, reasons) for failed in range(run, end)]
        run = end


def one_line_of(error: Exception) -> str:
    """Return an error as one line."""
    first = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {first}" if first else type(error).__name__
