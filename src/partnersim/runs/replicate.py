"""One replicate: play all quarters, note the metrics and the ends of years."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from partnersim.compiler.compiled import allocating_rule, rule
from partnersim.model.beginning import begin
from partnersim.model.constants import AREAS
from partnersim.model.observation import observe
from partnersim.model.quarter import play_quarter
from partnersim.model.state import State
from partnersim.model.ties import is_active
from partnersim.model.world_arrays import Floats, Integers

#: Scores are noted in whole millionths, so that sums over replicates cannot depend on order.
MILLIONTHS = 1_000_000


Whole = NDArray[np.integer[Any]]


class YearEnds(NamedTuple):
    """The network at the ends of Y years, and its links at the end of the run.

    Small integers for one run, int64 for sums over runs.
    """

    in_force: Whole
    """(Y, N, K) 1 where the pair is in force."""
    depth: Whole
    """(Y, N, 8)"""
    links: Whole
    """(Y, N) links of each country."""
    invested: Whole
    """(Y, N) money mobilised so far, EUR."""
    alignment: Whole
    """(Y, N) millionths."""
    linked: Whole
    """(N, N) links at the end."""


def new_year_ends(years: int, countries: int, instruments: int) -> YearEnds:
    """Allocate the ends of years."""
    return YearEnds(
        in_force=np.zeros((years, countries, instruments), np.uint8),
        depth=np.zeros((years, countries, len(AREAS)), np.int8),
        links=np.zeros((years, countries), np.int64),
        invested=np.zeros((years, countries), np.int64),
        alignment=np.zeros((years, countries), np.int64),
        linked=np.zeros((countries, countries), np.uint8),
    )


def run_replicate(
    state: State,
    seed: int,
    replicate: int,
    year_of_quarter: Integers,
    metrics: Floats,
    year_ends: YearEnds,
    structure: NDArray[np.bool_],
) -> None:
    """Play one replicate from June 2025 to the horizon.

    Parameters
    ----------
    state : State
        From `partnersim.scenario.compile.prepare`; holds the end of the run and its event log
        afterwards.
    year_of_quarter : (T + 1,) int64 array
        Row of `YearEnds` to write after a quarter; -1 if the quarter is not the end of a year.
    metrics : (T + 1, M) float64 array
        Overwritten; row 0 is the observed network.
    year_ends : YearEnds
        Overwritten.
    structure : (T + 1,) bool array
        Quarters in which metrics of structure are read, see `observe`.
    """
    begin(state, seed, replicate)
    _play(state, year_of_quarter, metrics, year_ends, structure)
    year_ends.linked[:] = state.linked


@allocating_rule
def _play(
    state: State,
    year_of_quarter: Integers,
    metrics: Floats,
    year_ends: YearEnds,
    structure: NDArray[np.bool_],
) -> None:
    """Play all quarters of a run that has begun."""
    for quarter in range(metrics.shape[0]):
        if quarter > 0:
            play_quarter(state)
        observe(state, metrics[quarter], structure[quarter])
        note_year(state, year_of_quarter[quarter], year_ends)


@rule
def note_year(state: State, year: int, year_ends: YearEnds) -> None:
    """Note the network at the end of a year; nothing if the number of the year is -1."""
    if year < 0:
        return
    countries = state.countries
    pairs = state.pairs
    tied = state.tied
    in_force = year_ends.in_force[year]
    in_force[:] = 0
    for i in range(len(countries)):
        country = countries[i]
        year_ends.links[year, i] = state.degree[i]
        for area in range(len(AREAS)):
            year_ends.depth[year, i, area] = country.depth[area]
        for place in range(country.ties):
            k = tied[i, place]
            in_force[i, k] = is_active(pairs[i, k])
        invested = 0.0
        for area in range(country.invested.shape[0]):
            invested += country.invested[area]
        year_ends.invested[year, i] = int(invested * MILLIONTHS)
        year_ends.alignment[year, i] = int(state.alignment[i] * MILLIONTHS)
