"""The way of PRIM from all points to a small box: peel off, then paste back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from partnersim.compare.box import Limits, Range, within
from partnersim.compare.points import is_number

#: Share of the points in a box that one step takes from an end, or gives back to it.
STEP = 0.05

Mask = npt.NDArray[np.bool_]


class Candidate(NamedTuple):
    """A box that differs from the present one in one factor."""

    factor: str
    limit: Range | tuple[str, ...] | None
    """None if the factor is free again."""
    allowed: Mask
    """Points that keep to the limit of this factor."""
    points: Mask
    """Points in the box."""


def trajectory(factors: pd.DataFrame, failing: Mask, fewest: int) -> list[Limits]:
    """Return the boxes on the way, from all points to the last.

    A peel takes 5 % of the points in the box at one end of a numeric factor (more where values are
    tied), or one option of a choice. Of all that leave enough points, the one is taken that raises
    the share that fails most per point lost; of equals the one that restricts fewer factors, then
    the first. A paste gives 5 % of the points beyond a limit back, or an option; it is taken if it
    raises the share that fails, most per point won. This is the method of ema_workbench with its
    default objective.

    Parameters
    ----------
    factors : DataFrame
        Numbers and text.
    failing : ndarray of bool
        Which points fail.
    fewest : int
        Points that a box must keep.
    """
    limits: Limits = {}
    allowed = {factor: np.ones(len(factors), np.bool_) for factor in factors.columns}
    boxes = [limits]
    for steps, sign in ((_peels, -1), (_pastes, 1)):
        while True:
            box = np.logical_and.reduce(list(allowed.values()))
            best = _best(steps(factors, limits, allowed, box), limits, failing, box, sign, fewest)
            if best is None:
                break
            allowed = {**allowed, best.factor: best.allowed}
            changed = {**limits, best.factor: best.limit}
            limits = {name: kept for name in factors.columns if (kept := changed.get(name))}
            boxes.append(limits)
    return boxes


def _best(
    candidates: Iterator[Candidate],
    limits: Limits,
    failing: Mask,
    box: Mask,
    sign: int,
    fewest: int,
) -> Candidate | None:
    """Return the candidate that raises the share that fails most per point; None if none does."""
    share = failing[box].mean()
    chosen, highest = None, (0.0, 0)
    for candidate in candidates:
        count = int(candidate.points.sum())
        change = sign * (count - int(box.sum()))
        if count < fewest or change <= 0:
            continue
        gain = (failing[candidate.points].mean() - share) / change
        restricted = len(limits.keys() | {candidate.factor}) - (candidate.limit is None)
        if gain > 0 and (gain, -restricted) > highest:
            chosen, highest = candidate, (gain, -restricted)
    return chosen


def _peels(
    factors: pd.DataFrame, limits: Limits, allowed: dict[str, Mask], box: Mask
) -> Iterator[Candidate]:
    """Return the boxes that are one peel smaller."""
    for factor in factors.columns:
        values = factors[factor].to_numpy()
        if not is_number(factors[factor]):
            options = limits.get(factor, tuple(sorted(set(values))))
            for option in options if len(options) > 1 else ():
                limit = tuple(str(name) for name in options if name != option)
                yield Candidate(factor, limit, within(values, limit), box & (values != option))
            continue
        present = limits.get(factor)
        low, high = present if isinstance(present, Range) else (None, None)
        inner = np.sort(values[box])
        for smaller in (Range(low, _cut(inner, 1 - STEP)), Range(_cut(inner, STEP), high)):
            keeps = within(values, smaller)
            yield Candidate(factor, smaller, keeps, box & keeps)


def _pastes(
    factors: pd.DataFrame, limits: Limits, allowed: dict[str, Mask], box: Mask
) -> Iterator[Candidate]:
    """Return the boxes that are one paste larger."""
    for factor, limit in limits.items():
        values = factors[factor].to_numpy()
        others = [mask for name, mask in allowed.items() if name != factor]
        rest = np.logical_and.reduce(others) if others else np.ones(len(values), np.bool_)
        wider: list[Range | tuple[str, ...]] = []
        if not isinstance(limit, Range):
            options = sorted(set(values))
            wider = [
                tuple(name for name in options if name in limit or name == option)
                for option in options
                if option not in limit
            ]
        else:
            if limit.low is not None:
                beyond = np.sort(values[rest & (values < limit.low)])
                wider.append(Range(_cut(beyond, 1 - STEP) if len(beyond) else None, limit.high))
            if limit.high is not None:
                beyond = np.sort(values[rest & (values > limit.high)])
                wider.append(Range(limit.low, _cut(beyond, STEP) if len(beyond) else None))
        for larger in wider:
            keeps = within(values, larger)
            free = larger == Range(None, None) or bool(keeps.all())
            yield Candidate(factor, None if free else larger, keeps, rest & keeps)


def _cut(ascending: npt.NDArray[np.float64], share: float) -> float:
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
