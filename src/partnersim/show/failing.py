"""Where a policy fails: boxes in the space of the uncertain factors."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle

from partnersim.compare.box import Range
from partnersim.compare.comparison import Comparison
from partnersim.compare.factors import factor_name, factor_value
from partnersim.compare.failing import Failing
from partnersim.compare.labels import capitalised, number, words
from partnersim.compare.words import percent
from partnersim.show.marks import BLUE, PALE, VERMILION, fold, label_rows, named, quiet_axes
from partnersim.show.sheet import GREY, Look, Sheet, caption

Limit = Range | tuple[str, ...] | None
LABELS, PANEL = 2.6, 4.2


def draw_failing(comparison: Comparison) -> Sheet:
    """Draw boxes of failures within the full ranges, shares by policy, and all futures."""
    found = comparison.failing
    boxed = bool(found.boxes)
    rows = sum(len(box.limits) + 1 for box in found.boxes)
    heights = [0.42 * rows, 0.24 * len(found.shares) + 0.3]
    sheet = Sheet(
        comparison,
        LABELS + 2.6 + PANEL + 0.9,
        max(PANEL, sum(heights) + 0.5),
        title=found.sentence,
        **caption("failing" if boxed else "failing_without_boxes", found=found),
    )
    drawn = ["limits", "shares"] if boxed else ["shares"]
    panels = sheet.figure.subplot_mosaic(
        [[name, "futures"] for name in drawn],
        height_ratios=heights[-len(drawn) :],
        width_ratios=[2.6, PANEL],
    )
    if boxed:
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
        shares = f"coverage {percent(box.coverage)}, density {percent(box.density)}"
        axes.text(0, len(labels), shares, va="center", fontsize=8)
        labels.append(f"Box {order}: {number(box.cases)} futures")
        for path, limit in box.limits.items():
            axes.barh(len(labels), 1, 0.16, color=PALE)
            span = found.factors.spans.get(path)
            least, most = span or (-0.5, len(options_of(found, path)) - 0.5)
            for low, high in stretches(found, path, limit, least, most, 0.5):
                width = (high - low) / (most - least)
                axes.barh(len(labels), width, 0.45, (low - least) / (most - least), color=VERMILION)
            ends = " to ".join(factor_value(end, most - least) for end in span or ())
            name = fold(capitalised(found.factors.limit(path, limit)), LABELS, 8)
            labels.append(f"{name}\n({ends})" if ends else name)
    label_rows(axes, labels)
    for head in heads:
        axes.get_yticklabels()[head].set_fontweight("bold")
    axes.set(ylim=(len(labels) - 0.4, -0.6), xlim=(0, 1), xticks=[])
    quiet_axes(axes)


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
    label_rows(axes, [named(policy, LABELS) for policy in policies])
    axes.set(xlim=(0, 1.25 * max(*shares, 1.0)), xticks=[])
    axes.set_title(f"Share of {found.noun}s in which a policy fails", loc="center", fontsize=9)
    quiet_axes(axes)


def plane(comparison: Comparison) -> tuple[str, str]:
    """Return the two factors to show: those of the first box, then the strongest drivers."""
    boxes = comparison.failing.boxes
    mine = list(boxes[0].limits) if boxes else []
    own = max(2, len(mine))
    # Levers drive the outcome too, but where they stand is no future.
    drivers = comparison.drivers(comparison.focus).indices["factor"]
    mine += [name for name in map(str, drivers) if name in comparison.failing.futures]
    # A number shows more than a choice, but the box's own factors come first.
    spans = comparison.failing.factors.spans
    chosen = sorted(list(dict.fromkeys(mine))[:own], key=lambda path: path not in spans)[:2]
    return chosen[0], chosen[-1]


def draw_futures(axes: Axes, found: Failing, across: str, up: str) -> None:
    """Draw every future as a cross (fails) or a ring, and the first box as a frame."""
    x, y = (positions(found, path) for path in (across, up))
    ring: Look = {"marker": "o", "ms": 4.5, "mfc": "white", "color": GREY, "label": "holds"}
    cross: Look = {"marker": "X", "ms": 7, "mec": "white", "mew": 0.5, "color": VERMILION}
    for chosen, look in ((~found.fails, ring), (found.fails, {**cross, "label": "fails"})):
        axes.plot(x[chosen], y[chosen], linestyle="none", **look)
    limits = [set_axis(axes.xaxis, found, across), set_axis(axes.yaxis, found, up)]
    axes.set(xlim=limits[0], ylim=limits[1])
    for box in found.boxes[:1]:
        sides = [
            stretches(found, path, box.limits.get(path), *ends, 0.4, room=0.01)
            for path, ends in zip((across, up), limits, strict=True)
        ]
        for (x0, x1), (y0, y1) in ((one, other) for one in sides[0] for other in sides[1]):
            area = Rectangle((x0, y0), x1 - x0, y1 - y0, fc=to_rgba(BLUE, 0.09), ec=BLUE, lw=1.6)
            axes.add_patch(area)
    quiet_axes(axes, "y")
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1.0), ncols=2, borderaxespad=0.1)


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
    place = np.searchsorted(options_of(found, path), column.astype(str))
    # A golden step spreads neighbours evenly and is the same every time.
    shift = np.modf(np.arange(len(column)) * 0.618034)[0] - 0.5
    return place + 0.6 * shift


def stretches(
    found: Failing, path: str, limit: Limit, low: float, high: float, half: float, room: float = 0.0
) -> list[tuple[float, float]]:
    """Return the stretches of an axis from `low` to `high` that a limit of a box takes.

    An option takes `half` on either side of its place; a share of the axis is left as `room`
    beyond an open end.
    """
    if limit is not None and not isinstance(limit, Range):
        places = [options_of(found, path).index(str(name)) for name in limit]
        return [(place - half, place + half) for place in places]
    first, last = limit or (None, None)
    room *= high - low
    return [(low + room if first is None else first, high - room if last is None else last)]
