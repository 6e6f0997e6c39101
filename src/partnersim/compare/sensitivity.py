"""What an outcome depends on: Sobol indices of a Saltelli design, PAWN indices of any futures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from partnersim.arrays import Floats, Integers
from partnersim.compare.tables import PAWN_FUTURES, SOBOL_ROWS, aligned, is_number
from partnersim.errors import InputError, refuse
from partnersim.runs.intervals import CONFIDENCE

#: A slice of fewer futures says nothing about a distribution.
FEWEST_IN_SLICE = 5


def sobol_indices(
    futures: pd.DataFrame,
    outcome: pd.Series | npt.ArrayLike,
    *,
    resamples: int = 1000,
    seed: int = 1,
) -> pd.DataFrame:
    """Return first and total order Sobol indices of every factor, with intervals.

    For an outcome y of independent factors x::

        first_i = V(E(y | x_i)) / V(y)              alone
        total_i = E(V(y | all but x_i)) / V(y)      with all its interactions

    computed by SALib (Saltelli et al. 2010). Intervals are percentiles over bootstrap samples of
    the rows of the design. Factors whose total is near 0 may be fixed anywhere in their range.
    Estimates can leave 0..1 by sampling error. In an outcome that is a mean over few replicates,
    what luck remains counts as interaction: it raises totals and lowers first indices.

    Parameters
    ----------
    futures : DataFrame
        The Saltelli design of a sweep with ``design.kind=sobol_indices``, in its order, with or
        without ``future``: n rows of sample A, n of sample B, then for each of the d factors A with
        that column from B; n (d + 2) in all.
    outcome : Series (by ``future``) or array_like
        One number per future: e.g. a policy's row of `outcome_by_future`, or the difference of two.
        Where it is missing, that row of the design is left out of all blocks.
    resamples : int
        Bootstrap samples, at least 2.
    seed : int
        Of the bootstrap, at least 1.

    Returns
    -------
    DataFrame
        One row per factor, in their order: ``factor, first, first_low, first_high, total,
        total_low, total_high``. All NaN if the outcome never varies.

    Raises
    ------
    InputError
        If the futures are not such a design, or fewer than 64 rows of it have all outcomes: indices
        of fewer say nothing (with 4 rows an interval of 1.0 to 6.8 was met).

    References
    ----------
    Saltelli, A., Annoni, P., Azzini, I., Campolongo, F., Ratto, M. and Tarantola, S. (2010).
    Variance based sensitivity analysis of model output. Computer Physics Communications 181,
    259-270. doi:10.1016/j.cpc.2009.09.018

    Iwanaga, T., Usher, W. and Herman, J. (2022). Toward SALib 2.0: advancing the accessibility and
    interpretability of global sensitivity analyses. Socio-Environmental Systems Modelling 4, 18155.
    doi:10.18174/sesmo.18155

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> a, b = np.random.default_rng(1).random((2, 1024, 2))
    >>> blocks = [a, b, np.c_[b[:, 0], a[:, 1]], np.c_[a[:, 0], b[:, 1]]]
    >>> futures = pd.DataFrame(np.vstack(blocks), columns=["need", "size"])
    >>> table = sobol_indices(futures, 2 * futures["need"] + futures["size"])
    >>> table["total"].round(1).tolist()        # 4 : 1
    [0.8, 0.2]
    """
    if resamples < 2 or seed < 1:
        raise InputError(f"resamples, seed: {resamples}, {seed} given, at least 2 and 1 are needed")
    factors, values = aligned(futures, outcome)
    blocks = _blocks(factors, values)
    if blocks.shape[1] < SOBOL_ROWS:
        raise InputError(
            f"outcome: {blocks.shape[1]} rows of the design are too few, Sobol "
            f"indices take {SOBOL_ROWS}"
        )
    names = list(factors.columns)
    columns = [f"{order}{end}" for order in ("first", "total") for end in ("", "_low", "_high")]
    table = pd.DataFrame(np.nan, range(len(names)), columns)
    table.insert(0, "factor", names)
    if np.ptp(blocks) == 0:
        return table
    from SALib.analyze import sobol

    # SALib takes the outcomes row by row: A, then A with each factor from B, then B.
    found = sobol.analyze(
        {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)},
        np.vstack([blocks[:1], blocks[2:], blocks[1:2]]).T.ravel(),
        calc_second_order=False,
        num_resamples=resamples,
        keep_resamples=True,
        seed=seed,
    )
    outside = (1 - CONFIDENCE) / 2
    for order, name in (("S1", "first"), ("ST", "total")):
        ends = np.quantile(found[f"{order}_conf_all"], (outside, 1 - outside), axis=0)
        table[[name, f"{name}_low", f"{name}_high"]] = np.column_stack([found[order], *ends])
    return table


def _blocks(factors: pd.DataFrame, outcome: Floats) -> Floats:
    """Return outcomes by block (A, B, A with one column from B) and row, after checking the design.

    Rows of which an outcome is missing are left out.
    """
    otherwise = "use a sweep with `design.kind=sobol_indices`, or `pawn` for any futures"
    size, rest = divmod(len(factors), factors.shape[1] + 2)
    if rest:
        raise InputError(
            f"futures: {len(factors)} futures with {factors.shape[1]} factors are no Saltelli "
            f"design, which has n (factors + 2) futures: {otherwise}"
        )
    for place, factor in enumerate(factors.columns):
        column = factors[factor].to_numpy().reshape(-1, size)
        expected = np.repeat(column[:1], len(column) - 2, axis=0)
        expected[place] = column[1]
        if not np.array_equal(column[2:], expected):
            raise InputError(f"futures: not a Saltelli design, factor '{factor}': {otherwise}")
    parts = outcome.reshape(-1, size)
    return parts[:, ~np.isnan(parts).any(axis=0)]


def pawn(
    futures: pd.DataFrame,
    outcome: pd.Series | npt.ArrayLike,
    *,
    slices: int = 10,
    resamples: int = 200,
) -> pd.DataFrame:
    """Return by how much knowing a factor changes the distribution of the outcome.

    The range of a factor is cut into slices of equally many futures (a choice: one slice per
    option). With F the distribution of the outcome over all futures and F_k that over slice k::

        KS_k  = max over y of |F_k(y) - F(y)|              Kolmogorov and Smirnov's distance, 0..1
        index = median over k of KS_k

    (Pianosi and Wagener 2018). Unlike variance-based indices it takes any sample and sees changes
    of shape. Because slices are small, a factor without influence does not get 0. ``noise`` is the
    level that the indices of *all* factors together stay under in 95 % of shuffles of the outcome
    (the largest counts, each in deviations from its mean: Westfall and Young 1993). A level for
    one factor alone would let one of twenty seem to matter by chance.

    Parameters
    ----------
    futures : DataFrame
        A column per factor, numeric or text; with ``future`` or without. Any design.
    outcome : Series (by ``future``) or array_like
        One number per future; futures without one are left out.
    slices : int
        Slices of a numeric factor, 2 or more; fewer are used where a slice would hold fewer than 5
        futures, or where values are tied.
    resamples : int
        Bootstrap samples for the intervals, and shuffles for the noise.

    Returns
    -------
    DataFrame
        One row per factor, most influential first: ``factor``, ``index``, ``low``, ``high``
        (index +- normal quantile times bootstrap deviation, within 0..1), ``noise``,
        ``matters`` (index above noise). A factor with one value has index 0 and noise NaN.

    Raises
    ------
    InputError
        With fewer than 30 futures that have an outcome, or a setting out of range.

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
    >>> futures = pd.DataFrame(generator.random((200, 2)), columns=["need", "size"])
    >>> table = pawn(futures, futures["need"] ** 2)
    >>> table["factor"].tolist(), table["matters"].tolist()
    (['need', 'size'], [True, False])
    """
    problems = [
        f"{name}: {value} given, at least 2 are needed"
        for name, value in (("slices", slices), ("resamples", resamples))
        if value < 2
    ]
    factors, values = known_outcomes(futures, outcome, "PAWN", problems)
    order = np.argsort(values, kind="stable")
    ranks = np.unique(values, return_inverse=True)[1][order]
    generator = np.random.default_rng(0)
    # `order` sorts by outcome, and so does any sample of its places that is sorted.
    drawn = [np.sort(generator.integers(len(values), size=len(values))) for _ in range(resamples)]
    shuffles = [generator.permutation(len(values)) for _ in range(resamples)]

    def found(factor: pd.Series) -> Found | None:
        slice_of = _slices(factor, slices)
        if slice_of.max() == 0 or ranks.max() == 0:
            return None
        placed = slice_of[order]
        return (
            _median_distance(placed, ranks),
            [_median_distance(placed[rows], ranks[rows]) for rows in drawn],
            [_median_distance(slice_of[rows], ranks) for rows in shuffles],
        )

    return index_table(factors, found, resamples)


#: An index of a factor, those of bootstrap samples, and those after shuffles of the outcome.
Found = tuple[float, list[float], list[float]]


def known_outcomes(
    futures: pd.DataFrame,
    outcome: pd.Series | npt.ArrayLike,
    name: str,
    problems: Sequence[str] = (),
) -> tuple[pd.DataFrame, Floats]:
    """Return factors and outcomes of the futures that have one.

    Raises
    ------
    InputError
        For the problems that are given, and with fewer than 30 such futures, which the indices of
        this name take.
    """
    factors, values = aligned(futures, outcome)
    known = ~np.isnan(values)
    few = f"outcome: {known.sum()} futures are too few, {name} indices take {PAWN_FUTURES}"
    refuse([*problems, *([few] if known.sum() < PAWN_FUTURES else [])])
    return factors[known].reset_index(drop=True), values[known]


def index_table(
    factors: pd.DataFrame, found: Callable[[pd.Series], Found | None], resamples: int
) -> pd.DataFrame:
    """Return the table of indices, see `pawn`.

    Parameters
    ----------
    factors : DataFrame
    found : callable
        Returns the indices of a factor; None if it or the outcome has one value only.
    resamples : int
        So many bootstrap samples, and shuffles.
    """
    from scipy.special import ndtri

    table = pd.DataFrame({"factor": factors.columns, "index": 0.0, "low": 0.0, "high": 0.0})
    chance = np.full((len(table), resamples), np.nan)
    for place, factor in enumerate(factors.columns):
        indices = found(factors[factor])
        if indices is not None:
            index, again, chance[place] = indices
            half = float(ndtri(0.5 + CONFIDENCE / 2)) * np.std(again, ddof=1)
            ends = max(index - half, 0.0), min(index + half, 1.0)
            table.loc[place, ["index", "low", "high"]] = index, *ends
    table["noise"] = noise_level(chance)
    table["matters"] = table["index"] > table["noise"]
    return table.sort_values("index", ascending=False, kind="stable", ignore_index=True)


def noise_level(chance: Floats) -> Floats:
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


def _slices(factor: pd.Series, slices: int) -> Integers:
    """Return the slice of every future, numbered without gaps."""
    values = factor.to_numpy()
    if is_number(factor) and factor.nunique() > slices:
        number = min(slices, max(2, len(values) // FEWEST_IN_SLICE))
        edges = np.unique(np.quantile(values, np.arange(1, number) / number))
        values = np.searchsorted(edges, values, side="right")
    return np.unique(values, return_inverse=True)[1]


def _median_distance(slice_of: Integers, rank: Integers) -> float:
    """Return the median distance of the slices from the whole; rows sorted by outcome.

    Parameters
    ----------
    slice_of : ndarray of int, shape (futures,)
    rank : ndarray of int, shape (futures,)
        Rank of the outcome, ascending; equal outcomes have equal ranks.
    """
    member = slice_of[:, None] == np.unique(slice_of)
    # Distributions step up after the last of equal outcomes only.
    last = np.append(rank[1:] != rank[:-1], True)
    within = (member.cumsum(axis=0) / member.sum(axis=0))[last]
    overall = (np.arange(1, len(rank) + 1) / len(rank))[last]
    return float(np.median(np.abs(within - overall[:, None]).max(axis=0)))
