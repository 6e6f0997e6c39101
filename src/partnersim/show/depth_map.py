"""Where partnerships run deep at the end, on a world map, and how regions move."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import matplotlib.patheffects as effects
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import BoundaryNorm, Colormap
from matplotlib.transforms import Bbox

from partnersim.runs.experiment_reader import StoredExperiment
from partnersim.runs.wording import number, words
from partnersim.show.geometry import WorldMap, world_map
from partnersim.show.series import reference_arm
from partnersim.show.sheet import MARGIN, Sheet
from partnersim.show.style import DEPTH_EDGES, FAINT, GREY, INK, PALE, depth_colours, quiet_axes

#: Width of the page in inches.
PAGE = 12.5
EU_COLOUR = "#FFFFFF"
UNKNOWN = "#F3F3F3"
#: A partner counts as deep from this mean depth over the eight areas on.
DEEP = 2.0
#: Where a name may stand beside its mark: offset in points and alignment, best first.
PLACES = (
    ((5, 2), "left", "bottom"),
    ((5, -2), "left", "top"),
    ((-5, 2), "right", "bottom"),
    ((-5, -2), "right", "top"),
    ((0, 6), "center", "bottom"),
    ((0, -6), "center", "top"),
)


def draw_depth_map(stored: StoredExperiment, folder: Path) -> list[Path]:
    """Draw the mean depth of every partner at the last year end, and regions then and now."""
    policy, climate = reference_arm(stored)
    here = stored.table("countries", ["quarter", "iso3", "depth"], arm=(policy, climate))
    here = here.astype({"quarter": str, "iso3": str})
    first, last = here["quarter"].min(), here["quarter"].max()
    start = here[here["quarter"] == first].set_index("iso3")["depth"]
    depth = here[here["quarter"] == last].set_index("iso3")["depth"]
    partners = stored.table("partners", columns=["iso3", "name", "region", "gdp_usd"]).set_index(
        "iso3"
    )
    shapes = world_map()
    labelled = worth_naming(depth, partners[partners.index.isin(list(shapes.points))])
    map_width = PAGE - MARGIN - 3.35
    map_height = map_width * shapes.height / shapes.width
    sheet = Sheet(
        stored,
        PAGE,
        map_height + 0.4,
        title=finding(start, depth, partners, policy, climate, first[:4], last[:4]),
        subtitle=f"Depth at the end of {last[:4]}: how binding the strongest instrument in force "
        "is (0: none, 4: treaty obligations), mean over eight areas and all runs; named: the "
        "deepest partner of each region",
        bands=f"“{words(policy)}”, climate “{words(climate)}”",
        names=[partners.loc[iso3, "name"] for iso3 in labelled],
        note=shapes.disclaimer,
    )
    bottom = sheet.top - map_height
    axes = sheet.axes(MARGIN, bottom, MARGIN + map_width, sheet.top)
    draw_countries(axes, shapes, depth)
    axes.set_xlim(0, shapes.width)
    axes.set_ylim(shapes.height, 0)
    axes.axis("off")
    named: list[Bbox] = []
    for iso3 in labelled:
        text = f"{partners.loc[iso3, 'name']} {number(depth[iso3], 1)}"
        name_partner(sheet, axes, shapes.points[iso3], text, named)
    legend(sheet, MARGIN + 0.7, bottom - 0.32)
    regions = sheet.axes(sheet.width - 1.7, sheet.bottom + 0.3, sheet.width - 0.35, sheet.top - 0.3)
    draw_regions(regions, start, depth, partners["region"], first[:4], last[:4])
    return sheet.save(folder, "depth_map")


def draw_countries(axes: Axes, shapes: WorldMap, depth: pd.Series) -> None:
    """Fill partners by depth; the EU is hatched, the rest is pale."""
    colours, classes = depth_colours()
    axes.add_collection(
        PathCollection(
            list(shapes.other.values()), facecolor=UNKNOWN, edgecolor="white", linewidth=0.3
        )
    )
    axes.add_collection(
        PathCollection(
            list(shapes.eu.values()),
            facecolor=EU_COLOUR,
            edgecolor=GREY,
            linewidth=0.3,
            hatch="//////",
        )
    )
    codes = list(shapes.countries)
    axes.add_collection(
        PathCollection(
            [shapes.countries[iso3] for iso3 in codes],
            facecolor=[filled(depth.get(iso3), colours, classes) for iso3 in codes],
            edgecolor="white",
            linewidth=0.35,
        )
    )
    small = list(shapes.dots)
    axes.scatter(
        [shapes.dots[iso3][0] for iso3 in small],
        [shapes.dots[iso3][1] for iso3 in small],
        s=20,
        color=[filled(depth.get(iso3), colours, classes) for iso3 in small],
        edgecolor=GREY,
        linewidth=0.4,
        zorder=3,
    )


def filled(
    depth: float | None, colours: Colormap, classes: BoundaryNorm
) -> tuple[float, float, float, float] | str:
    """Return the colour of a depth; a country that is not in the world stays pale."""
    return UNKNOWN if depth is None else colours(classes(depth))


def name_partner(
    sheet: Sheet, axes: Axes, point: tuple[float, float], text: str, named: list[Bbox]
) -> None:
    """Write a partner's name and depth beside a mark on it, if there is room for it."""
    for (x, y), across, down in PLACES:
        label = axes.annotate(
            text,
            point,
            xytext=(x, y),
            textcoords="offset points",
            fontsize=8,
            ha=across,
            va=down,
            zorder=5,
        )
        box = label.get_window_extent(sheet.canvas.get_renderer()).padded(3)
        if not any(box.overlaps(other) for other in named):
            label.set_path_effects([effects.withStroke(linewidth=2.2, foreground="white")])
            axes.plot(*point, "o", markersize=3.5, color=INK, markeredgecolor="white", zorder=4)
            named.append(box)
            return
        label.remove()


