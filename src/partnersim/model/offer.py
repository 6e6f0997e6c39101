"""The EU Tech Business Offer: projects that are paid, packages that are bought, what lapses.

The purse of a quarter first pays funded instruments whose negotiation is over. What is left buys
packages: one partner, several modules, tailored to what it gains from each. A package must be worth
it to both sides, costs what the partner can absorb in some years, and goes to the best claim first.
Money is counted in whole cents, so that received = spent + carried + lapsed holds exactly.
"""

from __future__ import annotations

import math
from typing import Any

from partnersim.compiler.compiled import inlined_rule, rule
from partnersim.model.constants import (
    CENTS_PER_MILLION,
    FACILITATOR,
    FRAMEWORK,
    HUB,
    IN_FORCE,
    QUARTERS_PER_YEAR,
)
from partnersim.model.draws import NOBODY, draw_of
from partnersim.model.effect_kinds import COLUMN
from partnersim.model.events import NOT_APPLICABLE, log_package
from partnersim.model.shock_effects import fill_unready
from partnersim.model.state import State
from partnersim.model.targeting import package_claim
from partnersim.model.ties import is_active, is_in_trouble
from partnersim.random.elementary import power
from partnersim.random.numbers import PACKAGE_SIZE, decision_word

#: Claim of a country that gets no package this quarter.
_NO_CLAIM = -1.0
#: Cents in the purse of which half is noticed when they lapse: small promises disappoint few.
HALF_NOTICED = 100.0 * CENTS_PER_MILLION
#: Whom money is for that is not for one region.
_EVERYBODY = -1


@rule
def partner_gain(country: Any, module: Any) -> float:
    """Return what a module is worth to a partner, 0..1: unmet need that rivals do not serve.

    It rests on June 2025: what was bought before does not change it.
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
    """Return the million EUR that a country, as ready as it is, absorbs in a quarter unaided."""
    ready = 0.0
    for area in range(country.readiness.shape[0]):
        ready += country.readiness[area]
    ready /= country.readiness.shape[0]
    limit = coefficients.absorption_rate * country.programme
    return limit * (1.0 + coefficients.absorption_readiness * ready)


@rule
def absorption_limit(coefficients: Any, country: Any) -> float:
    """Return the million EUR that a country can absorb in a quarter."""
    limit = country.absorption
    if country.policy_hub == 1 or country.offer_held[HUB] > 0:
        limit *= 1.0 + coefficients.absorption_hub
    if country.offer_held[FACILITATOR] > 0:
        limit *= 1.0 + coefficients.absorption_facilitator
    return limit


@inlined_rule
def shortest_package(coefficients: Any) -> float:
    """Return the quarters that the shortest package takes: two thirds of the usual time."""
    return coefficients.package_quarters * 2.0 / 3.0


@rule
def absorbed(coefficients: Any, country: Any) -> float:
    """Return the million EUR that a country absorbs of its last package in a quarter.

    However little there is for it, a package takes two thirds of the usual time.
    """
    shortest = shortest_package(coefficients)
    return min(
        absorption_limit(coefficients, country), country.price / CENTS_PER_MILLION / shortest
    )


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
    """Write what about the Offer does not change in a run: gains, leverage."""
    for i in range(len(state.countries)):
        country = state.countries[i]
        country.leverage = leverage(state.union[0], country)
        for m in range(len(state.modules)):
            state.gains[i, m] = partner_gain(country, state.modules[m])


@rule
def spend_offer(state: State) -> None:
    """Spend one quarter's envelope: projects that wait for their money first, then packages."""
    union = state.union[0]
    coefficients = state.coefficients[0]
    fading = power(2.0, -1.0 / coefficients.offer_memory)
    countries = state.countries
    for i in range(len(countries)):
        country = countries[i]
        country.absorption = plain_absorption(coefficients, country)
        country.committed = max(0.0, country.committed - absorbed(coefficients, country))
        for area in range(country.recent.shape[0]):
            country.recent[area] *= fading

    envelope = math.floor(union.envelope_per_quarter * union.budget_factor)
    purse = envelope + union.carried
    spent = _pay_projects(state, purse)
    spent += _buy_packages(state, envelope, purse - spent)
    union.envelope += envelope
    union.spent += spent
    union.carried = min(purse - spent, union.carry_over)
    lapsed = purse - spent - union.carried
    union.lapsed += lapsed
    union.lapsed_share = lapsed / (purse + HALF_NOTICED)
    union.yearly_envelope = QUARTERS_PER_YEAR * envelope


