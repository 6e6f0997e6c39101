"""The world of a simulation: countries, instruments, the network of June 2025, and their arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import numpy as np
import pandas as pd

from partnersim.errors import InputError, nearest
from partnersim.model.constants import OFFER_ROLES, PATHS, ROLES
from partnersim.model.world_arrays import Flags, Floats, Integers, WorldArrays
from partnersim.world import affinity, agreements, gates, indicators, joint_decisions, relations
from partnersim.world import instruments as catalogues
from partnersim.world.countries import (
    Organisations,
    impute,
    read_borders,
    read_countries,
    read_hotspots,
    read_organisations,
)
from partnersim.world.fact_tables import (
    CODINGS,
    LAST_DAY,
    OF_THE_WORLD,
    Facts,
    Known,
    read_tables,
)
from partnersim.world.network import read_network, stage_array
from partnersim.world.pooled import pooled_arrays, read_pooled
from partnersim.world.tables import PACKAGE_DATA, Reader
from partnersim.world.weights import read_modules, read_objectives


@dataclass(frozen=True, eq=False)
class World:
    """Constants and initial state of a simulation.

    Attributes
    ----------
    name : str
        ``all``, or a name of its own.
    countries : DataFrame
        One row per country, index 0..N-1: iso3, name, region, un_subregion, latitude, longitude,
        enlargement, ldc, named, gdp_usd, population, the indicators, and ``imputed``: names of the
        columns whose value is an imputation, joined by semicolons.
    instruments : DataFrame
        The catalogue, index 0..K-1.
    network : DataFrame
        One row per pair that holds a stage: iso3, instrument, stage, origin, expansion, via_bloc,
        note, source, confidence.
    regions : tuple of str
        Names that ``arrays.region`` indexes: those of the full data set, in alphabetical order.
    arrays : WorldArrays
        The same as the rules see it.
    digest : str
        SHA-256 of the tables in use and of what was chosen from them.
    grounds : Grounds or None
        What the scores were worked out from; None of a synthetic world.
    loaded : mapping
        With which choices it was loaded: ``bloc_expansions``, ``history``, ``links``,
        ``added``.
    capacity_size : float
        Weight of economic size in what a country can carry at once.
    """

    name: str
    countries: pd.DataFrame
    instruments: pd.DataFrame
    network: pd.DataFrame
    regions: tuple[str, ...]
    arrays: WorldArrays
    digest: str
    grounds: Grounds | None = None
    loaded: Mapping[str, object] = MappingProxyType({})
    capacity_size: float = 0.5

    def weighted(self, weights: Mapping[str, float]) -> World:
        """Return this world with its scores worked out by other weights.

        Parameters
        ----------
        weights : mapping of str to float
            New values by name, see ``scores.csv``; empty for the world as it is.

        Raises
        ------
        InputError
            If the scores of this world were drawn, or a mean would be left without any weight.
        """
        if not weights:
            return self
        if self.grounds is None:
            raise InputError(f"world.weights: the scores of {self.name} have no weights")
        means = indicators.means_of(self.grounds.weights, weights)
        scores = self.grounds.scores(means)
        return replace(
            self,
            arrays=self.arrays._replace(**scores._asdict()),
            capacity_size=means["capacity", ""]["size"],
        )


@dataclass(frozen=True, eq=False)
class Grounds:
    """What the scores of a world are worked out from.

    Attributes
    ----------
    countries : DataFrame
        All countries of the data.
    organisations : Organisations
    hotspots : list of (latitude, longitude, weight)
        Centres of conflict, in radians.
    weights : dict of str to ScoreWeight
    """

    countries: pd.DataFrame
    organisations: Organisations
    hotspots: list[tuple[float, float, float]]
    weights: dict[str, indicators.ScoreWeight]

    def scores(self, means: indicators.Means) -> indicators.Scores:
        """Return the scores of all countries of the data."""
        return indicators.score(self.countries, self.organisations, self.hotspots, means)


def load_world(
    *,
    bloc_expansions: bool = True,
    history: bool = True,
    links: Literal["wide", "strict"] = "wide",
    added: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    data_dir: str | Path | None = None,
) -> World:
    """Load the 169 countries and territories, instruments and network of 5 June 2025.

    There is one world; which countries are shown is a matter of figures and tables.

    Parameters
    ----------
    bloc_expansions : bool
        Whether pairs count that the document states only through a bloc (``expansion`` in
        network.csv says who named the members).
    history : bool
        Whether pairs count that dated events show but the document does not mention (``origin``).
    links : {"wide", "strict"}
        Which agreements link two partners: all, or without trade chapters and the Digital
        Cooperation Organization.
    added : mapping, optional
        Further instruments: cells as in ``instruments.csv`` by name. A scenario that adds
        instruments comes with its world: `partnersim.world_of`.
    data_dir : path, optional
        An edited copy of the data folder.

    Returns
    -------
    World

    Raises
    ------
    InputError
        One line per problem in the tables: file, row, reason.
    """
    folder = PACKAGE_DATA if data_dir is None else Path(data_dir)
    if links not in CODINGS:
        raise InputError(
            f"links '{links}' must be one of {', '.join(CODINGS)}{nearest(links, CODINGS)}"
        )
    if not folder.is_dir():
        raise InputError(f"data_dir '{folder}' is not a folder")
    tables = _read(Reader(folder), added)
    network = tables.network
    if not bloc_expansions:
        network = network[network["expansion"] == "none"]
    if not history:
        network = network[network["origin"] != "history"]
    countries = tables.countries
    regions = tuple(sorted(set(countries["region"])))
    grounds = Grounds(countries, tables.organisations, tables.hotspots, tables.weights)
    means = indicators.means_of(tables.weights, {})
    arrays = _arrays(tables, network, links, regions, grounds.scores(means))
    return World(
        name="all",
        countries=countries,
        instruments=tables.instruments,
        network=network.reset_index(drop=True),
        regions=regions,
        arrays=arrays,
        digest=tables.reader.digest(
            bloc_expansions, history, links, *sorted(map(str, added.items()))
        ),
        grounds=grounds,
        loaded={
            **{"bloc_expansions": bloc_expansions, "history": history, "links": links},
            "added": dict(added),
        },
        capacity_size=means["capacity", ""]["size"],
    )


@dataclass(frozen=True)
class _Tables:
    """All tables of a data folder, checked."""

    reader: Reader
    countries: pd.DataFrame
    instruments: pd.DataFrame
    network: pd.DataFrame
    organisations: Organisations
    borders: set[tuple[str, str]]
    hotspots: list[tuple[float, float, float]]
    weights: dict[str, indicators.ScoreWeight]
    facts: Facts
    offered: Flags
    objective: Floats
    module_area: Floats
    module_trust: Floats
    pooled: pd.DataFrame


def _read(reader: Reader, added: Mapping[str, Mapping[str, str]]) -> _Tables:
    countries = read_countries(reader)
    instruments, rows = catalogues.read_instruments(reader, added)
    if countries.empty or instruments.empty:
        if not reader.problems:
            empty = "countries.csv" if countries.empty else "instruments.csv"
            reader.problems.append(f"{empty}: no rows")
        reader.refuse()
    codes = list(countries["iso3"])
    countries = impute(countries)
    names = list(instruments["instrument"])
    organisations = read_organisations(reader, set(codes))
    offered = catalogues.eligibility(
        reader, rows, countries, organisations, countries["gdp_per_person"].to_numpy()
    )
    module_area, module_trust = read_modules(reader)
    network = read_network(reader, countries, instruments, offered)
    facts = read_tables(reader, Known(codes, names), OF_THE_WORLD)
    tables = _Tables(
        reader=reader,
        countries=countries,
        instruments=instruments,
        network=network,
        organisations=organisations,
        borders=read_borders(reader, set(codes)),
        hotspots=read_hotspots(reader),
        weights=indicators.read_weights(reader, set(countries["region"]), organisations.members),
        facts=facts,
        offered=offered,
        objective=read_objectives(reader),
        module_area=module_area,
        module_trust=module_trust,
        pooled=read_pooled(reader),
    )
    # Only sound tables are held against each other.
    reader.refuse()
    gates.check_stages(reader, facts["gates.csv"], network)
    joint_decisions.check_decisions(
        reader,
        facts["bloc_decisions.csv"],
        facts["bloc_members.csv"],
        codes,
        names,
        stage_array(network, countries, instruments),
        offered * ~gates.barred_array(facts["gates.csv"], codes, instruments),
    )
    reader.refuse()
    return tables


def _arrays(
    tables: _Tables,
    network: pd.DataFrame,
    coding: str,
    regions: tuple[str, ...],
    scores: indicators.Scores,
) -> WorldArrays:
    countries, instruments = tables.countries, tables.instruments
    codes = list(countries["iso3"])

    def positions(values: Iterable[str], names: tuple[str, ...]) -> Integers:
        return np.array([names.index(value) for value in values], dtype=np.int64)

    return WorldArrays(
        **scores._asdict(),
        **fact_arrays(
            tables.facts, countries, instruments, tables.organisations, tables.offered, coding
        ),
        region=positions(countries["region"], regions),
        ldc=countries["ldc"].to_numpy(np.uint8),
        developing=(countries["gdp_per_person"] < catalogues.HIGH_INCOME).to_numpy(np.uint8),
        binding=instruments["binding"].to_numpy(np.int64),
        area=catalogues.area_array(instruments),
        role=positions(instruments["role"], ROLES),
        path=positions(instruments["path"], PATHS),
        effort=instruments["effort"].to_numpy(np.int64),
        cost=instruments["cost_meur"].to_numpy(np.float64),
        offer_role=positions(instruments["offer_role"], OFFER_ROLES),
        **pooled_arrays(
            tables.pooled, codes, list(instruments["instrument"]), list(instruments["path"])
        ),
        prerequisite=catalogues.prerequisite_array(instruments),
        objective=tables.objective,
        module_area=tables.module_area,
        module_trust=tables.module_trust,
        stage=stage_array(network, countries, instruments),
        affinity=affinity.affinity_array(codes, tables.organisations),
        distance=affinity.distance_array(
            countries["latitude"].to_numpy(np.float64), countries["longitude"].to_numpy(np.float64)
        ),
        borders=affinity.border_array(codes, tables.borders),
    )


def fact_arrays(
    facts: Facts,
    countries: pd.DataFrame,
    instruments: pd.DataFrame,
    organisations: Organisations,
    offered: Flags,
    coding: str,
    day: str = LAST_DAY,
    start: str = relations.FIRST_DAY,
) -> dict[str, np.ndarray]:
    """Return the arrays that dated facts make, as of a day.

    Parameters
    ----------
    offered : array of uint8
        (N, K) 1 where the catalogue offers the instrument to the country.
    coding : {"wide", "strict"}
        Which agreements link two partners.
    start : str
        First day of quarter 1, from which ends are counted.
    """
    codes, names = list(countries["iso3"]), list(instruments["instrument"])
    related, links = facts["relations.csv"], facts["link_events.csv"]
    barred = gates.barred_array(facts["gates.csv"], codes, instruments, day)
    eligible = np.where(barred, np.uint8(0), offered)
    return {
        "candidate": (countries["enlargement"] != "").to_numpy(np.uint8),
        "sanctioned": gates.sanctioned_array(facts["gates.csv"], codes, day),
        "direct": relations.direct_array(related, names),
        "expires": relations.quarter_array(related, names, "expires", start),
        "renews": relations.quarter_array(related, names, "renews", start),
        "excludes": relations.exclusion_array(related, names),
        "supersedes": relations.supersession_array(related, names),
        "eligible": eligible,
        "bloc": joint_decisions.bloc_array(
            facts["bloc_decisions.csv"], facts["bloc_members.csv"], codes, names, eligible
        ),
        "links": agreements.link_array(links, codes, coding, day),
        "grouping": agreements.grouping_array(organisations, codes),
        "agreement": agreements.agreement_array(facts["agreements.csv"], links, codes, coding, day),
    }


#: Arrays with one row per country, and those with one row and one column per country.
PER_COUNTRY = (
    *("size", "gdp_share", "population_share", "gdp", "population", "region", "ldc"),
    *("developing", "alignment", "opening_by_country"),
    *("readiness", "need", "rival", "threat", "business", "exposure", "eligible", "stage"),
    *("candidate", "sanctioned", "bloc"),
)
PER_MEMBER = ("grouping", "agreement")
PER_PAIR = ("links", "affinity", "distance", "borders")


def select(arrays: WorldArrays, chosen: np.ndarray) -> WorldArrays:
    """Return the arrays of some countries only, given by index, C-contiguous."""
    fields = arrays._asdict()
    for name in PER_COUNTRY:
        fields[name] = fields[name][chosen]
    for name in PER_MEMBER:
        fields[name] = fields[name][:, chosen]
    for name in PER_PAIR:
        fields[name] = fields[name][np.ix_(chosen, chosen)]
    return WorldArrays(**{name: np.ascontiguousarray(array) for name, array in fields.items()})
