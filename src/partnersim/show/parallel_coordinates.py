"""All measures side by side: a line per policy, from the worst outcome to the best."""

from __future__ import annotations

import numpy as np

from partnersim.compare.comparison import Comparison
from partnersim.compare.labels import metric_label, number
from partnersim.compare.words import amount, called, decimals_of, listed, opening
from partnersim.show.marks import PALE, fold, name_points, named, policy_looks, quiet_axes
from partnersim.show.sheet import GREY, Look, Sheet

COLUMN_WIDTH, LABELS = 1.3, 2.0


def draw_parallel_coordinates(comparison: Comparison) -> Sheet:
    """Draw mean outcomes of all policies, the better end of every measure on top."""
    found, beaten, policies = comparison.ranking, comparison.beaten, comparison.policies
    measures = list(found.regret.columns)
    looks = policy_looks(policies, comparison.reference)
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
    signs = np.array([metric_label(name).sign for name in measures])
    gains = comparison.means[measures].to_numpy() * signs
    reach = np.ptp(gains, axis=0)
    heights = (gains - gains.min(axis=0)) / np.where(reach > 0, reach, 1.0)
    axes = sheet.figure.subplots()
    axes.vlines(range(len(measures)), 0, 1, color=PALE, linewidth=1.0, zorder=1)
    heads, feet = [], []
    for metric, gain, sign in zip(measures, gains.T, signs, strict=True):
        digits = decimals_of(metric, np.ptp(gain) / 2)
        best, worst = (
            amount(metric, float(sign * end), digits, share="%") for end in (gain.max(), gain.min())
        )
        heads.append(f"{fold(metric_label(metric).heading, COLUMN_WIDTH - 0.12, 8)}\n\n{best}")
        feet.append(worst)
    last = len(measures) - 1
    for row, policy in zip(heights, policies, strict=True):
        colour, marker = looks[policy]
        dashed = policy in beaten
        look: Look = {"linestyle": (0, (4, 2)), "markerfacecolor": "white"} if dashed else {}
        axes.plot(row, color=colour, lw=2.0, marker=marker, ms=6, clip_on=False, **look)
    axes.set(xlim=(0, last), ylim=(-0.03, 1.03))
    names = [named(policy, LABELS, weight="bold") for policy in policies]
    ends = [(last, float(row[-1])) for row in heights]
    name_points(axes, names, ends, [looks[policy][0] for policy in policies], 3.5)
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
    free = [called(policy) for policy in comparison.policies if policy not in beaten]
    if not beaten:
        none = f"none of the {number(policies)} is beaten by another on {every}"
        return f"Every policy has something for it: {none}"
    if len(free) == 1:
        return f"{opening(free[0])} is at least as good as any other on {every}"
    unbeaten = f"{len(free)} of {number(policies)} policies are not beaten by another"
    return f"{unbeaten} on {every}: {listed(free)}"
