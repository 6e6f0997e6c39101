"""From when the network stands without its hub: by Offer, attention and readiness to link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from partnersim.compare.comparison import Comparison
from partnersim.compare.factors import CLIMATE
from partnersim.compare.labels import NO_BREAK, capitalised, number, words
from partnersim.compare.offer_grid import USUAL, grown
from partnersim.compare.standing import RELUCTANCE, standing_of
from partnersim.show.marks import draw_cells, frame, label_rows, pale_to_dark
from partnersim.show.sheet import INK, Sheet


def draw_standing(comparison: Comparison) -> Sheet:
    """Draw a grid of panels: climates down, Offers across, years in the cells."""
    configuration = comparison.runs.manifest["configuration"]
    policies = configuration["policy"]
    table = standing_of(comparison.runs)
    reference = comparison.runs.reference
    table["offer"] = [offer_of(policies, name, reference) for name in table["policy"]]
    table["attention"] = [policies[name]["priorities"]["connect"] for name in table["policy"]]
    table[CLIMATE] = table[CLIMATE].astype(str)
    offers, climates = (list(table[name].unique()) for name in ("offer", CLIMATE))
    attentions, links = (sorted(table[name].unique()) for name in ("attention", RELUCTANCE))
    assumed = float(configuration["behaviour"]["coefficients"]["link"]["value"])
    years = [int(quarter[:4]) for quarter in comparison.runs.quarters]
    sheet = Sheet(
        comparison,
        2.0 + max(0.7 * len(links), 3.2) * len(offers),
        (0.36 * len(attentions) + 0.55) * len(climates) + 0.3,
        title=finding(table, assumed, years[-1]),
        subtitle="Year at whose end at least half of the partners would still hang together if "
        f"the EU fell away, in most runs and ever after; “never”: not by {years[-1]}. Down: share "
        "of attention that the EU gives to connecting; across: how ready partners are to link "
        "(the assumed value is framed)",
        bands="median over runs",
    )
    panels = sheet.panels(len(climates), len(offers), sharex=True, sharey=True)
    place = int(np.argmin(np.abs(np.array(links) - assumed)))
    for (down, across), axes in np.ndenumerate(panels):
        mine = table[(table["offer"] == offers[across]) & (table[CLIMATE] == climates[down])]
        grid = mine.pivot(index="attention", columns=RELUCTANCE, values="year")
        grid = grid.reindex(attentions)[links].to_numpy(dtype=np.float64)
        earliness = np.ma.masked_invalid((years[-1] + 1 - grid) / (years[-1] + 1 - years[0]))
        texts = [["never" if np.isnan(year) else f"{year:.0f}" for year in row] for row in grid]
        draw_cells(axes, earliness, texts, pale_to_dark())
        frame(axes, place - 0.5, -0.5, 1, len(attentions), INK)
        axes.set_title(f"{capitalised(offers[across])}, {words(climates[down])}")
    shares = [f"{number(100 * share)}{NO_BREAK}% to connecting" for share in attentions]
    label_rows(panels[0, 0], shares)
    for axes in panels[-1]:
        axes.set_xticks(range(len(links)), [number(value, 1) for value in links])
        axes.set_xlabel("← reluctant      ready to link →")
    return sheet


def offer_of(policies: Mapping[str, Mapping[str, Any]], name: str, reference: str) -> str:
    """Return in words what Offer a policy makes, beside that of the reference."""
    offer, base = (policies[policy]["offer"] for policy in (name, reference))
    if offer["envelope"] == 0:
        return "no Offer"
    rule = grown(offer["targeting"], base["targeting"])
    alone = rule.replace(f"100{NO_BREAK}%", "alone")
    return "Offer as usual" if rule == USUAL else f"Offer by {alone}"


def finding(table: pd.DataFrame, assumed: float, last: int) -> str:
    """Say from when the network stands as partners are assumed to link, and what makes it so."""
    links = table[RELUCTANCE].unique()
    usual = table[np.isclose(table[RELUCTANCE], links[np.argmin(np.abs(links - assumed))])]
    climate, offer = (str(usual[name].iloc[0]) for name in (CLIMATE, "offer"))
    here = usual[usual[CLIMATE] == climate]
    most = here[here["attention"] == here["attention"].max()]
    least = here[here["offer"] == offer].sort_values("attention")["year"].iloc[0]
    share = f"{number(100 * most['attention'].iloc[0])}{NO_BREAK}% of attention on connecting"
    begin = f"As partners are assumed to link, in a {words(climate)} climate the network"
    if np.isfinite(least):
        return f"{begin} stands without the EU from {least:.0f}"
    years = most.set_index("offer")["year"]
    if np.isfinite(years[offer]):
        return f"{begin} stands without the EU by {last} only with {share}: from {years[offer]:.0f}"
    text = f"{begin} does not stand without the EU by {last}, even with {share}"
    others = years.dropna()
    other = "" if others.empty else f"; with {others.idxmin()} it does from {others.min():.0f}"
    return text + other
