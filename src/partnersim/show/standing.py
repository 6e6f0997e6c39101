"""From when the network stands without its hub: by Offer, attention and readiness to link."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from partnersim.compare.comparison import Comparison
from partnersim.compare.factors import CLIMATE
from partnersim.compare.offer_grid import USUAL, grown
from partnersim.compare.standing import RELUCTANCE, standing_of
from partnersim.runs.reader import Runs
from partnersim.runs.sweep_reader import StoredSweep
from partnersim.runs.wording import NO_BREAK, capitalised, number, words
from partnersim.show.cells import draw_cells
from partnersim.show.sheet import MARGIN, Sheet
from partnersim.show.style import GREY, INK, PALE, pale_to_dark, quiet_axes

CELL_WIDTH, CELL_HEIGHT = 0.66, 0.36
LABELS, GAP, PANEL_GAP = 1.95, 0.4, 0.62
#: Width of a panel that its title needs.
NARROWEST = 3.0
_DARK = 0.55


def draw_standing(stored: StoredSweep, folder: Path) -> list[Path]:
    """Draw a grid of panels: climates down, Offers across, years in the cells."""
    comparison = Comparison(Runs(stored))
    table = standing_of(comparison.runs)
    configuration = stored.manifest["configuration"]
    policies = configuration["policy"]
    table["offer"] = [offer_of(policies, name, stored.reference) for name in table["policy"]]
    table["attention"] = [policies[name]["priorities"]["connect"] for name in table["policy"]]
    offers, climates = (list(table[name].astype(str).unique()) for name in ("offer", CLIMATE))
    attentions, links = (sorted(table[name].unique()) for name in ("attention", RELUCTANCE))
    assumed = float(configuration["behaviour"]["coefficients"]["link"]["value"])
    years = [int(quarter[:4]) for quarter in stored.layout.quarters]
    width, height = max(CELL_WIDTH * len(links), NARROWEST), CELL_HEIGHT * len(attentions)
    sheet = Sheet(
        comparison,
        MARGIN + LABELS + (width + GAP) * len(offers),
        (height + PANEL_GAP) * len(climates) + 0.3,
        title=finding(table, assumed, years[-1]),
        subtitle="Year at whose end at least half of the partners would still hang together if the "
        f"EU fell away, in most runs and ever after; “never”: not by {years[-1]}. Down: share of "
        "attention that the EU gives to connecting; across: how ready partners are to link (the "
        "assumed value is framed)",
        bands="median over runs",
    )
    for down, climate in enumerate(climates):
        top = sheet.top - 0.3 - down * (height + PANEL_GAP)
        for across, offer in enumerate(offers):
            left = MARGIN + LABELS + across * (width + GAP)
            axes = sheet.axes(left, top - height, left + width, top)
            mine = table[(table["offer"] == offer) & (table[CLIMATE].astype(str) == climate)]
            grid = mine.pivot(index="attention", columns=RELUCTANCE, values="year")
            draw_panel(axes, grid.reindex(attentions)[links], (years[0], years[-1]))
            place = int(np.argmin([abs(value - assumed) for value in links]))
            frame = Rectangle((place - 0.5, -0.5), 1, len(attentions), fill=False, ec=INK, lw=1.6)
            frame.set_clip_on(False)
            axes.add_patch(frame)
            axes.set_title(
                f"{capitalised(offer)}, {words(climate)}",
                loc="left",
                fontsize=9.5,
                fontweight="bold",
            )
            told = [f"{number(100 * share)}{NO_BREAK}% to connecting" for share in attentions]
            axes.set_yticks(range(len(attentions)), told if across == 0 else [])
            last = down == len(climates) - 1
            marks = [number(value, 1) for value in links] if last else []
            axes.set_xticks(range(len(marks)), marks)
            axes.tick_params(axis="y", labelcolor=INK, labelsize=9)
            if last:
                axes.set_xlabel("← reluctant      ready to link →", fontsize=8.5)
    return sheet.save(folder, "standing")


def offer_of(policies: Mapping[str, Mapping[str, Any]], name: str, reference: str) -> str:
    """Return in words what Offer a policy makes, beside that of the reference."""
    offer, base = (policies[policy]["offer"] for policy in (name, reference))
    if offer["envelope"] == 0:
        return "no Offer"
    rule = grown(offer["targeting"], base["targeting"])
    if rule == USUAL:
        return "Offer as usual"
    return f"Offer by {rule.replace(f'100{NO_BREAK}%', 'alone')}"


def draw_panel(axes: Axes, grid: pd.DataFrame, span: tuple[int, int]) -> None:
    """Draw the years of one policy in one climate; early is dark."""
    years = grid.to_numpy(dtype=np.float64)
    earliness = (span[1] + 1 - years) / (span[1] + 1 - span[0])
    draw_cells(axes, np.ma.masked_invalid(earliness), pale_to_dark())
    for (down, across), year in np.ndenumerate(years):
        never = np.isnan(year)
        axes.text(
            across,
            down,
            "never" if never else f"{year:.0f}",
            ha="center",
            va="center",
            fontsize=8.5,
            color=GREY if never else ("white" if earliness[down, across] > _DARK else INK),
        )
    quiet_axes(axes, grid="")
    for side in axes.spines.values():
        side.set_color(PALE)


def finding(table: pd.DataFrame, assumed: float, last: int) -> str:
    """Say from when the network stands as partners are assumed to link, and what makes it so."""
    links = table[RELUCTANCE].unique()
    usual = table[np.isclose(table[RELUCTANCE], links[np.argmin(np.abs(links - assumed))])]
    climate, offer = (str(usual[name].iloc[0]) for name in (CLIMATE, "offer"))
    here = usual[usual[CLIMATE].astype(str) == climate]
    most = here[here["attention"] == here["attention"].max()]
    mine = here[here["offer"] == offer].sort_values("attention")
    least = mine["year"].iloc[0]
    share = f"{number(100 * most['attention'].iloc[0])}{NO_BREAK}% of attention on connecting"
    begin = f"As partners are assumed to link, in a {words(climate)} climate the network"
    if np.isfinite(least):
        return f"{begin} stands without the EU from {least:.0f}"
    years = most.set_index("offer")["year"]
    if np.isfinite(years[offer]):
        return f"{begin} stands without the EU by {last} only with {share}: from {years[offer]:.0f}"
    text = f"{begin} does not stand without the EU by {last}, even with {share}"
    others = years.dropna()
    if others.empty:
        return text
    return f"{text}; with {others.idxmin()} it does from {others.min():.0f}"
