"""What a policy gains on one measure and gives up on another, against the reference."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from matplotlib.axes import Axes

from partnersim.compare.comparison import Comparison
from partnersim.compare.differences import Difference
from partnersim.compare.words import called, listed, opening, titled
from partnersim.runs.wording import capitalised, metric_label, words
from partnersim.show.comparison import arms
from partnersim.show.parallel_coordinates import beaten_policies
from partnersim.show.sheet import (
    BLUE,
    INK,
    SHADE,
    Sheet,
    fold,
    name_points,
    policy_looks,
    quiet_axes,
)

PANEL, BODY, LABELS = 6.6, 5.0, 2.0


def draw_trade_off(comparison: Comparison) -> Sheet:
    """Draw policies by their paired differences on the two measures that agree least."""
    reference = comparison.reference
    pair = disagreeing(comparison)
    told = [comparison.differences(metric, reference) for metric in pair]
    looks, beaten = policy_looks(comparison.policies, reference), beaten_policies(comparison)
    sheet = Sheet(
        comparison,
        PANEL + LABELS,
        BODY,
        title=finding(told, reference, pair),
        subtitle=f"Difference to {called(reference)} (at zero) in the same future and with the "
        "same luck, on the two headline measures that agree least. Shaded: better on both. "
        f"Hollow: another policy is at least as good on {comparison.ranking.every}, and clearly "
        "better on one"
        + (f". {comparison.ranking.left_out_note}" if comparison.ranking.left_out else ""),
        bands="points: mean differences, bars: intervals that hold together with 95 % confidence",
    )
    axes = sheet.figure.subplots()
    scales = [100.0 if metric_label(metric).unit == "%" else 1.0 for metric in pair]
    centres: dict[str, tuple[float, float]] = {}
    for policy in comparison.policies:
        colour, marker = looks[policy]
        if policy == reference:
            means, bars = (0.0, 0.0), [[[0.0], [0.0]]] * 2
        else:
            one = [table[policy] for table in told]
            means = (scales[0] * one[0].mean, scales[1] * one[1].mean)
            bars = [arms(each, scale) for each, scale in zip(one, scales, strict=True)]
        centres[policy] = means
        axes.errorbar(
            means[0],
            means[1],
            xerr=bars[0],
            yerr=bars[1],
            fmt=marker,
            color=colour,
            markersize=9,
            markeredgewidth=1.6,
            markerfacecolor="white" if policy in beaten else colour,
            elinewidth=1.2,
        )
    frame(axes, pair)
    names = [fold(capitalised(words(policy)), LABELS, 8.5, "bold") for policy in centres]
    colours = [looks[policy][0] for policy in centres]
    name_points(axes, names, list(centres.values()), colours, 4.3)
    return sheet


def disagreeing(comparison: Comparison) -> tuple[str, str]:
    """Return the two headline measures by which policies are ranked least alike."""
    means = comparison.means
    gains = {
        metric: means[metric] * (-1 if metric_label(metric).better == "less" else 1)
        for metric in comparison.headlines
    }
    ranks = {metric: gain.rank().to_numpy() for metric, gain in gains.items() if np.ptp(gain) > 0}
    if len(ranks) < 2:  # all policies do alike on all measures, or on all but one
        first, second, *_ = gains
        return first, second
    # Rounded, so that ties break by order.
    return min(
        combinations(ranks, 2),
        key=lambda pair: round(float(np.corrcoef(ranks[pair[0]], ranks[pair[1]])[0, 1]), 9),
    )


def frame(axes: Axes, pair: tuple[str, str]) -> None:
    """Draw zero lines, the shaded quarter and what the axes show."""
    axes.axhline(0, color=INK, linewidth=0.9, zorder=1)
    axes.axvline(0, color=INK, linewidth=0.9, zorder=1)
    axes.margins(0.12)
    limits = axes.get_xlim(), axes.get_ylim()
    more = [metric_label(metric).better == "more" for metric in pair]
    # The shaded quarter is on the better side of both zeros.
    x, y = (sorted((0.0, ends[up])) for ends, up in zip(limits, more, strict=True))
    axes.fill_between(x, y[0], y[1], color=SHADE, linewidth=0, zorder=0)
    axes.set(xlim=limits[0], ylim=limits[1], xlabel=axis_name(pair[0]), ylabel=axis_name(pair[1]))
    quiet_axes(axes, "x")
    quiet_axes(axes, "y")
    axes.annotate(
        "better on both",
        (float(more[0]), float(more[1])),
        xycoords="axes fraction",
        xytext=(-6 if more[0] else 6, -6 if more[1] else 6),
        textcoords="offset points",
        ha="right" if more[0] else "left",
        va="top" if more[1] else "bottom",
        color=BLUE,
    )


def axis_name(metric: str) -> str:
    """Return what an axis shows, and on which side it is better."""
    label = metric_label(metric)
    unit = "percentage points" if label.unit == "%" else label.unit
    return f"{label.title}: difference{f' in {unit}' if unit else ''} ({label.better} is better)"


def finding(told: list[dict[str, Difference]], reference: str, pair: tuple[str, str]) -> str:
    """Say which policies are clearly better on both measures, or what they trade."""
    verdicts = {policy: (told[0][policy].verdict, told[1][policy].verdict) for policy in told[0]}
    names = f"{titled(pair[0])} and {titled(pair[1])}"
    both = [called(policy) for policy, signs in verdicts.items() if signs == (1, 1)]
    if both:
        beat = "beats" if len(both) == 1 else "beat"
        return f"{opening(listed(both))} clearly {beat} {called(reference)} on both {names}"
    trades = [policy for policy, signs in verdicts.items() if sorted(signs) == [-1, 1]]
    if trades:
        won, lost = pair if verdicts[trades[0]][0] > 0 else pair[::-1]
        return (
            f"{opening(called(trades[0]))} gains on {titled(won)} and gives up {titled(lost)}; no "
            f"policy clearly beats {called(reference)} on both"
        )
    return f"No policy clearly beats {called(reference)} on both {names}"
