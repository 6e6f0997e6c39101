"""What each policy gains and loses against the reference: the figure to look at first."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from partnersim.compare.comparison import Comparison
from partnersim.compare.differences import (
    PolicyDifference,
    by_measure,
    compared,
    paired_differences,
)
from partnersim.compare.factors import CLIMATE
from partnersim.compare.labels import metric_label, number, quantity, words
from partnersim.compare.words import called, opening
from partnersim.show import marks
from partnersim.show.sheet import GREY, INK, Look, Sheet, caption, width_of

#: At most so many measures stand side by side, and so many climates get rows of their own.
MOST_COLUMNS, MOST_CLIMATES = 9, 6
COLUMN_WIDTH, ROW_HEIGHT, LABELS = 1.34, 0.2, 2.2
ALL = "all"
#: Differences by ``all`` or climate, by measure, by policy.
Found = dict[str, dict[str, dict[str, PolicyDifference]]]
#: Colour of a difference that is clearly worse, not clear, clearly better.
VERDICT_COLOURS = {-1: marks.VERMILION, 0: GREY, 1: marks.BLUE}


def draw_comparison(comparison: Comparison) -> Sheet:
    """Draw paired differences to the reference: a column per measure, a row per policy.

    Under the row of a policy stand rows of the listed climates, if there are several.
    """
    reference = comparison.reference
    measures = comparison.measures[:MOST_COLUMNS]
    policies = [policy for policy in comparison.ranking.ranked if policy != reference]
    found: Found = {ALL: {metric: comparison.differences(metric, reference) for metric in measures}}
    found |= by_climate(comparison, measures)
    rows = [(policy, climate) for policy in policies for climate in found]
    labels = [row_label(found, *row) for row in rows]
    heights = row_heights(labels, [climate == ALL for _, climate in rows])
    subject = comparison.best if comparison.best != reference else policies[0]
    widest = max(width_of(text, 8.5, "bold") for text in labels)
    several = f"all {comparison.family}"
    if len(found) > 1:
        several += f" means over climates, and all {comparison.family * (len(found) - 1)} of single"
    order = "" if comparison.ranking.unranked else "; the most robust policy on top"
    sheet = Sheet(
        comparison,
        0.6 + widest + COLUMN_WIDTH * max(len(measures), 4),
        1.2 + ROW_HEIGHT * (heights[-1] + 2),
        title=opening(
            compared(subject, reference, [found[ALL][name][subject] for name in measures])
        ),
        **caption(
            "comparison",
            reference=called(reference),
            end=comparison.end,
            order=order,
            several=several,
        ),
    )
    shapes = [marks.MARKERS[list(found).index(climate) % len(marks.MARKERS)] for _, climate in rows]
    panels = sheet.panels(1, len(measures), sharey=True)[0]
    for axes, metric in zip(panels, measures, strict=True):
        draw_intervals(axes, heights, [found[at][metric][policy] for policy, at in rows], shapes)
        for policy in policies:
            mine = heights[[name == policy for name, _ in rows]]
            axes.axhspan(mine[0] - 0.6, mine[-1] + 0.6, color=marks.SHADE, linewidth=0, zorder=0)
        label = metric_label(metric)
        marks.head_column(axes, label.heading, COLUMN_WIDTH - 0.12, pad=16)
        base = quantity(metric, float(comparison.means.loc[reference, metric]))
        side = "better →" if label.better == "more" else "← better"
        for x, text, ha, colour in ((0, base, "left", GREY), (1, side, "right", marks.BLUE)):
            look: Look = {"va": "bottom", "ha": ha, "fontsize": 7.5, "color": colour}
            axes.text(x, 1.0, text, transform=axes.transAxes, **look)
        axes.set_xlabel(label.unit_of_difference, fontsize=7.5, color=GREY)
    marks.label_rows(panels[0], labels, heights, fontsize=8.5)
    panels[0].set_ylim(heights[-1] + 1, -1)
    for text, (_, climate) in zip(panels[0].get_yticklabels(), rows, strict=True):
        text.set(**{"fontweight": "bold"} if climate == ALL else {"color": GREY})
    return sheet


def by_climate(comparison: Comparison, measures: list[str]) -> Found:
    """Return the differences to the reference by listed climate, measure and policy."""
    futures = comparison.runs.futures
    if comparison.runs.kind != "listed" or not 1 < len(futures) <= MOST_CLIMATES:
        return {}
    table = paired_differences(
        *(comparison.outcomes, measures, comparison.reference),
        futures="each",
        comparisons=comparison.family * len(futures),
    )
    return {
        str(climate): by_measure(table[table["future"] == future], comparison.reference, measures)
        for future, climate in futures[["future", CLIMATE]].to_numpy()
    }


def row_label(found: Found, policy: str, climate: str) -> str:
    """Return the label of a row: a climate, or a policy and on how many measures it is better."""
    if climate != ALL:
        return marks.fold(words(climate), LABELS)
    verdicts = [of_metric[policy].verdict for of_metric in found[ALL].values()]
    name = marks.named(policy, LABELS, weight="bold")
    return f"{name}\n{verdicts.count(1)} better, {verdicts.count(-1)} worse"


def row_heights(labels: list[str], heads: list[bool]) -> np.ndarray:
    """Return where rows stand, downwards: as far apart as their labels need, and before heads."""
    half = np.array([0.42 * (label.count("\n") + 1) for label in labels])
    gaps = np.maximum(half[:-1] + half[1:] + 0.1, 1.0) + 0.6 * np.array(heads[1:])
    return np.concatenate([[0.0], np.cumsum(gaps)])


def draw_intervals(
    axes: Axes, heights: np.ndarray, differences: list[PolicyDifference], shapes: list[str]
) -> None:
    """Draw a point with its interval per difference: filled and coloured where it is clear.

    Parameters
    ----------
    axes : Axes
    heights : (rows,) array
        Where each difference stands.
    differences : list of PolicyDifference
        Of one metric; shares are drawn in percentage points.
    shapes : list of str
        Markers.
    """
    scale = metric_label(differences[0].metric).scale
    axes.axvline(0, color=INK, linewidth=1.0, zorder=1)
    means = scale * np.array([one.mean for one in differences])
    # No bar towards an end that is not known.
    ends = scale * np.array([[one.low for one in differences], [one.high for one in differences]])
    arms = np.nan_to_num(np.abs(ends - means))
    looks = [(one.verdict, shape) for one, shape in zip(differences, shapes, strict=True)]
    for verdict, shape in dict.fromkeys(looks):
        mine = [one == (verdict, shape) for one in looks]
        colour = VERDICT_COLOURS[verdict]
        look: Look = {
            "color": colour,
            "markerfacecolor": colour if verdict else "white",
            "elinewidth": 2.0,
            "markersize": 5.5,
        }
        axes.errorbar(means[mine], heights[mine], xerr=arms[:, mine], fmt=shape, **look)
    reach = float((np.abs(means) + arms.max(axis=0)).max())
    reach = 1.1 * reach or 1.0
    axes.set_xlim(-reach, reach)
    mark = round_mark(reach)
    digits = max(0, -int(np.floor(np.log10(mark))))
    ticks = (-mark, 0, mark)
    axes.set_xticks(ticks, [number(value, digits if value else 0, sign=True) for value in ticks])
    axes.spines["left"].set_visible(False)
    marks.quiet_axes(axes, grid="x")


def round_mark(reach: float) -> float:
    """Return the largest of 1, 2, 3, 4, 5, 6, 8, 10, 20 ... within four fifths of `reach`."""
    power = 10.0 ** np.floor(np.log10(0.8 * reach))
    return float(max(step * power for step in (1, 2, 3, 4, 5, 6, 8) if step <= 0.8 * reach / power))
