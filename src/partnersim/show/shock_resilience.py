"""What every shock takes from the network at worst, and what of it is still lost at the end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from partnersim.compare.resilience import resilience
from partnersim.runs.experiment_reader import StoredExperiment
from partnersim.runs.wording import (
    NO_BREAK,
    capitalised,
    inside_sentence,
    metric_label,
    number,
    words,
)
from partnersim.show.comparison import round_mark
from partnersim.show.sheet import MARGIN, Sheet, widest, wrapped
from partnersim.show.style import BLUE, INK, SHADE, VERMILION, quiet_axes

MEASURES = ("instruments", "depth_mean", "partner_value", "links")
#: Losses are ranked by this measure; what the finding says of recovery is about the other.
FIRST, SLOWEST = "instruments", "links"
COLUMN_WIDTH, ROW_HEIGHT = 2.1, 0.27
#: Smaller losses, in percent, are not worth a word.
SMALL = 1.0


def draw_shock_resilience(stored: StoredExperiment, folder: Path) -> list[Path]:
    """Draw a column per measure and a row per shock, the most harmful on top."""
    table = stored.table("response")
    measures = [name for name in MEASURES if name in set(table["metric"])]
    losses = resilience(table, measures)
    policy, climate = (words(str(table[name].iloc[0])) for name in ("policy", "climate"))
    rank = losses[losses["measure"] == measures[0]].sort_values("loss", ascending=False)
    shocks = list(rank["shock"])
    labels = widest([capitalised(words(shock)) for shock in shocks], 9) + 0.15
    years = number(float(losses["followed"].iloc[0]) / 4)
    sheet = Sheet(
        stored,
        MARGIN + labels + COLUMN_WIDTH * len(measures) + 0.15,
        ROW_HEIGHT * len(shocks) + 0.95,
        title=finding(losses, years),
        subtitle=f"Loss in percent of what there would be without the shock. Every shock strikes "
        f"every partner at full strength, “{policy}” in a {climate} climate. Pale bar: at worst, "
        f"with its interval; dark bar: still lost {years} years after; number: quarters until half "
        "of the loss is back, ∞ if not within these years",
        bands="mean paired differences with 95 % intervals, runs with the shock minus the same "
        "runs without it",
    )
    bottom, top = sheet.bottom + 0.3, sheet.top - 0.5
    for place, measure in enumerate(measures):
        left = MARGIN + labels + place * COLUMN_WIDTH
        axes = sheet.axes(left, bottom, left + COLUMN_WIDTH - 0.2, top)
        draw_losses(axes, losses[losses["measure"] == measure].set_index("shock").loc[shocks])
        head = metric_label(measure).title.split(",")[0]
        axes.set_title(
            "\n".join(wrapped(head, COLUMN_WIDTH - 0.3, 9, "bold")),
            loc="left",
            fontweight="bold",
            fontsize=9,
            pad=5,
        )
        names = [capitalised(words(shock)) for shock in shocks] if place == 0 else []
        axes.set_yticks(range(len(names)), names)
        axes.tick_params(axis="y", labelcolor=INK, labelsize=9)
    return sheet.save(folder, "shock_resilience")


def draw_losses(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw one column: losses at worst and at the end, a row per shock."""
    worst, end = rows["loss"].to_numpy(), rows["lost_at_end"].to_numpy()
    reach = float(max(rows["loss_high"].max(), 1.0))
    for down in range(0, len(rows), 2):
        axes.axhspan(down - 0.5, down + 0.5, color=SHADE, linewidth=0, zorder=0)
    places = np.arange(len(rows))
    axes.barh(places, np.maximum(worst, 0), height=0.72, color=VERMILION, alpha=0.35, zorder=2)
    gain = np.where(end < 0, BLUE, VERMILION)
    axes.barh(places, end, height=0.36, color=list(gain), zorder=3)
    for down, row in enumerate(rows.itertuples(index=False)):
        if row.loss > SMALL:
            axes.plot(
                [row.loss_low, row.loss_high], [down, down], color=INK, linewidth=0.9, zorder=4
            )
            back = "∞" if np.isnan(row.half_back) else number(row.half_back)
            axes.text(
                row.loss_high + 0.03 * reach, down, back, fontsize=8, va="center_baseline", zorder=5
            )
    axes.axvline(0, color=INK, linewidth=0.8, zorder=4)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(min(float(end.min()) * 1.15, 0.0), reach * 1.18)
    mark = round_mark(reach)
    axes.set_xticks([0, mark], [f"{number(value)}{NO_BREAK}%" for value in (0, mark)])
    quiet_axes(axes, grid="x")


def finding(losses: pd.DataFrame, years: str) -> str:
    """Say which shock takes most, and where its trace stays longest."""
    table = losses.set_index(["measure", "shock"]).sort_index()
    first = FIRST if FIRST in table.index.get_level_values(0) else table.index[0][0]
    worst = str(table.loc[first]["loss"].idxmax())
    title = inside_sentence(metric_label(first).title)
    text = (
        f"“{capitalised(words(worst))}” takes most {title} ({percent(table.loc[first, worst])} at "
        f"worst)"
    )
    if SLOWEST not in table.index.get_level_values(0):
        return text
    breaker = str(table.loc[SLOWEST]["loss"].idxmax())
    left = table.loc[SLOWEST, breaker]
    return (
        f"{text}; “{words(breaker)}” breaks most links ({percent(left)}), and {years} years later "
        f"{number(left['lost_at_end'])}{NO_BREAK}% are still missing"
    )


def percent(row: pd.Series) -> str:
    """Return the largest loss of a row."""
    return f"{number(row['loss'])}{NO_BREAK}%"
