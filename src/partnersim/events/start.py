"""Read the state at the start: the tables of actors and of networks."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from partnersim.arrays import Floats, Truths
from partnersim.events.tables import (
    _CODE_NA,
    COUNT,
    NUMBER,
    TRUTH,
    TableReader,
    as_number,
    is_missing,
)


def read_labels(reader: TableReader, actors: Any) -> tuple[Any, ...]:
    """Return the labels of the actors, none of which may be missing or there twice."""
    if not reader.has(actors, ("label",), "actors"):
        return ()
    if not reader.has(actors, [str(name) for name in dict.fromkeys(actors.columns)], "actors"):
        return ()
    labels = actors["label"].tolist()
    seen: dict[Any, int] = {}
    for row, label in enumerate(labels):
        if is_missing(label):
            reader.findings.add("actors", f"label {_CODE_NA}", row)
        elif not isinstance(label, Hashable):
            reader.findings.add("actors", f"label {label!r} given, must be text or a number", row)
        elif seen.setdefault(label, row) != row:
            reader.findings.add("actors", f"label {label!r} of row {seen[label] + 1} again", row)
    if len(labels) < 2:
        reader.findings.add("actors", f"{len(labels)} actors given, must be 2 or more")
    return tuple(label for label in labels if isinstance(label, Hashable))


def read_presence(reader: TableReader, actors: pd.DataFrame) -> Truths:
    """Return who is present at the start, (n,); everybody if the table does not say."""
    if "present" not in actors.columns:
        return np.ones(len(actors), bool)
    return reader.numbers(actors, "present", "actors", TRUTH) == 1


def read_attributes(
    reader: TableReader, actors: pd.DataFrame
) -> tuple[dict[str, Floats], dict[str, list[Any]], dict[str, str]]:
    """Return attributes as numbers, what numbers of texts stand for, and what is set aside.

    A column that can be no attribute is no error as long as no effect wants it: files often have
    columns of notes.
    """
    attributes: dict[str, Floats] = {}
    texts: dict[str, list[Any]] = {}
    set_aside: dict[str, str] = {}
    for column in actors.columns:
        name, given = str(column), actors[column].tolist()
        if name in ("label", "present"):
            continue
        gaps = [row for row, item in enumerate(given) if is_missing(item)]
        there = [item for item in given if not is_missing(item)]
        if not there:
            set_aside[name] = "has no value for any actor"
        elif all(isinstance(item, str) for item in there):
            if gaps:
                set_aside[name] = f"holds text, which is missing in row {gaps[0] + 1} of actors"
            else:
                texts[name] = list(dict.fromkeys(there))
                attributes[name] = np.array([texts[name].index(item) for item in given], float)
        elif any(np.isnan(as_number(item)) for item in there):
            set_aside[name] = "holds neither numbers alone nor text alone"
        else:
            values = reader.numbers(actors, column, "actors", NUMBER, missing=True)
            known = ~np.isnan(values)
            mean = float(values[known].mean()) if known.any() else 0.0
            attributes[name] = np.where(known, values, mean)
            reader.findings.note(
                "actors", f"{name} is missing; it takes the mean of those known, {mean:.6g}", gaps
            )
    return attributes, texts, set_aside


def read_network(reader: TableReader, table: pd.DataFrame, where: str) -> Floats:
    """Return a network as a symmetric (n, n) matrix of weights."""
    weights = np.zeros((len(reader.index), len(reader.index)))
    read = reader.read(table, where, ("sender", "receiver", "value"), COUNT, missing=True)
    if read is None:
        return weights
    one, other, values = read["sender"], read["receiver"], np.nan_to_num(read["value"])
    directed: dict[tuple[int, int], int] = {}
    for row, (i, j, value) in enumerate(zip(one, other, values, strict=True)):
        before = directed.setdefault((i, j), row)
        if before != row:
            reader.findings.add(where, f"sender and receiver of row {before + 1} again", row)
        mirrored = directed.get((j, i), row)
        if values[mirrored] != value and i != j:
            reader.findings.add(
                where,
                f"value {value:g}, but row {mirrored + 1} says {values[mirrored]:g} for the "
                "same pair; ties are undirected",
                row,
            )
    kept = values != 0
    weights[one[kept], other[kept]] = weights[other[kept], one[kept]] = values[kept]
    return weights
