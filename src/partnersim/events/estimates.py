"""What an estimation gives, how it is shown, and how two are compared."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import compress
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import chi2

from partnersim.arrays import Floats, Truths
from partnersim.errors import InputError


@dataclass(frozen=True)
class Estimates:
    """Maximum-likelihood estimates of a model with K effects."""

    names: tuple[str, ...]
    """K names of effects."""
    estimates: Floats
    """(K,) coefficients."""
    free: Truths
    """(K,) which coefficients were estimated; the others were fixed."""
    log_likelihood: float
    score: Floats
    """(K,) derivative of the log-likelihood, near zero where estimated."""
    information: Floats
    """(K, K) expected (Fisher) information."""
    converged: bool
    steps: int
    """Steps of the search."""
    events: int
    """Number of dependent events."""

    def __str__(self) -> str:
        return self.summary()

    @property
    def covariance(self) -> Floats:
        """(K, K) inverse of the information; zero for fixed coefficients."""
        among = np.ix_(self.free, self.free)
        inverse = np.zeros_like(self.information)
        inverse[among] = np.linalg.inv(self.information[among])
        return inverse

    @property
    def standard_errors(self) -> Floats:
        """(K,) square roots of the diagonal of the covariance; NaN for fixed coefficients."""
        return np.where(self.free, np.sqrt(np.diag(self.covariance)), np.nan)

    @property
    def aic(self) -> float:
        """Akaike's criterion, 2 (number of estimates) - 2 log-likelihood."""
        return 2 * int(self.free.sum()) - 2 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Schwarz' criterion, (number of estimates) log(events) - 2 log-likelihood."""
        return int(self.free.sum()) * math.log(self.events) - 2 * self.log_likelihood

    def explained(self) -> tuple[Any, ...]:
        """Return what the model explains: only models of the same can be compared."""
        return type(self), self.events

    def intervals(self, level: float = 0.95) -> pd.DataFrame:
        """Return confidence intervals (low, high) by effect.

        Parameters
        ----------
        level : float
            Share of samples in which the interval should hold the truth, above 0, below 1.

        Returns
        -------
        DataFrame
            Columns low and high, one row per effect.
        """
        check_level(level)
        reach = NormalDist().inv_cdf(0.5 + level / 2) * self.standard_errors
        return pd.DataFrame(
            {"low": self.estimates - reach, "high": self.estimates + reach}, index=self.names
        )

    def table(self) -> pd.DataFrame:
        """Return estimate, standard error, z and two-sided p by effect; NaN where fixed."""
        errors = self.standard_errors
        z = self.estimates / errors
        return pd.DataFrame(
            {
                "estimate": self.estimates,
                "standard_error": errors,
                "z": z,
                "p": [math.erfc(abs(value) / math.sqrt(2)) for value in z],
            },
            index=pd.Index(self.names, name="effect"),
        )

    def summary(self) -> str:
        """Return a table to print."""
        width = max(len("effect"), *map(len, self.names))
        lines = [f"{'effect':<{width}}  {'estimate':>10}  {'std. error':>10}  {'z':>7}  {'p':>7}"]
        for name, estimate, error, z, p in self.table().itertuples():
            tested = f"{_short(error):>10}  {z:7.2f}  {'<0.0001' if p < 1e-4 else f'{p:7.4f}'}"
            shown = f"{'fixed':>10}" if math.isnan(error) else tested
            lines.append(f"{name:<{width}}  {_short(estimate):>10}  {shown}")
        end = "converged" if self.converged else "NOT CONVERGED"
        lines += [
            "",
            f"log-likelihood {self.log_likelihood:.4f}, AIC {self.aic:.2f}, BIC {self.bic:.2f}",
            f"{self.events} events, {end} after {self.steps} steps, "
            f"largest score {np.abs(self.score[self.free]).max():.1e}",
        ]
        return "\n".join(lines)


class LikelihoodRatio(NamedTuple):
    """A likelihood-ratio test of a smaller model against a larger one."""

    statistic: float
    """Twice the difference of the log-likelihoods."""
    degrees: int
    """How many coefficients the larger model estimates more."""
    p_value: float
    """Chance of a statistic as large if the smaller model is true (chi-squared)."""


def likelihood_ratio(smaller: Estimates, larger: Estimates) -> LikelihoodRatio:
    """Test whether a model says less than a larger one that contains it.

    Parameters
    ----------
    smaller, larger : Estimates
        Of the same events. The smaller model leaves out effects of the larger one, or fixes
        coefficients that the larger one estimates.

    Raises
    ------
    InputError
        If the larger model does not contain the smaller one, they explain other events, or a
        search has not converged.
    """
    if not all(isinstance(each, Estimates) and each.converged for each in (smaller, larger)):
        raise InputError("likelihood_ratio: give two results of fit() that have converged")
    own, other = (set(compress(fit.names, fit.free)) for fit in (smaller, larger))
    if not (own < other and set(smaller.names) <= set(larger.names)):
        raise InputError("likelihood_ratio: the second model must have all effects of the first")
    if smaller.explained() != larger.explained():
        raise InputError(
            f"likelihood_ratio: {smaller.events} and {larger.events} events, must be the same ones"
        )
    statistic = max(2 * (larger.log_likelihood - smaller.log_likelihood), 0.0)
    degrees = len(other) - len(own)
    return LikelihoodRatio(statistic, degrees, float(chi2.sf(statistic, degrees)))


def sandwich(covariance: Floats, scores: Floats, clusters: ArrayLike) -> Floats:
    """Return a covariance (K, K) that holds even if what belongs to one cluster hangs together.

    Inverse information times the products of cluster scores times inverse information, times
    G / (G - 1) for G clusters.

    Parameters
    ----------
    covariance : (K, K) array
        Inverse of the information.
    scores : (E, K) array
    clusters : (E,) array_like
        A label of each of the E rows, of two clusters or more.

    References
    ----------
    Cameron and Miller (2015), A practitioner's guide to cluster-robust inference.
    doi:10.3368/jhr.50.2.317
    """
    number, names = pd.factorize(pd.Series(clusters), use_na_sentinel=False)
    sums = np.zeros((len(names), scores.shape[1]))
    np.add.at(sums, number, scores)
    middle = sums.T @ sums * len(names) / (len(names) - 1)
    return covariance @ middle @ covariance


def check_level(level: float) -> None:
    """Raise InputError if a level is no share."""
    if not (isinstance(level, float) and 0 < level < 1):
        raise InputError(f"level: {level!r} given, must be above 0 and below 1")


def _short(value: float) -> str:
    """Return a number with four decimals, or with four digits if that would hide it."""
    return f"{value:.4f}" if value == 0 or 1e-2 <= abs(value) < 1e4 else f"{value:.3e}"
