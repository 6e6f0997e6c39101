"""Regret and other measures of robustness: how policies do in every future, not on average."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from partnersim.arrays import Floats
from partnersim.compare.tables import (
    check_policy,
    check_share,
    outcome_by_future,
    sign_of,
    signs_of,
)
from partnersim.errors import InputError, nearest, refuse

#: Measures of which less is better; of the others, more (after turning the metric so).
REGRETS = ("minimax_regret", "regret_90")
MEASURES = ("maximin", "hurwicz", "laplace", "satisficing", *REGRETS)
#: Share of futures in which ``regret_90`` is not exceeded.
MOST_FUTURES = 0.9


def regret_of(gains: Floats) -> Floats:
    """Return by how much each policy falls short of the best one in the same future.

    Parameters
    ----------
    gains : ndarray, shape (..., policies, futures)
        Outcomes of which more is better.

    Returns
    -------
    ndarray
        In the same shape; 0 or more.
    """
    return np.asarray(gains.max(axis=-2, keepdims=True) - gains)


def regret(runs: pd.DataFrame, metric: str, better: str) -> pd.DataFrame:
    """Return by how much every policy falls short of the best one in every future.

    ``regret[policy, future] = best outcome of any policy in that future - outcome of the policy``,
    for a metric of which more is better; the other way round where less is (Savage 1951).

    Parameters
    ----------
    runs : DataFrame
        ``policy``, ``future``, ``replicate`` and metrics.
    metric : str
        Column; outcomes are means over replicates.
    better : {"more", "less"}
        What is better.

    Returns
    -------
    DataFrame
        ``policy``, ``future``, ``regret`` (0 or more, in the metric's unit); policies in the order
        of the runs. Futures in which a policy has no value are left out: the best there is not
        known.

    References
    ----------
    Savage, L. J. (1951). The theory of statistical decision. Journal of the American Statistical
    Association 46, 55-67. doi:10.1080/01621459.1951.10500768

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"policy": ["a", "b"] * 2, "future": [0, 0, 1, 1],
    ...                      "replicate": 0, "links": [5.0, 7.0, 4.0, 1.0]})
    >>> regret(runs, "links", "more")["regret"].tolist()
    [2.0, 0.0, 0.0, 3.0]
    """
    gains = sign_of(better) * outcome_by_future(runs, metric).dropna(axis=1)
    short = pd.DataFrame(regret_of(gains.to_numpy()), gains.index, gains.columns)
    return short.stack().rename("regret").rename_axis(["policy", "future"]).reset_index()


def failing_futures(
    runs: pd.DataFrame,
    metric: str,
    policy: str,
    *,
    below: float | None = None,
    above: float | None = None,
    regret_above: float | None = None,
    better: str | None = None,
) -> pd.Series:
    """Tell in which futures a policy fails, as `prim` and `cart` take it.

    Parameters
    ----------
    runs : DataFrame
        ``policy``, ``future``, ``replicate`` and metrics.
    metric, policy : str
        Whose outcome (mean over replicates) is judged.
    below, above : float, optional
        The policy fails where its outcome is less than, or more than this.
    regret_above : float, optional
        It fails where its regret is more than this; needs `better`.
    better : {"more", "less"}, optional
        What is better; used for regret only.

    Returns
    -------
    Series of bool
        Indexed by ``future``; futures without a value are left out.

    Raises
    ------
    InputError
        Unless exactly one of `below`, `above` and `regret_above` is given.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"policy": ["a", "b"] * 2, "future": [0, 0, 1, 1],
    ...                      "replicate": 0, "links": [5.0, 7.0, 4.0, 1.0]})
    >>> failing_futures(runs, "links", "a", regret_above=1, better="more").to_dict()
    {0: True, 1: False}
    """
    if sum(limit is not None for limit in (below, above, regret_above)) != 1:
        raise InputError("failure: give exactly one of below, above and regret_above")
    outcomes = outcome_by_future(runs, metric)
    check_policy(list(outcomes.index), policy)
    if regret_above is not None:
        if better is None:
            raise InputError("better: needed for regret, 'more' or 'less'")
        by_future = regret(runs, metric, better).set_index("policy").loc[[policy]]
        return by_future.set_index("future")["regret"].gt(regret_above).rename("fails")
    judged = outcomes.loc[policy].dropna()
    return (judged < below if below is not None else judged > above).rename("fails")


def robustness(
    runs: pd.DataFrame,
    metrics: Sequence[str],
    better: Mapping[str, str],
    *,
    optimism: float = 0.5,
    thresholds: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Return the robustness of every policy by six measures, for every metric.

    With y(f) the outcome of a policy in future f (mean over replicates), f = 1..F, for a metric of
    which more is better:

    ==================  ==================================================  ==========
    ``maximin``         min y(f), the worst future (Wald)                   more
    ``hurwicz``         optimism * max y(f) + (1 - optimism) * min y(f)     more
    ``laplace``         mean of y(f), all futures alike                     more
    ``satisficing``     share of futures with y(f) >= threshold (Starr)     more
    ``minimax_regret``  max of (best of any policy in f) - y(f) (Savage)    less
    ``regret_90``       90th percentile of that regret over f               less
    ==================  ==================================================  ==========

    Where less is better, min and max change places, y(f) <= threshold counts as satisfied, and
    regret is y(f) - (least of any policy in f). The values stay in the metric's own unit. The
    measures are not merged into one number: they differ in how cautious they are, and may rank
    policies differently (McPhail et al. 2018).

    Parameters
    ----------
    runs : DataFrame
        ``policy``, ``future``, ``replicate`` and metrics.
    metrics : sequence of str
        Columns.
    better : mapping of str to {"more", "less"}
        What is better, for each of the metrics.
    optimism : float
        Weight of the best future in Hurwicz's measure, 0..1.
    thresholds : mapping of str to float, optional
        What satisfies. A metric without one is held against the median of the outcomes of all
        policies in all futures.

    Returns
    -------
    DataFrame
        One row per metric and policy, in the order given: ``metric``, ``policy``, the six measures,
        ``threshold``, ``futures`` (how many they rest on) and ``rank_<measure>``, 1 for the best;
        equal policies share the better rank. Only futures in which all policies have a value count;
        a metric without any has NaN, ranks included.

    Raises
    ------
    InputError
        One line per problem.

    References
    ----------
    McPhail, C., Maier, H. R., Kwakkel, J. H., Giuliani, M., Castelletti, A. and Westra, S. (2018).
    Robustness metrics: how are they calculated, when should they be used and why do they give
    different results? Earth's Future 6, 169-191. doi:10.1002/2017EF000649

    Savage, L. J. (1951). The theory of statistical decision. Journal of the American Statistical
    Association 46, 55-67. doi:10.1080/01621459.1951.10500768

    Starr, M. K. (1963). Product design and decision theory. Prentice-Hall.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"policy": ["a", "a", "b", "b"], "future": [0, 1, 0, 1],
    ...                      "replicate": 0, "links": [0.0, 10.0, 4.0, 5.0]})
    >>> table = robustness(runs, ["links"], {"links": "more"}).set_index("policy")
    >>> table[["maximin", "hurwicz", "laplace", "satisficing", "minimax_regret"]].loc["b"].tolist()
    [4.0, 4.5, 4.5, 0.5, 5.0]
    >>> table["rank_maximin"].to_dict(), table["rank_hurwicz"].to_dict()
    ({'a': 2.0, 'b': 1.0}, {'a': 1.0, 'b': 2.0})
    """
    check_share(optimism, "optimism", ends=True)
    metrics = list(dict.fromkeys(metrics))
    signs = signs_of(metrics, better)
    thresholds = thresholds or {}
    refuse(
        f"thresholds: '{name}' is none of the metrics{nearest(name, metrics)}"
        for name in thresholds
        if name not in metrics
    )
    return pd.concat(
        [_measured(runs, metric, signs[metric], optimism, thresholds) for metric in metrics],
        ignore_index=True,
    )


