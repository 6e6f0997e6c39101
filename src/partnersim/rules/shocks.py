"""Geopolitical shocks: scheduled and random strikes, spread, decay, and what they change.

A strike leaves an intensity in 0..1 that fades with the half-life of its type. Threat, alignment,
rival pull and readiness are their undisturbed values plus effect times intensity, clipped to 0..1.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from partnersim.rules.compiled import rule
from partnersim.rules.constants import (
    SCOPE_PAIR,
    SCOPE_REGION,
    SCOPE_UNION,
    SCOPE_WORLD,
    SHOCKED_RIVAL,
    SHOCKED_THREAT,
    SPREAD_BORDERS,
    SPREAD_NONE,
)
from partnersim.rules.draws import clipped, draw, is_hit, triangular
from partnersim.rules.events import NOT_APPLICABLE, log_shock
from partnersim.rules.keyed import (
    SHOCK_ARRIVAL,
    SHOCK_SEVERITY,
    SHOCK_SPREAD,
    SHOCK_TARGET,
    to_uniform,
    words,
)
from partnersim.rules.options import blocks, pick
from partnersim.rules.state import State

#: A shock that spreads arrives with this share of its severity.
SPREAD_SHARE = 0.5


@rule
def hit(strike: Any, severity: float) -> None:
    """Add to what a country feels of a shock type, which cannot exceed 1."""
    strike.intensity = min(1.0, strike.intensity + severity)
    strike.struck = max(strike.struck, severity)


@rule
def strike_shocks(state: State) -> None:
    """Fade old shocks and let new ones strike."""
    shocks = state.shocks
    strikes = state.strikes
    for s in range(len(shocks)):
        shock = shocks[s]
        shock.union_intensity *= shock.decay
        for i in range(strikes.shape[1]):
            strike = strikes[s, i]
            strike.intensity *= shock.decay
            strike.struck_before = strike.struck
            strike.struck = 0.0
        if state.shock_rate[s, state.clock[0].quarter] > 0.0:
            _strike_at_random(state, s)
        if shock.spread != SPREAD_NONE:
            _spread(state, s)
    _strike_as_scheduled(state)


@rule
def _strike_at_random(state: State, s: int) -> None:
    """Let one shock type strike the units of its scope: world, regions, countries or the EU."""
    shock = state.shocks[s]
    clock = state.clock[0]
    rate = state.shock_rate[s, clock.quarter]
    exposure = state.shock_exposure[s]
    for block in range(blocks(shock.units)):
        # Units are the alternatives of this decision, so that four share the cost of a draw.
        drawn = words(clock.seed, clock.replicate, clock.quarter, s, block, SHOCK_ARRIVAL)
        lowest = min(min(drawn[0], drawn[1]), min(drawn[2], drawn[3]))
        if to_uniform(lowest) >= rate * shock.highest:
            continue
        for unit in range(4 * block, min(4 * block + 4, shock.units)):
            if is_hit(to_uniform(pick(drawn, unit)), rate * exposure[unit]):
                severity = triangular(
                    draw(clock, s, unit, SHOCK_SEVERITY),
                    shock.severity_low,
                    shock.severity_mode,
                    shock.severity_high,
                )
                _strike_unit(state, s, unit, severity)


@rule
def _strike_unit(state: State, s: int, unit: int, severity: float) -> None:
    """Strike one unit of a shock type's scope."""
    shock = state.shocks[s]
    if shock.scope == SCOPE_UNION or shock.scope == SCOPE_WORLD:
        # What strikes the world strikes the EU's own budget too.
        shock.union_intensity = min(1.0, shock.union_intensity + severity)
    if shock.scope == SCOPE_UNION:
        log_shock(state, s, NOT_APPLICABLE, NOT_APPLICABLE, severity)
    elif shock.scope == SCOPE_WORLD or shock.scope == SCOPE_REGION:
        everywhere = shock.scope == SCOPE_WORLD
        for i in range(state.countries.shape[0]):
            if everywhere or state.countries[i].region == unit:
                hit(state.strikes[s, i], severity)
        other = NOT_APPLICABLE if everywhere else np.int64(unit)
        log_shock(state, s, NOT_APPLICABLE, other, severity)
    else:
        hit(state.strikes[s, unit], severity)
        other = NOT_APPLICABLE
        degree = state.countries[unit].degree
        if shock.scope == SCOPE_PAIR and degree > 0:
            share = draw(state.clock[0], s, unit, SHOCK_TARGET)
            other = _linked_partner(state, unit, int(share * degree))
            hit(state.strikes[s, other], severity)
        log_shock(state, s, unit, other, severity)


