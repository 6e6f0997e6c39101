"""How much each policy may lose: regret by policy and measure as a heat map."""

from __future__ import annotations

import numpy as np

from partnersim.compare.comparison import Comparison
from partnersim.compare.labels import NO_BREAK, metric_label, number
from partnersim.compare.words import amount
from partnersim.show.marks import VERMILION, draw_cells, fold, frame, named, pale_to_dark
from partnersim.show.sheet import Sheet, width_of

CELL_WIDTH, LABELS = 1.08, 2.2


def draw_regret(comparison: Comparison) -> Sheet:
    """Draw regret in nine of ten futures, the most robust policy on top."""
    found = comparison.ranking
    policies, measures = found.ranked, list(found.regret.columns)
    regret = found.regret.loc[policies]
    names = [named(policy, LABELS, 9.5) for policy in policies]
    heads = [fold(metric_label(metric).heading, CELL_WIDTH - 0.1, 8.0) for metric in measures]
    # Behind the measures stand what the ranking rests on, without colour.
    scores = {"mean share of\nlargest regret": found.scores}
    scores |= {"comes first in\nresamples": found.first} if found.first else {}
    widest = max(width_of(name, 9.5) for name in names)
    sheet = Sheet(
        comparison,
        0.8 + widest + CELL_WIDTH * (len(measures) + len(scores)),
        0.75 + 0.44 * len(policies),
        title=found.sentence,
        subtitle="Regret: how far a policy stays behind the best one for that future, at worst in "
        "nine of ten futures. Dark: the largest regret of all policies; framed: the smallest on "
        "that measure. The most robust "
        "policy on top" + (f". {found.left_out_note}" if found.left_out else ""),
        bands="regret of mean outcomes, not exceeded in 90 % of futures",
    )
    axes = sheet.figure.subplots()
    shares = np.ma.masked_all((len(policies), len(measures) + len(scores)))
    shares[:, : len(measures)] = found.shares.loc[policies]
    texts = [
        [amount(name, float(regret.loc[policy, name]), found.decimals(name)) for name in measures]
        + [f"{number(100 * float(column[policy]))}{NO_BREAK}%" for column in scores.values()]
        for policy in policies
    ]
    draw_cells(axes, shares, texts, pale_to_dark())
    least = regret.eq(regret.min()) & (regret.min() < regret.max())
    for down, across in np.argwhere(least.to_numpy()):
        frame(axes, across - 0.46, down - 0.44, 0.92, 0.88, VERMILION)
    axes.set_yticks(range(len(policies)), names, fontsize=9.5)
    axes.set_xticks(range(shares.shape[1]), [*heads, *scores])
    axes.xaxis.tick_top()
    return sheet
