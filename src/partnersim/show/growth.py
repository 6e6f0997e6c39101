"""What network grows: instruments in force by direction, per policy and climate."""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes

from partnersim.runs.experiment_reader import StoredExperiment
from partnersim.runs.wording import NO_BREAK, capitalised, number, words
from partnersim.show.series import BANDS, Band, Series, first_and_last_year, reference_arm
from partnersim.show.sheet import MARGIN, Sheet
from partnersim.show.style import DIRECTION_LOOK, GREY, INK, quiet_axes, spread

BY_DIRECTION = tuple(f"instruments_{direction}" for direction in DIRECTION_LOOK)
METRICS = ("instruments", *BY_DIRECTION)
#: Width in inches behind a panel for the names of its lines.
LABEL_ROOM = 1.16


def draw_growth(stored: StoredExperiment, folder: Path) -> list[Path]:
    """Draw the four directions under the reference policy, one panel per climate."""
    policy, _ = reference_arm(stored)
    climates = [climate for name, climate in stored.arms if name == policy]
    series = Series(stored, METRICS)
    totals = {climate: series.band("instruments", policy, climate) for climate in climates}
    sheet = Sheet(
        stored,
        max(7.5, 2.75 * len(climates) + 0.6),
        4.0,
        title=finding(policy, totals),
        subtitle="Instruments in force between the EU and its partners, by the direction in which "
        "they were taken up",
        bands=BANDS,
    )
    left, right = MARGIN + 0.35, sheet.width - 0.1
    step = (right - left) / len(climates)
    top = max(
        float(series.band(metric, policy, climate).high.max())
        for metric in BY_DIRECTION
        for climate in climates
    )
    for place, climate in enumerate(climates):
        axes = sheet.axes(
            left + place * step,
            sheet.bottom + 0.25,
            left + place * step + step - LABEL_ROOM,
            sheet.top - 0.5,
        )
        axes.set_ylim(0, top * 1.03)
        for metric in BY_DIRECTION:
            draw_band(axes, metric, series.band(metric, policy, climate))
        label_ends(axes, series, policy, climate)
        total = totals[climate]
        axes.set_title(
            capitalised(words(climate)), loc="left", fontweight="bold", y=1.055, color=INK
        )
        axes.text(
            0,
            1.02,
            f"all: {number(total.median[0])} → {number(total.median[-1])}",
            transform=axes.transAxes,
            fontsize=8.5,
            color=GREY,
        )
        time_axis(axes, total)
        if place:
            axes.set_yticklabels([])
    return sheet.save(folder, "growth")


def finding(policy: str, totals: dict[str, Band]) -> str:
    """Say how many instruments are in force at the end, in the best and the worst climate."""
    best = max(totals, key=lambda climate: totals[climate].median[-1])
    worst = min(totals, key=lambda climate: totals[climate].median[-1])
    _, year = first_and_last_year(totals[best].years)
    end = totals[best]
    text = (
        f"Under “{words(policy)}”, {number(end.median[-1])} instruments are in force by the end of "
        f"{year}, up from {number(end.median[0])}, if the climate is {words(best)} "
        f"(90{NO_BREAK}% of futures: {number(end.low[-1])} to {number(end.high[-1])})"
    )
    if best != worst:
        text += f"; {number(totals[worst].median[-1])} under {words(worst)}"
    return text


def draw_band(axes: Axes, metric: str, band: Band, width: float = 2.0) -> None:
    """Draw the median of a direction with its bands of 50 and 90 % of runs."""
    colour, dashes = DIRECTION_LOOK[metric.removeprefix("instruments_")]
    axes.fill_between(band.years, band.low, band.high, color=colour, alpha=0.16, linewidth=0)
    axes.fill_between(band.years, band.lower, band.upper, color=colour, alpha=0.26, linewidth=0)
    style = (0, dashes) if dashes else "-"
    axes.plot(band.years, band.median, color=colour, linewidth=width, linestyle=style)


def label_ends(axes: Axes, series: Series, policy: str, climate: str) -> None:
    """Write name and last median of every direction behind its line."""
    ends = [float(series.band(metric, policy, climate).median[-1]) for metric in BY_DIRECTION]
    low, high = axes.get_ylim()
    height = axes.get_window_extent().height / 100  # inches
    gap = (high - low) * 0.155 / height
    last = series.band(BY_DIRECTION[0], policy, climate).years[-1]
    for metric, end, place in zip(
        BY_DIRECTION, ends, spread(ends, gap, low + gap / 2, high), strict=True
    ):
        direction = metric.removeprefix("instruments_")
        axes.annotate(
            f"{direction} {number(end)}",
            (last, place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            color=DIRECTION_LOOK[direction][0],
            fontweight="bold",
            annotation_clip=False,
        )


def time_axis(axes: Axes, band: Band) -> None:
    """Show years, every second or fifth one when there are many."""
    first, last = first_and_last_year(band.years)
    step = 1 if last - first <= 4 else 5
    later = [year for year in range(first + 2, last + 1) if year % step == 0]
    years = [first + 1, *later]
    axes.set_xticks(years, [str(year) for year in years])
    axes.set_xlim(band.years[0], band.years[-1])
    quiet_axes(axes)
