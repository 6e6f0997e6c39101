"""Intervals of shares, of means and of what a shock changes, with their textbook definitions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from partnersim.arrays import Floats, Integers

#: Of all intervals that are shown together.
CONFIDENCE = 0.95
#: Quarters before the shock that are kept, to show that both sets of runs are the same until then.
QUARTERS_BEFORE = 4
#: Columns of a response to a shock.
RESPONSE = ["shock", "quarters_since", "metric", "difference", "low", "high", "unstruck", "runs"]


def wilson(successes: npt.ArrayLike, runs: int) -> tuple[Floats, Floats]:
    """Return the 95 % Wilson score interval of a share.

    Parameters
    ----------
    successes : array_like of int
        Counts, each in ``0..runs``; any shape.
    runs : int
        Number of runs, at least 1.

    Returns
    -------
    low, high : ndarray of float
        Bounds in ``0..1``, in the shape of `successes`.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    Journal of the American Statistical Association 22, 209-212.
    """
    # Imported where it is used: loading it takes as long as loading the rest of the store.
    from scipy.special import ndtri

    counts = np.asarray(successes, dtype=np.float64)
    z = float(ndtri(0.5 + CONFIDENCE / 2))
    share = counts / runs
    centre = (share + z * z / (2 * runs)) / (1 + z * z / runs)
    half = z / (1 + z * z / runs) * np.sqrt(share * (1 - share) / runs + z * z / (4 * runs**2))
    # The bounds of an empty and of a full count are exactly 0 and 1; rounding would miss them.
    low = np.where(counts == 0, 0.0, np.maximum(centre - half, 0.0))
    high = np.where(counts == runs, 1.0, np.minimum(centre + half, 1.0))
    return low, high


def student_quantile(
    freedom: npt.ArrayLike, comparisons: int = 1, confidence: float = CONFIDENCE
) -> Floats:
    """Return how many standard errors an interval reaches on either side of a mean.

    The quantile of Student's t at ``1 - (1 - confidence) / (2 comparisons)``: so many intervals
    hold together with the confidence, however they depend on each other (Bonferroni).

    Parameters
    ----------
    freedom : array_like of float
        Degrees of freedom, more than 0.
    comparisons : int
        How many intervals are shown together, at least 1.
    confidence : float
        Of all of them together, in (0, 1).

    References
    ----------
    Dunn, O. J. (1961). Multiple comparisons among means. Journal of the American Statistical
    Association 56, 52-64. doi:10.1080/01621459.1961.10482090
    """
    # Imported where it is used: loading it takes as long as loading the rest of the store.
    from scipy.special import stdtrit

    return np.asarray(stdtrit(freedom, 1 - (1 - confidence) / (2 * comparisons)))


def mean_interval(
    values: npt.ArrayLike, comparisons: int = 1, confidence: float = CONFIDENCE
) -> tuple[Floats, Floats, Floats, Integers]:
    """Return the mean over the first axis with Student's t interval.

    Missing values (NaN) are left out, column by column.

    Parameters
    ----------
    values : array_like of float, shape (runs, ...)
        One row per run, independent of each other.
    comparisons, confidence
        See `student_quantile`.

    Returns
    -------
    mean, low, high : ndarray of float
        In the shape of one row. With one run the bounds are NaN, with none the mean as well.
    runs : ndarray of int
        How many runs each column rests on.
    """
    rows = np.asarray(values, dtype=np.float64)
    present = ~np.isnan(rows)
    runs = present.sum(axis=0)
    some = np.maximum(runs, 1)
    mean = np.where(present, rows, 0.0).sum(axis=0) / some
    squares = np.where(present, (rows - mean) ** 2, 0.0).sum(axis=0)
    error = np.sqrt(squares / np.maximum(runs - 1, 1) / some)
    half = student_quantile(np.maximum(runs - 1, 1), comparisons, confidence) * error
    half = np.where(runs > 1, half, np.nan)
    mean = np.where(runs > 0, mean, np.nan)
    return mean, mean - half, mean + half, runs.astype(np.int64)


def shock_response(
    shock: str, struck_at: str, struck: pd.DataFrame, unstruck: pd.DataFrame
) -> pd.DataFrame:
    """Return the mean paired difference that a shock makes, quarter by quarter.

    Both sets of runs, of the same replicates, use the same random numbers, so that before the
    shock every difference is exactly zero and afterwards the difference of a replicate is the
    effect of the shock in it.

    Parameters
    ----------
    shock : str
        Type of the shock.
    struck_at : str
        Quarter in which it is scheduled, such as ``2027Q1``.
    struck, unstruck : DataFrame
        Metrics (``replicate``, ``quarter``, one column per metric) with and without the shock.

    Returns
    -------
    DataFrame
        ``shock``, ``quarters_since``, ``metric``, ``difference`` with its 95 % t interval ``low``,
        ``high``; ``unstruck``, the mean without the shock, and ``runs``.
    """
    keys = ["replicate", "quarter"]
    with_shock, without = (
        frame.drop(columns=["policy", "future"], errors="ignore")
        .astype({"quarter": str})
        .set_index(keys)
        .sort_index()
        for frame in (struck, unstruck)
    )
    quarters = without.index.unique("quarter")
    shape = len(without) // len(quarters), len(quarters), len(without.columns)
    base, other = (frame.to_numpy(np.float64).reshape(shape) for frame in (without, with_shock))
    since = np.arange(len(quarters)) - quarters.get_loc(struck_at)
    kept = since >= -QUARTERS_BEFORE
    mean, low, high, runs = mean_interval((other - base)[:, kept])
    rows = pd.MultiIndex.from_product(
        [[shock], since[kept].astype(np.int32), list(without.columns)], names=RESPONSE[:3]
    )
    found = (mean, low, high, mean_interval(base[:, kept])[0], runs)
    columns = {name: cell.reshape(-1) for name, cell in zip(RESPONSE[3:], found, strict=True)}
    return pd.DataFrame(columns, rows).reset_index()
