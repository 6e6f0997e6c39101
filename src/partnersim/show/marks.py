"""What figures are made of: colours, labels, heat maps, names beside lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, ListedColormap
from matplotlib.patches import Rectangle
from matplotlib.transforms import offset_copy

from partnersim.compare.labels import headed
from partnersim.show.sheet import INK, Look, wrapped

# Okabe and Ito (2008), https://jfly.uni-koeln.de/color/
ORANGE, SKY, GREEN = "#E69F00", "#56B4E9", "#009E73"
BLUE, VERMILION, PURPLE = "#0072B2", "#D55E00", "#CC79A7"
PALE, SHADE = "#C9C9C9", "#F5F5F5"

#: Colour and marker per policy, in the order of the design; the reference comes first.
POLICY_COLOURS = (INK, BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">", "p")
CENTRED: Look = {"ha": "center", "va": "center"}


def fold(text: str, width: float, size: float = 8.5, weight: str = "normal") -> str:
    """Return a label broken into lines no wider than `width` inches."""
    return "\n".join(wrapped(text, width, size, weight))


def named(name: str, width: float, size: float = 8.5, weight: str = "normal") -> str:
    """Return a policy, climate or other setting as a label, see `fold`."""
    return fold(headed(name), width, size, weight)


def label_rows(
    axes: Axes, labels: Sequence[str], places: Iterable[float] | None = None, **look: Any
) -> None:
    """Name the rows of a drawing, the first one on top.

    Parameters
    ----------
    axes : Axes
    labels : sequence of str
    places : iterable of float, optional
        Where the rows stand; without it at 0, 1, ..., with half a row beyond the ends.
    look
        Of the texts, as matplotlib names it.
    """
    if places is None:
        places = range(len(labels))
        axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_yticks(list(places), labels, **{"color": INK, **look})


def head_column(axes: Axes, text: str, width: float, size: float = 9, **look: Any) -> None:
    """Write the heading of a column that is so wide, in inches."""
    axes.set_title(fold(text, width, size, "bold"), fontsize=size, **look)


def write_beside(axes: Axes, text: str, x: float, y: float, size: float = 8, gap: int = 3) -> None:
    """Write a short text right of a point; size and gap in points."""
    look: Look = {"textcoords": "offset points", "va": "center_baseline"}
    axes.annotate(text, (x, y), xytext=(gap, 0), fontsize=size, **look)


def frame(axes: Axes, left: float, low: float, width: float, height: float, colour: str) -> None:
    """Draw a frame around cells."""
    look: Look = {"fill": False, "ec": colour, "lw": 1.6, "clip_on": False}
    axes.add_patch(Rectangle((left, low), width, height, **look))


def policy_looks(policies: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return colour and marker of every policy; the marker tells them apart without colour."""
    return {
        policy: (POLICY_COLOURS[place % len(POLICY_COLOURS)], MARKERS[place % len(MARKERS)])
        for place, policy in enumerate(policies)
    }


def pale_to_dark() -> Colormap:
    """Return cividis from light to dark, its light end faded so that much stands out."""
    share = np.linspace(0.0, 1.0, 256)[:, None]
    colours = mpl.colormaps["cividis_r"](share[:, 0])[:, :3]
    fading = 0.8 * (1 - share) ** 2
    return ListedColormap(colours * (1 - fading) + fading, name="pale_to_dark")


def name_points(
    axes: Axes,
    texts: Sequence[str],
    points: Sequence[tuple[float, float]],
    colours: Sequence[str],
    height: float,
) -> None:
    """Write a text right of the axes for every point and tie it to the point by a thin line.

    Parameters
    ----------
    axes : Axes
        Their limits must be set already.
    texts, points, colours : sequences of equal length
    height : float
        About how high the axes are, in inches: texts stand a line apart.
    """
    low, high = axes.get_ylim()
    lines = max(text.count("\n") + 1 for text in texts)
    places = spread([y for _, y in points], 0.165 * lines * (high - low) / height, low, high)
    beside = offset_copy(axes.transData, axes.get_figure(root=True), x=10, units="points")
    for text, point, place, colour in zip(texts, points, places, colours, strict=True):
        line: Look = {"color": colour, "arrowstyle": "-", "linewidth": 0.5, "relpos": (0, 0.5)}
        look: Look = {"color": colour, "fontweight": "bold", "va": "center"}
        look |= {"annotation_clip": False, "arrowprops": line | {"shrinkA": 2, "shrinkB": 4}}
        axes.annotate(text, point, (axes.get_xlim()[1], place), textcoords=beside, **look)


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move label positions apart until neighbours are `gap` apart, staying near what is wanted.

    Parameters
    ----------
    wanted : sequence of float
        Positions in any order.
    gap : float
        Smallest distance between neighbours.
    low, high : float
        Bounds; the upper one gives way if the labels do not fit between them.

    Returns
    -------
    list of float
        Positions in the order of `wanted`.
    """
    order = np.argsort(wanted, kind="stable")
    steps = gap * np.arange(len(order))
    apart = np.asarray(wanted, dtype=np.float64)[order] - steps
    # Pushed up only, and pushed down only: the middle of both keeps the gaps.
    up, down = np.maximum.accumulate(apart), np.minimum.accumulate(apart[::-1])[::-1]
    middle = np.minimum((up + down) / 2, high - steps[-1:])
    placed = np.empty(len(order))
    placed[order] = np.maximum(middle, low) + steps
    return [float(place) for place in placed]


def quiet_axes(axes: Axes, grid: str = "") -> None:
    """Show grid lines along one axis (``x`` or ``y``) only; without any, no frame either."""
    if grid:
        axes.grid(visible=True, axis="x" if grid == "x" else "y")
    else:
        axes.spines[:].set_visible(False)


def draw_cells(
    axes: Axes,
    values: np.ndarray,
    texts: Sequence[Sequence[str]],
    colours: Colormap,
    low: float = 0.0,
    high: float = 1.0,
    size: float = 8.5,
    heads: Sequence[str] = (),
    **look: Any,
) -> None:
    """Draw a heat map: a cell per value with its text, the first row on top.

    Parameters
    ----------
    axes : Axes
        Cell (down, across) is centred on (across, down).
    values : (rows, columns) array
        From ``low`` to ``high``; masked ones stay white.
    texts : rows of texts
        What is written into the cells, dark on pale and white on dark.
    colours : Colormap
    size : float
        Of the texts, in points.
    heads : sequence of str
        Of the columns, written on top; `look` is theirs.
    """
    down, across = values.shape
    edges = np.arange(across + 1) - 0.5, np.arange(down + 1) - 0.5
    axes.pcolormesh(
        *edges, values, cmap=colours, vmin=low, vmax=high, edgecolors="white", linewidth=1.5
    )
    axes.invert_yaxis()
    shades = colours((np.ma.filled(values, low) - low) / (high - low))
    dark = (shades[..., :3] @ [0.299, 0.587, 0.114] < 0.53) & ~np.ma.getmaskarray(values)
    for (row, column), is_dark in np.ndenumerate(dark):
        colour = "white" if is_dark else INK
        axes.text(column, row, texts[row][column], **CENTRED, fontsize=size, color=colour)
    if heads:
        axes.set_xticks(range(across), heads, **look)
        axes.xaxis.tick_top()
    axes.tick_params(labelcolor=INK)
    quiet_axes(axes)
