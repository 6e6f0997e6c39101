"""The shape of the network of links: clustering, components, connectivity, modularity."""

from __future__ import annotations

import math

import numpy as np

from partnersim.compiler.compiled import allocating_rule, rule
from partnersim.model.world_arrays import Flags, Floats, Integers

#: Lanczos steps beyond the number of countries, for what rounding repeats.
SPARE_STEPS = 24
_BISECTIONS = 50
#: A vector that is no longer than this has no direction.
_SMALLEST_NORM = 1e-10
_GOLDEN_SECTION = (math.sqrt(5.0) - 1.0) / 2.0


@rule
def transitivity(links: Flags, shared_partners: Integers, degree: Integers) -> float:
    """Return the share of connected triples that are closed, 0 without triples.

    Newman (2003), doi:10.1137/S003614450342480.
    """
    closed = 0
    triples = 0
    for one in range(links.shape[0]):
        if degree[one] == 0:
            continue
        triples += degree[one] * (degree[one] - 1) // 2
        for other in range(one):
            if links[one, other] == 1:
                closed += shared_partners[one, other]
    return closed / triples if triples > 0 else 0.0


@allocating_rule
def modularity(links: Flags, degree: Integers, region: Integers, regions: int) -> float:
    """Return Newman's modularity of the partition of countries into regions, 0 without links.

    High when links stay within regions. Newman and Girvan (2004),
    doi:10.1103/PhysRevE.69.026113.
    """
    within = 0
    ends = 0
    ends_of_region = np.zeros(regions, np.int64)
    for one in range(links.shape[0]):
        if degree[one] == 0:
            continue
        ends += degree[one]
        ends_of_region[region[one]] += degree[one]
        for other in range(one):
            if links[one, other] == 1 and region[one] == region[other]:
                within += 2
    if ends == 0:
        return 0.0
    expected = 0.0
    for place in range(regions):
        share = ends_of_region[place] / ends
        expected += share * share
    return within / ends - expected


@allocating_rule
def largest_component(links: Flags, degree: Integers, member: Integers) -> int:
    """Return the number of countries in the largest component of the links.

    Parameters
    ----------
    links : (N, N) array of flags
    degree : (N,) integer array
    member : (N,) int64 array
        Filled with the members of that component, in the order of discovery; ties go to the
        component found first. A country without links is a component of its own.
    """
    countries = links.shape[0]
    queue = np.empty(countries, np.int64)
    # Countries with links that are not found yet, in their order.
    waiting = np.empty(countries, np.int64)
    left = 0
    for one in range(countries):
        if degree[one] > 0:
            waiting[left] = one
            left += 1
    member[0] = 0
    largest = 1
    while left > largest:
        queue[0] = waiting[0]
        left -= 1
        for place in range(left):
            waiting[place] = waiting[place + 1]
        size = 1
        place = 0
        while place < size:
            one = queue[place]
            place += 1
            kept = 0
            for at in range(left):
                other = waiting[at]
                if links[one, other] == 1:
                    queue[size] = other
                    size += 1
                else:
                    waiting[kept] = other
                    kept += 1
            left = kept
        if size > largest:
            largest = size
            for at in range(size):
                member[at] = queue[at]
    return largest


@allocating_rule
def algebraic_connectivity(links: Flags, member: Integers, size: int) -> float:
    """Return the second smallest eigenvalue of the Laplacian of a connected component.

    Lanczos iteration on the complement of the constant vector, then bisection on the tridiagonal
    matrix. The vectors are not made orthogonal again: rounding then only repeats eigenvalues that
    have been found (Paige 1980, doi:10.1016/0024-3795(80)90167-6). Fiedler (1973),
    doi:10.21136/CMJ.1973.101168.

    Parameters
    ----------
    links : (N, N) uint8 array
    member : (>= size,) int64 array
        Countries of the component.
    size : int
        How many they are.
    """
    if size < 2:
        return 0.0
    steps = size + SPARE_STEPS
    diagonal = np.zeros(steps)
    off_diagonal = np.zeros(steps)
    neighbours = np.empty((size, (size + 1) // 2, 2), np.uint32)
    degree = np.zeros(size, np.int64)
    least = size
    for one in range(size):
        linked = links[member[one]]
        for other in range(size):
            if linked[member[other]] == 1:
                neighbours[one, degree[one] // 2, degree[one] % 2] = other
                degree[one] += 1
        # Behind the last country stands a zero: with it neighbours come in pairs.
        neighbours[one, degree[one] // 2, degree[one] % 2] = size
        least = min(least, degree[one])

    before = np.zeros(size)
    last = np.zeros(size + 1)
    work = np.empty(size)
    # A start without symmetry.
    for one in range(size):
        turn = _GOLDEN_SECTION * one * one
        work[one] = (turn - math.floor(turn)) + one / size
    norm = _direct(work)
    done = 0
    for step in range(steps):
        for one in range(size):
            before[one], last[one] = last[one], work[one] / norm
        product = 0.0
        for one in range(size):
            even, odd = degree[one] * last[one] - norm * before[one], 0.0
            for pair in range((degree[one] + 1) // 2):
                even -= last[neighbours[one, pair, 0]]
                odd -= last[neighbours[one, pair, 1]]
            work[one] = even + odd
            product += work[one] * last[one]
        diagonal[step] = product
        for one in range(size):
            work[one] -= product * last[one]
        norm = _direct(work)
        off_diagonal[step] = norm
        done = step + 1
        if norm < _SMALLEST_NORM:
            break
    # No eigenvalue sought is larger (Fiedler 1973).
    return _smallest_eigenvalue(diagonal, off_diagonal, done, least * size / (size - 1))


@rule
def _direct(work: Floats) -> float:
    """Take from a vector its part along the constant vector; return how long the rest is."""
    size = len(work)
    mean = 0.0
    for one in range(size):
        mean += work[one]
    mean /= size
    square = 0.0
    for one in range(size):
        work[one] -= mean
        square += work[one] * work[one]
    return math.sqrt(square)


@rule
def _smallest_eigenvalue(
    diagonal: Floats, off_diagonal: Floats, size: int, highest: float
) -> float:
    """Return the smallest eigenvalue of a symmetric tridiagonal matrix, by Sturm bisection."""
    low, high = 0.0, highest
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        below = False
        pivot = 1.0
        for place in range(size):
            side = off_diagonal[place - 1] if place > 0 else 0.0
            if pivot == 0.0:
                pivot = 1e-300
            pivot = diagonal[place] - middle - side * side / pivot
            if pivot < 0.0:
                below = True
                break
        if below:
            high = middle
        else:
            low = middle
    return 0.5 * (low + high)
