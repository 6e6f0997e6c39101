"""One run: everything that its rules read and write."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from partnersim.model import records
from partnersim.model.constants import AREAS, EVENT_COLUMNS, MODULES, PATHS, SHOCKED, STAGES
from partnersim.model.metrics import OBSERVED, REGIONAL
from partnersim.model.world_arrays import Flags, Floats
from partnersim.random.noise import blocks_to_fill

#: Numbers of a row of metrics before those by region.
_FIXED_METRICS = OBSERVED.itemsize // 8

#: A record array; its fields are attributes.
Records = Any


class State(NamedTuple):
    """Records and arrays of one run, for N countries, K instruments, R regions, S shock types.

    Record fields are described in ``records.py``. A state belongs to one thread; `begin` resets
    it for the next replicate.
    """

    clock: Records
    """(1,) seed, replicate and quarter."""
    coefficients: Records
    """(1,) behavioural coefficients."""
    union: Records
    """(1,) the EU."""
    courses: Records
    """(1 + W,) the policy as adopted and its W switches."""
    course_instruments: Floats
    """(1 + W, K) EU priority of each instrument on each course."""
    course_regions: Floats
    """(1 + W, R) EU priority of each region on each course."""
    course_modules: Floats
    """(1 + W, 6) share of each module on each course."""
    observed: Records
    """(1,) metrics as last observed, by name; without those by region."""
    observed_by_region: Floats
    """(2, R) metrics by region as last observed, in the order of ``metrics.REGIONAL``."""
    observed_values: Floats
    """(M,) the numbers of both, in one row: the same memory."""
    countries: Records
    """(N,)"""
    instruments: Records
    """(K,)"""
    alignment: Floats
    """(N,) alignment with the EU now. It and the next two are what others look at."""
    in_force: NDArray[np.int32]
    """(N,) instruments in force."""
    degree: NDArray[np.int32]
    """(N,) links."""
    pairs: Records
    """(N, K)"""
    tied: NDArray[np.int16]
    """(N, K) what each country negotiates or has in force (the first `ties`), ascending."""
    linked: Flags
    """(N, N) 1 where two countries are linked; symmetric, like the next two."""
    shared_partners: NDArray[np.int16]
    """(N, N) countries linked to both."""
    programmes: NDArray[np.int16]
    """(N, N) network instruments that both have in force."""
    fixed_utility: Floats
    """(N, N) part of a link's utility that never changes."""
    first_linked: Flags
    """(N, N) links of 5 June 2025."""
    neighbours: NDArray[np.int16]
    """(N, B) countries that share a land border with each, ascending; padded with -1."""
    modules: Records
    """(6,)"""
    gains: Floats
    """(N, 6) what each module is worth to each country."""
    claims: Floats
    """(6, N) claim of each country on each module this quarter."""
    shocks: Records
    """(S,)"""
    intensity: Floats
    """(S, N) what is left of each shock type in each country."""
    struck: Floats
    """(S, N) severity of this quarter's strikes."""
    struck_before: Floats
    """(S, N) severity of last quarter's strikes."""
    felt: Floats
    """(25, N) scratch of shocks: readiness, rival pull and threat by area, then alignment."""
    shock_rate: Floats
    """(S, T + 1) strikes per quarter and unit, by quarter."""
    shock_exposure: Floats
    """(S, max(N, R)) how much more often each unit of a shock type's scope is struck."""
    shock_changes: Records
    """(S, 24) what each shock type changes (the first `changes`)."""
    schedule: Records
    """(Q,) strikes that the scenario schedules."""
    schedule_target: Flags
    """(Q, N) 1 where a scheduled strike lands."""
    hazard: Floats
    """(4, 7) hazard per quarter of leaving a stage, by path and stage."""
    next_stage: NDArray[np.int8]
    """(4, 7) the stage that follows, by path and stage; -1 where none."""
    region_priority: Floats
    """(R,) EU priority, 1 = neutral."""
    region_size: NDArray[np.int64]
    """(R,) countries of the region."""
    region_holders: NDArray[np.int16]
    """(R, K) countries of the region that have the instrument in force."""
    events: NDArray[np.int32]
    """(capacity, 9) event log."""
    utilities: Floats
    """(>= K + N + 1,) what the country at turn weighs: instruments, links, holding; -inf where
    an option may not be taken, and behind the last one."""
    words: NDArray[np.uint64]
    """(4, blocks) scratch of a choice: random words."""
    ceilings: Floats
    """(blocks,) scratch of a choice: the best score possible."""
    order: Floats
    """(N,) keys that put the countries in random order."""
    turns: NDArray[np.int64]
    """(N,) the countries that get a turn this quarter, in their order."""


