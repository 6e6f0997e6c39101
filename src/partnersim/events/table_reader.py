"""Read the columns of a user's table: labels of actors, times, numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from partnersim.arrays import Floats, Integers
from partnersim.errors import nearest
from partnersim.events.clock import Clock
from partnersim.events.findings import Findings
from partnersim.events.values import as_number, is_missing


class TableReader:
    """Reads one table after another and remembers what was wrong with them.

    Parameters
    ----------
    index : mapping of label to int
        The actors.
    clock : Clock
        What times are.
    findings : Findings
        Where problems are told.
    """

    def __init__(self, index: Mapping[Any, int], clock: Clock, findings: Findings) -> None:
        self.index = index
        self.clock = clock
        self.findings = findings

    def has(self, table: Any, columns: Iterable[str], where: str) -> bool:
        """Tell whether something is a table with these columns; what is missing is told."""
        if not isinstance(table, pd.DataFrame):
            self.findings.tell(where, f"must be a DataFrame, not {type(table).__name__}")
            return False
        given = [str(name) for name in table.columns]
        missing = [name for name in columns if name not in given]
        for name in missing:
            hint = nearest(name, given) or f"; columns are {', '.join(given) or 'none'}"
            self.findings.tell(where, f"column '{name}' is missing{hint}")
        twice = sorted({name for name in columns if given.count(name) > 1})
        for name in twice:
            self.findings.tell(where, f"column '{name}' is there twice")
        return not missing and not twice

    def actors(self, table: pd.DataFrame, column: str, where: str) -> Integers:
        """Return the numbers of the actors in a column; -1 where unknown."""
        numbers = np.full(len(table), -1, np.int64)
        wrong = {}
        for row, label in enumerate(table[column].tolist()):
            try:
                numbers[row] = self.index[label]
            except (KeyError, TypeError):
                wrong[row] = self._unknown(column, label)
        self.findings.tell_rows(where, wrong, len(table))
        return numbers

    def pairs(self, table: pd.DataFrame, where: str) -> tuple[Integers, Integers]:
        """Return the actors in the columns sender and receiver."""
        return self.actors(table, "sender", where), self.actors(table, "receiver", where)

    def refuse_self_ties(self, one: Integers, other: Integers, where: str) -> None:
        """Tell ties of an actor to itself."""
        for row in np.flatnonzero((one == other) & (one >= 0)):
            label = list(self.index)[one[row]]
            self.findings.tell(where, f"tie of {label!r} to itself", int(row))

    def times(self, table: pd.DataFrame, where: str) -> Floats:
        """Return the column of times, which must not go backwards."""
        times = self.clock.read(table["time"], where, self.findings)
        for row in np.flatnonzero(np.diff(times) < 0):
            self.findings.tell(
                where,
                f"time {self.clock.write(times[row + 1])} after "
                f"{self.clock.write(times[row])}; rows must be sorted by time",
                int(row) + 1,
            )
        return times

    def numbers(
        self,
        table: pd.DataFrame,
        column: str,
        where: str,
        *,
        missing: bool,
        whole: bool = False,
        negative: bool = True,
    ) -> Floats:
        """Return a column of finite numbers.

        Parameters
        ----------
        table : DataFrame
            The table.
        column : str
            Name of the column.
        where : str
            How messages call the table.
        missing : bool
            Whether a value may be missing (NaN).
        whole : bool
            Whether values must be whole numbers.
        negative : bool
            Whether values may be below zero.

        Returns
        -------
        (rows,) array
            NaN where missing or wrong.
        """
        rule = "a whole number" if whole else "a number"
        rule += "" if negative else ", 0 or more"
        values = np.full(len(table), np.nan)
        wrong = {}
        for row, given in enumerate(table[column].tolist()):
            if is_missing(given):
                if not missing:
                    wrong[row] = f"{column} is missing, must be {rule}"
                continue
            number = as_number(given)
            if (
                not np.isfinite(number)
                or (whole and not number.is_integer())
                or (not negative and number < 0)
            ):
                wrong[row] = f"{column} {given!r} given, must be {rule}"
            else:
                values[row] = number
        self.findings.tell_rows(where, wrong, len(table))
        return values

    def truths(self, table: pd.DataFrame, column: str, where: str) -> Floats:
        """Return a column of truth values as 0 and 1."""
        values = np.zeros(len(table))
        wrong = {}
        for row, given in enumerate(table[column].tolist()):
            number = as_number(given)
            if number not in (0.0, 1.0):
                shown = "missing" if is_missing(given) else f"{given!r} given"
                wrong[row] = f"{column} {shown}, must be True, False, 1 or 0"
            else:
                values[row] = number
        self.findings.tell_rows(where, wrong, len(table))
        return values

    def refuse_repeats(self, keys: Iterable[tuple[Any, ...]], what: str, where: str) -> None:
        """Tell rows whose key stood in an earlier row."""
        seen: dict[tuple[Any, ...], int] = {}
        for row, key in enumerate(keys):
            if key in seen:
                self.findings.tell(where, f"{what} of row {seen[key] + 1} again", row)
            seen.setdefault(key, row)

    def _unknown(self, column: str, label: Any) -> str:
        if is_missing(label):
            return (
                f"{column} is missing (pandas reads the code NA as missing unless told "
                "keep_default_na=False)"
            )
        if isinstance(label, str) and label.strip() in self.index:
            return f"{column} {label!r} has a blank before or behind it, must be {label.strip()!r}"
        return f"unknown {column} {label!r}{nearest(label, self.index)}"
