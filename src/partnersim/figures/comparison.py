"""What each policy gains and loses against the reference: the figure to look at first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from partnersim.figures.sheet import MARGIN, Sheet, wrapped
from partnersim.figures.style import (
    BLUE,
    CLIMATE_MARKERS,
    GREY,
    INK,
    SHADE,
    VERMILION,
    quiet_axes,
)
from partnersim.store import MAIN_METRICS, StoredExperiment, metric_label, number, quantity
from partnersim.store.wording import capitalised, inside_sentence, words

#: At most so many metrics stand side by side.
MOST_COLUMNS = 8
ROW_HEIGHT = 0.185
#: Width in inches left of the columns for policies and climates.
LABELS = 2.5


def draw_comparison(stored: StoredExperiment, folder: Path) -> list[Path]:
    """Draw paired differences to the reference: a column per metric, a row per arm."""
    summary = stored.table("summary")
    reference = stored.manifest["reference"]
    others = [policy for policy in stored.policies if policy != reference]
    metrics = compared_metrics(summary, reference)
    climates = stored.climates
    rows = [(policy, climate) for policy in others for climate in climates]
    quarter = str(summary["quarter"].iloc[0])
    values = summary.set_index(["policy", "climate", "metric"]).sort_index()
    sheet = Sheet(
        stored,
        MARGIN + LABELS + 0.12 + 1.42 * len(metrics),
        2.35 + ROW_HEIGHT * (len(rows) + 0.9 * len(others)),
        title=finding(summary, reference, others, metrics),
        subtitle=f"Difference to “{words(reference)}” in the same climate and with the same luck, "
        f"at the end of {quarter[:4]}. Blue, filled: better; orange, filled: worse; hollow grey: "
        "no clear difference, or "
        "neither is better. Under a policy: metrics that are better or worse in every climate",
        bands="points: mean difference over runs, bars: its 95 % interval",
    )
    left, top = MARGIN + LABELS, sheet.top - 0.85
    column = (sheet.width - 0.12 - left) / len(metrics)
    heights = row_heights(others, climates)
    low = min(heights.values()) - 0.9
    label_rows(sheet, others, climates, heights, low, top, left, tally(summary, others, metrics))
    for place, metric in enumerate(metrics):
        axes = sheet.axes(
            left + place * column, sheet.bottom + 0.25, left + (place + 1) * column - 0.16, top
        )
        axes.set_ylim(low, 0.6)
        draw_metric(axes, values, metric, heights, climates)
        label_column(sheet, axes, values, metric, reference, climates[0], column, place, left, top)
    return sheet.save(folder, "comparison")


def compared_metrics(summary: pd.DataFrame, reference: str) -> list[str]:
    """Return the main metrics in which anything differs from the reference, in their order."""
    others = summary[(summary["policy"] != reference) & (summary["difference"].abs() > 0)]
    differing = set(others["metric"])
    chosen = [metric for metric in MAIN_METRICS if metric in differing]
    return chosen[:MOST_COLUMNS]


def row_heights(policies: list[str], climates: list[str]) -> dict[tuple[str, str], float]:
    """Return the vertical place of every arm; a gap separates policies."""
    heights = {}
    height = 0.0
    for policy in policies:
        for climate in climates:
            heights[policy, climate] = height
            height -= 1.0
        height -= 0.9
    return heights


def label_rows(
    sheet: Sheet,
    policies: list[str],
    climates: list[str],
    heights: dict[tuple[str, str], float],
    low: float,
    top: float,
    left: float,
    tallies: tuple[dict[str, list[str]], dict[str, list[str]]],
) -> None:
    """Write policies, what they win and lose, and climates to the left of the columns."""
    gains, losses = tallies
    bottom = sheet.bottom + 0.25

    def inches(height: float) -> float:
        return bottom + (height - low) / (0.6 - low) * (top - bottom)

    for policy in policies:
        middle = np.mean([heights[policy, climate] for climate in climates])
        sheet.text(
            MARGIN,
            inches(float(middle)) + 0.01,
            capitalised(words(policy)),
            fontweight="bold",
            fontsize=10,
            va="bottom",
        )
        sheet.text(
            MARGIN,
            inches(float(middle)) - 0.01,
            f"{len(gains[policy])} better, {len(losses[policy])} worse",
            fontsize=7.5,
            color=GREY,
            va="top",
        )
        for climate in climates:
            sheet.text(
                left - 0.1,
                inches(heights[policy, climate]),
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
        row = scale * values.loc[
            (policy, climate, metric), ["difference", "difference_low", "difference_high"]
        ].astype(float)
        mean, low, high = row.to_numpy()
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
    reach = max(abs(end) for end in axes.get_xlim())
    axes.set_xlim(-reach, reach)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    mark = round_mark(reach)
    axes.set_xticks([-mark, 0, mark], [tick(value, mark) for value in (-mark, 0, mark)])
    quiet_axes(axes, grid="x")
    for policy in {policy for policy, _ in heights}:
        mine = [height for (name, _), height in heights.items() if name == policy]
        axes.axhspan(min(mine) - 0.6, max(mine) + 0.6, color=SHADE, linewidth=0, zorder=0)


def judged(mean: float, low: float, high: float, better: str) -> int:
    """Return 1 if clearly better than the reference, -1 if clearly worse, 0 otherwise."""
    if not better or not (low > 0 or high < 0):
        return 0
    return 1 if (mean > 0) == (better == "more") else -1


def round_mark(reach: float) -> float:
    """Return the largest of 1, 2, 3, 4, 5, 6, 8, 10, 20 ... within four fifths of `reach`."""
    power = 10.0 ** np.floor(np.log10(0.8 * reach))
    return float(max(step * power for step in (1, 2, 3, 4, 5, 6, 8) if step <= 0.8 * reach / power))


def tick(value: float, mark: float) -> str:
    """Return a tick's number with its sign and the digits that the mark needs."""
    return number(value, max(0, -int(np.floor(np.log10(mark)))), sign=True)


