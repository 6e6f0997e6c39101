"""The two tables that comparisons start from, checked: runs, and futures with their factors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from partnersim.arrays import Floats
from partnersim.errors import InputError, nearest, refuse

KEYS = ["policy", "future", "replicate"]

# Rules of thumb, in one place so that screen, figures, report and page agree.
#: Runs of a policy, and futures, below which policies are not ranked.
RANKING_RUNS, RANKING_FUTURES = 10, 2
#: Runs below which luck is hardly averaged out, so that a caution is given.
FEW_REPLICATES = 10
#: Runs below which shares are given as counts ("4 of 5 runs"), and bands of 90 % are not drawn:
#: 5 % on either side is less than one run.
SHARE_RUNS = BAND_RUNS = 20
#: Futures, and failures among them, below which boxes would fit noise.
BOX_FUTURES, BOX_FAILURES = 30, 5
#: Futures below which PAWN indices are not computed.
PAWN_FUTURES = 30
#: Rows of a Saltelli design (it has rows x (factors + 2) futures) below which Sobol indices are
#: not computed: their intervals would be wider than the range of an index.
SOBOL_ROWS = 64


def end_of_horizon(metrics: Mapping[tuple[str, int], pd.DataFrame]) -> pd.DataFrame:
    """Return a table of runs from the metrics of ensembles, by their last quarter.

    Parameters
    ----------
    metrics : mapping of (policy, future) to DataFrame
        ``Ensemble.metrics`` of every policy in every future: one row per ``replicate`` and
        ``quarter``. Pairs need the same seed.

    Returns
    -------
    DataFrame
        ``policy``, ``future``, ``replicate`` and one column per metric; policies in the order in
        which they first come.

    Raises
    ------
    InputError
        If there is no ensemble.
    """
    if not metrics:
        raise InputError("runs: no ensemble given, at least one is needed")
    order = list(dict.fromkeys(policy for policy, _ in metrics))
    pieces = []
    for (policy, future), table in sorted(
        metrics.items(), key=lambda entry: (order.index(entry[0][0]), entry[0][1])
    ):
        quarter = table["quarter"].astype(str)
        rows = table[quarter == quarter.max()].drop(columns="quarter").sort_values("replicate")
        rows.insert(0, "policy", policy)
        rows.insert(1, "future", future)
        pieces.append(rows)
    return pd.concat(pieces, ignore_index=True)


def checked_runs(runs: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    """Return the keys and the wanted metrics of a table of runs, after checking them.

    Parameters
    ----------
    runs : DataFrame
        ``policy``, ``replicate`` and the metrics; without ``future`` all runs are of one.
    metrics : sequence of str
        Wanted columns, numeric. Missing values (NaN) are allowed.

    Returns
    -------
    DataFrame
        ``policy``, ``future``, ``replicate`` and the metrics as float64.

    Raises
    ------
    InputError
        One line per problem: a column that is missing or not numeric, infinite values, a run that
        stands twice, no runs.
    """
    problems = [f"runs: no column '{key}'" for key in ("policy", "replicate") if key not in runs]
    columns = [name for name in runs.columns if name not in KEYS]
    wanted = list(dict.fromkeys(metrics))
    for metric in wanted:
        if problem := column_problem(runs, metric, columns, "runs"):
            problems.append(problem)
        elif np.isinf(runs[metric].to_numpy(np.float64, na_value=np.nan)).any():
            problems.append(f"metric: column '{metric}' of the runs holds infinite values")
    if not problems and runs.empty:
        problems.append("runs: the table is empty, at least one run is needed")
    refuse(problems)
    checked = runs.reindex(columns=[*KEYS, *wanted]).reset_index(drop=True)
    checked = checked.astype({"policy": str, **dict.fromkeys(wanted, np.float64)})
    if "future" not in runs:
        checked["future"] = 0
    problems = [f"runs: missing values in '{key}'" for key in KEYS if checked[key].isna().any()]
    doubled = checked[checked.duplicated(KEYS)]
    if len(doubled) and not problems:
        policy, future, replicate = doubled[KEYS].iloc[0]
        problems.append(
            f"runs: policy '{policy}', future {future}, replicate {replicate} stands more than once"
        )
    refuse(problems)
    return checked


def column_problem(table: pd.DataFrame, metric: str, columns: Sequence[str], what: str) -> str:
    """Say why a column cannot be used as a metric; empty if it can."""
    if metric not in columns:
        return f"metric: '{metric}' is not in the {what}{nearest(metric, columns)}"
    if not pd.api.types.is_numeric_dtype(table[metric]):
        return f"metric: column '{metric}' of the {what} is not numeric"
    return ""


def outcome_by_future(runs: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return the mean over replicates of one metric, for every policy in every future.

    Parameters
    ----------
    runs : DataFrame
        ``policy``, ``future``, ``replicate`` and metrics.
    metric : str
        Column.

    Returns
    -------
    DataFrame
        A row per policy (in the order of the runs), a column per future (ascending); NaN where no
        run has a value.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"policy": ["a", "a", "b"], "future": [0, 0, 0],
    ...                      "replicate": [0, 1, 0], "links": [1.0, 3.0, 7.0]})
    >>> outcome_by_future(runs, "links")[0].to_dict()
    {'a': 2.0, 'b': 7.0}
    """
    return _by_future(runs, [metric])[metric]


