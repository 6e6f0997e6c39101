"""What is in a data folder: the tables of the world, and of weights, held against each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from partnersim.model.constants import AREAS, MODULES, OBJECTIVES
from partnersim.model.world_arrays import Flags, Floats
from partnersim.world import gates, indicators, relations
from partnersim.world import instruments as catalogues
from partnersim.world.countries import impute, read_borders, read_hotspots, read_organisations
from partnersim.world.layouts import (
    LAYOUTS,
    OF_THE_WORLD,
    Facts,
    Known,
    read_rows,
    read_tables,
    table_of,
)
from partnersim.world.network import (
    announced_pairs,
    bloc_members,
    check_decisions,
    read_network,
    stage_array,
)
from partnersim.world.pooled import FILE as POOLED
from partnersim.world.tables import Reader, Row


def _named(reader: Reader, file: str, names: tuple[str, ...]) -> list[Row]:
    """Return the rows of a table that must have exactly one row per name, in that order."""
    known_problems = len(reader.problems)
    rows = read_rows(reader, file)
    readable = rows or len(reader.problems) == known_problems
    [key] = LAYOUTS[file].key
    found = {
        row[key]: row for row in rows if reader.known(row, key, names, f"one of {', '.join(names)}")
    }
    if readable:
        reader.problems.extend(f"{file}: no row for {name}" for name in names if name not in found)
    return [found[name] for name in names if name in found]


def _weights(reader: Reader, rows: list[Row], columns: tuple[str, ...]) -> Floats:
    """Return the weights in some columns, which must sum to 1 in each row."""
    table = np.array([[row.values[column] for column in columns] for row in rows])
    for row, total in zip(rows, table.sum(axis=-1), strict=True):
        if abs(total - 1) > 1e-9:
            reader.problem(row, f"weights sum to {total:g}, not to 1")
    return table


@dataclass(frozen=True)
class Contents:
    """All tables of a data folder that make the world, checked.

    Attributes
    ----------
    offered : array of uint8
        (N, K) 1 where the catalogue offers the instrument to the country, gates or not.
    objective : array of float
        (8, 3) how much each area serves each objective, rows summing to 1.
    module_area : array of float
        (6, 8) how much each module serves each area, rows summing to 1.
    module_trust : array of float
        (6,) how sensitive each module is, 0..1.
    """

    reader: Reader
    countries: pd.DataFrame
    instruments: pd.DataFrame
    network: pd.DataFrame
    grounds: indicators.Grounds
    borders: set[tuple[str, str]]
    facts: Facts
    offered: Flags
    objective: Floats
    module_area: Floats
    module_trust: Floats
    pooled: pd.DataFrame


def read_contents(reader: Reader, added: Mapping[str, Mapping[str, str]]) -> Contents:
    """Read the tables, check every cell, then hold sound tables against each other.

    Parameters
    ----------
    added : mapping
        Cells of further rows of ``instruments.csv`` by the name of the instrument.

    Raises
    ------
    InputError
        One line per problem: file, row, reason.
    """
    countries = table_of("countries.csv", read_rows(reader, "countries.csv"))
    instruments, rows = catalogues.read_instruments(reader, added)
    if countries.empty or instruments.empty:
        if not reader.problems:
            empty = "countries.csv" if countries.empty else "instruments.csv"
            reader.problems.append(f"{empty}: no rows")
        reader.refuse()
    codes = list(countries["iso3"])
    countries = impute(countries)
    names = list(instruments["instrument"])
    organisations = read_organisations(reader, codes)
    offered = catalogues.eligibility(reader, rows, countries, organisations)
    modules = _named(reader, "modules.csv", MODULES)
    module_trust = np.array([row.values["trust"] for row in modules])
    module_area = _weights(reader, modules, AREAS)
    network = read_network(reader, countries, instruments, offered)
    news = [row for row in rows if row["instrument"] in added]
    if any(row["open_with"] for row in news):
        announced = announced_pairs(
            reader, news, countries, organisations, offered[:, -len(news) :]
        )
        network = pd.concat([network, announced], ignore_index=True)
    facts = read_tables(reader, Known(codes, names), OF_THE_WORLD)
    contents = Contents(
        reader=reader,
        countries=countries,
        instruments=instruments,
        network=network,
        borders=read_borders(reader, codes),
        grounds=indicators.Grounds(
            countries,
            organisations,
            list(read_hotspots(reader).values()),
            indicators.read_weights(reader, set(countries["region"]), organisations.members),
        ),
        facts=facts,
        offered=offered,
        objective=_weights(reader, _named(reader, "areas.csv", AREAS), OBJECTIVES),
        module_area=module_area,
        module_trust=module_trust,
        pooled=table_of(POOLED, read_rows(reader, POOLED)),
    )
    # Only sound tables are held against each other.
    reader.refuse()
    gates.check_stages(reader, facts["gates.csv"], network)
    parties, either = {*codes, *organisations.members}, "a country or organisation"
    everybody = f"a country, an organisation or {gates.EVERYBODY}"
    for row in facts["restrictions.csv"]:
        reader.known(row, "by", {gates.EVERYBODY, *parties}, everybody)
    for name in ("agreements.csv", "rival_kinds.csv", "joint_texts.csv"):
        for row in facts[name]:
            reader.known(row, "who", parties, either, row.items("who"))
    path = dict(zip(names, instruments["path"], strict=True))
    for row in facts["joint_texts.csv"]:
        one, other = row["instrument"], row["other"]
        if path[one] != path[other]:
            reader.problem(row, f"{one} ({path[one]}) cannot be agreed as {other} ({path[other]})")
    for row in facts["pacts.csv"]:
        for side in ("party", "friend"):
            reader.known(row, side, parties, either)
    relations.check_needs(reader, facts["relations.csv"], instruments)
    check_decisions(
        reader,
        facts["bloc_decisions.csv"],
        bloc_members(facts["blocs.csv"], facts["bloc_members.csv"]),
        codes,
        names,
        stage_array(network, countries, instruments),
        offered * ~gates.barred_array(facts["gates.csv"], codes, instruments),
    )
    reader.refuse()
    return contents
