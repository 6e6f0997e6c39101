"""How the network grows under every policy in every climate, beside the reference policy."""

from __future__ import annotations

from pathlib import Path

from partnersim.figures.growth import (
    BY_DIRECTION,
    LABEL_ROOM,
    METRICS,
    draw_band,
    label_ends,
    time_axis,
)
from partnersim.figures.series import BANDS, Series, first_and_last_year
from partnersim.figures.sheet import MARGIN, Sheet
from partnersim.figures.style import GREY, INK
from partnersim.store import StoredExperiment, number
from partnersim.store.wording import capitalised, words

ROW_HEIGHT = 1.62


def draw_growth_by_policy(stored: StoredExperiment, folder: Path) -> list[Path]:
    """Draw a grid of policies (rows) and climates (columns)."""
    series = Series(stored, METRICS)
    policies, climates = stored.policies, stored.climates
    ends = {arm: float(series.band("instruments", *arm).median[-1]) for arm in stored.arms}
    any_band = series.band("instruments", *stored.arms[0])
    sheet = Sheet(
        stored,
        max(7.5, 2.35 * len(climates) + 1.9),
        ROW_HEIGHT * len(policies) + 0.5,
        title=finding(ends, stored.manifest["reference"], first_and_last_year(any_band.years)[1]),
        subtitle="Instruments in force by direction; number in a panel: all instruments at the end "
        "and how that compares with the reference policy in the same climate (medians)",
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
            time_axis(axes, any_band)
            if across == len(climates) - 1:
                label_ends(axes, series, policy, climate)
            if across:
                axes.set_yticklabels([])
            if down < len(policies) - 1:
                axes.set_xticklabels([])
            if down == 0:
                axes.set_title(capitalised(words(climate)), fontweight="bold", loc="left", pad=10)
            base = ends.get((stored.manifest["reference"], climate))
            axes.text(
                0.03,
                0.97,
                compared(ends[policy, climate], base),
                transform=axes.transAxes,
                va="top",
                fontsize=8.5,
                color=INK if policy == stored.manifest["reference"] else GREY,
            )
    return sheet.save(folder, "growth_by_policy")


def compared(end: float, base: float | None) -> str:
    """Return a number of instruments and, if there is one, its distance from the reference."""
    if base is None or end == base:
        return f"all {number(end)}"
    return f"all {number(end)}  ({number(end - base, sign=True)})"


def finding(ends: dict[tuple[str, str], float], reference: str, year: int) -> str:
    """Say under which policy the network grows most and least in the first climate."""
    climate = next(iter(ends))[1]
    here = {policy: end for (policy, other), end in ends.items() if other == climate}
    most, least = max(here, key=lambda p: here[p]), min(here, key=lambda p: here[p])
    text = (
        f"In a {words(climate)} climate the network of {year} is largest under “{words(most)}” "
        f"({number(here[most])} instruments) and smallest under “{words(least)}” "
        f"({number(here[least])})"
    )
    if reference in here and reference not in (most, least):
        text += f"; “{words(reference)}” reaches {number(here[reference])}"
    return text
