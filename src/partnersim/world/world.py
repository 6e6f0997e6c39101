"""The world of a simulation: countries, instruments, the network of June 2025, and their arrays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from partnersim.errors import InputError, nearest
from partnersim.rules.constants import OFFER_ROLES, PATHS, ROLES
from partnersim.rules.world_arrays import WorldArrays
from partnersim.world import affinity, indicators
from partnersim.world import instruments as catalogues
from partnersim.world.countries import (
    read_borders,
    read_countries,
    read_hotspots,
    read_organisations,
)
from partnersim.world.network import read_network, stage_array
from partnersim.world.tables import PACKAGE_DATA, Reader
from partnersim.world.weights import read_modules, read_objectives

WORLDS = ("all", "named")


@dataclass(frozen=True, eq=False)
class World:
    """Constants and initial state of a simulation.

    Attributes
    ----------
    name : str
        ``all``, ``named`` or a name of its own.
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
    """

    name: str
    countries: pd.DataFrame
    instruments: pd.DataFrame
    network: pd.DataFrame
    regions: tuple[str, ...]
    arrays: WorldArrays
    digest: str


def load_world(
    which: Literal["all", "named"] = "all",
    *,
    bloc_expansions: bool = True,
    history: bool = True,
    data_dir: str | Path | None = None,
) -> World:
    """Load the countries, instruments and network of 5 June 2025.

    Parameters
    ----------
    which : {"all", "named"}
        All 169 countries and territories, or those that the document names. Scales and shares
        always refer to all of them.
    bloc_expansions : bool
        Whether pairs count that the document states only through a bloc (``expansion`` in
        network.csv says who named the members).
    history : bool
        Whether pairs count that dated events show but the document does not mention (``origin``).
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
    if which not in WORLDS:
        raise InputError(
            f"world '{which}' must be one of {', '.join(WORLDS)}{nearest(which, WORLDS)}"
        )
    reader = Reader(PACKAGE_DATA if data_dir is None else Path(data_dir))
    countries = read_countries(reader)
    instruments, rows = catalogues.read_instruments(reader)
    if countries.empty or instruments.empty:
        if not reader.problems:
            reader.problems.append("countries.csv and instruments.csv must not be empty")
        reader.refuse()
    codes = set(countries["iso3"])
    organisations = read_organisations(reader, codes)
    borders = read_borders(reader, codes)
    hotspots = read_hotspots(reader)
    objective = read_objectives(reader)
    module_area, module_trust = read_modules(reader)
    countries = indicators.impute(countries)
    eligible = catalogues.eligibility(
        reader, rows, countries, organisations, countries["gdp_per_person"].to_numpy()
    )
    network = read_network(reader, countries, instruments, eligible)
    reader.refuse()

    if not bloc_expansions:
        network = network[network["expansion"] == "none"]
    if not history:
        network = network[network["origin"] != "history"]
    scores = indicators.score(countries, organisations, hotspots)
    regions = tuple(sorted(set(countries["region"])))
    listed = list(countries["iso3"])
    arrays = WorldArrays(
        **scores._asdict(),
        region=np.array([regions.index(name) for name in countries["region"]], dtype=np.int64),
        ldc=countries["ldc"].to_numpy(np.uint8),
        binding=instruments["binding"].to_numpy(np.int64),
        area=catalogues.area_array(instruments),
        role=np.array([ROLES.index(name) for name in instruments["role"]], dtype=np.int64),
        path=np.array([PATHS.index(name) for name in instruments["path"]], dtype=np.int64),
        effort=instruments["effort"].to_numpy(np.int64),
        funded=instruments["funded"].to_numpy(np.uint8),
        offer_role=np.array(
            [OFFER_ROLES.index(name) for name in instruments["offer_role"]], dtype=np.int64
        ),
        eligible=eligible,
        prerequisite=catalogues.prerequisite_array(instruments),
        objective=objective,
        module_area=module_area,
        module_trust=module_trust,
        stage=stage_array(network, countries, instruments),
        links=affinity.link_array(listed, organisations),
        affinity=affinity.affinity_array(listed, organisations),
        distance=affinity.distance_array(
            countries["latitude"].to_numpy(np.float64), countries["longitude"].to_numpy(np.float64)
        ),
        borders=affinity.border_array(listed, borders),
    )
    chosen = np.arange(len(countries)) if which == "all" else np.flatnonzero(countries["named"])
    countries = countries.iloc[chosen].reset_index(drop=True)
    network = network[network["iso3"].isin(countries["iso3"])].reset_index(drop=True)
    return World(
        name=which,
        countries=countries,
        instruments=instruments,
        network=network,
        regions=regions,
        arrays=select(arrays, chosen),
        digest=reader.digest(which, bloc_expansions, history),
    )


#: Arrays with one row per country, and those with one row and one column per country.
PER_COUNTRY = (
    *("size", "gdp_share", "population_share", "gdp", "population", "region", "ldc", "alignment"),
    *("readiness", "need", "rival", "threat", "business", "exposure", "eligible", "stage"),
)
PER_PAIR = ("links", "affinity", "distance", "borders")


def select(arrays: WorldArrays, chosen: np.ndarray) -> WorldArrays:
    """Return the arrays of some countries only, given by index, C-contiguous."""
    fields = arrays._asdict()
    for name in PER_COUNTRY:
        fields[name] = fields[name][chosen]
    for name in PER_PAIR:
        fields[name] = fields[name][np.ix_(chosen, chosen)]
    return WorldArrays(**{name: np.ascontiguousarray(array) for name, array in fields.items()})
