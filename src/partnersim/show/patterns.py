"""Patterns of a validation: where each number lies in relation to its band."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from partnersim.runs.export import read_tables
from partnersim.show.marks import BLUE, PALE, SHADE, VERMILION, quiet_axes
from partnersim.show.sheet import GREY, INK, Sheet, width_of

#: Numbers are drawn in widths of their band; what lies further out stands at the edge.
_EDGE = 2.5
_ROW = 0.19
_TEXT = 8.0
#: How the result of a pattern looks; shape and colour say the same.
_LOOKS = {"pass": (BLUE, "o"), "fail": (VERMILION, "X"), "no cases": (GREY, "_")}


def draw_patterns(folder: Path) -> Sheet:
    """Draw the patterns of a validation, one row each.

    Parameters
    ----------
    folder : Path
        Results of ``partnersim validate``.

    Raises
    ------
    InputError
        If a table is not there or damaged.
    """
    tables = read_tables(folder, ("patterns", "definitions", "climates"))
    patterns = tables["patterns"].merge(tables["definitions"][["id", "pattern"]], on="id")
    passing = int((patterns["result"] == "pass").sum())
    labels = [f"{row.id}  {row.pattern}" for row in patterns.itertuples()]
    sheet = Sheet(
        None,
        max(width_of(label, _TEXT) for label in labels) + 5.2,
        _ROW * len(patterns) + 0.75,
        title=f"{passing} of {len(patterns)} patterns of the record show in the model",
        subtitle="Grey: the band of the record. Circle: the number of all runs lies in it; "
        "cross: it does not; small points: single climates. Numbers far out stand at the edge",
        bands="shown in widths of the band, 0 its lower and 1 its upper end · "
        f"partnersim {version('partnersim')}",
    )
    axes = sheet.figure.subplots()
    places = np.arange(len(patterns))[::-1]
    axes.axvspan(0, 1, color=SHADE, linewidth=0)
    axes.vlines([0, 1], -0.5, len(patterns) - 0.5, color=PALE, linewidth=0.8)
    for place, row in zip(places, patterns.itertuples(), strict=True):
        single = tables["climates"].loc[tables["climates"]["id"] == row.id, "value"]
        at = _scaled(single, row.low, row.high)
        axes.plot(at, np.full(len(single), place), ".", markersize=3, color=GREY)
        colour, marker = _LOOKS[row.result]
        at = _scaled(pd.Series([row.value]).fillna(0), row.low, row.high)
        axes.plot(at, [place], marker, markersize=5.5, color=colour, clip_on=False)
    axes.set_yticks(places, labels, color=INK, fontsize=_TEXT)
    axes.set_ylim(-0.7, len(patterns) - 0.3)
    axes.set_xlim(-_EDGE, 1 + _EDGE)
    axes.set_xlabel("number of the model, in widths of the band")
    quiet_axes(axes, "x")
    return sheet


def _scaled(values: pd.Series, low: float, high: float) -> np.ndarray:
    """Return values in widths of a band, kept within the edges of the drawing."""
    width = high - low if high > low else max(abs(high), 1e-9)
    return np.clip((values.to_numpy(float) - low) / width, -_EDGE, 1 + _EDGE)
