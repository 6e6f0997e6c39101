"""What one scheduled shock changes: runs with it minus the same runs without it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from partnersim.errors import InputError
from partnersim.runs.intervals import mean_interval
from partnersim.runs.tables import METRIC_KEYS, in_order, quarter_numbers

#: Quarters before the shock that are kept, to show that both sets of runs are the same until then.
QUARTERS_BEFORE = 4


def shock_response(
    shock: str, struck_at: str, struck: pd.DataFrame, unstruck: pd.DataFrame
) -> pd.DataFrame:
    """Return the mean paired difference that a shock makes, quarter by quarter.

    Both sets of runs use the same random numbers, so that before the shock every difference is
    exactly zero and afterwards the difference of a replicate is the effect of the shock in it.

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

    Raises
    ------
    InputError
        If the two sets do not hold the same replicates and quarters.
    """
    with_shock, without = in_order(struck), in_order(unstruck)
    quarters = quarter_numbers(with_shock["quarter"])
    same_runs = np.array_equal(with_shock["replicate"], without["replicate"])
    if not same_runs or not np.array_equal(quarters, quarter_numbers(without["quarter"])):
        raise InputError(f"response to {shock}: the runs with and without it are not the same")
    metrics = [name for name in with_shock.columns if name not in METRIC_KEYS]
    moments = np.unique(quarters)
    shape = (-1, len(moments), len(metrics))
    base = without[metrics].to_numpy(dtype=np.float64).reshape(shape)
    difference = with_shock[metrics].to_numpy(dtype=np.float64).reshape(shape) - base
    mean, low, high, runs = mean_interval(difference)
    level = mean_interval(base)[0]
    since = moments - quarter_numbers(pd.Series([struck_at]))[0]
    kept = since >= -QUARTERS_BEFORE
    return pd.DataFrame(
        {
            "shock": shock,
            "quarters_since": np.repeat(since[kept].astype(np.int32), len(metrics)),
            "metric": np.tile(np.array(metrics, dtype=object), int(kept.sum())),
            "difference": mean[kept].reshape(-1),
            "low": low[kept].reshape(-1),
            "high": high[kept].reshape(-1),
            "unstruck": level[kept].reshape(-1),
            "runs": runs[kept].reshape(-1),
        }
    )
