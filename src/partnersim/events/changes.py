"""Dated changes of networks, attributes and presence, as a user hands them over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd

from partnersim.arrays import Floats
from partnersim.events.tables import COUNT, NUMBER, TRUTH, WHOLE, Rule, TableReader, is_missing

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


class _Changes:
    """Changes of one kind, as a table."""

    kind: ClassVar[str]
    columns: ClassVar[tuple[str, ...]] = ("time", "label", "value")
    rule: ClassVar[Rule]
    missing: ClassVar[bool] = False
    """Whether values may be missing."""

    of: ClassVar[str] = ""
    """What changes: ``network`` or ``attribute``, the field with its name; empty for presence."""

    table: pd.DataFrame

    @property
    def name(self) -> str:
        """Name of the network or attribute; empty for presence."""
        name: str = getattr(self, self.of) if self.of else ""
        return name

    def read(self, reader: TableReader, data: EventData, where: str) -> list[Change]:
        """Return the changes one by one; the reader keeps problems and notes."""
        where += f" {type(self).__name__}" + (f"({self.name!r})" if self.name else "")
        if problem := self.problem(data):
            reader.add(where, problem)
        texts = data.texts.get(self.name)
        rule = self.rule if texts is None else None
        read = reader.read(self.table, where, self.columns, rule, missing=self.missing)
        if read is None:
            return []
        if texts is not None:
            read["value"] = _codes(reader, self.table, texts, where)
        self.look(reader, where, pd.DataFrame(read))
        if "label" in read:
            one, other, values = read["label"], np.full(len(self.table), -1), read["value"]
        else:
            one, other, values = read["sender"], read["receiver"], np.nan_to_num(read["value"])
        return [
            Change(float(time), self.kind, self.name, int(i), int(j), float(value))
            for time, i, j, value in zip(read["time"], one, other, values, strict=True)
        ]

    def problem(self, data: EventData) -> str:
        """Return what is wrong with the name of what changes; empty if nothing is."""
        return data.name_problem(self.of, self.name) if self.of else ""

    def look(self, reader: TableReader, where: str, rows: pd.DataFrame) -> None:
        """Note what looks odd in rows, whose actors are numbers."""


@dataclass(frozen=True)
class _NetworkChanges(_Changes):
    """Changes of the ties of one network."""

    of: ClassVar[str] = "network"
    columns: ClassVar[tuple[str, ...]] = ("time", "sender", "receiver", "value")

    network: str
    table: pd.DataFrame


class NetworkIncrements(_NetworkChanges):
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
    rule = WHOLE

    def look(self, reader: TableReader, where: str, rows: pd.DataFrame) -> None:
        """Note rows that repeat others, as they are or turned round; all turned round is wrong."""
        ends = rows[["sender", "receiver"]]
        pairs = rows.assign(sender=ends.min(axis=1), receiver=ends.max(axis=1))
        repeated = rows.duplicated()
        turned = pairs.duplicated() & ~repeated
        usable = bool((pairs["sender"] >= 0).all() and (ends.nunique(axis=1) == 2).all())
        if usable and len(rows) > 1 and 2 * turned.sum() == (~repeated).sum():
            problem = "every tie stands here in both directions; give each increment once"
            reader.add(where, problem)
            return
        odd = "repeats an earlier row"
        reader.note(where, f"{odd}; each counts", rows.index[repeated])
        reader.note(where, f"{odd} in the other direction; each counts", rows.index[turned])


class NetworkReplacements(_NetworkChanges):
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
    rule = COUNT
    missing = True


@dataclass(frozen=True)
class _AttributeChanges(_Changes):
    """Changes of one attribute."""

    of: ClassVar[str] = "attribute"
    rule: ClassVar[Rule] = NUMBER
    missing: ClassVar[bool] = True

    attribute: str
    table: pd.DataFrame

    def look(self, reader: TableReader, where: str, rows: pd.DataFrame) -> None:
        """Note where a value is missing."""
        gaps = [row for row, given in enumerate(self.table["value"]) if is_missing(given)]
        seen = "value is missing; it takes the mean of the others at that time"
        reader.note(where, seen, gaps)


class AttributeIncrements(_AttributeChanges):
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

    def problem(self, data: EventData) -> str:
        """Return what is wrong with the attribute; empty if it can rise and fall."""
        if self.attribute in data.texts:
            return f"'{self.attribute}' holds text, which has no increments"
        return super().problem(data)


class AttributeReplacements(_AttributeChanges):
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
class PresenceChanges(_Changes):
    """Actors that come or go; in force from the very instant on.

    Of several changes of one actor at one time the last one stays.

    Parameters
    ----------
    table : DataFrame
        Columns time, label, value, sorted by time; value is True or 1 (present), False or 0.
    """

    kind: ClassVar[str] = PRESENCE
    rule: ClassVar[Rule] = TRUTH

    table: pd.DataFrame


AnyChanges = (
    NetworkIncrements
    | NetworkReplacements
    | AttributeIncrements
    | AttributeReplacements
    | PresenceChanges
)


def _codes(reader: TableReader, table: pd.DataFrame, texts: list[Any], where: str) -> Floats:
    """Return the numbers that stand for texts; a text not seen before gets the next number."""
    codes = np.zeros(len(table))
    for row, given in enumerate(table["value"].tolist()):
        if is_missing(given):
            reader.add(where, "value is missing, but the attribute holds text", row)
            continue
        if given not in texts:
            texts.append(given)
        codes[row] = texts.index(given)
    return codes
