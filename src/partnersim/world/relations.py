"""What instruments do to each other, when they end, and when summits are: arrays of tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partnersim.model.constants import CONCLUDED, QUARTERS_PER_YEAR, SIGNED, SUMMIT_CYCLE
from partnersim.model.world_arrays import Flags, Integers
from partnersim.world.tables import Reader, Row

#: Relations by which a newer instrument takes the place of an older one.
REPLACES = ("supersedes", "modernises")
#: First day of the first quarter of a run.
FIRST_DAY = "2025-07-01"


def day_after_quarter(day: str) -> str:
    """Return the first day after the quarter of a day.

    Examples
    --------
    >>> day_after_quarter("2025-06-05")
    '2025-07-01'
    """
    return (pd.Period(day, "Q") + 1).start_time.date().isoformat()


def check_needs(reader: Reader, relations: Sequence[Row], catalogue: pd.DataFrame) -> None:
    """Note what an instrument needs and the prerequisites of ``instruments.csv`` do not name."""
    required = {
        name: set(text.replace("|", ";").split(";"))
        for name, text in catalogue[["instrument", "prerequisites"]].itertuples(index=False)
    }
    for row in relations:
        if row["relation"] == "needs" and row["other"] not in required[row["instrument"]]:
            why = "which is none of its prerequisites in instruments.csv"
            reader.problem(row, f"{row['instrument']} needs {row['other']}, {why}")


def precursor_array(relations: Sequence[Row], instruments: Sequence[str], day: str) -> Flags:
    """Return (K, K) flags: having the column in force leads to the row, as was known on a day."""
    known = [row for row in relations if row["date"] <= day]
    return np.ascontiguousarray(pair_array(known, instruments, "precursor_of").T)


def pair_array(relations: Sequence[Row], instruments: Sequence[str], *kinds: str) -> Flags:
    """Return (K, K) flags: the row has a relation of one of some kinds to the column."""
    array = np.zeros((len(instruments), len(instruments)), dtype=np.uint8)
    for row in relations:
        if row["relation"] in kinds:
            array[instruments.index(row["instrument"]), instruments.index(row["other"])] = 1
    return array


def lighter_array(
    relations: Sequence[Row], catalogue: pd.DataFrame, eligible: Flags
) -> NDArray[np.int16]:
    """Return (K,) the instrument one step lighter of the same family and role; -1 if there is none.

    Of the family are what an instrument excludes or replaces and what leads to it, if some country
    may have either. One step lighter is what takes the most EU negotiators of those that take
    fewer, the first in the catalogue of several.
    """
    names = catalogue["instrument"].to_list()
    barring = pair_array(relations, names, "excludes")
    family = barring | barring.T | pair_array(relations, names, *REPLACES)
    family |= pair_array(relations, names, "precursor_of").T
    effort, role = catalogue["effort"].to_numpy(np.int64), catalogue["role"].to_numpy(str)
    open_to = eligible.astype(np.int64)
    fits = family.astype(bool) & (role[:, None] == role[None, :]) & (open_to.T @ open_to > 0)
    fits &= effort[None, :] < effort[:, None]
    lighter = np.where(fits, effort[None, :], -1)
    return np.where(fits.any(axis=1), lighter.argmax(axis=1), -1).astype(np.int16)


def flag_array(relations: Sequence[Row], instruments: Sequence[str], relation: str) -> Flags:
    """Return (K,) flags of instruments with a relation that is to nothing else.

    Parameters
    ----------
    relation : {"direct_signature", "mixed", "applied_provisionally", "keeps_vendors_out"}
        Signed without being negotiated stage by stage; signed and ratified by every Member State
        too; applied before it is ratified; who takes it keeps high-risk vendors out.
    """
    flagged = [row["instrument"] for row in relations if row["relation"] == relation]
    return np.isin(instruments, flagged).astype(np.uint8)


def mixed_array(relations: Sequence[Row], instruments: Sequence[str]) -> Flags:
    """Return (K,) the last stage that every Member State must agree to; 0 if none is.

    What is applied provisionally needs their signature only, the rest their ratification too.
    """
    provisional = flag_array(relations, instruments, "applied_provisionally")
    last = np.where(provisional, CONCLUDED, SIGNED).astype(np.uint8)
    return last * flag_array(relations, instruments, "mixed")


def quarter_array(
    relations: Sequence[Row], instruments: Sequence[str], relation: str, start: str
) -> NDArray[np.int32]:
    """Return (K,) the quarter of the first row of a relation that is dated after a day; 0 if none.

    Parameters
    ----------
    relation : {"expires", "renews", "serves"}
    start : str
        First day of quarter 1: with 2025-07-01, 2025Q3 is 1 and 2027Q4 is 10.
    """
    array = np.zeros(len(instruments), dtype=np.int32)
    dated = sorted(
        (row["date"], row["instrument"])
        for row in relations
        if row["relation"] == relation and row["date"] >= start
    )
    for date, name in reversed(dated):
        array[instruments.index(name)] = quarter_of(date) - quarter_of(start) + 1
    return array


def term_arrays(terms: Sequence[Row], codes: Sequence[str], start: str) -> dict[str, Integers]:
    """Return (N,) the quarter of a handover of government, and the quarters from one to the next.

    Quarters are those of `quarter_array`; both are 0 where no term is fixed.
    """
    handover, term = np.zeros((2, len(codes)), dtype=np.int64)
    for row in terms:
        if row["iso3"] in codes:
            i = codes.index(row["iso3"])
            handover[i] = quarter_of(row["handover"]) - quarter_of(start) + 1
            term[i] = QUARTERS_PER_YEAR * row.values["years"]
    return {"handover": handover, "term": term}


def introduction_array(relations: Sequence[Row], instruments: Sequence[str]) -> NDArray[np.int32]:
    """Return (K,) the quarter in which the EU introduced each instrument; 0 if not on record."""
    since = {
        row["instrument"]: quarter_of(row["date"])
        for row in relations
        if row["relation"] == "introduced"
    }
    return np.array([since.get(name, 0) for name in instruments], np.int32)


def quarter_of(date: str) -> int:
    """Return the quarter of a date, counted from the year 0."""
    return int(date[:4]) * QUARTERS_PER_YEAR + (int(date[5:7] or 1) - 1) // 3


def summit_array(
    summits: Sequence[Row], members: Mapping[str, Sequence[str]], codes: Sequence[str], start: str
) -> Flags:
    """Return (N, SUMMIT_CYCLE) flags of the quarters in which a country has a summit with the EU.

    A summit with a bloc is one of all its members. In the past only summits that were held count;
    from June 2025 on those planned, and every rhythm, counted from the last summit of the partner.

    Parameters
    ----------
    members : mapping of str to sequence of str
        Of each bloc.
    start : str
        First day of quarter 1; the calendar begins anew after `SUMMIT_CYCLE` quarters.
    """
    array = np.zeros((len(codes), SUMMIT_CYCLE), dtype=np.uint8)
    for row in summits:
        partner = row["partner"]
        countries = [codes.index(code) for code in members.get(partner, [partner])]
        quarter = quarter_of(row["date"]) - quarter_of(start) + 1
        if 1 <= quarter < SUMMIT_CYCLE:
            array[countries, quarter] = 1
        if row["every"] and start >= FIRST_DAY:
            array[countries, quarter % int(row["every"]) :: int(row["every"])] = 1
    return array
