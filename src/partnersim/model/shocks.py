"""Geopolitical shocks: scheduled and random strikes, spread and decay.

A strike leaves an intensity in 0..1 that fades with the half-life of its type; see
`partnersim.model.shock_effects` for what it changes.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from partnersim.compiler.compiled import inlined_rule, rule
from partnersim.model.constants import (
    QUARTERS_PER_YEAR,
    SCOPE_COUNTRY,
    SCOPE_PAIR,
    SCOPE_REGION,
    SCOPE_UNION,
    SCOPE_WORLD,
    SPREAD_BORDERS,
    SPREAD_NONE,
)
from partnersim.model.draws import draw, draw_of, is_hit, luck, triangular
from partnersim.model.events import NOT_APPLICABLE, log_shock, log_spread
from partnersim.model.state import State
from partnersim.random.elementary import log
from partnersim.random.keys import EVERYBODY_KEY, HOLDING_KEY
from partnersim.random.numbers import (
    SHOCK_ARRIVAL,
    SHOCK_SEVERITY,
    SHOCK_SOURCE,
    SHOCK_SPREAD,
    SHOCK_TARGET,
)

#: A shock that spreads, or strikes a pair, arrives at the second country with this share.
SPREAD_SHARE = 0.5
#: Severity below which a shock does not spread on.
FAINT = 0.05
#: Share of the turns of a government with a fixed term that come with its handover.
TURNS_AT_HANDOVER = 0.9

#: Severity of a shock that did not strike the EU this quarter.
NOT_STRUCK = -1.0


@rule
def hit(state: State, s: int, i: int, severity: float) -> None:
    """Add to the intensity of a shock type in a country, which cannot exceed 1."""
    state.intensity[s, i] = min(1.0, state.intensity[s, i] + severity)
    state.struck[s, i] = max(state.struck[s, i], severity)


@rule
def _hit_union(state: State, s: int, severity: float) -> None:
    """Add to the intensity of a shock type in the EU itself, which cannot exceed 1."""
    shock = state.shocks[s]
    shock.union_intensity = min(1.0, shock.union_intensity + severity)
    shock.union_struck = max(shock.union_struck, severity)


@rule
def strike_shocks(state: State) -> None:
    """Fade old shocks and let new ones strike."""
    shocks = state.shocks
    phase = state.union[0].phase
    for s in range(len(shocks)):
        shock = shocks[s]
        shock.union_intensity *= shock.decay
        shock.union_struck = NOT_STRUCK
        _fade(state, s)
        if state.shock_rate[phase, s, state.clock[0].quarter] > 0.0:
            _strike_at_random(state, s)
        if shock.spread != SPREAD_NONE:
            _spread(state, s)
    _strike_as_scheduled(state)


@rule
def _fade(state: State, s: int) -> None:
    """Let a quarter pass over the intensity of a shock type in all countries."""
    decay = state.shocks[s].decay
    intensity = state.intensity[s]
    behind = state.source_intensity[s]
    struck = state.struck[s]
    struck_before = state.struck_before[s]
    for i in range(len(intensity)):
        intensity[i] *= decay
        behind[i] *= decay
        struck_before[i] = struck[i]
        struck[i] = 0.0


@rule
def _strike_at_random(state: State, s: int) -> None:
    """Let one shock type strike the units of its scope: world, regions, countries or the EU."""
    shock = state.shocks[s]
    clock = state.clock[0]
    rate = state.shock_rate[state.union[0].phase, s, clock.quarter]
    exposure = state.shock_exposure[s]
    keys = state.unit_keys[s]
    word = luck(clock, shock.key, SHOCK_ARRIVAL)
    for unit in range(shock.units):
        hazard = rate * exposure[unit]
        if shock.turn == 1:
            hazard *= _by_calendar(clock.quarter, state.countries[unit])
        hits = is_hit(draw_of(word, keys[unit]), hazard)
        if hits and not _has_just_turned(state, s, unit):
            severity = triangular(
                draw(clock, shock.key, keys[unit], SHOCK_SEVERITY),
                shock.severity_low,
                shock.severity_mode,
                shock.severity_high,
            )
            _strike_unit(state, s, unit, severity)


@rule
def _by_calendar(quarter: int, country: Any) -> float:
    """Return how much likelier than on average a country turns in a quarter: 1 over a whole term.

    Where terms are fixed most turns come with a handover.
    """
    if country.term == 0:
        return 1.0
    if (quarter - country.handover) % country.term == 0:
        return TURNS_AT_HANDOVER * country.term
    return (1.0 - TURNS_AT_HANDOVER) * country.term / (country.term - 1)


@rule
def _has_just_turned(state: State, s: int, i: int) -> bool:
    """Tell whether a shock type is a turn of a country that has turned within a year."""
    # Only such a type's units are countries.
    if state.shocks[s].turn == 0:
        return False
    return state.clock[0].quarter - state.countries[i].turned < QUARTERS_PER_YEAR


@rule
def _note_turn(state: State, s: int, i: int) -> None:
    """Note the quarter in which a country turns."""
    if state.shocks[s].turn == 1:
        state.countries[i].turned = state.clock[0].quarter


@rule
def _strike_unit(state: State, s: int, unit: int, severity: float) -> None:
    """Strike one unit of a shock type's scope."""
    shock = state.shocks[s]
    if shock.scope == SCOPE_UNION or shock.scope == SCOPE_WORLD:
        # What strikes the world strikes the EU's own budget too.
        _hit_union(state, s, severity)
    if shock.scope == SCOPE_UNION:
        log_shock(state, s, NOT_APPLICABLE, NOT_APPLICABLE, severity)
    elif shock.scope == SCOPE_WORLD:
        source = source_of(state, s, NOT_APPLICABLE)
        for i in range(state.countries.shape[0]):
            if i != source:
                hit(state, s, i, severity)
        _stand_behind(state, s, source, severity)
        log_shock(state, s, NOT_APPLICABLE, source, severity)
    elif shock.scope == SCOPE_REGION:
        for i in range(state.countries.shape[0]):
            if state.countries[i].region == unit:
                hit(state, s, i, severity)
        log_shock(state, s, NOT_APPLICABLE, unit, severity)
    else:
        other = _linked_partner(state, s, unit)
        # Who has no link cannot be reached along one.
        if shock.scope == SCOPE_PAIR and other < 0:
            return
        hit(state, s, unit, severity)
        _note_turn(state, s, unit)
        source = source_of(state, s, unit)
        _stand_behind(state, s, source, severity)
        log_shock(state, s, unit, source, severity)
        if other >= 0:
            hit(state, s, other, severity * SPREAD_SHARE)
            log_spread(state, s, other, unit, severity * SPREAD_SHARE)


