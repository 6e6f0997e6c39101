"""Two choices crossed in a grid: the design of the Offer, and what lets the network stand alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from partnersim.compare.comparison import Comparison
from partnersim.compare.differences import PolicyDifference, by_measure, paired_differences
from partnersim.compare.factors import CLIMATE
from partnersim.compare.labels import NO_BREAK, capitalised, metric_label, number, words
from partnersim.compare.resilience import LINK_RATE, standing_of
from partnersim.compare.words import amount, called, decimals_of, titled
from partnersim.show import marks
from partnersim.show.sheet import INK, Sheet, caption

USUAL = "as in the reference"
#: One panel each, if the study holds them.
MEASURES = ("partner_value", "value_ldc_share")
WORSE_TO_BETTER = LinearSegmentedColormap.from_list(
    "worse_to_better", [marks.VERMILION, "white", marks.BLUE]
)


def draw_offer_design(comparison: Comparison) -> Sheet:
    """Draw a grid per measure: mixes down, targetings across, differences as colour and number."""
    grid = offer_grid(comparison.manifest["configuration"]["policy"], comparison.reference)
    measures = [name for name in MEASURES if name in comparison.outcomes]
    own = comparison.outcomes[comparison.outcomes["policy"].isin(grid.to_numpy().ravel())]
    table = paired_differences(own, measures, comparison.reference, futures=comparison.futures)
    found = by_measure(table, comparison.reference, measures)
    sheet = Sheet(
        comparison,
        2.6 + max(0.95 * grid.shape[1], 2.0) * len(measures),
        0.9 + 0.36 * len(grid),
        title=design_finding(grid, found[measures[0]], measures[0]),
        **caption("offer_design", reference=called(comparison.reference), end=comparison.end),
    )
    panels = sheet.panels(1, len(measures), sharey=True)[0]
    for axes, metric in zip(panels, measures, strict=True):
        draw_panel(axes, grid, metric, found[metric])
    marks.label_rows(panels[0], [marks.fold(capitalised(mix), 2.0) for mix in grid.index])
    return sheet


def offer_grid(policies: Mapping[str, Mapping[str, Any]], reference: str) -> pd.DataFrame:
    """Arrange policies that differ from the reference in mix and targeting alone.

    Parameters
    ----------
    policies : mapping of str to mapping
        Settings of the policies, as a manifest keeps them.
    reference : str
        The one that the others are compared with.

    Returns
    -------
    DataFrame
        Policies by mix (down) and targeting (across): what sets each apart from the reference, in
        words, its own first. NaN where no policy combines them.
    """

    def rest(policy: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings that must be equal: without those that may differ."""
        offer = {**policy["offer"], "mix": None, "targeting": None}
        return {**policy, "name": None, "description": None, "offer": offer}

    base = policies[reference]
    cells = {
        tuple(grown(policy["offer"][by], base["offer"][by]) for by in ("mix", "targeting")): name
        for name, policy in policies.items()
        if rest(policy) == rest(base)
    }
    mixes, targetings = (dict.fromkeys([USUAL, *names]) for names in zip(*cells, strict=True))
    return pd.Series(cells).unstack().reindex(index=list(mixes), columns=list(targetings))


def grown(own: Mapping[str, float], usual: Mapping[str, float]) -> str:
    """Return the share of which the weight grew most against the base, in words."""
    shares, base = (
        {name: weight / sum(given.values()) for name, weight in given.items()}
        for given in (own, usual)
    )
    if all(abs(shares[name] - base[name]) < 1e-9 for name in base):
        return USUAL
    most = max(base, key=lambda name: shares[name] - base[name])
    return f"{words(most)} {100 * shares[most]:.0f}{NO_BREAK}%"


def means_of(grid: pd.DataFrame, found: dict[str, PolicyDifference]) -> np.ndarray:
    """Return mean differences by cell of a grid: that of the reference to itself is 0."""
    means = grid.map(lambda one: found[one].mean if one in found else 0.0, na_action="ignore")
    return means.to_numpy(np.float64)


def draw_panel(
    axes: Axes, grid: pd.DataFrame, metric: str, found: dict[str, PolicyDifference]
) -> None:
    """Draw the cells of one measure."""
    means, label = means_of(grid, found), metric_label(metric)
    reach = float(np.nanmax(np.abs(means))) or 1.0
    digits = decimals_of(metric, reach / 10)

    def text(policy: str) -> str:
        if policy not in found:
            return "0"
        text = amount(metric, found[policy].mean, digits, sign=True).split(NO_BREAK)[0]
        return text if found[policy].verdict else f"({text})"

    texts = grid.map(text, na_action="ignore").fillna("").to_numpy()
    unclear = grid.map(lambda policy: policy in found and not found[policy].verdict).to_numpy()
    shown = np.ma.masked_where(unclear, np.ma.masked_invalid(label.sign * means))
    rules = [capitalised(name.removesuffix(f" 100{NO_BREAK}%")) for name in grid.columns]
    heads = [marks.fold(rule, 0.85, 8) for rule in rules]
    marks.draw_cells(axes, shown, texts, WORSE_TO_BETTER, -reach, reach, heads=heads)
    title = ", ".join(filter(None, [label.title, label.unit_of_difference]))
    marks.head_column(axes, title, max(0.9 * len(rules), 1.8), 9.5)


