"""Futures: points spread over the unit cube, and the values of factors that they stand for."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from partnersim.arrays import Floats, Integers
from partnersim.errors import InputError
from partnersim.random.elementary import each_exp, log
from partnersim.scenario.behaviour import Behaviour
from partnersim.scenario.coefficient_draws import draw_coefficients
from partnersim.scenario.design import Design, Factor

#: The column, and path, of the climate where it is a factor.
CLIMATE = "geopolitics"

#: A table of futures with more values than this is a slip of the pen, and fits no memory.
LARGEST_TABLE = 100_000_000


def sample(
    design: Design, climates: Sequence[str], whole: Sequence[str], behaviour: Behaviour
) -> pd.DataFrame:
    """Return the futures of a design.

    Parameters
    ----------
    design : Design
        Kind, points, seed and factors.
    climates : sequence of str
        The climate is a factor if there are several.
    whole : sequence of str
        Paths of the factors that take whole numbers only.
    behaviour : Behaviour
        Where the posterior of estimated coefficients is centred.

    Returns
    -------
    DataFrame
        ``future`` (0..P-1), then one column per factor, the climate first. The points of
        ``sobol_indices`` come in blocks of the base size n (Saltelli 2010): A, B, then A with
        the column of each factor in turn taken from B; P = n (factors + 2). Those of
        ``morris`` are trajectories of factors + 1 points, in which every factor moves once.

    Raises
    ------
    InputError
        If the table of futures would be too large.
    """
    names = [*([CLIMATE] if len(climates) > 1 else []), *design.factors]
    if design.table:
        return _own_points(design, climates)
    if design.kind == "grid":
        return _grid(design, climates, names, whole)
    assert design.points is not None
    blocks = {"sobol_indices": len(names) + 2, "morris": len(names) + 1}.get(design.kind, 1)
    _check_size(design.points * blocks, len(names), "choose fewer points or factors")
    unit = _unit_points(design, len(names))
    together = design.drawn_together
    drawn = draw_coefficients(behaviour, design.seed, len(unit)) if together else pd.DataFrame()
    columns: dict[str, object] = {"future": np.arange(len(unit), dtype=np.int64)}
    for place, name in enumerate(names):
        share = unit[:, place]
        if name == CLIMATE:
            columns[name] = [climates[number] for number in _choice(share, len(climates))]
        elif name in together:
            columns[name] = drawn[name.split(".")[-2]].to_numpy()
        else:
            columns[name] = values_at(design.factors[name], share, whole=name in whole)
    return pd.DataFrame(columns)


def _own_points(design: Design, climates: Sequence[str]) -> pd.DataFrame:
    """Return the futures that a table of own points lists, the climate first."""
    futures = pd.DataFrame({name: list(design.table[name]) for name in sorted(design.table)})
    if CLIMATE in futures:
        futures.insert(0, CLIMATE, futures.pop(CLIMATE))
    futures.insert(0, "future", np.arange(len(futures), dtype=np.int64))
    return futures.drop(columns=CLIMATE) if len(climates) == 1 and CLIMATE in futures else futures


def _check_size(futures: int, factors: int, instead: str) -> None:
    if futures * (factors + 1) > LARGEST_TABLE:
        raise InputError(
            f"design: {futures:,} futures with {factors} factors are too many (at most"
            f" {LARGEST_TABLE // (factors + 1):,}); {instead}"
        )


def _unit_points(design: Design, factors: int) -> Floats:
    """Return points of the unit cube, (P, factors)."""
    assert design.points is not None
    if factors == 0:
        return np.zeros((1, 0))
    # Imported when asked for: it takes half a second.
    from scipy.stats import qmc

    if design.kind == "latin_hypercube":
        return qmc.LatinHypercube(factors, rng=design.seed).random(design.points)
    if design.kind == "sobol":
        return qmc.Sobol(factors, scramble=True, rng=design.seed).random(design.points)
    if design.kind == "morris":
        from SALib.sample import morris

        cube = {"num_vars": factors, "bounds": [[0.0, 1.0]] * factors}
        cube["names"] = [str(factor) for factor in range(factors)]
        return np.array(morris.sample(cube, design.points, seed=design.seed))
    both = qmc.Sobol(2 * factors, scramble=True, rng=design.seed).random(design.points)
    first, second = both[:, :factors], both[:, factors:]
    mixed = [np.where(np.arange(factors) == taken, second, first) for taken in range(factors)]
    return np.concatenate([first, second, *mixed])


def _choice(share: Floats, count: int) -> Integers:
    return np.minimum((share * count).astype(np.int64), count - 1)


def values_at(factor: Factor, share: Floats, *, whole: bool) -> Floats:
    """Return the quantiles of a factor's distribution.

    Parameters
    ----------
    factor : Factor
        Its distribution.
    share : ndarray
        Probabilities, 0..1.
    whole : bool
        Whether only whole numbers count; then every one of the range is equally likely for
        ``uniform``, and values of the other distributions are rounded.
    """
    low, high = factor.low, factor.high
    if factor.values:
        return np.array(factor.values, float)[_choice(share, len(factor.values))]
    if factor.distribution == "uniform" and whole:
        return low + _choice(share, int(high - low) + 1).astype(float)
    if factor.distribution == "uniform":
        values = low + share * (high - low)
    elif factor.distribution == "log_uniform":
        values = low * each_exp(share * log(high / low))
    elif factor.distribution == "triangular":
        assert factor.mode is not None
        values = _triangular(share, low, factor.mode, high)
    else:
        from scipy.stats import truncnorm

        mean, deviation = factor.mean, factor.standard_deviation
        assert mean is not None
        assert deviation is not None
        ends = (low - mean) / deviation, (high - mean) / deviation
        values = truncnorm.ppf(share, *ends, loc=mean, scale=deviation)
    values = np.clip(values, low, high)
    return np.round(values) if whole else values


def _triangular(share: Floats, low: float, mode: float, high: float) -> Floats:
    """Return quantiles of the triangular distribution (inverse of its distribution function)."""
    below = (mode - low) / (high - low)
    rising = low + np.sqrt(share * (high - low) * (mode - low))
    falling = high - np.sqrt((1.0 - share) * (high - low) * (high - mode))
    return np.where(share < below, rising, falling)


def levels_of(factor: Factor, *, whole: bool) -> list[float]:
    """Return the values of a factor in a grid, ascending unless they are listed."""
    if factor.values:
        return list(factor.values)
    values = np.linspace(factor.low, factor.high, factor.levels)
    return [float(value) for value in dict.fromkeys(np.round(values) if whole else values)]


def _grid(
    design: Design, climates: Sequence[str], names: Sequence[str], whole: Sequence[str]
) -> pd.DataFrame:
    axes: list[Sequence[object]] = [
        list(climates) if name == CLIMATE else levels_of(design.factors[name], whole=name in whole)
        for name in names
    ]
    points = math.prod(len(axis) for axis in axes)
    _check_size(points, len(names), "use fewer levels or kind: latin_hypercube")
    futures = pd.DataFrame()
    if axes:
        futures = pd.MultiIndex.from_product(axes, names=names).to_frame(index=False)
    futures.insert(0, "future", np.arange(points, dtype=np.int64))
    return futures
