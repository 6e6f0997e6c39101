"""Actors, networks and everything that happens to them: the data of an estimation."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from partnersim.arrays import Floats, Truths
from partnersim.events.changes import TIE_INCREMENT, TIE_REPLACEMENT, AnyChanges, Change
from partnersim.events.clock import Clock
from partnersim.events.start import read_attributes, read_labels, read_network, read_presence
from partnersim.events.tables import TableReader, unknown

_KINDS = AnyChanges.__args__


class EventData:
    """An event history of undirected networks, checked and in order of time.

    Parameters
    ----------
    actors : DataFrame
        Column label, one row per actor; column present (True or False) if some are absent at the
        start; every other column is an attribute, of numbers or of text. A missing number becomes
        the mean of those not missing; text must be complete to be used.
    networks : mapping of str to DataFrame
        Networks at the start: columns sender, receiver, value, a whole number, 0 or more; missing
        is 0, and so are pairs that are not listed. A pair may stand in both directions if the two
        rows agree.
    changes : sequence
        Any number of NetworkIncrements, NetworkReplacements, AttributeIncrements,
        AttributeReplacements and PresenceChanges. Changes of one instant happen in the order
        given.

    Attributes
    ----------
    labels : tuple
        Labels of the n actors, in the order given.
    present : (n,) array of bool
        Who is present at the start.
    attributes : dict of str to (n,) array
        Attributes at the start, texts as numbers.
    texts : dict of str to list
        For attributes of text, what each number stands for.
    set_aside : dict of str to str
        Columns of actors that can be no attribute, and why; an error only if an effect wants them.
    networks : dict of str to (n, n) array
        Weights at the start, symmetric.
    changes : tuple of Change
        Every single change, in order of time.
    clock : Clock
        What times are.
    notes : tuple of str
        One line each on what looked odd but can be used: what was seen, and what was done about
        it. They are given as warnings, too.

    Raises
    ------
    InputError
        If anything cannot be used, one line per problem.
    """

    def __init__(
        self,
        actors: pd.DataFrame,
        networks: Mapping[str, pd.DataFrame],
        changes: Sequence[AnyChanges] = (),
    ) -> None:
        self.clock = Clock()
        reader = TableReader(self.clock)
        findings = reader.findings
        self.labels = read_labels(reader, actors)
        if not self.labels:
            findings.settle()
        reader.index = {label: number for number, label in enumerate(self.labels)}
        self.present: Truths = read_presence(reader, actors)
        self.attributes, self.texts, self.set_aside = read_attributes(reader, actors)
        self.networks: dict[str, Floats] = {}
        if isinstance(networks, Mapping):
            for name, table in networks.items():
                self.networks[name] = read_network(reader, table, f"networks[{name!r}]")
        else:
            findings.add("networks", "must be a mapping of name to DataFrame")
        found: list[Change] = []
        if isinstance(changes, _KINDS) or not isinstance(changes, Sequence):
            findings.add("changes", "must be a list")
            changes = ()
        for number, change in enumerate(changes):
            where = f"changes[{number}]"
            if isinstance(change, _KINDS):
                found += change.read(reader, self, where)
            else:
                allowed = ", ".join(kind.__name__ for kind in _KINDS)
                findings.add(where, f"{type(change).__name__} given, must be one of {allowed}")
        findings.settle()
        self.changes: tuple[Change, ...] = tuple(sorted(found, key=lambda change: change.time))
        self._note_negative_weights(findings.notes)
        self.notes = tuple(findings.notes)
        for note in self.notes:
            warnings.warn(note, stacklevel=2)

    def __repr__(self) -> str:
        return (
            f"EventData({len(self.labels)} actors, {int(self.present.sum())} present at the start; "
            f"networks {', '.join(self.networks) or 'none'}; "
            f"attributes {', '.join(self.attributes) or 'none'}; {len(self.changes)} changes)"
        )

    def with_changes(self, changes: Sequence[Change]) -> EventData:
        """Return the same start with other changes, which must be in order of time."""
        other = object.__new__(EventData)
        other.__dict__.update(self.__dict__, changes=tuple(changes))
        return other

    def table_of(self, changes: Sequence[Change]) -> pd.DataFrame:
        """Return changes of ties as a table of time, sender, receiver, value."""
        return pd.DataFrame(
            {
                "time": [self.clock.show(change.time) for change in changes],
                "sender": [self.labels[change.one] for change in changes],
                "receiver": [self.labels[change.other] for change in changes],
                "value": [int(change.value) for change in changes],
            }
        )

    def is_event(self, change: Change, dependent: str) -> bool:
        """Tell whether a change is a dependent event: an increment of +1 of that network."""
        return change.kind == TIE_INCREMENT and change.name == dependent and change.value == 1

    def name_problem(self, what: str, name: Any) -> str:
        """Return what is wrong with a name of a ``network`` or ``attribute``; empty if nothing."""
        if what == "attribute" and name in self.set_aside:
            return f"attribute {name!r} {self.set_aside[name]}"
        known = self.networks if what == "network" else self.attributes
        return "" if name in known else unknown(what, name, known)

    def _note_negative_weights(self, notes: list[str]) -> None:
        """Note where an increment takes away more than is there; such a pair is not tied."""
        weights = {name: start.copy() for name, start in self.networks.items()}
        below: dict[str, list[Change]] = {}
        for change in self.changes:
            if change.kind not in (TIE_INCREMENT, TIE_REPLACEMENT):
                continue
            here = weights[change.name]
            place = min(change.one, change.other), max(change.one, change.other)
            here[place] = change.value + (here[place] if change.kind == TIE_INCREMENT else 0.0)
            if change.value < 0 and here[place] < 0:
                below.setdefault(change.name, []).append(change)
        for name, changes in below.items():
            first = changes[0]
            notes.append(
                f"network '{name}': {len(changes)} increments take away more than is there, first "
                f"of {self.labels[first.one]!r} and {self.labels[first.other]!r} at "
                f"{self.clock.write(first.time)}; weights go below 0 and count as no tie"
            )
