"""The dated history: what was recorded of every pair of a country and an instrument."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from partnersim.history.timeline import LAST_QUARTER, quarter_number, quarters_of_year
from partnersim.model.constants import STAGES
from partnersim.world.tables import PACKAGE_DATA, Reader, Row
from partnersim.world.world import World

COLUMNS = (
    *("date", "quarter", "year", "iso3", "instrument", "event", "stage", "decision", "renewal"),
    *("activity", "via_bloc", "note", "date_support", "source", "confidence"),
)
KEY = ("date", "iso3", "instrument", "event")


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
        _check(reader, row)
    reader.refuse()
    return pd.DataFrame([row.cells for row in rows], columns=list(COLUMNS))


def _check(reader: Reader, row: Row) -> None:
    if not re.fullmatch(r"\d{4}", row["year"]):
        reader.problem(row, f"year '{row['year']}' must be four digits")
    if row["quarter"] and not re.fullmatch(rf"{row['year']}Q[1-4]", row["quarter"]):
        reader.problem(row, f"quarter '{row['quarter']}' must be empty or one of {row['year']}")
    if row["stage"]:
        reader.choice(row, "stage", STAGES)
    for column in ("renewal", "activity"):
        reader.flag(row, column)


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
    country = {code: place for place, code in enumerate(world.countries["iso3"])}
    instrument = {name: place for place, name in enumerate(world.instruments["instrument"])}
    end, last_known = quarter_number(until), quarter_number(LAST_QUARTER)
    found = []
    for row in history.itertuples(index=False):
        if row.activity == "yes" or row.renewal == "yes" or not row.stage:
            continue
        if row.iso3 not in country or row.instrument not in instrument:
            continue
        if row.quarter:
            first = last = quarter_number(row.quarter)
        else:
            first, last = quarters_of_year(int(row.year))
            # The facts end in June 2025, so a date of that year is no later.
            if first <= last_known:
                last = min(last, last_known)
        if last <= end:
            found.append(
                Record(
                    country[row.iso3],
                    instrument[row.instrument],
                    first,
                    last,
                    row.stage,
                    row.decision,
                )
            )
    return found


def first_years(history: pd.DataFrame) -> dict[str, int]:
    """Return the year in which each instrument first shows in the history."""
    return {
        str(name): int(year) for name, year in history.groupby("instrument")["year"].min().items()
    }


def undated(world: World, found: list[Record]) -> np.ndarray:
    """Return (N, K) flags of pairs that exist in June 2025 but have no dated event.

    Nobody knows since when: they count neither as chosen nor as not chosen.
    """
    dated = np.zeros(world.arrays.stage.shape, bool)
    for record in found:
        dated[record.country, record.instrument] = True
    taken = world.arrays.stage > STAGES.index("planned")
    return taken & ~dated
