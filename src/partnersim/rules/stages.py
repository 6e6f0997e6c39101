"""Negotiations: opened by consent, then moved from stage to stage by chance."""

from __future__ import annotations

import math

from partnersim.rules.compiled import rule
from partnersim.rules.constants import IN_FORCE, MAXIMUM_DEPTH, NONE
from partnersim.rules.events import log_event
from partnersim.rules.keyed import STAGE_ADVANCE, uniform
from partnersim.rules.parameters import Parameters
from partnersim.rules.state import ADVANCED, APPROACHED, State
from partnersim.rules.ties import (
    direction_of,
    enter_force,
    holds_in_area,
    is_under_way,
    occupy,
)
from partnersim.rules.world_arrays import WorldArrays


@rule
def open_negotiation(
    world: WorldArrays,
    parameters: Parameters,
    state: State,
    quarter: int,
    country: int,
    instrument: int,
) -> None:
    """Put a pair on the first stage of its path and occupy the negotiators."""
    path = world.path[instrument]
    first = parameters.next_stage[path, NONE]
    direction = direction_of(
        world.role[instrument], holds_in_area(parameters, state, country, instrument)
    )
    state.stage[country, instrument] = first
    state.direction[country, instrument] = direction
    occupy(world, state, country, instrument, 1)
    log_event(state, quarter, APPROACHED, country, instrument, -1, first, direction, -1, 0.0)


@rule
def advance_hazard(
    world: WorldArrays, parameters: Parameters, state: State, country: int, instrument: int
) -> float:
    """Return the hazard per quarter that a negotiation reaches its next stage.

    The base hazard of path and stage, times exp of alignment, binding level, perceived threat
    and how busy the EU is.
    """
    coefficients = parameters.coefficients[0]
    levers = parameters.levers[0]
    busy = state.union[0].load / levers.negotiators if levers.negotiators > 0 else 1.0
    threat = 0.0
    for place in range(parameters.area_count[instrument]):
        threat += state.threat[country, parameters.area_list[instrument, place]]
    threat /= parameters.area_count[instrument]
    base = parameters.hazard[world.path[instrument], state.stage[country, instrument]]
    return base * math.exp(
        coefficients.hazard_alignment * (state.alignment[country] - 0.5)
        + coefficients.hazard_binding * (world.binding[instrument] / MAXIMUM_DEPTH - 0.5)
        + coefficients.hazard_threat * threat
        + coefficients.hazard_busy * min(1.0, busy)
    )


@rule
def advance_stages(
    world: WorldArrays,
    parameters: Parameters,
    state: State,
    seed: int,
    replicate: int,
    quarter: int,
) -> None:
    """Let every negotiation that is not suspended reach its next stage, or not."""
    countries, instruments = state.stage.shape
    union = state.union[0]
    for country in range(countries):
        if state.load[country] == 0:
            continue
        for instrument in range(instruments):
            stage = state.stage[country, instrument]
            if not is_under_way(stage) or state.suspended[country, instrument] == 1:
                continue
            hazard = advance_hazard(world, parameters, state, country, instrument)
            draw = uniform(seed, replicate, quarter, country, instrument, STAGE_ADVANCE)
            if draw >= 1.0 - math.exp(-hazard):
                continue
            following = parameters.next_stage[world.path[instrument], stage]
            state.stage[country, instrument] = following
            union.advanced += 1
            if following == IN_FORCE:
                _complete(world, state, country, instrument)
            log_event(
                state,
                quarter,
                ADVANCED,
                country,
                instrument,
                -1,
                following,
                state.direction[country, instrument],
                -1,
                0.0,
            )


@rule
def _complete(world: WorldArrays, state: State, country: int, instrument: int) -> None:
    """Bring a pair into force and count what kind of tie it made."""
    union = state.union[0]
    occupy(world, state, country, instrument, -1)
    deeper = False
    for area in range(world.area.shape[1]):
        if (
            world.area[instrument, area] == 1
            and state.held[country, area] > 0
            and world.binding[instrument] > state.depth[country, area]
        ):
            deeper = True
    union.new_ties += 1
    if deeper:
        union.deeper_ties += 1
    enter_force(world, state, country, instrument)
