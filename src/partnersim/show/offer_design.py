"""What the Offer buys by whom it goes to: two choices of its design, crossed."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from partnersim.compare.comparison import Comparison
from partnersim.compare.differences import Difference, differences, paired_differences
from partnersim.compare.labels import NO_BREAK, capitalised, metric_label
from partnersim.compare.offer_grid import OfferGrid, offer_grid
from partnersim.compare.words import amount, called, decimals_of, titled
from partnersim.show.sheet import BLUE, VERMILION, Sheet, draw_cells, fold

#: One panel each, if the study holds them.
MEASURES = ("partner_value", "value_ldc_share")


def draw_offer_design(comparison: Comparison) -> Sheet:
    """Draw a grid per measure: mixes down, targetings across, differences as colour and number."""
    grid = offer_grid(comparison.manifest["configuration"]["policy"], comparison.reference)
    measures = [name for name in MEASURES if name in comparison.outcomes]
    own = comparison.outcomes[comparison.outcomes["policy"].isin(set(grid.cells.values()))]
    table = paired_differences(own, measures, comparison.reference, futures=comparison.futures)
    every = differences(table, comparison.reference)
    found = {
        metric: {one.policy: one for one in every if one.metric == metric} for metric in measures
    }
    sheet = Sheet(
        comparison,
        2.6 + max(0.95 * len(grid.targetings), 2.0) * len(measures),
        0.9 + 0.36 * len(grid.mixes),
        title=finding(grid, found, measures[0]),
        subtitle=f"Difference to {called(comparison.reference)} with the same money, in the same "
        f"climates and with the same luck, at the end of {comparison.end}. Down: what half of the "
        "money buys; across: the one rule by which it is divided. Blue: better, orange: worse; in "
        "brackets: no clear difference",
        bands="mean paired differences; brackets where the 95 % interval of all cells together "
        "holds zero",
    )
    panels = sheet.figure.subplots(1, len(measures), sharey=True, squeeze=False)[0]
    for axes, metric in zip(panels, measures, strict=True):
        draw_panel(axes, grid, metric, found[metric])
    panels[0].set_yticks(
        range(len(grid.mixes)), [fold(capitalised(mix), 2.0) for mix in grid.mixes]
    )
    panels[0].set_ylim(len(grid.mixes) - 0.5, -0.5)
    return sheet


def draw_panel(axes: Axes, grid: OfferGrid, metric: str, found: dict[str, Difference]) -> None:
    """Draw the cells of one measure."""
    policies = [
        [grid.cells.get((mix, targeting)) for targeting in grid.targetings] for mix in grid.mixes
    ]
    # The reference has no difference to itself, a combination that was not run has none at all.
    means = np.array(
        [
            [found[one].mean if one in found else (np.nan if one is None else 0.0) for one in row]
            for row in policies
        ]
    )
    label = metric_label(metric)
    sign = -1.0 if label.better == "less" else 1.0
    reach = float(np.nanmax(np.abs(means))) or 1.0
    digits = decimals_of(metric, reach / 10)

    def text(policy: str | None) -> str:
        if policy not in found:
            return "" if policy is None else "0"
        text = amount(metric, found[policy].mean, digits, sign=True).split(NO_BREAK)[0]
        return text if found[policy].verdict else f"({text})"

    texts = [[text(policy) for policy in row] for row in policies]
    draw_cells(axes, np.ma.masked_invalid(sign * means), texts, WORSE_TO_BETTER, -reach, reach)
    heads = [
        fold(capitalised(name.removesuffix(f" 100{NO_BREAK}%")), 0.85, 8)
        for name in grid.targetings
    ]
    axes.set_xticks(range(len(heads)), heads)
    axes.xaxis.tick_top()
    unit = "percentage points" if label.unit == "%" else label.unit
    title = f"{label.title}, {unit}" if unit else label.title
    axes.set_title(fold(title, max(0.9 * len(heads), 1.8), 9.5, "bold"))


WORSE_TO_BETTER = LinearSegmentedColormap.from_list("worse_to_better", [VERMILION, "white", BLUE])


def finding(grid: OfferGrid, found: dict[str, dict[str, Difference]], metric: str) -> str:
    """Say whether mix or targeting moves the outcome more."""
    means = {
        cell: found[metric][policy].mean if policy in found[metric] else 0.0
        for cell, policy in grid.cells.items()
    }
    moved = {
        "what it buys": spread_of(means, grid.mixes, 0),
        "whom it goes to": spread_of(means, grid.targetings, 1),
    }
    first, second = sorted(moved, key=lambda name: moved[name], reverse=True)
    digits = decimals_of(metric, moved[first] / 10)
    return (
        f"With the same money, {first} moves {titled(metric)} by "
        f"{amount(metric, moved[first], digits)}, {second} by "
        f"{amount(metric, moved[second], digits)}"
    )


def spread_of(means: dict[tuple[str, str], float], names: list[str], axis: int) -> float:
    """Return how far the mean over the other axis moves along one axis."""
    along = [
        np.mean([value for cell, value in means.items() if cell[axis] == name]) for name in names
    ]
    return float(max(along) - min(along))
