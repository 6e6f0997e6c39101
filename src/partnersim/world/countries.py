"""Countries and territories outside the EU: who they are, what they belong to, whom they border."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from partnersim.world.tables import Reader, Row

#: Indicators of countries.csv: name and allowed range. A missing value may stand for each.
INDICATORS = {
    "gdp_usd": (1e6, 1e15),
    "online_service": (0, 1),
    "human_capital": (0, 1),
    "telecom": (0, 1),
    "cybersecurity_index": (0, 100),
    "internet_users": (0, 100),
    "liberal_democracy": (0, 1),
    "un_distance_eu": (0, 10),
    "un_agreement_eu": (0, 1),
    "un_agreement_china": (0, 1),
    "un_agreement_russia": (0, 1),
    "exports_china": (0, 100),
    "imports_china": (0, 100),
}

ENLARGEMENT = ("", "potential candidate", "candidate")

TEXTS = (
    *("iso3", "name", "kind", "region", "un_subregion", "enlargement", "enlargement_status"),
    *("capital", "source", "confidence"),
)
FLAGS = ("named", "borders_eu", "landlocked", "ldc")


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


def read_countries(reader: Reader) -> pd.DataFrame:
    """Return one row per country or territory, in file order.

    Indicators that are missing are not-a-number here; `impute` fills them in.
    """
    columns = (*TEXTS, *FLAGS, "latitude", "longitude", "population", *INDICATORS)
    rows = reader.read("countries.csv", columns, ("iso3",))
    return pd.DataFrame([_country(reader, row) for row in rows])


def _country(reader: Reader, row: Row) -> dict[str, object]:
    code = row["iso3"]
    if not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
        reader.problem(row, f"iso3 '{code}' must be three capital letters")
    for column in ("name", "region"):
        if not row[column]:
            reader.problem(row, f"{column} is empty")
    country: dict[str, object] = {column: row[column] for column in TEXTS}
    country["enlargement"] = reader.choice(row, "enlargement", ENLARGEMENT)
    country.update({column: reader.flag(row, column) for column in FLAGS})
    country["latitude"] = reader.number(row, "latitude", -90, 90)
    country["longitude"] = reader.number(row, "longitude", -180, 180)
    country["population"] = reader.number(row, "population", 1, 1e10)
    for column, (low, high) in INDICATORS.items():
        country[column] = reader.number(row, column, low, high, missing=True)
    return country


def read_organisations(reader: Reader, codes: set[str]) -> Organisations:
    """Return the organisations and who belongs to them.

    Parameters
    ----------
    codes : set of str
        ISO 3166 codes of all countries of the data folder.
    """
    rows = reader.read(
        "organisations.csv",
        ("organisation", "name", "weight", "grouping", "source", "confidence"),
        ("organisation",),
    )
    weight = {row["organisation"]: reader.number(row, "weight", 0, 1) for row in rows}
    groupings = tuple(row["organisation"] for row in rows if reader.flag(row, "grouping"))
    members: dict[str, set[str]] = {organisation: set() for organisation in weight}
    for row in reader.read(
        "memberships.csv",
        ("iso3", "organisation", "status", "source", "confidence"),
        ("iso3", "organisation"),
    ):
        known = reader.known(row, "iso3", codes, "a country of countries.csv")
        known &= reader.known(row, "organisation", weight, "an organisation of organisations.csv")
        if known and reader.choice(row, "status", ("member", "suspended")) == "member":
            members[row["organisation"]].add(row["iso3"])
    return Organisations(weight, groupings, {o: frozenset(m) for o, m in members.items()})


def read_borders(reader: Reader, codes: set[str]) -> set[tuple[str, str]]:
    """Return the pairs of countries with a common land border, each pair once."""
    pairs: dict[tuple[str, str], int] = {}
    for row in reader.read(
        "borders.csv", ("iso3_a", "iso3_b", "source", "confidence"), ("iso3_a", "iso3_b")
    ):
        known = reader.known(row, "iso3_a", codes, "a country of countries.csv")
        known &= reader.known(row, "iso3_b", codes, "a country of countries.csv")
        if not known:
            continue
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
    return {
        row["hotspot"]: (
            math.radians(reader.number(row, "latitude", -90, 90)),
            math.radians(reader.number(row, "longitude", -180, 180)),
            reader.number(row, "weight", 0, 1),
        )
        for row in reader.read(
            "hotspots.csv",
            ("hotspot", "latitude", "longitude", "weight", "source", "confidence"),
            ("hotspot",),
        )
    }


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
    columns = [name for name in INDICATORS if name != "gdp_usd"]
    missing = filled[list(INDICATORS)].isna()
    for column in (*columns, "gdp_per_person"):
        values = filled[column]
        for group in ("region", "un_subregion"):
            values = values.fillna(filled.groupby(group)[column].transform("median"))
        filled[column] = values.fillna(filled[column].median())
    filled["gdp_usd"] = filled["gdp_usd"].fillna(filled["gdp_per_person"] * filled["population"])
    filled["imputed"] = [
        ";".join(column for column in INDICATORS if row[column])
        for row in missing.to_dict("records")
    ]
    return filled
