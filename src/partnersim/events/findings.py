"""Collect what is wrong with tables of a user: one line per problem, all at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from partnersim.errors import InputError

#: Lines per table; a column misread as a whole would otherwise fill the screen.
MOST_LINES = 12


class Findings:
    """The problems found so far, each with the table and the row where it is."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._told: Counter[str] = Counter()

    def tell(self, where: str, problem: str, row: int | None = None) -> None:
        """Add a problem; rows count from 1, the line of column names not counted."""
        self._told[where] += 1
        if self._told[where] <= MOST_LINES:
            place = where if row is None else f"{where}, row {row + 1}"
            self._lines.append(f"{place}: {problem}")

    def tell_rows(self, where: str, wrong: Mapping[int, str], rows: int) -> None:
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
            self.tell(where, f"{problem}{more}", row)

    def __len__(self) -> int:
        return len(self._lines)

    def settle(self) -> None:
        """Raise InputError if there is any problem."""
        lines = list(self._lines)
        for where, told in self._told.items():
            if told > MOST_LINES:
                lines.append(f"{where}: and {told - MOST_LINES} more problems of this table")
        if lines:
            raise InputError(lines)
