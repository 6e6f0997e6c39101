"""Links between partner countries: what one is worth to the country that would make it."""

from __future__ import annotations

from typing import Any

from partnersim.rules.compiled import rule
from partnersim.rules.constants import CONNECT
from partnersim.rules.state import State
from partnersim.rules.tie import structural_utility
from partnersim.rules.world_arrays import Floats


@rule
def complementary_strengths(country: Any, other: Any) -> float:
    """Return how well two countries' strengths fit each other's needs in June 2025, 0..1.

    The mean over areas of what either has more of than the other, weighed by the need of the one
    that has less.
    """
    fit = 0.0
    areas = country.need.shape[0]
    for area in range(areas):
        lead = country.first_readiness[area] - other.first_readiness[area]
        fit += lead * other.need[area] if lead > 0.0 else -lead * country.need[area]
    return fit / areas


@rule
def fixed_utility(
    coefficients: Any, union: Any, country: Any, other: Any, affinity: float, distance: float
) -> float:
    """Return the part of a link's utility that does not change in a run.

    The EU supports links as far as it gives priority to connecting.

    Parameters
    ----------
    affinity : float
        Shared organisations, 0..1.
    distance : float
        Between capitals, 10,000 km.
    """
    return (
        coefficients.link_affinity * affinity
        + coefficients.link_distance * distance
        + coefficients.link_complementarity * complementary_strengths(country, other)
        + coefficients.outreach * (union.direction_priority[CONNECT] - 1.0)
    )


@rule
def fill_fixed_utility(state: State, affinity: Floats, distance: Floats) -> None:
    """Write `fixed_utility` of every two countries, from (N, N) affinity and distance."""
    coefficients = state.coefficients[0]
    for i in range(state.countries.shape[0]):
        for j in range(state.countries.shape[0]):
            if i != j:
                state.dyads[i, j].fixed_utility = fixed_utility(
                    coefficients,
                    state.union[0],
                    state.countries[i],
                    state.countries[j],
                    affinity[i, j],
                    distance[i, j],
                )


@rule
def may_link(country: Any, other: Any, dyad: Any) -> bool:
    """Tell whether a link is an option: two partners of the EU that are not linked yet."""
    return dyad.linked == 0 and country.in_force > 0 and other.in_force > 0


@rule
def link_utility(coefficients: Any, country: Any, other: Any, dyad: Any) -> float:
    """Return a country's utility of a link to another that it does not have yet.

    Structure (density, shared partners, degree of alter) is the actor-oriented model's own; the
    degree of alter counts the new link.
    """
    return (
        structural_utility(
            coefficients.link,
            coefficients.link_shared_partners,
            coefficients.link_degree_of_alter,
            dyad.shared_partners,
            other.degree + 1,
        )
        + dyad.fixed_utility
        + coefficients.link_alignment_gap * abs(country.alignment - other.alignment)
        + coefficients.link_programmes * dyad.programmes
        + coefficients.link_load * country.degree
    )
