"""What each policy gains and loses against the reference: the figure to look at first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from partnersim.runs.experiment_reader import StoredExperiment
from partnersim.runs.wording import capitalised, metric_label, number, quantity, words
from partnersim.show.sheet import MARGIN, Sheet, wrapped
from partnersim.show.style import (
    BLUE,
    CLIMATE_MARKERS,
    GREY,
    INK,
    SHADE,
    VERMILION,
    quiet_axes,
)
from partnersim.show.verdicts import (
    INTERVAL,
    Tally,
    compared_metrics,
    finding,
    judged,
    tallied,
)

#: At most so many metrics stand side by side.
MOST_COLUMNS = 9
COLUMN_WIDTH, ROW_HEIGHT = 1.34, 0.185
#: Width in inches left of the columns for policies and climates.
LABELS = 2.5
#: Gap between two policies in rows.
GAP = 0.9


@dataclass(frozen=True)
class Layout:
    """Where things stand: rows in row heights (first row 0, downwards), the rest in inches."""

    heights: dict[tuple[str, str], float]
    lowest: float
    highest: float
    left: float
    bottom: float
    top: float

    def inches(self, height: float) -> float:
        """Return where a row stands on the page."""
        share = (height - self.lowest) / (self.highest - self.lowest)
        return self.bottom + share * (self.top - self.bottom)


def draw_comparison(stored: StoredExperiment, folder: Path) -> list[Path]:
    """Draw paired differences to the reference: a column per metric, a row per arm."""
    summary = stored.table("summary")
    reference = stored.manifest["reference"]
    others = [policy for policy in stored.policies if policy != reference]
    metrics = compared_metrics(summary, reference, MOST_COLUMNS)
    tallies = {policy: tallied(summary, policy, metrics) for policy in others}
    heights = row_heights(others, stored.climates)
    lowest, highest = min(heights.values()) - 0.9, 0.6
    sheet = Sheet(
        stored,
        MARGIN + LABELS + COLUMN_WIDTH * max(len(metrics), 4) + 0.12,
        1.2 + ROW_HEIGHT * (highest - lowest),
        title=finding(tallies, reference),
        subtitle=f"Difference to “{words(reference)}” in the same climate and with the same luck, "
        f"at the end of {summary['quarter'].iloc[0][:4]}. Blue, filled: better; orange, filled: "
        "worse; hollow grey: no clear difference. Under each policy: metrics that are better or "
        f"worse in every climate. Above a column: median of the reference in the climate "
        f"“{words(stored.climates[0])}”",
        bands="points: mean difference over runs, bars: its 95 % interval",
    )
    layout = Layout(heights, lowest, highest, MARGIN + LABELS, sheet.bottom + 0.25, sheet.top - 0.8)
    label_rows(sheet, layout, tallies)
    values = summary.set_index(["policy", "climate", "metric"]).sort_index()
    for place, metric in enumerate(metrics):
        left = layout.left + place * COLUMN_WIDTH
        axes = sheet.axes(left, layout.bottom, left + COLUMN_WIDTH - 0.16, layout.top)
        axes.set_ylim(lowest, highest)
        draw_metric(axes, values, metric, heights, stored.climates)
        base = values["median"].get((reference, stored.climates[0], metric), np.nan)
        label_column(sheet, left, layout.top, metric, f"{words(reference)}: ", float(base))
    return sheet.save(folder, "comparison")


def row_heights(policies: list[str], climates: list[str]) -> dict[tuple[str, str], float]:
    """Return the vertical place of every arm in rows; a gap separates policies."""
    rows = max(len(climates), 2)  # a policy's two lines of text need the room of two rows
    return {
        (policy, climate): -down * (rows + GAP) - across * rows / len(climates)
        for down, policy in enumerate(policies)
        for across, climate in enumerate(climates)
    }


def label_policy(sheet: Sheet, middle: float, policy: str, better: int, worse: int) -> None:
    """Write a policy, and on how many metrics it wins and loses, at a height in inches."""
    sheet.text(
        MARGIN,
        middle + 0.01,
        capitalised(words(policy)),
        fontweight="bold",
        fontsize=10,
        va="bottom",
    )
    sheet.text(
        MARGIN,
        middle - 0.01,
        f"{better} better, {worse} worse",
        fontsize=7.5,
        color=GREY,
        va="top",
    )


def label_rows(sheet: Sheet, layout: Layout, tallies: dict[str, Tally]) -> None:
    """Write policies, what they win and lose, and climates to the left of the columns."""
    for policy, tally in tallies.items():
        rows = {climate: at for (name, climate), at in layout.heights.items() if name == policy}
        middle = layout.inches((min(rows.values()) + max(rows.values())) / 2)
        label_policy(sheet, middle, policy, len(tally.better), len(tally.worse))
        for climate, at in rows.items():
            sheet.text(
                layout.left - 0.1,
                layout.inches(at),
                words(climate),
                fontsize=8.5,
                color=GREY,
                ha="right",
                va="center_baseline",
            )


def draw_metric(
    axes: Axes,
    values: pd.DataFrame,
    metric: str,
    heights: dict[tuple[str, str], float],
    climates: list[str],
) -> None:
    """Draw one column: a point and its interval per arm, coloured by better or worse."""
    better = metric_label(metric).better
    scale = 100.0 if metric_label(metric).unit == "%" else 1.0
    axes.axvline(0, color=INK, linewidth=1.0, zorder=1)
    for (policy, climate), height in heights.items():
        if (policy, climate, metric) not in values.index:
            continue
        row = values.loc[(policy, climate, metric), INTERVAL].to_numpy(dtype=np.float64)
        mean, low, high = (float(scale * value) for value in row)
        if np.isnan(mean):
            continue
        verdict = judged(mean, low, high, better)
        colour = {1: BLUE, -1: VERMILION, 0: GREY}[verdict]
        axes.plot([low, high], [height, height], color=colour, linewidth=2.2, zorder=2)
        axes.plot(
            mean,
            height,
            marker=CLIMATE_MARKERS[climates.index(climate) % len(CLIMATE_MARKERS)],
            color=colour,
            markerfacecolor=colour if verdict else "white",
            markersize=5.5,
            zorder=3,
        )
    reach = 1.06 * max(abs(end) for end in axes.get_xlim())
    axes.set_xlim(-reach, reach)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    mark = round_mark(reach)
    axes.set_xticks([-mark, 0, mark], [tick(value, mark) for value in (-mark, 0, mark)])
    quiet_axes(axes, grid="x")
    for policy in dict.fromkeys(policy for policy, _ in heights):
        mine = [height for (name, _), height in heights.items() if name == policy]
        axes.axhspan(min(mine) - 0.6, max(mine) + 0.6, color=SHADE, linewidth=0, zorder=0)
    label = metric_label(metric)
    if label.better:
        right = label.better == "more"
        axes.text(
            1.0 if right else 0.0,
            1.005,
            "better →" if right else "← better",
            transform=axes.transAxes,
            ha="right" if right else "left",
            va="bottom",
            fontsize=7.5,
            color=BLUE,
        )
    unit = "percentage points" if label.unit == "%" else label.unit
    if unit:
        axes.set_xlabel(unit, fontsize=7.5, labelpad=1)


def round_mark(reach: float) -> float:
    """Return the largest of 1, 2, 3, 4, 5, 6, 8, 10, 20 ... within four fifths of `reach`."""
    power = 10.0 ** np.floor(np.log10(0.8 * reach))
    return float(max(step * power for step in (1, 2, 3, 4, 5, 6, 8) if step <= 0.8 * reach / power))


def tick(value: float, mark: float) -> str:
    """Return a tick's number with its sign and the digits that the mark needs; zero has none."""
    if value == 0:
        return "0"
    return number(value, max(0, -int(np.floor(np.log10(mark)))), sign=True)


def label_column(
    sheet: Sheet, left: float, top: float, metric: str, whose: str, base: float
) -> None:
    """Write the metric's name and its value under the reference above a column."""
    lines = wrapped(metric_label(metric).heading, COLUMN_WIDTH - 0.12, 9.0, "bold")
    sheet.text(left, top + 0.38, "\n".join(lines), fontsize=9, fontweight="bold", va="bottom")
    sheet.text(
        left, top + 0.21, f"{whose}{quantity(metric, base)}", fontsize=7.5, color=GREY, va="bottom"
    )
