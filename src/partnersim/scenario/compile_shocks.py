"""Shock types as the rules read them: whom each strikes, what it changes, and how much is usual."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from partnersim.arrays import Floats
from partnersim.model.constants import (
    CANDIDATE,
    OTHERS,
    QUARTERS_PER_YEAR,
    RELATIONS,
    SCOPES,
    SPARED,
    SPREADS,
    STRUCK,
)
from partnersim.model.shock_effects import EFFECTS_ON_EU, SCORES, changes_of
from partnersim.model.state import State
from partnersim.random.elementary import each_exp, power
from partnersim.random.keys import EVERYBODY_KEY, name_keys
from partnersim.scenario.names import NEIGHBOUR, members_of
from partnersim.scenario.shock import ShockType
from partnersim.world.world import World

#: Relations in which usual shocks are felt; who is behind one is told by chance alone.
_USUAL = (STRUCK, CANDIDATE, OTHERS)


def fill_shocks(
    state: State, world: World, shocks: Mapping[str, ShockType], written: Mapping[str, ShockType]
) -> None:
    """Write the shock types, and what they do on average at their own rates.

    Parameters
    ----------
    written : mapping
        Types that stand in the state already: the very same ones are not written again.
    """
    # Records cost several times as much to read and write as plain arrays of the same memory.
    types, all_changes = np.asarray(state.shocks), np.asarray(state.shock_changes)
    types["key"] = name_keys(list(shocks))
    state.usual[:] = 0.0
    iso3 = world.countries["iso3"].tolist()
    # Shock types share most of the groups that they strike more often.
    in_group = cache(lambda name: np.array(members_of([name], world)))
    for s, (name, shock) in enumerate(shocks.items()):
        if shock is not written.get(name):
            _fill_shock(state, world, s, shock, iso3, in_group)
            state.usual_intensity[s] = usual_intensity(state, world, s, shock)
        for relation in _USUAL:
            reach = _reach(world, state.usual_intensity[s], relation)
            for row, change in all_changes[s, relation, : types["changes"][s, relation]].tolist():
                if row in SCORES:
                    state.usual[row] += change * reach


def usual_intensity(state: State, world: World, s: int, shock: ShockType) -> Floats:
    """Return the mean intensity of a shock type in every country at its own rate, (N,).

    The chance of a strike in a quarter times the mean severity, times the quarters that it lasts;
    strikes that spread are left out.
    """
    if shock.scope == "eu":
        return np.zeros(len(world.countries))
    exposure = state.shock_exposure[s, : state.shocks[s].units]
    strikes = 1.0 - each_exp(-shock.rate / QUARTERS_PER_YEAR * exposure)
    if shock.scope == "region":
        strikes = strikes[world.arrays.region]
    elif shock.scope == "world":
        strikes = np.full(len(world.countries), strikes[0])
    severity = (shock.severity.low + shock.severity.mode + shock.severity.high) / 3.0
    lasts = 1.0 / (1.0 - power(2.0, -1.0 / shock.half_life))
    return np.minimum(1.0, strikes * severity * lasts)


def _struck_by(world: World, strikes: str) -> Floats:
    """Return how much more often each country is struck, (N,)."""
    arrays = world.arrays
    if strikes == "fragile":
        return arrays.fragility
    if strikes == "exposed":
        return arrays.exposure
    countries = np.bincount(arrays.region)[arrays.region]
    of_region = np.bincount(arrays.region, arrays.alignment)[arrays.region] / countries
    # Where nobody in the region is near to the EU, all are alike.
    near = arrays.exposure * arrays.alignment
    return np.divide(near, of_region, arrays.exposure.copy(), where=of_region > 0.0)


def _reach(world: World, intensity: Floats, relation: int) -> Floats:
    """Return what countries feel in a relation to a shock of some intensities."""
    if relation == CANDIDATE:
        return intensity * world.arrays.candidate
    if relation == OTHERS:
        seen = world.arrays.gdp_share * intensity
        return np.clip(sum(seen.tolist()) - seen, 0.0, 1.0)
    return intensity


def _fill_shock(
    state: State,
    world: World,
    s: int,
    shock: ShockType,
    iso3: list[str],
    in_group: Callable[[str], NDArray[np.bool_]],
) -> None:
    """Write a shock type and whom it strikes."""
    weights = dict(shock.sources)
    by_neighbours = weights.pop(NEIGHBOUR, 0.0)
    named = state.source_weight[s]
    named[:] = 0.0
    for code in weights.keys() & set(iso3):
        weight, where = weights.pop(code), shock.source_regions.get(code, {})
        named[:, iso3.index(code)] = [weight * where.get(region, 1.0) for region in world.regions]
    # Nobody, and whom this world lacks.
    by_nobody = sum(weights.values())
    spares = SPARED.index(shock.spares)
    by_region = np.array([shock.regions.get(region, 1.0) for region in world.regions])
    # A region without countries in this world has nothing to strike.
    by_region[np.bincount(world.arrays.region, minlength=len(world.regions)) == 0] = 0.0
    exposure, keys = np.ones(1), np.array([EVERYBODY_KEY])
    if shock.scope == "region":
        exposure, keys = by_region, name_keys(world.regions)
    elif shock.scope in ("country", "pair"):
        exposure = by_region[world.arrays.region] * _struck_by(world, shock.strikes)
        if shock.sources:
            # Of all sources that may strike, those count that do not spare the country.
            here = named[world.arrays.region]
            every = here.sum(axis=1) + by_nobody + by_neighbours
            spared = (state.spared[spares] * here).sum(axis=1)
            exposure *= np.divide(every - spared, every, np.zeros_like(every), where=every > 0.0)
        for name, factor in shock.groups.items():
            exposure[in_group(name)] *= factor
        keys = state.countries["key"]
    state.shock_exposure[s, : len(exposure)] = exposure
    state.unit_keys[s, : len(exposure)] = keys
    types, all_changes = np.asarray(state.shocks), np.asarray(state.shock_changes)
    for relation, name in enumerate(RELATIONS):
        changes = list(changes_of(getattr(shock.effects, name)))
        types["changes"][s, relation] = len(changes)
        all_changes[s, relation, : len(changes)] = changes
    numbers = {
        "scope": SCOPES.index(shock.scope),
        "severity_low": shock.severity.low,
        "severity_mode": shock.severity.mode,
        "severity_high": shock.severity.high,
        "decay": power(2.0, -1.0 / shock.half_life),
        "spread": SPREADS.index(shock.spread.along),
        "spread_probability": shock.spread.probability,
        **{effect: getattr(shock.effects.struck, effect) for effect in EFFECTS_ON_EU},
        "sourced": len(shock.sources) > 0,
        "by_neighbours": by_neighbours,
        "by_nobody": by_nobody,
        "spares": spares,
        "turn": shock.turn,
        "units": len(exposure),
    }
    for field, value in numbers.items():
        types[field][s] = value
