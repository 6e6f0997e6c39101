"""Sobol indices: which share of an outcome's variance each factor explains."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from partnersim.compare.points import aligned
from partnersim.compare.runs import checked_share
from partnersim.compare.saltelli import blocks_of
from partnersim.errors import InputError

Floats = npt.NDArray[np.float64]

COLUMNS = ("first", "first_low", "first_high", "total", "total_low", "total_high")


def sobol_indices(
    points: pd.DataFrame,
    outcome: pd.Series | npt.ArrayLike,
    *,
    confidence: float = 0.95,
    resamples: int = 999,
    seed: int = 0,
) -> pd.DataFrame:
    """Return first and total order Sobol indices of every factor, with intervals.

    For an outcome y of independent factors x::

        first_i = V(E(y | x_i)) / V(y)              alone
        total_i = E(V(y | all but x_i)) / V(y)      with all its interactions

    With A, B and A_i (A with column i from B) the outcomes in the blocks of the design and n rows::

        first_i = mean of B (A_i - A) / variance of A and B         (B less the mean of A and B)
        total_i = mean of (A - A_i)^2 / 2 / variance of A and B

    (Saltelli et al. 2010, the estimators of scipy.stats.sobol_indices, which takes neither one
    factor nor rows left out, and whose bootstrap cannot be seeded). Intervals are percentiles over
    bootstrap samples of the rows. Factors whose total is near 0 may be fixed anywhere in their
    range. Estimates can leave 0..1 by sampling error. In an outcome that is a mean over few
    replicates, what luck remains counts as interaction: it raises totals and lowers first indices.

    Parameters
    ----------
    points : DataFrame
        A Saltelli design in its order (`saltelli_points`, or a sweep with
        ``design.kind=sobol_indices``), with or without ``point``.
    outcome : Series (by ``point``) or array_like
        One number per point: e.g. a policy's row of `outcome_by_future`, or the difference of two.
        Where it is missing, that row of the design is left out of all blocks.
    confidence : float
        Of each interval, in (0, 1).
    resamples : int
        Bootstrap samples.
    seed : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        One row per factor, in their order: ``factor, first, first_low, first_high, total,
        total_low, total_high``. All NaN if the outcome never varies.

    Raises
    ------
    InputError
        If the points are not such a design, or fewer than 2 rows of it have all outcomes.

    References
    ----------
    Saltelli, A., Annoni, P., Azzini, I., Campolongo, F., Ratto, M. and Tarantola, S. (2010).
    Variance based sensitivity analysis of model output. Computer Physics Communications 181,
    259-270. doi:10.1016/j.cpc.2009.09.018

    Sobol, I. M. (2001). Global sensitivity indices for nonlinear mathematical models and their
    Monte Carlo estimates. Mathematics and Computers in Simulation 55, 271-280.
    doi:10.1016/S0378-4754(00)00270-6

    Examples
    --------
    >>> import pandas as pd
    >>> from partnersim.compare import saltelli_points
    >>> from scipy.stats import qmc
    >>> sample = qmc.Sobol(4, rng=1).random_base2(8)
    >>> points = saltelli_points(pd.DataFrame(sample[:, :2], columns=["need", "size"]),
    ...                          pd.DataFrame(sample[:, 2:], columns=["need", "size"]))
    >>> table = sobol_indices(points, 2 * points["need"] + points["size"])
    >>> table["first"].round(1).tolist()        # 4 : 1
    [0.8, 0.2]
    """
    checked_share(confidence, "confidence")
    if resamples < 2:
        raise InputError(f"resamples: {resamples} given, at least 2 are needed")
    factors, values = aligned(points, outcome)
    a, b, mixed = blocks_of(factors, values)
    if len(a) < 2:
        raise InputError(
            f"outcome: {len(a)} rows of the design have all outcomes, at least 2 are needed"
        )
    if np.ptp(np.concatenate([a, b, mixed.ravel()])) == 0:
        table = pd.DataFrame(np.nan, range(factors.shape[1]), list(COLUMNS))
    else:
        generator = np.random.default_rng(seed)
        drawn = generator.integers(len(a), size=(resamples, len(a)))
        again = np.array([_indices(a[rows], b[rows], mixed[:, rows]) for rows in drawn])
        outside = (1 - confidence) / 2
        low, high = np.nanquantile(again, (outside, 1 - outside), axis=0)
        estimate = _indices(a, b, mixed)
        parts = [estimate[0], low[0], high[0], estimate[1], low[1], high[1]]
        table = pd.DataFrame(dict(zip(COLUMNS, parts, strict=True)))
    table.insert(0, "factor", list(factors.columns))
    return table


def _indices(a: Floats, b: Floats, mixed: Floats) -> Floats:
    """Return first and total indices, shape (2, factors); NaN where a sample does not vary."""
    variance = np.var([a, b])
    if variance == 0:
        return np.full((2, len(mixed)), np.nan)
    # Sobol and Levitan (1999): subtracting the mean makes the products less noisy.
    centred = b - np.mean([a, b])
    first = (centred * (mixed - a)).mean(axis=1)
    total = ((a - mixed) ** 2).mean(axis=1) / 2
    return np.stack([first, total]) / variance
