"""Suspension and recovery: shocks suspend negotiations, freeze instruments and cut links."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from partnersim.compiler.compiled import rule
from partnersim.model.constants import (
    CYBERSECURITY_AREA,
    HALF_CONNECTED,
    IN_FORCE,
    MAXIMUM_DEPTH,
    SCOPE_UNION,
)
from partnersim.model.draws import draw_of, happens, is_hit, luck
from partnersim.model.events import LINK_CUT, RECOVERED, SUSPENDED, log_link, log_tie
from partnersim.model.state import State
from partnersim.model.ties import GAINED, LOST, enter_force, leave_force, occupy, set_link
from partnersim.model.world_arrays import Floats
from partnersim.random.numbers import LINK_BREAK, RECOVERY, SUSPENSION


@rule
def add_up_hazards(state: State, suspensions: Floats, cuts: Floats) -> None:
    """Add up the hazards that shocks put on each country's ties and on its links.

    Parameters
    ----------
    suspensions, cuts : (>= N,) float64 arrays
        Overwritten.
    """
    countries = len(state.countries)
    suspensions[:countries] = 0.0
    cuts[:countries] = 0.0
    for s in range(len(state.shocks)):
        shock = state.shocks[s]
        intensity = state.intensity[s]
        at_home = shock.scope == SCOPE_UNION
        if shock.suspension > 0.0:
            for i in range(countries):
                present = shock.union_intensity if at_home else intensity[i]
                suspensions[i] += shock.suspension * present
        if shock.cut > 0.0:
            for i in range(countries):
                cuts[i] += shock.cut * intensity[i]


@rule
def suspension_hazard(coefficients: Any, country: Any, instrument: Any, pressure: float) -> float:
    """Return the hazard of suspension.

    What is more binding is better protected; so is a country with deep cooperation on
    cybersecurity, where information is shared and response is faster.
    """
    firmness = instrument.binding / MAXIMUM_DEPTH
    shield = country.depth[CYBERSECURITY_AREA] / MAXIMUM_DEPTH
    return (
        pressure
        * (1.0 - coefficients.strain_protection * firmness)
        * (1.0 - coefficients.strain_shield * shield)
    )


@rule
def recovery_hazard(coefficients: Any, degree: int, instrument: Any, pressure: float) -> float:
    """Return the hazard of recovery.

    Slower for what is less binding and while pressure lasts, faster with linked partners.
    """
    firmness = instrument.binding / MAXIMUM_DEPTH
    connected = degree / (degree + HALF_CONNECTED)
    return coefficients.recovery_rate * math.exp(
        coefficients.recovery_binding * (firmness - 0.5)
        + coefficients.recovery_links * connected
        - pressure
    )


@rule
def suspend_and_recover(state: State) -> None:
    """Suspend and revive instruments, then cut links."""
    coefficients = state.coefficients[0]
    clock = state.clock[0]
    countries = state.countries
    catalogue = state.instruments
    pairs = state.pairs
    tied = state.tied
    # What choosing needed has done its work this quarter and saves an allocation.
    suspensions = state.utilities
    cuts = state.order
    add_up_hazards(state, suspensions, cuts)
    for i in range(len(countries)):
        country = countries[i]
        degree = state.degree[i]
        pressure = suspensions[i]
        suspending = luck(clock, country.key, SUSPENSION)
        for place in range(country.ties):
            k = np.int64(tied[i, place])
            pair = pairs[i, k]
            instrument = catalogue[k]
            if pair.suspended == 0:
                if pressure > 0.0:
                    hazard = suspension_hazard(coefficients, country, instrument, pressure)
                    if is_hit(draw_of(suspending, instrument.key), hazard):
                        _suspend(state, i, k)
            else:
                hazard = recovery_hazard(coefficients, degree, instrument, pressure)
                if happens(clock, hazard, country.key, instrument.key, RECOVERY):
                    _revive(state, i, k)
    _cut_links(state, cuts)


@rule
def _suspend(state: State, i: int, k: int) -> None:
    """Put a pair on ice; one in force is a lost tie until it recovers."""
    pair = state.pairs[i, k]
    pair.suspended = 1
    if pair.stage == IN_FORCE:
        leave_force(state, i, k)
        state.union[0].lost_ties += 1
    else:
        occupy(state, i, k, LOST)
    log_tie(state, SUSPENDED, i, k, pair.stage)


@rule
def _revive(state: State, i: int, k: int) -> None:
    """Take a pair off the ice, at the stage it had."""
    pair = state.pairs[i, k]
    pair.suspended = 0
    if pair.stage == IN_FORCE:
        enter_force(state, i, k)
    else:
        occupy(state, i, k, GAINED)
    log_tie(state, RECOVERED, i, k, pair.stage)


@rule
def _cut_links(state: State, cuts: Floats) -> None:
    """Cut links with the mean of the hazards at both ends."""
    countries = state.countries
    linked = state.linked
    for i in range(len(countries)):
        if state.degree[i] == 0:
            continue
        for j in range(i + 1, len(countries)):
            if linked[i, j] == 1:
                hazard = 0.5 * (cuts[i] + cuts[j])
                one, other = countries[i].key, countries[j].key
                if hazard > 0.0 and happens(
                    state.clock[0], hazard, min(one, other), max(one, other), LINK_BREAK
                ):
                    set_link(state, i, j, np.int8(0))
                    log_link(state, LINK_CUT, i, j)