def _by_future(runs: pd.DataFrame, metrics: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return `outcome_by_future` of several metrics at once."""
    checked = checked_runs(runs, metrics)
    means = checked.groupby(["policy", "future"])[list(metrics)].mean().unstack("future")
    policies = list(checked["policy"].unique())
    return {metric: means[metric].reindex(index=policies) for metric in metrics}


def mean_outcomes(runs: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    """Return the number that stands for a policy: the mean over futures of means over replicates.

    Parameters
    ----------
    runs : DataFrame
        ``policy``, ``future``, ``replicate`` and the metrics.
    metrics : sequence of str
        Which ones.

    Returns
    -------
    DataFrame
        Policies by metrics. Futures in which a policy has no run are left out for all, so that
        means differ by the mean difference; NaN if none is left.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"policy": "a", "future": [0, 0, 1], "replicate": [0, 1, 0],
    ...                      "links": [1.0, 3.0, 8.0]})
    >>> mean_outcomes(runs, ["links"]).loc["a", "links"].item()
    5.0
    """
    by_metric = _by_future(runs, metrics)
    return pd.DataFrame(
        {metric: table.dropna(axis=1).mean(axis=1) for metric, table in by_metric.items()}
    )


def check_policy(policies: Sequence[str], wanted: str, key: str = "policy") -> None:
    """Refuse a policy that is not there, and name the nearest.

    Raises
    ------
    InputError
        If no run is of that policy.
    """
    if wanted not in policies:
        there = f"(there are: {', '.join(policies)})"
        raise InputError(f"{key}: no run of '{wanted}'{nearest(wanted, policies)} {there}")


def check_share(value: float, key: str, *, ends: bool = False) -> None:
    """Refuse a share outside 0..1; the ends themselves unless `ends`.

    Raises
    ------
    InputError
    """
    if not (0 <= value <= 1 if ends else 0 < value < 1):
        allowed = "0 to 1" if ends else "more than 0 and less than 1"
        raise InputError(f"{key}: {value} given, allowed {allowed}")


def sign_of(better: str, key: str = "better") -> float:
    """Return +1 for ``"more"`` and -1 for ``"less"``.

    Raises
    ------
    InputError
        If neither is given.
    """
    if better not in ("more", "less"):
        raise InputError(f"{key}: {better!r} given, allowed 'more' or 'less'")
    return 1.0 if better == "more" else -1.0


def signs_of(metrics: Sequence[str], better: Mapping[str, str]) -> dict[str, float]:
    """Return +1 or -1 for every metric, by what is better.

    Raises
    ------
    InputError
        If no metric is given, or one does not say what is better.
    """
    if not metrics:
        raise InputError("metrics: none given, at least one is needed")
    refuse(
        f"better: nothing said about '{metric}', give 'more' or 'less'"
        for metric in metrics
        if metric not in better
    )
    return {metric: sign_of(better[metric], f"better of '{metric}'") for metric in metrics}


def aligned(
    futures: pd.DataFrame, outcome: pd.Series | npt.ArrayLike
) -> tuple[pd.DataFrame, Floats]:
    """Return the factors and the outcome of every future, in the order of the futures.

    Parameters
    ----------
    futures : DataFrame
        A column per factor, numeric or text; with a column ``future`` or without.
    outcome : Series or array_like
        One number (or truth value) per future. A Series is matched by ``future`` if there is such
        a column; a missing one is NaN. An array must be as long as the futures.

    Returns
    -------
    factors : DataFrame
        Without ``future``; indexed 0, 1, ...; numbers as float64, others as text.
    outcome : ndarray of float64

    Raises
    ------
    InputError
        For futures without factors, with missing or infinite values, or with a number twice; an
        outcome of another length, of futures that do not exist, infinite, or not numeric.
    """
    factors = futures.drop(columns="future", errors="ignore").reset_index(drop=True)
    problems = [
        f"futures: missing values in factor '{factor}'"
        for factor in factors.columns[factors.isna().any()]
    ]
    if factors.shape[1] == 0 or factors.empty:
        problems.append("futures: at least one future and one factor are needed")
    if "future" in futures and futures["future"].duplicated().any():
        problems.append("futures: a number of 'future' stands twice")
    refuse(problems)
    if isinstance(outcome, pd.Series) and "future" in futures:
        strangers = outcome.index.difference(pd.Index(futures["future"]))
        if len(strangers):
            raise InputError(f"outcome: {len(strangers)} futures are not in the table of futures")
        outcome = outcome.astype(np.float64).reindex(futures["future"])
    try:
        values = np.asarray(outcome, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("outcome: numbers or truth values are needed") from None
    if values.shape != (len(factors),):
        problems.append(f"outcome: {values.shape} values given for {len(factors)} futures")
    elif np.isinf(values).any():
        problems.append("outcome: infinite values given")
    for factor in factors.columns:
        if not is_number(factors[factor]):
            factors[factor] = factors[factor].astype(str).astype(object)
        elif np.isinf(factors[factor].astype(np.float64)).any():
            problems.append(f"futures: infinite values in factor '{factor}'")
        else:
            factors[factor] = factors[factor].astype(np.float64)
    refuse(problems)
    return factors, values


def is_number(column: pd.Series) -> bool:
    """Tell a numeric factor from a choice; truth values are a choice."""
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
