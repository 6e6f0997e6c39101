"""The interval of a mean over pairs that share futures and luck."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def mean_of_pairs(difference: pd.Series, level: float, futures: str) -> tuple[float, float, float]:
    """Return mean, half-width and degrees of freedom of paired differences.

    Parameters
    ----------
    difference : Series
        Indexed by ``point`` and ``replicate``.
    level : float
        Confidence of this interval.
    futures : {"sampled", "listed"}
        See `paired_differences`.
    """
    from scipy.special import stdtrit

    values = difference.to_numpy()
    if not len(values):
        return np.nan, np.nan, 0.0
    point, replicate = (
        pd.factorize(difference.index.get_level_values(name))[0] for name in ("point", "replicate")
    )
    mean = float(values.mean())
    centred = values - mean
    points, replicates = int(point.max()) + 1, int(replicate.max()) + 1
    if replicates == 1:
        return mean, np.nan, 0.0
    luck = _clustered(centred, replicate)
    variance, freedom = luck, replicates - 1.0
    if points > 1 and futures == "sampled":
        across = _clustered(centred, point)
        both = across + luck - _clustered(centred, np.arange(len(values)))
        variance = max(both, across, luck)
        if variance > 0:
            shares = across**2 / (points - 1) + luck**2 / (replicates - 1)
            freedom = max(variance**2 / shares, min(points, replicates) - 1.0)
    half = float(stdtrit(freedom, 0.5 + level / 2)) * float(np.sqrt(variance))
    return mean, half, freedom


def _clustered(centred: NDArray[np.float64], cluster: NDArray[np.int64]) -> float:
    """Return the variance of a mean whose terms are independent between clusters only."""
    sums = np.bincount(cluster, centred)
    clusters = len(sums)
    return float((sums**2).sum() / len(centred) ** 2 * clusters / (clusters - 1))
