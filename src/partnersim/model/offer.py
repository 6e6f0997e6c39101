"""The EU Tech Business Offer: envelope, modules, countries, absorption, leverage.

Money is counted in whole cents, so that received = spent + carried + lapsed holds exactly.
"""

from __future__ import annotations

import math
from typing import Any

from partnersim.compiler.compiled import rule
from partnersim.model.constants import (
    CENTS_PER_MILLION,
    FACILITATOR,
    HUB,
)
from partnersim.model.state import State
from partnersim.model.targeting import country_claim, module_claim


@rule
def partner_gain(country: Any, module: Any) -> float:
    """Return what a module is worth to a partner, 0..1: unmet need that rivals do not serve.

    It rests on June 2025, so that a larger budget never takes money away from anybody.
    """
    gain = 0.0
    for area in range(country.need.shape[0]):
        unmet = country.need[area] * (1.0 - country.first_readiness[area])
        gain += module.area[area] * unmet * (1.0 - 0.5 * country.first_rival[area])
    return gain


@rule
def union_gain(country: Any, alignment: float, region_priority: float) -> float:
    """Return what investing in a country is worth to the EU: market and alignment, by region."""
    return region_priority * (0.5 * country.economic_size + 0.5 * alignment)


@rule
def plain_absorption(coefficients: Any, country: Any) -> float:
    """Return the million EUR that a country absorbs in a quarter and module without any help."""
    ready = 0.0
    for area in range(country.first_readiness.shape[0]):
        ready += country.first_readiness[area]
    ready /= country.first_readiness.shape[0]
    limit = coefficients.absorption_rate * country.gdp
    return limit * (1.0 + coefficients.absorption_readiness * ready)


@rule
def absorption_limit(coefficients: Any, country: Any) -> float:
    """Return the million EUR that a country can absorb in a quarter and module."""
    limit = country.absorption
    if country.policy_hub == 1 or country.offer_held[HUB] > 0:
        limit *= 1.0 + coefficients.absorption_hub
    if country.offer_held[FACILITATOR] > 0:
        limit *= 1.0 + coefficients.absorption_facilitator
    return limit


@rule
def leverage(union: Any, country: Any) -> float:
    """Return the euros mobilised in all per public euro.

    Private money follows the business climate; development banks are bound by risk and lend most
    where the climate is middling; export credits follow economic size.
    """
    return (
        1.0
        + union.private * country.business
        + union.development_finance * 4.0 * country.business * (1.0 - country.business)
        + union.export_credit * country.economic_size
    )


@rule
def fill_offer(state: State) -> None:
    """Write what about the Offer does not change in a run: gains, absorption, leverage."""
    coefficients = state.coefficients[0]
    for i in range(len(state.countries)):
        country = state.countries[i]
        country.absorption = plain_absorption(coefficients, country)
        country.leverage = leverage(state.union[0], country)
        for m in range(len(state.modules)):
            state.gains[i, m] = partner_gain(country, state.modules[m])


@rule
def spend_offer(state: State) -> None:
    """Spend one quarter's envelope, module by module and country by country."""
    union = state.union[0]
    fading = 2.0 ** (-1.0 / state.coefficients[0].offer_memory)
    countries = state.countries
    for i in range(len(countries)):
        country = countries[i]
        for area in range(country.recent.shape[0]):
            country.recent[area] *= fading

    _make_claims(state)
    envelope = math.floor(union.envelope_per_quarter * union.budget_factor)
    purse = envelope + union.carried
    spent = 0
    for m in range(state.modules.shape[0]):
        budget = math.floor(purse * state.modules[m].share)
        # Shares are rounded to add up to 1; the last cent must not be spent twice.
        spent += _spend_module(state, m, min(budget, purse - spent))
    union.envelope += envelope
    union.spent += spent
    union.carried = min(purse - spent, union.carry_over)
    lapsed = purse - spent - union.carried
    union.lapsed += lapsed
    union.lapsed_share = lapsed / purse if purse > 0 else 0.0
    full = union.envelope_per_quarter
    union.funding = min(1.0, envelope / full) if full > 0 else 0.0


@rule
def _make_claims(state: State) -> None:
    """Write the claim of every country on every module, 0 where either side declines.

    Both sides must gain, and the module must not be too sensitive for the partner.
    """
    union = state.union[0]
    coefficients = state.coefficients[0]
    countries = state.countries
    modules = state.modules
    claims = state.claims
    for i in range(len(countries)):
        country = countries[i]
        priority = state.region_priority[country.region]
        worth = union_gain(country, state.alignment[i], priority)
        common = country_claim(union, country, state.degree[i], worth)
        for m in range(len(modules)):
            gain = state.gains[i, m]
            accepted = (
                state.alignment[i] >= modules[m].trust * (1.0 - union.openness)
                and gain > union.reservation_partner
                and worth > union.reservation_union
            )
            claims[m, i] = 0.0
            if accepted:
                claims[m, i] = module_claim(union, coefficients, country, gain, common, priority)


@rule
def _spend_module(state: State, m: int, budget: int) -> int:
    """Share a module's budget among the countries that accept it; return the cents spent."""
    union = state.union[0]
    coefficients = state.coefficients[0]
    module = state.modules[m]
    countries = state.countries
    claims = state.claims[m]
    total = 0.0
    for i in range(len(countries)):
        total += claims[i]
    if budget <= 0 or total <= 0.0:
        return 0
    spent = 0
    for i in range(len(countries)):
        if claims[i] <= 0.0:
            continue
        country = countries[i]
        limit = absorption_limit(coefficients, country) * CENTS_PER_MILLION
        cents = math.floor(min(budget * (claims[i] / total), limit))
        cents = min(cents, budget - spent)
        spent += cents
        mobilised = country.leverage * (cents / CENTS_PER_MILLION)
        union.mobilised += mobilised
        for area in range(country.invested.shape[0]):
            if module.area[area] > 0.0:
                country.invested[area] += mobilised * module.area[area]
                country.recent[area] += mobilised * module.area[area]
    return spent
