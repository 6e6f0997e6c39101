"""What comes out of a quarter: one row of numbers, the same for every driver."""

from __future__ import annotations

from typing import Any

import numpy as np

from partnersim.compiler.compiled import allocating_rule, rule
from partnersim.model.constants import (
    AREAS,
    CENTS_PER_MILLION,
    DIRECTIONS,
    MAXIMUM_DEPTH,
    OBJECTIVES,
)
from partnersim.model.instrument_utility import share
from partnersim.model.metric_names import (
    FIRST_CLIMATE,
    FIRST_LINKS,
    FIRST_MONEY,
    FIRST_REGION,
    FIRST_VALUE,
)
from partnersim.model.state import State
from partnersim.model.structure import (
    algebraic_connectivity,
    largest_component,
    modularity,
    transitivity,
)
from partnersim.model.ties import is_active
from partnersim.model.value import fill_worth, gini, partner_worth, tie_strength, union_worth
from partnersim.model.world_arrays import Floats


@allocating_rule
def observe(state: State, row: Floats) -> None:
    """Write the metrics of this moment into a row of ``len(metric_names(regions))`` numbers.

    Shares are in 0..1, money in million EUR since the start, value in units of one fully binding
    instrument that meets a full need.
    """
    _observe_ties(state, row)
    _observe_links(state, row[FIRST_LINKS:])
    _observe_value(state, row[FIRST_VALUE:], row[FIRST_REGION:])
    _observe_money(state.union[0], row[FIRST_MONEY:])
    _observe_climate(state, row[FIRST_CLIMATE:])
    # The EU's signposts look at what was last observed.
    state.observed[:] = row


@rule
def _observe_ties(state: State, row: Floats) -> None:
    """Count instruments and partners in force, by direction, area and depth."""
    row[:FIRST_LINKS] = 0.0
    directions = len(DIRECTIONS)
    areas = len(AREAS)
    by_direction = row[2:]
    partners_by_direction = row[2 + directions :]
    by_area = row[2 + 2 * directions :]
    by_depth = row[2 + 2 * directions + areas :]
    depth = 0
    countries = state.countries
    for i in range(len(countries)):
        country = countries[i]
        row[FIRST_LINKS - 1] += country.load
        if state.in_force[i] == 0:
            continue
        row[0] += state.in_force[i]
        row[1] += 1
        for direction in range(directions):
            by_direction[direction] += country.entered[direction]
            if country.entered[direction] > 0:
                partners_by_direction[direction] += 1
        deepest = 0
        for area in range(areas):
            by_area[area] += country.held[area]
            depth += country.depth[area]
            deepest = max(deepest, country.depth[area])
        for level in range(deepest):
            by_depth[level] += 1
    union = state.union[0]
    row[FIRST_LINKS - 5] = depth / (len(countries) * areas)
    row[FIRST_LINKS - 4] = union.new_ties
    row[FIRST_LINKS - 3] = union.deeper_ties
    row[FIRST_LINKS - 2] = union.lost_ties


@allocating_rule
def _observe_links(state: State, row: Floats) -> None:
    """Report the network of links, with and without the EU as its hub."""
    union = state.union[0]
    if union.links_changed == 1:
        _measure_links(state)
        union.links_changed = 0
    countries = len(state.countries)
    ends = 0
    partners = 0
    for i in range(countries):
        ends += state.degree[i]
        if state.in_force[i] > 0:
            partners += 1
    row[0] = ends // 2
    row[1] = ends / (countries * (countries - 1))
    row[2] = union.clustering
    row[3] = union.connectivity
    row[4] = union.modularity
    # What holds together if the EU falls away: the largest group of linked partners.
    row[5] = 1.0 - min(union.largest_group, partners) / partners if partners > 0 else 0.0


