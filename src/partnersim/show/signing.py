"""What comes into force, and when: shares of runs."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from partnersim.compare.comparison import Comparison
from partnersim.compare.labels import number
from partnersim.compare.signers import new_pairs, note_of, percent_of
from partnersim.compare.words import called, listed
from partnersim.runs.stored_forecast import StoredForecast
from partnersim.show.growth import first_shown
from partnersim.show.marks import VERMILION, draw_cells, pale_to_dark
from partnersim.show.sheet import Look, Sheet, caption, wrapped

#: The year that `draw_who_signs` looks at, or the last one of a shorter horizon.
YEAR = 2030
PARTNERS, INSTRUMENTS, PAIRS = 22, 20, 20
#: Smaller probabilities leave the cell empty.
SMALLEST = 0.005
#: Width in inches of the names of instruments and of pairs.
NAMES, PAIR_NAMES = 2.9, 4.6
#: A pair stands where it is first this likely.
LIKELY = 0.5


def draw_who_signs(comparison: Comparison) -> Sheet:
    """Draw a heat map of the partners and instruments that move most, under the subject."""
    world, shown = comparison.runs.world, first_shown(comparison.runs)
    year, chances, stored = chances_by(comparison, shown.future)
    # Instruments are rows, partners columns; both are ranked by all that is expected of them.
    by_partner, by_instrument = (
        chances.sum(axis=axis).sort_values(ascending=False, kind="stable") for axis in (0, 1)
    )
    partners = list(by_partner.index[:PARTNERS])
    instruments = list(by_instrument.index[:INSTRUMENTS])
    total = f"{float(by_partner.sum()):.1f}"
    texts = [[total, *(f"{by_partner[iso3]:.1f}" for iso3 in partners)]]
    for instrument in instruments:
        held = [(iso3, instrument) in world.held for iso3 in partners]
        cells = zip(held, chances.loc[instrument, partners], strict=True)
        row = ["–" if there else percent(value) for there, value in cells]
        texts.append([f"{by_instrument[instrument]:.1f}", *row])
    values = np.zeros((len(instruments) + 1, len(partners) + 1))
    values[1:, 1:] = chances.loc[instruments, partners]
    named = [world.country[iso3] for iso3 in partners]
    leaders = zip(named[:3], by_partner, strict=False)
    sheet = Sheet(
        comparison,
        NAMES + 1.1 + 0.36 * len(partners),
        1.6 + 0.3 * len(values),
        title=f"By the end of {year}, {total} new instruments are expected under "
        f"{shown.where}; most with "
        f"{listed([f'{name} ({sum_:.1f})' for name, sum_ in leaders])}",
        **caption(
            "who_signs",
            percent=percent_of(stored, comparison.runs.replicates),
            year=year,
            partners=len(partners),
            instruments=len(instruments),
            note=note_of(stored),
            shown=shown.note,
        ),
        names=named,
        forecast=stored is not None,
    )
    axes = sheet.figure.subplots()
    shares = np.ma.masked_less(values, SMALLEST)
    slant: Look = {"rotation": 55, "ha": "left", "rotation_mode": "anchor"}
    heads = ["All partners", *named]
    draw_cells(axes, shares, texts, pale_to_dark(), size=7, heads=heads, **slant)
    titles = [two_lines(world.instrument[name]) for name in instruments]
    axes.set_yticks(range(len(values)), ["All instruments", *titles], fontsize=7.5)
    across = len(values[0])
    totals = [axes.get_yticklabels()[0], axes.get_xticklabels()[0], *axes.texts[:across]]
    for text in [*totals, *axes.texts[::across]]:
        text.set_fontweight("bold")
    return sheet


@lru_cache(maxsize=1)
def chances_by(
    comparison: Comparison, future: int
) -> tuple[int, pd.DataFrame, StoredForecast | None]:
    """Return the year looked at, chances by instrument and partner, and the forecast they are of.

    They are shares of runs of the reference if it is not forecast. Pairs in force at the start
    count as zero.
    """
    runs = comparison.runs
    stored = comparison.forecast(runs.subject)
    if stored is not None:
        rows = stored.year_ends
        year = min(YEAR, int(rows["year"].max()))
        rows = rows.rename(columns={"probability": "chance"})
    else:
        rows = runs.in_force(policy=runs.subject, future=future)
        year = min(YEAR, int(rows["year"].max())) if len(rows) else YEAR
        rows = new_pairs(rows, runs.world.held)
        rows = rows.assign(chance=rows["in_force"] / rows["runs"])
    rows = rows[rows["year"] == year]
    table = rows.pivot_table(index="instrument", columns="iso3", values="chance", observed=True)
    return year, table.fillna(0.0), stored


def draw_signing_by_year(comparison: Comparison) -> Sheet:
    """Draw the pairs that come into force in most runs, a column per year end."""
    found = comparison.signers
    years = sorted({int(year) for year in found.chances["year"]})
    first = found.next.head(PAIRS)
    pair = ["iso3", "instrument"]
    chances = found.chances.pivot_table(index=pair, columns="year", values="probability")
    shown = chances.reindex(index=pd.MultiIndex.from_frame(first[pair]), columns=years).fillna(0.0)
    likely = shown.to_numpy() >= LIKELY
    halfway = np.where(likely.any(axis=1), likely.argmax(axis=1), len(years))
    shown = shown.iloc[np.lexsort((-shown.sum(axis=1), halfway))]
    names = [found.pair(row) for _, row in shown.reset_index().iterrows()]
    runs, policy = int(first["runs"].max()), called(found.policy)
    sheet = Sheet(
        comparison,
        PAIR_NAMES + 0.7 + 0.5 * max(len(years), 4),
        0.35 + 0.3 * len(names),
        title=found.headline,
        **caption(
            "signing_by_year",
            percent=percent_of(found.forecast, runs),
            policy=policy,
            pairs=len(names),
            found=found,
            note=note_of(found.forecast),
            bands=f"forecast under {policy}, climate {called(found.forecast.climate)}"
            if found.forecast
            else f"shares of runs under {policy} over all futures",
        ),
        names=[name.partition(":")[0] for name in names],
        forecast=found.forecast is not None,
    )
    axes = sheet.figure.subplots()
    shares, texts = np.ma.masked_less(shown, SMALLEST), shown.map(percent).to_numpy()
    draw_cells(axes, shares, texts, pale_to_dark(), size=7.5, heads=list(map(str, years)))
    for edge in (-0.5, 0.5):
        axes.axvline(years.index(found.year) + edge, color=VERMILION, linewidth=1.4)
    axes.set_yticks(range(len(names)), [two_lines(n, PAIR_NAMES) for n in names], fontsize=7.5)
    return sheet


def percent(share: float) -> str:
    """Return a share in whole percent without its sign; nothing for one that is too small."""
    return number(100 * share) if share >= SMALLEST else ""


def two_lines(name: str, width: float = NAMES) -> str:
    """Return a name without what stands in brackets, on at most two lines of `width` inches."""
    first, *more = wrapped(name.split(" (")[0], width - 0.15, 7.5)
    return "\n".join([first, *more[:1]]) + (" …" if len(more) > 1 else "")
