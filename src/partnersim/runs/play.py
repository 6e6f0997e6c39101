"""Playing runs: the one loop behind single runs, ensembles, sweeps, forecasts and the page."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partnersim.errors import InputError, refuse
from partnersim.model.constants import IN_FORCE, QUARTERS_PER_YEAR
from partnersim.model.metrics import metric_names
from partnersim.model.observation import STRUCTURE
from partnersim.model.state import State, copied, with_event_capacity
from partnersim.runs.replicate import Whole, YearEnds, new_year_ends, run_replicate
from partnersim.runs.tables import Totals, country_means, events_table, metrics_table
from partnersim.scenario.compile import prepare
from partnersim.scenario.horizon import Horizon
from partnersim.scenario.run_settings import kind_problems, run_number_problems
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World

#: First guess of the length of an event log; a longer run is simply played again.
EVENT_CAPACITY = 16_384
#: An ensemble in memory may need this share of the machine's memory.
_SHARE_OF_MEMORY = 0.5


class Played(NamedTuple):
    """One run. The arrays are overwritten by the next one, except the events."""

    metrics: NDArray[np.float64]
    """(T + 1, M); row 0 is the observed network."""
    year_ends: YearEnds
    """The network at the ends of the quarters that were noted."""
    events: NDArray[np.int32]
    """(E, 9) event log; empty if the state has no room for one."""


class Player:
    """Plays runs of one state in one thread.

    Parameters
    ----------
    state : State
        From `partnersim.scenario.compile.prepare`; it belongs to this player. With an event
        capacity of 0 no event log is kept.
    noted : (T + 1,) int64 array
        Which row of `YearEnds` takes the network after each quarter; -1 for none.
    metrics : int
        Number of metrics, M.
    structure : (T + 1,) bool array, optional
        Quarters in which metrics of structure are read, all by default; they are measured in the
        others only if a switch of the policy watches one.
    """

    def __init__(
        self,
        state: State,
        noted: NDArray[np.int64],
        metrics: int,
        structure: NDArray[np.bool_] | None = None,
    ) -> None:
        self.state = state
        places = [list(metric_names(())).index(name) for name in STRUCTURE]
        watched = np.isin(state.lever_settings.metric, places).any()
        if structure is None or watched:
            structure = np.ones(len(noted), bool)
        self._structure = structure
        self._noted = noted
        self._metrics = np.zeros((len(noted), metrics))
        self._year_ends = new_year_ends(int(noted.max()) + 1, *state.pairs.shape)

    def play(self, seed: int, replicate: int) -> Played:
        """Play one run; what it does follows from the state, the seed and the replicate only."""
        notes = self._noted, self._metrics, self._year_ends, self._structure
        while True:
            run_replicate(self.state, seed, replicate, *notes)
            capacity = len(self.state.events)
            happened = int(self.state.union[0].events)
            if capacity == 0 or happened <= capacity:
                break
            self.state = with_event_capacity(self.state, 2 * happened)
        kept = min(happened, capacity)
        return Played(self._metrics, self._year_ends, self.state.events[:kept].copy())


def year_ends_of(horizon: Horizon) -> tuple[NDArray[np.int64], tuple[int, ...]]:
    """Return which quarters are ends of years (see `Player`), and those years."""
    noted = np.full(horizon.quarters + 1, -1, np.int64)
    ends = [
        quarter
        for quarter, label in enumerate(horizon.labels)
        if quarter > 0 and label.endswith(f"Q{QUARTERS_PER_YEAR}")
    ]
    noted[ends] = np.arange(len(ends))
    return noted, tuple(int(horizon.labels[quarter][:4]) for quarter in ends)


class Run(NamedTuple):
    """One replicate: ``metrics, events = simulate(...)``."""

    metrics: pd.DataFrame
    """One row per quarter, from the observed network on."""
    events: pd.DataFrame
    """Who did what, when, in the order in which it happened."""


@dataclass(frozen=True)
class Ensemble:
    """What many replicates of one scenario came to.

    Attributes
    ----------
    metrics : DataFrame
        One row per replicate and quarter.
    events : DataFrame
        The event logs of all replicates.
    countries : DataFrame
        Every country at the end of each year, mean over replicates.
    in_force_by_year : (Y, N, K) int64 array
        Replicates in which the pair is in force at the end of the year.
    years : list of int
    initially_in_force : (N, K) bool array
    links_at_end : (N, N) int64 array
        Replicates in which two countries are linked at the end.
    replicates : int
    iso3, instruments : tuple of str
        Names of the axes N and K.
    """

    metrics: pd.DataFrame
    events: pd.DataFrame
    countries: pd.DataFrame
    in_force_by_year: Whole
    years: list[int]
    initially_in_force: NDArray[np.bool_]
    links_at_end: Whole
    replicates: int
    iso3: tuple[str, ...]
    instruments: tuple[str, ...]


def simulate_ensemble(
    world: World,
    scenario: Scenario,
    *,
    seed: int = 0,
    replicates: int | Sequence[int] = 100,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Ensemble:
    """Simulate many replicates of a scenario, in memory.

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
        If the scenario does not fit the world, a number is out of range, or the metrics would
        not fit into memory.
    """
    problems = kind_problems(world=(world, World), scenario=(scenario, Scenario))
    if not isinstance(replicates, Iterable):
        # One number; whatever is none is told below.
        whole = isinstance(replicates, int) and not isinstance(replicates, bool)
        replicates = range(replicates) if whole else [replicates]
    # A range stays one: as a list it may be larger than the memory.
    given = replicates if isinstance(replicates, range) else list(replicates)
    if not problems:
        problems = scenario.check(world)
    refuse([*problems, *run_number_problems(seed, given, threads)])
    noted, years = year_ends_of(scenario.horizon)
    shape = (len(given), len(noted), len(metric_names(world.regions)))
    _check_memory(shape)
    # Other kinds of whole numbers would be compiled for anew.
    seed, numbers = int(seed), [int(number) for number in given]
    prepared = prepare(world, scenario, EVENT_CAPACITY)
    metrics = np.zeros(shape)
    logs: list[NDArray[np.int32]] = []
    iso3 = tuple(map(str, world.countries["iso3"]))
    instruments = tuple(map(str, world.instruments["instrument"]))
    total = Totals(years, iso3, instruments)
    own = threading.local()

    def play(place: int) -> tuple[YearEnds, NDArray[np.int32]]:
        if not hasattr(own, "player"):
            own.player = Player(copied(prepared), noted, shape[2])
        played = own.player.play(seed, numbers[place])
        metrics[place] = played.metrics
        by_column = np.ascontiguousarray(played.events.T)
        return YearEnds(*(part.copy() for part in played.year_ends)), by_column

    workers = threads or os.cpu_count() or 1
    pool = ThreadPoolExecutor(workers)
    try:
        # A single worker is this thread, where Ctrl-C ends compiling at once.
        played = (map if workers == 1 else pool.map)(play, range(len(numbers)))
        for done, (year_ends, log) in enumerate(played, start=1):
            total.add(year_ends)
            logs.append(log)
            if progress is not None:
                progress(done)
    finally:
        # An interrupted ensemble must not go on in the background.
        pool.shutdown(cancel_futures=True)
    return Ensemble(
        metrics=metrics_table(world, scenario, metrics, numbers),
        events=events_table(world, scenario, logs, numbers),
        countries=country_means(total.country_rows()),
        in_force_by_year=total.sums.in_force,
        years=list(years),
        initially_in_force=prepared.pairs["first_stage"] == IN_FORCE,
        links_at_end=total.sums.linked,
        replicates=len(numbers),
        iso3=iso3,
        instruments=instruments,
    )


def _check_memory(shape: tuple[int, ...]) -> None:
    """Refuse an ensemble that the machine's memory cannot hold, where the system tells its size."""
    needed = int(np.prod(shape, dtype=np.int64)) * 8
    if not hasattr(os, "sysconf"):
        return
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if needed > _SHARE_OF_MEMORY * there:
        raise InputError(
            f"replicates={shape[0]}: their metrics alone need {needed / 2**30:,.1f} GiB of memory,"
            f" this machine has {there / 2**30:,.1f} GiB; run fewer, or an experiment, which keeps"
            " them on disk (partnersim replicates=...)"
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