@rule
def share_unpaid(union: Any, cost: int) -> float:
    """Return the share that a year's envelope leaves unpaid of what is owed and a new project.

    Parameters
    ----------
    union : record
    cost : int
        Of the new project, cents.
    """
    due = union.owed + cost
    return max(0.0, 1.0 - union.yearly_envelope / due) if due > 0 else 0.0


@inlined_rule
def costs_the_offer(country: Any, instrument: Any) -> bool:
    """Tell whether the Offer pays for an instrument with a country: the rich pay for themselves."""
    return instrument.cost > 0 and country.developing == 1


@rule
def waits_for_money(state: State, i: int, k: int) -> bool:
    """Tell whether a funded instrument is agreed in all but its money."""
    pair = state.pairs[i, k]
    instrument = state.instruments[k]
    return (
        instrument.cost > 0
        and pair.paid == 0
        and pair.suspended == 0
        and state.next_stage[instrument.path, pair.stage] == IN_FORCE
    )


@rule
def _pay_projects(state: State, purse: int) -> int:
    """Pay funded instruments that wait for their money, as far as it goes; return the cents.

    Countries in this quarter's random order, so that none is always first.
    """
    spent = 0
    waiting = state.turns
    for place in range(_line_up_waiting(state)):
        i = waiting[place]
        for tie in range(state.countries[i].ties):
            k = state.tied[i, tie]
            cost = state.instruments[k].cost
            if cost <= purse - spent and waits_for_money(state, i, k):
                state.pairs[i, k].paid = 1
                state.union[0].owed -= cost
                spent += cost
    return spent


@rule
def _line_up_waiting(state: State) -> int:
    """Write the countries with a project that waits for money to ``state.turns``; count them."""
    order = state.order
    waiting = state.turns
    count = 0
    for i in range(len(state.countries)):
        # Who waits negotiates, and most do not.
        if state.countries[i].load == 0:
            continue
        waits = False
        for tie in range(state.countries[i].ties):
            if waits_for_money(state, i, state.tied[i, tie]):
                waits = True
        if waits:
            place = count
            while place > 0 and order[waiting[place - 1]] > order[i]:
                waiting[place] = waiting[place - 1]
                place -= 1
            waiting[place] = i
            count += 1
    return count


@rule
def _buy_packages(state: State, envelope: int, purse: int) -> int:
    """Buy packages, one a country and quarter, as far as the purse goes; return the cents spent.

    Regions with a share of their own come first, each until it has had its share of all envelopes
    so far: a package may be dearer than what falls to a region in a quarter, not than in a year.
    The rest is for all.
    """
    clock = state.clock[0]
    claimants = 0
    for i in range(len(state.countries)):
        country = state.countries[i]
        state.claims[i] = _claim(state, i)
        if state.claims[i] > 0.0:
            state.turns[claimants] = i
            claimants += 1
            # The luck of a package is that of its number: whenever it comes, it is the same one.
            word = decision_word(
                clock.seed, clock.replicate, country.packages, country.key, PACKAGE_SIZE
            )
            chance = draw_of(word, NOBODY)
            most = CENTS_PER_MILLION * state.coefficients[0].package_most
            share = state.region_share[country.region]
            if share > 0.0:
                most = min(most, float(QUARTERS_PER_YEAR * math.floor(share * envelope)))
            country.price = package_cost(state.coefficients[0], country, chance, most)
    spent = 0
    for region in range(len(state.region_share)):
        if state.region_share[region] > 0.0:
            state.region_due[region] += math.floor(state.region_share[region] * envelope)
            spent += _buy_best(state, claimants, purse - spent, region)
    return spent + _buy_best(state, claimants, purse - spent, _EVERYBODY)


@rule
def _buy_best(state: State, claimants: int, purse: int, whom: int) -> int:
    """Buy packages for a region or for everybody, the best claim first; return the cents spent.

    Claimants are the first so many of ``state.turns``.
    """
    claims = state.claims
    countries = state.countries
    spent = 0
    while whom == _EVERYBODY or state.region_due[whom] > 0:
        best = -1
        for place in range(claimants):
            i = state.turns[place]
            if whom in (_EVERYBODY, countries[i].region) and claims[i] > 0.0:
                better = best < 0 or claims[i] > claims[best]
                if better and countries[i].price <= purse - spent:
                    best = i
        if best < 0:
            return spent
        claims[best] = _NO_CLAIM
        spent += countries[best].price
        state.region_due[countries[best].region] -= countries[best].price
        _buy_package(state, best)
    return spent


