"""Strain and recovery: shocks suspend negotiations, freeze instruments and cut links."""

from __future__ import annotations

import math

from partnersim.rules.compiled import rule
from partnersim.rules.constants import ANNOUNCED, IN_FORCE, MAXIMUM_DEPTH
from partnersim.rules.events import log_event
from partnersim.rules.keyed import LINK_CUT, RECOVERY, STRAIN, uniform
from partnersim.rules.parameters import Parameters
from partnersim.rules.state import LINK_CUT as LINK_CUT_EVENT
from partnersim.rules.state import RECOVERED, SUSPENDED, State
from partnersim.rules.ties import enter_force, leave_force, occupy, set_link
from partnersim.rules.world_arrays import WorldArrays


@rule
def strain_on(parameters: Parameters, state: State, country: int) -> float:
    """Return the hazard of suspension that shocks put on a country's pairs."""
    strain = 0.0
    for shock in range(parameters.shocks.scope.shape[0]):
        strain += parameters.shocks.strain[shock] * (
            state.intensity[shock, country] + state.union_intensity[shock]
        )
    return strain


@rule
def cut_on(parameters: Parameters, state: State, country: int) -> float:
    """Return the hazard that shocks in a country put on its links."""
    cut = 0.0
    for shock in range(parameters.shocks.scope.shape[0]):
        cut += parameters.shocks.cut[shock] * state.intensity[shock, country]
    return cut


@rule
def strain_ties(
    world: WorldArrays,
    parameters: Parameters,
    state: State,
    seed: int,
    replicate: int,
    quarter: int,
) -> None:
    """Suspend and revive instruments, then cut links.

    What is more binding is better protected from strain and recovers faster.
    """
    coefficients = parameters.coefficients[0]
    countries, instruments = state.stage.shape
    for country in range(countries):
        strain = strain_on(parameters, state, country)
        for instrument in range(instruments):
            if state.stage[country, instrument] < ANNOUNCED:
                continue
            firmness = world.binding[instrument] / MAXIMUM_DEPTH
            if state.suspended[country, instrument] == 0:
                if strain > 0.0:
                    hazard = strain * (1.0 - coefficients.strain_protection * firmness)
                    draw = uniform(seed, replicate, quarter, country, instrument, STRAIN)
                    if draw < 1.0 - math.exp(-hazard):
                        _suspend(world, state, quarter, country, instrument)
            else:
                hazard = coefficients.recovery_rate * math.exp(
                    coefficients.recovery_binding * (firmness - 0.5) - strain
                )
                draw = uniform(seed, replicate, quarter, country, instrument, RECOVERY)
                if draw < 1.0 - math.exp(-hazard):
                    _revive(world, state, quarter, country, instrument)
    _cut_links(parameters, state, seed, replicate, quarter)


@rule
def _suspend(
    world: WorldArrays, state: State, quarter: int, country: int, instrument: int
) -> None:
    """Put a pair on ice; one in force is a lost tie until it recovers."""
    stage = state.stage[country, instrument]
    state.suspended[country, instrument] = 1
    if stage == IN_FORCE:
        leave_force(world, state, country, instrument)
        state.union[0].lost_ties += 1
    else:
        occupy(world, state, country, instrument, -1)
    direction = state.direction[country, instrument]
    log_event(state, quarter, SUSPENDED, country, instrument, -1, stage, direction, -1, 0.0)


@rule
def _revive(world: WorldArrays, state: State, quarter: int, country: int, instrument: int) -> None:
    """Take a pair off the ice, at the stage it had."""
    stage = state.stage[country, instrument]
    state.suspended[country, instrument] = 0
    if stage == IN_FORCE:
        enter_force(world, state, country, instrument)
    else:
        occupy(world, state, country, instrument, 1)
    direction = state.direction[country, instrument]
    log_event(state, quarter, RECOVERED, country, instrument, -1, stage, direction, -1, 0.0)


@rule
def _cut_links(
    parameters: Parameters, state: State, seed: int, replicate: int, quarter: int
) -> None:
    """Cut links with the mean of the hazards at both ends."""
    countries = state.links.shape[0]
    for one in range(countries):
        if state.degree[one] == 0:
            continue
        hazard_one = cut_on(parameters, state, one)
        for other in range(one + 1, countries):
            if state.links[one, other] == 0:
                continue
            hazard = 0.5 * (hazard_one + cut_on(parameters, state, other))
            if hazard <= 0.0:
                continue
            draw = uniform(seed, replicate, quarter, one, other, LINK_CUT)
            if draw < 1.0 - math.exp(-hazard):
                set_link(state, one, other, 0)
                log_event(state, quarter, LINK_CUT_EVENT, one, -1, other, -1, -1, -1, 0.0)
