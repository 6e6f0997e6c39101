"""Go through a history and keep what every dependent event had to choose from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from partnersim.arrays import Floats
from partnersim.errors import InputError
from partnersim.events.changes import Change
from partnersim.events.effect import Effect
from partnersim.events.event_data import EventData
from partnersim.events.state import HistoryState, Source
from partnersim.events.tables import Findings


class Moment(NamedTuple):
    """An instant with dependent events: what could happen, and what did."""

    time: float
    statistics: Floats
    """(K, m, m) s_k(i, j) among the m present actors; the diagonal is 0."""
    events: list[tuple[int, int]]
    """Positions of the two ends among the present actors."""


def check_model(data: EventData, dependent: Any, effects: Any, *, rate: bool = False) -> None:
    """Raise InputError if the model does not fit the data, one line per problem.

    Parameters
    ----------
    data : EventData
        The history.
    dependent : str
        Network that is explained.
    effects : sequence of Effect
        What actors look at.
    rate : bool
        Whether the effects are to explain when an actor acts, not whom it chooses.
    """
    problems = []
    wrong = data.network_problem(dependent)
    if wrong:
        problems.append(f"dependent: {wrong}")
    elif not any(data.is_event(change, dependent) for change in data.changes):
        problems.append(f"dependent: network '{dependent}' has no increments of +1 to explain")
    if not isinstance(effects, Sequence) or isinstance(effects, str):
        raise InputError([*problems, "effects: must be a list of effects"])
    if not effects and not rate:
        problems.append("effects: give at least one effect")
    for place, effect in enumerate(effects):
        where = f"effects[{place}]"
        if not isinstance(effect, Effect):
            problems.append(f"{where}: {effect!r} given, must be an effect such as Tie('network')")
            continue
        problems += [f"{where}: {line}" for line in effect.misfits(data)]
        if effect in effects[:place]:
            problems.append(f"{where}: {effect.name} is there twice")
        if rate and not effect.in_rate:
            problems.append(
                f"{where}: {effect.name} is about a pair; a rate takes Ego, Degree, Triangles and "
                "MeanOverPartners"
            )
        elif rate and effect.ignore_repetitions:
            problems.append(f"{where}: {effect.name}: ignore_repetitions is about a pair")
        elif not rate and not effect.in_choice:
            problems.append(
                f"{where}: {effect.name} is for rate models; it does not tell one partner from "
                "another"
            )
    if problems:
        raise InputError(problems)


def windows_of(effects: Sequence[Effect]) -> list[Source]:
    """Return the windowed copies of networks that effects read."""
    sources = [source for effect in effects for source in effect.sources()]
    return sorted({s for s in sources if isinstance(s, tuple) and s[1] is not None}, key=str)


def dependent_events(data: EventData, dependent: str) -> list[Change]:
    """Return the dependent events in order; both ends must be present.

    Raises
    ------
    InputError
        One line per event of an absent actor.
    """
    events = [change for change in data.changes if data.is_event(change, dependent)]
    state = HistoryState(data, data.changes)
    findings = Findings()
    for event in events:
        state.admit(event.time)
        for actor in (event.one, event.other):
            if not state.present[actor]:
                findings.add(
                    f"dependent events of '{dependent}'",
                    f"{data.labels[actor]!r} is absent at {data.clock.write(event.time)}, but has "
                    f"a tie to {data.labels[event.one + event.other - actor]!r} then",
                )
    findings.settle()
    return events


def moments(data: EventData, dependent: str, effects: Sequence[Effect]) -> Iterator[Moment]:
    """Return the instants with dependent events, in order of time.

    Raises
    ------
    InputError
        If an absent actor takes part in an event, or a statistic is not finite.
    """
    state = HistoryState(data, data.changes, windows_of(effects))
    watch = Statistics(data, dependent, effects)
    for time, instant in groupby(dependent_events(data, dependent), key=lambda event: event.time):
        state.advance(time)
        state.admit(time)
        place = np.cumsum(state.present) - 1
        events = [(int(place[event.one]), int(place[event.other])) for event in instant]
        yield Moment(time, watch.look(state, time), events)


class Statistics:
    """The statistics of a model, computed anew only where what they read has changed."""

    def __init__(self, data: EventData, dependent: str, effects: Sequence[Effect]) -> None:
        self._data = data
        self._dependent = dependent
        self._effects = effects
        self._kept: list[tuple[tuple[int, ...], Floats]] = [((), np.empty(0))] * len(effects)

    def look(self, state: HistoryState, time: float) -> Floats:
        """Return (K, m, m) statistics among present actors."""
        here = np.flatnonzero(state.present)
        statistics = np.empty((len(self._effects), len(here), len(here)))
        for place, effect in enumerate(self._effects):
            whole = self._whole(place, effect, state)
            chosen = whole if len(here) == len(whole) else whole[np.ix_(here, here)]
            statistics[place] = chosen
            np.fill_diagonal(statistics[place], 0.0)
            if not np.isfinite(statistics[place]).all():
                one, other = np.argwhere(~np.isfinite(statistics[place]))[0]
                raise InputError(
                    f"{effect.name}: the statistic of {self._data.labels[here[one]]!r} and "
                    f"{self._data.labels[here[other]]!r} is {statistics[place][one, other]} at "
                    f"{self._data.clock.write(time)}; a transform must give finite numbers"
                )
        return statistics

    def _whole(self, place: int, effect: Effect, state: HistoryState) -> Floats:
        """Return (n, n) for all actors, pairs that are tied set to 0 if wanted."""
        sources = effect.sources()
        if effect.ignore_repetitions:
            sources += ((self._dependent, None),)
        versions = tuple(state.versions[source] for source in sources)
        kept_versions, kept = self._kept[place]
        if not kept.size or kept_versions != versions:
            count = len(state.present)
            kept = np.broadcast_to(effect.statistic(state), (count, count))
            if effect.ignore_repetitions:
                kept = np.where(state.weights(self._dependent) > 0, 0.0, kept)
            self._kept[place] = versions, kept
        return kept
