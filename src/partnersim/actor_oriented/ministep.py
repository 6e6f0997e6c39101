"""Ministeps of the actor-oriented model: one actor reconsiders its ties, one tie may change.

Snijders (1996), Stochastic actor-oriented models for network change.
doi:10.1080/0022250X.1996.9990178
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partnersim.actor_oriented.tie import count_ties, set_tie
from partnersim.arrays import Counts, Flags, Floats, Integers
from partnersim.compiler.compiled import allocating_rule, rule
from partnersim.random.elementary import log
from partnersim.random.noise import blocks_to_fill
from partnersim.random.numbers import (
    CHOICE,
    CONFIRMATION,
    MINISTEP_ACTOR,
    MINISTEP_COUNT,
    logistic,
    pick,
    to_uniform,
    uniform,
    words,
)
from partnersim.random.options import race


class Objective(NamedTuple):
    """What actors want of a network of n actors."""

    density: float
    """Value of any tie."""
    closure: float
    """Value of each shared partner."""
    popularity: float
    """Value of each tie of the alter, the tie in question included."""
    attraction: Floats
    """(n, n) what alter and dyadic covariates add to a tie, by actor and alter."""
    confirmation: bool
    """Whether the alter must agree before a tie is made."""


@rule
def ministep_count(mean: float, seed: int, replicate: int) -> int:
    """Return a Poisson number of ministeps: the unit-rate arrivals before time ``mean``.

    Waiting times are simulated one by one: exact for any mean, and cheap beside the ministeps
    themselves. A longer period only adds ministeps to those of a shorter one.
    """
    elapsed = 0.0
    count = 0
    while True:
        drawn = words(seed, replicate, 0, 0, count >> 3, MINISTEP_COUNT)
        for _ in range(8):
            elapsed -= log(to_uniform(pick(drawn, count)))
            if elapsed > mean:
                return count
            count += 1


@rule
def tie_utility(
    objective: Objective,
    network: Flags,
    shared_partners: Counts,
    degree: Counts,
    actor: int,
    alter: int,
) -> float:
    """Return what the tie to ``alter``, once there, adds to the objective of ``actor``."""
    degree_with_tie = degree[alter] + 1 - network[actor, alter]
    return (
        objective.density
        + objective.closure * shared_partners[actor, alter]
        + objective.popularity * degree_with_tie
        + objective.attraction[actor, alter]
    )


@rule
def weigh_changes(
    objective: Objective,
    network: Flags,
    shared_partners: Counts,
    degree: Counts,
    actor: int,
    utilities: Floats,
) -> None:
    """Fill, for each alter, what the actor gains by toggling that tie; 0 for itself: no change."""
    for alter in range(network.shape[0]):
        utility = tie_utility(objective, network, shared_partners, degree, actor, alter)
        utilities[alter] = -utility if network[actor, alter] != 0 else utility
    utilities[actor] = 0.0


@allocating_rule
def run_ministeps(
    objective: Objective, network: Flags, ministeps: int, seed: int, replicate: int
) -> int:
    """Change a network in place by so many ministeps and return how many ties changed.

    Parameters
    ----------
    objective : Objective
        What actors want.
    network : (n, n) uint8 array
        Symmetric, zero diagonal; changed in place.
    ministeps, seed, replicate : int
        Number of ministeps, and key of their random numbers.
    """
    actors = network.shape[0]
    shared_partners = np.empty((actors, actors), np.int16)
    degree = np.empty(actors, np.int32)
    count_ties(network, shared_partners, degree)
    blocks = blocks_to_fill(actors)
    drawn = np.empty((4, blocks), np.uint64)
    utilities, ceilings = np.empty(actors), np.empty(actors)
    changes = 0
    for step in range(ministeps):
        actor = int(uniform(seed, replicate, 0, 0, step, MINISTEP_ACTOR) * actors)
        weigh_changes(objective, network, shared_partners, degree, actor, utilities)
        alter = race(utilities, drawn, ceilings, seed, replicate, step, actor, CHOICE)
        if alter == actor:
            continue
        tied = network[actor, alter] == 0
        if tied and objective.confirmation:
            gain = tie_utility(objective, network, shared_partners, degree, alter, actor)
            draw = uniform(seed, replicate, step, alter, actor, CONFIRMATION)
            if gain + logistic(draw) <= 0.0:
                continue
        set_tie(network, shared_partners, degree, actor, alter, tied)
        changes += 1
    return changes


@allocating_rule
def run_replicates(
    objective: Objective,
    networks: Flags,
    mean: float,
    ministeps: Integers,
    changes: Integers,
    seed: int,
    first: int,
    last: int,
) -> None:
    """Run the replicates ``first`` to ``last - 1``, each in its place of the arrays.

    Where ``ministeps`` is negative, a Poisson number with this mean is drawn and written there.
    """
    for replicate in range(first, last):
        if ministeps[replicate] < 0:
            ministeps[replicate] = ministep_count(mean, seed, replicate)
        changes[replicate] = run_ministeps(
            objective, networks[replicate], ministeps[replicate], seed, replicate
        )
