"""Simulate the actor-oriented model over a period, in many replicates."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from partnersim.actor_oriented.inputs import (
    check_count,
    check_network,
    check_number,
    check_objective,
)
from partnersim.actor_oriented.ministep import run_replicates
from partnersim.arrays import Flags, Integers
from partnersim.errors import refuse

_LARGEST_SEED = 2**63 - 1
_MOST_REPLICATES = 10_000_000
_MOST_THREADS = 1024
_MOST_MINISTEPS = 10**12
#: Pieces of work per thread: few enough to cost nothing, enough to keep all threads busy.
_PIECES = 8


@dataclass(frozen=True)
class Simulation:
    """What became of the network, by replicate."""

    networks: Flags
    """(replicates, n, n) the network at the end of the period, symmetric, 0 or 1."""
    ministeps: Integers
    """(replicates,) number of ministeps taken."""
    changes: Integers
    """(replicates,) number of ministeps in which a tie was made or dissolved."""


def simulate(
    network: ArrayLike,
    *,
    coefficients: Mapping[str, float],
    alter: Mapping[str, ArrayLike] | None = None,
    dyadic: Mapping[str, ArrayLike] | None = None,
    rate: float | None = None,
    period: float = 1.0,
    tie_model: str = "forcing",
    seed: int,
    replicates: int = 1,
    threads: int = 1,
    ministeps: int | None = None,
) -> Simulation:
    """Simulate the actor-oriented model of an undirected network with one-sided initiative.

    At every ministep an actor, each as likely, may toggle one of its ties or change nothing,
    by multinomial logit on the objective function

        f_i(x) = sum_j x_ij (b_density + b_degree_of_alter d_j + sum_v b_alter.v v_j
                             + sum_w b_dyadic.w w_ij) + b_shared_partners t_i

    where d_j is the degree of j and t_i the number of triangles i is in. Ties are dissolved
    by either end. They are made by the actor alone (``forcing``), or need the alter's agreement
    (``confirmation``), given with probability exp(f_j(x+)) / (exp(f_j(x+)) + exp(f_j(x))), x+
    being the network with the tie.

    Parameters
    ----------
    network : (n, n) array of 0 and 1
        Network at the start: symmetric, zero diagonal, 2 to 30,000 actors.
    coefficients : mapping of str to float
        By name: ``density``, ``shared_partners``, ``degree_of_alter``, ``alter.<name>``,
        ``dyadic.<name>``; each from -1e6 to 1e6; 0 where not given.
    alter : mapping of str to (n,) array, optional
        Actor covariates by name, used as given: RSiena centres them, so subtract the mean first
        to compare.
    dyadic : mapping of str to (n, n) array, optional
        Symmetric covariates of pairs by name, used as given; the diagonal is not used.
    rate : float, optional
        Ministeps that each actor may take per unit of time, 0 or more, on average. The number of
        ministeps is Poisson with mean n * rate * period.
    period : float
        Length of the period, in units of time.
    tie_model : str
        ``forcing`` (RSiena's modelType 2) or ``confirmation`` (modelType 3).
    seed : int
        Seed of the random numbers, 0 to 2**63 - 1.
    replicates : int
        Number of independent runs. Replicate r is the same however many are asked for.
    threads : int
        Threads to use; the results do not depend on it.
    ministeps : int, optional
        A fixed number of ministeps, instead of ``rate``.

    Returns
    -------
    Simulation
        Networks at the end, numbers of ministeps and changes.

    Raises
    ------
    InputError
        If anything given cannot be used, one line per problem.

    References
    ----------
    Snijders and Pickup (2017), Stochastic actor oriented models for network dynamics, in The
    Oxford Handbook of Political Networks. doi:10.1093/oxfordhb/9780190228217.013.10
    """
    problems: list[str] = []
    start = check_network(network, problems)
    objective = check_objective(len(start), coefficients, alter, dyadic, tie_model, problems)
    seed = check_count("seed", seed, 0, _LARGEST_SEED, problems)
    replicates = check_count("replicates", replicates, 1, _MOST_REPLICATES, problems)
    threads = check_count("threads", threads, 1, _MOST_THREADS, problems)
    mean, fixed = _check_amount(len(start), rate, period, ministeps, problems)
    refuse(problems)

    networks = np.empty((replicates, *start.shape), np.uint8)
    networks[:] = start
    taken = np.full(replicates, fixed, np.int64)
    changes = np.zeros(replicates, np.int64)
    pieces = min(replicates, threads * _PIECES) if threads > 1 else 1
    bounds = [replicates * piece // pieces for piece in range(pieces + 1)]

    def run(first: int, last: int) -> None:
        run_replicates(objective, networks, mean, taken, changes, seed, first, last)

    with ThreadPoolExecutor(max_workers=threads) as executor:
        list(executor.map(run, bounds[:-1], bounds[1:]))
    return Simulation(networks, taken, changes)


def _check_amount(
    actors: int, rate: float | None, period: float, ministeps: int | None, problems: list[str]
) -> tuple[float, int]:
    """Return the mean of a Poisson number of ministeps, and the number if fixed (else -1)."""
    if (rate is None) == (ministeps is None):
        problems.append("rate, ministeps: give one of the two")
        return 0.0, 0
    if ministeps is not None:
        return 0.0, check_count("ministeps", ministeps, 0, _MOST_MINISTEPS, problems)
    found = len(problems)
    mean = (
        actors
        * check_number("rate", rate, 0.0, _MOST_MINISTEPS, problems)
        * check_number("period", period, 0.0, _MOST_MINISTEPS, problems)
    )
    if len(problems) == found and mean > _MOST_MINISTEPS:
        problems.append(
            f"rate, period: {mean:g} ministeps on average, allowed are {_MOST_MINISTEPS:g}"
        )
    return mean, -1
