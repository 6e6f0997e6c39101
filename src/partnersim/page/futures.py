"""The futures of one scenario: played in steps, added up, and remembered for the next question."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from copy import copy
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from partnersim.errors import InputError
from partnersim.model.constants import (
    EVENT_COUNTRY,
    EVENT_INSTRUMENT,
    EVENT_KIND,
    EVENT_OTHER,
    EVENT_QUARTER,
    EVENT_SHOCK,
    EVENT_STAGE,
    EVENTS,
    IN_FORCE,
)
from partnersim.model.metrics import metric_names, shown_metrics
from partnersim.model.state import State
from partnersim.page.request import MOST_STRIKES
from partnersim.page.run_view import Player, expected_strikes, prepared_like, prepared_run
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World

#: What the page shows: what an adviser reads first, and what its graphs offer besides.
SHOWN_METRICS = shown_metrics("page")
#: What is always shown.
HEADLINES = shown_metrics("headline")

_KIND = {name: place for place, name in enumerate(EVENTS)}


class Logs(NamedTuple):
    """What happened in a batch of futures, sorted by what the page tells of it."""

    entered: NDArray[np.int32]
    """(E, 4) replicate, quarter, country, instrument: entry into force."""
    links: NDArray[np.int32]
    """(E, 4) quarter, smaller country, larger country, +1 made or -1 cut."""
    strikes: NDArray[np.int32]
    """(E, 5) replicate, quarter, shock type, country or -1, other or -1."""
    switches: NDArray[np.int32]
    """(E, 3) replicate, quarter, switch of the policy."""


class Batch(NamedTuple):
    """Consecutive futures added up by one thread."""

    metrics: NDArray[np.float64]
    """(n, T + 1, shown metrics)"""
    in_force: NDArray[np.uint8]
    """(T, N, K) futures in which the pair is in force; at most 255 futures."""
    depth: NDArray[np.int16]
    """(T, N, 8) sum of depths."""
    logs: Logs


def _sorted_logs(replicate: NDArray[np.int32], events: NDArray[np.int32]) -> Logs:
    """Sort the events of several futures; ``replicate`` tells of each which future's it is."""
    kind = np.ascontiguousarray(events[:, EVENT_KIND])

    def rows(chosen: NDArray[np.bool_], *columns: int) -> NDArray[np.int32]:
        numbers = chosen.nonzero()[0]
        # Whole rows first: picking single numbers out of a table is many times slower.
        picked = events.take(numbers, axis=0)
        sorted_ = np.empty((len(numbers), 1 + len(columns)), np.int32)
        sorted_[:, 0] = replicate.take(numbers)
        for place, column in enumerate(columns, start=1):
            sorted_[:, place] = picked[:, column]
        return sorted_

    tie = (EVENT_QUARTER, EVENT_COUNTRY, EVENT_INSTRUMENT)
    entered = (kind == _KIND["advanced"]) & (events[:, EVENT_STAGE] == IN_FORCE)
    made = events.take((kind == _KIND["linked"]).nonzero()[0], axis=0)
    ends = np.sort(made[:, [EVENT_COUNTRY, EVENT_OTHER]], axis=1)
    return Logs(
        entered=rows(entered, *tie),
        links=np.column_stack([made[:, EVENT_QUARTER], ends]),
        strikes=rows(
            kind == _KIND["shock"], EVENT_QUARTER, EVENT_SHOCK, EVENT_COUNTRY, EVENT_OTHER
        ),
        switches=rows(kind == _KIND["switched"], EVENT_QUARTER, EVENT_OTHER),
    )


