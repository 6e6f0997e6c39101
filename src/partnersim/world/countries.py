"""Countries and territories outside the EU: who they are, what they belong to, whom they border."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from partnersim.world.layouts import Known, read_rows
from partnersim.world.tables import Reader

#: Indicators of countries.csv. A missing value may stand for each.
INDICATORS = (
    *("gdp_usd", "online_service", "human_capital", "telecom", "cybersecurity_index"),
    *("internet_users", "liberal_democracy", "un_distance_eu", "un_agreement_eu"),
    *("un_agreement_china", "un_agreement_russia", "exports_china", "imports_china"),
)
#: Groups of countries of which the median stands for a missing value, the first first.
_NEAR = ("region", "un_subregion")


@dataclass(frozen=True)
class Organisations:
    """Organisations and their members.

    Attributes
    ----------
    weight : dict of str to float
        Digital relevance of each organisation, 0..1.
    groupings : tuple of str
        Those that are economic groupings: customs unions, free trade areas, economic forums.
    members : dict of str to frozenset of str
        ISO 3166 codes of the members of each organisation, suspended ones left out.
    """

    weight: dict[str, float]
    groupings: tuple[str, ...]
    members: dict[str, frozenset[str]]

    def countries_of(self, *names: str) -> frozenset[str]:
        """Return the codes that names stand for: a country by code, or an organisation's."""
        return frozenset(names).union(*(self.members.get(name, frozenset()) for name in names))


def read_organisations(reader: Reader, codes: Collection[str]) -> Organisations:
    """Return the organisations and who belongs to them.

    Parameters
    ----------
    codes : collection of str
        ISO 3166 codes of all countries of the data folder.
    """
    rows = read_rows(reader, "organisations.csv")
    weight = {row["organisation"]: row.values["weight"] for row in rows}
    groupings = tuple(row["organisation"] for row in rows if row.values["grouping"])
    members: dict[str, set[str]] = {organisation: set() for organisation in weight}
    for row in read_rows(reader, "memberships.csv", Known(codes)):
        known = reader.known(row, "organisation", weight, "an organisation of organisations.csv")
        if known and row.values["status"] == "member":
            members[row["organisation"]].add(row["iso3"])
    return Organisations(weight, groupings, {o: frozenset(m) for o, m in members.items()})


def read_borders(reader: Reader, codes: Collection[str]) -> set[tuple[str, str]]:
    """Return the pairs of countries with a common land border, each pair once."""
    pairs: dict[tuple[str, str], int] = {}
    for row in read_rows(reader, "borders.csv", Known(codes)):
        a, b = sorted((row["iso3_a"], row["iso3_b"]))
        if a == b:
            reader.problem(row, f"{a} cannot border itself")
        elif (a, b) in pairs:
            reader.problem(
                row, f"{row['iso3_a']}, {row['iso3_b']} repeats row {pairs[a, b]} the other way"
            )
        else:
            pairs[a, b] = row.line
    return set(pairs)


def read_hotspots(reader: Reader) -> dict[str, tuple[float, float, float]]:
    """Return centres of conflict by name: latitude and longitude in radians, weight 0..1."""
    found = {}
    for row in read_rows(reader, "hotspots.csv"):
        latitude, longitude, weight = (row.values[n] for n in ("latitude", "longitude", "weight"))
        found[row["hotspot"]] = math.radians(latitude), math.radians(longitude), weight
    return found


def impute(countries: pd.DataFrame) -> pd.DataFrame:
    """Fill missing indicators, and say so.

    A missing value becomes the median of the country's region, else of its United Nations
    subregion, else of all countries. Missing output becomes the median output per person times
    the population.

    Parameters
    ----------
    countries : DataFrame
        As read, with not-a-number for what is missing.

    Returns
    -------
    DataFrame
        Without missing values, with ``gdp_per_person`` (US dollars) and ``imputed``: names of the
        imputed columns joined by semicolons, empty if there are none.
    """
    filled = countries.copy()
    filled["gdp_per_person"] = filled["gdp_usd"] / filled["population"]
    columns = [*(name for name in INDICATORS if name != "gdp_usd"), "gdp_per_person"]
    missing, known = filled[list(INDICATORS)].isna(), filled[columns]
    usual = [known.groupby(filled[group]).transform("median") for group in _NEAR]
    for values in (*usual, known.median()):
        filled[columns] = filled[columns].fillna(values)
    filled["gdp_usd"] = filled["gdp_usd"].fillna(filled["gdp_per_person"] * filled["population"])
    filled["imputed"] = [
        ";".join(column for column in INDICATORS if row[column])
        for row in missing.to_dict("records")
    ]
    return filled
