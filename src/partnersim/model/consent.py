"""Consent: the EU answers an approach.

Tie creation is two-sided, as in Jackson and Wolinsky (1996), doi:10.1006/jeth.1996.0108, and the
confirmation models of stochastic actor-oriented models.
"""

from __future__ import annotations

from typing import Any

from partnersim.compiler.compiled import rule
from partnersim.model.constants import PLANNED
from partnersim.model.draws import agrees
from partnersim.model.offer import share_unpaid
from partnersim.model.state import State
from partnersim.model.ties import direction_of
from partnersim.random.numbers import EU_CONSENT


@rule
def share_busy(union: Any) -> float:
    """Return the share of the EU's negotiators at work, 0..1."""
    if union.negotiators <= 0:
        return 1.0
    return min(1.0, union.load / union.negotiators)


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
    """Return the EU's utility of opening a negotiation with a country on an instrument.

    Priorities count as their distance from neutral; alignment counts against what openness
    demands; the busier the negotiators and the emptier the purse, the choosier the EU.
    """
    priority = union.direction_priority[direction_of(country, instrument)]
    planned = 1.0 if pair.stage == PLANNED else 0.0
    unfunded = share_unpaid(union, instrument.cost) if instrument.cost > 0 else 0.0
    return (
        coefficients.consent
        + coefficients.consent_size * country.economic_size
        + coefficients.consent_area * (instrument.priority - 1.0)
        + coefficients.consent_direction * (priority - 1.0)
        + coefficients.consent_region * (region_priority - 1.0)
        + coefficients.consent_announced * planned
        + coefficients.consent_alignment * (alignment - (1.0 - union.openness))
        + coefficients.consent_busy * (share_busy(union) - coefficients.usual_busy)
        + coefficients.consent_money * unfunded
    )


@rule
def union_consents(state: State, i: int, k: int) -> bool:
    """Tell whether the EU agrees to open a negotiation; it needs free negotiators to do so."""
    union = state.union[0]
    instrument = state.instruments[k]
    if union.load + instrument.effort > union.negotiators:
        return False
    country = state.countries[i]
    utility = union_utility(
        state.coefficients[0],
        union,
        country,
        instrument,
        state.pairs[i, k],
        state.alignment[i],
        state.region_priority[country.region],
    )
    return agrees(state.clock[0], utility, country.key, instrument.key, EU_CONSENT)
