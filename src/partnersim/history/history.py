"""The dated history: what was recorded of every pair of a country and an instrument, and when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from partnersim.model.constants import PATH_STAGES, QUARTERS_PER_YEAR, STAGES
from partnersim.world.tables import PACKAGE_DATA, Reader
from partnersim.world.world import World

FIRST_YEAR = 2010
#: Last quarter that the facts reach into: they end on 5 June 2025.
LAST_QUARTER = "2025Q2"


def quarter_number(label: str) -> int:
    """Return the number of a quarter; 2010Q1 is 0.

    Examples
    --------
    >>> quarter_number("2011Q2")
    5
    """
    return (int(label[:4]) - FIRST_YEAR) * QUARTERS_PER_YEAR + int(label[5:]) - 1


def quarter_name(number: int) -> str:
    """Return the label of a quarter by its number.

    Examples
    --------
    >>> quarter_name(5)
    '2011Q2'
    """
    year, place = divmod(number, QUARTERS_PER_YEAR)
    return f"{FIRST_YEAR + year}Q{place + 1}"


def year_of(number: int) -> int:
    """Return the year of a quarter by its number."""
    return FIRST_YEAR + number // QUARTERS_PER_YEAR


def quarters_of_year(year: int) -> tuple[int, int]:
    """Return the first and the last quarter of a year."""
    first = (year - FIRST_YEAR) * QUARTERS_PER_YEAR
    return first, first + QUARTERS_PER_YEAR - 1


COLUMNS = (
    *("date", "quarter", "year", "iso3", "instrument", "event", "stage", "decision", "renewal"),
    *("activity", "via_bloc", "note", "date_support", "source", "confidence"),
)
KEY = ("date", "iso3", "instrument", "event")


#: What an event makes of a pair. ``held`` is activity only.
STAGE_OF_EVENT = {
    "announced": "announced",
    "negotiation_opened": "negotiating",
    "concluded": "concluded",
    "signed": "signed",
    "launched": "in_force",
    "in_force": "in_force",
    "suspended": "none",
    "ended": "none",
    "held": "",
}

#: Instruments of the event list that help to read it and are no part of the catalogue.
HELPERS = ("ENLARGEMENT_STATUS", "DIGITAL_TRADE_PRINCIPLES", "SAFE_PARTICIPATION")


def stage_entered(event: str, path: str) -> str:
    """Return the stage that an event puts a pair in, empty if none.

    A political text operates from its signature; a political path and a project know no
    conclusion.

    Examples
    --------
    >>> stage_entered("signed", "political"), stage_entered("signed", "treaty")
    ('in_force', 'signed')
    """
    stage = STAGE_OF_EVENT[event]
    if stage in PATH_STAGES[path]:
        return stage
    return {"concluded": "negotiating", "signed": "in_force"}.get(stage, stage)


def positions(path: str) -> dict[str, int]:
    """Return the place of every stage on a path: 0 for none, 1 for the first stage."""
    return {"none": 0, **{stage: place + 1 for place, stage in enumerate(PATH_STAGES[path])}}


@dataclass(frozen=True)
class Record:
    """A pair entered a stage at some quarter between ``first`` and ``last``.

    Attributes
    ----------
    country, instrument : int
        Places in the lists of the world.
    first, last : int
        Quarters counted from 2010Q1; equal if the date supports the quarter, the whole year
        otherwise; negative before 2010.
    stage : str
        ``none`` if a tie was suspended or ended.
    decision : str
        Name shared by the rows that one decision made, empty if it made one row.
    """

    country: int
    instrument: int
    first: int
    last: int
    stage: str
    decision: str


def read_history(folder: Path = PACKAGE_DATA) -> pd.DataFrame:
    """Return the dated events as text, one row each, in order of date.

    Raises
    ------
    InputError
        One line per problem: file, row, reason.
    """
    reader = Reader(folder)
    rows = reader.read("history.csv", COLUMNS, KEY)
    for row in rows:
        year, quarter = row["year"], row["quarter"]
        if not re.fullmatch(r"\d{4}", year):
            reader.problem(row, f"year '{year}' must be four digits")
        if quarter and not re.fullmatch(rf"{year}Q[1-4]", quarter):
            reader.problem(row, f"quarter '{quarter}' must be empty or one of {year}")
        if row["stage"]:
            reader.choice(row, "stage", STAGES)
        for column in ("renewal", "activity"):
            reader.flag(row, column)
    reader.refuse()
    return pd.DataFrame([row.cells for row in rows], columns=list(COLUMNS))


def places(world: World) -> tuple[dict[str, int], dict[str, int]]:
    """Return the places of countries and of instruments in the lists of a world, by name."""
    lists = world.countries["iso3"], world.instruments["instrument"]
    country, instrument = ({name: place for place, name in enumerate(names)} for names in lists)
    return country, instrument


def records(history: pd.DataFrame, world: World, until: str = LAST_QUARTER) -> list[Record]:
    """Return what moves a pair of the world from stage to stage, up to a quarter.

    Meetings, renewals, blocs as a whole and instruments outside the catalogue are left out.

    Parameters
    ----------
    history : DataFrame
        From `read_history`, or rows of the same layout.
    until : str
        Last quarter that may be known.
    """
    country, instrument = places(world)
    end, last_known = quarter_number(until), quarter_number(LAST_QUARTER)
    moves = history[
        (history["activity"] != "yes")
        & (history["renewal"] != "yes")
        & (history["stage"] != "")
        & history["iso3"].isin(country)
        & history["instrument"].isin(instrument)
    ]
    found = []
    for row in moves.itertuples(index=False):
        if row.quarter:
            first = last = quarter_number(row.quarter)
        else:
            first, last = quarters_of_year(int(row.year))
            # The facts end in June 2025, so a date of that year is no later.
            last = min(last, last_known) if first <= last_known else last
        if last <= end:
            pair = country[row.iso3], instrument[row.instrument]
            found.append(Record(*pair, first, last, row.stage, row.decision))
    return found
