"""How good probabilities were, once it is known what happened.

Brier (1950), doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2; logarithmic score: Good (1952),
doi:10.1111/j.2517-6161.1952.tb00104.x. Intervals come from a bootstrap over clusters (Cameron and
Miller 2015, doi:10.3368/jhr.50.2.317): pairs of one decision, or of one partner, stand or fall
together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

#: Lengths of the lists whose recall is told.
LISTS = (20, 50, 100)
#: Edges of the classes of a calibration plot.
EDGES = (0.0, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 1.0)
#: Bootstrap samples, and the share of them that an interval holds.
SAMPLES = 1000
INTERVAL = 0.9
_TAIL = (1.0 - INTERVAL) / 2.0

Floats = NDArray[np.float64]


def log_score(probability: Floats, happened: Floats) -> Floats:
    """Return -log of the probability of what happened, case by case; less is better.

    Examples
    --------
    >>> log_score(np.array([0.5, 0.5]), np.array([1.0, 0.0])).round(3).tolist()
    [0.693, 0.693]
    """
    return -np.log(np.where(happened == 1.0, probability, 1.0 - probability))


def brier(probability: Floats, happened: Floats) -> Floats:
    """Return the squared error, case by case; less is better.

    Examples
    --------
    >>> brier(np.array([0.5, 0.2]), np.array([1.0, 0.0])).round(2).tolist()
    [0.25, 0.04]
    """
    return (probability - happened) ** 2


def recall(probability: Floats, happened: Floats, length: int) -> float:
    """Return the share of what happened that is among the most probable cases.

    Of equally probable cases at the end of the list, the average share counts.

    Examples
    --------
    >>> recall(np.array([0.9, 0.5, 0.5, 0.1]), np.array([1.0, 1.0, 0.0, 0.0]), 2)
    0.75
    """
    if happened.sum() == 0:
        return float("nan")
    if length >= len(probability):
        return 1.0
    edge = np.sort(probability)[::-1][length - 1]
    above, level = probability > edge, probability == edge
    share = (length - above.sum()) / level.sum()
    return float((happened[above].sum() + share * happened[level].sum()) / happened.sum())


def score_table(
    cases: pd.DataFrame, forecasts: Sequence[str], groups: Mapping[str, NDArray[np.bool_]]
) -> pd.DataFrame:
    """Return scores of several forecasts of the same cases, with clustered intervals.

    Parameters
    ----------
    cases : DataFrame
        ``happened`` (0 or 1), ``cluster``, and one column of probabilities per forecast.
    forecasts : sequence of str
        Names of those columns; the first one is compared with the others.
    groups : mapping of str to array of bool
        Parts of the cases that are scored apart.

    Returns
    -------
    DataFrame
        ``group, forecast, score, value, low, high, difference, difference_low, difference_high,
        cases, happened``. ``difference`` is the score of the forecast less that of the first one.
    """
    rows = []
    for group, chosen in groups.items():
        part = cases[chosen]
        happened = part["happened"].to_numpy(np.float64)
        clusters, place = np.unique(part["cluster"].to_numpy(str), return_inverse=True)
        weights = _bootstrap(len(clusters))
        first: dict[str, tuple[float, Floats]] = {}
        for name in forecasts:
            probability = part[name].to_numpy(np.float64)
            for score, (value, samples) in _scores(probability, happened, place, weights).items():
                first.setdefault(score, (value, samples))
                against = samples - first[score][1]
                rows.append(
                    {
                        "group": group,
                        "forecast": name,
                        "score": score,
                        "value": value,
                        **_ends("", samples),
                        "difference": value - first[score][0],
                        **_ends("difference_", against),
                        "cases": len(part),
                        "happened": int(happened.sum()),
                    }
                )
    return pd.DataFrame(rows)


def _bootstrap(clusters: int) -> Floats:
    """Return how often each cluster is drawn in each sample, (SAMPLES, clusters)."""
    generator = np.random.Generator(np.random.Philox(0))
    drawn = generator.integers(0, max(clusters, 1), (SAMPLES, clusters))
    weights = np.zeros((SAMPLES, clusters))
    np.add.at(weights, (np.arange(SAMPLES)[:, None], drawn), 1.0)
    return weights


def _scores(
    probability: Floats, happened: Floats, place: NDArray[np.intp], weights: Floats
) -> dict[str, tuple[float, Floats]]:
    """Return value and bootstrap samples of every score."""
    clusters = weights.shape[1]
    found: dict[str, tuple[float, Floats]] = {}

    def mean_of(values: Floats, counts: Floats) -> tuple[float, Floats]:
        upper = np.bincount(place, values, clusters)
        lower = np.bincount(place, counts, clusters)
        with np.errstate(invalid="ignore", divide="ignore"):
            samples = (weights * upper).sum(axis=1) / (weights * lower).sum(axis=1)
            return float(np.float64(values.sum()) / counts.sum()), samples

    ones = np.ones(len(happened))
    found["log score"] = mean_of(log_score(probability, happened), ones)
    found["Brier score"] = mean_of(brier(probability, happened), ones)
    for length in LISTS:
        if length >= len(probability):
            continue
        # The list stays as it is; what is drawn anew is who had events.
        edge = np.sort(probability)[::-1][length - 1]
        above, level = probability > edge, probability == edge
        inside = above + level * (length - above.sum()) / max(1, level.sum())
        found[f"recall at {length}"] = mean_of(inside * happened, happened)
    return found


def _ends(prefix: str, samples: Floats) -> dict[str, float]:
    known = samples[np.isfinite(samples)]
    if len(known) == 0:
        return {f"{prefix}low": float("nan"), f"{prefix}high": float("nan")}
    low, high = np.quantile(known, [_TAIL, 1.0 - _TAIL])
    return {f"{prefix}low": float(low), f"{prefix}high": float(high)}


def calibration_table(cases: pd.DataFrame, forecasts: Sequence[str]) -> pd.DataFrame:
    """Return how often it happened, by class of probability.

    Returns
    -------
    DataFrame
        ``forecast, class_low, class_high, cases, probability`` (mean), ``frequency, low, high``
        (bootstrap over clusters), for classes that hold a case.
    """
    rows = []
    for name in forecasts:
        probability = cases[name].to_numpy(np.float64)
        number = np.clip(np.searchsorted(EDGES, probability, side="right") - 1, 0, len(EDGES) - 2)
        for place in np.unique(number):
            part = cases[number == place]
            happened = part["happened"].to_numpy(np.float64)
            clusters, cluster = np.unique(part["cluster"].to_numpy(str), return_inverse=True)
            weights = _bootstrap(len(clusters))
            upper = np.bincount(cluster, happened, len(clusters))
            lower = np.bincount(cluster, minlength=len(clusters)).astype(float)
            samples = (weights * upper).sum(axis=1) / (weights * lower).sum(axis=1)
            rows.append(
                {
                    "forecast": name,
                    "class_low": EDGES[place],
                    "class_high": EDGES[place + 1],
                    "cases": len(part),
                    "probability": float(part[name].mean()),
                    "frequency": float(happened.mean()),
                    **_ends("", samples),
                }
            )
    return pd.DataFrame(rows)
