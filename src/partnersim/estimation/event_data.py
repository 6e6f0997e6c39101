"""Actors, networks and everything that happens to them: the data of an estimation."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from partnersim.errors import nearest
from partnersim.estimation.arrays import Floats, Truths
from partnersim.estimation.changes import (
    TIE_INCREMENT,
    TIE_REPLACEMENT,
    AttributeIncrements,
    AttributeReplacements,
    Change,
    NetworkIncrements,
    NetworkReplacements,
    PresenceChanges,
    read_truths,
)
from partnersim.estimation.clock import Clock
from partnersim.estimation.findings import Findings
from partnersim.estimation.table_reader import TableReader
from partnersim.estimation.values import is_missing

AnyChanges = (
    NetworkIncrements
    | NetworkReplacements
    | AttributeIncrements
    | AttributeReplacements
    | PresenceChanges
)
_KINDS = AnyChanges.__args__


class EventData:
    """An event history of undirected networks, checked and in order of time.

    Parameters
    ----------
    actors : DataFrame
        Column label, one row per actor; column present (True or False) if some are absent at the
        start; every other column is an attribute, of numbers or of text. A missing number becomes
        the mean of those not missing.
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
    networks : dict of str to (n, n) array
        Weights at the start, symmetric.
    changes : tuple of Change
        Every single change, in order of time.
    clock : Clock
        What times are.

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
        findings = Findings()
        self.clock = Clock()
        reader = TableReader({}, self.clock, findings)
        self.labels = _read_labels(reader, actors)
        if not self.labels:
            findings.settle()
        reader = TableReader(
            {label: number for number, label in enumerate(self.labels)}, self.clock, findings
        )
        self.present: Truths = np.ones(len(self.labels), bool)
        self.attributes: dict[str, Floats] = {}
        self.texts: dict[str, list[Any]] = {}
        self._read_attributes(reader, actors)
        self.networks: dict[str, Floats] = {}
        if isinstance(networks, Mapping):
            for name, table in networks.items():
                self.networks[name] = _read_network(reader, table, f"networks[{name!r}]")
        else:
            findings.tell("networks", "must be a mapping of name to DataFrame")
        found: list[Change] = []
        for number, change in enumerate(changes):
            where = f"changes[{number}]"
            if isinstance(change, _KINDS):
                found += change.read(reader, self, where)
            else:
                allowed = ", ".join(kind.__name__ for kind in _KINDS)
                findings.tell(where, f"{type(change).__name__} given, must be one of {allowed}")
        findings.settle()
        self.changes: tuple[Change, ...] = tuple(sorted(found, key=lambda change: change.time))
        self._warn_of_negative_weights()

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

    def _warn_of_negative_weights(self) -> None:
        """Warn where an increment takes away more than is there; such a pair is not tied."""
        weights = {name: start.copy() for name, start in self.networks.items()}
        below: dict[str, list[Change]] = {}
        for change in self.changes:
            if change.kind not in (TIE_INCREMENT, TIE_REPLACEMENT):
                continue
            here, pair = weights[change.name], sorted((change.one, change.other))
            place = pair[0], pair[1]
            here[place] = change.value + (here[place] if change.kind == TIE_INCREMENT else 0.0)
            if change.value < 0 and here[place] < 0:
                below.setdefault(change.name, []).append(change)
        for name, changes in below.items():
            first = changes[0]
            warnings.warn(
                f"network '{name}': {len(changes)} increments take away more than is there, first "
                f"of {self.labels[first.one]!r} and {self.labels[first.other]!r} at "
                f"{self.clock.write(first.time)}; weights go below 0 and count as no tie",
                stacklevel=3,
            )

    def _read_attributes(self, reader: TableReader, actors: pd.DataFrame) -> None:
        for name in map(str, actors.columns):
            if name == "present":
                self.present = read_truths(reader, actors, name, "actors") == 1
            elif name != "label":
                self.attributes[name] = self._read_attribute(reader, actors, name)

    def _read_attribute(self, reader: TableReader, actors: pd.DataFrame, name: str) -> Floats:
        given = actors[name].tolist()
        if any(isinstance(item, str) for item in given):
            texts = self.texts.setdefault(name, [])
            for row, item in enumerate(given):
                if is_missing(item):
                    reader.findings.tell("actors", f"{name} is missing, but it holds text", row)
                elif item not in texts:
                    texts.append(item)
            return np.array([0 if is_missing(item) else texts.index(item) for item in given], float)
        values = reader.numbers(actors, name, "actors", missing=True)
        there = ~np.isnan(values)
        if not there.any():
            reader.findings.tell("actors", f"{name} has no value for any actor")
            return np.zeros(len(values))
        return np.where(there, values, values[there].mean())


