"""Slow change: rules converge with depth, rivals drift and are crowded out, reputation moves."""

from __future__ import annotations

import math

from partnersim.rules.compiled import rule
from partnersim.rules.constants import MAXIMUM_DEPTH
from partnersim.rules.parameters import Parameters
from partnersim.rules.shocks import clipped
from partnersim.rules.state import State
from partnersim.rules.world_arrays import WorldArrays


@rule
def adapt(world: WorldArrays, parameters: Parameters, state: State) -> None:
    """Move undisturbed alignment and rival pull of every country, and the EU's reputation."""
    coefficients = parameters.coefficients[0]
    levers = parameters.levers[0]
    countries, areas = state.depth.shape
    for country in range(countries):
        scale = coefficients.investment_scale * math.sqrt(world.gdp[country])
        depth = 0.0
        for area in range(areas):
            depth += state.depth[country, area]
            recent = state.recent[country, area]
            crowding = coefficients.rival_crowding_out * recent / (recent + scale)
            state.rival_base[country, area] = clipped(
                state.rival_base[country, area] + levers.rival_drift - crowding
            )
        depth /= areas * MAXIMUM_DEPTH
        base = state.alignment_base[country]
        state.alignment_base[country] = clipped(
            base + coefficients.alignment_convergence * depth * (1.0 - base)
        )
    union = state.union[0]
    delivered = union.advanced / (union.advanced + 10.0)
    union.reputation = clipped(
        union.reputation
        + coefficients.reputation_gain * (1.0 - union.reputation) * delivered
        - coefficients.reputation_loss * union.reputation * union.lapsed_share
    )
