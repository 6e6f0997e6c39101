"""The table of points beside an outcome: aligned, checked, factors only."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from partnersim.errors import InputError


def aligned(
    points: pd.DataFrame, outcome: pd.Series | npt.ArrayLike
) -> tuple[pd.DataFrame, npt.NDArray[np.float64]]:
    """Return the factors and the outcome of every point, in the order of the points.

    Parameters
    ----------
    points : DataFrame
        A column per factor, numeric or text; with a column ``point`` or without.
    outcome : Series or array_like
        One number (or truth value) per point. A Series is matched by ``point`` if there is such a
        column; a missing point is NaN. An array must be as long as the points.

    Returns
    -------
    factors : DataFrame
        Without ``point``; indexed 0, 1, ...; numbers as float64, others as text.
    outcome : ndarray of float64

    Raises
    ------
    InputError
        For points without factors, with missing or infinite values, or with a number twice; an
        outcome of another length, of points that do not exist, infinite, or not numeric.
    """
    factors = points.drop(columns="point", errors="ignore").reset_index(drop=True)
    problems = []
    if factors.shape[1] == 0 or factors.empty:
        problems.append("points: at least one point and one factor are needed")
    for factor in factors.columns[factors.isna().any()]:
        problems.append(f"points: missing values in factor '{factor}'")
    if problems:
        raise InputError(problems)
    if "point" in points.columns and points["point"].duplicated().any():
        raise InputError("points: a number of 'point' stands twice")
    if isinstance(outcome, pd.Series) and "point" in points.columns:
        strangers = outcome.index.difference(pd.Index(points["point"]))
        if len(strangers):
            raise InputError(f"outcome: {len(strangers)} points are not in the table of points")
        outcome = outcome.astype(np.float64).reindex(points["point"])
    try:
        values = np.asarray(outcome, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("outcome: numbers or truth values are needed") from None
    if values.shape != (len(factors),):
        problems.append(f"outcome: {values.shape} values given for {len(factors)} points")
    elif np.isinf(values).any():
        problems.append("outcome: infinite values given")
    for factor in factors.columns:
        if is_number(factors[factor]):
            factors[factor] = factors[factor].astype(np.float64)
            if np.isinf(factors[factor]).any():
                problems.append(f"points: infinite values in factor '{factor}'")
        else:
            factors[factor] = factors[factor].astype(str).astype(object)
    if problems:
        raise InputError(problems)
    return factors, values


def is_number(column: pd.Series) -> bool:
    """Tell a numeric factor from a choice; truth values are a choice."""
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
