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
from partnersim.model.draws import clipped
from partnersim.model.effect_kinds import COLUMN
from partnersim.model.instrument_utility import share
from partnersim.model.metrics import REGIONAL
from partnersim.model.state import State
from partnersim.model.structure import (
    algebraic_connectivity,
    largest_component,
    modularity,
    transitivity,
)
from partnersim.model.ties import is_active
from partnersim.model.value import (
    fill_worth,
    gini,
    partner_worth,
    share_exposed,
    tie_strength,
    union_worth,
)
from partnersim.model.world_arrays import Floats

_SECURITY = OBJECTIVES.index("security")
_INSTRUMENTS_BY_REGION = REGIONAL.index("instruments")
_VALUE_BY_REGION = REGIONAL.index("value")
#: Metrics of the structure of the network of links, a sixth of the time of a run.
STRUCTURE = ("clustering", "algebraic_connectivity", "modularity")


@allocating_rule
def observe(state: State, row: Floats, structure: bool = True) -> None:
    """Write the metrics of this moment into the state and into a row of numbers.

    Parameters
    ----------
    state : State
        The EU's signposts look at what was last observed.
    row : (M,) float64 array
        Overwritten, in the order of `partnersim.model.metrics.metric_names`. Shares are in 0..1,
        money in million EUR since the start, value in units of one fully binding instrument that
        meets a full need.
    structure : bool, default True
        Whether somebody reads the metrics of `STRUCTURE`; if not, they stay as last measured.
    """
    state.observed_values[:] = 0.0
    _observe_ties(state)
    _observe_links(state, structure)
    _observe_value(state)
    _observe_money(state)
    _observe_scores(state)
    _observe_effects(state)
    for place in range(len(row)):
        row[place] = state.observed_values[place]


@rule
def _observe_ties(state: State) -> None:
    """Count instruments and partners in force, by direction, area and depth."""
    observed = state.observed[0]
    countries = state.countries
    depth = 0.0
    for i in range(len(countries)):
        country = countries[i]
        observed.negotiations += country.load
        if state.in_force[i] == 0:
            continue
        observed.instruments += state.in_force[i]
        observed.partners += 1
        for direction in range(len(DIRECTIONS)):
            observed.instruments_by_direction[direction] += country.entered[direction]
            if country.entered[direction] > 0:
                observed.partners_by_direction[direction] += 1
        deepest = 0
        for area in range(len(AREAS)):
            observed.instruments_by_area[area] += country.held[area]
            depth += country.depth[area]
            deepest = max(deepest, country.depth[area])
        for level in range(deepest):
            observed.partners_by_depth[level] += 1
    union = state.union[0]
    observed.depth_mean = depth / (len(countries) * len(AREAS))
    observed.new_ties = union.new_ties
    observed.deeper_ties = union.deeper_ties
    observed.lost_ties = union.lost_ties


@allocating_rule
def _observe_links(state: State, structure: bool) -> None:
    """Report the network of links, with and without the EU as its hub."""
    observed = state.observed[0]
    union = state.union[0]
    if union.links_changed == 1:
        _measure_links(state, structure)
        if structure:
            union.links_changed = 0
    countries = len(state.countries)
    ends = 0
    partners = 0
    for i in range(countries):
        ends += state.degree[i]
        if state.in_force[i] > 0:
            partners += 1
    observed.links = ends // 2
    observed.link_density = ends / (countries * (countries - 1))
    observed.clustering = union.clustering
    observed.algebraic_connectivity = union.connectivity
    observed.modularity = union.modularity
    # What holds together if the EU falls away: the largest group of linked partners.
    if partners > 0:
        observed.hub_dependence = 1.0 - min(union.largest_group, partners) / partners


@allocating_rule
def _measure_links(state: State, structure: bool) -> None:
    """Measure the largest group of linked countries and, if asked for, the structure of links."""
    union = state.union[0]
    linked = state.linked
    degree = state.degree
    member = np.empty(len(state.countries), np.int64)
    union.largest_group = largest_component(linked, degree, member)
    if not structure:
        return
    union.clustering = transitivity(linked, state.shared_partners, degree)
    union.connectivity = algebraic_connectivity(linked, member, union.largest_group)
    union.modularity = modularity(
        linked, degree, state.countries.region.copy(), state.region_size.shape[0]
    )


