"""Who signs what, and when: the probability of the likeliest pairs by year."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from partnersim.compare.comparison import Comparison
from partnersim.compare.words import called
from partnersim.runs.wording import number
from partnersim.show.cells import draw_cells
from partnersim.show.sheet import MARGIN, Sheet, wrapped
from partnersim.show.style import INK, VERMILION, pale_to_dark, quiet_axes
from partnersim.show.who_signs import DARK_TEXT_BELOW, SMALLEST

PAIRS = 24
CELL_WIDTH, CELL_HEIGHT = 0.58, 0.285
LABELS = 4.9
#: A pair stands where it is first this likely.
LIKELY = 0.5


def draw_signing_by_year(comparison: Comparison, folder: Path) -> list[Path]:
    """Draw the pairs most likely to come into force, a column per year end."""
    found = comparison.signers
    years = sorted({int(year) for year in found.chances["year"]})
    first = found.next.head(PAIRS)
    chances = found.chances.pivot_table(
        index=["iso3", "instrument"], columns="year", values="probability"
    ).reindex(columns=years)
    shown = chances.loc[list(zip(first["iso3"], first["instrument"], strict=True))].fillna(0.0)
    values = shown.to_numpy()
    order = np.lexsort((-values.sum(axis=1), halfway(values)))
    values, shown = values[order], shown.iloc[order]
    names = [found.pair(row) for _, row in shown.reset_index().iterrows()]
    sheet = Sheet(
        comparison,
        MARGIN + LABELS + CELL_WIDTH * len(years) + 0.25,
        0.32 + CELL_HEIGHT * len(names),
        title=found.headline,
        subtitle="Probability in percent that an instrument not in force in June 2025 is in force "
        f"at the end of a year, under {called(found.policy)} over all runs: the {len(names)} pairs "
        f"likeliest by {found.year} (framed), the earliest on top. Empty: below 1 %",
        bands=f"shares of runs under {called(found.policy)} over all futures",
        names=[name.partition(":")[0] for name in names],
    )
    left, bottom = MARGIN + LABELS, sheet.bottom + 0.05
    axes = sheet.axes(
        left, bottom, left + CELL_WIDTH * len(years), bottom + CELL_HEIGHT * len(names)
    )
    draw_cells(axes, np.ma.masked_less(values, SMALLEST), pale_to_dark())
    axes.spines[:].set_visible(False)
    for (down, across), value in np.ndenumerate(values):
        if value >= SMALLEST:
            axes.text(
                across,
                down,
                number(100 * value),
                ha="center",
                va="center",
                fontsize=7.5,
                color=INK if value < DARK_TEXT_BELOW else "white",
            )
    at = years.index(found.year)
    for edge in (at - 0.5, at + 0.5):
        axes.axvline(edge, color=VERMILION, linewidth=1.4)
    axes.set_xticks(range(len(years)), [str(year) for year in years])
    axes.set_yticks(range(len(names)), [cut(name) for name in names])
    axes.xaxis.tick_top()
    axes.tick_params(labelcolor=INK, labelsize=8)
    quiet_axes(axes, grid="")
    return sheet.save(folder, "signing_by_year")


def cut(name: str) -> str:
    """Return a name on one line, cut if it is too long."""
    first, *more = wrapped(name, LABELS - 0.3, 8.0)
    return f"{first} …" if more else first


def halfway(values: np.ndarray) -> np.ndarray:
    """Return the first column in which a row is likely, or the number of columns."""
    likely = values >= LIKELY
    return np.where(likely.any(axis=1), likely.argmax(axis=1), values.shape[1])
