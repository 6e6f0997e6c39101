"""Adaptive policies: the EU watches signposts and changes course when one is met."""

from __future__ import annotations

from partnersim.compiler.compiled import rule
from partnersim.model.events import log_switch
from partnersim.model.state import State


@rule
def take_course(state: State, place: int) -> None:
    """Set the levers that a course sets; the others stay as they are."""
    course = state.courses[place]
    union = state.union[0]
    course.taken = 1
    if course.sets_priorities == 1:
        for direction in range(course.priorities.shape[0]):
            union.direction_priority[direction] = course.priorities[direction]
    if course.sets_areas == 1:
        for k in range(len(state.instruments)):
            state.instruments[k].priority = state.course_instruments[place, k]
    if course.sets_regions == 1:
        for region in range(len(state.region_priority)):
            state.region_priority[region] = state.course_regions[place, region]
    if course.sets_negotiators == 1:
        union.negotiators = course.negotiators
    if course.sets_openness == 1:
        union.openness = course.openness
    if course.sets_envelope == 1:
        union.envelope_per_quarter = course.envelope_per_quarter
        union.carry_over = course.carry_over
    if course.sets_mix == 1:
        for m in range(len(state.modules)):
            state.modules[m].share = state.course_modules[place, m]
    if course.sets_targeting == 1:
        for principle in range(course.targeting.shape[0]):
            union.targeting[principle] = course.targeting[principle]


@rule
def begin_courses(state: State) -> None:
    """Take the policy as adopted; no switch has been made."""
    for place in range(len(state.courses)):
        state.courses[place].taken = 0
    take_course(state, 0)


@rule
def signpost_met(state: State, place: int) -> bool:
    """Tell whether the signpost of a course is met: last quarter's metric, this one's strikes."""
    course = state.courses[place]
    if state.clock[0].quarter < course.since:
        return False
    if course.metric >= 0:
        value = state.observed_values[course.metric]
        return value < course.below or value > course.above
    if state.shocks[course.shock].union_struck >= course.severity:
        return True
    for i in range(len(state.countries)):
        severity = state.struck[course.shock, i]
        if severity > 0.0 and severity >= course.severity:
            return True
    return False


@rule
def watch_signposts(state: State) -> None:
    """Take, in their order, the courses whose signposts are met; each is taken once."""
    for place in range(1, len(state.courses)):
        if state.courses[place].taken == 0 and signpost_met(state, place):
            take_course(state, place)
            log_switch(state, place - 1)
