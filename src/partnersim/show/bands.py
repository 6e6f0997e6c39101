"""How the network grows under every policy, over all futures of a sweep."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from partnersim.compare.comparison import Comparison
from partnersim.compare.words import called
from partnersim.runs.sweep_reader import StoredSweep
from partnersim.runs.wording import capitalised, metric_label, quantity, words
from partnersim.show.series import QUANTILES, first_and_last_year, year_ends
from partnersim.show.sheet import MARGIN, Sheet, wrapped
from partnersim.show.style import INK, policy_looks, quiet_axes, ticks_inside

MOST_POLICIES = 7
ROW_HEIGHT, COLUMN_WIDTH = 1.75, 1.75
LABELS = 1.35
#: Place of the mean among the quantiles.
MIDDLE = QUANTILES.index(0.5)
Bands = dict[tuple[str, str], np.ndarray]


def draw_bands(comparison: Comparison, stored: StoredSweep, folder: Path) -> list[Path]:
    """Draw a grid of headline measures (rows) and policies (columns)."""
    study = comparison
    reference = study.reference
    ranked = comparison.ranking.ranked
    policies = [reference, *(name for name in ranked if name != reference)][:MOST_POLICIES]
    measures = comparison.headlines
    years, bands = quantiles(stored, measures, comparison.policies)
    looks = policy_looks(comparison.policies, reference)
    left_out = len(comparison.policies) - len(policies)
    sheet = Sheet(
        study,
        max(7.5, MARGIN + LABELS + 0.45 + COLUMN_WIDTH * len(policies) + 0.1),
        ROW_HEIGHT * len(measures) + 0.5,
        title=finding(comparison, bands, measures[0]),
        subtitle="Each policy over all futures, at the ends of years. Line: mean over all futures, "
        f"at the end of {study.end} as a number; thin black line: mean of {called(reference)}"
        + (f". {left_out} less robust policies are not shown" if left_out else ""),
        bands="bands hold 50 % and 90 % of runs, line: mean",
    )
    left, bottom, top = MARGIN + LABELS + 0.4, sheet.bottom + 0.22, sheet.top - 0.3
    column, row = (sheet.width - 0.1 - left) / len(policies), (top - bottom) / len(measures)
    for down, metric in enumerate(measures):
        scale = 100.0 if metric_label(metric).unit == "%" else 1.0
        ends = [scale * bands[metric, policy] for policy in policies]
        lowest, highest = (min(map(np.min, ends)), max(map(np.max, ends)))
        title = wrapped(metric_label(metric).heading, LABELS - 0.1, 9.5, "bold")
        unit = metric_label(metric).unit
        sheet.text(
            MARGIN,
            top - (down + 0.45) * row,
            "\n".join(title) + (f"\n({unit})" if unit else ""),
            fontsize=9.5,
            fontweight="bold",
            va="center",
        )
        for across, policy in enumerate(policies):
            axes = sheet.axes(
                left + across * column,
                top - (down + 1) * row + 0.1,
                left + (across + 1) * column - 0.16,
                top - down * row - 0.1,
            )
            low, lower, mean, upper, high = scale * bands[metric, policy].T
            colour = looks[policy][0]
            axes.fill_between(years, low, high, color=colour, alpha=0.16, linewidth=0)
            axes.fill_between(years, lower, upper, color=colour, alpha=0.28, linewidth=0)
            axes.plot(years, mean, color=colour, linewidth=2)
            if policy != reference:
                base = scale * bands[metric, reference][:, MIDDLE]
                axes.plot(years, base, color=INK, linewidth=0.8)
            room = highest - lowest or 1.0
            axes.set_ylim(lowest - 0.05 * room, highest + 0.22 * room)
            axes.set_xlim(years[0], years[-1])
            ticks_inside(axes)
            axes.text(
                0.04,
                0.97,
                quantity(metric, float(comparison.means.loc[policy, metric])),
                transform=axes.transAxes,
                va="top",
                fontsize=8.5,
                fontweight="bold",
                color=colour,
            )
            ticks = year_ticks(years)
            axes.set_xticks(
                ticks, [str(year) for year in ticks] if down + 1 == len(measures) else []
            )
            quiet_axes(axes)
            if across:
                axes.set_yticklabels([])
            if down == 0:
                axes.set_title(
                    capitalised(words(policy)), fontweight="bold", loc="left", fontsize=9.5, pad=6
                )
    return sheet.save(folder, "bands")


def quantiles(
    stored: StoredSweep, measures: list[str], policies: list[str]
) -> tuple[np.ndarray, Bands]:
    """Return the ends of the kept quarters in years, and bands by measure and policy.

    Each array has the shape (quarters, 5): quantiles over runs, in the middle the mean over futures
    of the means of their runs, as everywhere in the study. One measure at a time is read.
    """
    bands: Bands = {}
    years = np.empty(0)
    for metric in measures:
        rows = stored.quarters([metric])
        grouped = rows.groupby(["policy", "quarter"], observed=True, sort=True)[metric]
        table = grouped.quantile(list(QUANTILES)).unstack()
        means = rows.groupby(["policy", "quarter", "point"], observed=True)[metric].mean()
        by_policy = means.unstack("policy").dropna().groupby("quarter", observed=True).mean()
        for policy in policies:
            mine = table.loc[policy].sort_index()
            years = year_ends([str(name) for name in mine.index])
            values = mine.to_numpy(dtype=np.float64, copy=True)
            values[:, MIDDLE] = by_policy[policy].loc[mine.index].to_numpy(dtype=np.float64)
            bands[metric, policy] = values
    return years, bands


def year_ticks(years: np.ndarray) -> list[int]:
    """Return round years on the axis: every fifth, or first and last of a short horizon."""
    first, last = first_and_last_year(years)
    fifth = [year for year in range(first + 1, last + 1) if year % 5 == 0]
    return fifth if len(fifth) > 1 else sorted({first + 1, last})


def finding(comparison: Comparison, bands: Bands, metric: str) -> str:
    """Say how far policies and futures move the first measure."""
    best = comparison.best
    end = bands[metric, best][-1]
    title = capitalised(metric_label(metric).title)
    means = comparison.means[metric]
    text = (
        f"{title} under {called(best)} by the end of {comparison.end}: "
        f"{quantity(metric, float(means[best]))} on average, {quantity(metric, end[0])} to "
        f"{quantity(metric, end[4])} in nine of ten runs"
    )
    if len(means) > 1:
        text += (
            f"; the means of policies lie between {quantity(metric, float(means.min()))} and "
            f"{quantity(metric, float(means.max()))}"
        )
    return text
