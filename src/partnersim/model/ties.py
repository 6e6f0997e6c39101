"""How ties come and go: instruments in force, links, and the counts that follow from them.

All counts are integers, so the order in which ties change cannot matter.
"""

from __future__ import annotations

from typing import Any

from partnersim.actor_oriented.tie import set_tie
from partnersim.compiler.compiled import rule
from partnersim.model.constants import (
    ANNOUNCED,
    BROADEN,
    CONNECT,
    DEEPEN,
    FRESH_RUPTURE,
    IN_FORCE,
    NETWORK,
    NONE,
    NOT_HALTED,
    SECURITY,
    SIGNED,
    STRENGTHEN,
    SUSPENDED_BY_SHOCKS,
)
from partnersim.model.state import State

#: One more, one less.
GAINED = 1
LOST = -1


@rule
def is_active(pair: Any) -> bool:
    """Tell whether the instrument is in force and not suspended."""
    return pair.stage == IN_FORCE and pair.suspended == 0


@rule
def is_under_way(stage: int) -> bool:
    """Tell whether a stage is one of those between a first announcement and entry into force."""
    return ANNOUNCED <= stage <= SIGNED


@rule
def direction_of(country: Any, instrument: Any) -> int:
    """Return the direction under which a country would take an instrument.

    Strengthen if it is a security and defence instrument; connect if it ties partners to each
    other; deepen if the country has something in force in one of its areas; broaden otherwise.
    """
    if instrument.role == SECURITY:
        return STRENGTHEN
    if instrument.role == NETWORK:
        return CONNECT
    return DEEPEN if country.areas_held & instrument.areas != 0 else BROADEN


@rule
def note_tie(state: State, i: int, k: int) -> None:
    """Note that country i negotiates or has instrument k."""
    country = state.countries[i]
    tied = state.tied[i]
    place = country.ties
    while place > 0 and tied[place - 1] > k:
        tied[place] = tied[place - 1]
        place -= 1
    tied[place] = k
    country.ties += 1
    _bar_others(state, i, k, GAINED)


@rule
def forget_tie(state: State, i: int, k: int) -> None:
    """Forget that country i negotiates or has instrument k."""
    country = state.countries[i]
    tied = state.tied[i]
    country.ties -= 1
    country.listed = 0
    place = 0
    while tied[place] != k:
        place += 1
    while place < country.ties:
        tied[place] = tied[place + 1]
        place += 1
    _bar_others(state, i, k, LOST)


@rule
def _bar_others(state: State, i: int, k: int, change: int) -> None:
    """Count instrument k among those that bar opening others, or no longer."""
    for other in range(len(state.instruments)):
        if state.excludes[other, k] == 1:
            state.pairs[i, other].barred += change


@rule
def _lead_to_others(state: State, i: int, k: int, change: int) -> None:
    """Count instrument k in force among those that lead to others, or no longer."""
    for other in range(len(state.instruments)):
        if state.precursor[other, k] == 1:
            state.pairs[i, other].precursors += change


@rule
def place_behind(state: State, i: int, k: int, place: int) -> int:
    """Return where the ties of country i behind instrument k begin, looked for from a place on."""
    tied = state.tied[i]
    while place > 0 and tied[place - 1] > k:
        place -= 1
    while place < state.countries[i].ties and tied[place] <= k:
        place += 1
    return place


@rule
def is_in_trouble(state: State, i: int) -> bool:
    """Tell whether a rupture of a country is fresh, or shocks suspend any tie of it."""
    if state.countries[i].rupture > FRESH_RUPTURE:
        return True
    for tie in range(state.countries[i].ties):
        if state.pairs[i, state.tied[i, tie]].suspended == SUSPENDED_BY_SHOCKS:
            return True
    return False


@rule
def end_tie(state: State, i: int, k: int) -> None:
    """End a tie, wherever it stands: it leaves force or frees its negotiators."""
    pair = state.pairs[i, k]
    stage = pair.stage
    moving = pair.suspended == NOT_HALTED
    if moving and stage != IN_FORCE:
        occupy(state, i, k, LOST)
    pair.stage = NONE
    pair.suspended = NOT_HALTED
    if moving and stage == IN_FORCE:
        leave_force(state, i, k)
        state.union[0].lost_ties += 1
    forget_tie(state, i, k)


@rule
def enter_force(state: State, i: int, k: int) -> None:
    """Count instrument k of country i, which has come into force (or back into force)."""
    country = state.countries[i]
    instrument = state.instruments[k]
    state.in_force[i] += 1
    country.listed = 0
    country.offer_held[instrument.offer_role] += 1
    country.entered[state.pairs[i, k].direction] += 1
    state.region_holders[country.region, k] += 1
    for place in range(instrument.area_count):
        area = instrument.area_list[place]
        country.held[area] += 1
        country.areas_held |= 1 << area
        if instrument.binding > country.depth[area]:
            country.depth[area] = instrument.binding
    _count_for_others(state, i, k, GAINED)
    _lead_to_others(state, i, k, GAINED)


@rule
def leave_force(state: State, i: int, k: int) -> None:
    """Undo `enter_force`; the pair must already be suspended or ended."""
    country = state.countries[i]
    instrument = state.instruments[k]
    state.in_force[i] -= 1
    country.listed = 0
    country.offer_held[instrument.offer_role] -= 1
    country.entered[state.pairs[i, k].direction] -= 1
    state.region_holders[country.region, k] -= 1
    for place in range(instrument.area_count):
        area = instrument.area_list[place]
        country.held[area] -= 1
        if country.held[area] == 0:
            country.areas_held &= ~(1 << area)
        country.depth[area] = _deepest(state, i, area)
    _count_for_others(state, i, k, LOST)
    _lead_to_others(state, i, k, LOST)


@rule
def _deepest(state: State, i: int, area: int) -> int:
    """Return the binding level of the most binding instrument in force in an area."""
    tied = state.tied[i]
    pairs = state.pairs[i]
    deepest = 0
    for place in range(state.countries[i].ties):
        instrument = state.instruments[tied[place]]
        covers = (instrument.areas >> area) & 1 == 1
        if covers and instrument.binding > deepest and is_active(pairs[tied[place]]):
            deepest = instrument.binding
    return deepest


@rule
def _count_for_others(state: State, i: int, k: int, change: int) -> None:
    """Tell linked partners of a change."""
    linked = state.linked[i]
    pairs = state.pairs
    if state.degree[i] > 0:
        for j in range(len(linked)):
            if linked[j] == 1:
                pairs[j, k].linked_holders += change


@rule
def set_link(state: State, i: int, j: int, linked: int) -> None:
    """Make (1) or cut (0) the link between two countries and keep all counts up to date."""
    set_tie(
        state.linked,
        state.shared_partners,
        state.degree,
        i,
        j,
        linked == 1,
    )
    state.union[0].links_changed = 1
    change = 1 if linked == 1 else -1
    for k in range(state.instruments.shape[0]):
        if is_active(state.pairs[j, k]):
            state.pairs[i, k].linked_holders += change
        if is_active(state.pairs[i, k]):
            state.pairs[j, k].linked_holders += change


@rule
def occupy(state: State, i: int, k: int, change: int) -> None:
    """Take up (`GAINED`) or set free (`LOST`) negotiators of both sides, and what is to be paid."""
    state.countries[i].load += change
    if state.pairs[i, k].paid == 0:
        state.union[0].owed += change * state.instruments[k].cost
    # A bloc negotiates once for all its members.
    if state.pairs[i, k].lead == i:
        state.union[0].load += change * state.instruments[k].effort
