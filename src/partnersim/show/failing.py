"""Where a policy fails: boxes in the space of the uncertain factors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from partnersim.compare.box import Box, Range
from partnersim.compare.comparison import Comparison
from partnersim.compare.factors import factor_name, factor_value
from partnersim.compare.failing import Failing
from partnersim.runs.wording import NO_BREAK, capitalised, number, words
from partnersim.show.sheet import MARGIN, Sheet, widest
from partnersim.show.style import BLUE, GREY, INK, PALE, VERMILION, quiet_axes

PLOT, PANEL = 3.7, 4.2
ROW_HEIGHT, HEAD = 0.52, 0.42
#: Width in inches of the ranges and bars on the left, and of the gap before the scatter.
RANGES, GAP = 3.4, 1.45
#: Height of the bar of a policy, in inches.
BAR = 0.21
#: How to read the page, by whether there are boxes.
READING = {
    True: "Left: each box is a set of conditions under which failures crowd; thick bar: the limits "
    "of the box within the full range. Right: every sampled future, crosses fail; frame: the "
    "first box",
    False: "Right: every sampled future by the two strongest factors, crosses fail",
}


def draw_failing(comparison: Comparison, folder: Path) -> list[Path]:
    """Draw the boxes' limits against the full ranges, and the futures in the first box's plane."""
    found = comparison.failing
    rows = sum(len(box.limits) for box in found.boxes)
    boxes = rows * ROW_HEIGHT + len(found.boxes) * HEAD + 0.2
    body = max(PANEL, boxes + HEAD + BAR * len(found.shares) + 0.2)
    labels = label_room(found)
    scatter = MARGIN + labels + RANGES + GAP
    sheet = Sheet(
        comparison,
        scatter + PLOT + MARGIN,
        body,
        title=found.sentence,
        subtitle=f"Failing: {found.rule}. {READING[bool(found.boxes)]}",
        bands="coverage: share of all failures that lie in the box; density: share of futures in "
        f"the box that fail (boxes found by {found.method})"
        if found.boxes
        else "futures: means over replicates",
    )
    draw_limits(sheet, found, MARGIN + labels)
    draw_shares(sheet, found, MARGIN + labels, sheet.top - boxes)
    bottom = sheet.top - PANEL
    axes = sheet.axes(scatter, bottom + 0.5, sheet.width - MARGIN, sheet.top - 0.35)
    across, up = plane(comparison)
    draw_futures(axes, found, across, up)
    return sheet.save(folder, "failing")


def label_room(found: Failing) -> float:
    """Return the width in inches that factors and policies need left of ranges and bars."""
    names = [capitalised(factor_name(path)) for box in found.boxes for path in box.limits]
    policies = [capitalised(words(policy)) for policy in found.shares]
    return max(1.2, widest(names, 9), widest(policies, 8.5)) + 0.15


def draw_limits(sheet: Sheet, found: Failing, left: float) -> None:
    """Draw every box as rows: a factor's full range and the part that the box takes."""
    at = sheet.top - 0.1
    for order, box in enumerate(found.boxes, start=1):
        sheet.text(
            MARGIN,
            at,
            f"Box {order}: coverage {number(100 * box.coverage)}{NO_BREAK}%, density "
            f"{number(100 * box.density)}{NO_BREAK}%, {number(box.cases)} futures",
            fontsize=9.5,
            fontweight="bold",
            va="top",
        )
        at -= HEAD
        for path, limit in box.limits.items():
            axes = sheet.axes(left, at - ROW_HEIGHT + 0.08, left + RANGES, at - 0.06)
            draw_limit(axes, found, path, limit)
            sheet.text(
                left - 0.1,
                at - 0.5 * ROW_HEIGHT + 0.06,
                capitalised(factor_name(path)),
                fontsize=9,
                ha="right",
                va="center_baseline",
            )
            at -= ROW_HEIGHT


def draw_shares(sheet: Sheet, found: Failing, left: float, top: float) -> None:
    """Draw in how many futures every policy fails, the one that fails least on top."""
    sheet.text(
        MARGIN,
        top,
        "Share of futures in which a policy fails",
        fontsize=9.5,
        fontweight="bold",
        va="top",
    )
    policies = sorted(found.shares, key=lambda policy: found.shares[policy])
    shares = [100 * found.shares[policy] for policy in policies]
    bottom = top - HEAD + 0.1 - BAR * len(policies)
    axes = sheet.axes(left, bottom, left + RANGES, top - HEAD + 0.1)
    colours = [VERMILION if policy == found.policy else PALE for policy in policies]
    axes.barh(range(len(policies)), shares, height=0.7, color=colours)
    for place, share in enumerate(shares):
        axes.text(share, place, f" {number(share)}{NO_BREAK}%", fontsize=8, va="center_baseline")
    axes.set_ylim(len(policies) - 0.5, -0.5)
    axes.set_xlim(0, 1.3 * max(*shares, 1.0))
    axes.set_xticks([])
    axes.set_yticks(range(len(policies)), [capitalised(words(policy)) for policy in policies])
    axes.tick_params(axis="y", labelcolor=INK, labelsize=8.5)
    quiet_axes(axes, grid="")
    for spine in axes.spines.values():
        spine.set_visible(False)


