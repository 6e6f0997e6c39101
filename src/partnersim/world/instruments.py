"""The catalogue of instruments: what can be signed, by whom, and what must come before."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import chain

import numpy as np
import pandas as pd

from partnersim.model.constants import AREAS
from partnersim.model.world_arrays import Flags, Integers
from partnersim.world.countries import Organisations
from partnersim.world.layouts import ENLARGEMENT, LAYOUTS, NOTHING, Known, check_rows, read_rows
from partnersim.world.places import HIGH_INCOME, groups_in, nearest_place
from partnersim.world.tables import Reader, Row

FILE = "instruments.csv"
GROUPS, ALTERNATIVES = 3, 6

#: Names of instruments as they may be added.
_NAME = re.compile(r"[A-Z][A-Z0-9_]*")


def read_instruments(
    reader: Reader, added: Mapping[str, Mapping[str, str]]
) -> tuple[pd.DataFrame, list[Row]]:
    """Return the catalogue, in file order, and the rows it was read from.

    ``prerequisites`` reads ``A|B;C``: (A or B) and C, up to 3 groups of up to 6 instruments.

    Parameters
    ----------
    reader : Reader
    added : mapping
        Cells of further rows by the name of the instrument.
    """
    rows = reader.read(FILE, LAYOUTS[FILE].columns, LAYOUTS[FILE].key)
    shipped = len(rows)
    taken = {row["instrument"] for row in rows}
    for name, cells in added.items():
        row = Row(f"world.added.{name}", 0, (name,), {**cells, "instrument": name})
        if name in taken:
            reader.problem(row, "the catalogue has an instrument of this name")
        elif not _NAME.fullmatch(name):
            reader.problem(row, "a name is made of capitals, digits and underscores")
        else:
            rows.append(row)
    check_rows(reader, FILE, rows, NOTHING)
    catalogue = pd.DataFrame([row.values for row in rows])
    names = {row["instrument"] for row in rows}
    if not catalogue.empty:
        catalogue["cost_meur"] = _costs(reader, names, catalogue, rows[shipped:])
    required = {row["instrument"]: _prerequisites(reader, row, names) for row in rows}
    _check_cycles(reader, {row["instrument"]: row for row in rows}, required)
    return catalogue, rows


def _costs(reader: Reader, names: set[str], catalogue: pd.DataFrame, added: list[Row]) -> pd.Series:
    """Return what one partner's part of each funded instrument takes from the Offer, million EUR.

    One that neither the table of costs nor the configuration that adds it says costs the median.
    """
    rows = read_rows(reader, "instrument_costs.csv", Known(instruments=names))
    known: dict[str, float] = {row["instrument"]: row.values["cost_meur"] for row in rows}
    usual = float(np.median([cost for cost in known.values() if cost > 0.0] or [0.0]))
    given = {row["instrument"]: row.cells.get("cost_meur") for row in added}
    known |= {name: float(cost) for name, cost in given.items() if cost}
    cost = catalogue["instrument"].map(known).fillna(usual)
    return cost.where(catalogue["funded"].astype(bool), 0.0)


def _prerequisites(reader: Reader, row: Row, names: set[str]) -> list[list[str]]:
    groups = [[name.strip() for name in group.split("|")] for group in row.items("prerequisites")]
    if len(groups) > GROUPS or any(len(group) > ALTERNATIVES for group in groups):
        reader.problem(
            row, f"prerequisites hold at most {GROUPS} groups of {ALTERNATIVES} instruments"
        )
        groups = [group[:ALTERNATIVES] for group in groups[:GROUPS]]
    named = [name for group in groups for name in group]
    reader.known(row, "prerequisites", names, "an instrument of instruments.csv", named)
    return [[name for name in group if name in names] for group in groups]


def _check_cycles(
    reader: Reader, rows: Mapping[str, Row], required: Mapping[str, list[list[str]]]
) -> None:
    """Note every way from an instrument through its prerequisites back to itself."""
    before = {name: set(chain.from_iterable(groups)) for name, groups in required.items()}
    while True:
        try:
            TopologicalSorter(before).prepare()
            return
        except CycleError as error:
            # What needs what, from the first name in alphabetical order on.
            cycle = error.args[1][:0:-1]
            first = cycle.index(min(cycle))
            cycle = [*cycle[first:], *cycle[:first]]
            way = " -> ".join([*cycle, cycle[0]])
            reader.problem(rows[cycle[0]], f"prerequisites form a cycle: {way}")
            before[cycle[-1]].discard(cycle[0])


def eligibility(
    reader: Reader, rows: list[Row], countries: pd.DataFrame, organisations: Organisations
) -> Flags:
    """Return who may ever take which instrument, (N, K).

    A country is eligible if it fits any of the four ``eligible_`` columns (all empty: everybody),
    is not in ``excluded`` (countries or organisations), and, where ``developing_only`` is set, is
    below the high-income line. Regions and groups go by the words of settings, too
    (`partnersim.world.places`).
    """
    codes = list(countries["iso3"])

    def who_has(column: str, values: Iterable[str]) -> dict[str, np.ndarray]:
        cells = countries[column].to_numpy(str)
        return {value: cells == value for value in values}

    criteria = {
        "eligible_regions": who_has("region", dict.fromkeys(countries["region"])),
        "eligible_groups": {
            name: np.isin(codes, list(members)) for name, members in organisations.members.items()
        },
        "eligible_enlargement": who_has("enlargement", ENLARGEMENT[1:]),
        "eligible_countries": who_has("iso3", codes),
    }
    for name, group in groups_in(countries, organisations.members).items():
        mask = np.isin(codes, group)
        criteria["eligible_regions"].setdefault(name, mask)
        criteria["eligible_groups"].setdefault(name, mask)
    criteria["excluded"] = criteria["eligible_countries"] | criteria["eligible_groups"]
    eligible = np.zeros((len(codes), len(rows)), dtype=np.uint8)
    for column, row in enumerate(rows):
        masks = {
            name: list(_masks(reader, row, name, allowed)) for name, allowed in criteria.items()
        }
        named = [mask for name in masks if name != "excluded" for mask in masks[name]]
        fits = np.any(named, axis=0) if named else np.ones(len(codes), dtype=bool)
        if masks["excluded"]:
            fits &= ~np.any(masks["excluded"], axis=0)
        if row["developing_only"] == "yes":
            fits &= (countries["gdp_per_person"] < HIGH_INCOME).to_numpy()
        if not fits.any() and reader.sound(row.file, *row.key):
            reader.problem(row, f"no country is eligible for {row['instrument']}")
        eligible[:, column] = fits
    return eligible


def _masks(
    reader: Reader, row: Row, column: str, allowed: dict[str, np.ndarray]
) -> Iterator[np.ndarray]:
    for item in row.items(column):
        if item in allowed:
            yield allowed[item]
        else:
            # Of two spellings that of the tables, which come first, is told.
            near = nearest_place(item, reversed(allowed))
            reader.problem(row, f"{column} '{item}' is unknown{near}")


def prerequisite_array(catalogue: pd.DataFrame) -> Integers:
    """Return the prerequisites as indices, (K, 3, 6), padded with -1."""
    index = {name: position for position, name in enumerate(catalogue["instrument"])}
    array = np.full((len(catalogue), GROUPS, ALTERNATIVES), -1, dtype=np.int64)
    for k, text in enumerate(catalogue["prerequisites"]):
        for g, group in enumerate(part for part in text.split(";") if part.strip()):
            for a, name in enumerate(group.split("|")):
                array[k, g, a] = index[name.strip()]
    return array


def area_array(catalogue: pd.DataFrame) -> Flags:
    """Return which areas each instrument covers, (K, 8)."""
    return np.array(
        [[area in text.split(";") for area in AREAS] for text in catalogue["areas"]], dtype=np.uint8
    )
