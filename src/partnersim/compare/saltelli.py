"""The radial design of Saltelli, from which Sobol indices can be computed."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partnersim.errors import InputError

OTHERWISE = "use a sweep with `design.kind=sobol_indices`, or `pawn` for any points"


def saltelli_points(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return the points of the design from two independent samples of the factors.

    Parameters
    ----------
    first, second : DataFrame
        n rows, a column per factor: the samples A and B, e.g. the halves of a Sobol sequence of
        twice as many dimensions (scipy.stats.qmc.Sobol).

    Returns
    -------
    DataFrame
        ``point`` and the factors; n (d + 2) rows: A, B, then for each factor j of the d factors A
        with column j from B.

    Examples
    --------
    >>> import pandas as pd
    >>> a, b = pd.DataFrame({"x": [0], "y": [0]}), pd.DataFrame({"x": [1], "y": [2]})
    >>> saltelli_points(a, b)[["x", "y"]].to_numpy().tolist()
    [[0, 0], [1, 2], [1, 0], [0, 2]]
    """
    if list(first.columns) != list(second.columns) or len(first) != len(second):
        raise InputError("design: both samples need the same factors and number of rows")
    mixed = [first.assign(**{factor: second[factor]}) for factor in first.columns]
    points = pd.concat([first, second, *mixed], ignore_index=True)
    points.insert(0, "point", np.arange(len(points), dtype=np.int64))
    return points


def blocks_of(
    factors: pd.DataFrame, outcome: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the outcomes in A, in B and in A with one column from B, after checking the design.

    Parameters
    ----------
    factors : DataFrame
        The design in its order, a column per factor.
    outcome : ndarray of float, shape (points,)
        In the same order; NaN where there is none: that row is left out of all blocks.

    Returns
    -------
    a, b : ndarray, shape (n,)
    mixed : ndarray, shape (factors, n)

    Raises
    ------
    InputError
        If the points are not such a design.
    """
    count = factors.shape[1]
    if count == 0 or len(factors) % (count + 2) or len(factors) == 0:
        raise InputError(
            f"points: {len(factors)} points with {count} factors are no Saltelli design, which has "
            f"n (factors + 2) points: {OTHERWISE}"
        )
    size = len(factors) // (count + 2)
    columns = [factors[factor].to_numpy() for factor in factors.columns]
    for block in range(count):
        rows = slice((2 + block) * size, (3 + block) * size)
        for place, column in enumerate(columns):
            source = column[size : 2 * size] if place == block else column[:size]
            if not np.array_equal(column[rows], source):
                raise InputError(
                    f"points: not a Saltelli design, factor '{factors.columns[place]}' differs in "
                    f"points {rows.start} to {rows.stop - 1}: {OTHERWISE}"
                )
    parts = outcome.reshape(count + 2, size)
    parts = parts[:, ~np.isnan(parts).any(axis=0)]
    return parts[0], parts[1], parts[2:]
