"""Suspension and recovery: shocks suspend negotiations and freeze instruments."""

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
    NOT_HALTED,
    SCOPE_UNION,
    SUSPENDED_BY_SHOCKS,
)
from partnersim.model.draws import draw_of, happens, is_hit, luck
from partnersim.model.events import RECOVERED, SUSPENDED, log_tie
from partnersim.model.state import State
from partnersim.model.ties import GAINED, LOST, enter_force, leave_force, occupy
from partnersim.model.world_arrays import Floats
from partnersim.random.numbers import RECOVERY, SUSPENSION


@rule
def add_up_hazards(state: State, suspensions: Floats) -> None:
    """Add up the hazards that shocks put on each country's ties.

    Parameters
    ----------
    suspensions : (N,) float64 array
        Overwritten.
    """
    countries = len(state.countries)
    suspensions[:] = 0.0
    for s in range(len(state.shocks)):
        shock = state.shocks[s]
        intensity = state.intensity[s]
        at_home = shock.scope == SCOPE_UNION
        if shock.suspension > 0.0:
            for i in range(countries):
                present = shock.union_intensity if at_home else intensity[i]
                suspensions[i] += shock.suspension * present


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
    """Suspend and revive instruments."""
    coefficients = state.coefficients[0]
    clock = state.clock[0]
    countries = state.countries
    catalogue = state.instruments
    pairs = state.pairs
    tied = state.tied
    # The order of turns has done its work this quarter and saves an allocation.
    suspensions = state.order
    add_up_hazards(state, suspensions)
    for i in range(len(countries)):
        country = countries[i]
        degree = state.degree[i]
        pressure = suspensions[i]
        suspending = luck(clock, country.key, SUSPENSION)
        for place in range(country.ties):
            k = np.int64(tied[i, place])
            pair = pairs[i, k]
            instrument = catalogue[k]
            if pair.suspended == NOT_HALTED:
                if pressure > 0.0:
                    hazard = suspension_hazard(coefficients, country, instrument, pressure)
                    if is_hit(draw_of(suspending, instrument.key), hazard):
                        _suspend(state, i, k)
            elif pair.suspended == SUSPENDED_BY_SHOCKS:
                hazard = recovery_hazard(coefficients, degree, instrument, pressure)
                if happens(clock, hazard, country.key, instrument.key, RECOVERY):
                    _revive(state, i, k)


@rule
def _suspend(state: State, i: int, k: int) -> None:
    """Put a pair on ice; one in force is a lost tie until it recovers."""
    pair = state.pairs[i, k]
    pair.suspended = SUSPENDED_BY_SHOCKS
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
    pair.suspended = NOT_HALTED
    if pair.stage == IN_FORCE:
        enter_force(state, i, k)
    else:
        occupy(state, i, k, GAINED)
    log_tie(state, RECOVERED, i, k, pair.stage)
