"""PRIM, the patient rule induction method: one box of failures after another."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from partnersim.arrays import Floats, Truths
from partnersim.compare.box import (
    SMALLEST_MASS,
    Box,
    Limit,
    Limits,
    Range,
    checked_failures,
    inside,
    measured,
    within,
)
from partnersim.compare.tables import is_number

#: So many boxes are looked for at most.
MOST_BOXES = 3
#: Share of the futures in a box that one step takes from an end, or gives back to it.
STEP = 0.05
#: A restriction that would arise by chance more often than this is given up.
SIGNIFICANCE = 0.05


def prim(futures: pd.DataFrame, fails: pd.Series | npt.ArrayLike) -> list[Box]:
    """Return the boxes in which a policy fails, found by the patient rule induction method.

    From all futures, PRIM peels off 5 % at a time at one end of one factor (or one option of a
    choice), whichever raises the share that fails most per future lost, and pastes back what raises
    it too (Friedman and Fisher 1999; as in Kwakkel's ema_workbench, see `trajectory`). Of the boxes
    on the way, the one with the highest harmonic mean of coverage and density is taken.
    Restrictions whose quasi-p value is above 0.05 are dropped, least significant first (Bryant and
    Lempert 2010). The next box is looked for among the futures that are left. There are three at
    most, and 5 % of the futures in each at least.

    Parameters
    ----------
    futures : DataFrame
        A column per factor, numeric or text; with ``future`` or without.
    fails : Series of bool (by ``future``) or array_like
        Where the policy fails, e.g. from `failing_futures`.

    Returns
    -------
    list of Box
        In the order found. A box counts only futures that are in none before. Empty if nothing
        fails or no significant restriction is left; if everything fails, one box without limits.

    Raises
    ------
    InputError
        For futures or failures that cannot be used.

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
    factors, failing = checked_failures(futures, fails)
    if not failing.any():
        return []
    if failing.all():
        return [measured({}, factors, failing)]
    boxes: list[Box] = []
    left = np.ones(len(failing), np.bool_)
    while len(boxes) < MOST_BOXES and (left & failing).any():
        limits = _significant(_best(factors, failing, left), factors, failing, left)
        box = measured(limits, factors, failing, left)
        if not limits or box.density <= failing.mean():
            break
        boxes.append(box)
        left = left & ~inside(factors, limits)
    return boxes


def _best(factors: pd.DataFrame, failing: Truths, left: Truths) -> Limits:
    """Return the box on the peeling trajectory with the highest mean of coverage and density."""
    rest, fails = factors[left].reset_index(drop=True), failing[left]
    fewest = max(1, math.ceil(SMALLEST_MASS * len(factors)))

    def harmonic_mean(limits: Limits) -> float:
        members = inside(rest, limits)
        return float(2 * (members & fails).sum() / (members.sum() + fails.sum()))

    return max(trajectory(rest, fails, fewest), key=harmonic_mean)


def _significant(limits: Limits, factors: pd.DataFrame, failing: Truths, left: Truths) -> Limits:
    """Drop restrictions that chance would bring about, the least significant first."""
    while limits:
        p_values = measured(limits, factors, failing, left).p_values
        weakest = max(p_values, key=lambda factor: p_values[factor])
        if p_values[weakest] <= SIGNIFICANCE:
            break
        limits = {factor: limit for factor, limit in limits.items() if factor != weakest}
    return limits


def trajectory(factors: pd.DataFrame, failing: Truths, fewest: int) -> list[Limits]:
    """Return the boxes on the way, from all futures to the last.

    A peel takes 5 % of the futures in the box at one end of a numeric factor (more where values are
    tied), or one option of a choice. Of all that leave enough futures, the one is taken that raises
    the share that fails most per future lost; of equals the one that restricts fewer factors, then
    the first. A paste gives 5 % of the futures beyond a limit back, or an option; it is taken if it
    raises the share that fails, most per future won. This is the method of ema_workbench with its
    default objective.

    Parameters
    ----------
    factors : DataFrame
        Numbers and text.
    failing : ndarray of bool
        Which futures fail.
    fewest : int
        Futures that a box must keep.
    """
    boxes: list[Limits] = [{}]
    for steps, sign in ((_peels, -1), (_pastes, 1)):
        while True:
            found = _best_step(steps(factors, boxes[-1]), factors, boxes[-1], failing, sign, fewest)
            if found is None:
                break
            boxes.append(found)
    return boxes


def _best_step(
    steps: Iterator[tuple[str, Limit]],
    factors: pd.DataFrame,
    limits: Limits,
    failing: Truths,
    sign: int,
    fewest: int,
) -> Limits | None:
    """Return the limits that raise the share that fails most per future; None if none do."""
    box = inside(factors, limits)
    share = failing[box].mean()
    chosen, highest = None, (0.0, 0)
    for factor, limit in steps:
        keeps = within(factors[factor].to_numpy(), limit)
        others = {name: other for name, other in limits.items() if name != factor}
        members = keeps & (inside(factors, others) if factor in limits else box)
        # A limit that all keep to is none: the factor is free again.
        changed = others if keeps.all() else {**others, factor: limit}
        count = int(members.sum())
        change = sign * (count - int(box.sum()))
        if count < fewest or change <= 0:
            continue
        gain = (failing[members].mean() - share) / change
        if gain > 0 and (gain, -len(changed)) > highest:
            chosen, highest = changed, (gain, -len(changed))
    # In the order of the factors.
    return chosen and {name: chosen[name] for name in factors.columns if name in chosen}


def _peels(factors: pd.DataFrame, limits: dict[str, Any]) -> Iterator[tuple[str, Limit]]:
    """Yield the limits of boxes that are one peel smaller."""
    box = inside(factors, limits)
    for factor in factors.columns:
        values = factors[factor].to_numpy()
        if is_number(factors[factor]):
            low, high = limits.get(factor, Range(None, None))
            inner = np.sort(values[box])
            yield factor, Range(low, _cut(inner, 1 - STEP))
            yield factor, Range(_cut(inner, STEP), high)
            continue
        options = limits.get(factor, tuple(sorted(set(values))))
        for option in options if len(options) > 1 else ():
            yield factor, tuple(str(name) for name in options if name != option)


def _pastes(factors: pd.DataFrame, limits: Limits) -> Iterator[tuple[str, Limit]]:
    """Yield the limits of boxes that are one paste larger."""
    for factor, limit in limits.items():
        values = factors[factor].to_numpy()
        if not isinstance(limit, Range):
            options = sorted(set(values))
            for option in options:
                if option not in limit:
                    yield factor, tuple(name for name in options if name in (*limit, option))
            continue
        rest = inside(factors, {name: other for name, other in limits.items() if name != factor})
        if limit.low is not None:
            beyond = np.sort(values[rest & (values < limit.low)])
            yield factor, Range(_cut(beyond, 1 - STEP) if len(beyond) else None, limit.high)
        if limit.high is not None:
            beyond = np.sort(values[rest & (values > limit.high)])
            yield factor, Range(limit.low, _cut(beyond, STEP) if len(beyond) else None)


def _cut(ascending: Floats, share: float) -> float:
    """Return a number that parts a share of the values from the others, never two that are equal.

    The gap between two values is looked for from the quantile on towards the inside; without one,
    the cut parts nothing.
    """
    place = (len(ascending) - 1) * share
    below, above = int(np.floor(place)), int(np.ceil(place))
    if share > 0.5:
        while ascending[below] == ascending[above] and below > 0:
            below -= 1
    else:
        while ascending[below] == ascending[above] and above < len(ascending) - 1:
            above += 1
    return float((ascending[below] + ascending[above]) / 2)
