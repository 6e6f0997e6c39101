"""The event log: who did what, when."""

from __future__ import annotations

from partnersim.compiler.compiled import rule
from partnersim.model.constants import (
    EVENT_COUNTRY,
    EVENT_DIRECTION,
    EVENT_INSTRUMENT,
    EVENT_KIND,
    EVENT_OTHER,
    EVENT_QUARTER,
    EVENT_SEVERITY,
    EVENT_SHOCK,
    EVENT_STAGE,
    EVENTS,
    SEVERITY_UNITS,
)
from partnersim.model.state import State

(
    APPROACHED,
    REFUSED,
    ADVANCED,
    SUSPENDED,
    RECOVERED,
    LINKED,
    SHOCK,
    SWITCHED,
    PACKAGE,
    STALLED,
    RESUMED,
    ENDED,
    EXPIRED,
    RENEWED,
    SUPERSEDED,
    CLIMATE,
    RIVAL_WON,
    VENDOR_BANNED,
    PROPOSED,
    DECLINED,
    COUNTERED,
    BLOCKED,
) = range(len(EVENTS))

#: What an event says where a column does not apply.
NOT_APPLICABLE = -1


@rule
def log_event(
    state: State,
    kind: int,
    country: int,
    instrument: int,
    other: int,
    stage: int,
    direction: int,
    shock: int,
    severity: float,
) -> None:
    """Write one event.

    When the log is full the event is counted but not written, so that the driver can see that
    the run needs a longer log.
    """
    union = state.union[0]
    row = union.events
    union.events = row + 1
    if row < state.events.shape[0]:
        event = state.events[row]
        event[EVENT_QUARTER] = state.clock[0].quarter
        event[EVENT_KIND] = kind
        event[EVENT_COUNTRY] = country
        event[EVENT_INSTRUMENT] = instrument
        event[EVENT_OTHER] = other
        event[EVENT_STAGE] = stage
        event[EVENT_DIRECTION] = direction
        event[EVENT_SHOCK] = shock
        event[EVENT_SEVERITY] = int(severity * SEVERITY_UNITS)


@rule
def log_tie(state: State, kind: int, country: int, instrument: int, stage: int) -> None:
    """Log what happened to a pair, with the direction under which it was entered."""
    direction = state.pairs[country, instrument].direction
    log_event(
        state,
        kind,
        country,
        instrument,
        NOT_APPLICABLE,
        stage,
        direction,
        NOT_APPLICABLE,
        0.0,
    )


@rule
def log_link(state: State, kind: int, country: int, other: int) -> None:
    """Log that a link was made."""
    log_event(
        state,
        kind,
        country,
        NOT_APPLICABLE,
        other,
        NOT_APPLICABLE,
        NOT_APPLICABLE,
        NOT_APPLICABLE,
        0.0,
    )


@rule
def log_shock(state: State, shock: int, country: int, other: int, severity: float) -> None:
    """Log a strike on a country, or on the world, a region or the EU (no country)."""
    log_event(
        state,
        SHOCK,
        country,
        NOT_APPLICABLE,
        other,
        NOT_APPLICABLE,
        NOT_APPLICABLE,
        shock,
        severity,
    )


@rule
def log_spread(state: State, shock: int, country: int, origin: int, severity: float) -> None:
    """Log that a shock reached a country from a neighbour, which is not behind it.

    Such origins are numbered after all countries.
    """
    log_shock(state, shock, country, len(state.countries) + origin, severity)


@rule
def log_switch(state: State, switch: int) -> None:
    """Log that the EU set levers anew by a switch of its policy, numbered from 0."""
    log_event(
        state,
        SWITCHED,
        NOT_APPLICABLE,
        NOT_APPLICABLE,
        switch,
        NOT_APPLICABLE,
        NOT_APPLICABLE,
        NOT_APPLICABLE,
        0.0,
    )


@rule
def log_climate(state: State, phase: int) -> None:
    """Log that the climate entered another of its phases, numbered from 0."""
    log_event(
        state,
        CLIMATE,
        NOT_APPLICABLE,
        NOT_APPLICABLE,
        phase,
        NOT_APPLICABLE,
        NOT_APPLICABLE,
        NOT_APPLICABLE,
        0.0,
    )


@rule
def log_package(state: State, country: int, framework: int, million: float) -> None:
    """Log a package of the Offer: its partnership framework, if there is one, and million EUR."""
    log_event(
        state,
        PACKAGE,
        country,
        framework,
        NOT_APPLICABLE,
        NOT_APPLICABLE,
        NOT_APPLICABLE,
        NOT_APPLICABLE,
        million,
    )
