"""How the network grows under every policy in every climate, beside the reference policy."""

from __future__ import annotations

from pathlib import Path

from partnersim.runs.experiment_reader import StoredExperiment
from partnersim.runs.wording import capitalised, number, words
from partnersim.show.growth import (
    BY_DIRECTION,
    LABEL_ROOM,
    METRICS,
    draw_band,
    label_ends,
    time_axis,
)
from partnersim.show.series import BANDS, Series, first_and_last_year
from partnersim.show.sheet import MARGIN, Sheet
from partnersim.show.style import GREY, INK

ROW_HEIGHT = 1.62


def draw_growth_by_policy(stored: StoredExperiment, folder: Path) -> list[Path]:
    """Draw a grid of policies (rows) and climates (columns)."""
    series = Series(stored, METRICS)
    policies, climates = stored.policies, stored.climates
    ends = {arm: float(series.band("instruments", *arm).median[-1]) for arm in stored.arms}
    reference = stored.manifest["reference"]
    any_band = series.band("instruments", *stored.arms[0])
    sheet = Sheet(
        stored,
        max(7.5, 2.35 * len(climates) + 1.9),
        ROW_HEIGHT * len(policies) + 0.5,
        title=finding(stored, series, first_and_last_year(any_band.years)[1]),
        subtitle="Instruments in force by direction; in each panel: all instruments at the end and "
        f"the distance from “{words(reference)}” in the same climate (medians); thin black lines: "
        f"medians of “{words(reference)}”",
        bands=BANDS,
    )
    left, right = MARGIN + 1.35, sheet.width - LABEL_ROOM - 0.05
    column, bottom, top = (right - left) / len(climates), sheet.bottom + 0.2, sheet.top - 0.3
    row = (top - bottom) / len(policies)
    highest = max(
        float(series.band(metric, *arm).high.max())
        for metric in BY_DIRECTION
        for arm in stored.arms
    )
    for down, policy in enumerate(policies):
        sheet.text(
            MARGIN,
            top - (down + 0.5) * row,
            capitalised(words(policy)).replace(" ", "\n", 1),
            fontweight="bold",
            fontsize=10,
            va="center",
        )
        for across, climate in enumerate(climates):
            if (policy, climate) not in ends:
                continue
            axes = sheet.axes(
                left + across * column,
                top - (down + 1) * row,
                left + (across + 1) * column - 0.18,
                top - down * row - 0.2,
            )
            axes.set_ylim(0, highest * 1.25)
            for metric in BY_DIRECTION:
                draw_band(axes, metric, series.band(metric, policy, climate), width=1.5)
                if policy != reference and (reference, climate) in ends:
                    base = series.band(metric, reference, climate)
                    axes.plot(base.years, base.median, color=INK, linewidth=0.8, zorder=1.5)
            time_axis(axes, any_band)
            if across == len(climates) - 1:
                label_ends(axes, series, policy, climate)
            if across:
                axes.set_yticklabels([])
            if down < len(policies) - 1:
                axes.set_xticklabels([])
            if down == 0:
                axes.set_title(capitalised(words(climate)), fontweight="bold", loc="left", pad=10)
            axes.text(
                0.03,
                0.97,
                compared(ends[policy, climate], ends.get((reference, climate))),
                transform=axes.transAxes,
                va="top",
                fontsize=8.5,
                color=INK if policy == reference else GREY,
            )
    return sheet.save(folder, "growth_by_policy")


def compared(end: float, base: float | None) -> str:
    """Return a number of instruments and, if there is one, its distance from the reference."""
    if base is None or end == base:
        return f"all {number(end)}"
    return f"all {number(end)}  ({number(end - base, sign=True)})"


def finding(stored: StoredExperiment, series: Series, year: int) -> str:
    """Say how far policies differ in size, and which direction one of them shifts most."""
    climate = stored.climates[0]
    here = [policy for policy, other in stored.arms if other == climate]
    size = {policy: last_median(series, "instruments", policy, climate) for policy in here}
    most, least = max(here, key=lambda p: size[p]), min(here, key=lambda p: size[p])
    text = (
        f"In a {words(climate)} climate the network of {year} counts from {number(size[least])} "
        f"instruments (“{words(least)}”) to {number(size[most])} (“{words(most)}”)"
    )
    reference = stored.manifest["reference"]
    if reference not in here:
        return text
    shifts = {
        (policy, metric): last_median(series, metric, policy, climate)
        - last_median(series, metric, reference, climate)
        for policy in here
        for metric in BY_DIRECTION
    }
    policy, metric = max(shifts, key=lambda pair: abs(shifts[pair]))
    shift = shifts[policy, metric]
    if shift == 0:
        return text
    direction = metric.removeprefix("instruments_")
    return (
        f"{text}; the largest shift from “{words(reference)}”: “{words(policy)}” has "
        f"{number(abs(shift))} {'more' if shift > 0 else 'fewer'} in “{direction}”"
    )


def last_median(series: Series, metric: str, policy: str, climate: str) -> float:
    """Return the median over runs at the end."""
    return float(series.band(metric, policy, climate).median[-1])
