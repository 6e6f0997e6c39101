"""What comes out of a quarter: one row of numbers, the same for every driver."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from partnersim.rules.compiled import rule
from partnersim.rules.constants import (
    AREAS,
    CENTS_PER_MILLION,
    DIRECTIONS,
    MAXIMUM_DEPTH,
    OBJECTIVES,
)
from partnersim.rules.parameters import Parameters
from partnersim.rules.state import State
from partnersim.rules.structure import (
    algebraic_connectivity,
    largest_component,
    modularity,
    transitivity,
)
from partnersim.rules.ties import is_active
from partnersim.rules.value import gini, partner_worth, tie_strength, union_worth
from partnersim.rules.world_arrays import Floats, WorldArrays

_FIRST = (
    "instruments",
    "partners",
    *(f"instruments_{direction}" for direction in DIRECTIONS),
    *(f"partners_{direction}" for direction in DIRECTIONS),
    *(f"instruments_{area}" for area in AREAS),
    *(f"partners_depth_{depth}" for depth in range(1, MAXIMUM_DEPTH + 1)),
    "new_ties",
    "deeper_ties",
    "lost_ties",
    "negotiations",
    "links",
    "link_density",
    "clustering",
    "algebraic_connectivity",
    "modularity",
    "hub_dependence",
    "partner_value",
    "eu_value",
    *(f"value_{objective}" for objective in OBJECTIVES),
    "value_gini",
    "value_ldc_share",
    "covered_gdp",
    "covered_population",
    "offer_envelope",
    "offer_spent",
    "offer_carried",
    "offer_lapsed",
    "offer_mobilised",
    "offer_absorbed",
    "readiness_mean",
    "alignment_mean",
    "threat_mean",
    "rival_share",
    "reputation",
    "drawdown",
    "quarters_below_peak",
)


def slug(name: str) -> str:
    """Turn a region's name into the end of a column name."""
    plain = name.casefold().replace("ü", "u")
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def metric_names(regions: Sequence[str]) -> tuple[str, ...]:
    """Return the names of all metrics, in the order in which `observe` writes them.

    Parameters
    ----------
    regions : sequence of str
        Names of the world's regions; each adds ``instruments_<region>`` and ``value_<region>``.
    """
    return (
        *_FIRST,
        *(f"instruments_{slug(region)}" for region in regions),
        *(f"value_{slug(region)}" for region in regions),
    )


@rule
def observe(world: WorldArrays, parameters: Parameters, state: State, row: Floats) -> None:
    """Write the metrics of this moment into a row of ``len(metric_names(regions))`` numbers.

    Shares are in 0..1, money in million EUR since the start, value in units of one fully binding
    instrument that meets a full need.
    """
    place = _observe_ties(world, state, row, 0)
    place = _observe_links(world, parameters, state, row, place)
    place = _observe_value(world, parameters, state, row, place)
    place = _observe_money(state, row, place)
    _observe_climate(world, state, row, place)


@rule
def _observe_ties(world: WorldArrays, state: State, row: Floats, place: int) -> int:
    """Count instruments and partners in force, by direction, area and depth."""
    countries, instruments = state.stage.shape
    areas = state.depth.shape[1]
    directions = 4
    by_direction = np.zeros(directions, np.int64)
    partners_by_direction = np.zeros(directions, np.int64)
    by_area = np.zeros(areas, np.int64)
    by_depth = np.zeros(5, np.int64)
    partners = 0
    count = 0
    negotiations = 0
    for country in range(countries):
        negotiations += state.load[country]
        if state.in_force[country] == 0:
            continue
        partners += 1
        count += state.in_force[country]
        met = np.zeros(directions, np.uint8)
        for instrument in range(instruments):
            if is_active(state, country, instrument):
                direction = state.direction[country, instrument]
                by_direction[direction] += 1
                met[direction] = 1
        for direction in range(directions):
            partners_by_direction[direction] += met[direction]
        deepest = 0
        for area in range(areas):
            by_area[area] += state.held[country, area]
            deepest = max(deepest, state.depth[country, area])
        for depth in range(1, deepest + 1):
            by_depth[depth] += 1
    row[place] = count
    row[place + 1] = partners
    place += 2
    for direction in range(directions):
        row[place + direction] = by_direction[direction]
        row[place + directions + direction] = partners_by_direction[direction]
    place += 2 * directions
    for area in range(areas):
        row[place + area] = by_area[area]
    place += areas
    for depth in range(1, 5):
        row[place + depth - 1] = by_depth[depth]
    place += 4
    union = state.union[0]
    row[place] = union.new_ties
    row[place + 1] = union.deeper_ties
    row[place + 2] = union.lost_ties
    row[place + 3] = negotiations
    return place + 4


