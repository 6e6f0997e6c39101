"""Where a policy fails: boxes in the space of the uncertain factors."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.patches import Rectangle

from partnersim.compare.box import Box, Range
from partnersim.compare.comparison import Comparison
from partnersim.compare.factors import factor_name, factor_value
from partnersim.compare.failing import Failing
from partnersim.compare.labels import capitalised, number, words
from partnersim.compare.words import percent
from partnersim.show.sheet import BLUE, GREY, INK, PALE, VERMILION, Sheet, fold, quiet_axes

LABELS, PANEL = 2.6, 4.2
#: How to read the page, by whether there are boxes.
READING = {
    True: "Left: each box is a set of conditions under which failures crowd; orange: the part of a "
    "factor's range that the box takes. Right: every sampled future, crosses fail; frame: the "
    "first box",
    False: "Right: every sampled future by the two strongest factors, crosses fail",
}


def draw_failing(comparison: Comparison) -> Sheet:
    """Draw boxes of failures within the full ranges, shares by policy, and all futures."""
    found = comparison.failing
    rows = sum(len(box.limits) + 1 for box in found.boxes)
    heights = [0.42 * rows, 0.24 * len(found.shares) + 0.3]
    sheet = Sheet(
        comparison,
        LABELS + 2.6 + PANEL + 0.9,
        max(PANEL, sum(heights) + 0.5),
        title=found.sentence,
        subtitle=f"Failing: {found.rule}. {READING[bool(found.boxes)]}",
        bands="coverage: share of all failures that lie in the box; density: share of futures in "
        f"the box that fail (boxes found by {found.method})"
        if found.boxes
        else "futures: means over replicates",
    )
    drawn = ["limits", "shares"] if found.boxes else ["shares"]
    panels = sheet.figure.subplot_mosaic(
        [[name, "futures"] for name in drawn],
        height_ratios=heights[-len(drawn) :],
        width_ratios=[2.6, PANEL],
    )
    if found.boxes:
        draw_limits(panels["limits"], found)
    draw_shares(panels["shares"], found)
    draw_futures(panels["futures"], found, *plane(comparison))
    return sheet


def draw_limits(axes: Axes, found: Failing) -> None:
    """Draw a row per limit of every box: the part that it takes of the factor's range."""
    labels: list[str] = []
    heads = []
    for order, box in enumerate(found.boxes, start=1):
        heads.append(len(labels))
        labels.append(f"Box {order}: {number(box.cases)} futures")
        coverage, density = percent(box.coverage), percent(box.density)
        shares = f"coverage {coverage}, density {density}"
        axes.text(0, heads[-1], shares, va="center", fontsize=8)
        for path, limit in box.limits.items():
            axes.barh(len(labels), 1, 0.16, color=PALE)
            for low, high in shares_of(found, path, limit):
                axes.barh(len(labels), high - low, 0.45, low, color=VERMILION)
            span = found.factors.spans.get(path)
            ends = [factor_value(end, span[1] - span[0]) for end in span] if span else []
            whole = f"\n({' to '.join(ends)})" if ends else ""
            name = fold(capitalised(found.factors.limit(path, limit)), LABELS, 8)
            labels.append(name + whole)
    axes.set_yticks(range(len(labels)), labels, color=INK)
    for head in heads:
        axes.get_yticklabels()[head].set_fontweight("bold")
    axes.set(ylim=(len(labels) - 0.4, -0.6), xlim=(0, 1), xticks=[])
    quiet_axes(axes)


def shares_of(
    found: Failing, path: str, limit: Range | tuple[str, ...]
) -> list[tuple[float, float]]:
    """Return the stretches of a factor's range, as shares of it, that a limit takes."""
    if not isinstance(limit, Range):
        options = options_of(found, path)
        taken = [options.index(str(name)) for name in limit]
        return [(place / len(options), (place + 1) / len(options)) for place in taken]
    least, most = found.factors.spans[path]
    low, high = (
        (least if limit.low is None else limit.low),
        (most if limit.high is None else limit.high),
    )
    return [((low - least) / (most - least), (high - least) / (most - least))]


def options_of(found: Failing, path: str) -> list[str]:
    """Return the options of a factor that is a choice."""
    return sorted({str(value) for value in found.futures[path]})


