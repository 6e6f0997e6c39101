"""The beginning of a run: the network of 5 June 2025."""

from __future__ import annotations

from partnersim.rules.compiled import rule
from partnersim.rules.constants import IN_FORCE
from partnersim.rules.parameters import Parameters
from partnersim.rules.state import State
from partnersim.rules.ties import (
    direction_of,
    enter_force,
    holds_in_area,
    is_under_way,
    occupy,
    set_link,
)
from partnersim.rules.world_arrays import WorldArrays

#: Reputation of the EU at the start, half-way between none and full.
INITIAL_REPUTATION = 0.5


@rule
def begin(world: WorldArrays, parameters: Parameters, state: State) -> None:
    """Set the state to the observed network, whatever it held before.

    Instruments are entered in the order of the catalogue, so that the first one in an area
    counts as broadening and later ones as deepening.
    """
    state.stage[:] = world.stage
    state.suspended[:] = 0
    state.direction[:] = -1
    state.links[:] = 0
    state.shared_partners[:] = 0
    state.degree[:] = 0
    state.programmes[:] = 0
    state.linked_holders[:] = 0
    state.region_holders[:] = 0
    state.depth[:] = 0
    state.held[:] = 0
    state.in_force[:] = 0
    state.load[:] = 0
    state.alignment_base[:] = world.alignment
    state.rival_base[:] = world.rival
    state.invested[:] = 0.0
    state.recent[:] = 0.0
    state.alignment[:] = world.alignment
    state.readiness[:] = world.readiness
    state.rival[:] = world.rival
    state.threat[:] = world.threat
    state.intensity[:] = 0.0
    state.struck[:] = 0.0
    state.struck_before[:] = 0.0
    state.union_intensity[:] = 0.0
    state.event_count[0] = 0
    _begin_union(state)

    countries, instruments = state.stage.shape
    # Ties are counted as they come, so the matrix must not run ahead of the counting.
    for country in range(countries):
        for instrument in range(instruments):
            if world.stage[country, instrument] == IN_FORCE:
                state.stage[country, instrument] = 0
    for country in range(countries):
        for instrument in range(instruments):
            stage = world.stage[country, instrument]
            if stage == IN_FORCE or is_under_way(stage):
                state.direction[country, instrument] = direction_of(
                    world.role[instrument], holds_in_area(parameters, state, country, instrument)
                )
            if stage == IN_FORCE:
                state.stage[country, instrument] = IN_FORCE
                enter_force(world, state, country, instrument)
            elif is_under_way(stage):
                occupy(world, state, country, instrument, 1)
    for one in range(countries):
        for other in range(one + 1, countries):
            if world.links[one, other] == 1:
                set_link(state, one, other, 1)


@rule
def _begin_union(state: State) -> None:
    """Set the EU's own record to its start."""
    union = state.union[0]
    union.load = 0
    union.reputation = INITIAL_REPUTATION
    union.budget_factor = 1.0
    union.funding = 0.0
    union.envelope = 0
    union.spent = 0
    union.carried = 0
    union.lapsed = 0
    union.mobilised = 0.0
    union.lapsed_share = 0.0
    union.advanced = 0
    union.new_ties = 0
    union.deeper_ties = 0
    union.lost_ties = 0
    union.links_changed = 1
    union.connectivity = 0.0
    union.peak_value = 0.0
    union.quarters_below_peak = 0
