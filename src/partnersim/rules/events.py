"""The event log: who did what, when."""

from __future__ import annotations

from partnersim.rules.compiled import rule
from partnersim.rules.constants import (
    EVENT_COUNTRY,
    EVENT_DIRECTION,
    EVENT_INSTRUMENT,
    EVENT_KIND,
    EVENT_OTHER,
    EVENT_QUARTER,
    EVENT_SEVERITY,
    EVENT_SHOCK,
    EVENT_STAGE,
    LINK_CUT,
    LINK_REFUSED,
    LINKED,
    SEVERITY_UNITS,
    SHOCK,
)
from partnersim.rules.state import State


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
    """Write one event; -1 stands for "does not apply".

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
    log_event(state, kind, country, instrument, -1, stage, direction, -1, 0.0)


@rule
def log_link(state: State, made: bool, cut: bool, country: int, other: int) -> None:
    """Log that a link was made, cut, or (neither) declined."""
    kind = LINKED if made else (LINK_CUT if cut else LINK_REFUSED)
    log_event(state, kind, country, -1, other, -1, -1, -1, 0.0)


@rule
def log_shock(state: State, shock: int, country: int, other: int, severity: float) -> None:
    """Log a strike on a country, or on the world, a region or the EU (country -1)."""
    log_event(state, SHOCK, country, -1, other, -1, -1, shock, severity)
