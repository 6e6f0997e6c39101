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

from partnersim.compare.comparison import Comparison
from partnersim.compare.labels import number, words
from partnersim.compare.words import called
from partnersim.show.growth import climates_of
from partnersim.show.sheet import GREY, INK, PALE, Sheet, pale_to_dark, quiet_axes

Point = tuple[float, float]
UNKNOWN = "#F3F3F3"
#: Edges of the classes in which depth (0..4) is shown: pale is shallow, dark blue deep.
DEPTH_EDGES = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
DEPTH_COLOURS = pale_to_dark()
DEPTH_CLASSES = BoundaryNorm(DEPTH_EDGES, DEPTH_COLOURS.N)
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
    for group in ("dots", "points"):
        raw[group] = {iso3: (x, y) for iso3, (x, y) in raw[group].items()}
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


def draw_depth_map(comparison: Comparison) -> Sheet:
    """Draw the mean depth of every partner at the last year end, and regions then and now."""
    future, climate = next(iter(climates_of(comparison.runs).items()))
    here = comparison.runs.countries(policy=comparison.runs.reference, future=future).astype(
        {"quarter": str, "iso3": str}
    )
    first, last = here["quarter"].min(), here["quarter"].max()
    start, depth = (
        here[here["quarter"] == quarter].set_index("iso3")["depth"] for quarter in (first, last)
    )
    partners = comparison.runs.world_table("partners").set_index("iso3").assign(depth=depth)
    shapes = world_map()
    labelled = worth_naming(partners[partners.index.isin(list(shapes.points))])
    top = [
        str(partners.loc[iso3, "name"])
        for iso3 in depth.sort_values(ascending=False, kind="stable").index[:3]
    ]
    sheet = Sheet(
        comparison,
        12.5,
        4.6,
        title=f"Under {called(comparison.runs.reference)} in a {words(climate)} climate, "
        f"{(depth >= DEEP).sum()} of {len(depth)} partners reach a mean depth of {DEEP:g} by the "
        f"end of {last[:4]}, {(start >= DEEP).sum()} did at the end of {first[:4]}; deepest: "
        f"{', '.join(top)}",
        subtitle=f"Depth at the end of {last[:4]}: how binding the strongest instrument in force "
        "is (0: none, 4: treaty obligations), mean over eight areas and all runs; named: the "
        "deepest partner of each region",
        bands=f"{called(comparison.runs.reference)}, climate “{words(climate)}”",
        names=[str(partners.loc[iso3, "name"]) for iso3 in labelled],
        note=shapes.disclaimer,
    )
    panels = sheet.figure.subplot_mosaic([["map", "regions"]], width_ratios=[5.4, 1])
    draw_countries(panels["map"], shapes, depth)
    named: list[tuple[float, float, float]] = []
    for iso3 in labelled:
        text = f"{partners.loc[iso3, 'name']} {number(float(depth[iso3]), 1)}"
        name_partner(panels["map"], shapes, shapes.points[iso3], text, named)
    draw_regions(panels["regions"], start, depth, partners["region"], first[:4], last[:4])
    return sheet


def draw_countries(axes: Axes, shapes: WorldMap, depth: pd.Series) -> None:
    """Fill partners by depth, with a key; the EU is hatched, the rest is pale."""
    colours = {iso3: DEPTH_COLOURS(DEPTH_CLASSES(value)) for iso3, value in depth.items()}
    axes.add_collection(
        PathCollection(
            list(shapes.other.values()), facecolor=UNKNOWN, edgecolor="white", linewidth=0.3
        )
    )
    axes.add_collection(
        PathCollection(
            list(shapes.eu.values()),
            facecolor="white",
            edgecolor=GREY,
            linewidth=0.3,
            hatch="//////",
        )
    )
    fills = [colours.get(iso3, UNKNOWN) for iso3 in shapes.countries]
    axes.add_collection(
        PathCollection(
            list(shapes.countries.values()), facecolor=fills, edgecolor="white", linewidth=0.35
        )
    )
    fills = [colours.get(iso3, UNKNOWN) for iso3 in shapes.dots]
    axes.scatter(
        [x for x, _ in shapes.dots.values()],
        [y for _, y in shapes.dots.values()],
        s=20,
        color=fills,
        edgecolor=GREY,
        linewidth=0.4,
        zorder=3,
    )
    axes.set(xlim=(0, shapes.width), ylim=(shapes.height, 0), aspect="equal")
    axes.axis("off")
    keys = [
        Patch(color=DEPTH_COLOURS(DEPTH_CLASSES((low + high) / 2)), label=f"{low:g} to {high:g}")
        for low, high in pairwise(DEPTH_EDGES)
    ]
    keys.append(Patch(facecolor="white", edgecolor=GREY, hatch="//////", label="European Union"))
    axes.legend(
        handles=keys,
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
        ncols=len(keys),
        title="mean depth",
        fontsize=7.5,
        title_fontsize=7.5,
        columnspacing=1.2,
        handlelength=1.6,
    )


def worth_naming(partners: pd.DataFrame) -> list[str]:
    """Return the deepest partner of every region that has any depth, the deepest first."""
    known = partners[partners["depth"] >= DEPTH_EDGES[1]]
    deepest = known.groupby("region")["depth"].idxmax()
    return [
        str(iso3) for iso3 in known.loc[deepest].sort_values("depth", kind="stable").index[::-1]
    ]


def name_partner(
    axes: Axes, shapes: WorldMap, point: Point, text: str, named: list[tuple[float, float, float]]
) -> None:
    """Write a partner's name and depth beside a mark on it, if there is room for it."""
    wide, high = 0.0092 * shapes.width * len(text), 0.034 * shapes.height
    for across, down in ((1, -0.6), (1, 0.6), (-1, -0.6), (-1, 0.6)):
        centre = (point[0] + across * (wide / 2 + 6), point[1] + down * high)
        if any(
            abs(centre[0] - x) < (wide + w) / 2 and abs(centre[1] - y) < high for x, y, w in named
        ):
            continue
        named.append((*centre, wide))
        axes.plot(*point, "o", markersize=3.5, color=INK, markeredgecolor="white", zorder=4)
        axes.text(
            point[0] + 6 * across,
            centre[1],
            text,
            ha="left" if across > 0 else "right",
            va="center",
            fontsize=8,
            zorder=5,
            path_effects=[effects.withStroke(linewidth=2.2, foreground="white")],
        )
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
    axes.scatter(after, rows, s=44, c=DEPTH_COLOURS(DEPTH_CLASSES(after)), edgecolor=INK, zorder=3)
    for row, (one, other) in enumerate(zip(before, after, strict=True)):
        axes.annotate(
            number(other, 1),
            (max(one, other), row),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
    axes.set_yticks(rows, list(after.index), color=INK)
    axes.set_xlim(-0.1, 1.25 * max(1.0, float(after.max())))
    axes.set_title(f"Regions, ○ {first} → ● {last}", loc="right", fontsize=9)
    axes.spines["left"].set_visible(False)
    quiet_axes(axes, "x")
