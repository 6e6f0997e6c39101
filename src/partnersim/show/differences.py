"""What each policy gains and loses against the reference over all futures of a sweep."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from partnersim.compare.comparison import Comparison
from partnersim.compare.differences import compared
from partnersim.compare.words import called, opening
from partnersim.runs.wording import capitalised, words
from partnersim.show.comparison import (
    COLUMN_WIDTH,
    MOST_COLUMNS,
    ROW_HEIGHT,
    draw_metric,
    label_column,
    label_policy,
    row_heights,
)
from partnersim.show.sheet import MARGIN, Sheet, widest
from partnersim.show.verdicts import INTERVAL

#: All futures stand in one row per policy.
ALL = "all futures"


def draw_differences(comparison: Comparison, folder: Path) -> list[Path]:
    """Draw paired differences to the reference: a column per measure, a row per policy."""
    study = comparison
    reference = study.reference
    ranked = [policy for policy in comparison.ranking.ranked if policy != reference]
    measures = comparison.measures[:MOST_COLUMNS]
    told = {metric: comparison.differences(metric, reference) for metric in measures}
    rows = [
        (policy, ALL, metric, one.mean, one.low, one.high)
        for metric in measures
        for policy, one in told[metric].items()
    ]
    values = pd.DataFrame(rows, columns=["policy", "climate", "metric", *INTERVAL])
    values = values.set_index(["policy", "climate", "metric"]).sort_index()
    heights = row_heights(ranked, [ALL])
    lowest, highest = min(heights.values()) - 1.1, 1.1
    subject = comparison.best if comparison.best != reference else ranked[0]
    against = [told[metric][subject] for metric in measures]
    labels = max(1.75, widest([capitalised(words(name)) for name in ranked], 10, "bold") + 0.15)
    sheet = Sheet(
        study,
        MARGIN + labels + COLUMN_WIDTH * max(len(measures), 4) + 0.12,
        1.35 + ROW_HEIGHT * (highest - lowest),
        title=opening(compared(subject, reference, against)),
        subtitle=f"Difference to {called(reference)} in the same future and with the same luck, at "
        f"the end of {study.end}; the most robust policy on top. Blue, filled: better; orange, "
        "filled: worse; hollow grey: cannot be told apart. Left: on how many measures; "
        f"above a column: mean of {called(reference)}",
        bands="points: mean difference over all pairs of runs, bars: intervals that hold "
        "together for all policies and measures with 95 % confidence",
    )
    left, bottom, top = MARGIN + labels, sheet.bottom + 0.4, sheet.top - 0.8
    for policy in ranked:
        share = (heights[policy, ALL] - lowest) / (highest - lowest)
        middle = bottom + share * (top - bottom)
        verdicts = [told[metric][policy].verdict for metric in measures]
        label_policy(sheet, middle, policy, verdicts.count(1), verdicts.count(-1))
    for place, metric in enumerate(measures):
        at = left + place * COLUMN_WIDTH
        axes = sheet.axes(at, bottom, at + COLUMN_WIDTH - 0.16, top)
        axes.set_ylim(lowest, highest)
        draw_metric(axes, values, metric, heights, [ALL])
        base = float(comparison.means.loc[reference, metric])
        label_column(sheet, at, top, metric, f"{words(reference)}: ", base)
    return sheet.save(folder, "differences")
