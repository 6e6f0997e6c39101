"""The network at the end: regions around the EU, and the links that partners have of their own."""

from __future__ import annotations

import matplotlib as mpl
import networkx as nx
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.path import Path as Shape

from partnersim.compare.comparison import Comparison
from partnersim.compare.labels import number
from partnersim.runs.reader import Runs
from partnersim.show.growth import Shown, first_shown
from partnersim.show.marks import BLUE, CENTRED, GREEN, SHADE, fold
from partnersim.show.sheet import GREY, INK, Look, Sheet
from partnersim.show.world_map import depth_colours, year_ends

#: Links in fewer runs than this are not drawn.
LEAST_PROBABILITY = 0.1
#: So many partners with most links are named.
NAMED = 8
#: Room that a letter and a line of a name take.
NAME_WIDTH, NAME_HEIGHT = 0.034, 0.08
#: Partners side by side turn by the golden angle, as the seeds of a sunflower.
GOLDEN = np.pi * (3 - np.sqrt(5))


def draw_hub_network(comparison: Comparison) -> Sheet:
    """Draw a disc of partners per region around the EU, and the links between partners."""
    shown = first_shown(comparison.runs)
    graph = network_of(comparison.runs, shown)
    partners = placed_around(pd.DataFrame.from_dict(dict(graph.nodes(data=True)), orient="index"))
    links = pd.Series(dict(graph.degree(weight="probability"))).sort_values(
        ascending=False, kind="stable"
    )
    counts = [number(float(count)) for count in (partners["instruments"].sum(), links.sum() / 2)]
    title = (
        f"Under {shown.where}, the hub of {comparison.end} holds {counts[0]} instruments, and "
        f"{counts[1]} links run directly between partners"
    )
    if links.iloc[0] > 0:
        best = partners.loc[links.index[0], "name"]
        title += f"; best connected: {best} ({number(float(links.iloc[0]))} links)"
    drawn = {iso3 for pair in graph.edges for iso3 in pair}
    named = [iso3 for iso3 in links.index[:NAMED] if iso3 in drawn]
    sheet = Sheet(
        comparison,
        9.0,
        7.6,
        title=title,
        subtitle="A disc per region, a dot per partner: the darker, the deeper with the EU. Blue "
        "lines: instruments in force between the EU and a region, in number beside its name. "
        f"Green: links between partners, the darker the more probable. Named: the {len(named)} "
        "partners with most links",
        bands=f"{shown.note}, means over runs; links drawn: in at least "
        f"{number(100 * LEAST_PROBABILITY)} % of runs",
        names=[str(partners.loc[iso3, "name"]) for iso3 in named],
    )
    axes = sheet.figure.subplots()
    axes.set_aspect("equal")
    axes.axis("off")
    draw_regions(axes, partners)
    draw_links(axes, partners, graph)
    dots: Look = {"c": depth_colours(partners["depth"]), "edgecolor": INK, "linewidth": 0.4}
    axes.scatter(partners["x"], partners["y"], s=22, zorder=3, **dots)
    bold: Look = {**CENTRED, "fontweight": "bold"}
    box: Look = {"facecolor": "white", "alpha": 0.75, "pad": 0.5, "linewidth": 0}
    for iso3, place in places_of_names(partners.loc[named]).items():
        axes.text(*place, partners.loc[iso3, "name"], **bold, fontsize=8, zorder=5, bbox=box)
    box = {"boxstyle": "circle,pad=0.5", "facecolor": BLUE, "linewidth": 0}
    axes.text(0, 0, "EU", color="white", **bold, fontsize=15, zorder=6, bbox=box)
    axes.autoscale_view()
    return sheet


def network_of(runs: Runs, shown: Shown) -> nx.Graph:
    """Return partners and their links at the last year end.

    Nodes have ``name``, ``region``, ``longitude``, ``depth`` (0..4) and ``instruments`` (mean
    count), edges ``probability`` (share of runs).
    """
    state = list(year_ends(runs, shown).values())[-1][["depth", "instruments"]]
    partners = runs.world_table("partners").set_index("iso3")[["name", "region", "longitude"]]
    links = runs.links(policy=runs.reference, future=shown.future)
    links = links.astype({"iso3_a": str, "iso3_b": str})
    graph = nx.from_pandas_edgelist(links, "iso3_a", "iso3_b", edge_attr="probability")
    known = partners.join(state, how="inner")
    graph.add_nodes_from(known.to_dict(orient="index").items())
    return graph


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


def places_of_names(partners: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Return where names stand: at the dot, nearer to the EU the more names are there already."""
    taken: list[tuple[float, float, float]] = []
    places = {}
    for iso3, partner in partners.iterrows():
        width = NAME_WIDTH * len(partner["name"])
        outward = np.array([np.cos(partner["angle"]), np.sin(partner["angle"])])
        # Names of regions stand outside of the discs.
        x, y = np.array([partner["x"], partner["y"]]) - 0.05 * outward
        x -= outward[0] * width / 2
        step = -NAME_HEIGHT if outward[1] > 0 else NAME_HEIGHT
        while any(
            abs(x - there) < (width + wide) / 2 and abs(y - high) < NAME_HEIGHT
            for there, high, wide in taken
        ):
            y += step / 4
        taken.append((x, y, width))
        places[str(iso3)] = (float(x), float(y))
    return places


def draw_regions(axes: Axes, partners: pd.DataFrame) -> None:
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
        across = "center" if abs(x) < 0.3 else ("left" if x > 0 else "right")
        down = "center" if abs(y) < 0.3 else ("bottom" if y > 0 else "top")
        out = 1 + region["radius"] + 0.03
        text = f"{fold(str(name), 1.4, 9, 'bold')}\n{number(region['instruments'])}"
        axes.text(out * x, out * y, text, ha=across, va=down, fontsize=9, fontweight="bold")


def draw_links(axes: Axes, partners: pd.DataFrame, graph: nx.Graph) -> None:
    """Draw links as curves that bend towards the centre, the darker the more probable."""
    shown = [(a, b, p) for a, b, p in graph.edges(data="probability") if p >= LEAST_PROBABILITY]
    if not shown:
        return
    first, second, probability = zip(*shown, strict=True)
    start, end = (partners.loc[list(side), ["x", "y"]].to_numpy() for side in (first, second))
    codes = [Shape.MOVETO, Shape.CURVE3, Shape.CURVE3]
    bends = np.stack([start, (start + end) / 2 * 0.75, end], axis=1)
    curves = [Shape(corners, codes) for corners in bends]
    # Many links must not become a blot: what is drawn gets fainter as they grow in number.
    ink = min(1.0, 12.0 / np.sqrt(sum(probability)))
    colours = mpl.colors.to_rgba_array([GREEN] * len(shown), 0.85 * ink * np.array(probability))
    axes.add_collection(
        PathCollection(curves, facecolors="none", edgecolors=colours, linewidths=1.1, zorder=2)
    )
