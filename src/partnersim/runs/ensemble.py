"""Many replicates of one scenario, compiled and in threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partnersim.errors import InputError
from partnersim.model.constants import AREAS, EVENT_COLUMNS, IN_FORCE, QUARTERS_PER_YEAR
from partnersim.model.metrics import metric_names
from partnersim.model.state import State, copied, with_event_capacity
from partnersim.runs.replicate import (
    MILLIONTHS,
    Whole,
    YearEnds,
    new_year_ends,
    run_replicate,
)
from partnersim.runs.run_tables import events_table, metrics_table
from partnersim.scenario.compile import prepare
from partnersim.scenario.run_settings import run_number_problems
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World

#: First guess of the length of an event log; a longer run is simply played again.
_EVENT_CAPACITY = 16_384


class Run(NamedTuple):
    """One replicate: ``metrics, events = simulate(...)``."""

    metrics: pd.DataFrame
    """One row per quarter, from the observed network on."""
    events: pd.DataFrame
    """Who did what, when, in the order in which it happened."""


@dataclass(frozen=True)
class Ensemble:
    """What many replicates of one scenario came to."""

    metrics: pd.DataFrame
    """One row per replicate and quarter."""
    events: pd.DataFrame
    """The event logs of all replicates."""
    countries: pd.DataFrame
    """Mean state of every country at the end of each year."""
    in_force_by_year: Whole
    """(Y, N, K) replicates in which the pair is in force at the end of the year."""
    years: list[int]
    initially_in_force: NDArray[np.bool_]
    """(N, K)"""
    links_at_end: Whole
    """(N, N) replicates in which two countries are linked at the end."""
    replicates: int
    iso3: tuple[str, ...]
    instruments: tuple[str, ...]


class _Worker:
    """A thread's own state, and what its replicates add up to."""

    def __init__(self, prepared: State, years: int) -> None:
        self.state = copied(prepared)
        self.year_ends = new_year_ends(years, *prepared.pairs.shape)
        self.totals = YearEnds(*(part.astype(np.int64) for part in self.year_ends))

    def play(
        self,
        seed: int,
        replicate: int,
        year_of_quarter: NDArray[np.int64],
        metrics: NDArray[np.float64],
    ) -> NDArray[np.int32]:
        """Play one replicate into ``metrics`` (T + 1, M); return its event log."""
        while True:
            run_replicate(self.state, seed, replicate, year_of_quarter, metrics, self.year_ends)
            happened = int(self.state.union[0].events)
            if happened <= len(self.state.events):
                break
            self.state = with_event_capacity(self.state, 2 * happened)
        for total, part in zip(self.totals, self.year_ends, strict=True):
            total += part
        return self.state.events[:happened].copy()


