"""Which policy is robust, and on what that rests: regret, trade-offs, what drives outcomes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from partnersim.compare.comparison import Comparison
from partnersim.compare.drivers import MARK, MEANING
from partnersim.compare.factors import factor_name
from partnersim.compare.labels import NO_BREAK, capitalised, metric_label, number
from partnersim.compare.words import amount, called, decimals_of, listed, opening
from partnersim.show import marks
from partnersim.show.sheet import GREY, INK, Look, Sheet, caption, width_of

CELL_WIDTH, POLICY_NAMES = 1.08, 2.2


def draw_regret(comparison: Comparison) -> Sheet:
    """Draw regret in nine of ten futures, the most robust policy on top."""
    found = comparison.ranking
    policies, measures = found.ranked, list(found.regret.columns)
    regret = found.regret.loc[policies]
    names = [marks.named(policy, POLICY_NAMES, 9.5) for policy in policies]
    heads = [marks.fold(metric_label(metric).heading, CELL_WIDTH - 0.1, 8.0) for metric in measures]
    # Behind the measures stand what the ranking rests on, without colour.
    scores = {
        "mean share of\nlargest regret": found.scores,
        "comes first in\nresamples": pd.Series(found.first),
    }
    widest = max(width_of(name, 9.5) for name in names)
    sheet = Sheet(
        comparison,
        0.8 + widest + CELL_WIDTH * (len(measures) + len(scores)),
        0.75 + 0.44 * len(policies),
        title=found.sentence,
        **caption("regret", note=f". {found.left_out_note}" if found.left_out_note else ""),
    )
    axes = sheet.figure.subplots()
    shares = np.ma.masked_all((len(policies), len(measures) + len(scores)))
    shares[:, : len(measures)] = found.shares.loc[policies]
    texts = [
        [amount(name, float(regret.loc[policy, name]), found.decimals(name)) for name in measures]
        + [f"{number(100 * float(column[policy]))}{NO_BREAK}%" for column in scores.values()]
        for policy in policies
    ]
    marks.draw_cells(axes, shares, texts, marks.pale_to_dark(), heads=[*heads, *scores])
    least = regret.eq(regret.min()) & (regret.min() < regret.max())
    for down, across in np.argwhere(least.to_numpy()):
        marks.frame(axes, across - 0.46, down - 0.44, 0.92, 0.88, marks.VERMILION)
    axes.set_yticks(range(len(policies)), names, fontsize=9.5)
    return sheet


AXIS_WIDTH, NAMES = 1.3, 2.0


def draw_parallel_coordinates(comparison: Comparison) -> Sheet:
    """Draw mean outcomes of all policies, the better end of every measure on top."""
    found, beaten, policies = comparison.ranking, comparison.beaten, comparison.policies
    measures = list(found.regret.columns)
    looks = marks.policy_looks(policies)
    sheet = Sheet(
        comparison,
        max(7.5, 1.2 + AXIS_WIDTH * (len(measures) - 1) + NAMES),
        4.6,
        title=trade_off_finding(comparison, beaten),
        **caption(
            "parallel_coordinates",
            futures=f"{comparison.noun}s",
            note=f". {found.left_out_note}" if found.left_out_note else "",
        ),
    )
    signs = np.array([metric_label(name).sign for name in measures])
    gains = comparison.means[measures].to_numpy() * signs
    reach = np.ptp(gains, axis=0)
    heights = (gains - gains.min(axis=0)) / np.where(reach > 0, reach, 1.0)
    axes = sheet.figure.subplots()
    axes.vlines(range(len(measures)), 0, 1, color=marks.PALE, linewidth=1.0, zorder=1)
    heads, feet = [], []
    for metric, gain, sign in zip(measures, gains.T, signs, strict=True):
        digits = decimals_of(metric, np.ptp(gain) / 2)
        best, worst = (
            amount(metric, float(sign * end), digits, share="%") for end in (gain.max(), gain.min())
        )
        heads.append(f"{marks.fold(metric_label(metric).heading, AXIS_WIDTH - 0.12, 8)}\n\n{best}")
        feet.append(worst)
    last = len(measures) - 1
    for row, policy in zip(heights, policies, strict=True):
        colour, marker = looks[policy]
        dashed = policy in beaten
        look: Look = {"linestyle": (0, (4, 2)), "markerfacecolor": "white"} if dashed else {}
        axes.plot(row, color=colour, lw=2.0, marker=marker, ms=6, clip_on=False, **look)
    axes.set(xlim=(0, last), ylim=(-0.03, 1.03))
    names = [marks.named(policy, NAMES, weight="bold") for policy in policies]
    ends = [(last, float(row[-1])) for row in heights]
    marks.name_points(axes, names, ends, [looks[policy][0] for policy in policies], 3.5)
    axes.set_yticks([0, 1], ["worst", "best"], color=GREY)
    axes.set_xticks(range(len(measures)), feet)
    top = axes.secondary_xaxis("top")
    top.set_xticks(range(len(measures)), heads)
    top.spines[:].set_visible(False)
    # Clear of the names of policies, of which several lines may stand at either end.
    room = 6 * max(name.count("\n") for name in names)
    top.tick_params(labelcolor="black", pad=4 + room)
    axes.tick_params(axis="x", pad=3.5 + room)
    marks.quiet_axes(axes)
    return sheet


def trade_off_finding(comparison: Comparison, beaten: list[str]) -> str:
    """Say which policies another one beats on all measures that count; name the fewer of them."""
    every, policies = comparison.ranking.every, len(comparison.policies)
    free = [called(policy) for policy in comparison.policies if policy not in beaten]
    if not beaten:
        none = f"none of the {number(policies)} is beaten by another on {every}"
        return f"Every policy has something for it: {none}"
    if len(free) == 1:
        return f"{opening(free[0])} is at least as good as any other on {every}"
    if len(beaten) < len(free):
        behind = listed([called(policy) for policy in comparison.policies if policy in beaten])
        return (
            f"On {every}, another policy is at least as good as {behind}; the other "
            f"{number(len(free))} are trade-offs"
        )
    unbeaten = f"{len(free)} of {number(policies)} policies are not beaten by another"
    return f"{unbeaten} on {every}: {listed(free)}"


MOST_FACTORS = 12
COLUMN_WIDTH, FACTOR_NAMES = 2.05, 2.3


def draw_tornado(comparison: Comparison) -> Sheet:
    """Draw the indices of the strongest factors: a column per measure, a row per factor."""
    focus, measures = comparison.drivers(comparison.focus), comparison.headlines
    tables = {name: comparison.drivers(name).indices.set_index("factor") for name in measures}
    strongest = pd.concat([table["index"] for table in tables.values()], axis=1).max(axis=1)
    ranked = strongest.sort_values(ascending=False, kind="stable")
    factors = [str(name) for name in ranked.index[:MOST_FACTORS]]
    left_out = len(ranked) - len(factors)
    sheet = Sheet(
        comparison,
        max(7.5, 0.5 + FACTOR_NAMES + COLUMN_WIDTH * len(tables)),
        0.6 + 0.3 * len(factors),
        title=focus.driver_sentence,
        **caption(
            "tornado",
            meaning=MEANING[focus.method],
            best=called(comparison.best),
            mark=MARK[focus.method],
            focus=focus,
            note=f". {left_out} weaker factors are not shown" if left_out else "",
        ),
    )
    panels = sheet.panels(1, len(tables), sharex=True, sharey=True)[0]
    rows = np.arange(len(factors))
    for axes, (metric, table) in zip(panels, tables.items(), strict=True):
        columns = table.loc[factors, ["index", "low", "high", "noise"]].to_numpy(np.float64)
        index, low, high, noise = columns.T
        leading = set(comparison.drivers(metric).leading)
        colours = [marks.BLUE if factor in leading else marks.PALE for factor in factors]
        axes.barh(rows, index, height=0.55, color=colours)
        axes.hlines(rows, low, high, color=INK, linewidth=1.1)
        known = rows[noise > 0]
        axes.vlines(noise[known], known - 0.4, known + 0.4, color=marks.VERMILION, linewidth=1.2)
        for row, end in enumerate(np.nanmax([index, high, noise], axis=0)):
            marks.write_beside(axes, number(index[row], 2), end, row, 7.5)
        marks.head_column(axes, metric_label(metric).title, COLUMN_WIDTH - 0.25)
        marks.quiet_axes(axes, "x")
    reach = max(float(table[["index", "high"]].max(axis=None)) for table in tables.values())
    panels[0].set_xlim(0, 1.2 * reach)
    marks.label_rows(
        panels[0], [marks.fold(capitalised(factor_name(path)), FACTOR_NAMES) for path in factors]
    )
    return sheet