def _read_labels(reader: TableReader, actors: Any) -> tuple[Any, ...]:
    """Return the labels of the actors, none of which may be missing or there twice."""
    if not reader.has(actors, ("label",), "actors"):
        return ()
    columns = [str(name) for name in actors.columns]
    for name in sorted({name for name in columns if columns.count(name) > 1}):
        reader.findings.tell("actors", f"column '{name}' is there twice")
        return ()
    labels = actors["label"].tolist()
    seen: dict[Any, int] = {}
    for row, label in enumerate(labels):
        if is_missing(label):
            reader.findings.tell(
                "actors",
                "label is missing (pandas reads the code NA as missing unless told "
                "keep_default_na=False)",
                row,
            )
        elif not isinstance(label, Hashable):
            reader.findings.tell("actors", f"label {label!r} given, must be text or a number", row)
        elif label in seen:
            reader.findings.tell("actors", f"label {label!r} of row {seen[label] + 1} again", row)
        else:
            seen[label] = row
    if len(labels) < 2:
        reader.findings.tell("actors", f"{len(labels)} actors given, must be 2 or more")
    return tuple(label for label in labels if isinstance(label, Hashable))


def _read_network(reader: TableReader, table: pd.DataFrame, where: str) -> Floats:
    """Return a symmetric matrix of weights."""
    weights = np.zeros((len(reader.index), len(reader.index)))
    if not reader.has(table, ("sender", "receiver", "value"), where):
        return weights
    one, other = reader.pairs(table, where)
    values = np.nan_to_num(
        reader.numbers(table, "value", where, missing=True, whole=True, negative=False)
    )
    # A matrix written as a list has its diagonal, which is empty.
    at_all = np.where(values != 0, one, -1)
    reader.refuse_self_ties(at_all, other, where)
    reader.refuse_repeats(zip(one, other, strict=True), "sender and receiver", where)
    first: dict[tuple[int, int], int] = {}
    for row in range(len(values)):
        pair = (int(min(one[row], other[row])), int(max(one[row], other[row])))
        before = first.setdefault(pair, row)
        if values[before] != values[row] and one[before] != one[row]:
            reader.findings.tell(
                where,
                f"value {values[row]:g}, but row {before + 1} says {values[before]:g} for the "
                "same pair; ties are undirected",
                row,
            )
    for row in np.flatnonzero(values != 0).tolist():
        weights[one[row], other[row]] = weights[other[row], one[row]] = values[row]
    return weights


def unknown_network(data: EventData, name: Any) -> str | None:
    """Return what is wrong with a name of a network, if anything."""
    if name in data.networks:
        return None
    hint = nearest(name, data.networks) or f"; there are {', '.join(data.networks) or 'none'}"
    return f"unknown network {name!r}{hint}"


def unknown_attribute(data: EventData, name: Any) -> str | None:
    """Return what is wrong with a name of an attribute, if anything."""
    if name in data.attributes:
        return None
    hint = nearest(name, data.attributes) or f"; there are {', '.join(data.attributes) or 'none'}"
    return f"unknown attribute {name!r}{hint}"
