"""How much each policy may lose: regret by policy and measure as a heat map."""

from __future__ import annotations

from pathlib import Path

from matplotlib.patches import Rectangle

from partnersim.compare.comparison import Comparison
from partnersim.compare.words import amount
from partnersim.runs.wording import NO_BREAK, capitalised, metric_label, number, words
from partnersim.show.cells import draw_cells
from partnersim.show.sheet import MARGIN, Sheet, widest, wrapped
from partnersim.show.style import GREY, INK, VERMILION, pale_to_dark, quiet_axes
from partnersim.show.who_signs import DARK_TEXT_BELOW

CELL_WIDTH, CELL_HEIGHT = 1.08, 0.44
SCORES = 1.9


def draw_regret(comparison: Comparison, folder: Path) -> list[Path]:
    """Draw regret in nine of ten futures, the most robust policy on top."""
    found = comparison.ranking
    policies, measures = found.ranked, list(found.regret.columns)
    shares = found.shares.loc[policies].to_numpy()
    names = [capitalised(words(policy)) for policy in policies]
    labels = widest(names, 9.5) + 0.15
    sheet = Sheet(
        comparison,
        MARGIN + labels + CELL_WIDTH * len(measures) + SCORES + 0.1,
        0.72 + CELL_HEIGHT * len(policies),
        title=found.sentence,
        subtitle="Regret: how far a policy stays behind the best one for that future, at worst in "
        "nine of ten futures. Dark: the largest regret of all policies; framed: the smallest on "
        "that measure. The most robust policy on top"
        + (f". {found.left_out_note}" if found.left_out else ""),
        bands="regret of mean outcomes, not exceeded in 90 % of futures",
    )
    left, bottom = MARGIN + labels, sheet.bottom + 0.05
    top = bottom + CELL_HEIGHT * len(policies)
    axes = sheet.axes(left, bottom, left + CELL_WIDTH * len(measures), top)
    draw_cells(axes, shares, pale_to_dark())
    axes.spines[:].set_visible(False)
    for across, metric in enumerate(measures):
        column = found.regret[metric].loc[policies].to_numpy()
        digits = found.decimals(metric)
        for down, value in enumerate(column):
            axes.text(
                across,
                down,
                amount(metric, value, digits),
                ha="center",
                va="center",
                fontsize=8.5,
                color=INK if shares[down, across] < DARK_TEXT_BELOW else "white",
            )
            if value == column.min() and column.min() < column.max():
                axes.add_patch(
                    Rectangle(
                        (across - 0.46, down - 0.44), 0.92, 0.88, fill=False, ec=VERMILION, lw=1.6
                    )
                )
        head = wrapped(metric_label(metric).heading, CELL_WIDTH - 0.1, 8.0)
        sheet.text(
            left + (across + 0.5) * CELL_WIDTH,
            top + 0.06,
            "\n".join(head),
            fontsize=8,
            ha="center",
            va="bottom",
        )
    axes.set_yticks(range(len(policies)), names)
    axes.set_xticks([])
    axes.tick_params(labelcolor=INK, labelsize=9.5)
    quiet_axes(axes, grid="")
    write_scores(sheet, comparison, policies, left + CELL_WIDTH * len(measures) + 0.12, top)
    return sheet.save(folder, "regret")


def write_scores(
    sheet: Sheet, comparison: Comparison, policies: list[str], left: float, top: float
) -> None:
    """Write mean shares, and how often each policy comes first, right of the cells."""
    found = comparison.ranking
    heads = ["mean share of\nlargest regret"]
    heads += ["comes first in\nresamples"] if found.first else []
    for column, head in enumerate(heads):
        at = left + 0.42 + 0.92 * column
        sheet.text(at, top + 0.06, head, fontsize=7.5, color=GREY, ha="center", va="bottom")
        for down, policy in enumerate(policies):
            share = found.first[policy] if column else float(found.scores[policy])
            sheet.text(
                at,
                top - (down + 0.5) * CELL_HEIGHT,
                f"{number(100 * share)}{NO_BREAK}%",
                fontsize=9.5,
                fontweight="normal" if column else "bold",
                ha="center",
                va="center_baseline",
            )
