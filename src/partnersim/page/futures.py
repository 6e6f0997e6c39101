"""The futures of one scenario: played in steps, added up, and remembered for the next question."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from partnersim.errors import InputError
from partnersim.page.request import MOST_STRIKES
from partnersim.page.run_view import Player, expected_strikes, prepared_run
from partnersim.rules.constants import (
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
from partnersim.rules.metric_names import metric_names
from partnersim.scenario.scenario import Scenario
from partnersim.store.wording import MAIN_METRICS
from partnersim.world.world import World

#: What the page shows: what an adviser reads first, and what its graphs offer besides.
SHOWN_METRICS = (
    *MAIN_METRICS,
    "partners_depth_1",
    "partners_depth_2",
    "partners_depth_3",
    "partners_depth_4",
    "negotiations",
    "value_competitiveness",
    "value_governance",
    "value_gini",
    "offer_spent",
    "offer_mobilised",
    "alignment_mean",
    "readiness_mean",
    "threat_mean",
    "reputation",
)

_KIND = {name: place for place, name in enumerate(EVENTS)}


class Logs(NamedTuple):
    """What happened in a batch of futures, sorted by what the page tells of it."""

    entered: NDArray[np.int32]
    """(E, 4) replicate, quarter, country, instrument: entry into force."""
    opened: NDArray[np.int32]
    """(E, 4) the same: a negotiation was opened."""
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
    in_force: NDArray[np.int32]
    """(T, N, K) futures in which the pair is in force."""
    depth: NDArray[np.int32]
    """(T, N, 8) sum of depths."""
    logs: Logs


def _sorted_logs(replicate: int, events: NDArray[np.int32]) -> Logs:
    kind = events[:, EVENT_KIND]

    def rows(chosen: NDArray[np.bool_], *columns: int) -> NDArray[np.int32]:
        picked = events[chosen]
        number = np.full(len(picked), replicate, np.int32)
        return np.column_stack([number, *(picked[:, column] for column in columns)])

    tie = (EVENT_QUARTER, EVENT_COUNTRY, EVENT_INSTRUMENT)
    entered = (kind == _KIND["advanced"]) & (events[:, EVENT_STAGE] == IN_FORCE)
    made, cut = kind == _KIND["linked"], kind == _KIND["link_cut"]
    changed = events[made | cut]
    ends = np.sort(changed[:, [EVENT_COUNTRY, EVENT_OTHER]], axis=1)
    sign = np.where(changed[:, EVENT_KIND] == _KIND["linked"], 1, -1).astype(np.int32)
    return Logs(
        entered=rows(entered, *tie),
        opened=rows(kind == _KIND["approached"], *tie),
        links=np.column_stack([changed[:, EVENT_QUARTER], ends, sign]),
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

    Raises
    ------
    InputError
        If more shocks are expected than the page can tell of.
    """

    def __init__(self, world: World, scenario: Scenario, seed: int) -> None:
        self.world = world
        self.scenario = scenario
        self.seed = seed
        self.quarters = scenario.horizon.quarters
        self.state = prepared_run(world, scenario)
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
        self.metrics = np.zeros((0, self.quarters + 1, len(SHOWN_METRICS)))
        self.in_force = np.zeros((self.quarters, countries, instruments), np.int32)
        self.depth = np.zeros((self.quarters, countries, 8), np.int32)
        self.logs: list[Logs] = []
        self._told: dict[Hashable, tuple[int, Any]] = {}

    @property
    def played(self) -> int:
        """How many futures have been played."""
        return len(self.metrics)

    @property
    def bytes(self) -> int:
        """Memory that this takes, roughly."""
        logs = sum(part.nbytes for logs in self.logs for part in logs)
        state = sum(part.nbytes for part in self.state)
        return state + self.metrics.nbytes + self.in_force.nbytes + self.depth.nbytes + logs

    def play(self, first: int, count: int) -> Batch:
        """Play futures ``first .. first + count - 1``; changes nothing here: threads may share."""
        player = Player(self.state, self.world, self.quarters)
        metrics = np.zeros((count, self.quarters + 1, len(SHOWN_METRICS)))
        in_force, depth = np.zeros_like(self.in_force), np.zeros_like(self.depth)
        logs = []
        for place in range(count):
            played = player.play(self.seed, first + place)
            metrics[place] = played.metrics[:, self._columns]
            in_force += played.in_force
            depth += played.depth
            logs.append(_sorted_logs(first + place, played.events))
        together = Logs(*(np.concatenate(parts) for parts in zip(*logs, strict=True)))
        return Batch(metrics, in_force, depth, together)

    def add(self, batches: list[Batch]) -> None:
        """Take in the futures that follow those already here."""
        self.metrics = np.concatenate([self.metrics, *(batch.metrics for batch in batches)])
        for batch in batches:
            self.in_force += batch.in_force
            self.depth += batch.depth
            self.logs.append(batch.logs)

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
