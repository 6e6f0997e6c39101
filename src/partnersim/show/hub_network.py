"""The network at the end: regions around the EU, and the links that partners have of their own."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import networkx as nx
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.offsetbox import AnnotationBbox, TextArea, VPacker
from matplotlib.path import Path as Shape

from partnersim.compare.comparison import Comparison
from partnersim.compare.labels import number
from partnersim.compare.words import listed
from partnersim.runs.network_graph import UNION, network_graph
from partnersim.show.growth import first_shown
from partnersim.show.marks import BLUE, CENTRED, GREEN, SHADE, fold
from partnersim.show.sheet import GREY, INK, Look, Sheet, caption
from partnersim.show.world_map import depth_colours

#: Fewer links than this between two regions are not drawn; the most that are numbered.
LEAST_LINKS, NUMBERED = 0.5, 10
#: What a number keeps from others, where the EU is one unit from the regions.
ROOM = 0.2
#: So many partners with most links are named.
NAMED = 8
BOLD: Look = {"fontsize": 9, "fontweight": "bold"}
#: Partners side by side turn by the golden angle, as the seeds of a sunflower.
GOLDEN = np.pi * (3 - np.sqrt(5))


def draw_hub_network(comparison: Comparison) -> Sheet:
    """Draw a disc of partners per region around the EU, and the links between partners."""
    shown = first_shown(comparison.runs)
    graph = network_graph(comparison.runs, future=shown.future)
    graph.remove_node(UNION)
    partners = placed_around(pd.DataFrame.from_dict(dict(graph.nodes(data=True)), orient="index"))
    links = pd.Series(dict(graph.degree(weight="probability"))).sort_values(
        ascending=False, kind="stable"
    )
    leading = links[links > 0].head(NAMED).map(number)
    names = [str(partners.loc[iso3, "name"]) for iso3 in leading.index]
    most = listed([f"{name} {count}" for name, count in zip(names, leading, strict=True)])
    title = (
        f"Under {shown.where}, the hub of {comparison.end} holds "
        f"{number(partners['instruments'].sum())} instruments, and {number(links.sum() / 2)} links "
        "run directly between partners"
    )
    if names:
        title += f"; best connected: {names[0]} ({leading.iloc[0]} links)"
    between = links_between(graph)
    sheet = Sheet(
        comparison,
        9.0,
        7.6,
        title=title,
        **caption("hub_network", most=most or "nobody", shown=shown.note),
        names=names,
    )
    axes = sheet.figure.subplots()
    axes.set_aspect("equal")
    axes.axis("off")
    draw_regions(axes, partners, between)
    draw_links(axes, partners, between)
    dots: Look = {"c": depth_colours(partners["depth"]), "edgecolor": INK, "linewidth": 0.4}
    axes.scatter(partners["x"], partners["y"], s=22, zorder=3, **dots)
    bold: Look = {**CENTRED, "fontweight": "bold"}
    box: Look = {"boxstyle": "circle,pad=0.5", "facecolor": BLUE, "linewidth": 0}
    axes.text(0, 0, "EU", color="white", **bold, fontsize=15, zorder=6, bbox=box)
    axes.autoscale_view()
    return sheet


def placed_around(partners: pd.DataFrame) -> pd.DataFrame:
    """Give every partner a place: regions on a circle, west to east; deep partners outmost."""
    west_to_east = partners.groupby("region")["longitude"].mean().sort_values(kind="stable").index
    sizes = partners["region"].value_counts()[west_to_east]
    radii = 0.035 * np.sqrt(sizes) + 0.045
    # As wide as its disc, and never too narrow for its name.
    widths = np.maximum(radii, 0.12)
    angles = np.pi - 2 * np.pi * (np.cumsum(widths) - widths / 2) / widths.sum()
    placed = []
    for region in west_to_east:
        members = partners[partners["region"] == region].sort_values("depth", kind="stable")
        order = np.arange(len(members))
        out = (radii[region] - 0.03) * np.sqrt((order + 0.5 * (len(members) > 1)) / len(members))
        centre = np.array([np.cos(angles[region]), np.sin(angles[region])])
        x, y = centre[:, None] + out * np.array([np.cos(GOLDEN * order), np.sin(GOLDEN * order)])
        placed.append(members.assign(x=x, y=y, angle=angles[region], radius=radii[region]))
    return pd.concat(placed)


def links_between(graph: nx.Graph) -> pd.Series:
    """Return the expected number of links by pair of regions, the most first."""
    region = graph.nodes(data="region")
    rows = [(*sorted((region[a], region[b])), p) for a, b, p in graph.edges(data="probability")]
    table = pd.DataFrame(rows, columns=["first", "second", "links"])
    return table.groupby(["first", "second"])["links"].sum().sort_values(ascending=False)


def draw_regions(axes: Axes, partners: pd.DataFrame, between: pd.Series) -> None:
    """Draw a disc per region, its name and number of instruments, and its tie to the EU."""
    what = {"angle": "first", "radius": "first", "instruments": "sum"}
    regions = partners.groupby("region", sort=False).agg(what)
    centres = np.column_stack([np.cos(regions["angle"]), np.sin(regions["angle"])])
    most = max(float(regions["instruments"].max()), 1.0)
    spokes = [[(0.0, 0.0), tuple(centre)] for centre in centres]
    widths = 14 * regions["instruments"] / most
    axes.add_collection(LineCollection(spokes, colors=BLUE, linewidths=widths, alpha=0.3, zorder=1))
    for (name, region), (x, y) in zip(regions.iterrows(), centres, strict=True):
        look: Look = {"facecolor": SHADE, "edgecolor": GREY, "linewidth": 0.6, "zorder": 1.5}
        axes.add_patch(mpl.patches.Circle((x, y), region["radius"], **look))
        # Which point of the text, in shares of its size, stands where: outward of the disc.
        anchor: Any = tuple(0.5 if abs(way) < 0.3 else float(way < 0) for way in (x, y))
        out = 1 + region["radius"] + 0.03
        inside = between.get((name, name), 0.0)
        lines = [(fold(str(name), 1.4, 9, "bold"), INK), (number(region["instruments"]), BLUE)]
        lines += [(number(inside), GREEN)] if inside >= LEAST_LINKS else []
        packed: list[Any] = [
            TextArea(text, textprops={"color": colour, **BOLD}) for text, colour in lines
        ]
        align: Any = {0.0: "left", 0.5: "center", 1.0: "right"}[anchor[0]]
        box = VPacker(children=packed, pad=0, sep=2, align=align)
        axes.add_artist(
            AnnotationBbox(box, (out * x, out * y), frameon=False, box_alignment=anchor, pad=0)
        )


def draw_links(axes: Axes, partners: pd.DataFrame, between: pd.Series) -> None:
    """Draw a curve per pair of regions, as wide as there are links, bent towards the centre."""
    apart = between[[a != b for a, b in between.index]]
    apart = apart[apart >= LEAST_LINKS]
    regions = partners.groupby("region")[["angle", "radius"]].first()
    inner = 1 - regions["radius"]
    rim = pd.DataFrame(
        {"x": inner * np.cos(regions["angle"]), "y": inner * np.sin(regions["angle"])}
    )
    codes = [Shape.MOVETO, Shape.CURVE3, Shape.CURVE3]
    # The first place that is taken is that of the EU.
    taken = [np.zeros(2)]
    for place, ((first, second), count) in enumerate(apart.items()):
        start, end = rim.loc[first].to_numpy(), rim.loc[second].to_numpy()
        middle = (start + end) / 2 * 0.6
        look: Look = {"facecolor": "none", "edgecolor": GREEN, "alpha": 0.45, "zorder": 2}
        width = max(0.5, 12 * count / apart.iloc[0])
        axes.add_patch(mpl.patches.PathPatch(Shape([start, middle, end], codes), lw=width, **look))
        free = [
            at
            for share in (0.5, 0.35, 0.65, 0.25, 0.75)
            for at in [(1 - share) ** 2 * start + 2 * share * (1 - share) * middle + share**2 * end]
            if all(np.hypot(*(at - other)) > ROOM for other in taken)
        ]
        if place < NUMBERED and free:
            taken.append(free[0])
            pad: Look = {"facecolor": "white", "alpha": 0.8, "pad": 0.8, "linewidth": 0}
            label: Look = {"color": GREEN, "fontsize": 8, "bbox": pad, "zorder": 4, **CENTRED}
            axes.text(free[0][0], free[0][1], number(count), **label)
