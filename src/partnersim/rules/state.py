"""What changes during a run: one set of arrays per replicate, reset in place."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from partnersim.rules.constants import AREAS
from partnersim.rules.world_arrays import Flags, Floats, Integers, WorldArrays

UNION_DTYPE = np.dtype(
    [
        ("load", np.int64),  # negotiators at work
        ("reputation", np.float64),
        ("budget_factor", np.float64),  # 1 without budget shocks
        ("funding", np.float64),  # money left against the reference envelope, 0..1
        ("envelope", np.int64),  # cents received so far
        ("spent", np.int64),  # cents
        ("carried", np.int64),  # cents now in the purse
        ("lapsed", np.int64),  # cents
        ("mobilised", np.float64),  # million EUR with private and public lenders
        ("lapsed_share", np.float64),  # of this quarter's money
        ("advanced", np.int64),  # stage transitions this quarter
        ("new_ties", np.int64),
        ("deeper_ties", np.int64),
        ("lost_ties", np.int64),
        ("links_changed", np.int64),
        ("connectivity", np.float64),  # algebraic, of the links as last measured
        ("peak_value", np.float64),
        ("quarters_below_peak", np.int64),
    ],
    align=True,
)

# Columns of the event log.
(
    EVENT_QUARTER,
    EVENT_KIND,
    EVENT_COUNTRY,
    EVENT_INSTRUMENT,
    EVENT_OTHER,
    EVENT_STAGE,
    EVENT_DIRECTION,
    EVENT_SHOCK,
    EVENT_SEVERITY,
) = range(9)
EVENT_COLUMNS = 9

EVENTS = (
    "approached",
    "refused",
    "advanced",
    "suspended",
    "recovered",
    "linked",
    "link_refused",
    "link_cut",
    "shock",
)
(
    APPROACHED,
    REFUSED,
    ADVANCED,
    SUSPENDED,
    RECOVERED,
    LINKED,
    LINK_REFUSED,
    LINK_CUT,
    SHOCK,
) = range(9)

SEVERITY_UNITS = 1_000_000


class State(NamedTuple):
    """Everything that changes, for N countries, K instruments, S shock types, R regions."""

    stage: NDArray[np.int8]
    """(N, K) stage of each pair, see `constants.STAGES`."""
    suspended: Flags
    """(N, K) 1 while strain has put the pair on ice; its stage is kept."""
    direction: NDArray[np.int8]
    """(N, K) direction under which the pair was entered, -1 if never."""
    links: Flags
    """(N, N) links between partners, symmetric."""
    shared_partners: Integers
    """(N, N) number of countries linked to both."""
    degree: Integers
    """(N,) number of links."""
    programmes: NDArray[np.int16]
    """(N, N) network instruments that both have in force."""
    linked_holders: NDArray[np.int16]
    """(N, K) linked partners that have the instrument in force."""
    region_holders: NDArray[np.int16]
    """(R, K) countries of the region that have the instrument in force."""
    depth: NDArray[np.int8]
    """(N, 8) binding level of the most binding instrument in force, 0-4."""
    held: NDArray[np.int16]
    """(N, 8) instruments in force that cover the area."""
    in_force: Integers
    """(N,) instruments in force."""
    load: Integers
    """(N,) negotiations under way."""
    alignment_base: Floats
    """(N,) alignment without shocks."""
    rival_base: Floats
    """(N, 8) rival pull without shocks."""
    invested: Floats
    """(N, 8) money mobilised so far, million EUR."""
    recent: Floats
    """(N, 8) money mobilised lately (fading), million EUR."""
    alignment: Floats
    """(N,) alignment with the EU now."""
    readiness: Floats
    """(N, 8) readiness now."""
    rival: Floats
    """(N, 8) rival pull now."""
    threat: Floats
    """(N, 8) perceived threat now."""
    intensity: Floats
    """(S, N) what is left of each shock type in each country, 0..1."""
    struck: Floats
    """(S, N) severity of this quarter's strikes."""
    struck_before: Floats
    """(S, N) severity of last quarter's strikes."""
    union_intensity: Floats
    """(S,) what is left of shocks that strike the EU itself."""
    union: NDArray[Any]
    """(1,) record of the EU: load, reputation, money, counters."""
    events: NDArray[np.int32]
    """(capacity, 9) event log."""
    event_count: Integers
    """(1,) events that happened, even if the log is too short for them."""
    utilities: Floats
    """(K + N + 1,) what the country at turn weighs: instruments, links, holding."""
    admissible: Flags
    """(K + N + 1,) 1 where the option may be taken."""
    order: Floats
    """(N,) keys that put the countries in random order."""


def new_state(world: WorldArrays, shock_types: int, regions: int, event_capacity: int) -> State:
    """Allocate a state; `begin` in ``beginning.py`` fills it.

    Parameters
    ----------
    world : WorldArrays
        Gives N and K.
    shock_types, regions : int
        S and R.
    event_capacity : int
        Rows of the event log.
    """
    countries, instruments = world.stage.shape
    areas = len(AREAS)
    return State(
        stage=np.zeros((countries, instruments), np.int8),
        suspended=np.zeros((countries, instruments), np.uint8),
        direction=np.zeros((countries, instruments), np.int8),
        links=np.zeros((countries, countries), np.uint8),
        shared_partners=np.zeros((countries, countries), np.int64),
        degree=np.zeros(countries, np.int64),
        programmes=np.zeros((countries, countries), np.int16),
        linked_holders=np.zeros((countries, instruments), np.int16),
        region_holders=np.zeros((regions, instruments), np.int16),
        depth=np.zeros((countries, areas), np.int8),
        held=np.zeros((countries, areas), np.int16),
        in_force=np.zeros(countries, np.int64),
        load=np.zeros(countries, np.int64),
        alignment_base=np.zeros(countries),
        rival_base=np.zeros((countries, areas)),
        invested=np.zeros((countries, areas)),
        recent=np.zeros((countries, areas)),
        alignment=np.zeros(countries),
        readiness=np.zeros((countries, areas)),
        rival=np.zeros((countries, areas)),
        threat=np.zeros((countries, areas)),
        intensity=np.zeros((shock_types, countries)),
        struck=np.zeros((shock_types, countries)),
        struck_before=np.zeros((shock_types, countries)),
        union_intensity=np.zeros(shock_types),
        union=np.zeros(1, UNION_DTYPE).view(np.recarray),
        events=np.zeros((event_capacity, EVENT_COLUMNS), np.int32),
        event_count=np.zeros(1, np.int64),
        utilities=np.zeros(instruments + countries + 1),
        admissible=np.zeros(instruments + countries + 1, np.uint8),
        order=np.zeros(countries),
    )


