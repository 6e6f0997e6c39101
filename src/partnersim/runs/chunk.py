"""A chunk: a stretch of runs, simulated in one go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import ValidationError

from partnersim.model.metrics import metric_names
from partnersim.model.observation import STRUCTURE
from partnersim.runs.manifest import Layout
from partnersim.runs.parts import COUNTRIES, EVENTS, IN_FORCE, LINKS, METRICS, Chunk, Failure
from partnersim.runs.plan import Plan
from partnersim.runs.play import EVENT_CAPACITY, Player, year_ends_of
from partnersim.runs.tables import Totals, as_table, coded, events_table
from partnersim.scenario.compile import alike, prepare, prepare_again
from partnersim.scenario.problems import problems_of
from partnersim.scenario.scenario import Scenario

#: Policy and future (their positions), scenario, and the stretch of runs that differ in their
#: replicate only.
Series = tuple[int, int, Scenario, int, int]


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
        #: Quarters in which metrics of structure are kept.
        self._structure = np.zeros(len(horizon.labels), bool)
        self._structure[quarters] = not set(STRUCTURE).isdisjoint(plan.layout.metrics)
        #: Position of the first end of a year in or after each quarter.
        self.year_of_quarter = np.searchsorted(years, [int(x[:4]) for x in horizon.labels])
        self._players: dict[tuple[Any, ...], tuple[Player, Scenario]] = {}

    def player(self, policy: int, scenario: Scenario) -> Player:
        """Return a player of a scenario.

        One per policy, schedule and phases of climate is kept for sampled futures, which are many
        with few runs each; of listed ones, all runs are played one after the other: one is enough.
        """
        climate, listed = scenario.geopolitics, self.plan.layout.detailed
        place = () if listed else (policy, climate.schedule, tuple(climate.by_phase))
        # A failure here may leave a state half-written: it is out of the way then.
        player, before = self._players.pop(place, (None, None))
        if player is not None and before is not None and alike(before, scenario):
            prepare_again(player.state, self.plan.world, before, scenario)
        else:
            # Where nobody reads the event log, the rules only count what they would write.
            capacity = EVENT_CAPACITY if listed else 0
            state = prepare(self.plan.world, scenario, capacity)
            player = Player(state, self._noted, self._metrics, self._structure)
        self._players[place] = player, scenario
        return player

    def totals(self) -> Totals:
        """Return counts over no runs."""
        layout = self.plan.layout
        return Totals(layout.years, layout.iso3, layout.instruments, detailed=layout.detailed)


def simulate_chunk(bench: Workbench, start: int, stop: int) -> Chunk:
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
    Chunk
        A run that raises an error is noted as failed and does not stop the others.
    """
    layout = bench.plan.layout
    values = np.empty((stop - start, len(layout.quarters), len(layout.metrics)))
    totals: defaultdict[tuple[int, int | None], Totals] = defaultdict(bench.totals)
    done: list[int] = []
    logs: list[pa.Table] = []
    failures: list[Failure] = []
    for policy, future, scenario, first, last in _series(bench.plan, start, stop, failures):
        # Runs of shock tests are kept by their metrics alone.
        compared = future < layout.futures
        place = policy, future if layout.detailed else None
        try:
            player = bench.player(policy, scenario)
        except Exception as error:
            failures += [Failure(run, one_line_of(error)) for run in range(first, last)]
            continue
        total = totals[place] if compared else bench.totals()
        own_logs: dict[int, NDArray[np.int32]] = {}
        for run in range(first, last):
            replicate = run % layout.replicates
            try:
                # The same luck in every future: common random numbers.
                played = player.play(bench.seed, replicate)
            except Exception as error:
                failures.append(Failure(run, one_line_of(error)))
                continue
            np.take(played.metrics, bench.kept, out=values[len(done)], mode="clip")  # unbuffered
            total.add(played.year_ends)
            if layout.detailed and compared:
                total.add_log(played.events, bench.year_of_quarter)
                own_logs[replicate] = played.events
            done.append(run)
        if own_logs:
            columns = [log.T for log in own_logs.values()]
            events = events_table(bench.plan.world, scenario, columns, list(own_logs))
            logs.append(_placed(layout, events, policy, future))
    if not totals:  # tables without a row need their columns all the same
        totals[0, 0 if layout.detailed else None].runs = 0
    tables = {
        METRICS: _metrics_table(layout, np.array(done, np.int64), values[: len(done)]),
        **_count_tables(layout, totals),
    }
    if layout.detailed:
        if not logs:
            first_arm = bench.plan.experiment.arms[0].scenario
            nothing = events_table(bench.plan.world, first_arm, [], [])
            logs.append(_placed(layout, nothing, 0, 0))
        tables[EVENTS] = _joined(logs)
    return Chunk(start, stop, tables, tuple(failures))


def _series(plan: Plan, start: int, stop: int, failures: list[Failure]) -> Iterator[Series]:
    """Yield the series of a stretch of runs.

    Futures whose values do not go together are noted as failures of all their runs.
    """
    layout = plan.layout
    run, at, scenarios = start, -1, {}
    while run < stop:
        end = min(stop, (run // layout.replicates + 1) * layout.replicates)
        name, future, _ = layout.place(run)
        try:
            if at != future:
                at, scenarios = future, plan.scenarios(future)
            yield layout.policies.index(name), future, scenarios[name], run, end
        except ValidationError as error:
            reasons = "; ".join(problems_of(error, Scenario, ""))
            failures += [Failure(failed, reasons) for failed in range(run, end)]
        run = end


def _metrics_table(
    layout: Layout, runs: NDArray[np.int64], values: NDArray[np.float64]
) -> pa.Table:
    """Return metrics quarter by quarter, so that the last one can be read alone."""
    policy, future, replicate = layout.places(runs)
    quarters = len(layout.quarters)
    by_metric = np.ascontiguousarray(values.transpose(2, 1, 0))
    return pa.table(
        {
            "policy": coded(np.tile(policy, quarters), layout.policies),
            "future": pa.array(np.tile(future, quarters)),
            "replicate": pa.array(np.tile(replicate.astype(np.int32), quarters)),
            "quarter": coded(np.repeat(np.arange(quarters), len(runs)), layout.quarters),
            **{name: pa.array(by_metric[m].ravel()) for m, name in enumerate(layout.metrics)},
        }
    )


def _count_tables(
    layout: Layout, totals: dict[tuple[int, int | None], Totals]
) -> dict[str, pa.Table]:
    """Return the counts over the runs of every policy, and future where they are told apart."""
    tables: dict[str, list[pa.Table]] = {}
    for place, total in totals.items():
        frames = {IN_FORCE: total.in_force_rows()}
        if layout.detailed:
            frames |= {COUNTRIES: total.country_rows(), LINKS: total.link_rows()}
        else:
            del frames[IN_FORCE]["moved"]
        for name, frame in frames.items():
            tables.setdefault(name, []).append(_placed(layout, frame, *place))
    return {name: _joined(own) for name, own in tables.items()}


def _placed(layout: Layout, frame: pd.DataFrame, policy: int, future: int | None) -> pa.Table:
    """Return rows with policy and future in front."""
    codes = np.full(len(frame), policy)
    frame.insert(0, "policy", pd.Categorical.from_codes(codes, list(layout.policies)))
    if future is not None:
        frame.insert(1, "future", np.int64(future))
    return as_table(frame)


def _joined(tables: list[pa.Table]) -> pa.Table:
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks()


def one_line_of(error: Exception) -> str:
    """Return an error as one line."""
    first = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {first}" if first else type(error).__name__
