"""One run: everything that its rules read and write."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from partnersim.compiler.structure import Structure, part
from partnersim.model import records
from partnersim.model.constants import (
    AREAS,
    EVENT_COLUMNS,
    MODULES,
    OBJECTIVES,
    PATHS,
    RELATIONS,
    STAGES,
    SUMMIT_CYCLE,
)
from partnersim.model.effect_kinds import FIRST_SHOCK
from partnersim.model.metrics import OBSERVED, REGIONAL
from partnersim.model.shock_effects import DISTURBED_ROWS
from partnersim.model.world_arrays import Flags, Floats, Integers

#: Numbers of a row of metrics before those by region.
_FIXED_METRICS = OBSERVED.itemsize // 8

#: A record array; its fields are attributes.
Records = Any


class State(Structure):
    """Records and arrays of one run, for N countries, K instruments, R regions, S shock types.

    Record fields are described in ``records.py``. A state belongs to one thread; `begin` resets
    it for the next replicate.
    """

    clock: Records = part(records.CLOCK, 1)
    """(1,) seed, replicate and quarter."""
    coefficients: Records = part(records.COEFFICIENTS, 1)
    """(1,) behavioural coefficients."""
    union: Records = part(records.UNION, 1)
    """(1,) the EU."""
    lever_settings: Records = part(records.LEVER_SETTINGS, "settings")
    """(1 + W,) lever settings: of the policy as adopted, then of its W switches."""
    lever_instruments: Floats = part(np.float64, "settings", "instruments", fill=1.0)
    """(1 + W, K) EU priority of each instrument under each setting."""
    lever_regions: Floats = part(np.float64, "settings", "regions", fill=1.0)
    """(1 + W, R) EU priority of each region under each setting."""
    lever_modules: Floats = part(np.float64, "settings", len(MODULES))
    """(1 + W, 6) share of each module under each setting."""
    observed: Records = part(OBSERVED, 1)
    """(1,) metrics as last observed, by name; without those by region."""
    observed_by_region: Floats = part(np.float64, len(REGIONAL), "regions")
    """(2, R) metrics by region as last observed, in the order of ``metrics.REGIONAL``."""
    observed_values: Floats = part(np.float64, "metrics")
    """(M,) the numbers of both, in one row: the same memory."""
    countries: Records = part(records.COUNTRY, "countries")
    """(N,)"""
    instruments: Records = part(records.INSTRUMENT, "instruments")
    """(K,)"""
    alignment: Floats = part(np.float64, "countries")
    """(N,) alignment with the EU now. It and the next two are what others look at."""
    in_force: NDArray[np.int32] = part(np.int32, "countries")
    """(N,) instruments in force."""
    degree: NDArray[np.int32] = part(np.int32, "countries")
    """(N,) links."""
    objective_weight: Floats = part(np.float64, len(OBJECTIVES), fill=1.0)
    """(3,) weight of each objective in value; 1 on the mean."""
    value: Floats = part(np.float64, "countries")
    """(N,) value of its ties to each country when last observed. It and the next three are scratch
    of what is observed."""
    value_of_instrument: Floats = part(np.float64, "instruments")
    """(K,) value of each instrument in force to both sides."""
    worth: Floats = part(np.float64, len(AREAS))
    """(8,) what full strength in each area is worth to a country."""
    supplied_by: Floats = part(np.float64, 2, len(AREAS))
    """(2, 8) output of countries in each area that rivals supply, and the EU."""
    by_value: Integers = part(np.int64, "countries")
    """(N,) the countries in rising order of the value of their ties when last observed."""
    pairs: Records = part(records.PAIR, "countries", "instruments")
    """(N, K)"""
    need: Floats = part(np.float64, "countries", "instruments")
    """(N, K) mean need of each country over the instrument's areas."""
    members: Floats = part(np.float64, "countries", "instruments")
    """(N, K) logarithm of how many pairs the bloc of a pair decides for; 0 if alone."""
    opening: Floats = part(np.float64, "countries", "instruments")
    """(N, K) effect of country and instrument on the utility in this run."""
    effects: Records = part(records.EFFECT, "effects")
    """(E,) effects of instruments, those of one instrument together."""
    effect_reached: Floats = part(np.float64, "ages", "effects")
    """(T + 2, E) share of each effect that is there after so many quarters; at last all."""
    effects_left: Floats = part(np.float64, "countries", "effect_columns", fill=1.0)
    """(N, 25 + S + K) what effects leave over in each country, see
    `partnersim.model.effect_kinds`."""
    first_effects_left: Floats = part(np.float64, "countries", "effect_columns", fill=1.0)
    """(N, 25 + S + K) the same on 5 June 2025."""
    excludes: Flags = part(np.uint8, "instruments", "instruments")
    """(K, K) 1 where a tie of the column bars opening the row."""
    precursor: Flags = part(np.uint8, "instruments", "instruments")
    """(K, K) 1 where the column in force leads to the row."""
    supersedes: Flags = part(np.uint8, "instruments", "instruments")
    """(K, K) 1 where the row's entry into force ends ties of the column."""
    tied: NDArray[np.int16] = part(np.int16, "countries", "instruments")
    """(N, K) what each country negotiates or has in force (the first `ties`), ascending."""
    eligible: NDArray[np.int16] = part(np.int16, "countries", "instruments")
    """(N, K) what each country may ever take (the first `eligible`), ascending."""
    open_to: NDArray[np.int16] = part(np.int16, "countries", "instruments")
    """(N, K) of that, what its ties leave open to it (the first `open_to`); holds if `listed`."""
    open_terms: Floats = part(np.float64, "countries", "instruments")
    """(N, K) sum of the terms of utility of each of these that change only with its ties."""
    linked: Flags = part(np.uint8, "countries", "countries")
    """(N, N) 1 where two countries are linked; symmetric, like the next."""
    shared_partners: NDArray[np.int16] = part(np.int16, "countries", "countries")
    """(N, N) countries linked to both."""
    first_linked: Flags = part(np.uint8, "countries", "countries")
    """(N, N) links of 5 June 2025."""
    fixed_pull: Floats = part(np.float64, "countries", "countries")
    """(N, N) part of the pull between two countries that never changes."""
    lasting_pull: Floats = part(np.float64, "countries", "countries")
    """(N, N) part that lasts until links change; 0 if linked."""
    closure: Floats = part(np.float64, "countries")
    """(N,) factor of the pull by shared partners, 0 to N - 1."""
    relinked: Flags = part(np.uint8, "countries")
    """(N,) 1 where links have changed since the lasting part was written."""
    initiative: Floats = part(np.float64, 2, "countries")
    """(2, N) how likely each country is to begin a link, and an agreement in a grouping."""
    link_scratch: Floats = part(np.float64, 4, "countries")
    """(4, N) scratch of the pull: how much each country is wanted, exp of its alignment and of the
    negative; the last row is free."""
    grouping: Flags = part(np.uint8, "groupings", "countries")
    """(G, N) members of economic groupings."""
    common_grouping: NDArray[np.int16] = part(np.int16, "countries", "countries")
    """(N, N) the smallest grouping that two countries share; -1 if none."""
    summit: Flags = part(np.uint8, "countries", SUMMIT_CYCLE)
    """(N, 48) 1 in quarters with a summit of the country and the EU; 2025Q3 is 1."""
    first_agreement: Flags = part(np.uint8, "agreements", "countries")
    """(A, N) members of agreements that others may join, on 5 June 2025."""
    agreement: Flags = part(np.uint8, "agreements", "countries")
    """(A, N) members now."""
    may_join: Flags = part(np.uint8, "agreements", "countries")
    """(A, N) 1 for those who may join."""
    agreement_key: Integers = part(np.int64, "agreements")
    """(A,) key of each agreement, see `partnersim.random.keys`."""
    signed: Records = part(records.SIGNED_PAIR, "signed")
    """(L,) pairs that agreements link which are signed and not yet in force on 5 June 2025."""
    interest: Floats = part(np.float64, "agreements", "countries")
    """(A, N) how likely each country is to join each agreement, up to a factor."""
    neighbours: NDArray[np.int16] = part(np.int16, "countries", "neighbours", fill=-1)
    """(N, B) countries that share a land border with each, ascending; padded with -1."""
    modules: Records = part(records.MODULE, len(MODULES))
    """(6,)"""
    gains: Floats = part(np.float64, "countries", len(MODULES))
    """(N, 6) what each module is worth to each country."""
    claims: Floats = part(np.float64, "countries")
    """(N,) claim of each country on a package this quarter."""
    package: Floats = part(np.float64, len(MODULES))
    """(6,) scratch of the Offer: what each module weighs in a package."""
    rivals: Records = part(records.RIVAL, "rivals")
    """(O,) offers of rival powers."""
    rival_rate: Floats = part(np.float64, "countries", "rivals")
    """(N, O) wins per quarter of each offer in a country that it does not supply."""
    first_supply: Floats = part(np.float64, "countries", "rivals")
    """(N, O) what is left of each offer in each country in June 2025, 0..1."""
    supply: Floats = part(np.float64, "countries", "rivals")
    """(N, O) now."""
    shocks: Records = part(records.SHOCK_TYPE, "shock_types")
    """(S,)"""
    intensity: Floats = part(np.float64, "shock_types", "countries")
    """(S, N) what is left of each shock type in each country."""
    source_intensity: Floats = part(np.float64, "shock_types", "countries")
    """(S, N) what is left of the strikes of each shock type that a country is behind."""
    spared: Flags = part(np.uint8, 3, "countries", "countries")
    """(3, N, N) 1 where the column spares the row: itself, and nobody, friends or foes."""
    source_weight: Floats = part(np.float64, "shock_types", "regions", "countries")
    """(S, R, N) weight of each country among the sources of a shock type, by region struck."""
    reach: Floats = part(np.float64, "countries")
    """(N,) scratch of shocks: what each country feels of a type in a relation."""
    struck: Floats = part(np.float64, "shock_types", "countries")
    """(S, N) severity of this quarter's strikes."""
    struck_before: Floats = part(np.float64, "shock_types", "countries")
    """(S, N) severity of last quarter's strikes."""
    disturbed: Floats = part(np.float64, DISTURBED_ROWS, "countries")
    """(43, N) scratch of shocks: scores that they change, see `partnersim.model.shock_effects`."""
    shock_rate: Floats = part(np.float64, "phases", "shock_types", "quarters")
    """(P, S, T + 1) strikes per quarter and unit, by phase of the climate and quarter."""
    phase_drift: Floats = part(np.float64, "phases")
    """(P,) change of rival pull per quarter, by phase of the climate."""
    phase_keys: Integers = part(np.int64, "phases")
    """(P,) key of each phase of the climate, see `partnersim.random.keys`."""
    phase_due: Integers = part(np.int64, "quarters", fill=-1)
    """(T + 1,) phase that the climate enters in a quarter by schedule; -1 where none."""
    shock_exposure: Floats = part(np.float64, "shock_types", "units")
    """(S, max(N, R)) how much more often each unit of a shock type's scope is struck."""
    unit_keys: Integers = part(np.int64, "shock_types", "units")
    """(S, max(N, R)) key of each unit of a shock type's scope."""
    shock_changes: Records = part(records.CHANGE, "shock_types", len(RELATIONS), DISTURBED_ROWS)
    """(S, 4, 43) what each shock type changes, by relation (the first `changes`)."""
    usual_intensity: Floats = part(np.float64, "shock_types", "countries")
    """(S, N) mean intensity of each shock type at its own rate."""
    usual: Floats = part(np.float64, DISTURBED_ROWS, "countries")
    """(43, N) what shocks change on average then, by row of `disturbed`; 0 of silence."""
    schedule: Records = part(records.SCHEDULED, "scheduled")
    """(Q,) strikes that the scenario schedules."""
    schedule_target: Flags = part(np.uint8, "scheduled", "countries")
    """(Q, N) 1 where a scheduled strike lands."""
    hazard: Floats = part(np.float64, len(PATHS), len(STAGES))
    """(4, 7) hazard per quarter of leaving a stage, by path and stage."""
    next_stage: NDArray[np.int8] = part(np.int8, len(PATHS), len(STAGES))
    """(4, 7) the stage that follows, by path and stage; -1 where none."""
    region_priority: Floats = part(np.float64, "regions")
    """(R,) EU priority, 1 = neutral."""
    region_share: Floats = part(np.float64, "regions")
    """(R,) share of the Offer's money to which the region has first claim for packages."""
    region_due: Integers = part(np.int64, "regions")
    """(R,) cents of that share that it has not had yet; negative if it has had more."""
    region_size: NDArray[np.int64] = part(np.int64, "regions")
    """(R,) countries of the region."""
    region_keys: Integers = part(np.int64, "regions")
    """(R,) key of each region, to which its luck belongs."""
    pooled_regional: Floats = part(np.float64, "regions", 2)
    """(R, 2) effect of a region on the utility of instruments of one partner alone: mean,
    deviation."""
    region_holders: NDArray[np.int16] = part(np.int16, "regions", "instruments")
    """(R, K) countries of the region that have the instrument in force."""
    events: NDArray[np.int32] = part(np.int32, "events", EVENT_COLUMNS)
    """(capacity, 9) event log."""
    utilities: Floats = part(np.float64, "options", fill=-np.inf)
    """(K + 1,) what the country at turn weighs: instruments, holding; -inf where an option may
    not be taken."""
    option_keys: Integers = part(np.int64, "options")
    """(K + 1,) key of each of these options, see `partnersim.random.keys`."""
    ceilings: Floats = part(np.float64, "options")
    """(K + 1,) scratch of a choice: the best score possible."""
    order: Floats = part(np.float64, "countries")
    """(N,) keys that put the countries in random order."""
    turns: NDArray[np.int64] = part(np.int64, "countries")
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
    groupings: int,
    agreements: int,
    signed: int,
    phases: int,
    rivals: int,
    effects: int,
    event_capacity: int,
) -> State:
    """Allocate a state with every number at zero.

    Parameters
    ----------
    countries, instruments, regions, shock_types, scheduled, quarters, neighbours, switches : int
        N, K, R, S, Q, T, B and W.
    groupings, agreements, signed, phases, rivals, effects : int
        G, A, L, P, O and E.
    event_capacity : int
        Rows of the event log.
    """
    sizes = {
        "countries": countries,
        "instruments": instruments,
        "regions": regions,
        "shock_types": shock_types,
        "scheduled": scheduled,
        "quarters": quarters + 1,
        "neighbours": neighbours,
        "settings": 1 + switches,
        "groupings": groupings,
        "agreements": agreements,
        "signed": signed,
        "phases": phases,
        "rivals": rivals,
        "effects": effects,
        "ages": quarters + 2,
        "effect_columns": FIRST_SHOCK + shock_types + instruments,
        "events": event_capacity,
        "metrics": _FIXED_METRICS + len(REGIONAL) * regions,
        "units": max(countries, regions),
        "options": instruments + 1,
    }
    return _state_of(State.allocated(sizes))


def _state_of(arrays: dict[str, Any]) -> State:
    """Return a state of these arrays; metrics by name and as numbers share their memory."""
    values = arrays["observed_values"]
    arrays["observed"] = values[:_FIXED_METRICS].view(OBSERVED)
    arrays["observed_by_region"] = values[_FIXED_METRICS:].reshape(len(REGIONAL), -1)
    return State(**arrays)


def with_event_capacity(state: State, event_capacity: int) -> State:
    """Return the same state with a longer, empty event log."""
    return _state_of(
        {**state.arrays(), "events": np.zeros((event_capacity, EVENT_COLUMNS), np.int32)}
    )


def copied(state: State) -> State:
    """Return a state of its own with the same content, for another thread."""
    return _state_of({name: array.copy() for name, array in state.arrays().items()})


def overwrite(state: State, content: State) -> None:
    """Give a state the content of another one of the same sizes, but for the event log."""
    new = content.arrays()
    for name, array in state.arrays().items():
        if name != "events":
            array[...] = new[name]
