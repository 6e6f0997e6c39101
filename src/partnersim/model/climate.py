"""Phases of a climate: by schedule or by chance one gives way to another."""

from __future__ import annotations

from partnersim.compiler.compiled import rule
from partnersim.model.draws import NOBODY, draw_of, happens, luck
from partnersim.model.events import log_climate
from partnersim.model.state import State
from partnersim.random.keys import EVERYBODY_KEY
from partnersim.random.numbers import CLIMATE_END, CLIMATE_NEXT


@rule
def turn_climate(state: State) -> None:
    """Enter the phase that is due this quarter, or leave the present one by chance."""
    union = state.union[0]
    clock = state.clock[0]
    phase = state.phase_due[clock.quarter]
    if phase < 0 and happens(clock, union.phase_end, NOBODY, EVERYBODY_KEY, CLIMATE_END):
        phase = next_phase(state)
    if phase >= 0 and phase != union.phase:
        union.phase = phase
        union.rival_drift = state.phase_drift[phase]
        log_climate(state, phase)


@rule
def next_phase(state: State) -> int:
    """Return one of the other phases, each as likely: the one of smallest draw."""
    word = luck(state.clock[0], NOBODY, CLIMATE_NEXT)
    found, smallest = -1, 1.0
    for phase in range(len(state.phase_keys)):
        share = draw_of(word, state.phase_keys[phase])
        if phase != state.union[0].phase and share < smallest:
            found, smallest = phase, share
    return found
