"""Paired differences between policies under common random numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from partnersim.compare.pairs import mean_of_pairs
from partnersim.compare.runs import (
    checked_policy,
    checked_runs,
    checked_share,
    policies_of,
    wide,
)
from partnersim.errors import InputError

FUTURES = ("sampled", "listed")


def paired_differences(
    runs: pd.DataFrame,
    metric: str,
    reference: str,
    *,
    confidence: float = 0.95,
    futures: str = "sampled",
) -> pd.DataFrame:
    """Return the mean difference of every policy to the reference, with its interval.

    Replicate r has the same luck under every policy, so policies are subtracted run by run::

        D[p, r] = Y[policy, p, r] - Y[reference, p, r]      p: future (point), r: replicate

    The mean of D over pairs is given with Student's t interval. Which pairs are independent decides
    about its width, because D varies with the future, a_p, *and* with the luck that all futures
    share, b_r (D = mean + a_p + b_r + rest). With P futures, R replicates and V_x the variance of
    the mean when pairs are independent between clusters x only (each with the correction
    G / (G - 1) for G clusters):

    - One future, or *listed* futures, the very ones asked about (a few named climates): only luck
      is uncertain. V_replicates, R - 1 degrees of freedom; for one future this is the ordinary
      paired t interval.
    - *Sampled* futures stand for all futures of their ranges: both are uncertain.
      V = V_points + V_replicates - V_pairs (two-way clustering, Cameron, Gelbach and Miller 2011),
      at least the larger of the first two, with Satterthwaite's degrees of freedom
      V^2 / (V_points^2 / (P - 1) + V_replicates^2 / (R - 1)).
    - One replicate: no interval. How much of D is luck that all futures share cannot be known.

    In simulations 95 % intervals covered 93 to 99 %, and 91 to 98 % with two replicates only.

    With k policies compared, each interval has the confidence 1 - (1 - c) / k (Bonferroni), so
    that all hold together with confidence c.

    Parameters
    ----------
    runs : DataFrame
        ``policy``, ``point``, ``replicate`` and metrics; one row per run. Without ``point`` all
        runs are of one future.
    metric : str
        Column to compare.
    reference : str
        Policy that the others are compared with.
    confidence : float
        Of all intervals together, in (0, 1).
    futures : {"sampled", "listed"}
        What the points are, see above.

    Returns
    -------
    DataFrame
        One row per other policy, in the order of the runs: ``policy``; ``mean``, ``low``,
        ``high``, ``half_width`` in the metric's unit; ``standard_deviation`` of the paired
        difference and ``unpaired_standard_deviation`` (had both policies had luck of their own),
        within a future, pooled over futures; ``variance_reduction``, their squared ratio, i.e. how
        many times fewer runs give the same precision; ``pairs`` and ``degrees_of_freedom``. Pairs
        with a missing value are left out. NaN: bounds with one replicate, deviations without a
        future of two pairs. A difference that never varies has half-width 0; its variance reduction
        is infinite, or NaN if neither policy varies.

    Raises
    ------
    InputError
        For a metric, policy or number that cannot be used.

    References
    ----------
    Glasserman, P. and Yao, D. D. (1992). Some guidelines and guarantees for common random numbers.
    Management Science 38, 884-908. doi:10.1287/mnsc.38.6.884

    Cameron, A. C., Gelbach, J. B. and Miller, D. L. (2011). Robust inference with multiway
    clustering. Journal of Business and Economic Statistics 29, 238-249.
    doi:10.1198/jbes.2010.07136

    Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance components.
    Biometrics Bulletin 2, 110-114. doi:10.2307/3002019

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({
    ...     "policy": ["balanced"] * 3 + ["connect_first"] * 3,
    ...     "replicate": [0, 1, 2] * 2,
    ...     "links": [10.0, 20.0, 30.0, 12.0, 23.0, 34.0],
    ... })
    >>> table = paired_differences(runs, "links", "balanced")
    >>> table.set_index("policy").loc["connect_first", ["mean", "low", "high"]].round(2).tolist()
    [3.0, 0.52, 5.48]
    >>> round(table["variance_reduction"].item())
    221
    """
    checked = checked_runs(runs, [metric])
    policies = policies_of(checked)
    checked_policy(policies, reference, "reference")
    checked_share(confidence, "confidence")
    if futures not in FUTURES:
        raise InputError(f"futures: {futures!r} given, allowed 'sampled' or 'listed'")
    outcomes = wide(checked, metric)
    others = [policy for policy in policies if policy != reference]
    level = 1 - (1 - confidence) / max(len(others), 1)
    rows = []
    for policy in others:
        pair = outcomes[[policy, reference]].dropna()
        difference = pair[policy] - pair[reference]
        mean, half, freedom = mean_of_pairs(difference, level, futures)
        paired = _within_futures(difference)
        unpaired = _within_futures(pair[policy]) + _within_futures(pair[reference])
        rows.append(
            {
                "policy": policy,
                "mean": mean,
                "low": mean - half,
                "high": mean + half,
                "half_width": half,
                "standard_deviation": np.sqrt(paired),
                "unpaired_standard_deviation": np.sqrt(unpaired),
                "variance_reduction": _ratio(unpaired, paired),
                "pairs": len(pair),
                "degrees_of_freedom": freedom,
            }
        )
    columns = {
        "policy": str,
        **dict.fromkeys(("mean", "low", "high", "half_width"), float),
        **dict.fromkeys(("standard_deviation", "unpaired_standard_deviation"), float),
        "variance_reduction": float,
        "pairs": np.int64,
        "degrees_of_freedom": float,
    }
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)


def _within_futures(values: pd.Series) -> float:
    """Return the variance within a future, pooled over futures by their degrees of freedom."""
    futures = values.groupby(level="point")
    freedom = int((futures.size() - 1).sum())
    if freedom < 1:
        return np.nan
    return float(((values - futures.transform("mean")) ** 2).sum() / freedom)


def _ratio(unpaired: float, paired: float) -> float:
    """Return how many times smaller the paired variance is."""
    if paired > 0:
        return unpaired / paired
    return np.inf if unpaired > 0 else np.nan
