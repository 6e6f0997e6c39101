"""Compare what was observed with what a fitted model simulates, on statistics of the user."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from partnersim.arrays import Floats
from partnersim.errors import InputError
from partnersim.events.choice import Fit
from partnersim.events.estimates import check_level
from partnersim.events.progress import Progress
from partnersim.events.rate import RateFit
from partnersim.events.simulation import History, observed, simulate

Statistic = Callable[[History], Any]
#: Directions with less variance than this share of the largest are left out of the distance.
_FLAT = 1e-10


@dataclass(frozen=True)
class GoodnessOfFit:
    """Observed and simulated values of one statistic with m entries."""

    observed: pd.Series
    """(m,) of the data."""
    simulated: pd.DataFrame
    """(histories, m) of every simulated history."""
    distance: float
    """Mahalanobis distance of the observed from the mean of the simulated."""
    distances: Floats
    """(histories,) the same of every simulated history."""
    p_value: float
    """Share of simulated histories at least as far from the mean as the observed one."""

    def table(self, level: float = 0.9) -> pd.DataFrame:
        """Return observed, mean, band and place of the observed by entry.

        Parameters
        ----------
        level : float
            Share of simulated histories in the band, above 0, below 1.

        Returns
        -------
        DataFrame
            Columns observed, mean, low, high, inside.
        """
        check_level(level)
        low, high = (self.simulated.quantile(0.5 + side * level / 2) for side in (-1, 1))
        return pd.DataFrame(
            {
                "observed": self.observed,
                "mean": self.simulated.mean(),
                "low": low,
                "high": high,
                "inside": (self.observed >= low) & (self.observed <= high),
            }
        )


def goodness_of_fit(
    fit: Fit,
    statistic: Statistic,
    *,
    histories: int = 200,
    seed: int,
    rate: RateFit | None = None,
    start: Any = None,
    end: Any = None,
) -> GoodnessOfFit:
    """Simulate a fitted model and compare a statistic with the observed one.

    Parameters
    ----------
    fit : Fit
        The fitted model.
    statistic : callable
        Takes a History and returns a number, a list of numbers, or a mapping of name to number
        (or Series); the same entries for every history.
    histories : int
        How many histories to simulate, 10 or more.
    seed, rate, start, end
        As in `simulate`.

    Returns
    -------
    GoodnessOfFit
        With the Mahalanobis distance in the covariance of the simulated values (pseudo-inverse),
        and its p-value by simulation.

    Raises
    ------
    InputError
        If anything given cannot be used, or the statistic does not give the same entries of
        finite numbers every time.

    References
    ----------
    Lospinoso and Snijders (2019), Goodness of fit for stochastic actor-oriented models.
    Methodological Innovations 12(3). doi:10.1177/2059799119884282
    """
    if not callable(statistic):
        raise InputError("statistic: must be a function of a History")
    if isinstance(histories, int) and histories < 10:
        raise InputError(f"histories: {histories} given, must be 10 or more")
    seen = _entries(statistic, observed(fit))
    rows, progress = [], Progress()
    drawn = simulate(fit, histories=histories, seed=seed, rate=rate, start=start, end=end)
    for history in drawn:
        rows.append(_entries(statistic, history, seen.index))
        progress.within(f"{len(rows):,} of {histories:,} histories")
    simulated = pd.DataFrame(rows).reset_index(drop=True)
    values = simulated.to_numpy()
    inverse = np.linalg.pinv(
        np.atleast_2d(np.cov(values, rowvar=False)), rcond=_FLAT, hermitian=True
    )
    centre = values.mean(axis=0)

    def distance(gap: Floats) -> Floats:
        return np.sqrt(np.maximum(np.einsum("...i,ij,...j", gap, inverse, gap), 0.0))

    distances = distance(values - centre)
    far = float(distance(seen.to_numpy() - centre))
    # An observed value that lies where no simulated one does counts as infinitely far.
    spread = inverse @ np.linalg.pinv(inverse, rcond=_FLAT, hermitian=True)
    beyond = (seen.to_numpy() - centre) @ (np.eye(len(spread)) - spread)
    if np.abs(beyond).max() > 1e-6 * (1.0 + np.abs(seen.to_numpy()).max()):
        far = float("inf")
    return GoodnessOfFit(seen, simulated, far, distances, float((distances >= far).mean()))


def _entries(statistic: Statistic, history: History, index: pd.Index | None = None) -> pd.Series:
    """Return the entries of a statistic as numbers with names."""
    given = statistic(history)
    named = isinstance(given, (Mapping, pd.Series))
    try:
        entries = pd.Series(given if named else np.atleast_1d(given)).astype(float)
    except (TypeError, ValueError):
        raise InputError("statistic: must return numbers") from None
    if not len(entries) or not np.isfinite(entries.to_numpy()).all():
        raise InputError("statistic: must return finite numbers, one or more")
    if index is not None and list(entries.index) != list(index):
        raise InputError(
            f"statistic: {len(entries)} entries for a simulated history, not the {len(index)} of "
            "the observed one; it must return the same entries every time"
        )
    return entries
