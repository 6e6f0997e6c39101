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
from partnersim.show.marks import BLUE, VERMILION, draw_cells, fold, head_column, label_rows
from partnersim.show.sheet import Sheet

#: One panel each, if the study holds them.
MEASURES = ("partner_value", "value_ldc_share")
WORSE_TO_BETTER = LinearSegmentedColormap.from_list("worse_to_better", [VERMILION, "white", BLUE])


def draw_offer_design(comparison: Comparison) -> Sheet:
    """Draw a grid per measure: mixes down, targetings across, differences as colour and number."""
    grid = offer_grid(comparison.manifest["configuration"]["policy"], comparison.reference)
    measures = [name for name in MEASURES if name in comparison.outcomes]
    own = comparison.outcomes[comparison.outcomes["policy"].isin(set(grid.cells.values()))]
    table = paired_differences(own, measures, comparison.reference, futures=comparison.futures)
    found: dict[str, dict[str, Difference]] = {metric: {} for metric in measures}
    for one in differences(table, comparison.reference):
        found[one.metric][one.policy] = one
    sheet = Sheet(
        comparison,
        2.6 + max(0.95 * len(grid.targetings), 2.0) * len(measures),
        0.9 + 0.36 * len(grid.mixes),
        title=finding(grid, found[measures[0]], measures[0]),
        subtitle=f"Difference to {called(comparison.reference)} with the same money, in the same "
        f"climates and with the same luck, at the end of {comparison.end}. Down: what half of the "
        "money buys; across: the one rule by which it is divided. Blue: better, orange: worse; in "
        "brackets: no clear difference",
        bands="mean paired differences; brackets where the 95 % interval of all cells together "
        "holds zero",
    )
    panels = sheet.panels(1, len(measures), sharey=True)[0]
    for axes, metric in zip(panels, measures, strict=True):
        draw_panel(axes, grid, metric, found[metric])
    label_rows(panels[0], [fold(capitalised(mix), 2.0) for mix in grid.mixes])
    return sheet


def means_of(grid: OfferGrid, found: dict[str, Difference]) -> np.ndarray:
    """Return mean differences, mixes by targetings.

    That of the reference to itself is 0; NaN stands for a combination that was not run.
    """
    means = {cell: found[one].mean if one in found else 0.0 for cell, one in grid.cells.items()}
    return np.array(
        [[means.get((mix, rule), np.nan) for rule in grid.targetings] for mix in grid.mixes]
    )


def draw_panel(axes: Axes, grid: OfferGrid, metric: str, found: dict[str, Difference]) -> None:
    """Draw the cells of one measure."""
    means, label = means_of(grid, found), metric_label(metric)
    reach = float(np.nanmax(np.abs(means))) or 1.0
    digits = decimals_of(metric, reach / 10)

    def text(cell: tuple[str, str]) -> str:
        policy = grid.cells.get(cell)
        if policy not in found:
            return "" if policy is None else "0"
        text = amount(metric, found[policy].mean, digits, sign=True).split(NO_BREAK)[0]
        return text if found[policy].verdict else f"({text})"

    texts = [[text((mix, rule)) for rule in grid.targetings] for mix in grid.mixes]
    shown = np.ma.masked_invalid(label.sign * means)
    draw_cells(axes, shown, texts, WORSE_TO_BETTER, -reach, reach)
    rules = [name.removesuffix(f" 100{NO_BREAK}%") for name in grid.targetings]
    axes.set_xticks(range(len(rules)), [fold(capitalised(name), 0.85, 8) for name in rules])
    axes.xaxis.tick_top()
    title = ", ".join(filter(None, [label.title, label.unit_of_difference]))
    head_column(axes, title, max(0.9 * len(rules), 1.8), 9.5)


def finding(grid: OfferGrid, found: dict[str, Difference], metric: str) -> str:
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
