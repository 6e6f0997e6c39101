"""PAWN: a cheap screening of many factors, on any points that there are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from partnersim.compare.points import aligned, is_number
from partnersim.compare.runs import checked_share
from partnersim.errors import InputError

#: A slice of fewer points says nothing about a distribution.
FEWEST_IN_SLICE = 5
FEWEST_POINTS = 20

Floats = npt.NDArray[np.float64]
Wholes = npt.NDArray[np.int64]


def pawn(
    points: pd.DataFrame,
    outcome: pd.Series | npt.ArrayLike,
    *,
    slices: int = 10,
    confidence: float = 0.95,
    resamples: int = 200,
    seed: int = 0,
) -> pd.DataFrame:
    """Return by how much knowing a factor changes the distribution of the outcome.

    The range of a factor is cut into slices of equally many points (a choice: one slice per
    option). With F the distribution of the outcome over all points and F_k that over slice k::

        KS_k  = max over y of |F_k(y) - F(y)|              Kolmogorov and Smirnov's distance, 0..1
        index = median over k of KS_k

    (Pianosi and Wagener 2018). Unlike variance-based indices it takes any sample and sees changes
    of shape. Because slices are small, a factor without influence does not get 0. ``noise`` is the
    level that the indices of *all* factors together stay under in 95 % of shuffles of the outcome
    (the largest counts, each in deviations from its mean: Westfall and Young 1993). A level for
    one factor alone would let one of twenty seem to matter by chance.

    Parameters
    ----------
    points : DataFrame
        A column per factor, numeric or text; with ``point`` or without. Any design.
    outcome : Series (by ``point``) or array_like
        One number per point; points without one are left out.
    slices : int
        Slices of a numeric factor, 2 or more; fewer are used where a slice would hold fewer than 5
        points, or where values are tied.
    confidence : float
        Of each interval, in (0, 1).
    resamples : int
        Bootstrap samples for the intervals, and shuffles for the noise.
    seed : int
        Of both.

    Returns
    -------
    DataFrame
        One row per factor, most influential first: ``factor``, ``index``, ``low``, ``high``
        (index +- normal quantile times bootstrap deviation, within 0..1), ``noise``,
        ``matters`` (index above noise). A factor with one value has index 0 and noise NaN.

    Raises
    ------
    InputError
        With fewer than 20 points that have an outcome, or a setting out of range.

    References
    ----------
    Pianosi, F. and Wagener, T. (2018). Distribution-based sensitivity analysis from a generic
    input-output sample. Environmental Modelling and Software 108, 197-207.
    doi:10.1016/j.envsoft.2018.07.019

    Westfall, P. H. and Young, S. S. (1993). Resampling-based multiple testing. Wiley.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> generator = np.random.default_rng(0)
    >>> points = pd.DataFrame(generator.random((200, 2)), columns=["need", "size"])
    >>> table = pawn(points, points["need"] ** 2)
    >>> table["factor"].tolist(), table["matters"].tolist()
    (['need', 'size'], [True, False])
    """
    from scipy.special import ndtri

    checked_share(confidence, "confidence")
    problems = []
    if slices < 2:
        problems.append(f"slices: {slices} given, at least 2 are needed")
    if resamples < 2:
        problems.append(f"resamples: {resamples} given, at least 2 are needed")
    factors, values = aligned(points, outcome)
    known = ~np.isnan(values)
    if known.sum() < FEWEST_POINTS:
        problems.append(
            f"outcome: {known.sum()} points have one, at least {FEWEST_POINTS} are needed"
        )
    if problems:
        raise InputError(problems)
    factors, values = factors[known], values[known]
    order = np.argsort(values, kind="stable")
    ranks = np.unique(values, return_inverse=True)[1][order]
    generator = np.random.default_rng(seed)
    # `order` sorts by outcome, and so does any sample of its places that is sorted.
    drawn = [np.sort(generator.integers(len(values), size=len(values))) for _ in range(resamples)]
    shuffles = [generator.permutation(len(values)) for _ in range(resamples)]
    table = pd.DataFrame({"factor": factors.columns, "index": 0.0, "low": 0.0, "high": 0.0})
    chance = np.full((len(table), resamples), np.nan)
    for place, factor in enumerate(factors.columns):
        slice_of = _slices(factors[factor], slices)
        if slice_of.max() == 0 or ranks.max() == 0:
            continue
        placed = slice_of[order]
        index = _index(placed, ranks)
        again = np.array([_index(placed[rows], ranks[rows]) for rows in drawn])
        half = float(ndtri(0.5 + confidence / 2)) * again.std(ddof=1)
        ends = max(index - half, 0.0), min(index + half, 1.0)
        table.loc[place, ["index", "low", "high"]] = index, *ends
        chance[place] = [_index(slice_of[rows], ranks) for rows in shuffles]
    table["noise"] = _noise(chance)
    table["matters"] = table["index"] > table["noise"]
    return table.sort_values("index", ascending=False, kind="stable", ignore_index=True)


def _noise(chance: Floats) -> Floats:
    """Return the level of every factor that all together stay under in 95 % of the shuffles.

    Parameters
    ----------
    chance : ndarray, shape (factors, shuffles)
        Indices after shuffling the outcome, the same shuffle for all factors; a row of NaN for a
        factor without an index.
    """
    noise = np.full(len(chance), np.nan)
    real = ~np.isnan(chance[:, 0])
    if real.any():
        mean = chance[real].mean(axis=1)
        deviation = chance[real].std(axis=1, ddof=1)
        # Indices of fewer slices vary less: compared in deviations from their own mean.
        scaled = (chance[real] - mean[:, None]) / np.where(deviation > 0, deviation, 1.0)[:, None]
        noise[real] = mean + np.quantile(scaled.max(axis=0), 0.95) * deviation
    return noise


def _slices(factor: pd.Series, slices: int) -> Wholes:
    """Return the slice of every point, numbered without gaps."""
    if not is_number(factor):
        return np.unique(factor.to_numpy().astype(str), return_inverse=True)[1]
    values = factor.to_numpy(np.float64)
    distinct = np.unique(values)
    if len(distinct) <= slices:
        return np.searchsorted(distinct, values)
    number = min(slices, max(2, len(values) // FEWEST_IN_SLICE))
    edges = np.unique(np.quantile(values, np.arange(1, number) / number))
    return np.unique(np.searchsorted(edges, values, side="right"), return_inverse=True)[1]


def _index(slice_of: Wholes, rank: Wholes) -> float:
    """Return the median distance of the slices from the whole; rows sorted by outcome.

    Parameters
    ----------
    slice_of : ndarray of int, shape (points,)
    rank : ndarray of int, shape (points,)
        Rank of the outcome, ascending; equal outcomes have equal ranks.
    """
    member = np.zeros((len(slice_of), slice_of.max() + 1))
    member[np.arange(len(slice_of)), slice_of] = 1.0
    sizes = member.sum(axis=0)
    member = member[:, sizes > 0]
    # Distributions step up after the last of equal outcomes only.
    last = np.append(rank[1:] != rank[:-1], True)
    within = (member.cumsum(axis=0) / sizes[sizes > 0])[last]
    overall = (np.arange(1, len(rank) + 1) / len(rank))[last]
    return float(np.median(np.abs(within - overall[:, None]).max(axis=0)))
