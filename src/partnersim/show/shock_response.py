"""What one shock does: runs with it minus the same runs without it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from partnersim.runs.experiment_reader import StoredExperiment
from partnersim.runs.wording import (
    NO_BREAK,
    capitalised,
    inside_sentence,
    metric_label,
    number,
    words,
)
from partnersim.show.sheet import MARGIN, Sheet
from partnersim.show.style import BLUE, GREY, VERMILION, quiet_axes

#: The first of these metrics that exists is drawn.
METRICS = ("partner_value", "instruments")
MOST_COLUMNS = 4
ROW_HEIGHT = 1.7


def draw_shock_response(stored: StoredExperiment, folder: Path) -> list[Path]:
    """Draw one panel per shock type, the most harmful first, all on one scale."""
    table = stored.table("response")
    metric = next(name for name in METRICS if name in set(table["metric"]))
    policy, climate = table["policy"].iloc[0], table["climate"].iloc[0]
    curves = relative_curves(table, metric, str(policy), str(climate))
    order = sorted(curves, key=lambda shock: peak(curves[shock])[1])
    columns = min(MOST_COLUMNS, len(order))
    rows = -(-len(order) // columns)
    title = inside_sentence(metric_label(metric).title)
    sheet = Sheet(
        stored,
        11.0,
        ROW_HEIGHT * rows + 0.1,
        title=finding(curves, order, title),
        subtitle=f"Change of {title} in percent of what it would be without the shock, by quarters "
        f"since the shock: runs in which it strikes every partner at full strength minus the same "
        f"runs without it, under "
        f"“{words(str(policy))}” in a {words(str(climate))} climate",
        bands="line: mean of paired differences, band: its 95 % interval",
    )
    left, right, bottom, top = MARGIN + 0.45, sheet.width - 0.1, sheet.bottom + 0.1, sheet.top
    column, row = (right - left) / columns, (top - bottom) / rows
    everything = np.concatenate([curve.to_numpy().ravel() for curve in curves.values()])
    low, high = min(0.0, np.nanmin(everything)), max(0.0, np.nanmax(everything))
    room = 0.1 * (high - low) or 1.0
    for place, shock in enumerate(order):
        across, down = place % columns, place // columns
        axes = sheet.axes(
            left + across * column,
            top - (down + 1) * row + 0.22,
            left + (across + 1) * column - 0.25,
            top - down * row - 0.42,
        )
        axes.set_ylim(low - room, high + room)
        draw_curve(axes, curves[shock])
        axes.set_title(
            capitalised(words(shock)), loc="left", fontweight="bold", fontsize=9.5, pad=17
        )
        if across:
            axes.set_yticklabels([])
    return sheet.save(folder, "shock_response")


def relative_curves(
    table: pd.DataFrame, metric: str, policy: str, climate: str
) -> dict[str, pd.DataFrame]:
    """Return per shock the response in percent of the level without it, indexed by quarters."""
    here = table[
        (table["metric"] == metric) & (table["policy"] == policy) & (table["climate"] == climate)
    ]
    curves = {}
    for shock, rows in here.groupby("shock", observed=True):
        sorted_rows = rows.set_index("quarters_since").sort_index()
        columns = sorted_rows[["difference", "low", "high"]]
        curves[str(shock)] = 100 * columns.div(sorted_rows["unstruck"], axis=0)
    return curves


def draw_curve(axes: Axes, curve: pd.DataFrame) -> None:
    """Draw a response with its band and name its peak."""
    since = curve.index.to_numpy(dtype=float)
    moment, depth = peak(curve)
    colour = VERMILION if depth < 0 else BLUE
    axes.axhline(0, color=GREY, linewidth=0.8)
    axes.axvline(0, color=GREY, linewidth=0.8, linestyle=(0, (2, 2)))
    axes.fill_between(since, curve["low"], curve["high"], color=colour, alpha=0.25, linewidth=0)
    axes.plot(since, curve["difference"], color=colour, linewidth=1.8)
    axes.plot(moment, depth, marker="o", color=colour, markersize=4, clip_on=False)
    axes.set_xlim(since[0], since[-1])
    axes.annotate(
        f"{percent(depth)} {when(moment)}",
        (0, 1),
        xycoords="axes fraction",
        xytext=(0, 4),
        textcoords="offset points",
        fontsize=8.5,
        color=GREY,
    )
    low, high = axes.get_ylim()
    axes.set_xticks(np.arange(0, since[-1] + 1, 8 if since[-1] > 16 else 4))
    decimals = 1 if high - low < 5 else 0
    axes.yaxis.set_major_formatter(lambda value, _: f"{number(value, decimals)} %")
    axes.locator_params(axis="y", nbins=4)
    quiet_axes(axes)


def peak(curve: pd.DataFrame) -> tuple[int, float]:
    """Return when the mean response is farthest from zero, and how far."""
    moment = curve["difference"].abs().idxmax()
    return int(moment), float(curve.loc[moment, "difference"])


def when(quarters: int) -> str:
    """Return a number of quarters in words."""
    return "at once" if quarters == 0 else f"after {quarters} quarter{'s' if quarters > 1 else ''}"


def percent(value: float) -> str:
    """Return a relative change with its sign."""
    return f"{number(value, 1, sign=True)}{NO_BREAK}%"


def finding(curves: dict[str, pd.DataFrame], order: list[str], title: str) -> str:
    """Say which shock does most harm, when, and what is left of it at the end."""
    worst = order[0]
    moment, depth = peak(curves[worst])
    last = curves[worst]["difference"]
    return (
        f"“{capitalised(words(worst))}” takes most from {title}: {percent(depth)} {when(moment)}, "
        f"{percent(float(last.iloc[-1]))} still after {last.index[-1]} quarters"
    )
