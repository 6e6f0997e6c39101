"""What the network is worth: to partners, to the EU, by objective, and how evenly it falls."""

from __future__ import annotations

import numpy as np

from partnersim.rules.compiled import rule
from partnersim.rules.constants import MAXIMUM_DEPTH
from partnersim.rules.parameters import Parameters
from partnersim.rules.state import State
from partnersim.rules.world_arrays import Floats, WorldArrays


@rule
def tie_strength(
    world: WorldArrays, parameters: Parameters, state: State, country: int, instrument: int
) -> float:
    """Return how much an instrument in force does: binding level times network effect.

    An instrument is worth more when linked partners hold it too.
    """
    degree = state.degree[country]
    shared = state.linked_holders[country, instrument] / degree if degree > 0 else 0.0
    strength = (1 + world.binding[instrument]) / (1 + MAXIMUM_DEPTH)
    return strength * (1.0 + parameters.coefficients[0].value_network * shared)


@rule
def partner_worth(
    world: WorldArrays, parameters: Parameters, state: State, country: int, instrument: int
) -> float:
    """Return the worth to a partner of full strength: need met by readiness, mean over areas."""
    worth = 0.0
    for place in range(parameters.area_count[instrument]):
        area = parameters.area_list[instrument, place]
        worth += world.need[country, area] * (0.5 + 0.5 * state.readiness[country, area])
    return worth / parameters.area_count[instrument]


@rule
def union_worth(
    world: WorldArrays, parameters: Parameters, state: State, country: int, instrument: int
) -> float:
    """Return the worth to the EU of full strength: market and alignment, by area priority."""
    worth = 0.5 * world.size[country] + 0.5 * state.alignment[country]
    return worth * parameters.area_priority[instrument]


@rule
def gini(values: Floats) -> float:
    """Return the Gini coefficient of non-negative values, 0 if all are zero."""
    ordered = np.sort(values)
    count = ordered.shape[0]
    weighted = 0.0
    total = 0.0
    for place in range(count):
        weighted += (2 * place + 1 - count) * ordered[place]
        total += ordered[place]
    return weighted / (count * total) if total > 0.0 else 0.0