def draw_limit(axes: Axes, found: Failing, path: str, limit: Range | tuple[str, ...]) -> None:
    """Draw one factor's full range in grey and the box's part of it in colour."""
    axes.set_ylim(-1.1, 1)
    axes.set_yticks([])
    quiet_axes(axes, grid="")
    for spine in axes.spines.values():
        spine.set_visible(False)
    if not isinstance(limit, Range):
        options = sorted({str(value) for value in found.futures[path]})
        axes.set_xlim(0, len(options))
        axes.set_xticks([])
        for place, option in enumerate(options):
            taken = option in {str(name) for name in limit}
            axes.barh(0.35, 0.94, 0.5, place + 0.03, color=VERMILION if taken else PALE)
            axes.text(
                place + 0.5,
                -0.12,
                words(option),
                fontsize=7.5,
                ha="center",
                va="top",
                color=INK if taken else GREY,
                fontweight="bold" if taken else "normal",
            )
        return
    least, most = found.factors.spans[path]
    low = least if limit.low is None else limit.low
    high = most if limit.high is None else limit.high
    axes.set_xlim(least, most)
    axes.barh(0.35, most - least, 0.16, least, color=PALE)
    axes.barh(0.35, high - low, 0.5, low, color=VERMILION)
    axes.set_xticks([])
    span = most - least
    ends = [(least, "left", GREY), (most, "right", GREY)]
    inner = [(bound, "center", INK) for bound in (limit.low, limit.high) if bound is not None]
    for value, side, colour in inner:
        axes.text(
            value,
            -0.12,
            factor_value(value, span),
            fontsize=7.5,
            ha=side,
            va="top",
            color=colour,
            fontweight="bold",
        )
    for value, side, colour in ends:
        if all(abs(value - bound) > 0.16 * span for bound, _, _ in inner):
            axes.text(
                value,
                -0.12,
                factor_value(value, span),
                fontsize=7.5,
                ha=side,
                va="top",
                color=colour,
            )


def plane(comparison: Comparison) -> tuple[str, str]:
    """Return the two factors to show: those of the first box, then the strongest drivers."""
    boxes = comparison.failing.boxes
    mine = list(boxes[0].limits) if boxes else []
    own = max(2, len(mine))
    mine += [str(name) for name in comparison.drivers(comparison.focus).indices["factor"]]
    numeric = set(comparison.failing.factors.numeric)
    ordered = list(dict.fromkeys(mine))
    # A number shows more than a choice, but the box's own factors come first.
    chosen = sorted(ordered[:own], key=lambda path: path not in numeric)[:2]
    return chosen[0], chosen[-1]


def draw_futures(axes: Axes, found: Failing, across: str, up: str) -> None:
    """Draw every future as a cross (fails) or a ring, and the first box as a frame."""
    x, y = (positions(found, path) for path in (across, up))
    fails = found.fails
    axes.plot(
        x[~fails],
        y[~fails],
        linestyle="",
        marker="o",
        markersize=4.5,
        markerfacecolor="white",
        color=GREY,
        label="holds",
        zorder=2,
    )
    axes.plot(
        x[fails],
        y[fails],
        linestyle="",
        marker="X",
        markersize=7,
        color=VERMILION,
        markeredgecolor="white",
        markeredgewidth=0.5,
        label="fails",
        zorder=3,
    )
    for path, name in ((across, "x"), (up, "y")):
        axis = axes.xaxis if name == "x" else axes.yaxis
        limits = axes.set_xlim if name == "x" else axes.set_ylim
        if path in found.factors.spans:
            least, most = found.factors.spans[path]
            room = 0.04 * (most - least)
            limits(least - room, most + room)
            marks = [mark for mark in axis.get_ticklocs() if least - room <= mark <= most + room]
            axis.set_ticks(marks)
        else:
            options = sorted({str(value) for value in found.futures[path]})
            axis.set_ticks(range(len(options)), [words(option) for option in options])
            limits(-0.6, len(options) - 0.4)
        unit = found.factors.units.get(path, "")
        axis.set_label_text(
            f"{capitalised(factor_name(path))}{f', {unit}' if unit else ''}", color=INK
        )
    quiet_axes(axes)
    if found.boxes:
        draw_frames(axes, found, found.boxes[0], across, up)
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1, 1.0),
        ncols=2,
        frameon=False,
        fontsize=9,
        borderaxespad=0.1,
    )


def positions(found: Failing, path: str) -> np.ndarray:
    """Return where futures stand along a factor; a choice is spread a little by future."""
    column = found.futures[path]
    if path in found.factors.spans:
        return column.to_numpy(dtype=np.float64)
    options = sorted({str(value) for value in column})
    place = column.astype(str).map({option: at for at, option in enumerate(options)})
    # A golden step spreads neighbours evenly and is the same every time.
    shift = np.modf(np.arange(len(column)) * 0.618034)[0] - 0.5
    return place.to_numpy(dtype=np.float64) + 0.6 * shift


def draw_frames(axes: Axes, found: Failing, box: Box, across: str, up: str) -> None:
    """Draw the box in the plane; a choice of options apart gives several frames."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    for x0, x1 in stretches(found, box, across, left, right):
        for y0, y1 in stretches(found, box, up, low, high):
            axes.add_patch(
                Rectangle(
                    (x0, y0), x1 - x0, y1 - y0, fill=True, fc=BLUE, alpha=0.09, lw=0, zorder=1
                )
            )
            axes.add_patch(
                Rectangle((x0, y0), x1 - x0, y1 - y0, fill=False, ec=BLUE, lw=1.6, zorder=4)
            )


def stretches(
    found: Failing, box: Box, path: str, low: float, high: float
) -> list[tuple[float, float]]:
    """Return the stretches of an axis that the box takes."""
    room = 0.01 * (high - low)
    limit = box.limits.get(path)
    if limit is None:
        return [(low + room, high - room)]
    if isinstance(limit, Range):
        return [
            (
                low + room if limit.low is None else limit.low,
                high - room if limit.high is None else limit.high,
            )
        ]
    options = sorted({str(value) for value in found.futures[path]})
    return [(options.index(str(name)) - 0.4, options.index(str(name)) + 0.4) for name in limit]
