"""Who concludes an instrument by when: the ranked list of a forecast, as figure, table and page."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pandas as pd

from partnersim.compare.labels import NO_BREAK, number
from partnersim.compare.words import counted, listed
from partnersim.runs.folder import FIGURES_NAME, write_whole, writing_results
from partnersim.runs.reader import Runs
from partnersim.show import marks
from partnersim.show.sheet import Sheet, house_style
from partnersim.show.short_page import Part, write_short_page
from partnersim.show.tables import Table

#: So many countries are drawn, and named in a list.
SHOWN = 15
#: From this chance on a country is counted upon.
_LIKELY = 0.5


def ranked(forecast: pd.DataFrame, stored: Runs, instrument: str, by: str) -> pd.DataFrame:
    """Return who may have an instrument in force by a quarter, the most likely first.

    Parameters
    ----------
    forecast : DataFrame
        See `partnersim.history.forecast`.
    stored : Runs
        The runs it rests on.
    instrument, by : str
        Name of the catalogue, and quarter.

    Returns
    -------
    DataFrame
        ``iso3, country, instrument, name, by, probability, low, high``; countries in which it is
        in force already are left out.
    """
    own = forecast[
        (forecast["instrument"] == instrument)
        & (forecast["stage"] == "in_force")
        & (forecast["by"] == by)
    ]
    table = pd.DataFrame(
        {
            "iso3": own["iso3"],
            "country": own["iso3"].map(stored.world.country),
            "instrument": instrument,
            "name": stored.world.instrument[instrument],
            "by": by,
            **{name: own[name] for name in ("probability", "low", "high")},
        }
    )
    return table.sort_values(["probability", "country"], ascending=[False, True], kind="stable")


def sentence(table: pd.DataFrame, stored: Runs, instrument: str, by: str) -> str:
    """Return the answer in one sentence."""
    name = stored.world.instrument[instrument]
    if table.empty:
        return f"Nobody is left who could conclude “{name}”: it is in force, or open to nobody"
    likely = table[table["probability"] >= _LIKELY]
    # Each chance holds half a run more on either side; in a sum these would count.
    runs = stored.layout.runs
    expected = float(((table["probability"] * (runs + 1) - 0.5).clip(lower=0) / runs).sum())
    first = table.iloc[0]
    chance = f"{number(100 * first.probability)}{NO_BREAK}%"
    if likely.empty:
        return (
            f"Nobody is more likely than not to have “{name}” in force by {by}: first comes"
            f" {first.country} with {chance}; {number(expected, 1)} are to be expected in all"
        )
    names = listed([str(country) for country in likely["country"].head(5)])
    more = len(likely) - min(len(likely), 5)
    return (
        f"More likely than not {names}" + (f" and {more} more" if more else "") + " will have"
        f" “{name}” in force by {by}; {number(expected, 1)} are to be expected in all"
    )


def write_who_concludes(table: pd.DataFrame, stored: Runs, instrument: str, by: str) -> Path:
    """Write table, figure and page beside the forecast; return the page.

    Raises
    ------
    InputError
        If they cannot be written.
    """
    name = f"who_{instrument.lower()}_{by}"
    place = stored.folder / f"{name}.csv"
    answer = sentence(table, stored, instrument, by)
    drawings = []
    with writing_results(place):
        content = b"\xef\xbb\xbf" + table.to_csv(index=False, lineterminator="\n").encode()
        write_whole(place, partial(Path.write_bytes, data=content))
        if len(table):
            with house_style(name):
                drawn = _draw(table.head(SHOWN), answer, stored).save(
                    stored.folder / FIGURES_NAME, name
                )
            drawings = [path for path in drawn if path.suffix == ".svg"]
    rows: list[tuple[str, ...]] = [
        (
            f"{row.country} ({row.iso3})",
            f"{number(100 * row.probability)}{NO_BREAK}%",
            f"{number(100 * row.low)} to {number(100 * row.high)}{NO_BREAK}%",
        )
        for row in table.itertuples()
    ]
    part = Part(
        answer,
        details=[
            "Chance that it is in force by then, with 90 % intervals of what is known of the"
            " coefficients; those that have it already are left out",
            "The forecast is about as good as a good simple rule (docs/calibration.md)",
        ],
        figures=drawings,
        tables=[Table("Who, most likely first", ["country", "chance", "90 % interval"], rows)],
    )
    lead = f"{counted(stored.layout.runs, 'run')}, seed {stored.manifest['seed']}"
    command = f"partnersim forecast instrument={instrument} by={by}"
    title = f"Who concludes “{stored.world.instrument[instrument]}”?"
    return write_short_page(stored.folder, title, lead, [part], [command], name=f"{name}.html")


def _draw(table: pd.DataFrame, title: str, stored: Runs) -> Sheet:
    names = [str(country) for country in table["country"]]
    sheet = Sheet(
        None,
        8.0,
        0.5 + 0.27 * len(table),
        title=title,
        subtitle="Chance that it is in force by then (dot) with its 90 % interval (line), the"
        f" {len(table)} most likely countries",
        bands=f"{counted(stored.layout.runs, 'run')} · seed {stored.manifest['seed']}",
        names=names,
    )
    axes = sheet.figure.subplots()
    rows = range(len(table))
    axes.hlines(rows, 100 * table["low"], 100 * table["high"], color=marks.PALE, linewidth=4)
    axes.plot(100 * table["probability"], rows, "o", color=marks.BLUE, ms=6)
    marks.label_rows(axes, names)
    axes.set_xlim(0, min(100.0, 115 * float(table["high"].max())))
    axes.set_xlabel("Chance, %")
    marks.quiet_axes(axes, "x")
    return sheet
