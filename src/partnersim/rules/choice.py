"""What a country weighs at its turn: every admissible instrument, every link, holding still.

Utilities are linear in the named coefficients; holding is 0. The choice is a multinomial logit,
drawn by adding Gumbel noise to each utility and taking the largest.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from partnersim.rules.compiled import rule
from partnersim.rules.constants import MAXIMUM_DEPTH, PLANNED, SECURITY
from partnersim.rules.keyed import ACTIVITY, TURN_ORDER, uniform
from partnersim.rules.links import link_utility
from partnersim.rules.parameters import Parameters
from partnersim.rules.state import State
from partnersim.rules.ties import direction_of, is_active
from partnersim.rules.world_arrays import WorldArrays

CYBERSECURITY_AREA = 2
INFORMATION_AREA = 3

#: Instruments in force per area at which complementarity is half felt.
HALF_COMPLEMENTARY = 2.0


class InstrumentTerms(NamedTuple):
    """The terms of a country's utility of an instrument; their sum is the utility."""

    direction: float
    need: float
    readiness: float
    offer: float
    alignment: float
    long_step: float
    complementarity: float
    diffusion_links: float
    diffusion_region: float
    size: float
    rival: float
    threat_security: float
    threat_elsewhere: float
    announced: float
    reputation: float


@rule
def put_in_order(state: State, seed: int, replicate: int, quarter: int) -> None:
    """Draw the keys that order the countries this quarter (smallest first)."""
    for country in range(state.order.shape[0]):
        state.order[country] = uniform(seed, replicate, quarter, country, 0, TURN_ORDER)


@rule
def may_act(
    parameters: Parameters, state: State, seed: int, replicate: int, quarter: int, country: int
) -> bool:
    """Tell whether a country gets a turn, and has hands free to use it."""
    draw = uniform(seed, replicate, quarter, country, 0, ACTIVITY)
    return draw < parameters.activity[country] and state.load[country] < parameters.capacity[country]


@rule
def prerequisites_met(world: WorldArrays, state: State, country: int, instrument: int) -> bool:
    """Tell whether every group of prerequisites has a member in force."""
    groups = world.prerequisite.shape[1]
    for group in range(groups):
        if world.prerequisite[instrument, group, 0] < 0:
            return True
        met = False
        for place in range(world.prerequisite.shape[2]):
            required = world.prerequisite[instrument, group, place]
            if required >= 0 and is_active(state, country, required):
                met = True
        if not met:
            return False
    return True


@rule
def may_take(
    world: WorldArrays, parameters: Parameters, state: State, country: int, instrument: int
) -> bool:
    """Tell whether an instrument is an option: eligible, not under way, prerequisites in force."""
    return (
        parameters.available[country, instrument] == 1
        and state.stage[country, instrument] <= PLANNED
        and prerequisites_met(world, state, country, instrument)
    )


@rule
def may_link(state: State, country: int, other: int) -> bool:
    """Tell whether a link is an option: two partners of the EU that are not linked yet."""
    return (
        country != other
        and state.links[country, other] == 0
        and state.in_force[country] > 0
        and state.in_force[other] > 0
    )


@rule
def instrument_terms(
    world: WorldArrays, parameters: Parameters, state: State, country: int, instrument: int
) -> InstrumentTerms:
    """Return the terms of a country's utility of an instrument.

    Every mean runs over the areas that the instrument covers.
    """
    coefficients = parameters.coefficients[0]
    covered = parameters.area_count[instrument]
    binding = world.binding[instrument]
    role = world.role[instrument]
    readiness = 0.0
    recent = 0.0
    rival = 0.0
    security_threat = 0.0
    other_threat = 0.0
    steps = 0
    held = 0
    for place in range(covered):
        area = parameters.area_list[instrument, place]
        readiness += state.readiness[country, area]
        recent += state.recent[country, area]
        rival += state.rival[country, area]
        if role == SECURITY or area == CYBERSECURITY_AREA or area == INFORMATION_AREA:
            security_threat += state.threat[country, area]
        else:
            other_threat += state.threat[country, area]
        steps += max(0, binding - state.depth[country, area])
        held += state.held[country, area]
    offered = recent / (recent + coefficients.investment_scale * math.sqrt(world.gdp[country]))
    held_mean = held / covered
    degree = state.degree[country]
    linked_share = state.linked_holders[country, instrument] / degree if degree > 0 else 0.0
    region = world.region[country]
    direction = direction_of(role, held > 0)
    if direction == 0:
        constant = coefficients.deepen
    elif direction == 1:
        constant = coefficients.broaden
    elif direction == 2:
        constant = coefficients.connect
    else:
        constant = coefficients.strengthen
    planned = 1.0 if state.stage[country, instrument] == PLANNED else 0.0
    return InstrumentTerms(
        constant,
        coefficients.need * parameters.need[country, instrument],
        coefficients.readiness * (readiness / covered),
        coefficients.offer * offered,
        coefficients.alignment * (state.alignment[country] - 0.5) * (binding / MAXIMUM_DEPTH),
        coefficients.long_step * (steps / (covered * MAXIMUM_DEPTH)),
        coefficients.complementarity * (held_mean / (held_mean + HALF_COMPLEMENTARY)),
        coefficients.diffusion_links * linked_share,
        coefficients.diffusion_region
        * (state.region_holders[region, instrument] / parameters.region_size[region]),
        coefficients.size * world.size[country],
        coefficients.rival * (rival / covered),
        coefficients.threat_security * (security_threat / covered),
        coefficients.threat_elsewhere * (other_threat / covered),
        coefficients.announced * planned,
        coefficients.reputation * (state.union[0].reputation - 0.5),
    )


@rule
def total(terms: InstrumentTerms) -> float:
    """Add the terms up, always in the same order."""
    return (
        terms.direction
        + terms.need
        + terms.readiness
        + terms.offer
        + terms.alignment
        + terms.long_step
        + terms.complementarity
        + terms.diffusion_links
        + terms.diffusion_region
        + terms.size
        + terms.rival
        + terms.threat_security
        + terms.threat_elsewhere
        + terms.announced
        + terms.reputation
    )


@rule
def weigh_options(world: WorldArrays, parameters: Parameters, state: State, country: int) -> None:
    """Mark the admissible options in ``state.admissible``, their utility in ``state.utilities``.

    Options are numbered: instruments, then countries to link to, then holding still.
    """
    countries, instruments = state.stage.shape
    for instrument in range(instruments):
        admissible = may_take(world, parameters, state, country, instrument)
        state.admissible[instrument] = admissible
        if admissible:
            state.utilities[instrument] = total(
                instrument_terms(world, parameters, state, country, instrument)
            )
    for other in range(countries):
        admissible = may_link(state, country, other)
        state.admissible[instruments + other] = admissible
        if admissible:
            state.utilities[instruments + other] = link_utility(parameters, state, country, other)
    state.admissible[instruments + countries] = True
    state.utilities[instruments + countries] = 0.0
