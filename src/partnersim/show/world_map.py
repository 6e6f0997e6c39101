"""The world map: where partnerships run deep at the end, and how regions move."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

import matplotlib.patheffects as effects
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import BoundaryNorm
from matplotlib.patches import Patch
from matplotlib.path import Path as Shape
from numpy.typing import NDArray

from partnersim.compare.comparison import Comparison
from partnersim.compare.labels import number
from partnersim.show.growth import first_shown
from partnersim.show.marks import PALE, pale_to_dark, quiet_axes, write_beside
from partnersim.show.sheet import GREY, INK, Look, Sheet, caption

Point = tuple[float, float]
UNKNOWN = "#F3F3F3"
#: Edges of the classes in which depth (0..4) is shown: pale is shallow, dark blue deep.
DEPTH_EDGES = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
DEPTH_COLOURS = pale_to_dark()
DEPTH_CLASSES = BoundaryNorm(DEPTH_EDGES, DEPTH_COLOURS.N)
EUROPEAN_UNION: Look = {"facecolor": "white", "edgecolor": GREY, "hatch": "//////"}
#: A partner counts as deep from this mean depth over the eight areas on.
DEEP = 2.0


@dataclass(frozen=True)
class WorldMap:
    """Shapes in map units: x to the right, y downwards.

    Attributes
    ----------
    width, height : float
        Size of the map.
    countries, eu, other : dict of str to Shape
        Outlines by ISO 3166 code: the partners, the members of the EU, and the rest.
    dots : dict of str to (x, y)
        Partners too small for an outline.
    points : dict of str to (x, y)
        Where a label of a partner stands.
    disclaimer : str
        On boundaries and names, to be printed with the map.
    """

    width: float
    height: float
    countries: dict[str, Shape]
    eu: dict[str, Shape]
    other: dict[str, Shape]
    dots: dict[str, Point]
    points: dict[str, Point]
    disclaimer: str


@cache
def world_map() -> WorldMap:
    """Return the map that comes with the package."""
    raw = json.loads(files("partnersim").joinpath("data", "world_map.json").read_text("utf-8"))
    for group in ("countries", "eu", "other"):
        raw[group] = {iso3: shape(path) for iso3, path in raw[group].items()}
    return WorldMap(**{name: raw[name] for name in WorldMap.__dataclass_fields__})


def shape(path: str) -> Shape:
    """Read an SVG path made of closed rings of straight lines.

    Parameters
    ----------
    path : str
        Rings such as ``M1,2L3,2L3,5Z``, one behind the other.

    Returns
    -------
    Shape
        The same outline for matplotlib.

    Raises
    ------
    ValueError
        If the path holds another command.
    """
    rings = []
    for ring in path.strip("Z").split("Z"):
        corners = [pair.split(",") for pair in ring.removeprefix("M").split("L")]
        points = np.array(corners, dtype=np.float64)
        rings.append(Shape(np.vstack([points, points[:1]]), closed=True))
    return Shape.make_compound_path(*rings)


def depth_colours(depth: pd.Series) -> NDArray[np.float64]:
    """Return colours (n, 4) by class of depth."""
    return np.asarray(DEPTH_COLOURS(DEPTH_CLASSES(depth)))


def draw_depth_map(comparison: Comparison) -> Sheet:
    """Draw the mean depth of every partner at the last year end, and regions then and now."""
    runs, shown = comparison.runs, first_shown(comparison.runs)
    table = runs.countries(policy=runs.subject, future=shown.future).astype({"iso3": str})
    # Only ends of years are kept.
    by_year = table.set_index("iso3").groupby(table["quarter"].astype(str).str[:4].to_numpy())
    ends = dict(iter(by_year["depth"]))
    first, last = min(ends), max(ends)
    start, depth = ends[first], ends[last]
    partners = runs.world_table("partners").set_index("iso3").assign(depth=depth)
    shapes = world_map()
    labelled = worth_naming(partners[partners.index.isin(list(shapes.points))])
    deepest = depth.sort_values(ascending=False, kind="stable").index[:3]
    sheet = Sheet(
        comparison,
        12.5,
        4.6,
        title=f"Under {shown.where}, "
        f"{(depth >= DEEP).sum()} of {len(depth)} partners reach a mean depth of {DEEP:g} by the "
        f"end of {last}, {(start >= DEEP).sum()} did at the end of {first}; deepest: "
        f"{', '.join(partners.loc[deepest, 'name'].astype(str))}",
        **caption("depth_map", last=last, shown=shown.note),
        names=partners.loc[labelled, "name"].astype(str),
        note=shapes.disclaimer,
    )
    panels = sheet.figure.subplot_mosaic([["map", "regions"]], width_ratios=[5.4, 1])
    draw_countries(panels["map"], shapes, depth)
    named: list[tuple[float, float, float]] = []
    for iso3 in labelled:
        text = f"{partners.loc[iso3, 'name']} {number(float(depth[iso3]), 1)}"
        name_partner(panels["map"], shapes, shapes.points[iso3], text, named)
    draw_regions(panels["regions"], start, depth, partners["region"], first, last)
    return sheet


def draw_countries(axes: Axes, shapes: WorldMap, depth: pd.Series) -> None:
    """Fill partners by depth, with a key; the EU is hatched, the rest is pale."""
    colours = dict(zip(depth.index, depth_colours(depth), strict=True))
    inside, dots = (
        [colours.get(iso3, UNKNOWN) for iso3 in places]
        for places in (shapes.countries, shapes.dots)
    )
    pale: Look = {"facecolor": UNKNOWN, "edgecolor": "white", "linewidth": 0.3}
    filled: Look = {"facecolor": inside, "edgecolor": "white", "linewidth": 0.35}
    for outlines, look in (
        (shapes.other, pale),
        (shapes.eu, {**EUROPEAN_UNION, "linewidth": 0.3}),
        (shapes.countries, filled),
    ):
        axes.add_collection(PathCollection(list(outlines.values()), **look))
    x, y = zip(*shapes.dots.values(), strict=True)
    axes.scatter(x, y, s=20, color=dots, edgecolor=GREY, linewidth=0.4, zorder=3)
    axes.set(xlim=(0, shapes.width), ylim=(shapes.height, 0), aspect="equal")
    axes.axis("off")
    keys = [
        Patch(color=DEPTH_COLOURS(DEPTH_CLASSES((low + high) / 2)), label=f"{low:g} to {high:g}")
        for low, high in pairwise(DEPTH_EDGES)
    ]
    keys.append(Patch(label="European Union", **EUROPEAN_UNION))
    place: Look = {"loc": "upper center", "bbox_to_anchor": (0.5, 0.0)}
    room: Look = {"ncols": len(keys), "columnspacing": 1.2, "handlelength": 1.6}
    axes.legend(handles=keys, title="mean depth", fontsize=7.5, title_fontsize=7.5, **place, **room)


def worth_naming(partners: pd.DataFrame) -> list[str]:
    """Return the deepest partner of every region that has any depth, the deepest first."""
    known = partners[partners["depth"] >= DEPTH_EDGES[1]]
    deepest = known.groupby("region")["depth"].idxmax()
    return list(known.loc[deepest].sort_values("depth", kind="stable").index.astype(str)[::-1])


def name_partner(
    axes: Axes, shapes: WorldMap, point: Point, text: str, named: list[tuple[float, float, float]]
) -> None:
    """Write a partner's name and depth beside a mark on it, if there is room for it."""
    wide, high = 0.0092 * shapes.width * len(text), 0.034 * shapes.height
    for across, down in ((1, -0.6), (1, 0.6), (-1, -0.6), (-1, 0.6)):
        centre = (point[0] + across * (wide / 2 + 6), point[1] + down * high)
        if any(
            abs(centre[1] - y) < high and abs(centre[0] - x) < (wide + other) / 2
            for x, y, other in named
        ):
            continue
        named.append((*centre, wide))
        axes.plot(*point, "o", markersize=3.5, color=INK, markeredgecolor="white", zorder=4)
        outline = [effects.withStroke(linewidth=2.2, foreground="white")]
        look: Look = {"va": "center", "fontsize": 8, "zorder": 5, "path_effects": outline}
        side = "left" if across > 0 else "right"
        axes.text(point[0] + 6 * across, centre[1], text, ha=side, **look)
        return


def draw_regions(
    axes: Axes, start: pd.Series, depth: pd.Series, region: pd.Series, first: str, last: str
) -> None:
    """Draw the mean depth of every region at the first and the last year end."""
    after = depth.groupby(region).mean().sort_values(kind="stable")
    before = start.groupby(region).mean()[after.index]
    rows = np.arange(len(after))
    axes.hlines(rows, before, after, color=PALE, linewidth=2.5, zorder=1)
    axes.scatter(before, rows, s=36, color="white", edgecolor=GREY, zorder=2)
    axes.scatter(after, rows, s=44, c=depth_colours(after), edgecolor=INK, zorder=3)
    for row, end in enumerate(np.maximum(before, after)):
        write_beside(axes, number(after.iloc[row], 1), end, row, gap=7)
    axes.set_yticks(rows, list(after.index), color=INK)
    axes.set_xlim(-0.1, 1.25 * max(1.0, float(after.max())))
    axes.set_title(f"Regions, ○ {first} → ● {last}", loc="right", fontsize=9)
    axes.spines["left"].set_visible(False)
    quiet_axes(axes, "x")
