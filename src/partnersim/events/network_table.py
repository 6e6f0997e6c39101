"""Read the table of a network at the start."""

from __future__ import annotations

import numpy as np
import pandas as pd

from partnersim.arrays import Floats
from partnersim.events.table_reader import TableReader


def read_network(reader: TableReader, table: pd.DataFrame, where: str) -> Floats:
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
