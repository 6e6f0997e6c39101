"""The table of runs that every comparison starts from: one row per policy, point and replicate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from partnersim.errors import InputError, nearest

KEYS = ["policy", "point", "replicate"]


def end_of_horizon(metrics: Mapping[tuple[str, int], pd.DataFrame]) -> pd.DataFrame:
    """Return a table of runs from the metrics of ensembles, by their last quarter.

    Parameters
    ----------
    metrics : mapping of (policy, point) to DataFrame
        ``Ensemble.metrics`` of every policy in every sampled future: one row per ``replicate`` and
        ``quarter``. Pairs need the same seed.

    Returns
    -------
    DataFrame
        ``policy``, ``point``, ``replicate`` and one column per metric; policies in the order in
        which they first come.
    """
    pieces = []
    for (policy, point), table in metrics.items():
        rows = table[table["quarter"].astype(str) == max(table["quarter"].astype(str))]
        piece = rows.drop(columns="quarter")
        piece.insert(0, "policy", policy)
        piece.insert(1, "point", point)
        pieces.append(piece)
    if not pieces:
        raise InputError("runs: no ensemble given, at least one is needed")
    order = list(dict.fromkeys(policy for policy, _ in metrics))
    runs = pd.concat(pieces, ignore_index=True)
    place = runs["policy"].map({policy: place for place, policy in enumerate(order)})
    return (
        runs.assign(_place=place)
        .sort_values(["_place", "point", "replicate"], ignore_index=True)
        .drop(columns="_place")
    )


def checked_runs(runs: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    """Return the keys and the wanted metrics of a table of runs, after checking them.

    Parameters
    ----------
    runs : DataFrame
        ``policy``, ``replicate`` and the metrics; without ``point`` all runs are of one future.
    metrics : sequence of str
        Wanted columns, numeric. Missing values (NaN) are allowed.

    Returns
    -------
    DataFrame
        ``policy``, ``point``, ``replicate`` and the metrics as float64.

    Raises
    ------
    InputError
        One line per problem: a column that is missing or not numeric, infinite values, a run that
        stands twice, no runs.
    """
    problems = [
        f"runs: no column '{key}'" for key in ("policy", "replicate") if key not in runs.columns
    ]
    columns = [name for name in runs.columns if name not in KEYS]
    wanted = list(dict.fromkeys(metrics))
    for metric in wanted:
        if metric not in columns:
            problems.append(f"metric: '{metric}' is not in the runs{nearest(metric, columns)}")
        elif not pd.api.types.is_numeric_dtype(runs[metric]):
            problems.append(f"metric: column '{metric}' of the runs is not numeric")
        elif np.isinf(runs[metric].to_numpy(np.float64, na_value=np.nan)).any():
            problems.append(f"metric: column '{metric}' of the runs holds infinite values")
    if not problems and runs.empty:
        problems.append("runs: the table is empty, at least one run is needed")
    if problems:
        raise InputError(problems)
    point = runs["point"] if "point" in runs.columns else 0
    checked = pd.DataFrame({"policy": runs["policy"].astype(str), "point": point})
    checked["replicate"] = runs["replicate"]
    for metric in wanted:
        checked[metric] = runs[metric].to_numpy(np.float64, na_value=np.nan)
    problems = [f"runs: missing values in '{key}'" for key in KEYS if checked[key].isna().any()]
    doubled = checked.duplicated(KEYS)
    if doubled.any() and not problems:
        policy, point, replicate = checked.loc[doubled, KEYS].iloc[0]
        problems.append(
            f"runs: policy '{policy}', point {point}, replicate {replicate} stands more than once"
        )
    if problems:
        raise InputError(problems)
    return checked.reset_index(drop=True)


def policies_of(checked: pd.DataFrame) -> list[str]:
    """Return the policies in the order in which they first come."""
    return [str(policy) for policy in checked["policy"].unique()]


def checked_policy(policies: Sequence[str], wanted: str, key: str = "policy") -> str:
    """Return a policy's name if there is one, or raise with the nearest.

    Raises
    ------
    InputError
        If no run is of that policy.
    """
    if wanted not in policies:
        raise InputError(
            f"{key}: no run of '{wanted}'{nearest(wanted, policies)} (there are: "
            f"{', '.join(policies)})"
        )
    return wanted


def checked_share(value: float, key: str, *, ends: bool = False) -> float:
    """Return a share that lies between 0 and 1, the ends excluded unless allowed.

    Raises
    ------
    InputError
        If it does not.
    """
    inside = 0 <= value <= 1 if ends else 0 < value < 1
    if not inside:
        allowed = "0 to 1" if ends else "more than 0 and less than 1"
        raise InputError(f"{key}: {value} given, allowed {allowed}")
    return float(value)


def checked_better(better: str, key: str = "better") -> float:
    """Return +1 for ``"more"`` and -1 for ``"less"``.

    Raises
    ------
    InputError
        If neither is given.
    """
    if better not in ("more", "less"):
        raise InputError(f"{key}: {better!r} given, allowed 'more' or 'less'")
    return 1.0 if better == "more" else -1.0


def wide(checked: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return one metric with a row per point and replicate, a column per policy, in their order."""
    table = checked.pivot(index=["point", "replicate"], columns="policy", values=metric)
    return table[policies_of(checked)].sort_index()
