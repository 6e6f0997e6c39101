"""The network of the end state: the EU in the centre, deep partners near it, links around it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.patches import Circle
from matplotlib.path import Path as Shape

from partnersim.runs.experiment_reader import StoredExperiment
from partnersim.runs.wording import number, words
from partnersim.show.series import reference_arm
from partnersim.show.sheet import Sheet
from partnersim.show.style import BLUE, FAINT, GREEN, GREY, INK, PALE, depth_colours

Floats = npt.NDArray[np.float64]

#: Radius of the partner with depth 4 and of one with depth 0, on a page of radius 1.
INNER, OUTER = 0.13, 0.94
#: Links in fewer runs than this are not drawn.
LEAST_PROBABILITY = 0.1
#: So many of the deepest partners, or the deepest quarter, are named in bold.
MAIN_PARTNERS = 30
#: Width of the page in inches.
PAGE = 11.0
#: Gap between two regions, and room for a letter of a region's name, in partners.
SECTOR_GAP, SLOTS_PER_LETTER = 2.0, 0.48
#: Letters of a partner's name that fit between rim and region at full size.
LETTERS = 21


def draw_hub_network(stored: StoredExperiment, folder: Path) -> list[Path]:
    """Draw partners by depth (distance from the EU) and region (angle), and links between them."""
    policy, climate = reference_arm(stored)
    countries = stored.table("countries", arm=(policy, climate)).astype({"quarter": str})
    quarter = countries["quarter"].max()
    state = countries[countries["quarter"] == quarter].astype({"iso3": str}).set_index("iso3")
    links = stored.table("links", arm=(policy, climate)).astype({"iso3_a": str, "iso3_b": str})
    partners = stored.table("partners").set_index("iso3").join(state[["depth", "instruments"]])
    partners = partners.dropna(subset="depth")
    placed = placed_around(partners)
    sheet = Sheet(
        stored,
        PAGE,
        PAGE - 0.3,
        title=finding(stored, partners, links),
        subtitle="Nearer to the centre: deeper with the EU (mean depth over eight areas, 0 outside "
        "to 4 inside). Larger: more instruments in force. Green curves: links between partners, "
        "the darker the more probable. Bold: the deepest partners",
        bands=f"“{words(policy)}”, climate “{words(climate)}”, links in at least "
        f"{LEAST_PROBABILITY:.0%} of runs".replace("%", " %"),
        names=partners["name"],
    )
    side = sheet.width - 0.3
    axes = sheet.axes(0.15, sheet.bottom, 0.15 + side, sheet.bottom + side)
    axes.set_xlim(-1.5, 1.5)
    axes.set_ylim(-1.5, 1.5)
    axes.set_aspect("equal")
    axes.axis("off")
    draw_rings(axes, free_angle(placed["angle"].to_numpy()))
    draw_spokes(axes, placed)
    draw_links(axes, placed, links)
    draw_partners(axes, placed)
    draw_regions(axes, placed)
    axes.text(
        0,
        0,
        "EU",
        color="white",
        fontsize=15,
        fontweight="bold",
        ha="center",
        va="center",
        zorder=6,
    )
    axes.add_patch(Circle((0, 0), 0.09, color=BLUE, zorder=5))
    return sheet.save(folder, "hub_network")


def placed_around(partners: pd.DataFrame) -> pd.DataFrame:
    """Give every partner an angle (regions side by side, west to east) and a radius (depth)."""
    west_to_east = list(partners.groupby("region")["longitude"].mean().sort_values().index)
    counts = partners["region"].value_counts()
    # Measured in partners: a sector holds its members or its name, whichever is wider.
    widths = [max(counts[region], SLOTS_PER_LETTER * len(region)) for region in west_to_east]
    slot_angle = 2 * np.pi / (sum(widths) + SECTOR_GAP * len(widths))
    placed = []
    start = 0.0
    for region, width in zip(west_to_east, widths, strict=True):
        members = partners[partners["region"] == region].sort_values("longitude")
        slots = start + width / 2 + np.arange(len(members)) - (len(members) - 1) / 2
        placed.append(members.assign(angle=np.pi - slot_angle * slots))
        start += width + SECTOR_GAP
    result = pd.concat(placed)
    radius = OUTER - (OUTER - INNER) * result["depth"] / 4
    return result.assign(
        radius=radius, x=radius * np.cos(result["angle"]), y=radius * np.sin(result["angle"])
    )


def free_angle(angles: Floats) -> float:
    """Return the direction without partners that is nearest to the top."""
    turning = np.sort(angles % (2 * np.pi))
    gaps = np.diff(turning, append=turning[0] + 2 * np.pi)
    middles = turning + gaps / 2
    wide = gaps > 1.5 * np.median(gaps)
    from_top = np.abs((middles - np.pi / 2 + np.pi) % (2 * np.pi) - np.pi)
    return float(middles[np.argmin(np.where(wide | (gaps == gaps.max()), from_top, np.inf))])


def draw_rings(axes: Axes, angle: float) -> None:
    """Draw the circles of whole depths and name them in a direction."""
    turn = np.linspace(0, 2 * np.pi, 361)
    for depth in range(5):
        radius = OUTER - (OUTER - INNER) * depth / 4
        axes.plot(radius * np.cos(turn), radius * np.sin(turn), color=PALE, linewidth=0.7, zorder=0)
        if 0 < depth < 4:
            axes.text(
                radius * np.cos(angle),
                radius * np.sin(angle),
                f"depth {depth}",
                fontsize=7.5,
                color=GREY,
                ha="center",
                va="center",
                zorder=5,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0, "alpha": 0.85},
            )


def draw_spokes(axes: Axes, placed: pd.DataFrame) -> None:
    """Tie every partner to the EU, and faintly to its name outside."""
    points = placed[["x", "y"]].to_numpy()
    rim = np.column_stack([np.cos(placed["angle"]), np.sin(placed["angle"])])
    axes.add_collection(
        LineCollection(
            [[(0.0, 0.0), tuple(point)] for point in points],
            colors=BLUE,
            linewidths=0.25 + 0.1 * placed["instruments"].to_numpy() ** 0.5,
            alpha=0.35,
            zorder=1,
        )
    )
    outwards = np.stack([points, rim], axis=1)
    axes.add_collection(LineCollection(list(outwards), colors=FAINT, linewidths=0.6, zorder=0))


def draw_links(axes: Axes, placed: pd.DataFrame, links: pd.DataFrame) -> None:
    """Draw links as curves that bend towards the centre, opacity by probability."""
    shown = links[
        (links["probability"] >= LEAST_PROBABILITY)
        & links["iso3_a"].isin(placed.index)
        & links["iso3_b"].isin(placed.index)
    ].sort_values("probability")
    start = placed.loc[shown["iso3_a"], ["x", "y"]].to_numpy()
    end = placed.loc[shown["iso3_b"], ["x", "y"]].to_numpy()
    bend = (start + end) / 2 * 0.55
    codes = [Shape.MOVETO, Shape.CURVE3, Shape.CURVE3]
    curves = [Shape(corners, codes) for corners in np.stack([start, bend, end], axis=1)]
    # Many links must not become a blot: what is drawn gets fainter as they grow in number.
    ink = min(1.0, 12.0 / np.sqrt(max(float(shown["probability"].sum()), 1.0)))
    colours = np.zeros((len(shown), 4))
    colours[:, :3] = [int(GREEN[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    colours[:, 3] = 0.75 * ink * shown["probability"].to_numpy()
    axes.add_collection(
        PathCollection(curves, facecolors="none", edgecolors=colours, linewidths=0.9, zorder=2)
    )


def draw_partners(axes: Axes, placed: pd.DataFrame) -> None:
    """Draw a disc per partner and write its name on the rim."""
    colours, classes = depth_colours()
    axes.scatter(
        placed["x"],
        placed["y"],
        s=6 + 4.0 * placed["instruments"],
        c=colours(classes(placed["depth"].to_numpy())),
        edgecolor=INK,
        linewidth=0.5,
        zorder=4,
    )
    main = set(placed["depth"].nlargest(min(MAIN_PARTNERS, len(placed) // 4)).index)
    for iso3, row in placed.iterrows():
        degrees = np.degrees(row["angle"])
        left = np.cos(row["angle"]) < 0
        axes.text(
            1.015 * np.cos(row["angle"]),
            1.015 * np.sin(row["angle"]),
            row["name"],
            rotation=degrees + 180 if left else degrees,
            rotation_mode="anchor",
            ha="right" if left else "left",
            va="center",
            fontsize=6.2 * min(1.0, LETTERS / len(row["name"])),
            color=INK if iso3 in main else GREY,
            fontweight="bold" if iso3 in main else "normal",
        )


def draw_regions(axes: Axes, placed: pd.DataFrame) -> None:
    """Bracket every region outside the names of its partners."""
    for region, members in placed.groupby("region", sort=False):
        angles = members["angle"].to_numpy()
        turn = np.linspace(angles.min() - 0.012, angles.max() + 0.012, 60)
        axes.plot(1.34 * np.cos(turn), 1.34 * np.sin(turn), color=GREY, linewidth=1.2)
        middle = float(angles.mean())
        flat = np.degrees(middle) - 90
        below = np.sin(middle) < 0
        axes.text(
            1.385 * np.cos(middle),
            1.385 * np.sin(middle),
            str(region),
            rotation=flat + 180 if below else flat,
            rotation_mode="anchor",
            ha="center",
            va="center",
            fontsize=8.5,
            fontweight="bold",
        )


def finding(stored: StoredExperiment, partners: pd.DataFrame, links: pd.DataFrame) -> str:
    """Say how many ties lead to the EU and how many links run between partners."""
    policy, climate = reference_arm(stored)
    summary = stored.table("summary", arm=(policy, climate)).set_index("metric")
    year = str(summary["quarter"].iloc[0])[:4]
    degree = (
        pd.concat([links.groupby(side)["probability"].sum() for side in ("iso3_a", "iso3_b")])
        .groupby(level=0)
        .sum()
    )
    text = (
        f"Under “{words(policy)}” in a {words(climate)} climate, the hub of {year} holds "
        f"{number(summary.loc['instruments', 'median'])} instruments, and "
        f"{number(summary.loc['links', 'median'])} links run directly between partners"
    )
    if len(degree):
        best = degree.idxmax()
        text += f"; best connected: {partners.loc[best, 'name']} ({number(degree[best])} links)"
    return text