@rule
def _observe_value(state: State) -> None:
    """Add up what the instruments in force are worth, and to whom."""
    observed = state.observed[0]
    by_region = state.observed_by_region
    coefficients = state.coefficients[0]
    value, worth, by_instrument = state.value, state.worth, state.value_of_instrument
    value[:] = 0.0
    by_instrument[:] = 0.0
    weights = state.objective_weight
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
            exposed = share_exposed(coefficients, country, instrument)
            lost = to_union * instrument.objective[_SECURITY] * exposed
            observed.value_by_objective[_SECURITY] -= lost
            value[i] += instrument.weight * to_partner
            observed.eu_value += instrument.weight * to_union - weights[_SECURITY] * lost
            by_instrument[tied[i, tie]] += to_partner + to_union
        for objective in range(len(OBJECTIVES)):
            added = 1.0 - state.effects_left[i, COLUMN.adds_value + objective]
            to_partner = added * country.objective_need[objective]
            to_union = added * to_union_at_best
            value[i] += weights[objective] * to_partner
            observed.eu_value += weights[objective] * to_union
            observed.value_by_objective[objective] += to_partner + to_union
        observed.partner_value += value[i]
        by_region[_INSTRUMENTS_BY_REGION, country.region] += state.in_force[i]
        by_region[_VALUE_BY_REGION, country.region] += value[i]
        if country.least_developed == 1:
            to_poorest += value[i]
        observed.covered_gdp += country.gdp_share
        observed.covered_population += country.population_share
    for k in range(len(catalogue)):
        for objective in range(len(OBJECTIVES)):
            part = by_instrument[k] * catalogue[k].objective[objective]
            observed.value_by_objective[objective] += part
    observed.value_gini = gini(value, state.by_value)
    if observed.partner_value > 0.0:
        observed.value_ldc_share = to_poorest / observed.partner_value
    _compare_with_peak(observed, state.union[0])


@rule
def _compare_with_peak(observed: Any, union: Any) -> None:
    """Report how much of the largest value so far is lost, and for how long."""
    total = observed.partner_value + observed.eu_value
    if total >= union.peak_value:
        union.peak_value = total
        union.quarters_below_peak = 0
    else:
        union.quarters_below_peak += 1
    if union.peak_value > 0.0:
        observed.drawdown = 1.0 - total / union.peak_value
    observed.quarters_below_peak = union.quarters_below_peak


@rule
def _observe_money(state: State) -> None:
    """Report the money of the Offer, million EUR since the start."""
    observed = state.observed[0]
    union = state.union[0]
    observed.offer_envelope = union.envelope / CENTS_PER_MILLION
    observed.offer_spent = union.spent / CENTS_PER_MILLION
    observed.offer_carried = union.carried / CENTS_PER_MILLION
    observed.offer_lapsed = union.lapsed / CENTS_PER_MILLION
    observed.offer_mobilised = union.mobilised
    observed.offer_packages = union.packages
    if union.envelope > 0:
        observed.offer_absorbed = union.spent / union.envelope


@rule
def _observe_scores(state: State) -> None:
    """Average readiness, alignment and threat; measure the share of rival suppliers."""
    observed = state.observed[0]
    readiness = 0.0
    alignment = 0.0
    threat = 0.0
    rivals, own = state.supplied_by[0], state.supplied_by[1]
    state.supplied_by[:] = 0.0
    countries = state.countries
    for i in range(len(countries)):
        country = countries[i]
        alignment += state.alignment[i]
        for area in range(len(AREAS)):
            readiness += country.readiness[area]
            threat += country.threat[area]
            rivals[area] += country.gdp_share * country.supplied[area]
            own[area] += country.gdp_share * country.depth[area] / MAXIMUM_DEPTH
        if country.kept_out >= 1.0:
            observed.vendor_bans += 1
    scores = len(countries) * len(AREAS)
    observed.readiness_mean = readiness / scores
    observed.alignment_mean = alignment / len(countries)
    observed.threat_mean = threat / scores
    by_rivals = 0.0
    by_union = 0.0
    for area in range(len(AREAS)):
        by_rivals += rivals[area]
        by_union += own[area]
        if rivals[area] + own[area] > 0.0:
            observed.rival_share_by_area[area] = rivals[area] / (rivals[area] + own[area])
    if by_rivals + by_union > 0.0:
        observed.rival_share = by_rivals / (by_rivals + by_union)
    observed.rival_wins = state.union[0].rival_wins
    observed.reputation = state.union[0].reputation


@rule
def _observe_effects(state: State) -> None:
    """Report what instruments spare their holders of shocks, and whom the EU can count on."""
    observed = state.observed[0]
    union = state.union[0]
    if union.lost > 0.0:
        observed.losses_damped = union.spared / union.lost
    countries = state.countries
    votes = 0.0
    trust = 0.0
    for i in range(len(countries)):
        country = countries[i]
        left = state.effects_left[i]
        observed.redundancy += country.population_share * (1.0 - left[COLUMN.redundancy])
        joins = clipped(state.alignment[i] + 1.0 - left[COLUMN.coalition_weight])
        votes += joins
        trust += country.trust
        observed.coalition_gdp += country.gdp_share * joins
    observed.coalition_votes = votes / len(countries)
    observed.trust_mean = trust / len(countries)
