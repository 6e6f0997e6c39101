"""Suspension and recovery: a rupture with a country freezes ties, for years."""

from __future__ import annotations

from typing import Any

from partnersim.compiler.compiled import rule
from partnersim.model.constants import (
    HALF_CONNECTED,
    IN_FORCE,
    NOT_HALTED,
    POLITICAL,
    PROJECT,
    SUSPENDED_BY_SHOCKS,
    TREATY,
)
from partnersim.model.draws import NOBODY, happens
from partnersim.model.events import RECOVERED, SUSPENDED, log_tie
from partnersim.model.state import State
from partnersim.model.ties import GAINED, LOST, enter_force, leave_force, occupy
from partnersim.random.elementary import exp
from partnersim.random.numbers import RECOVERY, SUSPENSION


@rule
def suspension_hazard(coefficients: Any, country: Any, instrument: Any, pair: Any) -> float:
    """Return the hazard of suspension: a fresh rupture strikes what is political and programmes.

    Treaties and projects hold to a share that the coefficients tell; a cable in service, and the
    one political text of a whole bloc, hold.
    """
    of_bloc = pair.bloc >= 0 and instrument.path == POLITICAL
    if of_bloc or (instrument.cable == 1 and pair.stage == IN_FORCE):
        return 0.0
    if instrument.path == TREATY:
        return coefficients.suspension_treaty * country.breach
    if instrument.path == PROJECT:
        return coefficients.suspension_project * country.breach
    return country.breach


@rule
def recovery_hazard(coefficients: Any, country: Any, degree: int) -> float:
    """Return the hazard of recovery: slower while a rupture lasts, faster with linked partners.

    The rate is that of a country that is half connected.
    """
    connected = degree / (degree + HALF_CONNECTED)
    return coefficients.recovery_rate * exp(
        coefficients.recovery_links * (connected - 0.5) - country.rupture
    )


@rule
def suspend_and_recover(state: State) -> None:
    """Suspend ties of countries in a rupture, revive suspended ones.

    The EU decides once about a country: what is equally likely to be suspended or to recover shares
    one draw, so it goes and comes back together.
    """
    coefficients = state.coefficients[0]
    clock = state.clock[0]
    countries = state.countries
    catalogue = state.instruments
    pairs = state.pairs
    tied = state.tied
    for i in range(len(countries)):
        country = countries[i]
        for place in range(country.ties):
            k = tied[i, place]
            instrument = catalogue[k]
            if pairs[i, k].suspended == NOT_HALTED:
                if country.breach > 0.0:
                    hazard = suspension_hazard(coefficients, country, instrument, pairs[i, k])
                    if happens(clock, hazard, country.key, NOBODY, SUSPENSION):
                        _suspend(state, i, k)
            elif pairs[i, k].suspended == SUSPENDED_BY_SHOCKS:
                hazard = recovery_hazard(coefficients, country, state.degree[i])
                if happens(clock, hazard, country.key, NOBODY, RECOVERY):
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
