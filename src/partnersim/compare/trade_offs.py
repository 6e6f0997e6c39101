"""Trade-offs: policies that no other beats in everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import compress

import numpy as np
import pandas as pd

from partnersim.compare.differences import paired_differences
from partnersim.compare.tables import column_problem, mean_outcomes, signs_of
from partnersim.errors import refuse


def non_dominated(outcomes: pd.DataFrame, better: Mapping[str, str]) -> pd.DataFrame:
    """Tell which policies are dominated, and by which.

    A policy is dominated by another that is at least as good in every metric and better in one.
    Those that are not dominated are the ones worth choosing between: to gain in one metric is to
    lose in another (Pareto).

    Parameters
    ----------
    outcomes : DataFrame
        A row per policy, a column per metric; other columns are kept and not compared.
    better : mapping of str to {"more", "less"}
        The metrics to compare, and what is better.

    Returns
    -------
    DataFrame
        The outcomes, and ``dominated_by``: a tuple of policies, empty for one that is not
        dominated.

    Raises
    ------
    InputError
        For a metric that is not there, not numeric or has missing values, or a policy twice.

    References
    ----------
    Kung, H. T., Luccio, F. and Preparata, F. P. (1975). On finding the maxima of a set of vectors.
    Journal of the ACM 22, 469-476. doi:10.1145/321906.321910

    Examples
    --------
    >>> import pandas as pd
    >>> outcomes = pd.DataFrame({"links": [5, 7, 4], "cost": [1, 3, 2]}, index=["a", "b", "c"])
    >>> non_dominated(outcomes, {"links": "more", "cost": "less"})["dominated_by"].to_dict()
    {'a': (), 'b': (), 'c': ('a',)}
    """
    gain = _gains(outcomes, better)
    # at_least[i, j]: i is at least as good as j in everything.
    at_least = (gain[:, None, :] >= gain[None, :, :]).all(axis=2)
    dominates = at_least & ~at_least.T
    return outcomes.assign(dominated_by=_names(dominates, outcomes.index))


def trade_offs(
    runs: pd.DataFrame, better: Mapping[str, str], *, futures: str = "sampled"
) -> pd.DataFrame:
    """Return mean outcomes of every policy, and by which it is dominated: on average, and surely.

    *Surely* dominated is a policy if the interval of the paired difference (see
    `paired_differences`) shows another to be better in one metric and at least as good in all. The
    intervals of all pairs of policies in all metrics hold together (Bonferroni). Policies that are
    dominated on average but not surely cannot be told apart from the best.

    Parameters
    ----------
    runs : DataFrame
        ``policy``, ``future``, ``replicate`` and metrics.
    better : mapping of str to {"more", "less"}
        The metrics to compare, and what is better.
    futures : {"sampled", "listed"}
        What the futures are, see `paired_differences`.

    Returns
    -------
    DataFrame
        Indexed by ``policy``: the mean of every metric over futures (of its means over replicates,
        of futures in which all policies have a value), ``dominated_by`` and
        ``surely_dominated_by``.

    Raises
    ------
    InputError
        For metrics or policies that cannot be compared.
    """
    metrics = list(better)
    signs = signs_of(metrics, better)
    means = mean_outcomes(runs, metrics)
    refuse(
        f"metric: '{metric}' has no future with a value for all policies"
        for metric in metrics
        if means[metric].isna().any()
    )
    policies = list(means.index)
    pairs = max(len(policies) * (len(policies) - 1) // 2, 1)
    surely = np.zeros((len(policies), len(policies)), dtype=bool)
    together = pairs * len(metrics)
    for place, base in enumerate(policies):
        found = paired_differences(runs, metrics, base, futures=futures, comparisons=together)
        sign = found["metric"].map(signs)
        gained = found.assign(least=np.where(sign > 0, found["low"], -found["high"]))
        for policy, least in gained.groupby("policy")["least"]:
            surely[policies.index(policy), place] = (least >= 0).all() and (least > 0).any()
    table = non_dominated(means, better)
    return table.assign(surely_dominated_by=_names(surely, policies))


def _names(dominates: np.ndarray, policies: Sequence[str]) -> list[tuple[str, ...]]:
    """Return for every policy who dominates it; ``dominates[i, j]``: i dominates j."""
    return [tuple(compress(policies, column)) for column in dominates.T]


def _gains(outcomes: pd.DataFrame, better: Mapping[str, str]) -> np.ndarray:
    """Return the outcomes turned such that more is better, after checking them."""
    signs = signs_of(list(better), better)
    problems = []
    for metric in better:
        if problem := column_problem(outcomes, metric, list(outcomes), "outcomes"):
            problems.append(problem)
        elif outcomes[metric].isna().any():
            lacking = ", ".join(map(str, outcomes.index[outcomes[metric].isna()]))
            problems.append(f"metric: '{metric}' has no value for {lacking}")
    if outcomes.index.duplicated().any():
        problems.append("outcomes: a policy stands twice in the index")
    refuse(problems)
    return np.column_stack(
        [signs[metric] * outcomes[metric].to_numpy(np.float64) for metric in better]
    )
