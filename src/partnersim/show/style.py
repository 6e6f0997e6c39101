"""The look that all figures share: fonts, colours, and where colour is not the only cue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, Colormap, ListedColormap

# Okabe and Ito (2008), https://jfly.uni-koeln.de/color/
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
INK, GREY, PALE, FAINT, SHADE = "#1F1F1F", "#6B6B6B", "#C9C9C9", "#EFEFEF", "#F5F5F5"

#: Colour and dashes per direction; the dashes tell them apart without colour.
DIRECTION_LOOK: dict[str, tuple[str, tuple[float, ...]]] = {
    "deepen": (BLUE, ()),
    "broaden": (VERMILION, (5, 1.6)),
    "connect": (GREEN, (1.4, 1.2)),
    "strengthen": (PURPLE, (6, 1.5, 1.4, 1.5)),
}
#: Marker per climate, in the order of the experiment.
CLIMATE_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")

#: Colour and marker per policy, in the order of the design; the reference comes first.
POLICY_COLOURS = (INK, BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
POLICY_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">", "p")

#: Edges of the classes in which depth (0..4) is shown on maps.
DEPTH_EDGES = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)

SETTINGS: dict[str, Any] = {
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.labelcolor": GREY,
    "axes.labelsize": 9,
    "axes.linewidth": 0.7,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 10,
    "figure.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "grid.color": FAINT,
    "grid.linewidth": 0.8,
    "lines.solid_capstyle": "round",
    "path.simplify": True,
    "savefig.facecolor": "white",
    "svg.fonttype": "path",
    "text.color": INK,
    "xtick.color": GREY,
    "xtick.labelsize": 8,
    "xtick.major.width": 0.7,
    "ytick.color": GREY,
    "ytick.labelsize": 8,
    "ytick.major.width": 0.7,
}


@contextmanager
def house_style(name: str) -> Iterator[None]:
    """Draw with matplotlib's own defaults and ours, whatever the user has set.

    Parameters
    ----------
    name : str
        Name of the figure: salt of the identifiers in its SVG.
    """
    with mpl.rc_context():
        mpl.rcdefaults()
        settings: Any = mpl.rcParams  # typed by matplotlib for literal keys only
        settings.update(SETTINGS, **{"svg.hashsalt": f"partnersim {name}"})
        yield


def pale_to_dark() -> Colormap:
    """Return cividis from dark to light reversed, its light end faded so that much stands out."""
    share = np.linspace(0.0, 1.0, 256)[:, None]
    colours = mpl.colormaps["cividis_r"](share[:, 0])[:, :3]
    fading = 0.8 * (1 - share) ** 2
    return ListedColormap(colours * (1 - fading) + fading, name="pale_to_dark")


def policy_looks(policies: Sequence[str], reference: str) -> dict[str, tuple[str, str]]:
    """Return colour and marker of every policy; the marker tells them apart without colour."""
    ordered = [reference, *(policy for policy in policies if policy != reference)]
    return {
        policy: (
            POLICY_COLOURS[place % len(POLICY_COLOURS)],
            POLICY_MARKERS[place % len(POLICY_MARKERS)],
        )
        for place, policy in enumerate(ordered)
    }


def depth_colours() -> tuple[Colormap, BoundaryNorm]:
    """Return the colour map and classes of depth: pale is shallow, dark blue deep."""
    colours = pale_to_dark()
    return colours, BoundaryNorm(DEPTH_EDGES, colours.N)


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move label positions apart until neighbours are `gap` apart, staying near what is wanted.

    Parameters
    ----------
    wanted : sequence of float
        Positions in any order.
    gap : float
        Smallest distance between neighbours.
    low, high : float
        Bounds; they give way only if the labels do not fit between them.

    Returns
    -------
    list of float
        Positions in the order of `wanted`.
    """
    order = sorted(range(len(wanted)), key=lambda item: wanted[item])
    groups: list[list[float]] = []  # [sum of (wanted - offset), members]: start is their mean
    for item in order:
        groups.append([wanted[item], 1])
        while len(groups) > 1 and _end(groups[-2], gap) > groups[-1][0] / groups[-1][1]:
            total, members = groups.pop()
            before = groups[-1]
            before[0] += total - members * before[1] * gap
            before[1] += members
    placed: list[float] = []
    for total, members in groups:
        start = min(max(total / members, low), high - (members - 1) * gap)
        placed += [start + step * gap for step in range(int(members))]
    for place in range(1, len(placed)):
        placed[place] = max(placed[place], placed[place - 1] + gap)
    overshoot = placed[-1] - high if placed else 0.0
    if overshoot > 0:
        for place in range(len(placed) - 1, -1, -1):
            limit = high if place == len(placed) - 1 else placed[place + 1] - gap
            placed[place] = min(placed[place], limit)
    result = [0.0] * len(wanted)
    for place, item in enumerate(order):
        result[item] = placed[place]
    return result


def _end(group: Sequence[float], gap: float) -> float:
    """Return the first free position behind a group of labels."""
    return group[0] / group[1] + group[1] * gap


def quiet_axes(axes: Axes, grid: str = "y") -> None:
    """Keep grid lines along one axis only and drop tick marks."""
    axes.grid(visible=False)
    if grid:
        axes.grid(visible=True, axis="x" if grid == "x" else "y")
    axes.tick_params(length=0)


def ticks_inside(axes: Axes) -> None:
    """Keep the tick marks within the limits of the axes, and the limits as they are."""
    for limits, ticks, keep in (
        (axes.get_xlim(), axes.get_xticks(), axes.set_xticks),
        (axes.get_ylim(), axes.get_yticks(), axes.set_yticks),
    ):
        keep([mark for mark in ticks if min(limits) <= mark <= max(limits)])
