"""Links between partner countries: what one is worth to the country that would make it."""

from __future__ import annotations

from partnersim.rules.compiled import rule
from partnersim.rules.parameters import Parameters
from partnersim.rules.state import State
from partnersim.rules.tie import structural_utility
from partnersim.rules.world_arrays import WorldArrays


@rule
def complementary_strengths(world: WorldArrays, one: int, other: int) -> float:
    """Return how well two countries' strengths fit each other's needs, 0..1.

    The mean over areas of what either has more of than the other, weighed by the need of the one
    that has less.
    """
    fit = 0.0
    areas = world.readiness.shape[1]
    for area in range(areas):
        lead = world.readiness[one, area] - world.readiness[other, area]
        fit += lead * world.need[other, area] if lead > 0.0 else -lead * world.need[one, area]
    return fit / areas


@rule
def fixed_utility(world: WorldArrays, parameters: Parameters, one: int, other: int) -> float:
    """Return the part of a link's utility that does not change in a run."""
    coefficients = parameters.coefficients[0]
    return (
        coefficients.link_affinity * world.affinity[one, other]
        + coefficients.link_distance * world.distance[one, other]
        + coefficients.link_complementarity * complementary_strengths(world, one, other)
    )


@rule
def fill_fixed_utility(world: WorldArrays, parameters: Parameters) -> None:
    """Write `fixed_utility` of every pair into ``parameters.link_fixed``."""
    countries = world.size.shape[0]
    for one in range(countries):
        for other in range(countries):
            if one != other:
                parameters.link_fixed[one, other] = fixed_utility(world, parameters, one, other)


@rule
def link_utility(parameters: Parameters, state: State, country: int, other: int) -> float:
    """Return a country's utility of a link to another that it does not have yet.

    Structure (density, shared partners, degree of alter) is the actor-oriented model's own; the
    degree of alter counts the new link.
    """
    coefficients = parameters.coefficients[0]
    gap = abs(state.alignment[country] - state.alignment[other])
    return (
        structural_utility(
            coefficients.link,
            coefficients.link_shared_partners,
            coefficients.link_degree_of_alter,
            state.shared_partners[country, other],
            state.degree[other] + 1,
        )
        + parameters.link_fixed[country, other]
        + coefficients.link_alignment_gap * gap
        + coefficients.link_programmes * state.programmes[country, other]
        + coefficients.link_load * state.degree[country]
    )