def winners(table: pd.DataFrame) -> pd.DataFrame:
    """Return which policies are best by each measure, from a table of `robustness`.

    Returns
    -------
    DataFrame
        One row per metric and measure: ``metric``, ``measure``, ``policies`` (a tuple; several if
        they tie, none if nothing could be measured).
    """
    rows = [
        (metric, measure, tuple(group.loc[group[f"rank_{measure}"] == 1, "policy"]))
        for metric, group in table.groupby("metric", sort=False)
        for measure in MEASURES
    ]
    return pd.DataFrame(rows, columns=["metric", "measure", "policies"])


def _measured(
    runs: pd.DataFrame, metric: str, sign: float, optimism: float, thresholds: Mapping[str, float]
) -> pd.DataFrame:
    """Return the measures and ranks of one metric: a row per policy."""
    outcomes = outcome_by_future(runs, metric).dropna(axis=1)
    table = pd.DataFrame({"metric": metric, "policy": list(outcomes.index)})
    futures = outcomes.shape[1]
    if not futures:
        table[[*MEASURES, "threshold", *(f"rank_{name}" for name in MEASURES)]] = np.nan
        return table.assign(futures=0)
    threshold = float(thresholds.get(metric, np.median(outcomes.to_numpy())))
    gain = sign * outcomes.to_numpy()
    short = regret_of(gain)
    worst, best = gain.min(axis=1), gain.max(axis=1)
    table = table.assign(
        maximin=sign * worst,
        hurwicz=sign * (optimism * best + (1 - optimism) * worst),
        laplace=sign * gain.mean(axis=1),
        satisficing=(gain >= sign * threshold).mean(axis=1),
        minimax_regret=short.max(axis=1),
        regret_90=np.quantile(short, MOST_FUTURES, axis=1),
        threshold=threshold,
        futures=futures,
    )
    for measure in MEASURES:
        less = measure in REGRETS or (sign < 0 and measure != "satisficing")
        # Equal up to rounding is equal: means of the same numbers may differ in the last digit.
        rounded = (table[measure] / (table[measure].abs().max() or 1.0)).round(12)
        table[f"rank_{measure}"] = rounded.rank(method="min", ascending=less)
    return table
