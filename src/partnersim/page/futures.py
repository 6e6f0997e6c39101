"""The futures of one scenario: played in steps, added up, and remembered for the next question."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from partnersim.errors import InputError
from partnersim.model.constants import (
    AREAS,
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
from partnersim.model.state import State, copied
from partnersim.page.request import MOST_STRIKES
from partnersim.runs.play import Player
from partnersim.scenario.compile import prepare
from partnersim.scenario.scenario import Scenario
from partnersim.scenario.world_choice import WorldChoice
from partnersim.world.world import World

#: First guess of the length of an event log; a longer run is simply played again.
_EVENT_CAPACITY = 4096

#: What the page shows: what an adviser reads first, and what its graphs offer besides.
SHOWN_METRICS = shown_metrics("page")
#: What is always shown.
HEADLINES = shown_metrics("headline")

_KIND = {name: place for place, name in enumerate(EVENTS)}


class Logs(NamedTuple):
    """What happened in a batch of futures, sorted by what the page shows of it."""

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
    """Sort the events of several futures; ``replicate`` holds the number of the future of each."""
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


def world_of(choice: WorldChoice) -> World:
    """Return the world that a scenario chooses, read once."""
    return _world(choice.model_dump_json(exclude={"switched_off", "weights"}))


@lru_cache(maxsize=8)
def _world(choice: str) -> World:
    return WorldChoice.model_validate_json(choice).load()


def _expected_strikes(state: State) -> float:
    """Return how many random strikes a future holds on average, without those that spread."""
    exposure = state.shock_exposure.sum(axis=1)
    rate = state.shock_rate.max(axis=0)
    return float((rate[:, 1:].sum(axis=1) * exposure).sum())


class Futures:
    """The futures of one scenario, with numbers 0, 1, 2 ...

    Whatever is added up is added up in whole numbers, so that the result does not depend on the
    steps in which the futures were played.

    Parameters
    ----------
    scenario : Scenario
        Checked against its world.
    seed : int
        0 .. 2**63 - 1.

    Raises
    ------
    InputError
        If more shocks are expected than the page can show.
    """

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.scenario, self.seed = scenario, seed
        self.world: World = world_of(scenario.world)
        self.state: State = prepare(self.world, scenario, _EVENT_CAPACITY)
        self.quarters = scenario.horizon.quarters
        strikes = _expected_strikes(self.state)
        if strikes > MOST_STRIKES:
            raise InputError(
                f"geopolitics: {strikes:.0f} shocks expected in a future, at most {MOST_STRIKES}"
                " here; lower intensity, intensification or single shock types"
            )
        countries, instruments = self.state.pairs.shape
        names = metric_names(self.world.regions)
        self._columns = [names.index(name) for name in SHOWN_METRICS]
        #: (N, K) what is in force on 5 June 2025.
        self.first_in_force = self.state.pairs["first_stage"] == IN_FORCE
        #: Links of that day, the smaller country first.
        self.first_links = np.argwhere(np.triu(self.world.arrays.links, 1) == 1)
        self._metrics = [np.zeros((0, self.quarters + 1, len(SHOWN_METRICS)))]
        self.in_force = np.zeros((self.quarters, countries, instruments), np.int32)
        self.depth = np.zeros((self.quarters, countries, len(AREAS)), np.int32)
        self.logs: list[Logs] = []
        self._resting: list[Player] = []
        #: How many futures have been played.
        self.played = 0

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
        player = self._resting.pop() if self._resting else self.player()
        metrics = np.zeros((count, self.quarters + 1, len(SHOWN_METRICS)))
        in_force = np.zeros_like(self.in_force, np.uint8)
        depth = np.zeros_like(self.depth, np.int16)
        events = []
        for place in range(count):
            played = player.play(self.seed, first + place)
            metrics[place] = played.metrics[:, self._columns]
            in_force += played.year_ends.in_force
            depth += played.year_ends.depth
            events.append(played.events)
        self._resting.append(player)
        replicate = np.repeat(
            np.arange(first, first + count, dtype=np.int32), [len(rows) for rows in events]
        )
        return Batch(metrics, in_force, depth, _sorted_logs(replicate, np.concatenate(events)))

    def player(self) -> Player:
        """Return what plays these futures in one thread."""
        # Every quarter is noted, as an ensemble notes the ends of years.
        noted = np.arange(-1, self.quarters, dtype=np.int64)
        return Player(copied(self.state), noted, len(metric_names(self.world.regions)))

    def add(self, batch: Batch) -> None:
        """Take in the futures that follow those already here."""
        self._metrics.append(batch.metrics)
        self.in_force += batch.in_force
        self.depth += batch.depth
        self.logs.append(batch.logs)
        self.played += len(batch.metrics)

    def log(self, name: str) -> NDArray[np.int32]:
        """Return one of the `Logs` of all futures played."""
        return np.concatenate([getattr(logs, name) for logs in self.logs])
