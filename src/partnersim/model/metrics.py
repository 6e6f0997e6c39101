"""The metrics, one row each in ``metrics.csv``: name, unit, label, definition, where it is shown.

A row with ``by`` stands for several columns, one per direction, area, depth, objective or region.
`partnersim.model.observation` computes them by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from partnersim.model.constants import AREAS, DIRECTIONS, MAXIMUM_DEPTH, OBJECTIVES
from partnersim.model.tables import Label, label, read_table

#: What a metric can be broken down by, besides regions, which come with the world.
_PARTS_OF = {
    "direction": DIRECTIONS,
    "area": AREAS,
    "depth": tuple(f"depth_{depth}" for depth in range(1, MAXIMUM_DEPTH + 1)),
    "objective": OBJECTIVES,
}
_PART_LABELS = {(row["by"], row["part"]): label(row) for row in read_table("metric_parts")}
#: Names and labels of the parts, in the order in which the rules number them.
PARTS: Mapping[str, Mapping[str, Label]] = {
    by: {part: _PART_LABELS[by, part] for part in parts} for by, parts in _PARTS_OF.items()
}

#: How much a metric is shown: on the page, among the main ones everywhere, in every headline.
SHOWN = ("", "page", "main", "headline")


@dataclass(frozen=True)
class Metric:
    """One column of the metrics.

    Attributes
    ----------
    name : str
        Of the column.
    row : str
        Of the row of the table that the column belongs to, such as ``instruments_<area>``.
    label : Label
        In three languages.
    definition : str
        One sentence.
    unit : str
        Printed behind a number, or empty; shares (``%``) are 0..1 and shown in percent.
    decimals : int
        Digits shown after the point.
    better : str
        ``more``, ``less``, or empty where neither is better in itself.
    shown : str
        One of `SHOWN`.
    """

    name: str
    row: str
    label: Label
    definition: str
    unit: str
    decimals: int
    better: str
    shown: str


def slug(name: str) -> str:
    """Turn a region's name into the end of a column name."""
    plain = name.casefold().replace("ü", "u")
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


_ROWS = read_table("metrics")
_FIXED = [row for row in _ROWS if row["by"] != "region"]
_REGIONAL = [row for row in _ROWS if row["by"] == "region"]

#: Metrics by region, in the order of the rows of ``State.observed_by_region``.
REGIONAL = tuple(row["name"] for row in _REGIONAL)

#: All other metrics as fields of a record: a number, or one per direction, area, depth, objective
#: in fields such as ``instruments_by_area``.
OBSERVED = np.dtype(
    [
        (f"{row['name']}_by_{row['by']}", np.float64, (len(PARTS[row["by"]]),))
        if row["by"]
        else (row["name"], np.float64)
        for row in _FIXED
    ]
)


def _metric(row: Mapping[str, str], part: str = "", part_label: Label | None = None) -> Metric:
    """Return the metric of a row, or of one part of it."""
    usual, *exceptions = row["shown"].split(" ")
    shown = dict(exception.split(":") for exception in exceptions).get(part, usual)
    return Metric(
        f"{row['name']}_{part}" if part else row["name"],
        f"{row['name']}_<{row['by']}>" if part else row["name"],
        label(row).of(part_label) if part_label else label(row),
        row["definition"],
        row["unit"],
        int(row["decimals"]),
        row["better"],
        shown,
    )


def _metrics_of(row: Mapping[str, str], parts: Mapping[str, Label]) -> list[Metric]:
    """Return the metrics of a row: one, or one for each part."""
    if not row["by"]:
        return [_metric(row)]
    return [_metric(row, part, part_label) for part, part_label in parts.items()]


@cache
def _all_metrics(regions: tuple[str, ...]) -> dict[str, Metric]:
    by_region = {slug(region): Label(region, region, region) for region in regions}
    found = [
        metric
        for row in (*_FIXED, *_REGIONAL)
        for metric in _metrics_of(row, PARTS.get(row["by"], by_region))
    ]
    return {metric.name: metric for metric in found}


def metrics(regions: Sequence[str] = ()) -> Mapping[str, Metric]:
    """Return all metrics by name, in the order of their columns.

    Parameters
    ----------
    regions : sequence of str, optional
        Names of the world's regions; without them metrics by region are left out.
    """
    return _all_metrics(tuple(regions))


def metric_names(regions: Sequence[str]) -> tuple[str, ...]:
    """Return the names of all metrics of a world with these regions, in the order of columns."""
    return tuple(metrics(regions))


def shown_metrics(least: str) -> tuple[str, ...]:
    """Return the names of metrics that are shown at least so much, one of `SHOWN`."""
    levels = SHOWN[SHOWN.index(least) :]
    return tuple(metric.name for metric in metrics().values() if metric.shown in levels)


def regional(metric: str) -> tuple[Metric | None, str]:
    """Split a column by region, such as ``value_gulf``, into its metric and the region's slug.

    The label of the metric holds ``{}`` for the region; it is None if no metric begins so.
    """
    for row in _REGIONAL:
        stem, _, part = metric.partition(f"{row['name']}_")
        if part and not stem:
            return _metric(row, part), part
    return None, ""
