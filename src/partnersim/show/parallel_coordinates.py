"""All measures side by side: a line per policy, from the worst outcome to the best."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from partnersim.compare.comparison import Comparison
from partnersim.compare.words import amount, called, decimals_of, listed, opening
from partnersim.runs.wording import capitalised, metric_label, number, words
from partnersim.show.sheet import MARGIN, Sheet, widest, wrapped
from partnersim.show.style import GREY, PALE, policy_looks, quiet_axes, spread

COLUMN_WIDTH, BODY = 1.3, 4.6


def draw_parallel_coordinates(comparison: Comparison, folder: Path) -> list[Path]:
    """Draw mean outcomes of all policies, the better end of every measure on top."""
    measures = list(comparison.ranking.regret.columns)
    means = comparison.means[measures]
    looks = policy_looks(comparison.policies, comparison.reference)
    free = comparison.undominated
    every, note = comparison.ranking.every, comparison.ranking.left_out_note
    over = "futures" if "design" in comparison.manifest else "climates"
    labels = (
        widest([capitalised(words(policy)) for policy in comparison.policies], 9, "bold") + 0.35
    )
    sheet = Sheet(
        comparison,
        max(7.5, MARGIN + 0.55 + COLUMN_WIDTH * (len(measures) - 1) + labels),
        BODY,
        title=finding(len(means), free, every),
        subtitle=f"Mean over all {over}, each measure from the worst policy (bottom) to the best "
        "(top). Solid: no other policy is at least as good on all of these; dashed: another one "
        f"is. Lines that cross are a trade-off{f'. {note}' if note else ''}",
        bands="differences within the intervals of the comparison are luck",
    )
    left, right = MARGIN + 0.55, sheet.width - labels
    axes = sheet.axes(left, sheet.bottom + 0.3, right, sheet.top - 0.98)
    signs = np.array([-1.0 if metric_label(name).better == "less" else 1.0 for name in measures])
    gains = means.to_numpy() * signs
    lowest, reach = gains.min(axis=0), np.ptp(gains, axis=0)
    heights = (gains - lowest) / np.where(reach > 0, reach, 1.0)
    for place, metric in enumerate(measures):
        axes.axvline(place, color=PALE, linewidth=1.0, zorder=1)
        best, worst = means[metric].iloc[gains[:, place].argmax()], lowest[place] * signs[place]
        digits = decimals_of(metric, reach[place] / 2)
        for height, value, side in ((1.045, best, "bottom"), (-0.045, worst, "top")):
            axes.text(
                place,
                height,
                amount(metric, float(value), digits, share="%"),
                ha="center",
                va=side,
                fontsize=8,
            )
        head = wrapped(metric_label(metric).heading, COLUMN_WIDTH - 0.12, 8, "bold")
        axes.text(
            place,
            1.13,
            "\n".join(head),
            ha="center",
            va="bottom",
            fontsize=8,
            fontweight="bold",
        )
    ends = spread([float(row[-1]) for row in heights], 0.075, 0.0, 1.0)
    for row, policy, end in zip(heights, comparison.policies, ends, strict=True):
        colour, marker = looks[policy]
        axes.plot(
            range(len(measures)),
            row,
            color=colour,
            linewidth=2.0,
            linestyle="-" if policy in free else (0, (4, 2)),
            marker=marker,
            markerfacecolor=colour if policy in free else "white",
            markersize=6,
            clip_on=False,
            zorder=3,
        )
        axes.plot(
            [len(measures) - 1, len(measures) - 0.86],
            [row[-1], end],
            color=colour,
            linewidth=0.8,
            clip_on=False,
        )
        axes.annotate(
            capitalised(words(policy)),
            (len(measures) - 0.86, end),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=9,
            fontweight="bold",
            annotation_clip=False,
        )
    axes.set_xlim(0, len(measures) - 1)
    axes.set_ylim(0, 1)
    axes.set_xticks([])
    axes.set_yticks([0, 1], ["worst", "best"])
    axes.tick_params(labelcolor=GREY)
    quiet_axes(axes, grid="")
    for spine in axes.spines.values():
        spine.set_visible(False)
    return sheet.save(folder, "parallel_coordinates")


def finding(policies: int, free: list[str], every: str) -> str:
    """Say of how many policies no other one is at least as good on every measure that counts."""
    if len(free) == 1:
        return f"{opening(called(free[0]))} is at least as good as any other on {every}"
    names = listed([called(policy) for policy in free])
    if len(free) == policies:
        return (
            f"Every policy has something for it: none of the {number(policies)} is worse than "
            f"another on {every}"
        )
    return (
        f"{len(free)} of {number(policies)} policies are not beaten by another on {every}: {names}"
    )