@rule
def package_cost(coefficients: Any, country: Any, chance: float, most: float) -> int:
    """Return the cents that a package costs: what its country absorbs in some years.

    As long as usual, less a third at `chance` 0, more by a third at 1. At chance 1 the dearest
    costs `most`, also less a third at 0: what is largest is not always the same sum.
    """
    quarters = coefficients.package_quarters * (2.0 + 2.0 * chance) / 3.0
    wanted = CENTS_PER_MILLION * quarters * absorption_limit(coefficients, country)
    most *= (2.0 + chance) / 3.0
    return math.floor(max(CENTS_PER_MILLION * coefficients.package_least, min(most, wanted)))


@rule
def _weigh_modules(state: State, i: int) -> float:
    """Write what each module weighs in a package for country i; return the sum.

    The mix of the policy times the partner's gain, without modules that are too sensitive for it.
    """
    total = 0.0
    for m in range(len(state.modules)):
        module = state.modules[m]
        near = state.alignment[i] + state.countries[i].trust
        trusted = near >= module.trust * (1.0 - state.union[0].openness)
        state.package[m] = module.share * state.gains[i, m] if trusted else 0.0
        total += state.package[m]
    return total


@rule
def _claim(state: State, i: int) -> float:
    """Return the claim of country i on a package, 0 or less where there is none.

    Development money goes to developing countries without EU sanctions against them, not soon
    after a coup or a crackdown, and not while anything is suspended. Both sides must gain from the
    package as a whole, the last one must be absorbed, and one must be worth the trouble.
    """
    union = state.union[0]
    coefficients = state.coefficients[0]
    country = state.countries[i]
    if country.developing == 0 or country.committed > 0.0:
        return _NO_CLAIM
    if is_in_trouble(state, i):
        return _NO_CLAIM
    smallest = shortest_package(coefficients) * absorption_limit(coefficients, country)
    if smallest < coefficients.package_least:
        return _NO_CLAIM
    total = _weigh_modules(state, i)
    if total <= 0.0:
        return _NO_CLAIM
    gain = 0.0
    for m in range(len(state.modules)):
        gain += state.gains[i, m] * state.package[m] / total
    priority = state.region_priority[country.region]
    worth = union_gain(country, state.alignment[i], priority)
    if gain <= union.reservation_partner or worth <= union.reservation_union:
        return _NO_CLAIM
    framework = framework_of(state, i)
    claim = package_claim(
        union, coefficients, country, gain, framework, state.degree[i], worth, priority
    )
    # Who has had much lately comes after who has had little.
    recent = 0.0
    for area in range(country.recent.shape[0]):
        recent += country.recent[area]
    return claim * country.investment_unit / (country.investment_unit + recent)


@rule
def _buy_package(state: State, i: int) -> None:
    """Give a package to country i and note what it mobilises, module by module."""
    union = state.union[0]
    country = state.countries[i]
    total = _weigh_modules(state, i)
    million = country.price / CENTS_PER_MILLION
    mobilised = country.leverage * million * (2.0 - state.effects_left[i, COLUMN.investment])
    union.mobilised += mobilised
    union.packages += 1
    country.packages += 1
    country.committed += million
    for m in range(len(state.modules)):
        part = mobilised * (state.package[m] / total)
        for area in range(country.invested.shape[0]):
            country.invested[area] += part * state.modules[m].area[area]
            country.recent[area] += part * state.modules[m].area[area]
    fill_unready(state.coefficients[0], country)
    log_package(state, i, framework_of(state, i), million)


@rule
def framework_of(state: State, i: int) -> int:
    """Return the partnership framework of a country that a package joins, -1 if it has none.

    The most binding one in force, the first in the catalogue of several.
    """
    framework = NOT_APPLICABLE
    binding = -1
    for tie in range(state.countries[i].ties):
        k = state.tied[i, tie]
        instrument = state.instruments[k]
        joins = instrument.offer_role == FRAMEWORK and instrument.binding > binding
        if joins and is_active(state.pairs[i, k]):
            framework, binding = int(k), int(instrument.binding)
    return framework
