"""Priors of the coefficients, and the posterior: its mode and a normal approximation (Laplace).

What is believed before the history is looked at: normal around the value that was set by hand, with
a quarter of the plausible range as standard deviation, cut off at the ends of that range.
Coefficients that must be positive have this prior on their logarithm.

MacKay (2003), Information Theory, Inference, and Learning Algorithms, chapter 27.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from partnersim.arrays import Floats, Integers
from partnersim.history.likelihood import LOGARITHMIC, PARAMETERS, HistoryLikelihood
from partnersim.history.pooled import KINDS, PooledLikelihood
from partnersim.scenario.behaviour import Behaviour
from partnersim.scenario.coefficient_draws import CoefficientCovariance

#: Minus a log density and its gradient.
Loss = Callable[[Floats], tuple[float, Floats]]

#: A coefficient counts as estimated if the history cut its prior standard deviation to less than
#: this share, or moved it by more than so many prior standard deviations.
NARROWED = 0.8
MOVED = 1.0

#: What stays as assumed, and why: negotiations that nobody recorded occupied the EU too, no record
#: tells who began, and what was asked in vain left none.
NOT_OBSERVED = {
    **dict.fromkeys(
        ("consent_busy", "hazard_busy"), "how busy the EU was is not observed in the history"
    ),
    "initiative_rate": "who began is not observed in the history",
    "unsounded": "what was asked for in vain is not observed in the history",
    "rival": "the dated moves of rivals leave its sign open: the history gives 0.5, -1.8 to 2.8",
}

#: Prior standard deviations between the ends of a plausible range.
_WIDTH = 4.0
_STEP = 1e-4
#: Rounds in which the spreads of effects are found.
_ROUNDS = 12
#: Slope below which a coefficient counts as without any trace in the history.
_NO_TRACE = 1e-9


@dataclass(frozen=True)
class Priors:
    """Independent normal priors of the coefficients of the likelihood.

    Attributes
    ----------
    mean, deviation, low, high : (P,) array
        In the order of ``likelihood.PARAMETERS``, logarithms for those of ``LOGARITHMIC``.
    """

    mean: Floats
    deviation: Floats
    low: Floats
    high: Floats

    def log_density(self, theta: Floats) -> float:
        """Return the log density up to a constant."""
        return float(-0.5 * (((theta - self.mean) / self.deviation) ** 2).sum())

    def slope(self, theta: Floats) -> Floats:
        """Return the gradient of the log density."""
        return -(theta - self.mean) / self.deviation**2


def priors_of(behaviour: Behaviour) -> Priors:
    """Return the priors that a table of assumed coefficients implies.

    Parameters
    ----------
    behaviour : Behaviour
        Values and plausible ranges.
    """
    items = [behaviour.coefficients[name] for name in PARAMETERS]
    rows = [
        tuple(map(math.log if name in LOGARITHMIC else float, (item.value, item.low, item.high)))
        for name, item in zip(PARAMETERS, items, strict=True)
    ]
    mean, low, high = np.array(rows).T
    return Priors(mean, (high - low) / _WIDTH, low, high)


@dataclass(frozen=True)
class Posterior:
    """Mode and covariance of the coefficients that the history informs.

    Attributes
    ----------
    names : tuple of str
        The estimated coefficients, in the order of ``likelihood.PARAMETERS``.
    theta : (P,) array
        All parameters: the mode of the estimated ones, the prior mean of the others.
    covariance : (len(names), len(names)) array
        Of the estimated ones, on the scale of ``theta``; zero for those at an end of their range.
    at_end : tuple of str
        Estimated coefficients that the history would push beyond their plausible range.
    log_likelihood : float
        At the mode.
    narrowing : dict of str to float
        Posterior over prior standard deviation of every parameter while all were free.
    effects : DataFrame
        Pooled effects of instruments and countries, see `PooledLikelihood.table`.
    """

    names: tuple[str, ...]
    theta: Floats
    covariance: Floats
    at_end: tuple[str, ...]
    log_likelihood: float
    narrowing: dict[str, float]
    effects: pd.DataFrame


def covariance_of(posterior: Posterior, assumed: Behaviour) -> CoefficientCovariance:
    """Return the covariance of a posterior in memory."""
    items = [assumed.coefficients[name] for name in posterior.names]
    return CoefficientCovariance(
        posterior.names,
        np.array([name in LOGARITHMIC for name in posterior.names]),
        np.array([item.low for item in items]),
        np.array([item.high for item in items]),
        posterior.covariance,
    )


def posterior_of(likelihood: HistoryLikelihood, priors: Priors) -> Posterior:
    """Find the posterior of coefficients and pooled effects in two steps.

    All coefficients with a trace in the history are free at first, and the spreads of effects are
    found. Coefficients that the history neither narrows (`NARROWED`) nor moves (`MOVED`) go back to
    their prior mean and stay there; the others and the effects are fitted anew.
    """
    pooled = PooledLikelihood(likelihood)
    count = len(PARAMETERS)
    effects = count + np.arange(pooled.count)
    begin = np.concatenate([priors.mean, np.zeros(len(effects))])
    trace = likelihood.slopes(priors.mean + 0.1 * priors.deviation).gradient
    observed = np.array([name not in NOT_OBSERVED for name in PARAMETERS])
    every = np.flatnonzero((np.abs(trace) > _NO_TRACE) & observed)
    free = np.concatenate([every, effects])
    spreads = dict(KINDS)
    for _ in range(_ROUNDS):
        begin, _ = _climb(pooled, with_effects(priors, pooled, spreads), begin, free)
        spreads = pooled.spreads(begin, spreads)
    beliefs = with_effects(priors, pooled, spreads)
    # The effects are held where they are: curvature by them too would take ten times as long.
    theta, covariance, _ = mode(pooled, beliefs, begin, every)
    narrowing = np.ones(count)
    narrowing[every] = np.sqrt(np.diag(covariance)) / priors.deviation[every]
    shift = (theta[:count] - priors.mean) / priors.deviation
    informed = np.flatnonzero((narrowing < NARROWED) | (np.abs(shift) > MOVED))
    begin = np.concatenate([priors.mean, theta[count:]])
    begin[informed] = theta[informed]
    theta, covariance, at_end = mode(pooled, beliefs, begin, np.concatenate([informed, effects]))
    known = len(informed)
    return Posterior(
        names=tuple(PARAMETERS[place] for place in informed),
        theta=theta[:count],
        covariance=covariance[:known, :known],
        at_end=tuple(PARAMETERS[place] for place in at_end),
        log_likelihood=pooled.slopes(theta).value,
        narrowing=dict(zip(PARAMETERS, narrowing.tolist(), strict=True)),
        effects=pooled.table(theta, _given_coefficients(covariance, known), spreads),
    )


def _given_coefficients(covariance: Floats, known: int) -> Floats:
    """Return the covariance of effects if the coefficients, which come first, are as they are.

    Coefficients at an end of their range have no variance, and nothing varies with them.
    """
    free = np.flatnonzero(np.diag(covariance)[:known] > 0.0)
    between = covariance[np.ix_(free, np.arange(known, len(covariance)))]
    inner = covariance[np.ix_(free, free)]
    return covariance[known:, known:] - between.T @ np.linalg.solve(inner, between)


def with_effects(priors: Priors, pooled: PooledLikelihood, spreads: dict[str, float]) -> Priors:
    """Return the priors of coefficients and effects, (P + E,)."""
    none = np.zeros(pooled.count)
    return Priors(
        np.concatenate([priors.mean, none]),
        np.concatenate([priors.deviation, pooled.spread_of_each(spreads)]),
        np.concatenate([priors.low, none - np.inf]),
        np.concatenate([priors.high, none + np.inf]),
    )


def mode(
    likelihood: PooledLikelihood, priors: Priors, begin: Floats, free: Integers
) -> tuple[Floats, Floats, Integers]:
    """Return the mode of the posterior over some parameters, and their covariance there.

    Parameters
    ----------
    begin : (P,) array
        Where to start; parameters that are not free stay there.
    free : array of int
        Places of the parameters that vary.

    Returns
    -------
    theta : (P,) array
    covariance : (F, F) array
        Rows and columns of parameters at an end of their range are zero.
    at_end : array of int
        Places of those parameters.
    """
    theta, loss = _climb(likelihood, priors, begin, free)
    low, high = priors.low[free], priors.high[free]
    part = theta[free]
    inside = np.flatnonzero((part > low) & (part < high))
    covariance = np.zeros((len(free), len(free)))
    covariance[np.ix_(inside, inside)] = np.linalg.inv(_curvature(loss, part, inside))
    return theta, covariance, free[(part <= low) | (part >= high)]


def _climb(
    likelihood: PooledLikelihood, priors: Priors, begin: Floats, free: Integers
) -> tuple[Floats, Loss]:
    """Return the mode over some parameters, and minus the log density by these."""
    theta = begin.copy()

    def loss(part: Floats) -> tuple[float, Floats]:
        moved = theta.copy()
        moved[free] = part
        value, slope = likelihood.value_and_gradient(moved)
        return -(value + priors.log_density(moved)), -(slope + priors.slope(moved))[free]

    found = minimize(
        loss,
        begin[free],
        jac=True,
        method="L-BFGS-B",
        bounds=list(zip(priors.low[free], priors.high[free], strict=True)),
        options={"maxiter": 1000, "maxcor": 30, "ftol": 1e-13, "gtol": 1e-6},
    )
    theta[free] = found.x
    return theta, loss


def _curvature(loss: Loss, part: Floats, inside: Integers) -> Floats:
    """Return the second derivatives by the parameters inside, from differences of the gradient."""
    here = loss(part)[1]
    steps = _STEP * np.eye(len(part))[inside]
    matrix = np.array([(loss(part + step)[1] - here)[inside] / _STEP for step in steps])
    return (matrix + matrix.T) / 2
