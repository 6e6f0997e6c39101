"""From shock types and a climate to the records that the rules read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from partnersim.model.constants import AREAS, QUARTERS_PER_YEAR, SCOPES, SHOCKED, SPREADS
from partnersim.model.state import State
from partnersim.scenario.scenario import Scenario
from partnersim.scenario.shock import ShockType

if TYPE_CHECKING:
    from partnersim.world.world import World


def fill_shock(state: State, world: World, s: int, shock: ShockType) -> None:
    """Write a shock type and whom it strikes."""
    record = state.shocks[s]
    record.scope = SCOPES.index(shock.scope)
    record.severity_low = shock.severity.low
    record.severity_mode = shock.severity.mode
    record.severity_high = shock.severity.high
    record.decay = 2.0 ** (-1.0 / shock.half_life)
    record.alignment = shock.effects.alignment
    record.budget = shock.effects.budget
    record.strain = shock.strain
    record.cut = shock.cuts_links
    record.spread = SPREADS.index(shock.spread.along)
    record.spread_probability = shock.spread.probability
    changes = [
        (SHOCKED.index(score), AREAS.index(area), change)
        for score in SHOCKED
        for area, change in getattr(shock.effects, score).items()
        if change != 0.0
    ]
    record.changes = len(changes)
    for place, change in enumerate(changes):
        state.shock_changes[s, place] = change
    by_region = np.array([shock.regions.get(region, 1.0) for region in world.regions])
    # A region without countries in this world has nothing to strike.
    by_region[np.bincount(world.arrays.region, minlength=len(world.regions)) == 0] = 0.0
    exposure = np.ones(1)
    if shock.scope == "region":
        exposure = by_region
    elif shock.scope in ("country", "pair"):
        exposure = by_region[world.arrays.region] * world.arrays.exposure
    record.units = len(exposure)
    record.highest = exposure.max()
    state.shock_exposure[s, : len(exposure)] = exposure


def fill_climate(state: State, scenario: Scenario) -> None:
    """Write how rivals drift, and how often each shock type strikes, by quarter."""
    climate = scenario.geopolitics
    state.union[0].rival_drift = climate.rival_drift / QUARTERS_PER_YEAR
    years = np.arange(scenario.horizon.quarters + 1) / QUARTERS_PER_YEAR
    growth = climate.intensity * (1.0 + climate.intensification) ** years
    for s, (name, shock) in enumerate(scenario.shocks.items()):
        yearly = shock.rate * climate.shocks.get(name, 1.0)
        state.shock_rate[s] = yearly * growth / QUARTERS_PER_YEAR
