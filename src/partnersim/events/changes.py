"""Dated changes of networks, attributes and presence, as a user hands them over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd

from partnersim.arrays import Floats
from partnersim.errors import nearest
from partnersim.events.table_reader import TableReader
from partnersim.events.values import is_missing

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


class Known(Protocol):
    """What can change: names of networks, and attributes with the texts they take."""

    networks: dict[str, Floats]
    attributes: dict[str, Floats]
    texts: dict[str, list[Any]]
    set_aside: dict[str, str]


@dataclass(frozen=True)
class NetworkIncrements:
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

    network: str
    table: pd.DataFrame

    def read(self, reader: TableReader, known: Known, where: str) -> list[Change]:
        """Return the changes one by one; problems are told to the reader."""
        where = f"{where} NetworkIncrements({self.network!r})"
        _check_network(reader, self.network, known, where)
        if not reader.has(self.table, ("time", "sender", "receiver", "value"), where):
            return []
        times = reader.times(self.table, where)
        one, other = reader.pairs(self.table, where)
        reader.refuse_self_ties(one, other, where)
        values = reader.numbers(self.table, "value", where, missing=False, whole=True)
        rows = sorted(zip(times, one, other, values, strict=True))
        mirrored = sorted(zip(times, other, one, values, strict=True))
        if len(rows) > 1 and rows == mirrored and not (one == other).any():
            reader.findings.tell(
                where, "every tie stands here in both directions; give each increment once"
            )
        return [
            Change(float(time), TIE_INCREMENT, self.network, int(i), int(j), float(value))
            for time, i, j, value in zip(times, one, other, values, strict=True)
        ]


@dataclass(frozen=True)
class NetworkReplacements:
    """Ties that take a new weight.

    Parameters
    ----------
    network : str
        Name of the network.
    table : DataFrame
        Columns time, sender, receiver, value, sorted by time; value is a whole number, 0 or more,
        or missing, which means 0. A tie is undirected: give it once, in either direction.
    """

    network: str
    table: pd.DataFrame

    def read(self, reader: TableReader, known: Known, where: str) -> list[Change]:
        """Return the changes one by one; problems are told to the reader."""
        where = f"{where} NetworkReplacements({self.network!r})"
        _check_network(reader, self.network, known, where)
        if not reader.has(self.table, ("time", "sender", "receiver", "value"), where):
            return []
        times = reader.times(self.table, where)
        one, other = reader.pairs(self.table, where)
        reader.refuse_self_ties(one, other, where)
        values = reader.numbers(
            self.table, "value", where, missing=True, whole=True, negative=False
        )
        keys = zip(times, np.minimum(one, other), np.maximum(one, other), strict=True)
        reader.refuse_repeats(keys, "time and tie", where)
        return [
            Change(float(time), TIE_REPLACEMENT, self.network, int(i), int(j), float(value))
            for time, i, j, value in zip(times, one, other, np.nan_to_num(values), strict=True)
        ]


@dataclass(frozen=True)
class AttributeIncrements:
    """Attributes that rise or fall by a number.

    Parameters
    ----------
    attribute : str
        Name of an attribute that holds numbers.
    table : DataFrame
        Columns time, label, value, sorted by time; if value is missing, so is the attribute from
        then on (see AttributeReplacements).
    """

    attribute: str
    table: pd.DataFrame

    def read(self, reader: TableReader, known: Known, where: str) -> list[Change]:
        """Return the changes one by one; problems are told to the reader."""
        where = f"{where} AttributeIncrements({self.attribute!r})"
        _check_attribute(reader, self.attribute, known, where)
        if self.attribute in known.texts:
            reader.findings.tell(where, f"'{self.attribute}' holds text, which has no increments")
            return []
        if not reader.has(self.table, ("time", "label", "value"), where):
            return []
        times = reader.times(self.table, where)
        actors = reader.actors(self.table, "label", where)
        values = reader.numbers(self.table, "value", where, missing=True)
        return [
            Change(float(time), ATTRIBUTE_INCREMENT, self.attribute, int(actor), -1, float(value))
            for time, actor, value in zip(times, actors, values, strict=True)
        ]


@dataclass(frozen=True)
class AttributeReplacements:
    """Attributes that take a new value.

    Parameters
    ----------
    attribute : str
        Name of the attribute.
    table : DataFrame
        Columns time, label, value, sorted by time. A missing value becomes the mean of the
        current values of all other actors, kept until the next change of this actor; it is
        refused where the attribute holds text.
    """

    attribute: str
    table: pd.DataFrame

    def read(self, reader: TableReader, known: Known, where: str) -> list[Change]:
        """Return the changes one by one; problems are told to the reader."""
        where = f"{where} AttributeReplacements({self.attribute!r})"
        _check_attribute(reader, self.attribute, known, where)
        if not reader.has(self.table, ("time", "label", "value"), where):
            return []
        times = reader.times(self.table, where)
        actors = reader.actors(self.table, "label", where)
        reader.refuse_repeats(zip(times, actors, strict=True), "time and label", where)
        if self.attribute in known.texts:
            values = _codes(reader, self.table, known.texts[self.attribute], where)
        else:
            values = reader.numbers(self.table, "value", where, missing=True)
        return [
            Change(float(time), ATTRIBUTE_REPLACEMENT, self.attribute, int(actor), -1, float(value))
            for time, actor, value in zip(times, actors, values, strict=True)
        ]


@dataclass(frozen=True)
class PresenceChanges:
    """Actors that come or go; in force from the very instant on.

    Parameters
    ----------
    table : DataFrame
        Columns time, label, value, sorted by time; value is True or 1 (present), False or 0.
    """

    table: pd.DataFrame

    def read(self, reader: TableReader, known: Known, where: str) -> list[Change]:
        """Return the changes one by one; problems are told to the reader."""
        where = f"{where} PresenceChanges"
        if not reader.has(self.table, ("time", "label", "value"), where):
            return []
        times = reader.times(self.table, where)
        actors = reader.actors(self.table, "label", where)
        reader.refuse_repeats(zip(times, actors, strict=True), "time and label", where)
        values = reader.truths(self.table, "value", where)
        return [
            Change(float(time), PRESENCE, "", int(actor), -1, float(value))
            for time, actor, value in zip(times, actors, values, strict=True)
        ]


def _check_network(reader: TableReader, name: Any, known: Known, where: str) -> None:
    if name not in known.networks:
        hint = nearest(name, known.networks) or f"; there are {', '.join(known.networks) or 'none'}"
        reader.findings.tell(where, f"unknown network {name!r}{hint}")


def _check_attribute(reader: TableReader, name: Any, known: Known, where: str) -> None:
    if name in known.set_aside:
        reader.findings.tell(where, f"attribute {name!r} {known.set_aside[name]}")
    elif name not in known.attributes:
        there = known.attributes
        hint = nearest(name, there) or f"; there are {', '.join(there) or 'none'}"
        reader.findings.tell(where, f"unknown attribute {name!r}{hint}")


def _codes(reader: TableReader, table: pd.DataFrame, texts: list[Any], where: str) -> Floats:
    """Return the numbers that stand for texts; a text not seen before gets the next number."""
    codes = np.zeros(len(table))
    for row, given in enumerate(table["value"].tolist()):
        if is_missing(given):
            reader.findings.tell(where, "value is missing, but the attribute holds text", row)
            continue
        if given not in texts:
            texts.append(given)
        codes[row] = texts.index(given)
    return codes
