"""Geopolitical shocks: scheduled and random strikes, spread, decay, and what they change.

A strike leaves an intensity in 0..1 that fades with the half-life of its type. Threat, alignment,
rival pull and readiness are their undisturbed values plus effect times intensity, clipped to 0..1.
"""

from __future__ import annotations

import math

from partnersim.rules.compiled import rule
from partnersim.rules.events import log_event
from partnersim.rules.keyed import (
    SHOCK_ARRIVAL,
    SHOCK_SEVERITY,
    SHOCK_SPREAD,
    SHOCK_TARGET,
    uniform,
)
from partnersim.rules.parameters import (
    SCOPE_COUNTRY,
    SCOPE_PAIR,
    SCOPE_REGION,
    SCOPE_UNION,
    SCOPE_WORLD,
    SPREAD_BORDERS,
    SPREAD_NONE,
    Parameters,
)
from partnersim.rules.state import SHOCK, State
from partnersim.rules.world_arrays import WorldArrays

#: A shock that spreads arrives with this share of its severity.
SPREAD_SHARE = 0.5


@rule
def triangular(draw: float, low: float, mode: float, high: float) -> float:
    """Return the quantile of a triangular distribution; a point if low equals high."""
    if high <= low:
        return low
    turn = (mode - low) / (high - low)
    if draw < turn:
        return low + math.sqrt(draw * (high - low) * (mode - low))
    return high - math.sqrt((1.0 - draw) * (high - low) * (high - mode))


@rule
def clipped(value: float) -> float:
    """Keep a score in 0..1."""
    return min(1.0, max(0.0, value))


@rule
def strike(state: State, shock: int, country: int, severity: float) -> None:
    """Add a strike to a country's intensity, which cannot exceed 1."""
    state.intensity[shock, country] = min(1.0, state.intensity[shock, country] + severity)
    state.struck[shock, country] = max(state.struck[shock, country], severity)


@rule
def strike_shocks(
    world: WorldArrays,
    parameters: Parameters,
    state: State,
    seed: int,
    replicate: int,
    quarter: int,
) -> None:
    """Fade old shocks, let new ones strike, and work out what they change."""
    shocks = parameters.shocks
    countries = state.intensity.shape[1]
    for shock in range(shocks.scope.shape[0]):
        state.union_intensity[shock] *= shocks.decay[shock]
        for country in range(countries):
            state.intensity[shock, country] *= shocks.decay[shock]
            state.struck_before[shock, country] = state.struck[shock, country]
            state.struck[shock, country] = 0.0
        _strike_at_random(world, parameters, state, seed, replicate, quarter, shock)
        if shocks.spread[shock] != SPREAD_NONE:
            _spread(world, parameters, state, seed, replicate, quarter, shock)
    _strike_as_scheduled(parameters, state, quarter)


@rule
def _strike_at_random(
    world: WorldArrays,
    parameters: Parameters,
    state: State,
    seed: int,
    replicate: int,
    quarter: int,
    shock: int,
) -> None:
    """Let one shock type strike the units of its scope."""
    shocks = parameters.shocks
    scope = shocks.scope[shock]
    rate = shocks.rate[shock, quarter]
    if rate <= 0.0:
        return
    countries = state.intensity.shape[1]
    regions = shocks.region_multiplier.shape[1]
    units = 1
    if scope == SCOPE_REGION:
        units = regions
    elif scope == SCOPE_COUNTRY or scope == SCOPE_PAIR:
        units = countries
    for unit in range(units):
        hazard = rate
        if scope == SCOPE_REGION:
            hazard *= shocks.region_multiplier[shock, unit]
        elif scope == SCOPE_COUNTRY or scope == SCOPE_PAIR:
            hazard *= shocks.region_multiplier[shock, world.region[unit]] * world.exposure[unit]
        draw = uniform(seed, replicate, quarter, unit, shock, SHOCK_ARRIVAL)
        if draw >= 1.0 - math.exp(-hazard):
            continue
        severity = triangular(
            uniform(seed, replicate, quarter, unit, shock, SHOCK_SEVERITY),
            shocks.severity[shock, 0],
            shocks.severity[shock, 1],
            shocks.severity[shock, 2],
        )
        country = -1
        other = -1
        if scope == SCOPE_UNION:
            state.union_intensity[shock] = min(1.0, state.union_intensity[shock] + severity)
        elif scope == SCOPE_WORLD:
            for struck in range(countries):
                strike(state, shock, struck, severity)
        elif scope == SCOPE_REGION:
            other = unit
            for struck in range(countries):
                if world.region[struck] == unit:
                    strike(state, shock, struck, severity)
        else:
            country = unit
            strike(state, shock, unit, severity)
            if scope == SCOPE_PAIR and state.degree[unit] > 0:
                draw = uniform(seed, replicate, quarter, unit, shock, SHOCK_TARGET)
                other = _linked_partner(state, unit, int(draw * state.degree[unit]))
                strike(state, shock, other, severity)
        log_event(state, quarter, SHOCK, country, -1, other, -1, -1, shock, severity)


