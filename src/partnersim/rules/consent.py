"""Consent: the EU answers an approach, the other country answers a link.

Tie creation is two-sided, as in Jackson and Wolinsky (1996), doi:10.1006/jeth.1996.0108, and the
confirmation models of stochastic actor-oriented models.
"""

from __future__ import annotations

from partnersim.rules.compiled import rule
from partnersim.rules.constants import PLANNED
from partnersim.rules.keyed import EU_CONSENT, LINK_CONSENT, logistic, uniform
from partnersim.rules.links import link_utility
from partnersim.rules.parameters import Parameters
from partnersim.rules.state import State
from partnersim.rules.ties import direction_of, holds_in_area
from partnersim.rules.world_arrays import WorldArrays


@rule
def union_utility(
    world: WorldArrays, parameters: Parameters, state: State, country: int, instrument: int
) -> float:
    """Return the EU's utility of opening a negotiation with a country on an instrument.

    Priorities count as their distance from neutral; alignment counts against what openness
    demands; the busier the negotiators and the emptier the purse, the choosier the EU.
    """
    coefficients = parameters.coefficients[0]
    levers = parameters.levers[0]
    union = state.union[0]
    direction = direction_of(
        world.role[instrument], holds_in_area(parameters, state, country, instrument)
    )
    demanded = 1.0 - levers.openness
    busy = union.load / levers.negotiators if levers.negotiators > 0 else 1.0
    planned = 1.0 if state.stage[country, instrument] == PLANNED else 0.0
    unfunded = 1.0 - union.funding if world.funded[instrument] == 1 else 0.0
    return (
        coefficients.consent
        + coefficients.consent_size * world.size[country]
        + coefficients.consent_area * (parameters.area_priority[instrument] - 1.0)
        + coefficients.consent_direction * (parameters.direction_priority[direction] - 1.0)
        + coefficients.consent_region
        * (parameters.region_priority[world.region[country]] - 1.0)
        + coefficients.consent_announced * planned
        + coefficients.consent_alignment * (state.alignment[country] - demanded)
        + coefficients.consent_busy * busy
        + coefficients.consent_money * unfunded
    )


@rule
def union_consents(
    world: WorldArrays,
    parameters: Parameters,
    state: State,
    seed: int,
    replicate: int,
    quarter: int,
    country: int,
    instrument: int,
) -> bool:
    """Tell whether the EU agrees to open a negotiation; it needs free negotiators to do so."""
    if state.union[0].load + world.effort[instrument] > parameters.levers[0].negotiators:
        return False
    utility = union_utility(world, parameters, state, country, instrument)
    draw = uniform(seed, replicate, quarter, country, instrument, EU_CONSENT)
    return utility + logistic(draw) > 0.0


@rule
def partner_consents(
    parameters: Parameters,
    state: State,
    seed: int,
    replicate: int,
    quarter: int,
    country: int,
    other: int,
) -> bool:
    """Tell whether the other country agrees to a link, by its own utility of it."""
    utility = link_utility(parameters, state, other, country)
    draw = uniform(seed, replicate, quarter, country, other, LINK_CONSENT)
    return utility + logistic(draw) > 0.0
