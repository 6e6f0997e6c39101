"""All measures side by side: a line per policy, from the worst outcome to the best."""

from __future__ import annotations

import numpy as np

from partnersim.compare.comparison import Comparison
from partnersim.compare.labels import capitalised, metric_label, number, words
from partnersim.compare.words import amount, called, decimals_of, listed, opening
from partnersim.show.sheet import GREY, PALE, Sheet, fold, name_points, policy_looks, quiet_axes

COLUMN_WIDTH, LABELS = 1.3, 2.0


def draw_parallel_coordinates(comparison: Comparison) -> Sheet:
    """Draw mean outcomes of all policies, the better end of every measure on top."""
    found = comparison.ranking
    measures = list(found.regret.columns)
    means, looks = (
        comparison.means[measures],
        policy_looks(comparison.policies, comparison.reference),
    )
    beaten = comparison.beaten
    sheet = Sheet(
        comparison,
        max(7.5, 1.2 + COLUMN_WIDTH * (len(measures) - 1) + LABELS),
        4.6,
        title=finding(comparison, beaten),
        subtitle=f"Mean over all {'climates' if comparison.runs.kind == 'listed' else 'futures'}, "
        "each measure from the worst policy (bottom) to the best (top): look at the numbers at "
        "the ends, small differences are stretched. Dashed: another policy is at least as good on "
        "all of these, and clearly better on one. Lines that cross are a "
        f"trade-off{f'. {found.left_out_note}' if found.left_out else ''}",
        bands="clear: the interval of the comparison with the other policy leaves out zero",
    )
    signs = np.array([-1.0 if metric_label(name).better == "less" else 1.0 for name in measures])
    gains = means.to_numpy() * signs
    reach = np.ptp(gains, axis=0)
    heights = (gains - gains.min(axis=0)) / np.where(reach > 0, reach, 1.0)
    axes = sheet.figure.subplots()
    axes.vlines(range(len(measures)), 0, 1, color=PALE, linewidth=1.0, zorder=1)
    heads, feet = [], []
    for metric, gain, span in zip(measures, gains.T, reach, strict=True):
        digits = decimals_of(metric, span / 2)
        best, worst = (
            amount(metric, float(means[metric].iloc[place]), digits, share="%")
            for place in (gain.argmax(), gain.argmin())
        )
        heads.append(f"{fold(metric_label(metric).heading, COLUMN_WIDTH - 0.12, 8)}\n\n{best}")
        feet.append(worst)
    names = [
        fold(capitalised(words(policy)), LABELS, 8.5, "bold") for policy in comparison.policies
    ]
    last = len(measures) - 1
    for row, policy in zip(heights, comparison.policies, strict=True):
        colour, marker = looks[policy]
        dashed = policy in beaten
        axes.plot(
            row,
            color=colour,
            linewidth=2.0,
            linestyle=(0, (4, 2)) if dashed else "-",
            marker=marker,
            markersize=6,
            markerfacecolor="white" if dashed else colour,
            clip_on=False,
        )
    axes.set_xlim(0, last)
    axes.set_ylim(-0.03, 1.03)
    ends = [(last, float(row[-1])) for row in heights]
    name_points(axes, names, ends, [looks[policy][0] for policy in comparison.policies], 3.5)
    axes.set_yticks([0, 1], ["worst", "best"], color=GREY)
    axes.set_xticks(range(len(measures)), feet)
    top = axes.secondary_xaxis("top")
    top.set_xticks(range(len(measures)), heads)
    top.spines[:].set_visible(False)
    # Above the names of policies, of which several lines may stand at the best end.
    top.tick_params(labelcolor="black", pad=4 + 6 * max(name.count("\n") for name in names))
    quiet_axes(axes)
    return sheet


def finding(comparison: Comparison, beaten: list[str]) -> str:
    """Say which policies no other one beats on all measures that count."""
    every, policies = comparison.ranking.every, len(comparison.policies)
    free = [policy for policy in comparison.policies if policy not in beaten]
    if not beaten:
        none = f"none of the {number(policies)} is beaten by another on {every}"
        return f"Every policy has something for it: {none}"
    if len(free) == 1:
        return f"{opening(called(free[0]))} is at least as good as any other on {every}"
    names = listed([called(policy) for policy in free])
    unbeaten = f"{len(free)} of {number(policies)} policies are not beaten by another"
    return f"{unbeaten} on {every}: {names}"
