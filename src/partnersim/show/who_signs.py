"""Who signs what: the probability that a partner takes up an instrument by 2030."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from partnersim.runs.experiment_reader import StoredExperiment
from partnersim.runs.wording import number, words
from partnersim.show.cells import draw_cells
from partnersim.show.series import reference_arm
from partnersim.show.sheet import MARGIN, Sheet, wrapped
from partnersim.show.style import INK, PALE, pale_to_dark, quiet_axes

YEAR = 2030
PARTNERS, INSTRUMENTS = 26, 24
CELL_WIDTH, CELL_HEIGHT = 0.33, 0.285
#: Width in inches left of the cells for the names of the instruments.
LABELS = 3.25
#: From this lightness on, numbers in a cell are dark.
DARK_TEXT_BELOW = 0.55
#: Angle of the names of the partners, degrees.
SLANT = 55
#: Smaller probabilities leave the cell empty.
SMALLEST = 0.005


def draw_who_signs(stored: StoredExperiment, folder: Path) -> list[Path]:
    """Draw a heat map of the partners and instruments that move most, numbers in the cells."""
    policy, climate = reference_arm(stored)
    here = stored.table("signing", arm=(policy, climate))
    year = min(YEAR, int(here["by"].max())) if len(here) else YEAR
    chances = here[here["by"] == year].pivot_table(
        index="instrument", columns="iso3", values="probability", observed=True
    )
    rows = ranked(chances, axis=1)[:INSTRUMENTS]
    columns = ranked(chances.loc[rows], axis=0)[:PARTNERS]
    shown = chances.loc[rows, columns].fillna(0.0)
    held = in_force_at_start(stored)
    country = stored.table("partners").set_index("iso3")["name"]
    titles = stored.table("instruments").set_index("instrument")["name"]
    longest = max(len(country[iso3]) for iso3 in columns)
    heads = 0.2 + 0.075 * longest * np.sin(np.radians(SLANT))
    sheet = Sheet(
        stored,
        MARGIN + LABELS + CELL_WIDTH * len(columns) + 0.45,
        heads + CELL_HEIGHT * len(rows),
        title=finding(chances, country, titles, policy, climate, year),
        subtitle=f"Probability in percent that an instrument not in force in June 2025 is in force "
        f"at the end of {year}: the {len(columns)} partners and {len(rows)} instruments with most "
        "to come, most on the left and on top. Dash: in force already; empty: below 1 %",
        bands=f"“{words(policy)}”, climate “{words(climate)}”",
        names=[country[iso3] for iso3 in columns],
    )
    left = MARGIN + LABELS
    axes = sheet.axes(
        left,
        sheet.bottom + 0.05,
        left + CELL_WIDTH * len(columns),
        sheet.bottom + 0.05 + CELL_HEIGHT * len(rows),
    )
    values = shown.to_numpy()
    colours = pale_to_dark()
    draw_cells(axes, np.ma.masked_less(values, SMALLEST), colours)
    for down, instrument in enumerate(rows):
        for across, iso3 in enumerate(columns):
            if (iso3, instrument) in held:
                axes.plot([across - 0.14, across + 0.14], [down, down], color=PALE, linewidth=1.6)
            elif values[down, across] >= SMALLEST:
                axes.text(
                    across,
                    down,
                    number(100 * values[down, across]),
                    ha="center",
                    va="center",
                    fontsize=7,
                    color=INK if values[down, across] < DARK_TEXT_BELOW else "white",
                )
    axes.set_xticks(
        range(len(columns)),
        [country[iso3] for iso3 in columns],
        rotation=SLANT,
        ha="left",
        rotation_mode="anchor",
    )
    axes.set_yticks(range(len(rows)), [in_two_lines(titles[instrument]) for instrument in rows])
    axes.xaxis.tick_top()
    axes.tick_params(labelcolor=INK, labelsize=8)
    axes.tick_params(axis="y", labelsize=7.5)
    quiet_axes(axes, grid="")
    for side in axes.spines.values():
        side.set_visible(False)
    return sheet.save(folder, "who_signs")


def ranked(chances: pd.DataFrame, axis: int) -> list[str]:
    """Return the labels of the other axis by their expected number of new instruments."""
    expected = chances.sum(axis=axis)
    return [str(name) for name in expected.sort_values(ascending=False, kind="stable").index]


def in_force_at_start(stored: StoredExperiment) -> set[tuple[str, str]]:
    """Return the pairs of partner and instrument that were in force in June 2025."""
    network = stored.table("network", columns=["iso3", "instrument", "stage"])
    held = network[network["stage"] == "in_force"]
    return set(zip(held["iso3"], held["instrument"], strict=True))


def in_two_lines(title: str) -> str:
    """Return a title without what stands in brackets, on two lines, cut if it is longer still."""
    lines = wrapped(title.split(" (")[0], LABELS - 0.15, 8.0)
    return "\n".join(lines if len(lines) <= 2 else [lines[0], f"{lines[1]} …"])


def finding(
    chances: pd.DataFrame,
    country: pd.Series,
    titles: pd.Series,
    policy: str,
    climate: str,
    year: int,
) -> str:
    """Say how many new instruments to expect and which pair is most likely to sign."""
    if chances.size == 0:
        return f"Nothing new is expected by the end of {year} under “{words(policy)}”"
    expected = float(np.nansum(chances.to_numpy()))
    by_partner = chances.sum(axis=0).sort_values(ascending=False)
    leaders = [f"{country[iso3]} ({number(by_partner[iso3])})" for iso3 in by_partner.index[:3]]
    return (
        f"By the end of {year}, {number(expected)} new instruments are expected under "
        f"“{words(policy)}” in a {words(climate)} climate; most with {', '.join(leaders)}"
    )
