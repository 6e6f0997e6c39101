"""Slow change: rules converge with depth, rivals drift and are crowded out, reputation moves."""

from __future__ import annotations

from partnersim.compiler.compiled import rule
from partnersim.model.constants import MAXIMUM_DEPTH
from partnersim.model.draws import clipped
from partnersim.model.state import State

#: Stage transitions per country and quarter at which delivery is half of what could be hoped for.
HALF_DELIVERED = 0.06


@rule
def adapt(state: State) -> None:
    """Move undisturbed alignment and rival pull of every country, and the EU's reputation."""
    coefficients = state.coefficients[0]
    union = state.union[0]
    for i in range(state.countries.shape[0]):
        country = state.countries[i]
        areas = country.depth.shape[0]
        depth = 0.0
        for area in range(areas):
            depth += country.depth[area]
            recent = country.recent[area]
            crowding = coefficients.rival_crowding_out * recent / (recent + country.investment_unit)
            country.rival_base[area] = clipped(
                country.rival_base[area] + union.rival_drift - crowding
            )
        depth /= areas * MAXIMUM_DEPTH
        country.alignment_base = clipped(
            country.alignment_base
            + coefficients.alignment_convergence * depth * (1.0 - country.alignment_base)
        )
    delivered = union.advanced / (union.advanced + HALF_DELIVERED * len(state.countries))
    union.reputation = clipped(
        union.reputation
        + coefficients.reputation_gain * (1.0 - union.reputation) * delivered
        - coefficients.reputation_loss * union.reputation * union.lapsed_share
    )
