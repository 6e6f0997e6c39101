"""How the network grows over time: lines with bands, by direction, policy and climate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from partnersim.compare.comparison import Comparison
from partnersim.compare.factors import CLIMATE
from partnersim.compare.labels import (
    NO_BREAK,
    capitalised,
    headed,
    metric_label,
    number,
    quantity,
    words,
)
from partnersim.compare.tables import BAND_RUNS
from partnersim.compare.words import called, counted
from partnersim.model.constants import DIRECTIONS
from partnersim.runs.reader import Runs
from partnersim.show import marks
from partnersim.show.sheet import GREY, INK, Look, Sheet, caption

#: Colours and dashes of directions; the dashes tell them apart without colour.
COLOURS = (marks.BLUE, marks.VERMILION, marks.GREEN, marks.PURPLE)
DASHES: tuple[tuple[float, ...], ...] = ((), (5, 1.6), (1.4, 1.2), (6, 1.5, 1.4, 1.5))
BY_DIRECTION = tuple(f"instruments_{direction}" for direction in DIRECTIONS)
MOST_POLICIES, MOST_CLIMATES = 7, 6
QUANTILES = {"low": 0.05, "lower": 0.25, "upper": 0.75, "high": 0.95}
BANDS = "bands hold 50 % and 90 % of runs, line: mean"
NO_BANDS = f"line: mean; bands take {BAND_RUNS} runs"


class Shown(NamedTuple):
    """What figures of one policy in one climate show: the subject in the first climate.

    Attributes
    ----------
    future : int
    where : str
        For a sentence: ``“balanced” in a calm climate``.
    note : str
        For the footer: ``“balanced”, climate “calm”``.
    """

    future: int
    where: str
    note: str


def first_shown(runs: Runs) -> Shown:
    """Return the subject and the first climate, in words."""
    future, climate = next(iter(climates_of(runs).items()))
    policy, name = called(runs.subject), words(climate)
    return Shown(future, f"{policy} in a {name} climate", f"{policy}, climate “{name}”")


def bands(runs: Runs, metrics: Sequence[str], by: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return mean and quantiles over runs of each metric in every kept quarter.

    Parameters
    ----------
    runs : Runs
    metrics : sequence of str
    by : sequence of str
        What is told apart: ``policy``, ``future`` or both.

    Returns
    -------
    dict of str to DataFrame
        By metric, indexed by `by`, then ``year`` (end of the quarter, 2027.75 for ``2027Q3``):
        ``mean`` (over futures, of the means over their runs) and the quantiles ``low`` (5 %),
        ``lower`` (25 %), ``upper`` (75 %), ``high`` (95 %); no quantiles of fewer than
        `BAND_RUNS` runs.
    """
    rows = runs.outcomes(metrics, quarters="all")
    names = rows["quarter"].astype(str)
    rows["year"] = names.str[:4].astype(int) + names.str[5].astype(int) / 4
    keys = [*by, "year"]
    grouped = rows.groupby(keys, observed=True)
    by_future = rows.groupby(list(dict.fromkeys([*keys, "future"])), observed=True)
    found = {}
    for metric in metrics:
        table = grouped[metric].quantile(list(QUANTILES.values())).unstack()
        table.columns = pd.Index(list(QUANTILES))
        table = table.where(grouped[metric].count() >= BAND_RUNS)
        table["mean"] = by_future[metric].mean().groupby(keys, observed=True).mean()
        found[metric] = table
    return found


def draw_growth(comparison: Comparison) -> Sheet:
    """Draw the four directions under one policy, one panel per climate."""
    subject, climates = comparison.runs.subject, climates_of(comparison.runs)
    every = bands(comparison.runs, ("instruments", *BY_DIRECTION), ["policy", "future"])
    found = {metric: table.loc[subject] for metric, table in every.items()}
    sheet = Sheet(
        comparison,
        max(7.5, 2.9 * len(climates) + 0.6),
        4.0,
        title=growth_finding(subject, climates, found["instruments"], comparison.end),
        **caption("growth", lapses=lapses(comparison), bands=_note(found)),
    )
    panels = sheet.panels(1, len(climates), sharey=True)[0]
    for axes, (future, climate) in zip(panels, climates.items(), strict=True):
        for metric, colour, dashes in zip(BY_DIRECTION, COLOURS, DASHES, strict=True):
            draw_band(axes, found[metric].loc[future], colour, dashes)
        total = found["instruments"].loc[future]["mean"]
        axes.set_title(f"{headed(climate)}\nall: {' → '.join(map(number, total.iloc[[0, -1]]))}")
        time_axis(axes, total.index)
    panels[0].set_ylim(bottom=0)
    for axes, future in zip(panels, climates, strict=True):
        ends = [float(found[metric].loc[future]["mean"].iloc[-1]) for metric in BY_DIRECTION]
        texts = [f"{name} {number(end)}" for name, end in zip(DIRECTIONS, ends, strict=True)]
        marks.name_points(axes, texts, [(axes.get_xlim()[1], end) for end in ends], COLOURS, 3.0)
    return sheet


