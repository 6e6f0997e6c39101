"""Metrics and events of an arm as the tables that are kept: fixed columns, types and row order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

#: Columns that say which run and quarter a row of the metrics belongs to.
METRIC_KEYS = ("policy", "climate", "replicate", "quarter")
EVENT_WORDS = ("event", "iso3", "instrument", "other", "stage", "direction", "shock")
#: Columns that name a block of rows, by table; the others have one block.
BLOCK_KEYS = {
    "metrics": ("policy", "climate"),
    "events": ("policy", "climate"),
    "countries": ("policy", "climate"),
    "summary": ("policy", "climate"),
    "signing": ("policy", "climate"),
    "links": ("policy", "climate"),
    "response": ("shock", "policy", "climate"),
}
WORLD_TABLES = ("partners", "instruments", "network")
TABLES = (*BLOCK_KEYS, *WORLD_TABLES)


class Ensemble(Protocol):
    """What the store needs of the runs of one arm (one policy in one climate).

    Attributes
    ----------
    metrics, events, countries : DataFrame
        One row per replicate and quarter; per event; per year end and partner.
    in_force_by_year : ndarray of int64, shape (years, partners, instruments)
        Number of replicates in which the pair is in force at each year end.
    years : list of int
    initially_in_force : ndarray of bool, shape (partners, instruments)
    links_at_end : ndarray of int64, shape (partners, partners)
        Number of replicates in which two partners are linked at the end.
    replicates : int
    iso3, instruments : sequence of str
        Names of the two axes.
    """

    metrics: pd.DataFrame
    events: pd.DataFrame
    countries: pd.DataFrame
    in_force_by_year: npt.NDArray[np.int64]
    years: list[int]
    initially_in_force: npt.NDArray[np.bool_]
    links_at_end: npt.NDArray[np.int64]
    replicates: int
    iso3: Sequence[str]
    instruments: Sequence[str]


def metrics_table(policy: str, climate: str, metrics: pd.DataFrame) -> pa.Table:
    """Return the metrics of an arm, sorted by replicate and quarter.

    Parameters
    ----------
    policy, climate : str
        The arm.
    metrics : DataFrame
        Columns ``replicate``, ``quarter`` and one per metric.

    Returns
    -------
    Table
        ``policy``, ``climate``, ``replicate`` (int32), ``quarter``, then the metrics (float64).
    """
    rows = in_order(metrics)
    columns = _leading(policy, climate, rows)
    for name in rows.columns:
        if name not in METRIC_KEYS:
            columns[name] = pa.array(rows[name].to_numpy(dtype=np.float64))
    return pa.table(columns)


def events_table(policy: str, climate: str, events: pd.DataFrame) -> pa.Table:
    """Return the event log of an arm, sorted by replicate and quarter.

    Within one replicate and quarter the events keep their order, which is that of the model.

    Parameters
    ----------
    policy, climate : str
        The arm.
    events : DataFrame
        Columns ``replicate``, ``quarter``, ``event``, ``iso3``, ``instrument``, ``other``,
        ``stage``, ``direction``, ``shock`` (text, empty or missing where it does not apply)
        and ``severity`` (number or missing).

    Returns
    -------
    Table
        The same columns after ``policy`` and ``climate``; missing text is empty.
    """
    rows = in_order(events)
    columns = _leading(policy, climate, rows)
    for name in EVENT_WORDS:
        columns[name] = _words(rows[name])
    severity = pd.to_numeric(rows["severity"]).to_numpy(dtype=np.float64, na_value=np.nan)
    columns["severity"] = pa.array(severity)
    return pa.table(columns)


def in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Sort by replicate and quarter, leaving ties as they are and sorted rows untouched."""
    replicate = rows["replicate"].to_numpy(dtype=np.int64)
    quarter = quarter_numbers(rows["quarter"])
    place = replicate * 10_000_000 + quarter
    if np.all(place[1:] >= place[:-1]):
        return rows
    return rows.iloc[np.argsort(place, kind="stable")]


def quarter_numbers(quarters: pd.Series) -> npt.NDArray[np.int64]:
    """Return quarters such as ``2027Q3`` as counted quarters, four times the year plus 0..3."""
    codes, labels = pd.factorize(quarters)
    numbers = np.array([4 * int(str(x)[:4]) + int(str(x)[5]) - 1 for x in labels], dtype=np.int64)
    return numbers[codes] if len(numbers) else codes.astype(np.int64)


def labelled(policy: str, climate: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with the arm's names as its first two columns."""
    named = frame.reset_index(drop=True)
    same = np.zeros(len(named), dtype=np.int8)
    named.insert(0, "policy", pd.Categorical.from_codes(same, [policy]))
    named.insert(1, "climate", pd.Categorical.from_codes(same, [climate]))
    return named


def as_table(frame: pd.DataFrame) -> pa.Table:
    """Return a frame as a table; categories stay codes, other text becomes plain text."""
    columns = {}
    for name in frame.columns:
        values = frame[name]
        if isinstance(values.dtype, pd.CategoricalDtype):
            columns[str(name)] = _words(values)
        elif pd.api.types.is_string_dtype(values) or values.dtype == object:
            text = ["" if pd.isna(value) else str(value) for value in values]
            columns[str(name)] = pa.array(text, type=pa.string())
        else:
            columns[str(name)] = pa.array(values.to_numpy())
    return pa.table(columns)


def _leading(policy: str, climate: str, rows: pd.DataFrame) -> dict[str, pa.Array]:
    """Return the key columns that metrics and events share."""
    same = pa.array(np.zeros(len(rows), dtype=np.int32))
    return {
        "policy": pa.DictionaryArray.from_arrays(same, pa.array([policy])),
        "climate": pa.DictionaryArray.from_arrays(same, pa.array([climate])),
        "replicate": pa.array(rows["replicate"].to_numpy(dtype=np.int32)),
        "quarter": _words(rows["quarter"]),
    }


def _words(column: pd.Series) -> pa.Array:
    """Return a text column as codes and dictionary; missing becomes the empty text."""
    categories = column.astype("category").cat
    codes = categories.codes.to_numpy(dtype=np.int32)
    names = [str(name) for name in categories.categories]
    if (codes < 0).any():
        if "" not in names:
            names.append("")
        codes = np.where(codes < 0, names.index(""), codes).astype(np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(names, type=pa.string()))
