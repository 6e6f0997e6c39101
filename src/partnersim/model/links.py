"""Links between partner countries: what one is worth to the country that would make it."""

from __future__ import annotations

from typing import Any, NamedTuple

from partnersim.actor_oriented.tie import structural_utility
from partnersim.compiler.compiled import inlined_rule, rule
from partnersim.model.constants import CONNECT
from partnersim.model.state import State
from partnersim.model.world_arrays import Floats


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
    coefficients: Any, country: Any, other: Any, affinity: float, distance: float
) -> float:
    """Return the part of a link's utility that does not change in a run.

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
    )


@rule
def fill_fixed_utility(state: State, affinity: Floats, distance: Floats) -> None:
    """Write `fixed_utility` of every two countries, from (N, N) affinity and distance."""
    coefficients = state.coefficients[0]
    for i in range(state.countries.shape[0]):
        for j in range(state.countries.shape[0]):
            if i != j:
                state.fixed_utility[i, j] = fixed_utility(
                    coefficients,
                    state.countries[i],
                    state.countries[j],
                    affinity[i, j],
                    distance[i, j],
                )


@rule
def may_link(in_force: int, in_force_of_alter: int, linked: int) -> bool:
    """Tell whether a link is an option: two partners of the EU that are not linked yet."""
    return (linked == 0) & (in_force > 0) & (in_force_of_alter > 0)


class LinkCoefficients(NamedTuple):
    """What a link's utility rests on besides its fixed part."""

    density: float
    shared_partners: float
    degree_of_alter: float
    alignment_gap: float
    programmes: float
    load: float


@rule
def link_coefficients(coefficients: Any, union: Any) -> LinkCoefficients:
    """Take the coefficients of links out of the table, by value: loops over links read them.

    The EU supports any link as far as it gives priority to connecting.
    """
    return LinkCoefficients(
        coefficients.link + coefficients.outreach * (union.direction_priority[CONNECT] - 1.0),
        coefficients.link_shared_partners,
        coefficients.link_degree_of_alter,
        coefficients.link_alignment_gap,
        coefficients.link_programmes,
        coefficients.link_load,
    )


@inlined_rule
def link_utility(
    coefficients: LinkCoefficients,
    degree: int,
    degree_of_alter: int,
    alignment_gap: float,
    fixed: float,
    shared_partners: int,
    programmes: int,
) -> float:
    """Return a country's utility of a link to another that it does not have yet.

    Structure (density, shared partners, degree of alter) is the actor-oriented model's own; the
    degree of alter counts the new link.

    Parameters
    ----------
    coefficients : LinkCoefficients
    degree, degree_of_alter : int
        Links of the country and of the other.
    alignment_gap : float
        How far apart the two are in alignment with the EU, 0..1.
    fixed : float
        `fixed_utility` of the two.
    shared_partners : int
        Countries linked to both.
    programmes : int
        Network instruments that both have in force.
    """
    return (
        structural_utility(
            coefficients.density,
            coefficients.shared_partners,
            coefficients.degree_of_alter,
            shared_partners,
            degree_of_alter + 1,
        )
        + fixed
        + coefficients.alignment_gap * alignment_gap
        + coefficients.programmes * programmes
        + coefficients.load * degree
    )


@rule
def link_utility_of(state: State, i: int, j: int) -> float:
    """Return country i's utility of a link to country j as things stand."""
    return link_utility(
        link_coefficients(state.coefficients[0], state.union[0]),
        state.degree[i],
        state.degree[j],
        abs(state.alignment[i] - state.alignment[j]),
        state.fixed_utility[i, j],
        state.shared_partners[i, j],
        state.programmes[i, j],
    )