def new_state(
    countries: int,
    instruments: int,
    regions: int,
    shock_types: int,
    scheduled: int,
    quarters: int,
    neighbours: int,
    switches: int,
    event_capacity: int,
) -> State:
    """Allocate a state with every number at zero.

    Parameters
    ----------
    countries, instruments, regions, shock_types, scheduled, quarters, neighbours, switches : int
        N, K, R, S, Q, T, B and W.
    event_capacity : int
        Rows of the event log.
    """

    def table(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Records:
        return np.zeros(shape, dtype).view(np.recarray)

    blocks = blocks_to_fill(instruments + countries + 1)
    return State(
        clock=table((1,), records.CLOCK),
        coefficients=table((1,), records.COEFFICIENTS),
        union=table((1,), records.UNION),
        courses=table((1 + switches,), records.COURSE),
        course_instruments=np.ones((1 + switches, instruments)),
        course_regions=np.ones((1 + switches, regions)),
        course_modules=np.zeros((1 + switches, len(MODULES))),
        **_observed_views(np.zeros(_FIXED_METRICS + len(REGIONAL) * regions)),
        countries=table((countries,), records.COUNTRY),
        instruments=table((instruments,), records.INSTRUMENT),
        alignment=np.zeros(countries),
        in_force=np.zeros(countries, np.int32),
        degree=np.zeros(countries, np.int32),
        pairs=table((countries, instruments), records.PAIR),
        tied=np.zeros((countries, instruments), np.int16),
        linked=np.zeros((countries, countries), np.uint8),
        shared_partners=np.zeros((countries, countries), np.int16),
        programmes=np.zeros((countries, countries), np.int16),
        fixed_utility=np.zeros((countries, countries)),
        first_linked=np.zeros((countries, countries), np.uint8),
        neighbours=np.full((countries, neighbours), -1, np.int16),
        modules=table((len(MODULES),), records.MODULE),
        gains=np.zeros((countries, len(MODULES))),
        claims=np.zeros((len(MODULES), countries)),
        shocks=table((shock_types,), records.SHOCK_TYPE),
        intensity=np.zeros((shock_types, countries)),
        struck=np.zeros((shock_types, countries)),
        struck_before=np.zeros((shock_types, countries)),
        felt=np.zeros((len(SHOCKED) * len(AREAS) + 1, countries)),
        shock_rate=np.zeros((shock_types, quarters + 1)),
        shock_exposure=np.zeros((shock_types, max(countries, regions))),
        shock_changes=table((shock_types, len(SHOCKED) * len(AREAS)), records.CHANGE),
        schedule=table((scheduled,), records.SCHEDULED),
        schedule_target=np.zeros((scheduled, countries), np.uint8),
        hazard=np.zeros((len(PATHS), len(STAGES))),
        next_stage=np.zeros((len(PATHS), len(STAGES)), np.int8),
        region_priority=np.zeros(regions),
        region_size=np.zeros(regions, np.int64),
        region_holders=np.zeros((regions, instruments), np.int16),
        events=np.zeros((event_capacity, EVENT_COLUMNS), np.int32),
        utilities=np.full(8 * blocks, -np.inf),
        words=np.zeros((4, blocks), np.uint64),
        ceilings=np.zeros(blocks),
        order=np.zeros(countries),
        turns=np.zeros(countries, np.int64),
    )


def with_event_capacity(state: State, event_capacity: int) -> State:
    """Return the same state with a longer, empty event log."""
    return state._replace(events=np.zeros((event_capacity, EVENT_COLUMNS), np.int32))


def _observed_views(values: Floats) -> dict[str, Any]:
    """Return the fields of a state that show one row of metrics, under its names and as numbers."""
    return {
        "observed": values[:_FIXED_METRICS].view(OBSERVED).view(np.recarray),
        "observed_by_region": values[_FIXED_METRICS:].reshape(len(REGIONAL), -1),
        "observed_values": values,
    }


def copied(state: State) -> State:
    """Return a state of its own with the same content, for another thread."""
    parts = {name: part.copy() for name, part in state._asdict().items()}
    return State(**{**parts, **_observed_views(parts["observed_values"])})
