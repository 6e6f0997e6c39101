"""Tables of weights: which objective an area serves, which area a module of the Offer serves."""

from __future__ import annotations

import numpy as np

from partnersim.model.constants import AREAS, MODULES, OBJECTIVES
from partnersim.model.world_arrays import Floats
from partnersim.world.tables import Reader, Row


def read_objectives(reader: Reader) -> Floats:
    """Return how much each area serves each objective, (8, 3), rows summing to 1."""
    return _weights(reader, _named(reader, "areas.csv", "area", AREAS, OBJECTIVES), OBJECTIVES)


def read_modules(reader: Reader) -> tuple[Floats, Floats]:
    """Return how much each module serves each area, (6, 8), and how sensitive it is, (6,) 0..1."""
    rows = _named(reader, "modules.csv", "module", MODULES, (*AREAS, "trust"))
    trust = [reader.number(row, "trust", 0, 1) for row in rows]
    return _weights(reader, rows, AREAS), np.array(trust)


def _named(
    reader: Reader, file: str, key: str, names: tuple[str, ...], columns: tuple[str, ...]
) -> list[Row]:
    """Return the rows of a table that must have exactly one row per name, in that order."""
    known_problems = len(reader.problems)
    rows = reader.read(file, (key, *columns, "source", "confidence"), (key,))
    readable = rows or len(reader.problems) == known_problems
    found = {
        row[key]: row for row in rows if reader.known(row, key, names, f"one of {', '.join(names)}")
    }
    if readable:
        reader.problems.extend(f"{file}: no row for {name}" for name in names if name not in found)
    return [found[name] for name in names if name in found]


def _weights(reader: Reader, rows: list[Row], columns: tuple[str, ...]) -> Floats:
    table = np.zeros((len(rows), len(columns)))
    for position, row in enumerate(rows):
        table[position] = [reader.number(row, column, 0, 1) for column in columns]
        if abs(table[position].sum() - 1) > 1e-9:
            reader.problem(row, f"weights sum to {table[position].sum():g}, not to 1")
    return table
