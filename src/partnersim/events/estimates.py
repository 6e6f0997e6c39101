"""What an estimation gives, and how it is shown."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from partnersim.arrays import Floats
from partnersim.errors import InputError


@dataclass(frozen=True)
class Estimates:
    """Maximum-likelihood estimates of a model."""

    names: tuple[str, ...]
    """K names of effects."""
    estimates: Floats
    """(K,) coefficients."""
    standard_errors: Floats
    """(K,) square roots of the diagonal of the inverse information."""
    log_likelihood: float
    score: Floats
    """(K,) derivative of the log-likelihood, near zero."""
    information: Floats
    """(K, K) expected (Fisher) information."""
    events: int
    """Number of dependent events."""
    converged: bool
    steps: int
    """Steps of the search."""

    def __str__(self) -> str:
        return self.summary()

    @property
    def covariance(self) -> Floats:
        """(K, K) inverse of the information."""
        return np.linalg.inv(self.information)

    @property
    def aic(self) -> float:
        """Akaike's criterion, 2 K - 2 log-likelihood."""
        return 2 * len(self.names) - 2 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Schwarz' criterion, K log(events) - 2 log-likelihood."""
        return len(self.names) * math.log(self.events) - 2 * self.log_likelihood

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
        if not 0 < level < 1:
            raise InputError(f"level: {level!r} given, must be above 0 and below 1")
        reach = NormalDist().inv_cdf(0.5 + level / 2) * self.standard_errors
        return pd.DataFrame(
            {"low": self.estimates - reach, "high": self.estimates + reach}, index=self.names
        )

    def table(self) -> pd.DataFrame:
        """Return estimate, standard error, z and two-sided p by effect."""
        z = self.estimates / self.standard_errors
        return pd.DataFrame(
            {
                "estimate": self.estimates,
                "standard_error": self.standard_errors,
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
            lines.append(
                f"{name:<{width}}  {_short(estimate):>10}  {_short(error):>10}  {z:7.2f}  "
                f"{'<0.0001' if p < 1e-4 else f'{p:7.4f}'}"
            )
        end = "converged" if self.converged else "NOT CONVERGED"
        lines += [
            "",
            f"log-likelihood {self.log_likelihood:.4f}, AIC {self.aic:.2f}, BIC {self.bic:.2f}",
            f"{self.events} events, {end} after {self.steps} steps, "
            f"largest score {np.abs(self.score).max():.1e}",
        ]
        return "\n".join(lines)


def standard_errors(information: Floats) -> Floats:
    """Return the square roots of the diagonal of the inverse of an information."""
    return np.sqrt(np.diag(np.linalg.inv(information)))


def _short(value: float) -> str:
    """Return a number with four decimals, or with four digits if that would hide it."""
    return f"{value:.4f}" if value == 0 or 1e-2 <= abs(value) < 1e4 else f"{value:.3e}"