def draw_shares(axes: Axes, found: Failing) -> None:
    """Draw in how many futures every policy fails, the one that fails least on top."""
    policies = sorted(found.shares, key=lambda policy: found.shares[policy])
    shares = [100 * found.shares[policy] for policy in policies]
    colours = [VERMILION if policy == found.policy else PALE for policy in policies]
    bars = axes.barh(range(len(policies)), shares, height=0.7, color=colours)
    axes.bar_label(bars, [percent(share / 100) for share in shares], padding=3)
    axes.set_yticks(
        range(len(policies)),
        [fold(capitalised(words(policy)), LABELS) for policy in policies],
        color=INK,
    )
    axes.set(ylim=(len(policies) - 0.5, -0.5), xlim=(0, 1.25 * max(*shares, 1.0)), xticks=[])
    axes.set_title(f"Share of {found.noun}s in which a policy fails", loc="center", fontsize=9)
    quiet_axes(axes)


def plane(comparison: Comparison) -> tuple[str, str]:
    """Return the two factors to show: those of the first box, then the strongest drivers."""
    boxes = comparison.failing.boxes
    mine = list(boxes[0].limits) if boxes else []
    own = max(2, len(mine))
    mine += [str(name) for name in comparison.drivers(comparison.focus).indices["factor"]]
    # A number shows more than a choice, but the box's own factors come first.
    spans = comparison.failing.factors.spans
    chosen = sorted(list(dict.fromkeys(mine))[:own], key=lambda path: path not in spans)[:2]
    return chosen[0], chosen[-1]


def draw_futures(axes: Axes, found: Failing, across: str, up: str) -> None:
    """Draw every future as a cross (fails) or a ring, and the first box as a frame."""
    x, y = (positions(found, path) for path in (across, up))
    fails = found.fails
    axes.plot(
        x[~fails],
        y[~fails],
        "o",
        markersize=4.5,
        markerfacecolor="white",
        color=GREY,
        label="holds",
    )
    axes.plot(
        x[fails],
        y[fails],
        "X",
        markersize=7,
        color=VERMILION,
        markeredgecolor="white",
        markeredgewidth=0.5,
        label="fails",
    )
    limits = [set_axis(axes.xaxis, found, across), set_axis(axes.yaxis, found, up)]
    axes.set(xlim=limits[0], ylim=limits[1])
    if found.boxes:
        for x0, x1 in stretches(found, found.boxes[0], across, *limits[0]):
            for y0, y1 in stretches(found, found.boxes[0], up, *limits[1]):
                axes.add_patch(
                    Rectangle((x0, y0), x1 - x0, y1 - y0, fc=(*BLUE_RGB, 0.09), ec=BLUE, lw=1.6)
                )
    quiet_axes(axes, "y")
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1.0), ncols=2, borderaxespad=0.1)


BLUE_RGB = tuple(int(BLUE[at : at + 2], 16) / 255 for at in (1, 3, 5))


def set_axis(axis: Axis, found: Failing, path: str) -> tuple[float, float]:
    """Name the axis of a factor; return its limits."""
    unit = found.factors.units.get(path, "")
    axis.set_label_text(f"{capitalised(factor_name(path))}{f', {unit}' if unit else ''}")
    if path in found.factors.spans:
        least, most = found.factors.spans[path]
        room = 0.04 * (most - least)
        return least - room, most + room
    options = options_of(found, path)
    axis.set_ticks(range(len(options)), [words(option) for option in options])
    return -0.6, len(options) - 0.4


def positions(found: Failing, path: str) -> np.ndarray:
    """Return where futures stand along a factor; a choice is spread a little by future."""
    column = found.futures[path]
    if path in found.factors.spans:
        return column.to_numpy(dtype=np.float64)
    place = column.astype(str).map(
        {option: at for at, option in enumerate(options_of(found, path))}
    )
    # A golden step spreads neighbours evenly and is the same every time.
    shift = np.modf(np.arange(len(column)) * 0.618034)[0] - 0.5
    return place.to_numpy(dtype=np.float64) + 0.6 * shift


def stretches(
    found: Failing, box: Box, path: str, low: float, high: float
) -> list[tuple[float, float]]:
    """Return the stretches of an axis that the box takes."""
    limit = box.limits.get(path)
    room = 0.01 * (high - low)
    if limit is None:
        return [(low + room, high - room)]
    if isinstance(limit, Range):
        return [
            (
                low + room if limit.low is None else limit.low,
                high - room if limit.high is None else limit.high,
            )
        ]
    places = [options_of(found, path).index(str(name)) for name in limit]
    return [(place - 0.4, place + 0.4) for place in places]
