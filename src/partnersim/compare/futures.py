"""What a policy comes to in every sampled future, and what another would have gained there."""

from __future__ import annotations

import pandas as pd

from partnersim.compare.runs import (
    checked_better,
    checked_policy,
    checked_runs,
    policies_of,
)
from partnersim.errors import InputError


def outcome_by_future(runs: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return the mean over replicates of one metric, for every policy in every future.

    Parameters
    ----------
    runs : DataFrame
        ``policy``, ``point``, ``replicate`` and metrics.
    metric : str
        Column.

    Returns
    -------
    DataFrame
        A row per policy (in the order of the runs), a column per point (ascending); NaN where no
        run has a value.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"policy": ["a", "a", "b"], "point": [0, 0, 0],
    ...                      "replicate": [0, 1, 0], "links": [1.0, 3.0, 7.0]})
    >>> outcome_by_future(runs, "links")[0].to_dict()
    {'a': 2.0, 'b': 7.0}
    """
    checked = checked_runs(runs, [metric])
    table = checked.pivot_table(
        index="policy", columns="point", values=metric, aggfunc="mean", dropna=False
    )
    return table.reindex(index=policies_of(checked)).sort_index(axis=1)


def regret(runs: pd.DataFrame, metric: str, better: str) -> pd.DataFrame:
    """Return by how much every policy falls short of the best one in every future.

    ``regret[policy, point] = best outcome of any policy in that point - outcome of the policy``,
    for a metric of which more is better; the other way round where less is (Savage 1951).

    Parameters
    ----------
    runs : DataFrame
        ``policy``, ``point``, ``replicate`` and metrics.
    metric : str
        Column; outcomes are means over replicates.
    better : {"more", "less"}
        What is better.

    Returns
    -------
    DataFrame
        ``policy``, ``point``, ``regret`` (0 or more, in the metric's unit); policies in the order
        of the runs. Futures in which a policy has no value are left out: the best there is not
        known.

    References
    ----------
    Savage, L. J. (1951). The theory of statistical decision. Journal of the American Statistical
    Association 46, 55-67. doi:10.1080/01621459.1951.10500768

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"policy": ["a", "b"] * 2, "point": [0, 0, 1, 1],
    ...                      "replicate": 0, "links": [5.0, 7.0, 4.0, 1.0]})
    >>> regret(runs, "links", "more")["regret"].tolist()
    [2.0, 0.0, 0.0, 3.0]
    """
    table = regret_of(outcome_by_future(runs, metric).dropna(axis=1), checked_better(better))
    return (
        table.rename_axis(columns="point")
        .stack()
        .rename("regret")
        .rename_axis(["policy", "point"])
        .reset_index()
    )


def regret_of(outcomes: pd.DataFrame, sign: float) -> pd.DataFrame:
    """Return regret from outcomes (policy by point), with +1 where more is better, else -1."""
    gain = sign * outcomes
    return gain.max(axis=0) - gain


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
        ``policy``, ``point``, ``replicate`` and metrics.
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
        Indexed by ``point``; futures without a value are left out.

    Raises
    ------
    InputError
        Unless exactly one of `below`, `above` and `regret_above` is given.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"policy": ["a", "b"] * 2, "point": [0, 0, 1, 1],
    ...                      "replicate": 0, "links": [5.0, 7.0, 4.0, 1.0]})
    >>> failing_futures(runs, "links", "a", regret_above=1, better="more").to_dict()
    {0: True, 1: False}
    """
    if sum(limit is not None for limit in (below, above, regret_above)) != 1:
        raise InputError("failure: give exactly one of below, above and regret_above")
    outcomes = outcome_by_future(runs, metric)
    checked_policy(list(outcomes.index), policy)
    if regret_above is not None:
        if better is None:
            raise InputError("better: needed for regret, 'more' or 'less'")
        judged = regret_of(outcomes.dropna(axis=1), checked_better(better)).loc[policy]
        return (judged > regret_above).rename("fails")
    judged = outcomes.loc[policy].dropna()
    return (judged < below if below is not None else judged > above).rename("fails")
