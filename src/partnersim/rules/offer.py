"""The EU Tech Business Offer: envelope, modules, countries, absorption, leverage.

Money is counted in whole cents, so that received = spent + carried + lapsed holds exactly.
"""

from __future__ import annotations

import math

from partnersim.rules.compiled import rule
from partnersim.rules.constants import (
    CENTS_PER_MILLION,
    FACILITATOR,
    HUB,
    MAXIMUM_DEPTH,
    PACKAGE,
)
from partnersim.rules.parameters import Parameters
from partnersim.rules.state import State
from partnersim.rules.ties import is_active
from partnersim.rules.world_arrays import WorldArrays

#: Links at which the "connection" principle is half satisfied.
HALF_CONNECTED = 3.0


@rule
def has_offer_role(world: WorldArrays, state: State, country: int, role: int) -> bool:
    """Tell whether the country has an instrument of this role in the Offer in force."""
    for instrument in range(state.stage.shape[1]):
        if world.offer_role[instrument] == role and is_active(state, country, instrument):
            return True
    return False


@rule
def has_hub(world: WorldArrays, parameters: Parameters, state: State, country: int) -> bool:
    """Tell whether a Digital Hub stands in the country."""
    return parameters.hubs[country] == 1 or has_offer_role(world, state, country, HUB)


@rule
def partner_gain(world: WorldArrays, state: State, country: int, module: int) -> float:
    """Return what a module is worth to a partner, 0..1: unmet need not served by rivals."""
    gain = 0.0
    for area in range(world.need.shape[1]):
        unmet = world.need[country, area] * (1.0 - state.readiness[country, area])
        gain += world.module_area[module, area] * unmet * (1.0 - 0.5 * state.rival[country, area])
    return gain


@rule
def union_gain(world: WorldArrays, parameters: Parameters, state: State, country: int) -> float:
    """Return what investing in a country is worth to the EU, 0..1: market, alignment, region."""
    value = 0.5 * world.size[country] + 0.5 * state.alignment[country]
    return value * parameters.region_priority[world.region[country]]


@rule
def target_weight(
    world: WorldArrays, parameters: Parameters, state: State, country: int, module: int
) -> float:
    """Return the claim of a country on a module's budget under the targeting principles."""
    depth = 0.0
    for area in range(state.depth.shape[1]):
        depth += state.depth[country, area]
    depth /= state.depth.shape[1] * MAXIMUM_DEPTH
    connected = state.degree[country] / (state.degree[country] + HALF_CONNECTED)
    weight = (
        parameters.targeting[0] * partner_gain(world, state, country, module)
        + parameters.targeting[1] * union_gain(world, parameters, state, country)
        + parameters.targeting[2]
        + parameters.targeting[3] * depth
        + parameters.targeting[4] * connected
    )
    if has_offer_role(world, state, country, PACKAGE):
        weight *= 1.0 + parameters.coefficients[0].package_bonus
    return weight * parameters.region_priority[world.region[country]]


@rule
def accepts_module(
    world: WorldArrays, parameters: Parameters, state: State, country: int, module: int
) -> bool:
    """Tell whether both sides gain and the module is not too sensitive for this partner."""
    levers = parameters.levers[0]
    trusted = state.alignment[country] >= world.module_trust[module] * (1.0 - levers.openness)
    return (
        trusted
        and partner_gain(world, state, country, module) > levers.reservation_partner
        and union_gain(world, parameters, state, country) > levers.reservation_union
    )


@rule
def absorption_limit(
    world: WorldArrays, parameters: Parameters, state: State, country: int
) -> float:
    """Return the million EUR that a country can absorb in a quarter and module."""
    coefficients = parameters.coefficients[0]
    ready = 0.0
    for area in range(state.readiness.shape[1]):
        ready += world.readiness[country, area]
    ready /= state.readiness.shape[1]
    limit = coefficients.absorption_rate * world.gdp[country]
    limit *= 1.0 + coefficients.absorption_readiness * ready
    if has_hub(world, parameters, state, country):
        limit *= 1.0 + coefficients.absorption_hub
    if has_offer_role(world, state, country, FACILITATOR):
        limit *= 1.0 + coefficients.absorption_facilitator
    return limit


@rule
def leverage(world: WorldArrays, parameters: Parameters, state: State, country: int) -> float:
    """Return the euros mobilised in all per public euro.

    Private money follows the business climate, development banks are bound by risk (they lend
    more where the climate is middling), export credits follow economic size.
    """
    levers = parameters.levers[0]
    business = world.business[country]
    return (
        1.0
        + levers.private * business
        + levers.development_finance * 4.0 * business * (1.0 - business)
        + levers.export_credit * world.size[country]
    )


@rule
def spend_offer(world: WorldArrays, parameters: Parameters, state: State) -> None:
    """Spend one quarter's envelope, module by module and country by country."""
    levers = parameters.levers[0]
    union = state.union[0]
    coefficients = parameters.coefficients[0]
    countries, areas = state.recent.shape
    fading = 2.0 ** (-1.0 / coefficients.offer_memory)
    for country in range(countries):
        for area in range(areas):
            state.recent[country, area] *= fading

    envelope = int(math.floor(levers.envelope * union.budget_factor))
    purse = envelope + union.carried
    spent = 0
    if purse > 0:
        for module in range(parameters.mix.shape[0]):
            budget = int(math.floor(purse * parameters.mix[module]))
            spent += _spend_module(world, parameters, state, module, budget)
    left = purse - spent
    union.envelope += envelope
    union.spent += spent
    union.carried = min(left, levers.carry_over)
    lapsed = left - union.carried
    union.lapsed += lapsed
    union.lapsed_share = lapsed / purse if purse > 0 else 0.0


@rule
def _spend_module(
    world: WorldArrays, parameters: Parameters, state: State, module: int, budget: int
) -> int:
    """Share a module's budget among the countries that accept it; return the cents spent."""
    countries, areas = state.recent.shape
    total = 0.0
    for country in range(countries):
        # `utilities` is free at this point of the quarter and saves an allocation.
        claim = 0.0
        if accepts_module(world, parameters, state, country, module):
            claim = target_weight(world, parameters, state, country, module)
        state.utilities[country] = claim
        total += claim
    if total <= 0.0:
        return 0
    spent = 0
    for country in range(countries):
        claim = state.utilities[country]
        if claim <= 0.0:
            continue
        limit = absorption_limit(world, parameters, state, country) * CENTS_PER_MILLION
        cents = int(math.floor(min(budget * (claim / total), limit)))
        spent += cents
        mobilised = leverage(world, parameters, state, country) * (cents / CENTS_PER_MILLION)
        state.union[0].mobilised += mobilised
        for area in range(areas):
            share = mobilised * world.module_area[module, area]
            state.invested[country, area] += share
            state.recent[country, area] += share
    return spent
