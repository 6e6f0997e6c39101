"""The event log: who did what, when."""

from __future__ import annotations

from partnersim.rules.compiled import rule
from partnersim.rules.state import (
    EVENT_COUNTRY,
    EVENT_DIRECTION,
    EVENT_INSTRUMENT,
    EVENT_KIND,
    EVENT_OTHER,
    EVENT_QUARTER,
    EVENT_SEVERITY,
    EVENT_SHOCK,
    EVENT_STAGE,
    SEVERITY_UNITS,
    State,
)


@rule
def log_event(
    state: State,
    quarter: int,
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
    row = state.event_count[0]
    state.event_count[0] = row + 1
    if row < state.events.shape[0]:
        events = state.events
        events[row, EVENT_QUARTER] = quarter
        events[row, EVENT_KIND] = kind
        events[row, EVENT_COUNTRY] = country
        events[row, EVENT_INSTRUMENT] = instrument
        events[row, EVENT_OTHER] = other
        events[row, EVENT_STAGE] = stage
        events[row, EVENT_DIRECTION] = direction
        events[row, EVENT_SHOCK] = shock
        events[row, EVENT_SEVERITY] = int(severity * SEVERITY_UNITS)
