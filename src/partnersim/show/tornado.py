"""What drives the outcome: sensitivity to the uncertain factors, with intervals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from partnersim.compare.comparison import Comparison
from partnersim.compare.drivers import MARK, MEANING
from partnersim.compare.factors import factor_name
from partnersim.compare.words import called
from partnersim.runs.wording import capitalised, metric_label, number
from partnersim.show.sheet import MARGIN, Sheet, wrapped
from partnersim.show.style import BLUE, INK, PALE, SHADE, VERMILION, quiet_axes

MOST_FACTORS = 12
COLUMN_WIDTH, ROW_HEIGHT = 2.05, 0.3
LABELS = 2.35


def draw_tornado(comparison: Comparison, folder: Path) -> list[Path]:
    """Draw the indices of the strongest factors: a column per measure, a row per factor."""
    study = comparison
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
        study,
        max(7.5, MARGIN + LABELS + COLUMN_WIDTH * len(tables) + 0.2),
        0.62 + ROW_HEIGHT * len(factors),
        title=focus.driver_sentence,
        subtitle=f"{MEANING[focus.method]}, under {called(comparison.best)}. Dark: the strongest "
        "factor and those that cannot be told apart from it"
        + f"; orange tick: {MARK[focus.method]}"
        + (f". {left_out} weaker factors are not shown" if left_out else ""),
        bands=f"{focus.method}; lines: 95 % intervals from resampled futures",
    )
    bottom, top = sheet.bottom + 0.25, sheet.top - 0.4
    reach = max(float(table["high"].max()) for table in tables.values())
    for place, (metric, table) in enumerate(tables.items()):
        left = MARGIN + LABELS + place * COLUMN_WIDTH
        axes = sheet.axes(left, bottom, left + COLUMN_WIDTH - 0.2, top)
        found = comparison.drivers(metric)
        leading = set(found.leading)
        for down, factor in enumerate(factors):
            if down % 2 == 0:
                axes.axhspan(down - 0.5, down + 0.5, color=SHADE, linewidth=0, zorder=0)
            columns = ["index", "low", "high", "noise"]
            index, low, high, noise = table.loc[factor, columns].to_numpy(np.float64)
            axes.barh(down, index, height=0.55, color=BLUE if factor in leading else PALE, zorder=2)
            axes.plot([low, high], [down, down], color=INK, linewidth=1.1, zorder=3)
            if noise > 0:
                mark = [down - 0.4, down + 0.4]
                axes.plot([noise, noise], mark, color=VERMILION, linewidth=1.2, zorder=4)
            axes.text(
                max(index, high, noise) + 0.02 * reach,
                down,
                number(index, 2),
                fontsize=7.5,
                va="center_baseline",
            )
        axes.set_ylim(len(factors) - 0.5, -0.5)
        axes.set_xlim(0, reach * 1.2)
        axes.set_xticks([tick for tick in axes.get_xticks() if tick <= reach * 1.1])
        axes.set_title(
            "\n".join(wrapped(metric_label(metric).title, COLUMN_WIDTH - 0.25, 9, "bold")),
            fontsize=9,
            fontweight="bold",
            loc="left",
            pad=4,
        )
        names = [capitalised(factor_name(path)) for path in factors] if place == 0 else []
        axes.set_yticks(range(len(names)), names)
        axes.tick_params(axis="y", labelcolor=INK, labelsize=8.5)
        quiet_axes(axes, grid="x")
    return sheet.save(folder, "tornado")
