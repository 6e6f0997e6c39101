"""Ranking and selection: the best policy, with as few runs as that takes."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from partnersim.compare.comparison import by_replicate
from partnersim.compare.precision import FEWEST_RUNS
from partnersim.compare.runs import checked_better, checked_runs, checked_share, policies_of
from partnersim.compare.selection import Selection
from partnersim.errors import InputError


def select_best(
    runs: pd.DataFrame,
    metric: str,
    better: str,
    indifference: float,
    *,
    confidence: float = 0.95,
    first_stage: int = FEWEST_RUNS,
) -> Selection:
    """Select the best policy by the fully sequential procedure KN of Kim and Nelson (2001).

    With k policies, n0 runs in the first stage, S2_il the variance of the paired differences of i
    and l in those, and d the indifference (a difference not worth telling)::

        eta   = ((2 (1 - confidence) / (k - 1)) ** (-2 / (n0 - 1)) - 1) / 2
        h2    = 2 eta (n0 - 1)
        W_il(r) = max(0, d / (2 r) * (h2 S2_il / d ** 2 - r))

    After r = n0, n0 + 1, ... runs, policy i goes if the mean of another, l, is ahead by more than
    W_il(r). The last one is selected; after more than max floor(h2 S2_il / d ** 2) runs, the one
    with the highest mean. If the best is at least d better than the second best, it is selected
    with at least the confidence (for normal outcomes of independent replicates; common random
    numbers make S2 small and the procedure short). Otherwise the selected one is, with that
    confidence, not worse than the best by more than about d.

    The decision only looks back: hand in the stored runs, add replicates while ``best`` is None,
    and call again; the result is the one of the procedure that runs one replicate at a time.

    Parameters
    ----------
    runs : DataFrame
        ``policy``, ``point``, ``replicate`` and metrics. Counted are replicates with a value for
        all policies in all futures (but those in which a policy never has one); the outcome is the
        mean over futures.
    metric : str
        Column.
    better : {"more", "less"}
        What is better.
    indifference : float
        d, in the metric's unit, more than 0.
    confidence : float
        In (0, 1), and more than 1 / k: a blind guess is right that often.
    first_stage : int
        n0, 2 or more.

    Returns
    -------
    Selection
        A single policy is selected without runs being compared. While there are fewer than n0
        complete replicates, nothing is decided and ``most_runs`` is n0.

    Raises
    ------
    InputError
        For a metric or number that cannot be used, or if no replicate is complete.

    References
    ----------
    Kim, S.-H. and Nelson, B. L. (2001). A fully sequential procedure for indifference-zone
    selection in simulation. ACM Transactions on Modeling and Computer Simulation 11, 251-273.
    doi:10.1145/502109.502111

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> luck = np.random.default_rng(1).normal(size=(3, 60))
    >>> mean = {"balanced": 10.0, "connect_first": 14.0, "deepen_first": 13.9}
    >>> runs = pd.concat([
    ...     pd.DataFrame({"policy": name, "replicate": range(60), "links": level + own})
    ...     for (name, level), own in zip(mean.items(), luck)
    ... ])
    >>> select_best(runs, "links", "more", indifference=1.0).sentence("links")
    'connect_first beats balanced by 3.8 +/- 0.5 links; deepen_first cannot be told apart; 20 runs'
    """
    sign = checked_better(better)
    checked_share(confidence, "confidence")
    checked = checked_runs(runs, [metric])
    policies = policies_of(checked)
    problems = []
    if not (indifference > 0 and math.isfinite(indifference)):
        problems.append(f"indifference: {indifference} given, a number of more than 0 is needed")
    if first_stage < 2:
        problems.append(f"first_stage: {first_stage} given, at least 2 runs are needed")
    if len(policies) > 1 and confidence <= 1 / len(policies):
        problems.append(
            f"confidence: {confidence} given, more than 1 / {len(policies)} is needed, which a "
            "blind guess has"
        )
    if problems:
        raise InputError(problems)
    gains = sign * by_replicate(checked, metric)
    values = gains.to_numpy()
    if len(policies) == 1:
        return _selection(metric, gains.iloc[:0], [0], {}, 0, 0, indifference, confidence)
    if len(values) < first_stage:
        places = list(range(len(policies)))
        return _selection(
            metric, gains, places, {}, len(values), first_stage, indifference, confidence
        )
    limit = _limit(values[:first_stage], indifference, confidence)
    most = max(first_stage, math.floor(limit.max()) + 1)
    still_in, gone, used = _screened(values, limit, first_stage, most, indifference)
    eliminated = {policies[place]: when for place, when in gone.items()}
    return _selection(
        metric, gains.iloc[:used], still_in, eliminated, used, most, indifference, confidence
    )


def _limit(
    first: npt.NDArray[np.float64], indifference: float, confidence: float
) -> npt.NDArray[np.float64]:
    """Return h2 S2_il / d ** 2, the number of runs after which W_il is 0."""
    runs, count = first.shape
    variance = (first[:, :, None] - first[:, None, :]).var(axis=0, ddof=1)
    eta = 0.5 * ((2 * (1 - confidence) / (count - 1)) ** (-2 / (runs - 1)) - 1)
    return np.asarray(2 * eta * (runs - 1) * variance / indifference**2)


def _screened(
    values: npt.NDArray[np.float64],
    limit: npt.NDArray[np.float64],
    first_stage: int,
    most: int,
    indifference: float,
) -> tuple[list[int], dict[int, int], int]:
    """Return places still in, places gone with the run after which they went, and runs used."""
    still_in = list(range(values.shape[1]))
    gone: dict[int, int] = {}
    totals = values.cumsum(axis=0)
    used = first_stage
    for used in range(first_stage, min(len(values), most) + 1):
        means = totals[used - 1] / used
        allowed = np.maximum(0.0, indifference / (2 * used) * (limit - used))
        losers = [
            one
            for one in still_in
            if any(means[one] < means[other] - allowed[one, other] for other in still_in)
        ]
        if used == most:
            leader = max(still_in, key=lambda place: means[place])
            losers = [one for one in still_in if one != leader]
        # The worst first, where several go at once.
        gone.update({one: used for one in sorted(losers, key=lambda place: means[place])})
        still_in = [one for one in still_in if one not in losers]
        if len(still_in) == 1:
            break
    return still_in, gone, used


def _selection(
    metric: str,
    gains: pd.DataFrame,
    still_in: list[int],
    eliminated: dict[str, int],
    used: int,
    most: int,
    indifference: float,
    confidence: float,
) -> Selection:
    """Return the result, with the differences of the leader to the others over the runs used."""
    from scipy.special import stdtrit

    policies = [str(policy) for policy in gains.columns]
    leader = max(still_in, key=lambda place: gains.iloc[:, place].mean() if used else 0.0)
    others = [policy for policy in policies if policy != policies[leader]]
    level = 1 - (1 - confidence) / max(len(others), 1)
    rows = []
    for policy in others:
        difference = (gains[policies[leader]] - gains[policy]).to_numpy()
        half = np.nan
        if len(difference) > 1:
            error = difference.std(ddof=1) / math.sqrt(len(difference))
            half = float(stdtrit(len(difference) - 1, 0.5 + level / 2)) * error
        mean = float(difference.mean())
        rows.append((policy, mean, mean - half, mean + half, half))
    columns = {"policy": str, **dict.fromkeys(("mean", "low", "high", "half_width"), float)}
    return Selection(
        metric=metric,
        best=policies[still_in[0]] if len(still_in) == 1 else None,
        still_in=tuple(policies[place] for place in still_in),
        eliminated=eliminated,
        differences=pd.DataFrame(rows, columns=list(columns)).astype(columns),
        leader=policies[leader],
        runs=used,
        most_runs=most,
        indifference=indifference,
        confidence=confidence,
    )
