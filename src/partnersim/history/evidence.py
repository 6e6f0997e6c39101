"""The evidence of the history, and the world as it could be known at the beginning of a year.

A world of the past holds the indicators of the year before it.

The E-Government and Cybersecurity Indices, trade with China and votes with Russia are at hand for
one late year only. They would look ahead, so what a panel knows stands in for them.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from partnersim.history.history import read_history
from partnersim.history.talks import read_talks
from partnersim.world.arrays import fact_arrays
from partnersim.world.countries import INDICATORS, impute, read_hotspots
from partnersim.world.indicators import WEALTH_RANGE, means_of, scores_of
from partnersim.world.instruments import eligibility
from partnersim.world.layouts import OF_THE_WORLD, Facts, Known, read_rows, read_tables, table_of
from partnersim.world.tables import PACKAGE_DATA, Reader, Row
from partnersim.world.world import World, load_world

#: Indicators that panel.csv gives year by year.
YEARLY = (
    *("gdp_usd", "internet_users", "liberal_democracy", "un_distance_eu", "un_agreement_china"),
)
#: Candidates before 2010, without a dated row.
EARLY_CANDIDATES = ("MKD", "TUR")


@dataclass(frozen=True, eq=False)
class HistoryEvidence:
    """The world, its dated history, and everything that changes from year to year, read once.

    Attributes
    ----------
    world : World
        As of June 2025.
    history : DataFrame
        From `read_history`.
    talks : DataFrame
        From `read_talks`.
    yearly : DataFrame
        ``iso3, year, population`` and the indicators `YEARLY`.
    joined : dict
        Year in which a country joined an organisation; only where it is known.
    hotspots : list of tuple
        Latitude, longitude (radians), weight, first year in which it counts.
    candidates : dict of str to int
        Year in which a country became a candidate.
    facts : dict
        Rows of the tables of facts by file: gates, blocs, relations, links.
    catalogue : list of Row
        Rows of the table of instruments.
    years : dict of int to World
        Worlds of past years that were asked for.
    """

    world: World
    history: pd.DataFrame
    talks: pd.DataFrame
    yearly: pd.DataFrame
    joined: dict[tuple[str, str], int]
    hotspots: list[tuple[float, float, float, int]]
    candidates: dict[str, int]
    facts: Facts
    catalogue: list[Row]
    years: dict[int, World] = field(default_factory=dict)

    def world_of(self, year: int) -> World:
        """Return the world as the rules would have seen it at the beginning of a year.

        Scores, eligibility and shares are those of the indicators, members, candidates and
        conflicts of the year before; gates and links between partners are those of its first day.
        """
        if year in self.years:
            return self.years[year]
        world, grounds = self.world, self.world.grounds
        assert grounds is not None
        countries = self._countries(year - 1)
        members = {
            name: frozenset(code for code in codes if self.joined.get((code, name), 1900) < year)
            for name, codes in grounds.organisations.members.items()
        }
        organisations = dataclasses.replace(grounds.organisations, members=members)
        hotspots = [item[:3] for item in self.hotspots if item[3] < year]
        offered = eligibility(Reader(world.folder), self.catalogue, countries, organisations)
        grounds = dataclasses.replace(
            grounds, countries=countries, organisations=organisations, hotspots=hotspots
        )
        arrays = world.arrays._replace(
            **scores_of(grounds, means_of(grounds.weights, {})),
            **fact_arrays(
                *(self.facts, countries, world.instruments, organisations, offered),
                *(str(world.loaded.get("links", "wide")), f"{year}-01-01", f"{year}-01-01"),
            ),
        )
        self.years[year] = dataclasses.replace(world, arrays=arrays, grounds=grounds)
        return self.years[year]

    def _countries(self, year: int) -> pd.DataFrame:
        """Return the table of countries with the indicators known for a year, imputed."""
        # The panel begins in 2010, and so does the history.
        until = max(year, int(self.yearly["year"].min()))
        known = self.yearly[self.yearly["year"] <= until].sort_values(["iso3", "year"])
        latest = known.groupby("iso3")[["population", *YEARLY]].last()
        countries = self.world.countries.drop(columns=["gdp_per_person", "imputed"]).copy()
        for name in ("population", *YEARLY):
            countries[name] = latest[name].reindex(countries["iso3"]).to_numpy(np.float64)
        undated = [name for name in INDICATORS if name not in YEARLY]
        countries[undated] = np.nan
        candidate = countries["iso3"].map(self.candidates) <= year
        potential = countries["region"] == "Western Balkans"
        states = ["candidate", "potential candidate"]
        countries["enlargement"] = np.select([candidate, potential], states, "")
        # A harmless value for every indicator that has no year, so that the others are imputed.
        yearly = impute(countries.assign(**dict.fromkeys(undated, 0.0)))
        return impute(countries.assign(**_stand_ins(yearly)))


def _stand_ins(countries: pd.DataFrame) -> dict[str, pd.Series]:
    """Return what stands in for indicators that are known for one late year only.

    Internet users and wealth for the components of the E-Government Development Index and for the
    Global Cybersecurity Index; votes with China for trade with China and votes with Russia;
    nearness to the EU's votes for agreement with its majority.
    """
    internet = countries["internet_users"] / 100
    low, high = np.log(WEALTH_RANGE)
    wealth = ((np.log(countries["gdp_per_person"]) - low) / (high - low)).clip(0.0, 1.0)
    china = countries["un_agreement_china"]
    near = (1 - countries["un_distance_eu"] / 3.3).clip(0.0, 1.0)
    return {
        "telecom": internet,
        "online_service": (internet + wealth) / 2,
        "human_capital": wealth,
        "cybersecurity_index": 100 * (internet + wealth) / 2,
        "un_agreement_eu": 0.3 + 0.7 * near,
        "un_agreement_russia": china,
        "exports_china": 40 * ((china - 0.3) / 0.6).clip(0.0, 1.0),
        "imports_china": 40 * ((china - 0.3) / 0.6).clip(0.0, 1.0),
    }


def read_evidence(folder: Path = PACKAGE_DATA) -> HistoryEvidence:
    """Read the tables of a data folder.

    Raises
    ------
    InputError
        One line per problem in the tables.
    """
    return evidence_of(load_world(data_dir=folder))


def evidence_of(world: World) -> HistoryEvidence:
    """Return the evidence about a world, from its data folder.

    Raises
    ------
    InputError
        One line per problem: file, row, reason.
    """
    history = read_history(world.folder)
    reader = Reader(world.folder)
    codes = set(world.countries["iso3"])
    yearly = table_of("panel.csv", read_rows(reader, "panel.csv"))
    key = ("iso3", "organisation")
    joined = {
        (row["iso3"], row["organisation"]): reader.integer(row, "joined_year", 1900, 2025)
        for row in reader.read("memberships.csv", (*key, "joined_year"), key)
        if row["joined_year"]
    }
    since = {
        row["hotspot"]: reader.integer(row, "since", 1900, 2025)
        for row in reader.read("conflicts.csv", ("hotspot", "since"), ("hotspot",))
    }
    hotspots = [(*place, since.get(name, 1900)) for name, place in read_hotspots(reader).items()]
    facts = read_tables(reader, Known(codes, set(world.instruments["instrument"])), OF_THE_WORLD)
    reader.refuse()
    status = history[
        (history["instrument"] == "ENLARGEMENT_STATUS") & (history["event"] == "launched")
    ]
    candidates = {
        **dict.fromkeys(EARLY_CANDIDATES, 1900),
        **{row.iso3: int(row.year) for row in status.itertuples()},
    }
    # As the table has them, and those that a scenario adds.
    instruments = world.instruments
    flags = np.where(instruments["developing_only"], "yes", "no")
    catalogue = [
        Row("instruments.csv", 0, (cells["instrument"],), cells)
        for cells in instruments.assign(developing_only=flags).to_dict("records")
    ]
    talks = read_talks(world.folder)
    return HistoryEvidence(
        world, history, talks, yearly, joined, hotspots, candidates, facts, catalogue
    )
