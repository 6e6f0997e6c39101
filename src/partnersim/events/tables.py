"""Read the tables of a user: labels of actors, times, numbers; all problems are named at once."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from partnersim.arrays import Floats, Integers
from partnersim.errors import InputError, nearest, separator_problem
from partnersim.events.clock import Clock

#: Lines per table; a column misread as a whole would otherwise fill the screen.
MOST_LINES = 12
_LARGEST = 2**63 - 1
CODE_NA = "is missing (pandas reads the code NA as missing unless told keep_default_na=False)"


class Findings:
    """The problems found so far, each with the table and the row where it is, and notes."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._count: Counter[str] = Counter()
        self.notes: list[str] = []
        """What was seen in tables that can be used, and what was done about it."""

    def add(self, where: str, problem: str, row: int | None = None) -> None:
        """Add a problem; rows count from 1, the line of column names not counted."""
        self._count[where] += 1
        if self._count[where] <= MOST_LINES:
            self._lines.append(f"{_place(where, row)}: {problem}")

    def add_rows(self, where: str, wrong: Mapping[int, str], rows: int) -> None:
        """Add what is wrong with rows of a column; one line if all of several rows are.

        Parameters
        ----------
        where : str
            How messages call the table.
        wrong : mapping of int to str
            The problem of each row that has one, in the order of rows.
        rows : int
            Rows of the table.
        """
        whole = rows > 2 and len(wrong) == rows
        for row, problem in list(wrong.items())[: 1 if whole else None]:
            more = f"; and so on, none of the {rows} rows can be used" if whole else ""
            self.add(where, f"{problem}{more}", row)

    def note(self, where: str, seen: str, rows: Iterable[int]) -> None:
        """Add one line on rows that are used although the user may have meant something else."""
        found = list(rows)
        if found:
            times = f" ({len(found)} such rows)" if len(found) > 1 else ""
            self.notes.append(f"{_place(where, found[0])}: {seen}{times}")

    def settle(self) -> None:
        """Raise InputError if there is any problem."""
        over = {where: count - MOST_LINES for where, count in self._count.items()}
        more = [f"{w}: and {n} more problems of this table" for w, n in over.items() if n > 0]
        if self._lines:
            raise InputError([*self._lines, *more])


def _place(where: str, row: int | None) -> str:
    return where if row is None else f"{where}, row {row + 1}"


def is_missing(value: Any) -> bool:
    """Tell whether a single value is missing."""
    if isinstance(value, (float, np.floating)):
        return bool(np.isnan(value))
    return value is None or value is pd.NA or value is pd.NaT


def as_number(value: Any) -> float:
    """Return a number or truth value as float; NaN for anything else, text included."""
    try:
        return float("nan") if isinstance(value, (str, bytes)) else float(value)
    except (TypeError, ValueError):
        return float("nan")


def count_problems(name: str, given: Any, low: int) -> list[str]:
    """Return what is wrong with a whole number that must not be below some other; else nothing."""
    try:
        fine = not isinstance(given, bool) and low <= operator.index(given) <= _LARGEST
    except TypeError:
        fine = False
    return [] if fine else [f"{name}: {given!r} given, must be a whole number, {low} or more"]


def unknown(what: str, name: Any, known: Iterable[str]) -> str:
    """Return the problem of a name that is not known, with the nearest one or all that are."""
    names = list(known)
    hint = nearest(name, names) or f"; there are {', '.join(names) or 'none'}"
    return f"unknown {what} {name!r}{hint}"


class Rule(NamedTuple):
    """What a number must be."""

    text: str
    holds: Callable[[float], bool]


NUMBER = Rule("a number", lambda value: bool(np.isfinite(value)))
WHOLE = Rule("a whole number", float.is_integer)
COUNT = Rule("a whole number, 0 or more", lambda value: value.is_integer() and value >= 0)
TRUTH = Rule("True, False, 1 or 0", lambda value: value in (0.0, 1.0))


