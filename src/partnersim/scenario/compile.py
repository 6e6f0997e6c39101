"""From settings to a state: what the rules need of a world and a scenario, worked out once."""

from __future__ import annotations

import numpy as np

from partnersim.model.constants import QUARTERS_PER_YEAR
from partnersim.model.lever_settings import begin_levers
from partnersim.model.offer import fill_offer
from partnersim.model.state import State, new_state
from partnersim.random.elementary import each_power
from partnersim.random.keys import name_keys
from partnersim.scenario.compile_policy import fill_policy
from partnersim.scenario.compile_shocks import fill_shocks
from partnersim.scenario.compile_world import fill_behaviour, fill_world, signed_pairs
from partnersim.scenario.horizon import quarter_index
from partnersim.scenario.names import members_of
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World


def prepare(world: World, scenario: Scenario, event_capacity: int) -> State:
    """Return a state that holds a world and a scenario; `begin` makes it a run.

    Parameters
    ----------
    world : World
        N countries, K instruments, R regions.
    scenario : Scenario
        Checked against the world (``scenario.check(world)`` found no problem).
    event_capacity : int
        Rows of the event log.
    """
    world = world.weighted(scenario.world.weights)
    schedule = [
        strike
        for strike in scenario.geopolitics.schedule
        if 1 <= quarter_index(strike.quarter, scenario.horizon.start) <= scenario.horizon.quarters
    ]
    countries, instruments = world.arrays.stage.shape
    state = new_state(
        countries,
        instruments,
        regions=len(world.regions),
        shock_types=len(scenario.shocks),
        scheduled=len(schedule),
        quarters=scenario.horizon.quarters,
        neighbours=int(world.arrays.borders.sum(axis=1).max(initial=0)),
        switches=len(scenario.policy.switches),
        groupings=len(world.arrays.grouping),
        agreements=len(world.arrays.agreement),
        signed=len(signed_pairs(world.arrays.signed)),
        phases=len(scenario.geopolitics.by_phase),
        rivals=len(world.arrays.rival_key),
        effects=len(world.arrays.effect_of),
        event_capacity=event_capacity,
    )
    names = list(scenario.shocks)
    fill_world(state, world, scenario.world.switched_off, names)
    _fill(state, world, scenario)
    iso3 = world.countries["iso3"].to_numpy(str)
    for row, strike in enumerate(schedule):
        state.schedule.quarter[row] = quarter_index(strike.quarter, scenario.horizon.start)
        state.schedule.shock[row] = names.index(strike.shock)
        state.schedule.severity[row] = strike.severity
        state.schedule.source[row] = -1 if strike.by is None else list(iso3).index(strike.by)
        state.schedule_target[row] = members_of(strike.where, world)
    return state


def prepare_again(state: State, world: World, before: Scenario, after: Scenario) -> None:
    """Turn a state prepared for one scenario into that of another; writes only what differs.

    The outcome is that of `prepare`, several times faster where little differs: what many
    scenarios of one sweep need.

    Parameters
    ----------
    state : State
        From `prepare(world, before, ...)`, whether or not it has been run since.
    before, after : Scenario
        `alike`.
    """
    if not alike(before, after):
        raise AssertionError("world, horizon, schedule or switches differ: prepare a new state")
    _fill(state, world.weighted(after.world.weights), after, before)


def _fill(state: State, world: World, after: Scenario, before: Scenario | None = None) -> None:
    """Write what a scenario says, or what it says otherwise than the one that stands there."""
    parts = ("behaviour", "policy", "shocks", "geopolitics")
    changed = {name for name in parts if getattr(after, name) != getattr(before, name, None)}
    if "behaviour" in changed:
        fill_behaviour(state, world, after.behaviour)
    if "policy" in changed:
        fill_policy(state, world, after)
    if changed & {"behaviour", "policy"}:
        # As adopted: a run may have left the levers of a switch behind.
        begin_levers(state)
        fill_offer(state)
        if recipients := after.policy.offer.recipients:
            # Who is no recipient gains nothing from a package, so none is an option.
            state.gains[~np.array(members_of(recipients, world))] = 0.0
    if "shocks" in changed:
        fill_shocks(state, world, after.shocks, before.shocks if before else {})
    if changed & {"shocks", "geopolitics"}:
        _fill_climate(state, after)


def alike(before: Scenario, after: Scenario) -> bool:
    """Tell whether `prepare_again` can turn a state of one scenario into that of another.

    It can if world, horizon, scheduled shocks, switches, and the names of shock types and of phases
    of the climate are equal.
    """
    return _sizes(before) == _sizes(after)


def _sizes(scenario: Scenario) -> tuple[object, ...]:
    """Return what decides the size of a state, and what `prepare_again` does not write."""
    return (
        scenario.world,
        scenario.horizon,
        scenario.geopolitics.schedule,
        scenario.policy.switches,
        list(scenario.geopolitics.by_phase),
        list(scenario.shocks),
    )


def _fill_climate(state: State, scenario: Scenario) -> None:
    """Write how rivals drift, and how often each shock type strikes, by quarter."""
    climate = scenario.geopolitics
    years = np.arange(scenario.horizon.quarters + 1) / QUARTERS_PER_YEAR
    growth = each_power(1.0 + climate.intensification, years)
    for place, phase in enumerate(climate.by_phase.values()):
        state.phase_drift[place] = phase.rival_drift / QUARTERS_PER_YEAR
        for s, (name, shock) in enumerate(scenario.shocks.items()):
            yearly = shock.rate * phase.shocks.get(name, 1.0)
            state.shock_rate[place, s] = yearly * (phase.intensity * growth) / QUARTERS_PER_YEAR
    state.phase_keys[:] = name_keys(list(climate.by_phase))
    lasts = climate.persistence
    state.union[0].phase_end = 1.0 / (QUARTERS_PER_YEAR * lasts) if lasts else 0.0
    state.phase_due[:] = -1
    for turn in climate.turns:
        quarter = quarter_index(turn.quarter, scenario.horizon.start)
        if 1 <= quarter <= scenario.horizon.quarters:
            state.phase_due[quarter] = list(climate.by_phase).index(turn.to)
