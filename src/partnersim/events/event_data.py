"""Actors, networks and everything that happens to them: the data of an estimation."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from partnersim.arrays import Floats, Truths
from partnersim.events.changes import TIE_INCREMENT, TIE_REPLACEMENT, AnyChanges, Change
from partnersim.events.clock import Clock
from partnersim.events.tables import (
    CODE_NA,
    COUNT,
    NUMBER,
    TRUTH,
    TableReader,
    as_number,
    is_missing,
    unknown,
)

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
        self.labels = _read_labels(reader, actors)
        if not self.labels:
            reader.settle()
        reader.index = {label: number for number, label in enumerate(self.labels)}
        self.present: Truths = np.ones(len(actors), bool)
        if "present" in actors.columns:
            self.present = reader.numbers(actors, "present", "actors", TRUTH) == 1
        self.attributes, self.texts, self.set_aside = _read_attributes(reader, actors)
        self.networks: dict[str, Floats] = {}
        if isinstance(networks, Mapping):
            for name, table in networks.items():
                self.networks[name] = _read_network(reader, table, f"networks[{name!r}]")
        else:
            reader.add("networks", "must be a mapping of name to DataFrame")
        found: list[Change] = []
        if isinstance(changes, _KINDS) or not isinstance(changes, Sequence):
            reader.add("changes", "must be a list")
            changes = ()
        for number, change in enumerate(changes):
            where = f"changes[{number}]"
            if isinstance(change, _KINDS):
                found += change.read(reader, self, where)
            else:
                allowed = ", ".join(kind.__name__ for kind in _KINDS)
                reader.add(where, f"{type(change).__name__} given, must be one of {allowed}")
        reader.settle()
        self.changes: tuple[Change, ...] = tuple(sorted(found, key=lambda change: change.time))
        self._note_negative_weights(reader.notes)
        self.notes = tuple(reader.notes)
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


def _read_labels(reader: TableReader, actors: Any) -> tuple[Any, ...]:
    """Return the labels of the actors, none of which may be missing or there twice."""
    if not reader.has(actors, ("label",), "actors"):
        return ()
    if not reader.has(actors, [str(name) for name in dict.fromkeys(actors.columns)], "actors"):
        return ()
    labels = actors["label"].tolist()
    seen: dict[Any, int] = {}
    for row, label in enumerate(labels):
        if is_missing(label):
            reader.add("actors", f"label {CODE_NA}", row)
        elif not isinstance(label, Hashable):
            reader.add("actors", f"label {label!r} given, must be text or a number", row)
        elif seen.setdefault(label, row) != row:
            reader.add("actors", f"label {label!r} of row {seen[label] + 1} again", row)
    if len(labels) < 2:
        reader.add("actors", f"{len(labels)} actors given, must be 2 or more")
    return tuple(label for label in labels if isinstance(label, Hashable))


def _read_attributes(
    reader: TableReader, actors: pd.DataFrame
) -> tuple[dict[str, Floats], dict[str, list[Any]], dict[str, str]]:
    """Return attributes as numbers, what numbers of texts stand for, and what is set aside.

    A column that can be no attribute is no error as long as no effect wants it: files often have
    columns of notes.
    """
    attributes: dict[str, Floats] = {}
    texts: dict[str, list[Any]] = {}
    set_aside: dict[str, str] = {}
    for column in actors.columns:
        name, given = str(column), actors[column].tolist()
        if name in ("label", "present"):
            continue
        gaps = [row for row, item in enumerate(given) if is_missing(item)]
        there = [item for item in given if not is_missing(item)]
        if not there:
            set_aside[name] = "has no value for any actor"
        elif all(isinstance(item, str) for item in there):
            if gaps:
                set_aside[name] = f"holds text, which is missing in row {gaps[0] + 1} of actors"
            else:
                texts[name] = list(dict.fromkeys(there))
                attributes[name] = np.array([texts[name].index(item) for item in given], float)
        elif any(np.isnan(as_number(item)) for item in there):
            set_aside[name] = "holds neither numbers alone nor text alone"
        else:
            values = reader.numbers(actors, column, "actors", NUMBER, missing=True)
            known = ~np.isnan(values)
            mean = float(values[known].mean()) if known.any() else 0.0
            attributes[name] = np.where(known, values, mean)
            reader.note(
                "actors", f"{name} is missing; it takes the mean of those known, {mean:.6g}", gaps
            )
    return attributes, texts, set_aside


def _read_network(reader: TableReader, table: pd.DataFrame, where: str) -> Floats:
    """Return a network as a symmetric (n, n) matrix of weights."""
    weights = np.zeros((len(reader.index), len(reader.index)))
    read = reader.read(table, where, ("sender", "receiver", "value"), COUNT, missing=True)
    if read is None:
        return weights
    one, other, values = read["sender"], read["receiver"], np.nan_to_num(read["value"])
    directed: dict[tuple[int, int], int] = {}
    for row, (i, j, value) in enumerate(zip(one, other, values, strict=True)):
        before = directed.setdefault((i, j), row)
        if before != row:
            reader.add(where, f"sender and receiver of row {before + 1} again", row)
        mirrored = directed.get((j, i), row)
        if values[mirrored] != value and i != j:
            reader.add(
                where,
                f"value {value:g}, but row {mirrored + 1} says {values[mirrored]:g} for the "
                "same pair; ties are undirected",
                row,
            )
    kept = values != 0
    weights[one[kept], other[kept]] = weights[other[kept], one[kept]] = values[kept]
    return weights
