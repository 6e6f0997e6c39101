"""From settings to a state: what the rules need of a world and a scenario, worked out once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from partnersim.rules.coefficients import NAMES
from partnersim.rules.constants import (
    CYBERSECURITY_AREA,
    INFORMATION_AREA,
    NONE,
    PATH_STAGES,
    PATHS,
    PLANNED,
    SECURITY,
    STAGES,
)
from partnersim.rules.courses import begin_courses
from partnersim.rules.links import fill_fixed_utility
from partnersim.rules.metrics import metric_names
from partnersim.rules.offer import fill_offer
from partnersim.rules.state import State, new_state
from partnersim.rules.value import plain_strength
from partnersim.scenario.course_arrays import fill_courses
from partnersim.scenario.geopolitics import EVERYWHERE
from partnersim.scenario.horizon import quarter_index
from partnersim.scenario.scenario import Scenario
from partnersim.scenario.shock_arrays import fill_climate, fill_shock

if TYPE_CHECKING:
    from partnersim.world.world import World

#: Economic size of a country of middling activity.
MIDDLING_SIZE = 0.5

_SECURITY_AREAS = (CYBERSECURITY_AREA, INFORMATION_AREA)


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
        metrics=len(metric_names(world.regions)),
        event_capacity=event_capacity,
    )
    _fill_coefficients(state, scenario)
    fill_courses(state, world, scenario)
    begin_courses(state)
    _fill_union(state, world, scenario)
    _fill_countries(state, world)
    _fill_activity(state, world, scenario)
    _fill_hubs(state, world, scenario)
    _fill_instruments(state, world, scenario)
    _fill_pairs(state, world, scenario)
    _fill_dyads(state, world)
    _fill_modules(state, world, scenario)
    _fill_stages(state, scenario)
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
        With the same world, horizon, scheduled shocks and switches.
    """
    if _sizes(before) != _sizes(after):
        raise AssertionError("world, horizon, schedule or switches differ: prepare a new state")
    behaviour = after.behaviour is not before.behaviour
    policy = after.policy is not before.policy
    climate = after.geopolitics is not before.geopolitics
    if behaviour:
        _fill_coefficients(state, after)
        _fill_activity(state, world, after)
        _fill_stages(state, after)
    if policy:
        fill_courses(state, world, after)
        _fill_union(state, world, after)
        _fill_hubs(state, world, after)
    if behaviour:
        _fill_dyads(state, world)
    if policy or behaviour:
        # A run may have left the levers of a switch behind.
        begin_courses(state)
        _fill_modules(state, world, after)
    for s, (name, shock) in enumerate(after.shocks.items()):
        if shock is not before.shocks[name]:
            fill_shock(state, world, s, shock)
    if climate or after.shocks is not before.shocks:
        fill_climate(state, after)


def _sizes(scenario: Scenario) -> tuple[object, ...]:
    """Return what decides the size of a state, and what `prepare_again` does not write."""
    return (
        scenario.world,
        scenario.horizon,
        scenario.geopolitics.schedule,
        scenario.policy.switches,
        list(scenario.shocks),
    )


def _fill_coefficients(state: State, scenario: Scenario) -> None:
    """Write the behavioural coefficients."""
    values = scenario.behaviour.values()
    state.coefficients[0] = tuple(values[name] for name in NAMES)


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


def _fill_countries(state: State, world: World) -> None:
    """Write what is fixed about countries."""
    arrays = world.arrays
    countries = state.countries
    for name in ("gdp", "gdp_share", "population_share", "region", "business", "exposure"):
        countries[name] = getattr(arrays, name)
    countries["economic_size"] = arrays.size
    for name in ("alignment", "readiness", "rival", "threat"):
        countries[f"first_{name}"] = getattr(arrays, name)
    countries["need"] = arrays.need
    countries["least_developed"] = arrays.ldc


