"""How ties come and go: instruments in force, links, and the counts that follow from them.

All counts are integers, so the order in which ties change cannot matter.
"""

from __future__ import annotations

from partnersim.rules.compiled import rule
from partnersim.rules.constants import (
    ANNOUNCED,
    BROADEN,
    CONNECT,
    DEEPEN,
    IN_FORCE,
    NETWORK,
    SECURITY,
    SIGNED,
    STRENGTHEN,
)
from partnersim.rules.parameters import Parameters
from partnersim.rules.state import State
from partnersim.rules.tie import set_tie
from partnersim.rules.world_arrays import WorldArrays


@rule
def is_active(state: State, country: int, instrument: int) -> bool:
    """Tell whether the instrument is in force and not suspended."""
    return (
        state.stage[country, instrument] == IN_FORCE and state.suspended[country, instrument] == 0
    )


@rule
def is_under_way(stage: int) -> bool:
    """Tell whether a stage is one of those between a first announcement and entry into force."""
    return ANNOUNCED <= stage <= SIGNED


@rule
def direction_of(role: int, holds_in_area: bool) -> int:
    """Return the direction of taking an instrument.

    Strengthen if it is a security and defence instrument; connect if it ties partners to each
    other; deepen if the country has something in force in one of its areas; broaden otherwise.
    """
    if role == SECURITY:
        return STRENGTHEN
    if role == NETWORK:
        return CONNECT
    if holds_in_area:
        return DEEPEN
    return BROADEN


@rule
def enter_force(world: WorldArrays, state: State, country: int, instrument: int) -> None:
    """Count an instrument that has come into force (or back into force)."""
    binding = world.binding[instrument]
    state.in_force[country] += 1
    state.region_holders[world.region[country], instrument] += 1
    for area in range(world.area.shape[1]):
        if world.area[instrument, area] == 1:
            state.held[country, area] += 1
            if binding > state.depth[country, area]:
                state.depth[country, area] = binding
    for other in range(state.links.shape[0]):
        if state.links[country, other] == 1:
            state.linked_holders[other, instrument] += 1
    if world.role[instrument] == NETWORK:
        _count_programme(state, country, instrument, 1)


@rule
def leave_force(world: WorldArrays, state: State, country: int, instrument: int) -> None:
    """Undo `enter_force`; the pair must already be suspended or past its stage."""
    state.in_force[country] -= 1
    state.region_holders[world.region[country], instrument] -= 1
    for area in range(world.area.shape[1]):
        if world.area[instrument, area] == 1:
            state.held[country, area] -= 1
            deepest = 0
            for held in range(state.stage.shape[1]):
                if (
                    world.area[held, area] == 1
                    and world.binding[held] > deepest
                    and is_active(state, country, held)
                ):
                    deepest = world.binding[held]
            state.depth[country, area] = deepest
    for other in range(state.links.shape[0]):
        if state.links[country, other] == 1:
            state.linked_holders[other, instrument] -= 1
    if world.role[instrument] == NETWORK:
        _count_programme(state, country, instrument, -1)


@rule
def _count_programme(state: State, country: int, instrument: int, change: int) -> None:
    """Count a shared network instrument with every other country that has it in force."""
    for other in range(state.stage.shape[0]):
        if other != country and is_active(state, other, instrument):
            state.programmes[country, other] += change
            state.programmes[other, country] += change


@rule
def set_link(state: State, one: int, other: int, present: int) -> None:
    """Make (1) or cut (0) the link between two countries and keep all counts up to date."""
    change = 1 if present == 1 else -1
    set_tie(state.links, state.shared_partners, state.degree, one, other, present == 1)
    state.union[0].links_changed = 1
    for instrument in range(state.stage.shape[1]):
        if is_active(state, other, instrument):
            state.linked_holders[one, instrument] += change
        if is_active(state, one, instrument):
            state.linked_holders[other, instrument] += change


@rule
def holds_in_area(parameters: Parameters, state: State, country: int, instrument: int) -> bool:
    """Tell whether the country has anything in force in one of the instrument's areas."""
    for place in range(parameters.area_count[instrument]):
        if state.held[country, parameters.area_list[instrument, place]] > 0:
            return True
    return False


@rule
def occupy(world: WorldArrays, state: State, country: int, instrument: int, change: int) -> None:
    """Take up (1) or set free (-1) the negotiators of both sides."""
    state.load[country] += change
    state.union[0].load += change * world.effort[instrument]
