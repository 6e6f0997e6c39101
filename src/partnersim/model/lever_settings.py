"""Adaptive policies: the EU watches signposts and sets levers anew when one is met."""

from __future__ import annotations

from partnersim.compiler.compiled import rule
from partnersim.model.events import log_switch
from partnersim.model.state import State


@rule
def set_levers(state: State, place: int) -> None:
    """Set the levers that a setting names; the others stay as they are."""
    setting = state.lever_settings[place]
    union = state.union[0]
    setting.taken = 1
    if setting.sets_priorities == 1:
        for direction in range(setting.priorities.shape[0]):
            union.direction_priority[direction] = setting.priorities[direction]
    if setting.sets_areas == 1:
        for k in range(len(state.instruments)):
            state.instruments[k].priority = state.lever_instruments[place, k]
    if setting.sets_regions == 1:
        for region in range(len(state.region_priority)):
            state.region_priority[region] = state.lever_regions[place, region]
    if setting.sets_negotiators == 1:
        union.negotiators = setting.negotiators
    if setting.sets_openness == 1:
        union.openness = setting.openness
    if setting.sets_envelope == 1:
        union.envelope_per_quarter = setting.envelope_per_quarter
        union.carry_over = setting.carry_over
    if setting.sets_mix == 1:
        for m in range(len(state.modules)):
            state.modules[m].share = state.lever_modules[place, m]
    if setting.sets_targeting == 1:
        for principle in range(setting.targeting.shape[0]):
            union.targeting[principle] = setting.targeting[principle]


@rule
def begin_levers(state: State) -> None:
    """Take the policy as adopted; no switch has been made."""
    for place in range(len(state.lever_settings)):
        state.lever_settings[place].taken = 0
    set_levers(state, 0)


@rule
def signpost_met(state: State, place: int) -> bool:
    """Tell whether the signpost of a setting is met: last quarter's metric, this one's strikes."""
    setting = state.lever_settings[place]
    if state.clock[0].quarter < setting.since:
        return False
    if setting.metric >= 0:
        value = state.observed_values[setting.metric]
        return value < setting.below or value > setting.above
    if state.shocks[setting.shock].union_struck >= setting.severity:
        return True
    for i in range(len(state.countries)):
        severity = state.struck[setting.shock, i]
        if severity > 0.0 and severity >= setting.severity:
            return True
    return False


@rule
def watch_signposts(state: State) -> None:
    """Take, in their order, the settings whose signposts are met; each is taken once."""
    for place in range(1, len(state.lever_settings)):
        if state.lever_settings[place].taken == 0 and signpost_met(state, place):
            set_levers(state, place)
            log_switch(state, place - 1)