def design_finding(grid: pd.DataFrame, found: dict[str, PolicyDifference], metric: str) -> str:
    """Say whether mix or targeting moves the outcome more: how far its means lie apart."""
    means = means_of(grid, found)
    moved = {
        "what it buys": float(np.ptp(np.nanmean(means, axis=1))),
        "whom it goes to": float(np.ptp(np.nanmean(means, axis=0))),
    }
    first, second = sorted(moved, key=lambda name: moved[name], reverse=True)
    digits = decimals_of(metric, moved[first] / 10)
    return (
        f"With the same money, {first} moves {titled(metric)} by "
        f"{amount(metric, moved[first], digits)}, {second} by "
        f"{amount(metric, moved[second], digits)}"
    )


def draw_standing(comparison: Comparison) -> Sheet:
    """Draw a grid of panels: climates down, Offers across, years in the cells."""
    configuration = comparison.runs.manifest["configuration"]
    policies = configuration["policy"]
    table = standing_of(comparison.runs)
    reference = comparison.runs.reference
    table["offer"] = [offer_of(policies, name, reference) for name in table["policy"]]
    weights = [policies[name]["priorities"] for name in table["policy"]]
    table["attention"] = [own["connect"] / sum(own.values()) for own in weights]
    table[CLIMATE] = table[CLIMATE].astype(str)
    offers, climates = (list(table[name].unique()) for name in ("offer", CLIMATE))
    attentions, links = (sorted(table[name].unique()) for name in ("attention", LINK_RATE))
    usual = float(configuration["behaviour"]["coefficients"]["link_rate"]["value"])
    years = [int(quarter[:4]) for quarter in comparison.runs.quarters]
    sheet = Sheet(
        comparison,
        2.0 + max(0.7 * len(links), 3.2) * len(offers),
        (0.36 * len(attentions) + 0.55) * len(climates) + 0.3,
        title=standing_finding(table, usual, years[-1]),
        **caption("standing", last=years[-1]),
    )
    panels = sheet.panels(len(climates), len(offers), sharex=True, sharey=True)
    place = int(np.argmin(np.abs(np.array(links) - usual)))
    for (down, across), axes in np.ndenumerate(panels):
        mine = table[(table["offer"] == offers[across]) & (table[CLIMATE] == climates[down])]
        grid = mine.pivot(index="attention", columns=LINK_RATE, values="year")
        grid = grid.reindex(attentions)[links].to_numpy(dtype=np.float64)
        earliness = np.ma.masked_invalid((years[-1] + 1 - grid) / (years[-1] + 1 - years[0]))
        texts = [["never" if np.isnan(year) else f"{year:.0f}" for year in row] for row in grid]
        marks.draw_cells(axes, earliness, texts, marks.pale_to_dark())
        marks.frame(axes, place - 0.5, -0.5, 1, len(attentions), INK)
        axes.set_title(f"{capitalised(offers[across])}, {words(climates[down])}")
    shares = [f"{number(100 * share)}{NO_BREAK}% to connecting" for share in attentions]
    marks.label_rows(panels[0, 0], shares)
    for axes in panels[-1]:
        axes.set_xticks(range(len(links)), [f"{value:g}" for value in links])
        axes.set_xlabel("decisions to link, a quarter")
    return sheet


def offer_of(policies: Mapping[str, Mapping[str, Any]], name: str, reference: str) -> str:
    """Return in words what Offer a policy makes, beside that of the reference."""
    offer, base = (policies[policy]["offer"] for policy in (name, reference))
    if offer["envelope"] == 0:
        return "no Offer"
    rule = grown(offer["targeting"], base["targeting"])
    alone = rule.replace(f"100{NO_BREAK}%", "alone")
    return "Offer as usual" if rule == USUAL else f"Offer by {alone}"


def standing_finding(table: pd.DataFrame, rate: float, last: int) -> str:
    """Say from when the network stands if partners link at a rate, and what makes it so."""
    links = table[LINK_RATE].unique()
    usual = table[np.isclose(table[LINK_RATE], links[np.argmin(np.abs(links - rate))])]
    climate, offer = (str(usual[name].iloc[0]) for name in (CLIMATE, "offer"))
    here = usual[usual[CLIMATE] == climate]
    most = here[here["attention"] == here["attention"].max()]
    least = here[here["offer"] == offer].sort_values("attention")["year"].iloc[0]
    share = f"{number(100 * most['attention'].iloc[0])}{NO_BREAK}% of attention on connecting"
    begin = f"At the usual rate of links, in a {words(climate)} climate the network"
    if np.isfinite(least):
        return f"{begin} stands without the EU from {least:.0f}"
    years = most.set_index("offer")["year"]
    if np.isfinite(years[offer]):
        return f"{begin} stands without the EU by {last} only with {share}: from {years[offer]:.0f}"
    text = f"{begin} does not stand without the EU by {last}, even with {share}"
    others = years.dropna()
    other = "" if others.empty else f"; with {others.idxmin()} it does from {others.min():.0f}"
    return text + other
