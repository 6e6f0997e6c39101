"""What one scheduled shock changes: runs with it minus the same runs without it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from partnersim.errors import InputError
from partnersim.runs.intervals import mean_interval

#: Quarters before the shock that are kept, to show that both sets of runs are the same until then.
QUARTERS_BEFORE = 4
#: Columns of a response.
RESPONSE = ["shock", "quarters_since", "metric", "difference", "low", "high", "unstruck", "runs"]
_KEYS = ("policy", "future", "replicate", "quarter")


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
    with_shock, without = (
        frame.assign(quarter=frame["quarter"].astype(str)).sort_values(["replicate", "quarter"])
        for frame in (struck, unstruck)
    )
    for name in ("replicate", "quarter"):
        if not np.array_equal(with_shock[name], without[name]):
            raise InputError(f"response to {shock}: the runs with and without it are not the same")
    metrics = [name for name in with_shock.columns if name not in _KEYS]
    quarters = sorted(set(without["quarter"]))
    shape = (-1, len(quarters), len(metrics))
    base = without[metrics].to_numpy(dtype=np.float64).reshape(shape)
    difference = with_shock[metrics].to_numpy(dtype=np.float64).reshape(shape) - base
    mean, low, high, runs = mean_interval(difference)
    level = mean_interval(base)[0]
    since = np.arange(len(quarters)) - quarters.index(struck_at)
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