def label_column(
    sheet: Sheet,
    axes: Axes,
    values: pd.DataFrame,
    metric: str,
    reference: str,
    climate: str,
    column: float,
    place: int,
    left: float,
    top: float,
) -> None:
    """Write the metric's name, its value under the reference, and which side is better."""
    label = metric_label(metric)
    lines = wrapped(sheet.canvas, label.title, column - 0.2, 9.0, "bold")
    x = left + place * column
    sheet.text(x, top + 0.42, "\n".join(lines), fontsize=9, fontweight="bold", va="bottom")
    if (reference, climate, metric) in values.index:
        base = float(values.loc[(reference, climate, metric), "median"])
        sheet.text(
            x,
            top + 0.24,
            f"{words(reference)}: {quantity(metric, base)}",
            fontsize=7.5,
            color=GREY,
            va="bottom",
        )
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


def finding(summary: pd.DataFrame, reference: str, others: list[str], metrics: list[str]) -> str:
    """Say what each policy clearly wins and loses, or that none wins everywhere."""
    gains, losses = tally(summary, others, metrics)
    climates = summary["climate"].nunique()
    clean = [policy for policy in others if gains[policy] and not losses[policy]]
    if clean:
        text = (
            f"“{words(clean[0])}” beats “{words(reference)}” somewhere and loses nowhere on "
            f"these {len(metrics)} metrics"
        )
    else:
        text = f"No policy beats “{words(reference)}” without losing somewhere else"
    best = max(others, key=lambda policy: len(gains[policy]) - len(losses[policy]))
    if not gains[best] and not losses[best]:
        return f"No policy differs clearly from “{words(reference)}” in all {climates} climates"
    details = []
    if gains[best]:
        details.append(f"better on {named(gains[best])}")
    if losses[best]:
        details.append(f"worse on {named(losses[best])}")
    return f"{text}: “{words(best)}” is {', but '.join(details)}"


def named(metrics: list[str]) -> str:
    """Return up to two metrics in words."""
    return " and ".join(inside_sentence(metric_label(metric).title) for metric in metrics[:2])


def tally(
    summary: pd.DataFrame, policies: list[str], metrics: list[str]
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return per policy the metrics that are clearly better, and worse, in every climate."""
    gains: dict[str, list[str]] = {policy: [] for policy in policies}
    losses: dict[str, list[str]] = {policy: [] for policy in policies}
    for (policy, metric), rows in summary.groupby(["policy", "metric"], observed=True):
        if policy not in gains or metric not in metrics:
            continue
        verdicts = {
            judged(mean, low, high, metric_label(str(metric)).better)
            for mean, low, high in rows[
                ["difference", "difference_low", "difference_high"]
            ].to_numpy()
        }
        if verdicts == {1}:
            gains[str(policy)].append(str(metric))
        if verdicts == {-1}:
            losses[str(policy)].append(str(metric))
    for chosen in (gains, losses):
        for policy in policies:
            chosen[policy].sort(key=metrics.index)
    return gains, losses
