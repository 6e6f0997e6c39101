"""Fisher scoring with step halving; what has no finite or no single answer is told."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from partnersim.arrays import Floats
from partnersim.errors import InputError

#: Evaluate coefficients: log-likelihood, score (K,), information (K, K).
Objective = Callable[[Floats], tuple[float, Floats, Floats]]

_MOST_STEPS = 200
_MOST_HALVINGS = 40
#: Distance to the maximum, in standard errors, at which the search ends.
_CLOSE = 1e-9
#: Share of its largest value by which a statistic must vary.
_ROUNDING = 1e-10
#: Smallest eigenvalue, of 1, of the correlations of the statistics before they are collinear.
_COLLINEAR = 1e-10
#: Share of the information at the start that is left where an estimate runs away.
_RUN_AWAY = 1e-8


class Maximum(NamedTuple):
    """Where the search for the largest likelihood ended."""

    coefficients: Floats
    log_likelihood: float
    score: Floats
    information: Floats
    converged: bool
    steps: int


def maximise(objective: Objective, start: Floats, names: Sequence[str], scale: Floats) -> Maximum:
    """Return the coefficients of the largest likelihood.

    Parameters
    ----------
    objective : callable
        Returns log-likelihood, score (K,) and information (K, K) at coefficients (K,).
    start : (K,) array
        Where to start.
    names : sequence of str
        What the coefficients are called.
    scale : (K,) array
        Largest absolute value of each statistic, against which rounding is judged.

    Returns
    -------
    Maximum
        Not converged if 200 steps did not suffice.

    Raises
    ------
    InputError
        If a statistic never varies, statistics are collinear, or the likelihood keeps rising
        while coefficients run to infinity.
    """
    where = start.astype(float)
    value, score, information = objective(where)
    _refuse_collinear(information, names, scale)
    at_start = information
    for step in range(1, _MOST_STEPS + 1):
        _refuse_run_away(at_start, information, where, names)
        move = np.linalg.solve(information, score)
        distance = math.sqrt(max(float(score @ move), 0.0))
        if distance < _CLOSE:
            return Maximum(where, value, score, information, True, step)
        # Differences below this are rounding.
        rounding = 1e-12 * (1.0 + abs(value))
        for _ in range(_MOST_HALVINGS):
            there = objective(where + move)
            if there[0] >= value - rounding:
                break
            move /= 2
        else:
            break
        where = where + move
        value, score, information = there
    return Maximum(where, value, score, information, False, step)


def _refuse_collinear(information: Floats, names: Sequence[str], scale: Floats) -> None:
    spread = np.sqrt(np.diag(information))
    moves = spread > _ROUNDING * scale
    still = [name for name, move in zip(names, moves, strict=True) if not move]
    if still:
        raise InputError(
            f"effect {name}: the statistic never differs between what could have happened; "
            "leave it out"
            for name in still
        )
    values, vectors = np.linalg.eigh(information / np.outer(spread, spread))
    if values[0] < _COLLINEAR:
        shares = np.abs(vectors[:, 0])
        together = [
            n for n, large in zip(names, shares > 0.05 * shares.max(), strict=True) if large
        ]
        raise InputError(
            f"effects {', '.join(together)}: collinear, one follows from the others at every "
            "event; leave one out"
        )


def _refuse_run_away(
    at_start: Floats, information: Floats, where: Floats, names: Sequence[str]
) -> None:
    """Raise InputError if the information has all but vanished in some direction."""
    root = np.linalg.cholesky(at_start)
    inner = np.linalg.solve(root, np.linalg.solve(root, information).T)
    values, vectors = np.linalg.eigh((inner + inner.T) / 2)
    if values[0] > _RUN_AWAY:
        return
    spread = np.sqrt(np.diag(at_start))
    direction = np.linalg.solve(root.T, vectors[:, 0]) * spread
    direction *= 1.0 if direction @ (where * spread) >= 0 else -1.0
    ends = [
        f"{name} to {'plus' if share > 0 else 'minus'} infinity"
        for name, share in zip(names, direction, strict=True)
        if abs(share) > 0.05 * np.abs(direction).max()
    ]
    raise InputError(
        f"effect{'s' if len(ends) > 1 else ''} {', '.join(ends)}: the likelihood keeps rising, so "
        "there is no finite estimate (the statistic separates what happened from what did not); "
        "leave it out or recode it"
    )
