"""PRIM, the patient rule induction method: one box of failures after another."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from partnersim.compare.box import Box, Limits, inside, measured
from partnersim.compare.discovery import checked_failures
from partnersim.compare.peeling import trajectory

#: A restriction that would arise by chance more often than this is given up.
SIGNIFICANCE = 0.05


def prim(
    points: pd.DataFrame,
    fails: pd.Series | npt.ArrayLike,
    *,
    smallest_mass: float = 0.05,
    most_boxes: int = 3,
) -> list[Box]:
    """Return the boxes in which a policy fails, found by the patient rule induction method.

    From all points, PRIM peels off 5 % at a time at one end of one factor (or one option of a
    choice), whichever raises the share that fails most per point lost, and pastes back what raises
    it too (Friedman and Fisher 1999; as in Kwakkel's ema_workbench, see `peeling`). Of the boxes
    on the way, the one with the highest harmonic mean of coverage and density is taken.
    Restrictions whose quasi-p value is above 0.05 are dropped, least significant first (Bryant and
    Lempert 2010). The next box is looked for among the points that are left.

    Parameters
    ----------
    points : DataFrame
        A column per factor, numeric or text; with ``point`` or without.
    fails : Series of bool (by ``point``) or array_like
        Where the policy fails, e.g. from `failing_futures`.
    smallest_mass : float
        Smallest share of the points in a box, in (0, 1).
    most_boxes : int
        How many boxes are looked for at most.

    Returns
    -------
    list of Box
        In the order found. A box counts only points that are in none before. Empty if nothing
        fails or no significant restriction is left; if everything fails, one box without limits.

    Raises
    ------
    InputError
        For points or failures that cannot be used.

    References
    ----------
    Friedman, J. H. and Fisher, N. I. (1999). Bump hunting in high-dimensional data. Statistics and
    Computing 9, 123-143. doi:10.1023/A:1008894516817

    Bryant, B. P. and Lempert, R. J. (2010). Thinking inside the box: a participatory,
    computer-assisted approach to scenario discovery. Technological Forecasting and Social Change
    77, 34-49. doi:10.1016/j.techfore.2009.08.002

    Kwakkel, J. H. (2017). The Exploratory Modeling Workbench. Environmental Modelling and Software
    96, 239-250. doi:10.1016/j.envsoft.2017.06.054

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> need = np.linspace(0, 1, 201)
    >>> boxes = prim(pd.DataFrame({"need": need}), need < 0.3)
    >>> [(box.limits, box.coverage, round(box.density, 2)) for box in boxes]
    [({'need': Range(low=None, high=0.3075)}, 1.0, 0.97)]
    """
    factors, failing = checked_failures(points, fails, smallest_mass)
    if not failing.any():
        return []
    if failing.all():
        return [measured({}, factors, failing)]
    boxes: list[Box] = []
    left = np.ones(len(failing), np.bool_)
    while len(boxes) < most_boxes and (left & failing).any():
        limits = _significant(_best(factors, failing, left, smallest_mass), factors, failing, left)
        box = measured(limits, factors, failing, left)
        if not limits or box.density <= failing.mean():
            break
        boxes.append(box)
        left = left & ~inside(factors, limits)
    return boxes


def _best(
    factors: pd.DataFrame,
    failing: npt.NDArray[np.bool_],
    left: npt.NDArray[np.bool_],
    smallest_mass: float,
) -> Limits:
    """Return the box on the peeling trajectory with the best mean of coverage and density."""
    rest = factors[left].reset_index(drop=True)
    fewest = max(1, math.ceil(smallest_mass * len(factors)))
    candidates = trajectory(rest, failing[left], fewest)
    scores = [_score(limits, rest, failing[left]) for limits in candidates]
    return candidates[int(np.argmax(scores))]


def _score(limits: Limits, factors: pd.DataFrame, failing: npt.NDArray[np.bool_]) -> float:
    """Return the harmonic mean of coverage and density."""
    members = inside(factors, limits)
    return float(2 * (members & failing).sum() / (members.sum() + failing.sum()))


def _significant(
    limits: Limits,
    factors: pd.DataFrame,
    failing: npt.NDArray[np.bool_],
    left: npt.NDArray[np.bool_],
) -> Limits:
    """Drop restrictions that chance would bring about, the least significant first."""
    while limits:
        p_values = measured(limits, factors, failing, left).p_values
        weakest = max(p_values, key=lambda factor: p_values[factor])
        if p_values[weakest] <= SIGNIFICANCE:
            break
        limits = {factor: limit for factor, limit in limits.items() if factor != weakest}
    return limits
