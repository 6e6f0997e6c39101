"""Two more ways to ask what an outcome depends on: Morris' screening and Borgonovo's delta."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from partnersim.arrays import Floats
from partnersim.compare.sensitivity import Found, index_table, known_outcomes
from partnersim.compare.tables import aligned, is_number
from partnersim.errors import InputError
from partnersim.runs.intervals import CONFIDENCE

#: Steps into which Morris divides a range; a factor moves by two of three of them.
MORRIS_LEVELS = 4
#: Trajectories below which a mean effect is not told.
MORRIS_TRAJECTORIES = 4
#: A factor that moves the outcome by less than this share of what the strongest one does is minor.
MINOR = 0.1
#: Points at which densities are compared.
_GRID = 100


def morris_effects(futures: pd.DataFrame, outcome: pd.Series | npt.ArrayLike) -> pd.DataFrame:
    """Return how far every factor moves the outcome when it alone moves (elementary effects).

    The index is mu*, the mean of absolute effects, in units of the outcome per whole range of the
    factor (Campolongo et al. 2007), computed by SALib. It takes few futures, and finds what does
    not matter; a large ``sigma`` beside it says that the effect differs with the other factors.

    Parameters
    ----------
    futures : DataFrame
        Of a sweep with ``design.kind=morris``, in its order: trajectories of d + 1 futures.
    outcome : Series (by ``future``) or array_like
        One number per future; a trajectory that lacks one is left out.

    Returns
    -------
    DataFrame
        One row per factor, strongest first: ``factor``, ``index``, ``low``, ``high``, ``noise`` (a
        tenth of the largest index), ``matters`` (the interval lies above it), ``sigma``.

    Raises
    ------
    InputError
        If the futures are no such design, or fewer than 4 trajectories have all outcomes.

    References
    ----------
    Morris, M. D. (1991). Factorial sampling plans for preliminary computational experiments.
    Technometrics 33, 161-174. doi:10.1080/00401706.1991.10484804

    Campolongo, F., Cariboni, J. and Saltelli, A. (2007). An effective screening design for
    sensitivity analysis of large models. Environmental Modelling and Software 22, 1509-1518.
    doi:10.1016/j.envsoft.2006.10.004

    Examples
    --------
    >>> import pandas as pd
    >>> from SALib.sample import morris
    >>> cube = {"num_vars": 2, "names": ["need", "size"], "bounds": [[0, 1]] * 2}
    >>> futures = pd.DataFrame(morris.sample(cube, 8, seed=1), columns=cube["names"])
    >>> table = morris_effects(futures, 3 * futures["need"] + futures["size"])
    >>> table["index"].round(3).tolist()
    [3.0, 1.0]
    """
    factors, values = aligned(futures, outcome)
    number = factors.shape[1]
    points = np.column_stack([_places(factors[name]) for name in factors])
    count, rest = divmod(len(points), number + 1)
    steps = np.diff(points.reshape(count, -1, number), axis=1) != 0 if not rest else np.zeros(1)
    if rest or not (steps.sum(axis=2) == 1).all() or not (steps.sum(axis=1) == 1).all():
        raise InputError("futures: no trajectories: use a sweep with design.kind=morris")
    known = ~np.isnan(values).reshape(count, -1).any(axis=1)
    if known.sum() < MORRIS_TRAJECTORIES:
        raise InputError(
            f"outcome: {known.sum()} trajectories are too few, screening takes"
            f" {MORRIS_TRAJECTORIES}"
        )
    from SALib.analyze import morris

    kept = np.repeat(known, number + 1)
    found = morris.analyze(
        {"num_vars": number, "names": list(factors), "bounds": [[0.0, 1.0]] * number},
        points[kept],
        values[kept],
        num_resamples=1000,
        conf_level=CONFIDENCE,
        num_levels=MORRIS_LEVELS,
        seed=1,
    )
    index, half = np.array(found["mu_star"], float), np.array(found["mu_star_conf"], float)
    table = pd.DataFrame({"factor": list(factors), "index": index})
    table["low"], table["high"] = np.maximum(index - half, 0.0), index + half
    table["noise"] = MINOR * index.max()
    table["matters"] = table["low"] > table["noise"]
    table["sigma"] = np.array(found["sigma"], float)
    return table.sort_values("index", ascending=False, kind="stable", ignore_index=True)


def delta_indices(
    futures: pd.DataFrame,
    outcome: pd.Series | npt.ArrayLike,
    *,
    resamples: int = 40,
) -> pd.DataFrame:
    """Return Borgonovo's delta: how far knowing a factor moves the density of the outcome.

    delta = 1/2 E(integral of |f(y) - f(y | x)| dy), between 0 (independent) and 1, for any sample
    of futures (Borgonovo 2007; estimated in classes of equally many futures as in Plischke et al.
    2013). As with `pawn` a factor without influence does not get 0, and ``noise`` is the level that
    all factors together stay under in 95 % of shuffles.

    Parameters
    ----------
    futures : DataFrame
        A column per factor, numeric or text; with ``future`` or without. Any design.
    outcome : Series (by ``future``) or array_like
        One number per future; futures without one are left out.
    resamples : int
        Bootstrap samples, and shuffles for the noise.

    Returns
    -------
    DataFrame
        As `pawn`: ``factor, index, low, high, noise, matters``, largest index first.

    Raises
    ------
    InputError
        With fewer than 30 futures that have an outcome.

    References
    ----------
    Borgonovo, E. (2007). A new uncertainty importance measure. Reliability Engineering and System
    Safety 92, 771-784. doi:10.1016/j.ress.2006.04.015

    Plischke, E., Borgonovo, E. and Smith, C. L. (2013). Global sensitivity measures from given
    data. European Journal of Operational Research 226, 536-550. doi:10.1016/j.ejor.2012.11.047

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> futures = pd.DataFrame(np.random.default_rng(0).random((200, 2)), columns=["need", "size"])
    >>> table = delta_indices(futures, futures["need"] ** 2, resamples=20)
    >>> table["factor"].tolist(), table["matters"].tolist()
    (['need', 'size'], [True, False])
    """
    factors, values = known_outcomes(futures, outcome, "delta")
    generator = np.random.default_rng(1)
    drawn = generator.integers(len(values), size=(resamples, len(values)))
    shuffled = [generator.permutation(values) for _ in range(resamples)]

    def found(factor: pd.Series) -> Found | None:
        points = _places(factor)
        if np.ptp(points) == 0 or np.ptp(values) == 0:
            return None
        return (
            _delta(points, values),
            [_delta(points[rows], values[rows]) for rows in drawn],
            [_delta(points, other) for other in shuffled],
        )

    return index_table(factors, found, resamples)


def _places(factor: pd.Series) -> Floats:
    """Return a factor as numbers; options of a choice by their order in the alphabet."""
    if is_number(factor):
        return factor.to_numpy(np.float64)
    return np.unique(factor.astype(str), return_inverse=True)[1].astype(np.float64)


def _delta(points: Floats, values: Floats) -> float:
    """Return delta of one factor; Gaussian kernels, Silverman's width."""
    order = np.argsort(points, kind="stable")
    count = len(values)
    options, sizes = np.unique(points, return_counts=True)
    classes = min(int(np.ceil(count ** (2 / (7 + np.tanh((1500 - count) / 500))))), 48)
    edges = (
        np.cumsum(sizes)
        if len(options) <= classes
        else np.arange(1, classes + 1) * count // classes
    )
    grid = np.linspace(values.min(), values.max(), _GRID)
    whole = _density(grid, values)
    total = 0.0
    for group in np.split(values[order], edges[:-1]):
        if np.ptp(group) > 0:
            apart = np.trapezoid(np.abs(_density(grid, group) - whole), grid)
            total += len(group) / (2 * count) * float(apart)
    return total


def _density(grid: Floats, values: Floats) -> Floats:
    width = values.std(ddof=1) * (0.75 * len(values)) ** -0.2
    kernels = np.exp(-0.5 * ((grid[:, None] - values) / width) ** 2)
    return kernels.sum(axis=1) / (len(values) * width * np.sqrt(2 * np.pi))