def worth_naming(depth: pd.Series, partners: pd.DataFrame) -> list[str]:
    """Return the deepest partner of every region that has any depth, the richest first."""
    known = partners.assign(depth=depth).dropna(subset="depth")
    known = known[known["depth"] >= DEPTH_EDGES[1]]
    deepest = known.groupby("region")["depth"].idxmax()
    return [str(iso3) for iso3 in known.loc[deepest].sort_values("gdp_usd").index[::-1]]


def legend(sheet: Sheet, left: float, bottom: float) -> None:
    """Draw the classes of depth as labelled boxes, with the EU's hatching."""
    colours, classes = depth_colours()
    width = 0.62
    axes = sheet.axes(left, bottom, left + width * (len(DEPTH_EDGES) + 1.2), bottom + 0.3)
    axes.set_xlim(0, len(DEPTH_EDGES) + 1.2)
    axes.set_ylim(0, 1)
    axes.text(-0.15, 0.75, "mean depth", ha="right", va="center", fontsize=7.5, color=GREY)
    for place, (low, high) in enumerate(pairwise(DEPTH_EDGES)):
        axes.barh(
            0.75, 1, 0.5, left=place, color=colours(classes((low + high) / 2)), edgecolor="white"
        )
        axes.text(place, 0.38, f"{low:g}", ha="center", va="top", fontsize=7.5, color=GREY)
    end = len(DEPTH_EDGES) - 1
    axes.text(end, 0.38, f"{DEPTH_EDGES[-1]:g}", ha="center", va="top", fontsize=7.5, color=GREY)
    axes.barh(0.75, 0.8, 0.5, left=end + 0.5, color="white", edgecolor=GREY, hatch="//////")
    axes.text(end + 1.42, 0.75, "European Union", va="center", fontsize=7.5, color=GREY)
    axes.axis("off")


def draw_regions(
    axes: Axes, start: pd.Series, depth: pd.Series, region: pd.Series, first: str, last: str
) -> None:
    """Draw the mean depth of every region at the first and the last year end."""
    before, after = start.groupby(region).mean(), depth.groupby(region).mean()
    order = list(after.sort_values().index)
    colours, classes = depth_colours()
    for height, name in enumerate(order):
        axes.plot([before[name], after[name]], [height, height], color=PALE, linewidth=2.5)
        axes.plot(before[name], height, "o", color="white", markeredgecolor=GREY, markersize=6)
        axes.plot(
            after[name],
            height,
            "o",
            color=colours(classes(after[name])),
            markeredgecolor=INK,
            markersize=7,
        )
        axes.annotate(
            number(after[name], 1),
            (max(before[name], after[name]), height),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
    axes.set_yticks(range(len(order)), order)
    axes.tick_params(axis="y", labelcolor=INK)
    deepest = max(1.0, float(after.max()))
    axes.set_xlim(-0.05, 1.18 * deepest)
    axes.set_xticks(range(int(deepest) + 1))
    axes.set_title(f"Regions, ○ {first} → ● {last}", loc="right", fontsize=9, fontweight="bold")
    quiet_axes(axes, grid="x")
    axes.spines["left"].set_visible(False)
    axes.set_facecolor("white")
    axes.grid(visible=True, axis="x", color=FAINT)


def finding(
    start: pd.Series,
    depth: pd.Series,
    partners: pd.DataFrame,
    policy: str,
    climate: str,
    first: str,
    last: str,
) -> str:
    """Say how many partners run deep, up from how many, and who runs deepest."""
    top = depth.sort_values(ascending=False).index[:3]
    leaders = ", ".join(str(partners.loc[iso3, "name"]) for iso3 in top)
    before, after = number((start >= DEEP).sum()), number((depth >= DEEP).sum())
    return (
        f"Under “{words(policy)}” in a {words(climate)} climate, {after} of {len(depth)} partners "
        f"reach a mean depth of {DEEP:g} by the end of {last}, up from {before} at the end of "
        f"{first}; deepest: {leaders}"
    )
