"""What shocks do: runs with a shock minus the same runs without it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from partnersim.compare.comparison import Comparison
from partnersim.compare.labels import NO_BREAK, metric_label, number, words
from partnersim.compare.resilience import resilience
from partnersim.compare.words import called, opening, titled
from partnersim.runs.reader import Runs
from partnersim.show import marks
from partnersim.show.comparison import round_mark
from partnersim.show.growth import climates_of
from partnersim.show.sheet import GREY, INK, Sheet, caption, width_of

#: What `draw_shock_response` draws.
RESPONDING = "partner_value"
#: Columns of `draw_shock_resilience`, the first ranks the shocks; the last one, what it says of
#: recovery.
LOSING = ("instruments", "depth_mean", "partner_value", "links")
MOST_COLUMNS, COLUMN_WIDTH = 4, 2.1
#: Smaller losses, in percent, are not worth a word.
SMALL = 1.0


def draw_shock_response(comparison: Comparison) -> Sheet:
    """Draw one panel per shock, the most harmful first, all on one scale."""
    table = comparison.runs.shock_response([RESPONDING]).set_index("quarters_since").sort_index()
    shares = 100 * table[["difference", "low", "high"]].div(table["unstruck"], axis=0)
    by_shock = shares.groupby(table["shock"], observed=True)
    curves = {str(shock): curve for shock, curve in by_shock}
    order = sorted(curves, key=lambda shock: curves[shock]["difference"].min())
    columns = min(MOST_COLUMNS, len(order))
    rows = -(-len(order) // columns)
    sheet = Sheet(
        comparison,
        max(7.5, 2.7 * columns),
        1.75 * rows + 0.1,
        title=response_finding(curves, order, titled(RESPONDING)),
        **caption(
            "shock_response", metric=titled(RESPONDING), where=circumstances(comparison.runs)
        ),
    )
    panels = sheet.panels(rows, columns, sharex=True, sharey=True).ravel()
    for axes, shock in zip(panels, order, strict=False):
        curve = curves[shock]
        moment, depth = peak(curve)
        colour = marks.VERMILION if depth < 0 else marks.BLUE
        axes.axhline(0, color=GREY, lw=0.8)
        axes.axvline(0, color=GREY, lw=0.8, linestyle=(0, (2, 2)))
        axes.fill_between(curve.index, curve["low"], curve["high"], color=colour, alpha=0.25, lw=0)
        axes.plot(curve["difference"], color=colour, lw=1.8)
        axes.plot(moment, depth, marker="o", color=colour, markersize=4)
        axes.set_title(marks.named(shock, 2.2, 9.5, "bold"), pad=14)
        axes.text(0, 1.02, f"{percent(depth)} {when(moment)}", transform=axes.transAxes, color=GREY)
        axes.yaxis.set_major_formatter(
            lambda value, _: f"{number(value, 0 if value == round(value) else 1)}{NO_BREAK}%"
        )
        axes.locator_params(nbins=4)
        axes.locator_params(axis="x", integer=True)
        marks.quiet_axes(axes, "y")
    for axes in panels[len(order) :]:
        axes.remove()
    return sheet


def circumstances(runs: Runs) -> str:
    """Say under which policy, in which climate, shocks were tested: the first ones."""
    return f"under {called(runs.policies[0])} in a {words(climates_of(runs)[0])} climate"


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


def response_finding(curves: dict[str, pd.DataFrame], order: list[str], title: str) -> str:
    """Say which shock does most harm, when, and what is seen of it at the end."""
    curve = curves[order[0]]
    moment = curve["difference"].idxmin()
    worst, end, last = curve.loc[moment], curve.index[-1], curve.iloc[-1]
    if not worst["high"] < 0:
        return f"No shock that was tested is seen to take anything from {title}"
    left = f"{percent(float(last['difference']))} still" if last["high"] < 0 else "none of it seen"
    return (
        f"{opening(called(order[0]))} takes most from {title}: "
        f"{percent(float(worst['difference']))} {when(int(moment))}, {left} after {end} quarters"
    )


def draw_shock_resilience(comparison: Comparison) -> Sheet:
    """Draw what shocks take at worst and for good: a column per measure, a row per shock."""
    losses = resilience(comparison.runs.shock_response(LOSING), list(LOSING))
    by_measure = {name: rows.set_index("shock") for name, rows in losses.groupby("measure")}
    shocks = by_measure[LOSING[0]].sort_values("loss", ascending=False).index
    names = [marks.named(shock, 2.2) for shock in shocks]
    years = number(float(losses["followed"].iloc[0]) / 4)
    widest = max(width_of(name, 8.5) for name in names)
    sheet = Sheet(
        comparison,
        max(7.5, 0.7 + widest + COLUMN_WIDTH * len(LOSING)),
        0.27 * len(shocks) + 0.8,
        title=resilience_finding(by_measure, years),
        **caption("shock_resilience", where=circumstances(comparison.runs), years=years),
    )
    panels = sheet.panels(1, len(LOSING), sharey=True)[0]
    for axes, measure in zip(panels, LOSING, strict=True):
        draw_losses(axes, by_measure[measure].loc[shocks])
        marks.head_column(axes, metric_label(measure).title.split(",")[0], COLUMN_WIDTH - 0.3)
    marks.label_rows(panels[0], names)
    return sheet


def draw_losses(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw one column: losses at worst and at the end, a row per shock."""
    worst, end = rows["loss"].to_numpy(), rows["lost_at_end"].to_numpy()
    places = np.arange(len(rows))
    for down in places[::2]:
        axes.axhspan(down - 0.5, down + 0.5, color=marks.SHADE, linewidth=0, zorder=0)
    orange = marks.VERMILION
    pale = np.where(rows["loss_low"] > 0, orange, GREY)
    sides = np.select([rows["end_low"] > 0, rows["end_high"] < 0], [orange, marks.BLUE], GREY)
    axes.barh(places, np.maximum(worst, 0), height=0.72, color=pale, alpha=0.35, zorder=2)
    axes.barh(places, end, height=0.36, color=sides, zorder=3)
    large = np.flatnonzero(worst > SMALL)
    ends = (rows[name].iloc[large] for name in ("loss_low", "loss_high"))
    axes.hlines(large, *ends, color=INK, linewidth=0.9, zorder=4)
    for down in large:
        row = rows.iloc[down]
        back = "∞" if np.isnan(row["half_back"]) else number(row["half_back"])
        marks.write_beside(axes, back, max(row["loss_high"], row["loss"]), float(down))
    axes.axvline(0, color=INK, linewidth=0.8, zorder=4)
    reach = float(np.nanmax([*rows["loss_high"], *worst, 1.0]))
    axes.set_xlim(min(1.15 * float(end.min()), 0.0), 1.2 * reach)
    ticks = (0, round_mark(reach))
    axes.set_xticks(ticks, [f"{number(value)}{NO_BREAK}%" for value in ticks])
    marks.quiet_axes(axes, "x")


def resilience_finding(losses: dict[str, pd.DataFrame], years: str) -> str:
    """Say which shock takes most, and where its trace stays longest."""
    first, slowest = LOSING[0], LOSING[-1]
    worst = losses[first].sort_index()["loss"].idxmax()
    most = losses[first].loc[worst]
    text = f"No shock is seen to take {titled(first)}"
    if most["loss_low"] > 0:
        lost = f"{number(most['loss'])}{NO_BREAK}% at worst"
        text = f"{opening(called(worst))} takes most {titled(first)} ({lost})"
    breaker = losses[slowest].sort_index()["loss"].idxmax()
    left = losses[slowest].loc[breaker]
    if not left["loss_low"] > 0:
        return f"{text}; none is seen to break links"
    if left["loss"] < 0.5:
        return f"{text}; hardly any link breaks"
    return (
        f"{text}; {called(breaker)} breaks most links ({number(left['loss'])}{NO_BREAK}%), and "
        f"{years} years later {number(left['lost_at_end'])}{NO_BREAK}% are still missing"
    )