@rule
def source_of(state: State, s: int, i: int) -> int:
    """Return the country behind a strike on country i (on the world: -1), -1 if nobody is.

    Each possible source has an exponential waiting time of its own, of the source's weight as
    rate; the first one is it. So a source is drawn by its weight, and others leave its luck alone.
    Whom a source spares it does not strike: itself, and its friends or its foes.
    """
    shock = state.shocks[s]
    if shock.sourced == 0:
        return -1
    struck_key = EVERYBODY_KEY if i < 0 else state.countries[i].key
    word = luck(state.clock[0], shock.key + struck_key, SHOCK_SOURCE)
    source = -1
    soonest = math.inf
    if shock.by_nobody > 0.0:
        soonest = -log(draw_of(word, HOLDING_KEY)) / shock.by_nobody
    weights = state.source_weight[s, _region_of(state, i)]
    for j in range(len(weights)):
        if weights[j] > 0.0:
            wait = _wait_of(state, s, i, j, word)
            if wait < soonest:
                source, soonest = j, wait
    if shock.by_neighbours > 0.0:
        near = state.neighbours[i]
        for place in range(len(near)):
            j = near[place]
            if j < 0:
                break
            # One that is a source anyway waits as long as above.
            wait = _wait_of(state, s, i, j, word)
            if wait < soonest:
                source, soonest = j, wait
    return source


@rule
def _wait_of(state: State, s: int, i: int, j: int, word: np.uint64) -> float:
    """Return how long country j waits to be behind a strike on country i; for ever if it never is.

    ``word`` is the luck of the strike.
    """
    shock = state.shocks[s]
    weight = state.source_weight[s, _region_of(state, i), j]
    if shock.by_neighbours > 0.0 and is_neighbour(state, i, j):
        weight += shock.by_neighbours * hostility_of(state, j)
    if weight == 0.0 or (i >= 0 and state.spared[shock.spares, i, j] == 1):
        return math.inf
    return -log(draw_of(word, state.countries[j].key)) / weight


@inlined_rule
def _region_of(state: State, i: int) -> int:
    """Return the region of country i; of the world (-1) any, since sources are the same in all."""
    return state.countries[max(i, 0)].region


