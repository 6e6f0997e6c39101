"""Negotiations: opened by consent, then moved from stage to stage by chance."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from partnersim.compiler.compiled import rule
from partnersim.model.consent import share_busy
from partnersim.model.constants import IN_FORCE, MAXIMUM_DEPTH, NONE, POLITICAL
from partnersim.model.draws import happens
from partnersim.model.events import ADVANCED, APPROACHED, log_tie
from partnersim.model.offer import waits_for_money
from partnersim.model.state import State
from partnersim.model.ties import (
    GAINED,
    LOST,
    direction_of,
    enter_force,
    is_under_way,
    note_tie,
    occupy,
)
from partnersim.random.numbers import STAGE_ADVANCE


@rule
def open_negotiation(state: State, i: int, k: int) -> None:
    """Put a pair on the first stage of its path and occupy the negotiators."""
    pair = state.pairs[i, k]
    pair.direction = direction_of(state.countries[i], state.instruments[k])
    pair.stage = state.next_stage[state.instruments[k].path, NONE]
    pair.paid = 0
    note_tie(state, i, k)
    occupy(state, i, k, GAINED)
    log_tie(state, APPROACHED, i, k, pair.stage)


@rule
def advance_hazard(
    coefficients: Any, union: Any, country: Any, instrument: Any, alignment: float, base: float
) -> float:
    """Return the hazard per quarter that a negotiation reaches its next stage.

    The base hazard of path and stage, times exp of alignment, binding level, perceived threat,
    how busy the EU is, the instrument's own effect and the pace that shocks set; what is political
    stands still in silence.
    """
    threat = 0.0
    pace = 0.0
    for place in range(instrument.area_count):
        threat += country.threat[instrument.area_list[place]]
        pace += country.pace[instrument.area_list[place]]
    heard = 1.0 - country.silence if instrument.path == POLITICAL else 1.0
    return (heard * base) * math.exp(
        coefficients.hazard_alignment * (alignment - 0.5)
        + coefficients.hazard_binding * (instrument.binding / MAXIMUM_DEPTH - 0.5)
        + coefficients.hazard_threat * (threat / instrument.area_count)
        + coefficients.hazard_busy * share_busy(union)
        + coefficients.pooled_effects * instrument.speed
        + pace / instrument.area_count
    )


@rule
def advance_stages(state: State) -> None:
    """Let every negotiation that is not suspended reach its next stage, or not."""
    countries = state.countries
    pairs = state.pairs
    tied = state.tied
    for i in range(len(countries)):
        if countries[i].load > 0:
            for place in range(countries[i].ties):
                k = np.int64(tied[i, place])
                pair = pairs[i, k]
                ready = is_under_way(pair.stage) and pair.suspended == 0
                if ready and not waits_for_money(state, i, k):
                    _advance(state, i, k)


@rule
def _advance(state: State, i: int, k: int) -> None:
    """Let one negotiation reach its next stage, or not."""
    pair = state.pairs[i, k]
    instrument = state.instruments[k]
    country = state.countries[i]
    hazard = advance_hazard(
        state.coefficients[0],
        state.union[0],
        country,
        instrument,
        state.alignment[i],
        state.hazard[instrument.path, pair.stage],
    )
    if happens(state.clock[0], hazard, country.key, instrument.key, STAGE_ADVANCE):
        pair.stage = state.next_stage[instrument.path, pair.stage]
        state.union[0].advanced += 1
        if pair.stage == IN_FORCE:
            _complete(state, i, k)
        log_tie(state, ADVANCED, i, k, pair.stage)


@rule
def _complete(state: State, i: int, k: int) -> None:
    """Bring a pair into force and count what kind of tie it made."""
    union = state.union[0]
    country = state.countries[i]
    instrument = state.instruments[k]
    occupy(state, i, k, LOST)
    deeper = False
    for place in range(instrument.area_count):
        area = instrument.area_list[place]
        if country.held[area] > 0 and instrument.binding > country.depth[area]:
            deeper = True
    union.new_ties += 1
    if deeper:
        union.deeper_ties += 1
    enter_force(state, i, k)
