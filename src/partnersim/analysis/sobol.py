"""Sobol indices: which share of an outcome's variance each factor explains."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from partnersim.analysis.points import aligned
from partnersim.analysis.runs import checked_share
from partnersim.analysis.saltelli import blocks_of
from partnersim.errors import InputError

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

    estimated by scipy.stats.sobol_indices (Saltelli et al. 2010) from the outcomes in the blocks of
    the design; intervals are percentiles over bootstrap samples of its rows. Factors whose total
    is near 0 may be fixed anywhere in their range. Estimates can leave 0..1 by sampling error. In
    an outcome that is a mean over few replicates, what luck remains counts as interaction: it
    raises totals, not first indices.

    Parameters
    ----------
    points : DataFrame
        A Saltelli design in its order (`saltelli_points`, or a sweep with
        ``design.kind=saltelli``), with or without ``point``.
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
    >>> from partnersim.analysis import saltelli_points
    >>> from scipy.stats import qmc
    >>> sample = qmc.Sobol(4, rng=1).random_base2(8)
    >>> points = saltelli_points(pd.DataFrame(sample[:, :2], columns=["need", "size"]),
    ...                          pd.DataFrame(sample[:, 2:], columns=["need", "size"]))
    >>> table = sobol_indices(points, 2 * points["need"] + points["size"])
    >>> table["first"].round(1).tolist()        # 4 : 1
    [0.8, 0.2]
    """
    from scipy import stats

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
        with np.errstate(divide="ignore", invalid="ignore"):
            indices = stats.sobol_indices(
                func={"f_A": a[None], "f_B": b[None], "f_AB": mixed[:, None]},
                n=len(a),
                rng=np.random.default_rng(seed),
            )
            bounds = indices.bootstrap(confidence_level=confidence, n_resamples=resamples)
        first, total = bounds.first_order, bounds.total_order
        table = pd.DataFrame(
            {
                "first": np.ravel(indices.first_order),
                "first_low": np.ravel(first.confidence_interval.low),
                "first_high": np.ravel(first.confidence_interval.high),
                "total": np.ravel(indices.total_order),
                "total_low": np.ravel(total.confidence_interval.low),
                "total_high": np.ravel(total.confidence_interval.high),
            }
        )
    table.insert(0, "factor", list(factors.columns))
    return table
