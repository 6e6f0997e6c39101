"""The world of a simulation: countries, instruments, the network of June 2025, and their arrays."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import pandas as pd

from partnersim.errors import InputError, nearest
from partnersim.model.constants import IN_FORCE
from partnersim.model.world_arrays import WorldArrays
from partnersim.world import indicators
from partnersim.world.arrays import build_arrays
from partnersim.world.contents import read_contents
from partnersim.world.layouts import CODINGS, LAST_DAY
from partnersim.world.places import groups_in
from partnersim.world.pooled import damped_shocks
from partnersim.world.relations import day_after_quarter
from partnersim.world.rivals import offer_names
from partnersim.world.tables import PACKAGE_DATA, Reader

#: What an updated folder of data tells of itself.
UPDATE = "update.json"


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
        With which choices it was loaded: ``bloc_expansions``, ``history``, ``links``.
    capacity_size : float
        Weight of economic size in what a country can carry at once.
    value_weights : tuple of float
        Weight of each objective in value; 1 on the mean.
    rival_offers : tuple of str
        Names that ``arrays.rival_key`` belongs to, such as ``CHN cable_built``.
    damped : mapping
        Shocks that instruments damp, each with the row that says so first.
    known_until : str
        Last day that the network knows of.
    folder : Path
        Where its tables are.
    """

    name: str
    countries: pd.DataFrame
    instruments: pd.DataFrame
    network: pd.DataFrame
    regions: tuple[str, ...]
    arrays: WorldArrays
    digest: str
    grounds: indicators.Grounds | None = None
    loaded: Mapping[str, object] = MappingProxyType({})
    capacity_size: float = 0.5
    value_weights: tuple[float, ...] = (1.0, 1.0, 1.0)
    rival_offers: tuple[str, ...] = ()
    damped: Mapping[str, str] = MappingProxyType({})
    known_until: str = LAST_DAY
    folder: Path = PACKAGE_DATA

    def __repr__(self) -> str:
        ties = int((self.arrays.stage == IN_FORCE).sum())
        return (
            f"<World '{self.name}': {len(self.countries)} countries, {len(self.instruments)}"
            f" instruments, {ties} ties, as of {self.known_until}, digest {self.digest[:12]}>"
        )

    @cached_property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """Members of every group of countries, see `partnersim.world.places`.

        ``sanctioned`` are states under restrictive measures of the EU.
        """
        members = {} if self.grounds is None else self.grounds.organisations.members
        found = groups_in(self.countries, members)
        sanctioned = self.countries["iso3"][self.arrays.sanctioned == 1]
        return found | ({"sanctioned": tuple(sanctioned)} if len(sanctioned) else {})

    @cached_property
    def homes(self) -> tuple[tuple[str, str], ...]:
        """Code and region of every country."""
        of_country = (self.countries[column].tolist() for column in ("iso3", "region"))
        return tuple(zip(*of_country, strict=True))

    @property
    def first_quarter(self) -> str:
        """The first quarter after the last day that the network knows of."""
        return quarter_after(self.known_until)

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
        return replace(
            self,
            arrays=self.arrays._replace(**indicators.scores_of(self.grounds, means)),
            capacity_size=means["capacity", ""]["size"],
            value_weights=indicators.value_weights(means),
        )


@cache
def shipped_world() -> World:
    """Return the world of the shipped data, read once; it belongs to all who ask for it."""
    return load_world()


def load_world(
    *,
    bloc_expansions: bool = True,
    history: bool = True,
    links: Literal["wide", "strict"] = "wide",
    added: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    data_dir: str | Path | None = None,
) -> World:
    """Load the 169 countries and territories, instruments and network of 5 June 2025.

    There is one world; which countries are shown is a matter of figures and contents.

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
    known_until = known_until_of(folder)
    contents = read_contents(Reader(folder), added)
    network = contents.network
    if not bloc_expansions:
        network = network[network["expansion"] == "none"]
    if not history:
        network = network[network["origin"] != "history"]
    countries = contents.countries
    regions = tuple(sorted(set(countries["region"])))
    grounds = contents.grounds
    means = indicators.means_of(grounds.weights, {})
    scores = indicators.scores_of(grounds, means)
    start = day_after_quarter(known_until)
    arrays = build_arrays(contents, network, links, regions, scores, start)
    return World(
        name="all",
        countries=countries,
        instruments=contents.instruments,
        network=network.reset_index(drop=True),
        regions=regions,
        arrays=arrays,
        digest=contents.reader.digest(
            bloc_expansions, history, links, *sorted(map(str, added.items()))
        ),
        grounds=grounds,
        loaded={"bloc_expansions": bloc_expansions, "history": history, "links": links},
        capacity_size=means["capacity", ""]["size"],
        value_weights=indicators.value_weights(means),
        rival_offers=offer_names(contents.facts["rivals.csv"], contents.facts["rival_kinds.csv"]),
        damped=damped_shocks(contents.facts["instrument_effects.csv"]),
        known_until=known_until,
        folder=folder,
    )


def quarter_after(day: str) -> str:
    """Return the first quarter after a day."""
    return str(pd.Period(day, "Q") + 1)


def known_until_of(folder: Path) -> str:
    """Return the last day that the tables of a folder know of.

    Raises
    ------
    InputError
        If it is no folder, or does not tell.
    """
    if not folder.is_dir():
        raise InputError(f"'{folder}' is not a folder")
    path = folder / UPDATE
    if not path.exists():
        return LAST_DAY
    try:
        day = json.loads(path.read_text("utf-8"))["known_until"]
        return date.fromisoformat(day).isoformat()
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{path}: cannot be read; make the folder again") from None