@rule
def _observe_links(
    world: WorldArrays, parameters: Parameters, state: State, row: Floats, place: int
) -> int:
    """Measure the network of links, with and without the EU as its hub."""
    countries = state.links.shape[0]
    union = state.union[0]
    ends = 0
    partners = 0
    for country in range(countries):
        ends += state.degree[country]
        if state.in_force[country] > 0:
            partners += 1
    links = ends // 2
    pairs = countries * (countries - 1) // 2
    member = np.empty(countries, np.int64)
    largest = largest_component(state.links, member)
    if union.links_changed == 1:
        union.connectivity = algebraic_connectivity(state.links, member, largest)
        union.links_changed = 0
    row[place] = links
    row[place + 1] = links / pairs
    row[place + 2] = transitivity(state.links, state.shared_partners, state.degree)
    row[place + 3] = union.connectivity
    row[place + 4] = modularity(
        state.links, state.degree, world.region, state.region_holders.shape[0]
    )
    # What holds together if the EU falls away: the largest group of linked partners.
    held_together = min(largest, partners) if largest > 1 else min(1, partners)
    row[place + 5] = 1.0 - held_together / partners if partners > 0 else 0.0
    return place + 6


@rule
def _observe_value(
    world: WorldArrays, parameters: Parameters, state: State, row: Floats, place: int
) -> int:
    """Add up what the instruments in force are worth, and to whom."""
    countries, instruments = state.stage.shape
    regions = state.region_holders.shape[0]
    objectives = world.objective.shape[1]
    value = np.zeros(countries)
    by_objective = np.zeros(objectives)
    by_region = np.zeros(regions)
    instruments_by_region = np.zeros(regions, np.int64)
    eu_value = 0.0
    partner_value = 0.0
    ldc_value = 0.0
    covered_gdp = 0.0
    covered_population = 0.0
    for country in range(countries):
        region = world.region[country]
        instruments_by_region[region] += state.in_force[country]
        if state.in_force[country] == 0:
            continue
        covered_gdp += world.gdp_share[country]
        covered_population += world.population_share[country]
        for instrument in range(instruments):
            if not is_active(state, country, instrument):
                continue
            strength = tie_strength(world, parameters, state, country, instrument)
            to_partner = strength * partner_worth(world, parameters, state, country, instrument)
            to_union = strength * union_worth(world, parameters, state, country, instrument)
            value[country] += to_partner
            eu_value += to_union
            each = (to_partner + to_union) / parameters.area_count[instrument]
            for place_of_area in range(parameters.area_count[instrument]):
                area = parameters.area_list[instrument, place_of_area]
                for objective in range(objectives):
                    by_objective[objective] += each * world.objective[area, objective]
        partner_value += value[country]
        by_region[region] += value[country]
        if world.ldc[country] == 1:
            ldc_value += value[country]
    total = partner_value + eu_value
    union = state.union[0]
    if total >= union.peak_value:
        union.peak_value = total
        union.quarters_below_peak = 0
    else:
        union.quarters_below_peak += 1
    row[place] = partner_value
    row[place + 1] = eu_value
    place += 2
    for objective in range(objectives):
        row[place + objective] = by_objective[objective]
    place += objectives
    row[place] = gini(value)
    row[place + 1] = ldc_value / partner_value if partner_value > 0.0 else 0.0
    row[place + 2] = covered_gdp
    row[place + 3] = covered_population
    first_of_region = row.shape[0] - 2 * regions
    for region in range(regions):
        row[first_of_region + region] = instruments_by_region[region]
        row[first_of_region + regions + region] = by_region[region]
    row[first_of_region - 2] = 1.0 - total / union.peak_value if union.peak_value > 0.0 else 0.0
    row[first_of_region - 1] = union.quarters_below_peak
    return place + 4


@rule
def _observe_money(state: State, row: Floats, place: int) -> int:
    """Report the money of the Offer, million EUR since the start."""
    union = state.union[0]
    row[place] = union.envelope / CENTS_PER_MILLION
    row[place + 1] = union.spent / CENTS_PER_MILLION
    row[place + 2] = union.carried / CENTS_PER_MILLION
    row[place + 3] = union.lapsed / CENTS_PER_MILLION
    row[place + 4] = union.mobilised
    row[place + 5] = union.spent / union.envelope if union.envelope > 0 else 0.0
    return place + 6


@rule
def _observe_climate(world: WorldArrays, state: State, row: Floats, place: int) -> None:
    """Average readiness, alignment and threat; measure the share of rival suppliers."""
    countries, areas = state.threat.shape
    readiness = 0.0
    alignment = 0.0
    threat = 0.0
    rival = 0.0
    own = 0.0
    for country in range(countries):
        alignment += state.alignment[country]
        for area in range(areas):
            readiness += state.readiness[country, area]
            threat += state.threat[country, area]
            rival += world.gdp_share[country] * state.rival[country, area]
            own += world.gdp_share[country] * state.depth[country, area] / MAXIMUM_DEPTH
    row[place] = readiness / (countries * areas)
    row[place + 1] = alignment / countries
    row[place + 2] = threat / (countries * areas)
    row[place + 3] = rival / (rival + own) if rival + own > 0.0 else 0.0
    row[place + 4] = state.union[0].reputation
