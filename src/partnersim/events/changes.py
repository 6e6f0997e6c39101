"""Dated changes of networks, attributes and presence, as a user hands them over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd

from partnersim.arrays import Floats, Integers
from partnersim.events.tables import COUNT, NUMBER, TRUTH, WHOLE, TableReader, is_missing

if TYPE_CHECKING:
    from partnersim.events.event_data import EventData

TIE_INCREMENT = "tie increment"
TIE_REPLACEMENT = "tie replacement"
ATTRIBUTE_INCREMENT = "attribute increment"
ATTRIBUTE_REPLACEMENT = "attribute replacement"
PRESENCE = "presence"


class Change(NamedTuple):
    """One change at one time."""

    time: float
    kind: str
    name: str
    """Network or attribute; empty for presence."""
    one: int
    """Actor, or the first end of the tie."""
    other: int
    """The second end of the tie; -1 if there is none."""
    value: float


@dataclass(frozen=True)
class _OfNetwork:
    """Changes of the ties of one network."""

    kind: ClassVar[str]

    network: str
    table: pd.DataFrame

    def read(self, reader: TableReader, data: EventData, where: str) -> list[Change]:
        """Return the changes one by one; the reader keeps problems and notes."""
        where = f"{where} {type(self).__name__}({self.network!r})"
        if problem := data.network_problem(self.network):
            reader.findings.add(where, problem)
        if not reader.has(self.table, ("time", "sender", "receiver", "value"), where):
            return []
        times = reader.times(self.table, where)
        one, other = reader.pairs(self.table, where)
        values = self.values(reader, where)
        self.look(reader, where, pd.DataFrame({"t": times, "i": one, "j": other, "v": values}))
        return [
            Change(float(time), self.kind, self.network, int(i), int(j), float(value))
            for time, i, j, value in zip(times, one, other, values, strict=True)
        ]

    def values(self, reader: TableReader, where: str) -> Floats:
        """Return the column of values."""
        raise NotImplementedError

    def look(self, reader: TableReader, where: str, rows: pd.DataFrame) -> None:
        """Note what looks odd in rows of time t, ends i and j, value v."""


class NetworkIncrements(_OfNetwork):
    """Ties that become stronger or weaker.

    An increment of +1 in the network that is explained is a dependent event; any other only moves
    the state. Two increments of one tie at one time both count.

    Parameters
    ----------
    network : str
        Name of the network.
    table : DataFrame
        Columns time, sender, receiver, value, sorted by time; value is a whole number. A tie is
        undirected: give every increment once, in either direction.
    """

    kind = TIE_INCREMENT

    def values(self, reader: TableReader, where: str) -> Floats:
        """Return the column of values."""
        return reader.numbers(self.table, "value", where, WHOLE)

    def look(self, reader: TableReader, where: str, rows: pd.DataFrame) -> None:
        """Note rows that repeat others, as they are or turned round; all turned round is wrong."""
        known = rows[(rows["i"] >= 0) & (rows["j"] >= 0) & (rows["i"] != rows["j"])]
        repeated = known.duplicated(["t", "i", "j", "v"])
        low, high = known[["i", "j"]].min(axis=1), known[["i", "j"]].max(axis=1)
        pairs = known.assign(low=low, high=high)
        turned = pairs.duplicated(["t", "low", "high", "v"]) & ~repeated
        if len(known) == len(rows) > 1 and 2 * turned.sum() == (~repeated).sum():
            reader.findings.add(
                where, "every tie stands here in both directions; give each increment once"
            )
            return
        reader.findings.note(where, "repeats an earlier row; each counts", known.index[repeated])
        reader.findings.note(
            where, "repeats an earlier row in the other direction; each counts", known.index[turned]
        )


class NetworkReplacements(_OfNetwork):
    """Ties that take a new weight.

    Of several replacements of one tie at one time the last one stays.

    Parameters
    ----------
    network : str
        Name of the network.
    table : DataFrame
        Columns time, sender, receiver, value, sorted by time; value is a whole number, 0 or more,
        or missing, which means 0. A tie is undirected: give it once, in either direction.
    """

    kind = TIE_REPLACEMENT

    def values(self, reader: TableReader, where: str) -> Floats:
        """Return the column of values."""
        values = reader.numbers(self.table, "value", where, COUNT, missing=True)
        return np.nan_to_num(values)


@dataclass(frozen=True)
class _OfAttribute:
    """Changes of one attribute."""

    kind: ClassVar[str]

    attribute: str
    table: pd.DataFrame

    def read(self, reader: TableReader, data: EventData, where: str) -> list[Change]:
        """Return the changes one by one; the reader keeps problems and notes."""
        where = f"{where} {type(self).__name__}({self.attribute!r})"
        if problem := data.attribute_problem(self.attribute):
            reader.findings.add(where, problem)
        texts = data.texts.get(self.attribute)
        if texts is not None and self.kind == ATTRIBUTE_INCREMENT:
            problem = f"'{self.attribute}' holds text, which has no increments"
            reader.findings.add(where, problem)
            return []
        if not reader.has(self.table, ("time", "label", "value"), where):
            return []
        times = reader.times(self.table, where)
        actors = reader.actors(self.table, "label", where)
        if texts is not None:
            values = _codes(reader, self.table, texts, where)
        else:
            values = reader.numbers(self.table, "value", where, NUMBER, missing=True)
            reader.findings.note(
                where,
                "value is missing; it takes the mean of the others at that time",
                [row for row, given in enumerate(self.table["value"]) if is_missing(given)],
            )
        return _of_actors(self.kind, self.attribute, times, actors, values)


class AttributeIncrements(_OfAttribute):
    """Attributes that rise or fall by a number.

    Parameters
    ----------
    attribute : str
        Name of an attribute that holds numbers.
    table : DataFrame
        Columns time, label, value, sorted by time; if value is missing, so is the attribute from
        then on (see AttributeReplacements).
    """

    kind = ATTRIBUTE_INCREMENT


class AttributeReplacements(_OfAttribute):
    """Attributes that take a new value.

    Of several replacements of one actor's attribute at one time the last one stays.

    Parameters
    ----------
    attribute : str
        Name of the attribute.
    table : DataFrame
        Columns time, label, value, sorted by time. A missing value becomes the mean of the
        current values of all other actors, kept until the next change of this actor; it is
        refused where the attribute holds text.
    """

    kind = ATTRIBUTE_REPLACEMENT


@dataclass(frozen=True)
class PresenceChanges:
    """Actors that come or go; in force from the very instant on.

    Of several changes of one actor at one time the last one stays.

    Parameters
    ----------
    table : DataFrame
        Columns time, label, value, sorted by time; value is True or 1 (present), False or 0.
    """

    table: pd.DataFrame

    def read(self, reader: TableReader, data: EventData, where: str) -> list[Change]:
        """Return the changes one by one; the reader keeps problems and notes."""
        where = f"{where} PresenceChanges"
        if not reader.has(self.table, ("time", "label", "value"), where):
            return []
        times = reader.times(self.table, where)
        actors = reader.actors(self.table, "label", where)
        values = reader.numbers(self.table, "value", where, TRUTH)
        return _of_actors(PRESENCE, "", times, actors, values)


AnyChanges = (
    NetworkIncrements
    | NetworkReplacements
    | AttributeIncrements
    | AttributeReplacements
    | PresenceChanges
)


def _of_actors(
    kind: str, name: str, times: Floats, actors: Integers, values: Floats
) -> list[Change]:
    return [
        Change(float(time), kind, name, int(actor), -1, float(value))
        for time, actor, value in zip(times, actors, values, strict=True)
    ]


def _codes(reader: TableReader, table: pd.DataFrame, texts: list[Any], where: str) -> Floats:
    """Return the numbers that stand for texts; a text not seen before gets the next number."""
    codes = np.zeros(len(table))
    for row, given in enumerate(table["value"].tolist()):
        if is_missing(given):
            reader.findings.add(where, "value is missing, but the attribute holds text", row)
            continue
        if given not in texts:
            texts.append(given)
        codes[row] = texts.index(given)
    return codes
