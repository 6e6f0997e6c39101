"""Read the table of actors: labels, presence, attributes."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from partnersim.arrays import Floats, Truths
from partnersim.events.table_reader import TableReader
from partnersim.events.values import as_number, is_missing


def read_labels(reader: TableReader, actors: Any) -> tuple[Any, ...]:
    """Return the labels of the actors, none of which may be missing or there twice."""
    if not reader.has(actors, ("label",), "actors"):
        return ()
    columns = [str(name) for name in actors.columns]
    for name in sorted({name for name in columns if columns.count(name) > 1}):
        reader.findings.tell("actors", f"column '{name}' is there twice")
        return ()
    labels = actors["label"].tolist()
    seen: dict[Any, int] = {}
    for row, label in enumerate(labels):
        if is_missing(label):
            reader.findings.tell(
                "actors",
                "label is missing (pandas reads the code NA as missing unless told "
                "keep_default_na=False)",
                row,
            )
        elif not isinstance(label, Hashable):
            reader.findings.tell("actors", f"label {label!r} given, must be text or a number", row)
        elif label in seen:
            reader.findings.tell("actors", f"label {label!r} of row {seen[label] + 1} again", row)
        else:
            seen[label] = row
    if len(labels) < 2:
        reader.findings.tell("actors", f"{len(labels)} actors given, must be 2 or more")
    return tuple(label for label in labels if isinstance(label, Hashable))


def read_presence(reader: TableReader, actors: pd.DataFrame) -> Truths:
    """Return who is present at the start, everybody if the table does not say."""
    if "present" not in actors.columns:
        return np.ones(len(actors), bool)
    return reader.truths(actors, "present", "actors") == 1


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
        name = str(column)
        if name in ("label", "present"):
            continue
        given = actors[column].tolist()
        there = [item for item in given if not is_missing(item)]
        if not there:
            set_aside[name] = "has no value for any actor"
        elif all(isinstance(item, str) for item in there):
            if len(there) < len(given):
                row = next(row for row, item in enumerate(given) if is_missing(item))
                set_aside[name] = f"holds text, which is missing in row {row + 1} of actors"
            else:
                texts[name] = list(dict.fromkeys(there))
                attributes[name] = np.array([texts[name].index(item) for item in given], float)
        elif any(np.isnan(as_number(item)) for item in there):
            set_aside[name] = "holds neither numbers alone nor text alone"
        else:
            values = reader.numbers(actors, column, "actors", missing=True)
            known = ~np.isnan(values)
            mean = values[known].mean() if known.any() else 0.0
            attributes[name] = np.where(known, values, mean)
    return attributes, texts, set_aside
