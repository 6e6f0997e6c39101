"""What drives the outcome: sensitivity to the uncertain factors, with intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd

from partnersim.compare.comparison import Comparison
from partnersim.compare.drivers import MARK, MEANING
from partnersim.compare.factors import factor_name
from partnersim.compare.labels import capitalised, metric_label, number
from partnersim.compare.words import called
from partnersim.show.marks import (
    BLUE,
    PALE,
    VERMILION,
    fold,
    head_column,
    label_rows,
    quiet_axes,
    write_beside,
)
from partnersim.show.sheet import INK, Sheet

MOST_FACTORS = 12
COLUMN_WIDTH, LABELS = 2.05, 2.3


def draw_tornado(comparison: Comparison) -> Sheet:
    """Draw the indices of the strongest factors: a column per measure, a row per factor."""
    focus, measures = comparison.drivers(comparison.focus), comparison.headlines
    tables = {name: comparison.drivers(name).indices.set_index("factor") for name in measures}
    strongest = pd.concat([table["index"] for table in tables.values()], axis=1).max(axis=1)
    ranked = strongest.sort_values(ascending=False, kind="stable")
    factors = [str(name) for name in ranked.index[:MOST_FACTORS]]
    left_out = len(ranked) - len(factors)
    sheet = Sheet(
        comparison,
        max(7.5, 0.5 + LABELS + COLUMN_WIDTH * len(tables)),
        0.6 + 0.3 * len(factors),
        title=focus.driver_sentence,
        subtitle=f"{MEANING[focus.method]}, under {called(comparison.best)}. Dark: the strongest "
        f"factor and those that cannot be told apart from it; orange tick: {MARK[focus.method]}"
        + (f". {left_out} weaker factors are not shown" if left_out else ""),
        bands=f"{focus.method}; lines: 95 % intervals from resampled futures",
    )
    panels = sheet.panels(1, len(tables), sharex=True, sharey=True)[0]
    rows = np.arange(len(factors))
    for axes, (metric, table) in zip(panels, tables.items(), strict=True):
        columns = table.loc[factors, ["index", "low", "high", "noise"]].to_numpy(np.float64)
        index, low, high, noise = columns.T
        leading = set(comparison.drivers(metric).leading)
        colours = [BLUE if factor in leading else PALE for factor in factors]
        axes.barh(rows, index, height=0.55, color=colours)
        axes.hlines(rows, low, high, color=INK, linewidth=1.1)
        known = rows[noise > 0]
        axes.vlines(noise[known], known - 0.4, known + 0.4, color=VERMILION, linewidth=1.2)
        for row, end in enumerate(np.nanmax([index, high, noise], axis=0)):
            write_beside(axes, number(index[row], 2), end, row, 7.5)
        head_column(axes, metric_label(metric).title, COLUMN_WIDTH - 0.25)
        quiet_axes(axes, "x")
    reach = max(float(table[["index", "high"]].max(axis=None)) for table in tables.values())
    panels[0].set_xlim(0, 1.2 * reach)
    label_rows(panels[0], [fold(capitalised(factor_name(path)), LABELS) for path in factors])
    return sheet
