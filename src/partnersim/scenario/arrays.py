"""From settings to a state: what the rules need of a world and a scenario, worked out once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from partnersim.model.courses import begin_courses
from partnersim.model.offer import fill_offer
from partnersim.model.state import State, new_state
from partnersim.scenario.behaviour_arrays import fill_behaviour
from partnersim.scenario.course_arrays import fill_courses
from partnersim.scenario.horizon import quarter_index
from partnersim.scenario.names import EVERYWHERE
from partnersim.scenario.scenario import Scenario
from partnersim.scenario.shock_arrays import fill_climate, fill_shock
from partnersim.scenario.world_arrays import fill_world

if TYPE_CHECKING:
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
        event_capacity=event_capacity,
    )
    fill_world(state, world, scenario.world.switched_off)
    fill_behaviour(state, world, scenario.behaviour)
    _fill_policy(state, world, scenario)
    _begin(state)
    for s, shock in enumerate(scenario.shocks.values()):
        fill_shock(state, world, s, shock)
    fill_climate(state, scenario)
    names = list(scenario.shocks)
    iso3 = world.countries["iso3"].to_numpy(str)
    region = world.countries["region"].to_numpy(str)
    for row, strike in enumerate(schedule):
        state.schedule.quarter[row] = quarter_index(strike.quarter, scenario.horizon.start)
        state.schedule.shock[row] = names.index(strike.shock)
        state.schedule.severity[row] = strike.severity
        places = list(strike.where)
        everywhere = EVERYWHERE in places
        state.schedule_target[row] = np.isin(iso3, places) | np.isin(region, places) | everywhere
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
    behaviour = after.behaviour is not before.behaviour
    policy = after.policy is not before.policy
    climate = after.geopolitics is not before.geopolitics
    if behaviour:
        fill_behaviour(state, world, after.behaviour)
    if policy:
        _fill_policy(state, world, after)
    if policy or behaviour:
        _begin(state)
    for s, (name, shock) in enumerate(after.shocks.items()):
        if shock is not before.shocks[name]:
            fill_shock(state, world, s, shock)
    if climate or after.shocks is not before.shocks:
        fill_climate(state, after)


def alike(before: Scenario, after: Scenario) -> bool:
    """Tell whether `prepare_again` can turn a state of one scenario into that of another.

    It can if world, horizon, scheduled shocks, switches and the names of shock types are equal.
    """
    return _sizes(before) == _sizes(after)


def _sizes(scenario: Scenario) -> tuple[object, ...]:
    """Return what decides the size of a state, and what `prepare_again` does not write."""
    return (
        scenario.world,
        scenario.horizon,
        scenario.geopolitics.schedule,
        scenario.policy.switches,
        list(scenario.shocks),
    )


def _fill_policy(state: State, world: World, scenario: Scenario) -> None:
    """Write the EU and its policy."""
    fill_courses(state, world, scenario)
    _fill_union(state, world, scenario)
    state.countries["policy_hub"] = np.isin(
        world.countries["iso3"].to_numpy(str), list(scenario.policy.hubs)
    )


def _begin(state: State) -> None:
    """Take the policy as adopted: a run may have left the levers of a switch behind."""
    begin_courses(state)
    fill_offer(state)


def _fill_union(state: State, world: World, scenario: Scenario) -> None:
    """Write what is fixed about the EU; the levers come with its first course."""
    offer = scenario.policy.offer
    union = state.union[0]
    union.private = offer.private
    union.development_finance = offer.development_finance
    union.export_credit = offer.export_credit
    union.reservation_partner = offer.reservation_partner
    union.reservation_union = offer.reservation_eu
    size = np.bincount(world.arrays.region, minlength=len(world.regions)).astype(float)
    state.region_size[:] = np.maximum(1, size)
