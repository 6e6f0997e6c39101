"""One number and one band per policy, climate and metric at the end of the horizon."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np
import pandas as pd

from partnersim.runs.intervals import mean_interval

Arm = tuple[str, str]


def last_quarter(metrics: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """Return the last quarter and its metrics, indexed by replicate.

    Quarters such as ``2035Q4`` sort as text.
    """
    quarter = max(str(label) for label in metrics["quarter"].unique())
    rows = metrics[metrics["quarter"] == quarter]
    values = rows.drop(columns=["policy", "climate", "quarter"], errors="ignore")
    return str(quarter), values.set_index("replicate").sort_index().astype(np.float64)


def summary(endings: Mapping[Arm, tuple[str, pd.DataFrame]], reference: str) -> pd.DataFrame:
    """Summarise the last quarter of every arm.

    Parameters
    ----------
    endings : mapping of (policy, climate) to (quarter, DataFrame)
        The metrics of the last quarter, indexed by replicate (see `last_quarter`).
    reference : str
        The policy that the others are compared with, in the same climate and replicate.

    Returns
    -------
    DataFrame
        ``policy``, ``climate``, ``metric``, ``quarter``; ``median``, ``low`` (5 %) and ``high``
        (95 %) over runs; ``difference`` (mean over replicates of policy minus reference) with
        its 95 % t interval ``difference_low``, ``difference_high``; ``runs``. Differences are
        NaN without a reference in that climate, their bounds also with a single run.
    """
    pieces = []
    for (policy, climate), (quarter, values) in endings.items():
        low, median, high = _quantiles(values.to_numpy(), (0.05, 0.5, 0.95))
        piece = pd.DataFrame(
            {
                "policy": policy,
                "climate": climate,
                "metric": values.columns.astype(str),
                "quarter": quarter,
                "median": median,
                "low": low,
                "high": high,
            }
        )
        base = endings.get((reference, climate), ("", values.iloc[:0]))[1]
        paired = values.index.intersection(base.index)
        differences = values.loc[paired] - base.reindex(index=paired, columns=values.columns)
        mean, below, above, _ = mean_interval(differences.to_numpy())
        piece["difference"] = mean
        piece["difference_low"] = below
        piece["difference_high"] = above
        piece["runs"] = values.notna().sum(axis=0).to_numpy(dtype=np.int64)
        pieces.append(piece)
    return pd.concat(pieces, ignore_index=True)


def bands(
    metrics: pd.DataFrame, metric: str, quantiles: tuple[float, ...] = (0.05, 0.25, 0.5, 0.75, 0.95)
) -> pd.DataFrame:
    """Return quantiles over runs of one metric, per policy, climate and quarter.

    Parameters
    ----------
    metrics : DataFrame
        Rows of the metrics table with ``policy``, ``climate``, ``replicate``, ``quarter``.
    metric : str
        The column.
    quantiles : tuple of float
        Each in 0..1.

    Returns
    -------
    DataFrame
        Indexed by policy, climate and quarter (sorted), one column per quantile.
    """
    grouped = metrics.groupby(["policy", "climate", "quarter"], observed=True, sort=True)[metric]
    return grouped.quantile(list(quantiles)).unstack()


def _quantiles(values: np.ndarray, quantiles: tuple[float, ...]) -> np.ndarray:
    """Return quantiles over rows, leaving missing values out; all missing gives NaN quietly."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nanquantile(values, quantiles, axis=0)