@rule
def _linked_partner(state: State, country: int, place: int) -> int:
    """Return the linked partner at a place (0, 1, ...) in the order of the country list."""
    for other in range(state.links.shape[0]):
        if state.links[country, other] == 1:
            if place == 0:
                return other
            place -= 1
    return -1


@rule
def _spread(
    world: WorldArrays,
    parameters: Parameters,
    state: State,
    seed: int,
    replicate: int,
    quarter: int,
    shock: int,
) -> None:
    """Carry last quarter's strikes to neighbours along borders or links."""
    shocks = parameters.shocks
    countries = state.intensity.shape[1]
    for origin in range(countries):
        severity = state.struck_before[shock, origin] * SPREAD_SHARE
        if severity <= 0.0:
            continue
        for country in range(countries):
            if shocks.spread[shock] == SPREAD_BORDERS:
                near = world.borders[origin, country] == 1
            else:
                near = state.links[origin, country] == 1
            if near and state.struck_before[shock, country] == 0.0:
                alternative = shock * countries + origin
                draw = uniform(seed, replicate, quarter, country, alternative, SHOCK_SPREAD)
                if draw < shocks.spread_probability[shock]:
                    strike(state, shock, country, severity)
                    log_event(state, quarter, SHOCK, country, -1, origin, -1, -1, shock, severity)


@rule
def _strike_as_scheduled(parameters: Parameters, state: State, quarter: int) -> None:
    """Let the scenario's own shocks strike in their quarter."""
    shocks = parameters.shocks
    for row in range(shocks.scheduled_quarter.shape[0]):
        if shocks.scheduled_quarter[row] != quarter:
            continue
        shock = shocks.scheduled_type[row]
        severity = shocks.scheduled_severity[row]
        if shocks.scope[shock] == SCOPE_UNION:
            state.union_intensity[shock] = min(1.0, state.union_intensity[shock] + severity)
            log_event(state, quarter, SHOCK, -1, -1, -1, -1, -1, shock, severity)
            continue
        for country in range(state.intensity.shape[1]):
            if shocks.scheduled_target[row, country] == 1:
                strike(state, shock, country, severity)
                log_event(state, quarter, SHOCK, country, -1, -1, -1, -1, shock, severity)


@rule
def feel_shocks(world: WorldArrays, parameters: Parameters, state: State) -> None:
    """Set threat, alignment, rival pull, readiness and the budget to what shocks leave of them.

    Undisturbed readiness grows with investment, with diminishing returns:
    ``1 - (1 - r0) exp(-effect invested / scale)``.
    """
    shocks = parameters.shocks
    coefficients = parameters.coefficients[0]
    countries, areas = state.threat.shape
    for country in range(countries):
        alignment = state.alignment_base[country]
        for shock in range(shocks.scope.shape[0]):
            alignment += shocks.alignment[shock] * state.intensity[shock, country]
        state.alignment[country] = clipped(alignment)
        scale = coefficients.investment_scale * math.sqrt(world.gdp[country])
        for area in range(areas):
            threat = world.threat[country, area]
            rival = state.rival_base[country, area]
            gap = 1.0 - world.readiness[country, area]
            effect = coefficients.investment_effect * state.invested[country, area] / scale
            readiness = 1.0 - gap * math.exp(-effect)
            for shock in range(shocks.scope.shape[0]):
                intensity = state.intensity[shock, country]
                if intensity > 0.0:
                    threat += shocks.threat[shock, area] * intensity
                    rival += shocks.rival[shock, area] * intensity
                    readiness += shocks.readiness[shock, area] * intensity
            state.threat[country, area] = clipped(threat)
            state.rival[country, area] = clipped(rival)
            state.readiness[country, area] = clipped(readiness)
    factor = 1.0
    for shock in range(shocks.scope.shape[0]):
        factor += shocks.budget[shock] * state.union_intensity[shock]
    state.union[0].budget_factor = max(0.0, factor)
