"""Own points of a design: a table with a column for every setting and a row for every future."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from partnersim.errors import InputError, nearest, refuse, separator_problem
from partnersim.scenario.numeric_settings import NumericSetting
from partnersim.scenario.problems import shown
from partnersim.user_path import is_file_or_nothing, user_path

#: The column of the climate, by name.
CLIMATE = "geopolitics"
TABLE = "table"
#: A file with more numbers was not made for this.
_MOST = 1_000_000

Table = dict[str, list[Any]]


def with_own_points(design: Any, numbers: Mapping[str, NumericSetting]) -> Any:
    """Return the settings of a design in which a file of points is replaced by what it holds.

    Parameters
    ----------
    design : mapping or None
        Changes to a design; with ``table`` it is one of own points.
    numbers : mapping of str to NumericSetting
        All numbers of the scenario.

    Raises
    ------
    InputError
        One line per problem of the file: its name, row, column, reason.
    """
    if not isinstance(design, Mapping) or design.get(TABLE) is None:
        return design
    given = design[TABLE]
    table = _read(given, numbers) if isinstance(given, str) else given
    return {"kind": TABLE, **design, TABLE: table, "points": None}


def _read(name: str, numbers: Mapping[str, NumericSetting]) -> Table:
    path = user_path(name)
    if not is_file_or_nothing(path) or not path.exists():
        raise InputError(f"design.table = {shown(name)}: there is no such file")
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            header, *rows = [row for row in csv.reader(stream) if any(row)] or [[]]
    except (OSError, UnicodeDecodeError, csv.Error) as failure:
        raise InputError(f"{path}: cannot be read as a table ({failure})") from None
    if problem := separator_problem(header):
        raise InputError(f"{path}: {problem}")
    names = [cell.strip() for cell in header]
    problems = [
        f"{path}, row {number}: {len(row)} cells, the header has {len(names)}"
        for number, row in enumerate(rows, start=2)
        if len(row) != len(names)
    ]
    if not rows or len(set(names)) < len(names):
        problems.append(f"{path}: needs a header, each name once, and a row for every future")
    if len(rows) * len(names) > _MOST:
        problems.append(f"{path}: more than {_MOST:,} numbers")
    refuse(problems)
    columns = zip(*rows, strict=True)
    table = {
        key: [cell.strip() if key == CLIMATE else _number(cell) for cell in column]
        for key, column in zip(names, columns, strict=True)
        if key != "future"
    }
    refuse(point_problems(table, numbers, f"{path}, row {{row}}: ", 2))
    return table


def _number(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell.strip()


def point_problems(
    table: Mapping[str, Any],
    numbers: Mapping[str, NumericSetting],
    place: str = "design.table[{row}].",
    first: int = 0,
) -> Iterator[str]:
    """Yield what is wrong with own points, one line each.

    Parameters
    ----------
    table : mapping of str to sequence
        Values by setting.
    numbers : mapping of str to NumericSetting
        All numbers of the scenario.
    place : str
        How a row is called.
    first : int
        Number of the first row.
    """
    for path, column in table.items():
        if path == CLIMATE:
            continue
        if path not in numbers:
            yield f"design.table: {path}: no number of this name{nearest(path, numbers)}"
            continue
        for row, value in enumerate(column, start=first):
            if wrong := numbers[path].wrong(value):
                yield f"{place.format(row=row)}{path} = {shown(value)}: {wrong}"


def climate_problems(table: Mapping[str, Sequence[Any]], climates: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong with the climates of own points, one line each."""
    if CLIMATE not in table and len(climates) > 1:
        yield f"design.table: name the climate of every future in a column '{CLIMATE}'"
    for name in dict.fromkeys(table.get(CLIMATE, ())):
        if name not in climates:
            yield (
                f"design.table: {CLIMATE} = {shown(name)}: is none of climates="
                f"[{','.join(climates)}]{nearest(name, climates)}"
            )
