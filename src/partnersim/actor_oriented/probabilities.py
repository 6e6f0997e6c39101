"""Transition probabilities of one ministep, without drawing anything."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from partnersim.actor_oriented.inputs import check_network, check_objective
from partnersim.actor_oriented.ministep import Objective, tie_utility, weigh_changes
from partnersim.actor_oriented.tie import count_ties
from partnersim.arrays import Flags, Floats
from partnersim.compiler.compiled import allocating_rule, rule
from partnersim.errors import refuse
from partnersim.random.elementary import exp


def transition_probabilities(
    network: ArrayLike,
    *,
    coefficients: Mapping[str, float],
    alter: Mapping[str, ArrayLike] | None = None,
    dyadic: Mapping[str, ArrayLike] | None = None,
    tie_model: str = "forcing",
) -> Floats:
    """Return the probability of everything that one ministep can do.

    Parameters
    ----------
    network, coefficients, alter, dyadic, tie_model
        As in `simulate`.

    Returns
    -------
    (n, n) float64 array
        At ``[i, j]`` the probability that actor i takes the ministep and toggles its tie to j; at
        ``[i, i]`` that actor i takes it and nothing changes. All cells sum to 1.

    Raises
    ------
    InputError
        If anything given cannot be used, one line per problem.

    Examples
    --------
    >>> from partnersim.actor_oriented import transition_probabilities
    >>> transition_probabilities([[0, 1], [1, 0]], coefficients={})
    array([[0.25, 0.25],
           [0.25, 0.25]])
    """
    problems: list[str] = []
    start = check_network(network, problems)
    objective = check_objective(len(start), coefficients, alter, dyadic, tie_model, problems)
    refuse(problems)
    return _ministep_probabilities(objective, start)  # type: ignore[no-any-return]


@rule
def _agreement(gain: float) -> float:
    """Return the probability of agreeing to a tie, without overflow."""
    if gain >= 0.0:
        return 1.0 / (1.0 + exp(-gain))
    odds = exp(gain)
    return odds / (1.0 + odds)


@allocating_rule
def _ministep_probabilities(objective: Objective, network: Flags) -> Floats:
    actors = network.shape[0]
    shared_partners = np.empty((actors, actors), np.int16)
    degree = np.empty(actors, np.int32)
    count_ties(network, shared_partners, degree)
    utilities = np.empty(actors)
    probabilities = np.empty((actors, actors))
    for actor in range(actors):
        weigh_changes(objective, network, shared_partners, degree, actor, utilities)
        largest = utilities.max()
        total = 0.0
        for alter in range(actors):
            probabilities[actor, alter] = exp(utilities[alter] - largest)
            total += probabilities[actor, alter]
        for alter in range(actors):
            probabilities[actor, alter] /= total * actors
        if not objective.confirmation:
            continue
        for alter in range(actors):
            if alter != actor and network[actor, alter] == 0:
                gain = tie_utility(objective, network, shared_partners, degree, alter, actor)
                wanted = probabilities[actor, alter]
                probabilities[actor, alter] = wanted * _agreement(gain)
                probabilities[actor, actor] += wanted - probabilities[actor, alter]
    return probabilities