class TableReader(Findings):
    """Reads one table after another and remembers what was wrong with them.

    Parameters
    ----------
    clock : Clock
        What times are.

    Attributes
    ----------
    index : dict of label to int
        The actors, once they are known.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.index: dict[Any, int] = {}
        self.clock = clock

    def has(self, table: Any, columns: Iterable[str], where: str) -> bool:
        """Return whether something is a table with these columns, each once."""
        if not isinstance(table, pd.DataFrame):
            self.add(where, f"must be a DataFrame, not {type(table).__name__}")
            return False
        given = [str(name) for name in table.columns]
        if problem := separator_problem(given):
            self.add(where, f"{problem}, or read it with pd.read_csv(FILE, sep=None)")
            return False
        wrong = [name for name in columns if given.count(name) != 1]
        for name in wrong:
            hint = nearest(name, given) or f"; columns are {', '.join(given) or 'none'}"
            problem = "is there twice" if name in given else f"is missing{hint}"
            self.add(where, f"column '{name}' {problem}")
        return not wrong

    def read(
        self,
        table: Any,
        where: str,
        columns: Sequence[str],
        rule: Rule | None,
        *,
        missing: bool = False,
    ) -> dict[str, Any] | None:
        """Return columns of a table as arrays; None if one is not there.

        Parameters
        ----------
        table : DataFrame
            The table.
        where : str
            How messages call the table.
        columns : sequence of str
            ``time``; ``sender`` and ``receiver``, or ``label``, for actors, which become their
            numbers, -1 where unknown; ``value``.
        rule : Rule or None
            What values must be; None if they are not to be read.
        missing : bool
            Whether values may be missing (NaN).
        """
        if not self.has(table, columns, where):
            return None
        read: dict[str, Any] = {
            name: self.times(table, where) if name == "time" else self.actors(table, name, where)
            for name in columns
            if name != "value"
        }
        if rule is not None:
            read["value"] = self.numbers(table, "value", where, rule, missing=missing)
        if "sender" in read:
            tied = (read["sender"] == read["receiver"]) & (read["sender"] >= 0)
            # A matrix written as a list has its diagonal, which is empty.
            for row in np.flatnonzero(tied & (np.nan_to_num(read["value"]) != 0)).tolist():
                label = table["sender"].tolist()[row]
                self.add(where, f"tie of {label!r} to itself", row)
        return read

    def actors(self, table: pd.DataFrame, column: str, where: str) -> Integers:
        """Return the numbers of the actors in a column; -1 where unknown."""
        numbers = np.full(len(table), -1, np.int64)
        wrong = {}
        for row, label in enumerate(table[column].tolist()):
            try:
                numbers[row] = self.index[label]
            except (KeyError, TypeError):
                wrong[row] = self._unknown_actor(column, label)
        self.add_rows(where, wrong, len(table))
        return numbers

    def times(self, table: pd.DataFrame, where: str) -> Floats:
        """Return the column of times as numbers, which must not go backwards."""
        times, wrong, note = self.clock.read(table["time"])
        if isinstance(wrong, str):
            self.add(where, wrong)
        else:
            self.add_rows(where, wrong, len(table))
        self.note(where, note, [0] if note else [])
        for row in np.flatnonzero(np.diff(times) < 0).tolist():
            before, after = (self.clock.write(times[place]) for place in (row, row + 1))
            problem = f"time {after} after {before}; rows must be sorted by time"
            self.add(where, problem, row + 1)
        return times

    def numbers(
        self, table: pd.DataFrame, column: str, where: str, rule: Rule, *, missing: bool = False
    ) -> Floats:
        """Return a column of numbers.

        Parameters
        ----------
        table : DataFrame
            The table.
        column : str
            Name of the column.
        where : str
            How messages call the table.
        rule : Rule
            What the numbers must be.
        missing : bool
            Whether a value may be missing.

        Returns
        -------
        (rows,) array
            NaN where missing or wrong.
        """
        values = np.full(len(table), np.nan)
        wrong = {}
        for row, given in enumerate(table[column].tolist()):
            number = as_number(given)
            if rule.holds(number):
                values[row] = number
            elif not (missing and is_missing(given)):
                shown = "is missing" if is_missing(given) else f"{given!r} given"
                wrong[row] = f"{column} {shown}, must be {rule.text}"
        self.add_rows(where, wrong, len(table))
        return values

    def _unknown_actor(self, column: str, label: Any) -> str:
        if is_missing(label):
            return f"{column} {CODE_NA}"
        if isinstance(label, str) and label.strip() in self.index:
            return f"{column} {label!r} has a blank before or behind it, must be {label.strip()!r}"
        return f"unknown {column} {label!r}{nearest(label, self.index)}"