@allocating_rule
def _measure_links(state: State) -> None:
    """Measure the shape of the network of links."""
    union = state.union[0]
    linked = state.linked
    degree = state.degree
    member = np.empty(len(state.countries), np.int64)
    union.largest_group = largest_component(linked, degree, member)
    union.clustering = transitivity(linked, state.shared_partners, degree)
    union.connectivity = algebraic_connectivity(linked, member, union.largest_group)
    union.modularity = modularity(
        linked, degree, state.countries.region, state.region_size.shape[0]
    )


@allocating_rule
def _observe_value(state: State, row: Floats, by_region: Floats) -> None:
    """Add up what the instruments in force are worth, and to whom."""
    coefficients = state.coefficients[0]
    union = state.union[0]
    regions = state.region_size.shape[0]
    objectives = len(OBJECTIVES)
    row[: FIRST_MONEY - FIRST_VALUE] = 0.0
    by_region[: 2 * regions] = 0.0
    value = np.zeros(len(state.countries))
    worth = np.zeros(len(AREAS))
    by_instrument = np.zeros(len(state.instruments))
    to_poorest = 0.0
    countries = state.countries
    catalogue = state.instruments
    pairs = state.pairs
    tied = state.tied
    for i in range(len(countries)):
        country = countries[i]
        if state.in_force[i] == 0:
            continue
        degree = state.degree[i]
        to_union_at_best = union_worth(country.economic_size, state.alignment[i])
        fill_worth(worth, country)
        for tie in range(country.ties):
            pair = pairs[i, tied[i, tie]]
            if not is_active(pair):
                continue
            instrument = catalogue[tied[i, tie]]
            strength = tie_strength(coefficients, instrument, share(pair.linked_holders, degree))
            to_partner = strength * partner_worth(worth, instrument)
            to_union = strength * to_union_at_best
            value[i] += to_partner
            row[1] += to_union
            by_instrument[tied[i, tie]] += to_partner + to_union
        row[0] += value[i]
        by_region[country.region] += state.in_force[i]
        by_region[regions + country.region] += value[i]
        if country.least_developed == 1:
            to_poorest += value[i]
        row[4 + objectives] += country.gdp_share
        row[5 + objectives] += country.population_share
    for k in range(len(catalogue)):
        for objective in range(objectives):
            row[2 + objective] += by_instrument[k] * catalogue[k].objective[objective]
    row[2 + objectives] = gini(value)
    row[3 + objectives] = to_poorest / row[0] if row[0] > 0.0 else 0.0
    total = row[0] + row[1]
    if total >= union.peak_value:
        union.peak_value = total
        union.quarters_below_peak = 0
    else:
        union.quarters_below_peak += 1
    row[6 + objectives] = 1.0 - total / union.peak_value if union.peak_value > 0.0 else 0.0
    row[7 + objectives] = union.quarters_below_peak


@rule
def _observe_money(union: Any, row: Floats) -> None:
    """Report the money of the Offer, million EUR since the start."""
    row[0] = union.envelope / CENTS_PER_MILLION
    row[1] = union.spent / CENTS_PER_MILLION
    row[2] = union.carried / CENTS_PER_MILLION
    row[3] = union.lapsed / CENTS_PER_MILLION
    row[4] = union.mobilised
    row[5] = union.spent / union.envelope if union.envelope > 0 else 0.0


@rule
def _observe_climate(state: State, row: Floats) -> None:
    """Average readiness, alignment and threat; measure the share of rival suppliers."""
    readiness = 0.0
    alignment = 0.0
    threat = 0.0
    rival = 0.0
    own = 0.0
    everybody = state.countries
    countries = len(everybody)
    areas = len(AREAS)
    for i in range(countries):
        country = everybody[i]
        alignment += state.alignment[i]
        for area in range(areas):
            readiness += country.readiness[area]
            threat += country.threat[area]
            rival += country.gdp_share * country.rival[area]
            own += country.gdp_share * country.depth[area] / MAXIMUM_DEPTH
    row[0] = readiness / (countries * areas)
    row[1] = alignment / countries
    row[2] = threat / (countries * areas)
    row[3] = rival / (rival + own) if rival + own > 0.0 else 0.0
    row[4] = state.union[0].reputation