@rule
def _linked_partner(state: State, i: int, place: int) -> int:
    """Return the linked partner at a place (0, 1, ...) in the order of the country list."""
    for j in range(state.countries.shape[0]):
        if state.dyads[i, j].linked == 1:
            if place == 0:
                return j
            place -= 1
    return -1


@rule
def _spread(state: State, s: int) -> None:
    """Carry last quarter's strikes to neighbours along borders or links."""
    shock = state.shocks[s]
    strikes = state.strikes[s]
    dyads = state.dyads
    countries = len(strikes)
    for origin in range(countries):
        severity = strikes[origin].struck_before * SPREAD_SHARE
        if severity <= 0.0:
            continue
        for i in range(countries):
            dyad = dyads[origin, i]
            near = dyad.border == 1 if shock.spread == SPREAD_BORDERS else dyad.linked == 1
            if near and strikes[i].struck_before == 0.0:
                share = draw(state.clock[0], i, s * countries + origin, SHOCK_SPREAD)
                if share < shock.spread_probability:
                    hit(strikes[i], severity)
                    log_shock(state, s, i, origin, severity)


@rule
def _strike_as_scheduled(state: State) -> None:
    """Let the scenario's own shocks strike in their quarter."""
    for row in range(state.schedule.shape[0]):
        planned = state.schedule[row]
        if planned.quarter != state.clock[0].quarter:
            continue
        shock = state.shocks[planned.shock]
        if shock.scope == SCOPE_UNION:
            _strike_unit(state, planned.shock, np.int64(0), planned.severity)
            continue
        if shock.scope == SCOPE_WORLD:
            shock.union_intensity = min(1.0, shock.union_intensity + planned.severity)
        for i in range(state.countries.shape[0]):
            if state.schedule_target[row, i] == 1:
                hit(state.strikes[planned.shock, i], planned.severity)
                log_shock(state, planned.shock, i, NOT_APPLICABLE, planned.severity)


@rule
def _change(country: Any, change: Any, intensity: float) -> None:
    """Let one change of a shock type be felt."""
    felt = change.change * intensity
    if change.score == SHOCKED_THREAT:
        country.threat[change.area] += felt
    elif change.score == SHOCKED_RIVAL:
        country.rival[change.area] += felt
    else:
        country.readiness[change.area] += felt


@rule
def feel_shocks(state: State) -> None:
    """Set threat, alignment, rival pull, readiness and the budget to what shocks leave of them."""
    for i in range(state.countries.shape[0]):
        _feel(state, i)
    factor = 1.0
    for s in range(state.shocks.shape[0]):
        factor += state.shocks[s].budget * state.shocks[s].union_intensity
    state.union[0].budget_factor = max(0.0, factor)


@rule
def _feel(state: State, i: int) -> None:
    """Set what one country feels.

    Undisturbed readiness grows with investment, with diminishing returns:
    ``1 - (1 - r0) exp(-effect invested / unit)``.
    """
    coefficients = state.coefficients[0]
    country = state.countries[i]
    alignment = country.alignment_base
    for area in range(country.threat.shape[0]):
        gap = 1.0 - country.first_readiness[area]
        effect = coefficients.investment_effect * country.invested[area] / country.investment_unit
        country.readiness[area] = 1.0 - gap * math.exp(-effect)
        country.rival[area] = country.rival_base[area]
        country.threat[area] = country.first_threat[area]
    shocks = state.shocks
    strikes = state.strikes
    for s in range(len(shocks)):
        intensity = strikes[s, i].intensity
        if intensity > 0.0:
            alignment += shocks[s].alignment * intensity
            changes = state.shock_changes[s]
            for place in range(shocks[s].changes):
                _change(country, changes[place], intensity)
    country.alignment = clipped(alignment)
    for area in range(country.threat.shape[0]):
        country.readiness[area] = clipped(country.readiness[area])
        country.rival[area] = clipped(country.rival[area])
        country.threat[area] = clipped(country.threat[area])