def _fill_activity(state: State, world: World, scenario: Scenario) -> None:
    """Write how often countries act, what they can carry and what money does to them."""
    coefficients = scenario.behaviour.values()
    arrays = world.arrays
    countries = state.countries
    rate = coefficients["activity_rate"] * np.exp(
        coefficients["activity_size"] * (arrays.size - MIDDLING_SIZE)
    )
    countries["activity"] = 1.0 - np.exp(-rate)
    # Money per area grows with the root of GDP: large economies need more to be moved.
    countries["investment_unit"] = coefficients["investment_scale"] * np.sqrt(arrays.gdp)
    strength = 0.5 * (arrays.size + arrays.readiness.mean(axis=1))
    countries["capacity"] = 1 + np.floor(coefficients["country_capacity"] * strength)


def _fill_hubs(state: State, world: World, scenario: Scenario) -> None:
    """Write where the policy opens Digital Hubs."""
    state.countries["policy_hub"] = np.isin(
        world.countries["iso3"].to_numpy(str), list(scenario.policy.hubs)
    )


def _fill_instruments(state: State, world: World, scenario: Scenario) -> None:
    """Write what is fixed about instruments."""
    arrays = world.arrays
    instruments = state.instruments
    for name in ("binding", "role", "path", "effort", "funded", "offer_role", "prerequisite"):
        instruments[name] = getattr(arrays, name)
    instruments["area_list"] = -1
    for k, covered in enumerate(arrays.area.astype(bool)):
        areas = np.flatnonzero(covered)
        instruments["area_count"][k] = len(areas)
        instruments["area_list"][k, : len(areas)] = areas
        # Threat raises demand for what serves security: a security instrument in all its areas,
        # any other in cybersecurity and information.
        secures = (arrays.role[k] == SECURITY) | np.isin(areas, _SECURITY_AREAS)
        instruments["secures"][k, : len(areas)] = secures
        instruments["areas"][k] = (1 << areas).sum()
        instruments["strength"][k] = plain_strength(int(arrays.binding[k]))
        instruments["objective"][k] = arrays.objective[areas].mean(axis=0)


def _fill_pairs(state: State, world: World, scenario: Scenario) -> None:
    """Write what is fixed about pairs of country and instrument."""
    arrays = world.arrays
    covered = arrays.area.astype(float)
    switched_off = np.isin(
        world.instruments["instrument"].to_numpy(str), list(scenario.world.switched_off)
    )
    # An explicit sum: a matrix product may differ in the last digit between machines.
    need = (arrays.need[:, None, :] * covered[None, :, :]).sum(axis=2)
    state.pairs["need"] = need / covered.sum(axis=1)
    state.pairs["available"] = (arrays.eligible == 1) & ~switched_off
    state.pairs["first_stage"] = np.where(switched_off, NONE, arrays.stage)


def _fill_dyads(state: State, world: World) -> None:
    """Write what is fixed about pairs of countries."""
    arrays = world.arrays
    for i, borders in enumerate(arrays.borders):
        near = np.flatnonzero(borders)
        state.neighbours[i, : len(near)] = near
    state.first_linked[:] = arrays.links
    fill_fixed_utility(state, arrays.affinity, arrays.distance)


def _fill_modules(state: State, world: World, scenario: Scenario) -> None:
    """Write the modules of the Offer."""
    state.modules["trust"] = world.arrays.module_trust
    state.modules["area"] = world.arrays.module_area
    fill_offer(state)


def _fill_stages(state: State, scenario: Scenario) -> None:
    """Write the order of stages on each path and the hazards of leaving them."""
    coefficients = scenario.behaviour.values()
    state.next_stage[:] = -1
    for row, path in enumerate(PATHS):
        stages = [STAGES.index(stage) for stage in PATH_STAGES[path]]
        state.next_stage[row, [NONE, PLANNED]] = stages[0]
        state.next_stage[row, stages[:-1]] = stages[1:]
        for stage in PATH_STAGES[path][:-1]:
            state.hazard[row, STAGES.index(stage)] = coefficients[f"hazard_{path}_{stage}"]
