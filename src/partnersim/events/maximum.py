"""The largest likelihood, by Newton's method; what has no finite or no single answer is an error.

Steps are Newton's where the observed information is positive definite, Fisher's scoring elsewhere;
a step that does not raise the likelihood is halved. Both are the same for all units and all
linear recodings of the statistics, which a trust region is not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from partnersim.arrays import Floats, Truths
from partnersim.errors import InputError, refuse
from partnersim.events.effects import Effect
from partnersim.events.progress import Progress
from partnersim.events.tables import count_problems

_MOST_HALVINGS = 40
#: Share of its largest value by which a statistic must vary.
_ROUNDING = 1e-10
#: Smallest eigenvalue, of 1, of the correlations of the statistics before they are collinear.
_COLLINEAR = 1e-10
#: Share of the information at the start that is left where an estimate runs away.
_RUN_AWAY = 1e-8


class Point(NamedTuple):
    """A likelihood and its derivatives at some coefficients."""

    log_likelihood: float
    score: Floats
    """(K,)"""
    information: Floats
    """(K, K) expected information."""
    curvature: Floats
    """(K, K) observed information."""


@dataclass(frozen=True)
class Search:
    """How the largest likelihood is looked for.

    Parameters
    ----------
    initial : (K,) array, optional
        Coefficients to start from, in the order of the effects, that of a rate's intercept first.
        If left out, 0 and the mean rate.
    tolerance : float
        The search ends within this distance of the maximum, in standard errors.
    most_steps : int
        The search ends after so many steps at the latest.
    progress : callable, optional
        Called with a line of text at every step, and every five seconds within a long one, such
        as ``print``. If left out, standard error gets a line every five seconds.
    """

    initial: ArrayLike | None = None
    tolerance: float = 1e-9
    most_steps: int = 100
    progress: Callable[[str], object] | None = None

    def __post_init__(self) -> None:
        problems = []
        if not (isinstance(self.tolerance, float) and 0 < self.tolerance < 1):
            problems.append(f"tolerance: {self.tolerance!r} given, must be above 0 and below 1")
        problems += count_problems("most_steps", self.most_steps, 1)
        if not (self.progress is None or callable(self.progress)):
            problems.append(f"progress: {self.progress!r} given, must be a function of a line")
        refuse(problems)


def as_coefficients(given: ArrayLike, count: int, what: str, of: str = "effect") -> Floats:
    """Return so many finite numbers as an array, or raise InputError."""
    try:
        values = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        values = np.empty((0, 0))
    if values.shape != (count,) or not np.isfinite(values).all():
        raise InputError(f"{what}: must be {count} finite numbers, one per {of}")
    return values


def fixed_among(
    effects: Sequence[Effect], fixed: Mapping[Effect, float] | None
) -> tuple[Truths, Floats]:
    """Return which coefficients of effects are free, and the values of those that are not."""
    free, values = np.ones(len(effects), bool), np.zeros(len(effects))
    if not isinstance(fixed or {}, Mapping):
        raise InputError("fixed: must be a mapping of effect to number")
    for effect, value in (fixed or {}).items():
        if effect not in effects:
            shown = effect.name if isinstance(effect, Effect) else repr(effect)
            raise InputError(f"fixed: {shown} is no effect of the model")
        place = list(effects).index(effect)
        free[place] = False
        values[place] = as_coefficients([value], 1, f"fixed: {effect.name}")[0]
    return free, values


def maximise(
    objective: Callable[[Floats], Point],
    names: Sequence[str],
    default: Floats,
    free: Truths,
    scale: Floats,
    search: Search,
    progress: Progress,
) -> dict[str, Any]:
    """Return the coefficients of the largest likelihood.

    Parameters
    ----------
    objective : callable
        Returns the likelihood and its derivatives at coefficients (K,).
    names : sequence of str
        What the coefficients are called.
    default : (K,) array
        Where to start if the search does not say; fixed coefficients have these values.
    free : (K,) array of bool
        Which coefficients are estimated.
    scale : (K,) array
        Largest absolute value of each statistic, against which rounding is judged.
    search : Search
        When to end.
    progress : Progress
        Takes a line at every step.

    Returns
    -------
    dict
        All fields of `Estimates` but the number of events.

    Raises
    ------
    InputError
        If a statistic never varies, statistics are collinear, or the likelihood keeps rising
        while coefficients run to infinity.
    """
    if not free.any():
        raise InputError("fixed: leave at least one coefficient to be estimated")
    where = default.astype(float)
    among = np.ix_(free, free)
    free_names = list(compress(names, free))
    here = objective(where)
    at_start = here.information[among]
    _refuse_collinear(at_start, free_names, scale[free])
    if search.initial is not None:
        where[free] = as_coefficients(search.initial, len(names), "initial")[free]
        with np.errstate(all="ignore"):
            here = objective(where)
        left = here.information[among]
        if not np.isfinite(left).all() or _least_left(at_start, left)[0] <= _RUN_AWAY:
            raise InputError("initial: so far off that the data say nothing there; start nearer 0")
    converged, step = False, 0
    for step in range(1, search.most_steps + 1):
        _refuse_run_away(at_start, here.information[among], where[free], free_names)
        move = np.zeros(len(where))
        move[free] = _step(here.curvature[among], here.information[among], here.score[free])
        distance = math.sqrt(max(float(here.score @ move), 0.0))
        progress.step(
            f"step {step}: log-likelihood {here.log_likelihood:.4f}, {distance:.1e} standard "
            "errors from the maximum"
        )
        converged = distance < search.tolerance
        if converged:
            break
        # Differences below this are rounding.
        rounding = 1e-12 * (1.0 + abs(here.log_likelihood))
        for _ in range(_MOST_HALVINGS):
            there = objective(where + move)
            if there.log_likelihood >= here.log_likelihood - rounding:
                break
            move /= 2
        else:
            break
        where, here = where + move, there
    return {
        "names": tuple(names),
        "estimates": where,
        "free": free,
        "log_likelihood": here.log_likelihood,
        "score": here.score,
        "information": here.information,
        "converged": converged,
        "steps": step,
    }


def _step(curvature: Floats, information: Floats, score: Floats) -> Floats:
    """Return Newton's step, or Fisher's where the likelihood is not concave."""
    try:
        np.linalg.cholesky(curvature)
    except np.linalg.LinAlgError:
        return np.linalg.solve(information, score)
    return np.linalg.solve(curvature, score)


def _refuse_collinear(information: Floats, names: Sequence[str], scale: Floats) -> None:
    spread = np.sqrt(np.diag(information))
    refuse(
        f"effect {name}: the statistic never differs between what could have happened; leave it out"
        for name in compress(names, ~(spread > _ROUNDING * scale))
    )
    values, vectors = np.linalg.eigh(information / np.outer(spread, spread))
    if values[0] < _COLLINEAR:
        shares = np.abs(vectors[:, 0])
        together = compress(names, shares > 0.05 * shares.max())
        raise InputError(
            f"effects {', '.join(together)}: collinear, one follows from the others at every "
            "event; leave one out"
        )


def _least_left(at_start: Floats, information: Floats) -> tuple[float, Floats]:
    """Return the smallest share of the information at the start that is left, and where."""
    root = np.linalg.cholesky(at_start)
    inner = np.linalg.solve(root, np.linalg.solve(root, information).T)
    values, vectors = np.linalg.eigh((inner + inner.T) / 2)
    return float(values[0]), np.linalg.solve(root.T, vectors[:, 0])


def _refuse_run_away(
    at_start: Floats, information: Floats, where: Floats, names: Sequence[str]
) -> None:
    """Raise InputError if the information has all but vanished in some direction."""
    left, direction = _least_left(at_start, information)
    if left > _RUN_AWAY:
        return
    spread = np.sqrt(np.diag(at_start))
    direction *= spread
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
