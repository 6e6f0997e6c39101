"""How every policy fares over all sampled futures, by several measures side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from partnersim.compare.futures import outcome_by_future, regret_of
from partnersim.compare.runs import checked_better, checked_share
from partnersim.errors import InputError, nearest

#: Measures of which less is better; of the others, more (after turning the metric so).
REGRETS = ("minimax_regret", "regret_90")
MEASURES = ("maximin", "hurwicz", "laplace", "satisficing", *REGRETS)


def robustness(
    runs: pd.DataFrame,
    metrics: Sequence[str],
    better: Mapping[str, str],
    *,
    optimism: float = 0.5,
    thresholds: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Return the robustness of every policy by six measures, for every metric.

    With f(p) the outcome of a policy in future p (mean over replicates), p = 1..P, for a metric of
    which more is better:

    ==================  ==================================================  ==========
    ``maximin``         min f(p), the worst future (Wald)                   more
    ``hurwicz``         optimism * max f(p) + (1 - optimism) * min f(p)     more
    ``laplace``         mean of f(p), all futures alike                     more
    ``satisficing``     share of futures with f(p) >= threshold (Starr)     more
    ``minimax_regret``  max of (best of any policy in p) - f(p) (Savage)    less
    ``regret_90``       90th percentile of that regret over p               less
    ==================  ==================================================  ==========

    Where less is better, min and max change places, f(p) <= threshold counts as satisfied, and
    regret is f(p) - (least of any policy in p). The values stay in the metric's own unit. The
    measures are not merged into one number: they differ in how cautious they are, and may rank
    policies differently (McPhail et al. 2018).

    Parameters
    ----------
    runs : DataFrame
        ``policy``, ``point``, ``replicate`` and metrics.
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
    >>> runs = pd.DataFrame({"policy": ["a", "a", "b", "b"], "point": [0, 1, 0, 1],
    ...                      "replicate": 0, "links": [0.0, 10.0, 4.0, 5.0]})
    >>> table = robustness(runs, ["links"], {"links": "more"}).set_index("policy")
    >>> table[["maximin", "hurwicz", "laplace", "satisficing", "minimax_regret"]].loc["b"].tolist()
    [4.0, 4.5, 4.5, 0.5, 5.0]
    >>> table["rank_maximin"].to_dict(), table["rank_hurwicz"].to_dict()
    ({'a': 2.0, 'b': 1.0}, {'a': 1.0, 'b': 2.0})
    """
    checked_share(optimism, "optimism", ends=True)
    metrics = list(dict.fromkeys(metrics))
    signs = signs_of(metrics, better)
    thresholds = dict(thresholds or {})
    unknown = [name for name in thresholds if name not in metrics]
    if unknown:
        raise InputError(
            [
                f"thresholds: '{name}' is none of the metrics{nearest(name, metrics)}"
                for name in unknown
            ]
        )
    pieces = []
    for metric in metrics:
        outcomes = outcome_by_future(runs, metric).dropna(axis=1)
        measured = _measures(outcomes, signs[metric], optimism, thresholds.get(metric))
        measured.insert(0, "metric", metric)
        pieces.append(measured)
    return pd.concat(pieces, ignore_index=True)


def winners(table: pd.DataFrame) -> pd.DataFrame:
    """Return which policies are best by each measure, from a table of `robustness`.

    Returns
    -------
    DataFrame
        One row per metric and measure: ``metric``, ``measure``, ``policies`` (a tuple; several if
        they tie, none if nothing could be measured).
    """
    rows = [
        {
            "metric": metric,
            "measure": measure,
            "policies": tuple(group.loc[group[f"rank_{measure}"] == 1, "policy"]),
        }
        for metric, group in table.groupby("metric", sort=False)
        for measure in MEASURES
    ]
    return pd.DataFrame(rows, columns=["metric", "measure", "policies"])


def signs_of(metrics: Sequence[str], better: Mapping[str, str]) -> dict[str, float]:
    """Return +1 or -1 for every metric, by what is better.

    Raises
    ------
    InputError
        If no metric is given, or one does not say what is better.
    """
    if not metrics:
        raise InputError("metrics: none given, at least one is needed")
    missing = [metric for metric in metrics if metric not in better]
    if missing:
        raise InputError(
            [f"better: nothing said about '{metric}', give 'more' or 'less'" for metric in missing]
        )
    return {metric: checked_better(better[metric], f"better of '{metric}'") for metric in metrics}


def _measures(
    outcomes: pd.DataFrame, sign: float, optimism: float, threshold: float | None
) -> pd.DataFrame:
    """Return the measures and ranks of one metric: a row per policy."""
    policies = list(outcomes.index)
    if outcomes.shape[1] == 0:
        empty = dict.fromkeys([*MEASURES, "threshold"], np.nan)
        ranks = {f"rank_{measure}": np.nan for measure in MEASURES}
        return pd.DataFrame({"policy": policies, **empty, "futures": 0, **ranks})
    if threshold is None:
        threshold = float(np.median(outcomes.to_numpy()))
    gain = sign * outcomes.to_numpy()
    falls_short = regret_of(outcomes, sign).to_numpy()
    worst, best = gain.min(axis=1), gain.max(axis=1)
    measured = {
        "maximin": sign * worst,
        "hurwicz": sign * (optimism * best + (1 - optimism) * worst),
        "laplace": sign * gain.mean(axis=1),
        "satisficing": (gain >= sign * threshold).mean(axis=1),
        "minimax_regret": falls_short.max(axis=1),
        "regret_90": np.quantile(falls_short, 0.9, axis=1),
    }
    table = pd.DataFrame(
        {"policy": policies, **measured, "threshold": threshold, "futures": outcomes.shape[1]}
    )
    for measure in MEASURES:
        less = measure in REGRETS or (sign < 0 and measure != "satisficing")
        # Equal up to rounding is equal: means of the same numbers may differ in the last digit.
        rounded = (table[measure] / (table[measure].abs().max() or 1.0)).round(12)
        table[f"rank_{measure}"] = rounded.rank(method="min", ascending=less)
    return table
