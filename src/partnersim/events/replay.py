"""Go through a history and keep what every dependent event had to choose from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from partnersim.arrays import Floats, Integers
from partnersim.errors import InputError, refuse
from partnersim.events.changes import Change
from partnersim.events.effects import Effect
from partnersim.events.event_data import EventData
from partnersim.events.state import HistoryState
from partnersim.events.tables import Findings

#: Entries and instants after which a stretch ends.
_ENTRIES, _INSTANTS = 500_000, 1_000


class Stretch(NamedTuple):
    """What happens at some instants with dependent events, M of them, one after another."""

    entries: Integers
    """(R, 3) effect, i, j of every statistic s(i, j) that is another than at the instant before.
    Beyond the last effect stands whether i is present."""
    values: Floats
    """(R,) what it is now."""
    until: Integers
    """(M, 2) entries and events up to the end of each instant."""
    ends: Integers
    """(E, 2) the two ends of every event."""


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
    wrong = data.name_problem("network", dependent)
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
    refuse(problems)


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


def stretches(data: EventData, dependent: str, effects: Sequence[Effect]) -> Iterator[Stretch]:
    """Return all instants with dependent events, in order of time.

    Raises
    ------
    InputError
        If an absent actor takes part in an event, or a statistic is not finite.
    """
    state = HistoryState(data, data.changes, effects)
    watch = Statistics(data, dependent, effects)
    before: list[Floats] = [np.zeros((1, 1))] * (len(effects) + 1)
    entries, values, until, ends, held = [], [], [], [], 0
    for time, instant in groupby(dependent_events(data, dependent), key=lambda event: event.time):
        state.advance(time)
        state.admit(time)
        now = [*watch.look(state, time), state.present[:, None].astype(float)]
        for place, (old, new) in enumerate(zip(before, now, strict=True)):
            if new is not old:
                changed = new != old
                ends_of = np.argwhere(changed).astype(np.int32)
                entries.append(np.insert(ends_of, 0, place, axis=1))
                values.append(new[changed])
                held += len(ends_of)
        before = now
        ends += [(event.one, event.other) for event in instant]
        until.append((held, len(ends)))
        if held > _ENTRIES or len(until) >= _INSTANTS:
            yield _stretch(entries, values, until, ends)
            entries, values, until, ends, held = [], [], [], [], 0
    if until:
        yield _stretch(entries, values, until, ends)


def _stretch(entries: Any, values: Any, until: Any, ends: Any) -> Stretch:
    return Stretch(
        np.concatenate(entries),
        np.concatenate(values),
        np.array(until, np.int64),
        np.array(ends, np.int64),
    )


class Statistics:
    """The statistics of a model, computed anew only where what they read has changed."""

    def __init__(self, data: EventData, dependent: str, effects: Sequence[Effect]) -> None:
        self._data, self._dependent, self._effects = data, dependent, effects
        self._kept: dict[int, tuple[tuple[int, ...], Floats, bool]] = {}

    def look(self, state: HistoryState, time: float) -> list[Floats]:
        """Return K statistics of all actors, each (n, n); finite everywhere.

        An array that is returned again has not changed. What nobody present can choose is 0
        where it would not be finite.
        """
        found = []
        for place, effect in enumerate(self._effects):
            whole, is_finite = self._whole(place, effect, state)
            if not is_finite:
                finite = np.isfinite(whole)
                wrong = ~finite & np.outer(state.present, state.present)
                np.fill_diagonal(wrong, val=False)
                if wrong.any():
                    one, other = np.argwhere(wrong)[0]
                    raise InputError(
                        f"{effect.name}: the statistic of {self._data.labels[one]!r} and "
                        f"{self._data.labels[other]!r} is {whole[one, other]} at "
                        f"{self._data.clock.write(time)}; a transform must give finite numbers"
                    )
                whole = np.where(finite, whole, 0.0)
            found.append(whole)
        return found

    def _whole(self, place: int, effect: Effect, state: HistoryState) -> tuple[Floats, bool]:
        """Return the statistic of all actors, 0 for tied pairs if wanted; whether it is finite."""
        sources = effect.sources()
        if effect.ignore_repetitions:
            sources += ((self._dependent, None),)
        versions = tuple(state.versions[source] for source in sources)
        if place not in self._kept or self._kept[place][0] != versions:
            whole = np.zeros((len(state.present), len(state.present)))
            whole[:] = effect.statistic(state)
            if effect.ignore_repetitions:
                whole = np.where(state.weights(self._dependent) > 0, 0.0, whole)
            self._kept[place] = versions, whole, bool(np.isfinite(whole).all())
        return self._kept[place][1:]
