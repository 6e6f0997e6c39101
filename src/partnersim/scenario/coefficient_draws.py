"""Coefficients drawn from their posterior: a normal cut off at the ends of the plausible ranges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from partnersim.arrays import Floats, Truths
from partnersim.errors import InputError
from partnersim.random.elementary import each_exp, each_log
from partnersim.scenario.behaviour import Behaviour
from partnersim.scenario.numeric_settings import varied
from partnersim.scenario.scenario import Scenario
from partnersim.world.tables import PACKAGE_DATA

#: Name of the estimated set of coefficients, and of its file in ``configs/behaviour``.
ESTIMATED = "estimated"
COVARIANCE = PACKAGE_DATA / "coefficient_covariance.csv"

#: A draw outside a plausible range is drawn again, in batches, so many times at most.
_BATCH, _TRIES = 32, 64
#: Rounded values may stand a little outside the end of a range.
_EDGE = 1e-6


@dataclass(frozen=True, eq=False)
class CoefficientCovariance:
    """Uncertainty of the estimated coefficients.

    Attributes
    ----------
    names : tuple of str
    logarithmic : (P,) array of bool
        Whether the matrix is that of the logarithm.
    low, high : (P,) array
        Ends of the plausible range: the posterior is cut off there, as the prior is.
    matrix : (P, P) array
    """

    names: tuple[str, ...]
    logarithmic: Truths
    low: Floats
    high: Floats
    matrix: Floats


@cache
def read_covariance() -> CoefficientCovariance:
    """Return the covariance that belongs to the estimated coefficients."""
    rows = pd.read_csv(COVARIANCE, index_col="coefficient")
    names = tuple(str(name) for name in rows.index)
    return CoefficientCovariance(
        names,
        (rows["scale"] == "log").to_numpy(),
        rows["low"].to_numpy(np.float64),
        rows["high"].to_numpy(np.float64),
        rows[list(names)].to_numpy(np.float64),
    )


def draw_coefficients(
    behaviour: Behaviour, seed: int, count: int, covariance: CoefficientCovariance | None = None
) -> pd.DataFrame:
    """Draw coefficients from their posterior.

    Parameters
    ----------
    behaviour : Behaviour
        Where the posterior is centred: the estimated table, or one changed by hand.
    seed : int
        The same seed gives the same draws; the first ones do not depend on ``count``.
    count : int
        How many.
    covariance : CoefficientCovariance, optional
        That of the shipped estimate if left out.

    Returns
    -------
    DataFrame
        One row per draw, one column per coefficient of the rules. Coefficients that are not
        estimated keep their value.

    Raises
    ------
    InputError
        If no coefficient of the table is estimated, or the table was changed so much that no draw
        lies within the plausible ranges.

    Examples
    --------
    >>> from partnersim import load_scenario
    >>> draw_coefficients(load_scenario().behaviour, seed=1, count=3).shape
    (3, 84)
    """
    if not behaviour.named_by_origin("estimated"):
        raise InputError(
            f"behaviour '{behaviour.name}' has no estimated coefficient to draw; use"
            f" behaviour={ESTIMATED}"
        )
    known = read_covariance() if covariance is None else covariance
    values = behaviour.values()
    centre = np.array([values[name] for name in known.names])
    low, high = known.low.copy(), known.high.copy()
    for numbers in (centre, low, high):
        numbers[known.logarithmic] = each_log(numbers[known.logarithmic])
    root = _root(known.matrix)
    drawn = np.stack([_draw(centre, root, low, high, seed, row) for row in range(count)])
    drawn[:, known.logarithmic] = each_exp(drawn[:, known.logarithmic])
    frame = pd.DataFrame({name: np.full(count, value) for name, value in values.items()})
    frame[list(known.names)] = drawn
    return frame


def _draw(centre: Floats, root: Floats, low: Floats, high: Floats, seed: int, row: int) -> Floats:
    """Return one draw within the plausible ranges, logarithms where the scale is logarithmic."""
    generator = np.random.Generator(np.random.Philox(key=[seed, row]))
    for _ in range(_TRIES):
        noise = generator.standard_normal((_BATCH, 1, len(centre)))
        # Not a matrix product: its last digit may differ between machines.
        tried = centre + (noise * root).sum(axis=2)
        inside = np.flatnonzero(((tried >= low - _EDGE) & (tried <= high + _EDGE)).all(axis=1))
        if len(inside):
            return np.clip(tried[inside[0]], low, high)
    raise InputError(
        "behaviour: the coefficients lie so far outside their plausible ranges that none can be"
        " drawn from the posterior"
    )


def _root(matrix: Floats) -> Floats:
    """Return a triangular root of a covariance whose rows may be zero."""
    inside = np.flatnonzero(np.diag(matrix) > 0.0)
    root = np.zeros_like(matrix)
    root[np.ix_(inside, inside)] = np.linalg.cholesky(matrix[np.ix_(inside, inside)])
    return root


def with_values(scenario: Scenario, values: Mapping[str, float]) -> Scenario:
    """Return a scenario with other values of some coefficients."""
    place = ("behaviour", "coefficients")
    return varied(scenario, {(*place, name, "value"): float(values[name]) for name in values})