def lapses(comparison: Comparison) -> str:
    """Say why many ties end at once every seven years, where there are programmes that do."""
    if "programme" not in set(comparison.runs.world_table("instruments")["path"]):
        return ""
    return (
        ". Sharp falls, as in 2028: programmes end with the EU's seven-year budget and are joined "
        "anew"
    )


def growth_finding(policy: str, climates: dict[int, str], total: pd.DataFrame, year: str) -> str:
    """Say how many instruments are in force at the end, in the best and the worst climate."""
    means = {future: float(total.loc[future]["mean"].iloc[-1]) for future in climates}
    best, worst = max(means, key=lambda at: means[at]), min(means, key=lambda at: means[at])
    start, end = total.loc[best].iloc[0], total.loc[best].iloc[-1]
    text = (
        f"Under {called(policy)}, {number(end['mean'])} instruments are in force by the end of "
        f"{year}, up from {number(start['mean'])}, if the climate is {words(climates[best])} "
        + (
            f"(mean; 90{NO_BREAK}% of runs: {number(end['low'])} to {number(end['high'])})"
            if np.isfinite(end["low"])
            else "(mean)"
        )
    )
    worse = f"; {number(means[worst])} under {words(climates[worst])}"
    return text if best == worst else text + worse


def draw_growth_by_policy(comparison: Comparison) -> Sheet:
    """Draw a line per policy: a column per direction, a row per climate."""
    reference, climates = comparison.runs.reference, climates_of(comparison.runs)
    looks = marks.policy_looks(comparison.policies)
    names = [marks.named(policy, 2.1) for policy in looks]
    found = bands(comparison.runs, BY_DIRECTION, ["policy", "future"])
    key_height = 0.17 * -(-len(names) // 4) * (1 + max(names).count("\n")) + 0.1
    banded = _note(found) == BANDS
    grey = f"; grey band: 90 % of runs under {called(reference)}" if banded else ""
    shares = [key_height, 1.75 * len(climates) + 0.25]
    sheet = Sheet(
        comparison,
        10.5,
        sum(shares),
        title=policy_finding(comparison.runs, found, comparison.end),
        **caption(
            "growth_by_policy",
            grey=grey,
            lapses=lapses(comparison),
            grey_too=grey.replace(";", ","),
        ),
    )
    key, body = sheet.with_key(*shares)
    panels = body.subgridspec(len(climates), len(BY_DIRECTION)).subplots(
        sharey="col", sharex=True, squeeze=False
    )
    for row, (future, climate) in zip(panels, climates.items(), strict=True):
        for axes, metric in zip(row, BY_DIRECTION, strict=True):
            table = found[metric].xs(future, level="future")
            for policy, (colour, marker) in looks.items():
                band = table.loc[policy]
                if policy == reference:
                    shade(axes, band, "low", "high", GREY, 0.2)
                look: Look = {"marker": marker, "markevery": [len(band) - 1], "clip_on": False}
                axes.plot(band.index, band["mean"], color=colour, linewidth=1.4, **look)
            time_axis(axes, band.index)
        row[0].set_ylabel(marks.named(climate, 1.5, 9, "bold"), fontweight="bold")
    for axes, direction in zip(panels[0], DIRECTIONS, strict=True):
        axes.set_title(capitalised(direction))
    lines = [Line2D([], [], color=colour, marker=m, lw=1.4) for colour, m in looks.values()]
    key.legend(lines, names, loc="center left", borderpad=0, ncols=4)
    return sheet


def policy_finding(runs: Runs, found: dict[str, pd.DataFrame], year: str) -> str:
    """Say which policy moves which direction most from the reference, in the first climate."""
    future, climate = next(iter(climates_of(runs).items()))
    means = {metric: table["mean"].xs(future, level="future") for metric, table in found.items()}
    ends = pd.DataFrame(means).groupby("policy", observed=True).last()
    text = f"In a {words(climate)} climate"
    shifts = (ends - ends.loc[runs.reference]).stack()
    policy, metric = shifts.abs().idxmax()
    shift = float(shifts[policy, metric])
    direction = metric.removeprefix("instruments_")
    if round(shift) == 0:
        return f"{text}, no policy moves any direction of growth from {called(runs.reference)}"
    return (
        f"{text}, {called(policy)} moves the network most: in “{direction}” it has "
        f"{counted(round(abs(shift)), 'instrument')} {'more' if shift > 0 else 'fewer'} than "
        f"{called(runs.reference)} at the end of {year}"
    )


def draw_bands(comparison: Comparison) -> Sheet:
    """Draw a grid of headline measures (rows) and policies (columns), over all futures."""
    reference, measures = comparison.reference, comparison.headlines
    ranked = comparison.ranking.ranked
    policies = [reference, *(name for name in ranked if name != reference)][:MOST_POLICIES]
    found = bands(comparison.runs, measures, ["policy"])
    looks = marks.policy_looks(comparison.policies)
    left_out = len(comparison.policies) - len(policies)
    sheet = Sheet(
        comparison,
        max(7.5, 1.2 + 1.75 * len(policies)),
        1.75 * len(measures) + 0.5,
        title=bands_finding(comparison, found[measures[0]], measures[0]),
        **caption(
            "bands",
            reference=called(reference),
            note=f". {left_out} less robust policies are not shown" if left_out else "",
            bands=_note(found),
        ),
    )
    panels = sheet.panels(len(measures), len(policies), sharex=True, sharey="row")
    for row, metric in zip(panels, measures, strict=True):
        label = metric_label(metric)
        for axes, policy in zip(row, policies, strict=True):
            band = label.scale * found[metric].loc[policy]
            colour = looks[policy][0]
            draw_band(axes, band, colour)
            if policy != reference:
                base = label.scale * found[metric].loc[reference]
                axes.plot(base.index, base["mean"], color=INK, linewidth=0.8)
            time_axis(axes, band.index)
            mean = quantity(metric, float(comparison.means.loc[policy, metric]))
            if axes in panels[0]:
                axes.set_title(f"{marks.named(policy, 1.5, 9.5, 'bold')}\n{mean}", color=colour)
            else:
                axes.set_title(mean, color=colour, fontsize=8.5, pad=2)
        unit = f" ({label.unit})" if label.unit else ""
        row[0].set_ylabel(marks.fold(label.heading + unit, 1.5, 9, "bold"), fontweight="bold")
    return sheet


def _note(found: Mapping[str, pd.DataFrame]) -> str:
    """Say what bands and lines are, whether or not there were runs enough for bands."""
    return BANDS if any(table["low"].notna().any() for table in found.values()) else NO_BANDS


def bands_finding(comparison: Comparison, found: pd.DataFrame, metric: str) -> str:
    """Say how far policies and futures move the first measure."""
    best = comparison.best
    end, means = found.loc[best].iloc[-1], comparison.means[metric]
    text = (
        f"{capitalised(metric_label(metric).title)} under {called(best)} by the end of "
        f"{comparison.end}: {quantity(metric, float(means[best]))} on average"
    )
    if np.isfinite(end["low"]):
        low, high = (quantity(metric, end[name]) for name in ("low", "high"))
        text += f", {low} to {high} in nine of ten runs"
    if len(means) > 1:
        ends = " and ".join(quantity(metric, float(end)) for end in (means.min(), means.max()))
        text += f"; the means of policies lie between {ends}"
    return text


def climates_of(runs: Runs) -> dict[int, str]:
    """Return the listed climates by future, at most the first six."""
    pairs = runs.futures[["future", CLIMATE]].head(MOST_CLIMATES).to_numpy()
    return {int(future): str(climate) for future, climate in pairs}


def draw_band(axes: Axes, band: pd.DataFrame, colour: str, dashes: tuple[float, ...] = ()) -> None:
    """Draw the mean with its bands of 50 and 90 % of runs, see `bands`."""
    shade(axes, band, "low", "high", colour, 0.16)
    shade(axes, band, "lower", "upper", colour, 0.26)
    axes.plot(band["mean"], color=colour, linewidth=2.0, linestyle=(0, dashes) if dashes else "-")


def shade(axes: Axes, band: pd.DataFrame, low: str, high: str, colour: str, alpha: float) -> None:
    """Fill what lies between two columns of a band."""
    axes.fill_between(band.index, band[low], band[high], color=colour, alpha=alpha, linewidth=0)


def time_axis(axes: Axes, years: pd.Index) -> None:
    """Show the years, or the quarters of a short horizon."""
    first, last = float(years[0]), float(years[-1])
    axes.set_xlim(first, last)
    inside = np.arange(np.ceil(first), np.floor(last) + 1)
    if len(inside) > 1:
        step = -(-len(inside) // 4)
        axes.set_xticks(inside[::step], [f"{year:.0f}" for year in inside[::step]])
    else:
        quarter = f"{np.ceil(last) - 1:.0f}Q{round(4 * (last - np.ceil(last) + 1))}"
        axes.set_xticks([last], [f"end of {quarter}"], ha="right")
    marks.quiet_axes(axes, "y")