class Futures:
    """The futures of one scenario, with numbers 0, 1, 2 ...

    Whatever is added up is added up in whole numbers, so that the result does not depend on the
    steps in which the futures were played.

    Parameters
    ----------
    world : World
    scenario : Scenario
        Checked against the world.
    seed : int
        0 .. 2**63 - 1.
    like : Futures, optional
        Of another scenario: what both share need not be prepared again.

    Raises
    ------
    InputError
        If more shocks are expected than the page can tell of.
    """

    def __init__(
        self, world: World, scenario: Scenario, seed: int, like: Futures | None = None
    ) -> None:
        self.world: World = world
        made = like.prepared(scenario) if like is not None and like.world is world else None
        self.state, self.scenario = made or (prepared_run(world, scenario), scenario)
        self.seed = seed
        self.quarters = scenario.horizon.quarters
        strikes = expected_strikes(self.state)
        if strikes > MOST_STRIKES:
            raise InputError(
                f"geopolitics: {strikes:.0f} shocks expected in a future, at most {MOST_STRIKES}"
                " here; lower intensity, intensification or single shock types"
            )
        countries, instruments = self.state.pairs.shape
        names = metric_names(world.regions)
        self._columns = [names.index(name) for name in SHOWN_METRICS]
        off = np.isin(world.instruments["instrument"], scenario.world.switched_off)
        #: (N, K) what is in force on 5 June 2025.
        self.first_in_force = (world.arrays.stage == IN_FORCE) & ~off
        #: Links of that day, the smaller country first.
        self.first_links = np.argwhere(np.triu(world.arrays.links, 1) == 1)
        self._metrics = [np.zeros((0, self.quarters + 1, len(SHOWN_METRICS)))]
        self.in_force = np.zeros((self.quarters, countries, instruments), np.int32)
        self.depth = np.zeros((self.quarters, countries, 8), np.int32)
        self.logs: list[Logs] = []
        self._told: dict[Hashable, tuple[int, Any]] = {}
        self._resting: list[Player] = []
        #: How many futures have been played.
        self.played = 0

    def prepared(self, scenario: Scenario) -> tuple[State, Scenario] | None:
        """Return the run of a scenario like this one, or None if it differs too much."""
        return prepared_like(self.state, self.world, self.scenario, scenario)

    @property
    def metrics(self) -> NDArray[np.float64]:
        """Shape (played, T + 1, shown metrics)."""
        if len(self._metrics) > 1:
            self._metrics = [np.concatenate(self._metrics)]
        return self._metrics[0]

    @property
    def bytes(self) -> int:
        """Memory that this takes, roughly."""
        logs = sum(part.nbytes for logs in self.logs for part in logs)
        state = sum(array.nbytes for array in self.state.arrays().values())
        metrics = sum(part.nbytes for part in self._metrics)
        return state + metrics + self.in_force.nbytes + self.depth.nbytes + logs

    def play(self, first: int, count: int) -> Batch:
        """Play futures ``first .. first + count - 1``; changes nothing here: threads may share."""
        # Lists are safe between threads; a player is at work for one of them.
        player = self._resting.pop() if self._resting else None
        player = player or Player(self.state, self.world, self.quarters)
        metrics = np.zeros((count, self.quarters + 1, len(SHOWN_METRICS)))
        in_force, depth = (
            np.zeros_like(self.in_force, np.uint8),
            np.zeros_like(self.depth, np.int16),
        )
        events = []
        for place in range(count):
            played = player.play(self.seed, first + place)
            metrics[place] = played.metrics[:, self._columns]
            in_force += played.in_force
            depth += played.depth
            events.append(played.events)
        self._resting.append(player)
        replicate = np.repeat(
            np.arange(first, first + count, dtype=np.int32), [len(rows) for rows in events]
        )
        return Batch(metrics, in_force, depth, _sorted_logs(replicate, np.concatenate(events)))

    def add(self, batch: Batch) -> None:
        """Take in the futures that follow those already here."""
        self._metrics.append(batch.metrics)
        self.in_force += batch.in_force
        self.depth += batch.depth
        self.logs.append(batch.logs)
        self.played += len(batch.metrics)

    def so_far(self) -> Futures:
        """Return what has been played until now, which further futures do not change."""
        now = copy(self)
        now.in_force, now.depth = self.in_force.copy(), self.depth.copy()
        now._metrics, now.logs = list(self._metrics), list(self.logs)
        return now

    def told[Answer](self, name: Hashable, tell: Callable[[], Answer]) -> Answer:
        """Return what was told about these futures before, or tell it and keep it."""
        played, told = self._told.get(name, (-1, None))
        if played != self.played:
            told = tell()
            self._told[name] = (self.played, told)
        return told  # type: ignore[return-value]

    def log(self, name: str) -> NDArray[np.int32]:
        """Return one of the `Logs` of all futures played."""
        return np.concatenate([getattr(logs, name) for logs in self.logs])
