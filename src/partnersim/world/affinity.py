"""What ties countries to each other: shared organisations, agreements, borders, distance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from partnersim.model.world_arrays import Flags, Floats
from partnersim.world.countries import Organisations

EARTH_RADIUS_KM = 6371.0088

#: Derived scores are rounded, so that they are the same on every machine.
DECIMALS = 6


def affinity_array(codes: list[str], organisations: Organisations) -> Floats:
    """Return the weighted share of organisations that two countries have in common.

    Weight of the organisations that both belong to, over the weight of those that either belongs
    to (a weighted Jaccard index).

    Returns
    -------
    array of float
        (N, N) in 0..1, symmetric, zero on the diagonal.
    """
    shared = np.zeros((len(codes), len(codes)))
    either = np.zeros((len(codes), len(codes)))
    for name in sorted(organisations.weight):
        member = np.array([code in organisations.members[name] for code in codes])
        shared += organisations.weight[name] * np.logical_and.outer(member, member)
        either += organisations.weight[name] * np.logical_or.outer(member, member)
    affinity = np.divide(shared, either, out=np.zeros_like(shared), where=either > 0)
    np.fill_diagonal(affinity, 0.0)
    return affinity


def mutual_array(codes: Sequence[str], pairs: Iterable[tuple[str, str]]) -> Flags:
    """Return (N, N) flags of pairs of countries, either way; who is none of them is left out."""
    place = {code: position for position, code in enumerate(codes)}
    array = np.zeros((len(place), len(place)), dtype=np.uint8)
    for one, other in pairs:
        if one in place and other in place:
            array[place[one], place[other]] = array[place[other], place[one]] = 1
    return array


def great_circle(
    latitude: Floats,
    longitude: Floats,
    other_latitude: Floats | np.float64,
    other_longitude: Floats | np.float64,
) -> Floats:
    """Return great-circle distances in km between points in radians (haversine formula).

    In whole metres: beyond them stand last digits, in which processors differ.
    """
    half = (
        np.sin((latitude - other_latitude) / 2) ** 2
        + np.cos(latitude) * np.cos(other_latitude) * np.sin((longitude - other_longitude) / 2) ** 2
    )
    return (2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half.clip(0.0, 1.0)))).round(3)


def distance_array(latitude: Floats, longitude: Floats) -> Floats:
    """Return distances between capitals, (N, N), in 10,000 km; degrees in."""
    phi, theta = np.radians(latitude), np.radians(longitude)
    distance = np.triu(great_circle(phi[:, None], theta[:, None], phi[None, :], theta[None, :]), 1)
    return ((distance + distance.T) / 10_000.0).round(DECIMALS)
