"""Ties of an undirected network, and the integer counts that their worth rests on.

The one source for the bare actor-oriented mode and, of `set_tie`, for links between partner
countries in the full model. Counts are integers, so the order in which ties were made cannot
matter.
"""

from __future__ import annotations

import numpy as np

from partnersim.arrays import Counts, Flags
from partnersim.compiler.compiled import rule


@rule
def count_ties(network: Flags, shared_partners: Counts, degree: Counts) -> None:
    """Fill the counts of a symmetric (n, n) network with zero diagonal.

    Parameters
    ----------
    network : (n, n) uint8 array
        1 where two actors are tied.
    shared_partners : (n, n) integer array
        Filled with the number of actors tied to both; the diagonal is left at zero.
    degree : (n,) integer array
        Filled with the number of ties of each actor.
    """
    actors = network.shape[0]
    shared_partners[:, :] = 0
    degree[:] = 0
    for actor in range(actors):
        for partner in range(actors):
            if network[actor, partner] == 0:
                continue
            degree[actor] += 1
            for other in range(actors):
                if network[partner, other] != 0 and other != actor:
                    shared_partners[actor, other] += 1


@rule
def set_tie(
    network: Flags, shared_partners: Counts, degree: Counts, actor: int, partner: int, tied: bool
) -> None:
    """Make or dissolve the tie between two different actors and keep the counts right, in O(n).

    Nothing happens if the tie is already as asked.
    """
    if (network[actor, partner] != 0) == tied:
        return
    # With the tie itself out of the way, neither end counts as a partner of the other. Whole rows
    # are updated: a branch at every neighbour is slower.
    network[actor, partner] = np.uint8(0)
    network[partner, actor] = np.uint8(0)
    for other in range(network.shape[0]):
        if tied:
            shared_partners[actor, other] += network[partner, other]
            shared_partners[partner, other] += network[actor, other]
        else:
            shared_partners[actor, other] -= network[partner, other]
            shared_partners[partner, other] -= network[actor, other]
    for other in range(network.shape[0]):
        shared_partners[other, actor] = shared_partners[actor, other]
        shared_partners[other, partner] = shared_partners[partner, other]
    network[actor, partner] = np.uint8(tied)
    network[partner, actor] = np.uint8(tied)
    degree[actor] += 1 if tied else -1
    degree[partner] += 1 if tied else -1
