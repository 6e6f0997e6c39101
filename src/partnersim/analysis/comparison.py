"""Paired differences between policies under common random numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partnersim.analysis.runs import (
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

    The mean of D is given with Student's t interval. Which of the pairs are independent decides
    about its width, because D varies with the future, a_p, *and* with the luck that all futures
    share, b_r (D = mean + a_p + b_r + rest):

    ================================  =====================================  ==================
    runs                              squared standard error                 degrees of freedom
    ================================  =====================================  ==================
    one future                        variance over replicates / R           R - 1
    several, ``futures="listed"``     variance of replicates' means / R      R - 1
    several, ``futures="sampled"``    V_points + V_replicates - V_pairs      min(P, R) - 1
    several, one replicate each       variance over points / P               P - 1
    ================================  =====================================  ==================

    *Listed* futures are the ones asked about (a few named climates): only luck is uncertain.
    *Sampled* futures stand for all futures of their ranges: both are uncertain, and the pairs are
    clustered both ways (Cameron, Gelbach and Miller 2011), with V_x the one-way clustered variance
    of the mean, each with the correction G / (G - 1) for G clusters; the largest of the sum and
    the two one-way variances is used. With one replicate per future the interval holds for that
    luck.

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
        many times fewer runs give the same precision; ``pairs`` and ``clusters`` (degrees of
        freedom plus 1). Pairs with a missing value are left out. NaN: bounds with one cluster,
        deviations without a future of two pairs. A difference that never varies has half-width 0;
        its variance reduction is infinite, or NaN if neither policy varies.

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
        mean, half, clusters = mean_of_pairs(difference, level, futures)
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
                "clusters": clusters,
            }
        )
    columns = {
        "policy": str,
        **dict.fromkeys(("mean", "low", "high", "half_width"), float),
        **dict.fromkeys(("standard_deviation", "unpaired_standard_deviation"), float),
        "variance_reduction": float,
        **dict.fromkeys(("pairs", "clusters"), np.int64),
    }
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)


def differences_by_replicate(runs: pd.DataFrame, metric: str, reference: str) -> pd.DataFrame:
    """Return the paired difference of every policy in every replicate, averaged over futures.

    The rows are what `precise_enough`, `runs_needed` and `select_best` decide upon: the luck of one
    replicate is independent of another's.

    Parameters
    ----------
    runs, metric, reference
        As for `paired_differences`.

    Returns
    -------
    DataFrame
        Indexed by ``replicate``, one column per other policy. Replicates that lack a run of any
        policy in any of the futures are left out: they would mix other futures in.
    """
    checked = checked_runs(runs, [metric])
    checked_policy(policies_of(checked), reference, "reference")
    outcomes = by_replicate(checked, metric)
    return outcomes.drop(columns=reference).sub(outcomes[reference], axis=0)


def by_replicate(checked: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return the mean over futures by replicate and policy, of replicates that are complete."""
    outcomes = wide(checked, metric)
    futures = outcomes.index.get_level_values("point").nunique()
    complete = outcomes.dropna().groupby(level="replicate")
    return complete.mean()[complete.size() == futures]


def mean_of_pairs(difference: pd.Series, level: float, futures: str) -> tuple[float, float, int]:
    """Return mean, half-width and number of clusters of paired differences.

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
    point, replicate = (
        pd.factorize(difference.index.get_level_values(name))[0] for name in ("point", "replicate")
    )
    if not len(values):
        return np.nan, np.nan, 0
    mean = float(values.mean())
    centred = values - mean
    points, replicates = int(point.max()) + 1, int(replicate.max()) + 1
    if points == 1 or (futures == "listed" and replicates > 1):
        variance, clusters = _clustered(centred, replicate), replicates
    elif replicates == 1:
        variance, clusters = _clustered(centred, point), points
    else:
        one_way = _clustered(centred, point), _clustered(centred, replicate)
        pairs = _clustered(centred, np.arange(len(values)))
        variance, clusters = max(sum(one_way) - pairs, *one_way), min(points, replicates)
    if clusters < 2:
        return mean, np.nan, clusters
    return mean, float(stdtrit(clusters - 1, 0.5 + level / 2) * np.sqrt(variance)), clusters


def _clustered(centred: NDArray[np.float64], cluster: NDArray[np.int64]) -> float:
    """Return the variance of a mean whose terms are independent between clusters only."""
    sums = np.bincount(cluster, centred)
    clusters = len(sums)
    if clusters < 2:
        return np.nan
    return float((sums**2).sum() / len(centred) ** 2 * clusters / (clusters - 1))


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
