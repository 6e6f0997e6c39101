"""Networks, attributes and presence at a moment of the history."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from partnersim.arrays import Floats, Truths
from partnersim.events.changes import (
    ATTRIBUTE_INCREMENT,
    PRESENCE,
    TIE_INCREMENT,
    TIE_REPLACEMENT,
    Change,
)
from partnersim.events.event_data import EventData

if TYPE_CHECKING:
    from partnersim.events.effects import Effect

#: A network as a whole (None) or as it was built up within a window of time.
Source = tuple[str, float | None]


class HistoryState:
    """The state that statistics see; it moves forward in time only.

    Parameters
    ----------
    data : EventData
        The state at the start.
    changes : iterable of Change
        What will happen, in order of time.
    effects : iterable of Effect
        What will look at it. Windowed copies of networks that they read start empty and forget each
        increment after the window; a replacement is the increment from the old to the new weight.

    Attributes
    ----------
    present : (n,) array of bool
    attributes : dict of str to (n,) array
    versions : Counter
        How often a network, a windowed copy or an attribute has changed.
    """

    def __init__(
        self, data: EventData, changes: Iterable[Change], effects: Iterable[Effect] = ()
    ) -> None:
        self.present: Truths = data.present.copy()
        self.attributes = {name: values.copy() for name, values in data.attributes.items()}
        self.versions: Counter[Source | str] = Counter()
        self._weights: dict[Source, Floats] = {
            (name, None): weights.copy() for name, weights in data.networks.items()
        }
        self._tied: dict[Source, Floats] = {}
        self._walks: dict[tuple[Source, Source], Floats] = {}
        self._memories: dict[Source, deque[tuple[float, int, int, float]]] = {}
        for source in (source for effect in effects for source in effect.sources()):
            if isinstance(source, tuple) and source[1] is not None:
                self._weights[source] = np.zeros_like(self._weights[source[0], None])
                self._memories[source] = deque()
        self._presence = deque(change for change in changes if change.kind == PRESENCE)
        self._others = deque(change for change in changes if change.kind != PRESENCE)

    def weights(self, network: str, window: float | None = None) -> Floats:
        """Return the (n, n) weights of a network; do not write into it."""
        return self._weights[network, window]

    def tied(self, network: str, window: float | None = None) -> Floats:
        """Return 1 where a weight is above 0, else 0: (n, n); do not write into it."""
        source = network, window
        if source not in self._tied:
            self._tied[source] = (self._weights[source] > 0).astype(float)
        return self._tied[source]

    def walks(self, first: str, second: str, window: float | None = None) -> Floats:
        """Return how many ways lead from i over a tie of one network and a tie of another to j.

        (n, n); do not write into it. A tie that comes or goes changes two rows and two columns.
        """
        key = (first, window), (second, window)
        if key not in self._walks:
            self._walks[key] = self.tied(first, window) @ self.tied(second, window)
        return self._walks[key]

    def advance(self, time: float) -> None:
        """Let everything happen, and be forgotten, that happens before a time."""
        self.admit(np.nextafter(time, -np.inf))
        while self._others and self._others[0].time < time:
            self.apply(self._others.popleft())
        for source, memory in self._memories.items():
            while memory and memory[0][0] < time:
                _, one, other, amount = memory.popleft()
                self._add(source, one, other, -amount)

    def admit(self, time: float) -> None:
        """Let actors come and go that do so by a time, that instant included."""
        while self._presence and self._presence[0].time <= time:
            change = self._presence.popleft()
            self.present[change.one] = change.value == 1

    def next_time(self) -> float:
        """Return when the state will change next; infinity if never."""
        times = [queue[0].time for queue in (self._presence, self._others) if queue]
        times += [memory[0][0] for memory in self._memories.values() if memory]
        return min(times, default=math.inf)

    def apply(self, change: Change) -> None:
        """Let one change of a network or an attribute happen."""
        if change.kind == TIE_INCREMENT:
            self._move_tie(change, change.value)
        elif change.kind == TIE_REPLACEMENT:
            old = self._weights[change.name, None][change.one, change.other]
            self._move_tie(change, change.value - old)
        else:
            self._move_attribute(change)

    def _move_tie(self, change: Change, amount: float) -> None:
        if amount == 0:
            return
        self._add((change.name, None), change.one, change.other, amount)
        for source, memory in self._memories.items():
            name, window = source
            if name == change.name and window is not None:
                self._add(source, change.one, change.other, amount)
                memory.append((change.time + window, change.one, change.other, amount))

    def _add(self, source: Source, one: int, other: int, amount: float) -> None:
        weights = self._weights[source]
        before = weights[one, other] > 0
        weights[one, other] += amount
        weights[other, one] += amount
        self.versions[source] += 1
        after = weights[one, other] > 0
        if before != after and source in self._tied:
            self._turn(source, one, other, 1.0 if after else -1.0)

    def _turn(self, source: Source, one: int, other: int, by: float) -> None:
        """Let a tie come or go, and all ways that lead over it."""
        for (first, second), walks in self._walks.items():
            if first == source:
                walks[one] += by * self._tied[second][other]
                walks[other] += by * self._tied[second][one]
        tied = self._tied[source]
        tied[one, other] += by
        tied[other, one] += by
        for (first, second), walks in self._walks.items():
            if second == source:
                walks[:, other] += by * self._tied[first][:, one]
                walks[:, one] += by * self._tied[first][:, other]

    def _move_attribute(self, change: Change) -> None:
        values = self.attributes[change.name]
        new = change.value
        if change.kind == ATTRIBUTE_INCREMENT:
            new += values[change.one]
        if math.isnan(new):
            new = float(np.delete(values, change.one).mean())
        values[change.one] = new
        self.versions[change.name] += 1
