"""What a policy gains on one measure and gives up on another, against the reference."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from partnersim.compare.comparison import Comparison
from partnersim.compare.differences import Difference
from partnersim.compare.words import called, listed, opening, titled
from partnersim.runs.wording import capitalised, metric_label, words
from partnersim.show.sheet import MARGIN, Sheet, widest
from partnersim.show.style import (
    BLUE,
    GREY,
    INK,
    SHADE,
    policy_looks,
    quiet_axes,
    spread,
    ticks_inside,
)

PANEL, BODY = 5.9, 5.0


def draw_trade_off(comparison: Comparison, folder: Path) -> list[Path]:
    """Draw policies by their paired differences on the two measures that agree least."""
    study = comparison
    reference = study.reference
    pair = disagreeing(comparison)
    told = [comparison.differences(metric, reference) for metric in pair]
    looks = policy_looks(comparison.policies, reference)
    labels = widest([capitalised(words(policy)) for policy in comparison.policies], 9, "bold") + 0.2
    sheet = Sheet(
        study,
        MARGIN + 0.6 + PANEL + labels,
        BODY,
        title=finding(told, reference, pair),
        subtitle=f"Difference to {called(reference)} (at zero) in the same future and with the "
        "same luck, on the two headline measures that agree least. Shaded: better on both. "
        f"Hollow: another policy is at least as good on {comparison.ranking.every}"
        + (f". {comparison.ranking.left_out_note}" if comparison.ranking.left_out else ""),
        bands="points: mean differences, bars: intervals that hold together with 95 % confidence",
    )
    axes = sheet.axes(MARGIN + 0.6, sheet.bottom + 0.5, sheet.width - labels, sheet.top - 0.1)
    scales = [100.0 if metric_label(metric).unit == "%" else 1.0 for metric in pair]
    free = set(comparison.undominated)
    ends = []
    for policy in comparison.policies:
        colour, marker = looks[policy]
        if policy == reference:
            centre, bars = (0.0, 0.0), [(0.0, 0.0), (0.0, 0.0)]
        else:
            one = [table[policy] for table in told]
            centre = (one[0].mean * scales[0], one[1].mean * scales[1])
            bars = [
                (each.low * scale, each.high * scale)
                for each, scale in zip(one, scales, strict=True)
            ]
        axes.plot(bars[0], [centre[1]] * 2, color=colour, linewidth=1.2, alpha=0.7)
        axes.plot([centre[0]] * 2, bars[1], color=colour, linewidth=1.2, alpha=0.7)
        axes.plot(
            *centre,
            marker=marker,
            color=colour,
            markerfacecolor=colour if policy in free else "white",
            markersize=9,
            markeredgewidth=1.6,
            zorder=4,
        )
        ends.append((policy, centre))
    frame(axes, pair)
    label_points(axes, ends, looks)
    return sheet.save(folder, "trade_off")


def disagreeing(comparison: Comparison) -> tuple[str, str]:
    """Return the two headline measures by which policies are ranked least alike."""
    means = comparison.means
    gains = {
        metric: means[metric] * (-1 if metric_label(metric).better == "less" else 1)
        for metric in comparison.headlines
    }
    ranks = {metric: gain.rank().to_numpy() for metric, gain in gains.items() if np.ptp(gain) > 0}
    if len(ranks) < 2:
        # All policies do alike on all measures, or on all but one.
        first, second, *_ = gains
        return first, second
    pairs = combinations(ranks, 2)
    return min(pairs, key=lambda pair: alike(ranks[pair[0]], ranks[pair[1]]))


def alike(one: np.ndarray, other: np.ndarray) -> float:
    """Return the rank correlation, rounded so that ties break by order."""
    return round(float(np.corrcoef(one, other)[0, 1]), 9)


def frame(axes: Axes, pair: tuple[str, str]) -> None:
    """Draw zero lines, the shaded quarter and what the axes show."""
    axes.axhline(0, color=INK, linewidth=0.9, zorder=1)
    axes.axvline(0, color=INK, linewidth=0.9, zorder=1)
    axes.margins(0.12)
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    more = [metric_label(metric).better == "more" for metric in pair]
    x, y = ((0, right) if more[0] else (left, 0)), ((0, high) if more[1] else (low, 0))
    axes.fill_between(x, y[0], y[1], color=SHADE, linewidth=0, zorder=0)
    axes.set_xlim(left, right)
    axes.set_ylim(low, high)
    ticks_inside(axes)
    names = [axis_name(metric) for metric in pair]
    axes.set_xlabel(names[0], color=INK, fontsize=9.5)
    axes.set_ylabel(names[1], color=INK, fontsize=9.5)
    quiet_axes(axes)
    axes.grid(visible=True, axis="both")
    axes.text(
        0.985 if more[0] else 0.015,
        0.98 if more[1] else 0.02,
        "better on both",
        transform=axes.transAxes,
        ha="right" if more[0] else "left",
        va="top" if more[1] else "bottom",
        fontsize=8.5,
        color=BLUE,
    )


def axis_name(metric: str) -> str:
    """Return what an axis shows, and on which side it is better."""
    label = metric_label(metric)
    unit = "percentage points" if label.unit == "%" else label.unit
    side = "more is better" if label.better == "more" else "less is better"
    return f"{label.title}: difference{f' in {unit}' if unit else ''} ({side})"


def label_points(
    axes: Axes,
    ends: list[tuple[str, tuple[float, float]]],
    looks: dict[str, tuple[str, str]],
) -> None:
    """Write the policies right of the panel, each tied to its point by a thin line."""
    low, high = axes.get_ylim()
    right = axes.get_xlim()[1]
    gap = 0.06 * (high - low)
    places = spread([centre[1] for _, centre in ends], gap, low + gap / 2, high - gap / 2)
    for (policy, centre), place in zip(ends, places, strict=True):
        axes.annotate(
            "",
            centre,
            xytext=(right, place),
            arrowprops={"arrowstyle": "-", "color": GREY, "linewidth": 0.5, "shrinkB": 5},
            zorder=2,
        )
        axes.annotate(
            capitalised(words(policy)),
            (right, place),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
            fontweight="bold",
            color=looks[policy][0],
            annotation_clip=False,
        )


def finding(told: list[dict[str, Difference]], reference: str, pair: tuple[str, str]) -> str:
    """Say which policies are clearly better on both measures, or what they trade."""
    verdicts = {policy: (told[0][policy].verdict, told[1][policy].verdict) for policy in told[0]}
    names = f"{titled(pair[0])} and {titled(pair[1])}"
    both = [policy for policy, signs in verdicts.items() if signs == (1, 1)]
    if both:
        many = listed([called(policy) for policy in both])
        beat = "beats" if len(both) == 1 else "beat"
        return f"{opening(many)} clearly {beat} {called(reference)} on both {names}"
    trades = [policy for policy, signs in verdicts.items() if sorted(signs) == [-1, 1]]
    if trades:
        policy = trades[0]
        won, lost = pair if verdicts[policy][0] > 0 else pair[::-1]
        return (
            f"{opening(called(policy))} gains on {titled(won)} and gives up {titled(lost)}; "
            f"no policy clearly beats {called(reference)} on both"
        )
    return f"No policy clearly beats {called(reference)} on both {names}"