@rule
def hostility_of(state: State, j: int) -> float:
    """Return how likely a country is to be behind a strike on a neighbour, 0..1.

    The larger and the farther from the EU the likelier; candidates have accession to lose.
    """
    country = state.countries[j]
    if country.candidate == 1:
        return 0.0
    distance = 1.0 - country.first_alignment
    return country.economic_size * distance * distance


@rule
def is_neighbour(state: State, i: int, j: int) -> bool:
    """Tell whether two countries share a land border."""
    near = False
    for place in range(state.neighbours.shape[1]):
        near |= state.neighbours[i, place] == j
    return near


@rule
def _stand_behind(state: State, s: int, source: int, severity: float) -> None:
    """Add to the intensity of a shock type that a country is behind, which cannot exceed 1."""
    if source >= 0:
        state.source_intensity[s, source] = min(1.0, state.source_intensity[s, source] + severity)


@rule
def _linked_partner(state: State, s: int, i: int) -> int:
    """Return the linked partner that a strike on country i reaches, by exposure; -1 if none may be.

    None if it strikes no pairs. Each waits an exponential time of its own, as in `source_of`; the
    first one is it. Nobody is reached who is or may be behind it.
    """
    countries = state.countries
    if state.shocks[s].scope != SCOPE_PAIR:
        return -1
    word = luck(state.clock[0], state.shocks[s].key + countries[i].key, SHOCK_TARGET)
    reached = -1
    soonest = math.inf
    for j in range(len(countries)):
        exposure = state.shock_exposure[s, j]
        if state.linked[i, j] == 1 and exposure > 0.0 and not _may_be_behind(state, s, j):
            wait = -log(draw_of(word, countries[j].key)) / exposure
            if wait < soonest:
                reached, soonest = j, wait
    return reached


@rule
def _spread(state: State, s: int) -> None:
    """Carry last quarter's strikes to neighbours along borders or links."""
    shock = state.shocks[s]
    struck_before = state.struck_before[s]
    for origin in range(len(struck_before)):
        severity = struck_before[origin] * SPREAD_SHARE
        if severity < FAINT:
            continue
        if shock.spread == SPREAD_BORDERS:
            for place in range(state.neighbours.shape[1]):
                i = state.neighbours[origin, place]
                if i < 0:
                    break
                _reach(state, s, origin, i, severity)
        else:
            for i in range(len(struck_before)):
                if state.linked[origin, i] == 1:
                    _reach(state, s, origin, i, severity)


@rule
def _may_be_behind(state: State, s: int, i: int) -> bool:
    """Tell whether country i is behind a shock type now, or may be."""
    may_be = state.source_weight[s, _region_of(state, i), i] > 0.0
    return may_be or state.source_intensity[s, i] > 0.0


@rule
def _reach(state: State, s: int, origin: int, i: int, severity: float) -> None:
    """Let a shock that struck a neighbour last quarter arrive in country i, or not."""
    shock = state.shocks[s]
    # Who is never struck is not reached either, nor whoever is or may be behind it.
    spared = shock.scope == SCOPE_COUNTRY and state.shock_exposure[s, i] == 0.0
    spared |= _may_be_behind(state, s, i)
    if state.struck_before[s, i] > 0.0 or spared or _has_just_turned(state, s, i):
        return
    carried = shock.key + state.countries[origin].key
    share = draw(state.clock[0], state.countries[i].key, carried, SHOCK_SPREAD)
    if share < shock.spread_probability:
        hit(state, s, i, severity)
        _note_turn(state, s, i)
        log_spread(state, s, i, origin, severity)


@rule
def _strike_as_scheduled(state: State) -> None:
    """Let the scenario's own shocks strike in their quarter."""
    for row in range(state.schedule.shape[0]):
        planned = state.schedule[row]
        if planned.quarter != state.clock[0].quarter:
            continue
        shock = state.shocks[planned.shock]
        if shock.scope == SCOPE_UNION:
            _strike_unit(state, planned.shock, 0, planned.severity)
            continue
        if shock.scope == SCOPE_WORLD:
            _hit_union(state, planned.shock, planned.severity)
        _stand_behind(state, planned.shock, planned.source, planned.severity)
        for i in range(state.countries.shape[0]):
            if state.schedule_target[row, i] == 1 and i != planned.source:
                hit(state, planned.shock, i, planned.severity)
                log_shock(state, planned.shock, i, planned.source, planned.severity)
