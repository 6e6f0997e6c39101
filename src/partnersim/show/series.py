"""Time on an axis, and the quantiles over runs that lines and bands are drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from partnersim.runs.experiment_reader import StoredExperiment
from partnersim.runs.summary import bands

Floats = npt.NDArray[np.float64]
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
BANDS = "bands hold 50 % and 90 % of runs, line: median"


@dataclass(frozen=True)
class Band:
    """Quantiles of one metric in one arm; arrays over quarters.

    Attributes
    ----------
    years : ndarray of float
        Ends of the quarters in years.
    low, lower, median, upper, high : ndarray of float
        The 5, 25, 50, 75 and 95 % quantiles over runs.
    """

    years: Floats
    low: Floats
    lower: Floats
    median: Floats
    upper: Floats
    high: Floats


class Series:
    """Bands of some metrics, read once for all arms.

    Parameters
    ----------
    stored : StoredExperiment
    metrics : sequence of str
        Columns of the metrics table.
    """

    def __init__(self, stored: StoredExperiment, metrics: Sequence[str]) -> None:
        rows = stored.table("metrics", columns=metrics)
        self._bands: dict[tuple[str, str, str], Band] = {}
        for metric in metrics:
            shares = bands(rows, metric, QUANTILES)
            for (policy, climate), frame in shares.groupby(level=[0, 1], observed=True):
                values = frame.to_numpy(dtype=np.float64).T
                years = year_ends(frame.index.get_level_values(2))
                self._bands[metric, policy, climate] = Band(years, *values)

    def band(self, metric: str, policy: str, climate: str) -> Band:
        """Return the band of a metric in an arm."""
        return self._bands[metric, policy, climate]


def year_ends(quarters: Sequence[str] | pd.Index) -> Floats:
    """Return the ends of quarters such as ``2027Q3`` (2027.75) in years."""
    return np.array([int(str(name)[:4]) + int(str(name)[5]) / 4 for name in quarters])


def first_and_last_year(years: Floats) -> tuple[int, int]:
    """Return the calendar years in which the first and the last quarter lie."""
    return int(np.ceil(years[0])) - 1, int(np.ceil(years[-1])) - 1


def reference_arm(stored: StoredExperiment) -> tuple[str, str]:
    """Return the arm that single-arm figures show: the reference in the first climate it has."""
    reference = stored.manifest["reference"]
    arms = [arm for arm in stored.arms if arm[0] == reference] or stored.arms
    return arms[0]