def simulate_ensemble(
    world: World,
    scenario: Scenario,
    *,
    seed: int = 0,
    replicates: int | Sequence[int] = 100,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Ensemble:
    """Simulate many replicates of a scenario.

    Parameters
    ----------
    world : World
        From `load_world`.
    scenario : Scenario
        From `load_scenario`.
    seed : int, default 0
        0 .. 2**63 - 1. The same seed gives every scenario the same luck.
    replicates : int or sequence of int, default 100
        How many (numbered from 0), or which; numbers are 0 .. 2**31 - 1.
    threads : int, optional
        How many run at once; all processors by default. Never changes a result.
    progress : callable, optional
        Called with the number of replicates done, after each.

    Returns
    -------
    Ensemble

    Raises
    ------
    InputError
        If the scenario does not fit the world or a number is out of range.
    """
    numbers = list(range(replicates)) if isinstance(replicates, int) else list(replicates)
    problems = [*scenario.check(world), *run_number_problems(seed, numbers, threads)]
    if problems:
        raise InputError(problems)
    # Other kinds of whole numbers would be compiled for anew.
    seed, numbers = int(seed), [int(number) for number in numbers]
    prepared = prepare(world, scenario, _EVENT_CAPACITY)
    quarters = scenario.horizon.quarters
    year_of_quarter, years = _year_ends(scenario)
    metrics = np.zeros((len(numbers), quarters + 1, len(metric_names(world.regions))))
    logs: list[NDArray[np.int32]] = [np.zeros((0, EVENT_COLUMNS), np.int32)] * len(numbers)
    workers: list[_Worker] = []
    lock = threading.Lock()
    own = threading.local()
    done = 0

    def play(place: int) -> None:
        nonlocal done
        if not hasattr(own, "worker"):
            own.worker = _Worker(prepared, len(years))
            with lock:
                workers.append(own.worker)
        logs[place] = own.worker.play(seed, numbers[place], year_of_quarter, metrics[place])
        with lock:
            done += 1
            if progress is not None:
                progress(done)

    with np.errstate(over="ignore"):
        if (threads or os.cpu_count() or 1) == 1:
            for place in range(len(numbers)):
                play(place)
        else:
            pool = ThreadPoolExecutor(threads or os.cpu_count())
            try:
                for _ in pool.map(play, range(len(numbers))):
                    pass
            finally:
                # An interrupted ensemble must not go on in the background.
                pool.shutdown(cancel_futures=True)
    totals = YearEnds(
        *(sum(parts) for parts in zip(*(worker.totals for worker in workers), strict=True))
    )
    return Ensemble(
        metrics=metrics_table(world, scenario, metrics, numbers),
        events=events_table(world, scenario, logs, numbers),
        countries=_countries_table(world, years, totals, len(numbers)),
        in_force_by_year=totals.in_force,
        years=years,
        initially_in_force=prepared.pairs["first_stage"] == IN_FORCE,
        links_at_end=totals.linked,
        replicates=len(numbers),
        iso3=tuple(world.countries["iso3"]),
        instruments=tuple(world.instruments["instrument"]),
    )


def simulate(world: World, scenario: Scenario, *, seed: int = 0, replicate: int = 0) -> Run:
    """Simulate one replicate; it is the same as that replicate of any ensemble.

    Parameters
    ----------
    world : World
        From `load_world`.
    scenario : Scenario
        From `load_scenario`.
    seed, replicate : int, default 0
        Key of the run: 0 .. 2**63 - 1 and 0 .. 2**31 - 1.

    Returns
    -------
    Run
        ``metrics, events``, both data frames.
    """
    ensemble = simulate_ensemble(world, scenario, seed=seed, replicates=[replicate], threads=1)
    return Run(
        ensemble.metrics.drop(columns="replicate"), ensemble.events.drop(columns="replicate")
    )


def _year_ends(scenario: Scenario) -> tuple[NDArray[np.int64], list[int]]:
    """Return the row of `YearEnds` for each quarter (-1 for none) and the years of the rows."""
    rows = np.full(scenario.horizon.quarters + 1, -1, np.int64)
    years: list[int] = []
    for quarter, label in enumerate(scenario.horizon.labels):
        if quarter > 0 and label.endswith(f"Q{QUARTERS_PER_YEAR}"):
            rows[quarter] = len(years)
            years.append(int(label[:4]))
    return rows, years


def _countries_table(
    world: World, years: Sequence[int], totals: YearEnds, replicates: int
) -> pd.DataFrame:
    """Return the mean over replicates of every country at the end of each year."""
    iso3 = np.asarray(world.countries["iso3"], dtype=object)
    depth = totals.depth / replicates
    frame: dict[str, object] = {
        "quarter": np.repeat([f"{year}Q{QUARTERS_PER_YEAR}" for year in years], len(iso3)),
        "iso3": np.tile(iso3, len(years)),
    }
    for place, area in enumerate(AREAS):
        frame[f"depth_{area}"] = depth[:, :, place].ravel()
    frame["depth"] = depth.mean(axis=2).ravel()
    frame["instruments"] = (totals.in_force.sum(axis=2) / replicates).ravel()
    frame["links"] = (totals.links / replicates).ravel()
    frame["invested"] = (totals.invested / replicates / MILLIONTHS).ravel()
    frame["alignment"] = (totals.alignment / replicates / MILLIONTHS).ravel()
    return pd.DataFrame(frame)
