"""What the Offer buys by whom it goes to: two choices of its design, crossed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from partnersim.compare.comparison import Comparison
from partnersim.compare.differences import Difference, differences, paired_differences
from partnersim.compare.offer_grid import OfferGrid, offer_grid
from partnersim.compare.words import amount, called, decimals_of, titled
from partnersim.runs.wording import NO_BREAK, capitalised, metric_label
from partnersim.show.cells import draw_cells
from partnersim.show.sheet import MARGIN, Sheet, widest, wrapped
from partnersim.show.style import BLUE, INK, VERMILION, quiet_axes

#: One panel each, if the study holds them.
MEASURES = ("partner_value", "value_ldc_share")
CELL_WIDTH, CELL_HEIGHT = 0.82, 0.36
GAP = 0.45
#: Width of a panel that its title needs.
NARROWEST = 3.9


def draw_offer_design(comparison: Comparison, folder: Path) -> list[Path]:
    """Draw a grid per measure: mixes down, targetings across, differences as colour and number."""
    study = comparison
    grid = offer_grid(study.manifest["configuration"]["policy"], study.reference)
    measures = [name for name in MEASURES if name in study.outcomes]
    own = study.outcomes[study.outcomes["policy"].isin(set(grid.cells.values()))]
    table = paired_differences(own, measures, study.reference, futures=study.futures)
    every = differences(table, study.reference)
    told = {
        metric: {one.policy: one for one in every if one.metric == metric} for metric in measures
    }
    rows = [capitalised(mix) for mix in grid.mixes]
    labels = widest(rows, 9) + 0.15
    panel = max(CELL_WIDTH * len(grid.targetings), NARROWEST)
    cell = panel / len(grid.targetings)
    sheet = Sheet(
        study,
        MARGIN + labels + (panel + GAP) * len(measures),
        CELL_HEIGHT * len(rows) + 1.0,
        title=finding(grid, told, measures[0]),
        subtitle=f"Difference to {called(study.reference)} with the same money, in the same "
        f"climates and with the same luck, at the end of {study.end}. Down: what half of the "
        "money buys; across: the one rule by which it is divided. Blue: better, orange: worse; in "
        "brackets: no clear difference",
        bands="mean paired differences; brackets where the 95 % interval of all cells together "
        "holds zero",
    )
    bottom = sheet.bottom + 0.05
    top = bottom + CELL_HEIGHT * len(rows)
    for place, metric in enumerate(measures):
        left = MARGIN + labels + place * (panel + GAP)
        axes = sheet.axes(left, bottom, left + panel, top)
        draw_panel(axes, grid, metric, told[metric])
        axes.set_yticks(range(len(rows)), rows if place == 0 else [])
        axes.tick_params(labelcolor=INK, labelsize=9)
        for across, targeting in enumerate(grid.targetings):
            head = wrapped(
                capitalised(targeting.removesuffix(f" 100{NO_BREAK}%")), cell - 0.06, 8.5
            )
            sheet.text(
                left + (across + 0.5) * cell,
                top + 0.06,
                "\n".join(head),
                fontsize=8.5,
                ha="center",
                va="bottom",
            )
        sheet.text(
            left,
            top + 0.5,
            headed(metric),
            fontsize=10,
            fontweight="bold",
            va="bottom",
        )
    return sheet.save(folder, "offer_design")


def draw_panel(axes: Axes, grid: OfferGrid, metric: str, told: dict[str, Difference]) -> None:
    """Draw the cells of one measure."""
    values = np.full((len(grid.mixes), len(grid.targetings)), np.nan)
    for (mix, targeting), policy in grid.cells.items():
        place = grid.mixes.index(mix), grid.targetings.index(targeting)
        values[place] = told[policy].mean if policy in told else 0.0
    sign = -1.0 if metric_label(metric).better == "less" else 1.0
    reach = float(np.nanmax(np.abs(values))) or 1.0
    draw_cells(axes, sign * values, better_or_worse(), -reach, reach)
    digits = decimals_of(metric, reach / 10)
    for (mix, targeting), policy in grid.cells.items():
        down, across = grid.mixes.index(mix), grid.targetings.index(targeting)
        value = float(values[down, across])
        text = amount(metric, value, digits, sign=True).split(NO_BREAK)[0]
        clear = policy in told and told[policy].verdict != 0
        axes.text(
            across,
            down,
            text if clear else ("0" if policy not in told else f"({text})"),
            ha="center",
            va="center",
            fontsize=8.5 if clear else 8,
            fontweight="bold" if clear else "normal",
            color="white" if abs(value) > 0.75 * reach else INK,
        )
    axes.set_xticks([])
    axes.spines[:].set_visible(False)
    quiet_axes(axes, grid="")


def headed(metric: str) -> str:
    """Return the title of a panel with the unit of its differences."""
    label = metric_label(metric)
    unit = "percentage points" if label.unit == "%" else label.unit
    return f"{label.title}, {unit}" if unit else label.title


def better_or_worse() -> LinearSegmentedColormap:
    """Return colours from worse (orange) over white to better (blue)."""
    return LinearSegmentedColormap.from_list("better_or_worse", [VERMILION, "white", BLUE])


def finding(grid: OfferGrid, told: dict[str, dict[str, Difference]], metric: str) -> str:
    """Say whether mix or targeting moves the outcome more, and which design is best."""
    found = told[metric]
    mean = {
        cell: found[policy].mean if policy in found else 0.0 for cell, policy in grid.cells.items()
    }
    by_mix = spread_of(mean, grid.mixes, 0)
    by_targeting = spread_of(mean, grid.targetings, 1)
    first, second = ("whom it goes to", "what it buys")
    if by_mix > by_targeting:
        first, second = second, first
    digits = decimals_of(metric, max(by_mix, by_targeting) / 10)
    large, small = sorted((by_mix, by_targeting), reverse=True)
    return (
        f"With the same money, {first} moves {titled(metric)} by {amount(metric, large, digits)}, "
        f"{second} by {amount(metric, small, digits)}"
    )


def spread_of(mean: dict[tuple[str, str], float], names: list[str], axis: int) -> float:
    """Return how far the mean over the other axis moves along one axis."""
    means = [
        np.mean([value for cell, value in mean.items() if cell[axis] == name]) for name in names
    ]
    return float(max(means) - min(means))
