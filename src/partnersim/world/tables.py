"""Reading the tables of a data folder, and naming every problem in them at once."""

from __future__ import annotations

import csv
import math
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from partnersim.errors import nearest, refuse, separator_problem
from partnersim.world.places import PACKAGE_DATA as PACKAGE_DATA
from partnersim.world.places import nearest_place


@dataclass(frozen=True)
class Row:
    """One row of a table: where it stands in the file, and its cells as text.

    A row that comes from settings has line 0; its file is the key of the setting. What cells hold,
    numbers as numbers, is known once they are checked by a layout.
    """

    file: str
    line: int
    key: tuple[str, ...]
    cells: dict[str, str]
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Where the row stands, as problems name it."""
        return f"{self.file}, row {self.line}" if self.line else self.file

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def items(self, column: str) -> list[str]:
        """Return the parts of a cell that holds a list separated by semicolons."""
        return [part.strip() for part in self.cells[column].split(";") if part.strip()]


@dataclass
class Reader:
    """Reads tables of one folder, collects problems, and keeps a digest of what was read.

    Parameters
    ----------
    folder : Path
        Where the tables are: the data folder of the package or an edited copy of it.
    """

    folder: Path
    problems: list[str] = field(default_factory=list)
    faulty: set[tuple[str, ...]] = field(default_factory=set)
    contents: dict[str, bytes] = field(default_factory=dict)

    def read(self, file: str, columns: Sequence[str], key: Sequence[str]) -> list[Row]:
        """Return the rows of a table.

        Parameters
        ----------
        file : str
            Name of the table in the folder, comma-separated with one header line, UTF-8.
        columns : sequence of str
            Columns that must be there. Others are kept.
        key : sequence of str
            Columns that together identify a row; a second row with the same values is a problem.
            Without any, rows may be repeated.

        Returns
        -------
        list of Row
            Well-formed rows that are not repeated.
        """
        try:
            # Ends of lines are no content: git and editors may change them.
            text = (self.folder / file).read_text("utf-8-sig")
        except OSError:
            self.problems.append(f"{file}: not found in '{self.folder}'")
            return []
        except UnicodeDecodeError:
            self.problems.append(f"{file}: not UTF-8 text")
            return []
        self.contents[file] = text.encode()
        reader = csv.reader(text.splitlines(keepends=True))
        header = [name.strip() for name in next(reader, [])]
        if not any(header):
            needed = f", it needs the columns {', '.join(columns)}" if columns else ""
            self.problems.append(f"{file}: is empty{needed}")
            return []
        if problem := separator_problem(header):
            self.problems.append(f"{file}: {problem}")
            return []
        wrong = [
            f"column '{column}' is missing{nearest(column, header)}"
            for column in columns
            if column not in header
        ]
        twice = (name for name in dict.fromkeys(header) if name and header.count(name) > 1)
        wrong += [f"column '{name}' stands twice" for name in twice]
        self.problems += [f"{file}, row 1: {reason}" for reason in wrong]
        try:
            return [] if wrong else list(self._rows(file, reader, header, key))
        except csv.Error as failure:
            self.problems.append(f"{file}: cannot be read as a table ({failure})")
            return []

    def _rows(
        self, file: str, reader: Iterator[list[str]], header: list[str], key: Sequence[str]
    ) -> Iterator[Row]:
        first: dict[tuple[str, ...], int] = {}
        for cells in reader:
            line = reader.line_num  # type: ignore[attr-defined]
            if not any(cells):
                continue
            if len(cells) != len(header):
                self.problems.append(
                    f"{file}, row {line}: {len(cells)} cells, the header has {len(header)}"
                )
                continue
            named = dict(zip(header, map(str.strip, cells), strict=True))
            identity = tuple(named[column] for column in key)
            row = Row(file, line, identity, named)
            if key and identity in first:
                self.problem(row, f"{', '.join(identity)} repeats row {first[identity]}")
                continue
            first[identity] = line
            yield row

    def problem(self, row: Row, reason: str) -> None:
        """Note a problem with a row."""
        self.faulty |= {(row.file,), (row.file, *row.key)}
        self.problems.append(f"{row.place}: {reason}")

    def sound(self, file: str, *key: str) -> bool:
        """Say whether a row (or, without key, a table) had no problem so far.

        What follows from a faulty row is not shown again as a problem of another.
        """
        return (file, *key) not in self.faulty

    def known(
        self,
        row: Row,
        column: str,
        allowed: Collection[str],
        what: str,
        parts: Sequence[str] | None = None,
    ) -> bool:
        """Say whether a cell, or each of its parts, is an allowed name; note what is nearest."""
        names = [row[column]] if parts is None else parts
        wrong = [name for name in names if name not in allowed]
        for name in wrong:
            self.problem(row, f"{column} '{name}' is not {what}{nearest_place(name, allowed)}")
        return not wrong

    def choice(self, row: Row, column: str, allowed: Sequence[str]) -> str:
        """Return a cell that must be one of a few words; the first of them if it is not."""
        if row[column] in allowed:
            return row[column]
        words = ", ".join(word or "empty" for word in allowed)
        self.problem(
            row, f"{column} '{row[column]}' must be one of {words}{nearest(row[column], allowed)}"
        )
        return allowed[0]

    def flag(self, row: Row, column: str) -> bool:
        """Return a cell that must be yes or no."""
        return self.choice(row, column, ("no", "yes")) == "yes"

    def number(
        self, row: Row, column: str, low: float, high: float, *, missing: bool = False
    ) -> float:
        """Return a cell that must be a number in a range.

        Parameters
        ----------
        low, high : float
            Allowed range, both ends included.
        missing : bool
            Whether the cell may be empty; if so it reads as not-a-number.
        """
        if missing and not row[column]:
            return math.nan
        return self._within(row, column, float, low, high, "a number")

    def integer(self, row: Row, column: str, low: int, high: int) -> int:
        """Return a cell that must be a whole number in a range."""
        return self._within(row, column, int, low, high, "a whole number")

    def _within[Kind: (int, float)](
        self, row: Row, column: str, kind: type[Kind], low: Kind, high: Kind, what: str
    ) -> Kind:
        """Return a cell as a number of a range; its low end, with a problem, if it is none."""
        with suppress(ValueError):
            if low <= (value := kind(row[column])) <= high:
                return value
        self.problem(row, f"{column} '{row[column]}' must be {what} from {low:g} to {high:g}")
        return low if math.isfinite(low) else kind(0)

    def refuse(self) -> None:
        """Raise all problems noted so far, if any.

        Raises
        ------
        InputError
            One line per problem.
        """
        refuse(self.problems)

    def digest(self, *settings: object) -> str:
        """Return the SHA-256 of all texts read and of the settings in use."""
        total = sha256()
        for file in sorted(self.contents):
            content = self.contents[file]
            total.update(f"{file}:{len(content)}\n".encode())
            total.update(content)
        total.update(repr(settings).encode())
        return total.hexdigest()
