"""Consent: what the EU would answer, what soundings tell of it, and the answer.

Tie creation is two-sided, as in Jackson and Wolinsky (1996), doi:10.1006/jeth.1996.0108, and the
confirmation models of stochastic actor-oriented models. Whoever asks weighs the chance of a yes and
sounds out the answer first, but for a share of all cases: so formal requests are rarely refused.
"""

from __future__ import annotations

import math
from typing import Any

from partnersim.compiler.compiled import inlined_rule, rule
from partnersim.model.constants import PLANNED
from partnersim.model.draws import draw
from partnersim.model.offer import costs_the_offer, share_unpaid
from partnersim.model.state import State
from partnersim.model.ties import direction_of
from partnersim.random.elementary import exp, log
from partnersim.random.numbers import EU_CONSENT

#: Utility below which a yes is out of the question: its exponential is zero.
_HOPELESS = -700.0


@rule
def share_busy(union: Any) -> float:
    """Return the share of the EU's negotiators at work, 0..1."""
    if union.negotiators <= 0:
        return 1.0
    return min(1.0, union.load / union.negotiators)


@rule
def has_negotiators(union: Any, instrument: Any) -> bool:
    """Tell whether enough negotiators are free to open a negotiation."""
    return union.load + instrument.effort <= union.negotiators


@inlined_rule
def partner_utility(
    coefficients: Any, union: Any, country: Any, alignment: float, region_priority: float
) -> float:
    """Return what a country is worth to the EU as a partner, whatever the instrument.

    Alignment counts against what openness demands; the busier the negotiators, the choosier the EU.
    """
    return (
        coefficients.consent_size * country.economic_size
        + coefficients.consent_region * (region_priority - 1.0)
        + coefficients.consent_alignment * (alignment - (1.0 - union.openness))
        + coefficients.consent_busy * (share_busy(union) - coefficients.usual_busy)
    )


@inlined_rule
def instrument_worth(
    coefficients: Any, union: Any, country: Any, instrument: Any, pair: Any, alignment: float
) -> float:
    """Return what an instrument with a country is worth to the EU beside the partner.

    Priorities count as their distance from neutral, value as that of the tie in force; the emptier
    the purse, the choosier the EU.
    """
    priority = union.direction_priority[direction_of(country, instrument)]
    planned = 1.0 if pair.stage == PLANNED else 0.0
    costs = costs_the_offer(country, instrument)
    unfunded = share_unpaid(union, instrument.cost) if costs else 0.0
    value = instrument.strength * (0.5 * country.economic_size + 0.5 * alignment)
    return (
        coefficients.consent
        + coefficients.consent_area * (instrument.priority - 1.0)
        + coefficients.consent_direction * (priority - 1.0)
        + coefficients.consent_announced * planned
        + coefficients.consent_value * value
        + coefficients.consent_money * unfunded
    )


@rule
def union_utility(
    coefficients: Any,
    union: Any,
    country: Any,
    instrument: Any,
    pair: Any,
    alignment: float,
    region_priority: float,
) -> float:
    """Return the EU's utility of opening a negotiation with a country on an instrument."""
    worth = partner_utility(coefficients, union, country, alignment, region_priority)
    return worth + instrument_worth(coefficients, union, country, instrument, pair, alignment)


@inlined_rule
def chance_of_yes(utility: float) -> float:
    """Return the chance that somebody with a utility of something agrees to it."""
    return 1.0 / (1.0 + exp(-utility)) if utility > _HOPELESS else 0.0


@inlined_rule
def expected(chance: float) -> float:
    """Return what the chance of a yes takes from the utility of asking; -inf if it is 0."""
    return log(chance) if chance > 0.0 else -math.inf


@rule
def is_put(
    state: State, chance: float, country_key: int, instrument_key: int, purpose: int
) -> bool:
    """Tell whether a question is put formally: if it is agreed to, or not sounded out before.

    Parameters
    ----------
    chance : float
        Of a yes; the draw is that of the answer.
    purpose : int
        `EU_CONSENT` or `ACCEPTANCE`.
    """
    share = draw(state.clock[0], country_key, instrument_key, purpose)
    no = 1.0 - chance
    return share > no or share < state.coefficients[0].unsounded * no


@rule
def says_yes(
    state: State, chance: float, country_key: int, instrument_key: int, purpose: int
) -> bool:
    """Tell whether somebody agrees to what was put to it."""
    return draw(state.clock[0], country_key, instrument_key, purpose) > 1.0 - chance


@rule
def union_chance(state: State, i: int, k: int) -> float:
    """Return the chance that the EU would agree to open a negotiation; 0 without negotiators."""
    union = state.union[0]
    country = state.countries[i]
    instrument = state.instruments[k]
    if not has_negotiators(union, instrument):
        return 0.0
    return chance_of_yes(
        union_utility(
            state.coefficients[0],
            union,
            country,
            instrument,
            state.pairs[i, k],
            state.alignment[i],
            state.region_priority[country.region],
        )
    )


@rule
def request_is_put(state: State, i: int, k: int) -> bool:
    """Tell whether country i, once it has sounded out the EU, asks it for instrument k."""
    chance = union_chance(state, i, k)
    return is_put(state, chance, state.countries[i].key, state.instruments[k].key, EU_CONSENT)


@rule
def union_consents(state: State, i: int, k: int) -> bool:
    """Tell whether the EU agrees to open a negotiation that a country has asked for."""
    chance = union_chance(state, i, k)
    return says_yes(state, chance, state.countries[i].key, state.instruments[k].key, EU_CONSENT)
