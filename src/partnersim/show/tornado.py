"""What drives the outcome: sensitivity to the uncertain factors, with intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd

from partnersim.compare.comparison import Comparison
from partnersim.compare.drivers import MARK, MEANING
from partnersim.compare.factors import factor_name
from partnersim.compare.labels import capitalised, metric_label, number
from partnersim.compare.words import called
from partnersim.show.sheet import BLUE, INK, PALE, VERMILION, Sheet, fold, quiet_axes

MOST_FACTORS = 12
COLUMN_WIDTH, LABELS = 2.05, 2.3


def draw_tornado(comparison: Comparison) -> Sheet:
    """Draw the indices of the strongest factors: a column per measure, a row per factor."""
    tables = {
        metric: comparison.drivers(metric).indices.set_index("factor")
        for metric in comparison.headlines
    }
    focus = comparison.drivers(comparison.focus)
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
    grid = sheet.figure.subplots(1, len(tables), sharex=True, sharey=True, squeeze=False)[0]
    rows = np.arange(len(factors))
    for axes, (metric, table) in zip(grid, tables.items(), strict=True):
        index, low, high, noise = (
            table.loc[factors, ["index", "low", "high", "noise"]].to_numpy(np.float64).T
        )
        leading = set(comparison.drivers(metric).leading)
        axes.barh(
            rows,
            index,
            height=0.55,
            color=[BLUE if factor in leading else PALE for factor in factors],
        )
        axes.hlines(rows, low, high, color=INK, linewidth=1.1)
        known = noise > 0
        axes.vlines(
            noise[known], rows[known] - 0.4, rows[known] + 0.4, color=VERMILION, linewidth=1.2
        )
        for row, (value, end) in enumerate(
            zip(index, np.nanmax([index, high, noise], axis=0), strict=True)
        ):
            axes.annotate(
                number(value, 2),
                (end, row),
                xytext=(3, 0),
                textcoords="offset points",
                fontsize=7.5,
                va="center_baseline",
            )
        axes.set_title(fold(metric_label(metric).title, COLUMN_WIDTH - 0.25, 9, "bold"), fontsize=9)
        axes.tick_params(axis="y", labelcolor=INK)
        quiet_axes(axes, "x")
    grid[0].set_xlim(
        0, 1.2 * max(float(table[["index", "high"]].max(axis=None)) for table in tables.values())
    )
    grid[0].set_ylim(len(factors) - 0.5, -0.5)
    grid[0].set_yticks(rows, [fold(capitalised(factor_name(path)), LABELS) for path in factors])
    return sheet
