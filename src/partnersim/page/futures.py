"""The futures of one scenario: played in steps, added up, and remembered for the next question."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from partnersim.arrays import Floats, Truths
from partnersim.errors import InputError, nearest, refuse
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
    QUARTERS_PER_YEAR,
)
from partnersim.model.events import ADVANCED, LINKED, SHOCK, SWITCHED
from partnersim.model.metrics import metric_names, shown_metrics
from partnersim.model.observation import STRUCTURE
from partnersim.model.state import State, copied, overwrite
from partnersim.page.request import MOST_STRIKES
from partnersim.runs.play import EVENT_CAPACITY, Played, Player
from partnersim.scenario.compile import alike, prepare, prepare_again
from partnersim.scenario.scenario import Scenario
from partnersim.scenario.world_choice import WorldChoice
from partnersim.world.world import World

#: What the page shows: what an adviser reads first, and what its graphs offer besides.
SHOWN_METRICS = shown_metrics("page")
#: What is always shown.
HEADLINES = shown_metrics("headline")


def refuse_unknown_metrics(*names: str) -> None:
    """Refuse what is no metric of the page.

    Raises
    ------
    InputError
        One line for each.
    """
    refuse(
        f"metric: unknown metric '{name}'{nearest(name, SHOWN_METRICS)}"
        for name in names
        if name not in SHOWN_METRICS
    )


#: What the page shows of an event, and where it stands in the event log.
_COLUMNS = {
    "kind": EVENT_KIND,
    "quarter": EVENT_QUARTER,
    "country": EVENT_COUNTRY,
    "instrument": EVENT_INSTRUMENT,
    "other": EVENT_OTHER,
}
_EVENT = np.dtype([("future", np.int32), *((name, np.int32) for name in _COLUMNS)])
#: Kinds of events that the page shows; of advances only entries into force.
_IS_SHOWN = np.isin(np.arange(len(EVENTS)), [ADVANCED, LINKED, SWITCHED])


class OneFuture(NamedTuple):
    """What the page keeps of one future."""

    metrics: Floats
    """(T + 1, shown metrics)"""
    in_force: NDArray[np.uint8]
    """(T, N, K) 1 where the pair is in force."""
    depth: NDArray[np.int16]
    """(T, N, 8)"""
    struck: Truths
    """Where it is struck, see `Futures.struck`."""
    events: NDArray[Any]
    """(E,) records: number of the future, and the columns of the event log that are shown."""


def _shown_events(future: int, log: NDArray[np.int32]) -> NDArray[Any]:
    """Return the events of a future that the page shows."""
    kind = np.ascontiguousarray(log[:, EVENT_KIND])
    enters = (kind != ADVANCED) | (log[:, EVENT_STAGE] == IN_FORCE)
    shown = (_IS_SHOWN[kind] & enters).nonzero()[0]
    # Whole rows first: picking single numbers out of a table is many times slower.
    rows = log.take(shown, axis=0)
    events = np.empty(len(rows), _EVENT)
    events["future"] = future
    for name, column in _COLUMNS.items():
        events[name] = rows[:, column]
    return events


def world_of(choice: WorldChoice) -> World:
    """Return the world that a scenario chooses, read once."""
    return _world(choice.model_dump_json(exclude={"switched_off", "weights"}))


@lru_cache(maxsize=8)
def _world(choice: str) -> World:
    return WorldChoice.model_validate_json(choice).load()


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
    near : Futures, optional
        Those of another scenario: of what they were prepared with, only what differs is prepared
        anew.

    Raises
    ------
    InputError
        If more shocks are expected than the page can show.
    """

    def __init__(self, scenario: Scenario, seed: int, near: Futures | None = None) -> None:
        self.scenario, self.seed = scenario, seed
        self.world: World = world_of(scenario.world)
        if near is not None and not alike(near.scenario, scenario):
            near = None
        self.state: State
        if near is None:
            self.state = prepare(self.world, scenario, EVENT_CAPACITY)
        else:
            self.state = copied(near.state)
            prepare_again(self.state, self.world, near.scenario, scenario)
        self.quarters = scenario.horizon.quarters
        # Random strikes of a future on average, without those that spread.
        rates = self.state.shock_rate.max(axis=0)[:, 1:].sum(axis=1)
        strikes = float((rates * self.state.shock_exposure.sum(axis=1)).sum())
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
        # Small numbers add up fast; `MOST_FUTURES` fit.
        self.in_force = np.zeros((self.quarters, countries, instruments), np.uint8)
        self.depth = np.zeros((self.quarters, countries, len(AREAS)), np.int16)
        years = (self.quarters + 1) // QUARTERS_PER_YEAR + 1
        #: (Y, S, R + 1) futures with a strike in a year, by shock type and region; the first region
        #: is the world or the EU.
        self.struck = np.zeros((years, len(scenario.shocks), len(self.world.regions) + 1), np.uint8)
        of_shocks = [each.scope == "region" for each in scenario.shocks.values()]
        self._on_region = np.array(of_shocks, bool)
        self._events = [np.empty(0, _EVENT)]
        #: Players at rest, and the state that each holds; scenarios of one size share them.
        self._resting: list[tuple[Player, State]] = [] if near is None else near._resting
        #: How many futures have been played.
        self.played = 0
        held = (*self.state.arrays().values(), self.in_force, self.depth)
        #: Memory that this takes, roughly.
        self.bytes = sum(array.nbytes for array in held)

    @property
    def metrics(self) -> Floats:
        """Shape (played, T + 1, shown metrics)."""
        if len(self._metrics) > 1:
            self._metrics = [np.concatenate(self._metrics)]
        return self._metrics[0]

    def play(self, number: int) -> OneFuture:
        """Play the future of a number; changes nothing here: threads may share."""
        player = self._player_at_rest()
        future = self.seen_of(number, player.play(self.seed, number))
        self._resting.append((player, self.state))
        return future

    def _player_at_rest(self) -> Player:
        """Return a player that is not at work: making new arrays takes longer than writing them."""
        try:
            # Lists are safe between threads.
            player, state = self._resting.pop()
        except IndexError:
            return self.player()
        if state is not self.state:
            overwrite(player.state, self.state)
        return player

    def seen_of(self, future: int, played: Played) -> OneFuture:
        """Return what is kept of one run, with every quarter noted, as the future of a number."""
        return OneFuture(
            played.metrics[:, self._columns],
            played.year_ends.in_force.astype(np.uint8),
            played.year_ends.depth.astype(np.int16),
            self._struck(played.events),
            _shown_events(future, played.events),
        )

    def _struck(self, log: NDArray[np.int32]) -> Truths:
        """Mark in which year which shock strikes which region in a future, see `struck`."""
        rows = log.take((log[:, EVENT_KIND] == SHOCK).nonzero()[0], axis=0)
        country, shock = rows[:, EVENT_COUNTRY], rows[:, EVENT_SHOCK]
        # A strike on a region names it as the other side; one on the world or the EU is on none.
        elsewhere = np.where(self._on_region[shock], rows[:, EVENT_OTHER], -1)
        of_country = self.world.arrays.region[np.maximum(country, 0)]
        region = np.where(country >= 0, of_country, elsewhere)
        marks = np.zeros(self.struck.shape, bool)
        marks[(rows[:, EVENT_QUARTER] + 1) // QUARTERS_PER_YEAR, shock, region + 1] = True
        return marks

    def player(self) -> Player:
        """Return what plays these futures in one thread."""
        # Every quarter is noted, as an ensemble notes the ends of years.
        noted = np.arange(-1, self.quarters, dtype=np.int64)
        structure = np.full(len(noted), not set(STRUCTURE).isdisjoint(SHOWN_METRICS))
        return Player(copied(self.state), noted, len(metric_names(self.world.regions)), structure)

    def add(self, one: OneFuture) -> None:
        """Take in the future that follows those already here."""
        self._metrics.append(one.metrics[None])
        self.in_force += one.in_force
        self.depth += one.depth
        self.struck += one.struck
        self._events.append(one.events)
        self.played += 1
        self.bytes += one.metrics.nbytes + one.events.nbytes

    def events(self, kind: str) -> NDArray[Any]:
        """Return the events of a kind in all futures played, as records of int32.

        Parameters
        ----------
        kind : str
            ``advanced`` (into force), ``linked`` or ``switched``.
        """
        rows = np.concatenate(self._events)
        return rows[rows["kind"] == EVENTS.index(kind)]
