"""What bars a country from instruments at a date: restrictive measures, frozen ties, conflict.

And what bars two partners from digital agreements with each other: measures of one on the other;
and what binds two as friends: pacts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partnersim.arrays import Truths
from partnersim.model.constants import PLANNED, STAGES
from partnersim.model.world_arrays import Flags
from partnersim.world.countries import Organisations
from partnersim.world.layouts import LAST_DAY
from partnersim.world.relations import quarter_of
from partnersim.world.tables import Reader, Row

#: Gates that are restrictive measures of the EU against a state, not against single persons.
SANCTIONS = ("sanctions_comprehensive", "sanctions_sectoral")


def standing(gates: Sequence[Row], day: str = LAST_DAY) -> list[Row]:
    """Return the gates that stand on a day: since then or before, and not yet over."""
    return [
        row for row in gates if row["since"] <= day and not (row["until"] and row["until"] <= day)
    ]


def sanctioned_array(gates: Sequence[Row], codes: Sequence[str], day: str = LAST_DAY) -> Flags:
    """Return (N,) flags of states under restrictive measures of the EU on a day."""
    struck = [row["iso3"] for row in standing(gates, day) if row["gate"] in SANCTIONS]
    return np.isin(codes, struck).astype(np.uint8)


def closed_array(gates: Sequence[Row], codes: Sequence[str], day: str) -> Flags:
    """Return (N,) flags of countries to which no money of the Offer goes on a day."""
    money = {"all", "project", "package"}
    closed = [row["iso3"] for row in standing(gates, day) if money & set(row.items("bars"))]
    return np.isin(codes, closed).astype(np.uint8)


def war_array(gates: Sequence[Row], codes: Sequence[str], day: str) -> Flags:
    """Return (N,) flags of countries in which no project is begun on a day for war."""
    at_war = [row for row in gates if row["gate"] == "conflict_active"]
    return closed_array(at_war, codes, day)


def barred_array(
    gates: Sequence[Row], codes: Sequence[str], catalogue: pd.DataFrame, day: str = LAST_DAY
) -> Truths:
    """Return (N, K) flags: gates that stand on a day bar the country from the instrument.

    ``bars`` names instruments or classes: ``all``, ``trust``, ``package``, a role or a path. Where
    the facts end, a gate whose end was stated bars for a time only (`reopening_array`).
    """
    rows = [row for row in standing(gates, day) if day < LAST_DAY or not row["until"]]
    return _barred_by(rows, codes, catalogue)


def reopening_array(
    gates: Sequence[Row], codes: Sequence[str], catalogue: pd.DataFrame, start: str
) -> NDArray[np.int32]:
    """Return (N, K) quarters, from 1 at a start, that follow a stated end of a gate; else 0."""
    after = np.zeros((len(codes), len(catalogue)), np.int32)
    for row in standing(gates):
        if row["until"]:
            quarter = quarter_of(row["until"]) - quarter_of(start) + 2
            np.maximum(after, quarter, out=after, where=_barred_by([row], codes, catalogue))
    return after


def _barred_by(gates: Sequence[Row], codes: Sequence[str], catalogue: pd.DataFrame) -> Truths:
    """Return (N, K) flags of what some gates bar."""
    names = catalogue["instrument"].to_numpy(str)
    classes = {
        "all": np.ones(len(names), bool),
        "trust": catalogue["trust"].to_numpy(bool),
        "package": (catalogue["offer_role"] == "package").to_numpy(),
        **{role: (catalogue["role"] == role).to_numpy() for role in catalogue["role"].unique()},
        **{path: (catalogue["path"] == path).to_numpy() for path in catalogue["path"].unique()},
    }
    place = {code: position for position, code in enumerate(codes)}
    barred = np.zeros((len(place), len(names)), bool)
    for row in gates:
        for item in row.items("bars"):
            if row["iso3"] in place:
                barred[place[row["iso3"]]] |= classes.get(item, names == item)
    return barred


#: Who restricts a country that everybody does: the Security Council asked for it.
EVERYBODY = "all"


def between_array(
    rows: Sequence[Row],
    sides: tuple[str, str],
    codes: Sequence[str],
    organisations: Organisations,
    day: str,
) -> Flags:
    """Return (N, N) flags of two partners of whom a row as old as a day names one on each side.

    Parameters
    ----------
    rows : sequence of Row
        Restrictions of trade in technology, or pacts of defence or friendship.
    sides : tuple of str
        Columns of the two: ``iso3`` and ``by`` of restrictions, ``party`` and ``friend`` of pacts.
    """
    found = np.zeros((len(codes), len(codes)), np.uint8)
    for row in rows:
        if row["since"] <= day:
            named = [organisations.countries_of(row[side]) for side in sides]
            one, other = (
                np.array([EVERYBODY in names or code in names for code in codes]) for names in named
            )
            found |= (np.outer(one, other) | np.outer(other, one)).astype(np.uint8)
    np.fill_diagonal(found, 0)
    return found


def check_stages(reader: Reader, gates: Sequence[Row], network: pd.DataFrame) -> None:
    """Note gates that bar everything for a country that negotiates or has something.

    Narrower gates bar what is new only: what a country has already may stay.
    """
    active = network[[STAGES.index(stage) > PLANNED for stage in network["stage"]]]
    for row in standing(gates):
        if "all" in row.items("bars"):
            for name in active["instrument"][active["iso3"] == row["iso3"]]:
                reader.problem(row, f"bars all, but network.csv has {row['iso3']} with {name}")
