"""What the rules read of a policy: its levers, the signposts of its switches, the Offer."""

from __future__ import annotations

import math

import numpy as np

from partnersim.model.constants import (
    AREAS,
    CENTS_PER_MILLION,
    DIRECTIONS,
    LEVERS,
    MODULES,
    QUARTERS_PER_YEAR,
)
from partnersim.model.metrics import metric_names
from partnersim.model.state import State
from partnersim.model.targeting import TARGETING
from partnersim.model.world_arrays import Floats
from partnersim.scenario.horizon import quarter_index
from partnersim.scenario.policy import LeverSettings, Policy, Signpost
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World

_NOTHING_WATCHED = -1


def fill_policy(state: State, world: World, scenario: Scenario) -> None:
    """Write the EU and its policy.

    Parameters
    ----------
    state : State
        Of N countries, K instruments and R regions.
    world : World
        The same.
    scenario : Scenario
        Whose policy is written.
    """
    policy, offer, union = scenario.policy, scenario.policy.offer, state.union[0]
    for name in ("private", "development_finance", "export_credit", "reservation_partner"):
        setattr(union, name, getattr(offer, name))
    union.reservation_union = offer.reservation_eu
    state.region_share[:] = [offer.regions.get(name, 0.0) for name in world.regions]
    size = np.bincount(world.arrays.region, minlength=len(world.regions)).astype(float)
    state.region_size[:] = np.maximum(1, size)
    state.countries["policy_hub"] = np.isin(
        world.countries["iso3"].to_numpy(str), list(policy.hubs)
    )
    state.lever_settings["metric"] = _NOTHING_WATCHED
    state.lever_settings["shock"] = _NOTHING_WATCHED
    of_policy = {**dict(offer), **dict(policy)}
    adopted = LeverSettings(**{name: of_policy[name] for name in LEVERS})
    _fill_levers(state, world, policy, 0, adopted)
    for place, switch in enumerate(policy.switches, start=1):
        _fill_levers(state, world, policy, place, switch.then)
        _fill_signpost(state, world, scenario, place, switch.when)


def _fill_levers(
    state: State, world: World, policy: Policy, place: int, levers: LeverSettings
) -> None:
    record = state.lever_settings[place]
    for lever in LEVERS:
        setattr(record, f"sets_{lever}", getattr(levers, lever) is not None)
    if levers.priorities is not None:
        state.lever_settings.priorities[place] = [
            len(DIRECTIONS) * getattr(levers.priorities, name) for name in DIRECTIONS
        ]
    if levers.areas is not None:
        priority = _relative([getattr(levers.areas, area) for area in AREAS])
        areas = world.arrays.area.astype(bool)
        for k, name in enumerate(world.instruments["instrument"].tolist()):
            own = policy.instruments.get(name, 1.0)
            state.lever_instruments[place, k] = priority[areas[k]].mean() * own
    if levers.regions is not None:
        state.lever_regions[place] = _relative(
            [levers.regions.get(name, 1.0) for name in world.regions],
            np.bincount(world.arrays.region, minlength=len(world.regions)).astype(float),
        )
    if levers.negotiators is not None:
        record.negotiators = levers.negotiators
    if levers.openness is not None:
        record.openness = levers.openness
    if levers.envelope is not None:
        cents = levers.envelope * CENTS_PER_MILLION
        record.envelope_per_quarter = round(cents / QUARTERS_PER_YEAR)
        record.carry_over = round(levers.envelope * policy.offer.carry_over * CENTS_PER_MILLION)
    if levers.mix is not None:
        state.lever_modules[place] = [getattr(levers.mix, name) for name in MODULES]
    if (ways := levers.targeting) is not None:
        state.lever_settings.targeting[place] = [getattr(ways, name) for name in TARGETING]


def _fill_signpost(
    state: State, world: World, scenario: Scenario, place: int, signpost: Signpost
) -> None:
    record = state.lever_settings[place]
    if signpost.since is not None:
        record.since = quarter_index(signpost.since, scenario.horizon.start)
    if signpost.metric is not None:
        record.metric = metric_names(world.regions).index(signpost.metric)
        record.below = -math.inf if signpost.below is None else signpost.below
        record.above = math.inf if signpost.above is None else signpost.above
    if signpost.shock is not None:
        record.shock = list(scenario.shocks).index(signpost.shock)
        record.severity = signpost.severity


def _relative(priorities: list[float], weights: Floats | None = None) -> Floats:
    """Scale priorities to a mean of 1: attention to one thing is taken from the others."""
    values = np.array(priorities, float)
    mean = np.average(values, weights=weights)
    return values / mean if mean > 0.0 else np.ones(len(values))
