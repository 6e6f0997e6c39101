"""A box in the space of the factors, and how it is told in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd


class Range(NamedTuple):
    """Bounds of a numeric factor; both belong to the box, None is no bound."""

    low: float | None
    high: float | None


Limits = dict[str, Range | tuple[str, ...]]


@dataclass(frozen=True)
class Box:
    """Futures that have something in common: most failures, few successes.

    With H the failing and T all points in the box, of F failing and N points in all:
    ``coverage = H / F``, ``density = H / T``, ``mass = T / N`` (Friedman and Fisher 1999; Bryant
    and Lempert 2010).
    """

    limits: Limits
    """Factors that the box restricts: bounds, or the options of a choice; others are free."""
    coverage: float
    """Share of all failures that lie in the box."""
    density: float
    """Share of the box's points that fail."""
    mass: float
    """Share of all points that lie in the box."""
    cases: int
    """Points in the box."""
    p_values: dict[str, float]
    """For every restricted factor, the probability that as many or more failures would lie among as
    many points by chance, had the factor not been restricted (a one-sided binomial test; *quasi*-p,
    because the box was looked for in the same points)."""

    def contains(self, points: pd.DataFrame) -> npt.NDArray[np.bool_]:
        """Tell which points lie in the box."""
        return inside(points, self.limits)

    def sentence(
        self, wording: Mapping[str, str] | None = None, *, subject: str = "the policy"
    ) -> str:
        """Tell the box in a sentence.

        Parameters
        ----------
        wording : mapping of str to str, optional
            How factors are called; by default by their own names.
        subject : str
            Who fails.

        Examples
        --------
        >>> limits = {"geopolitics": ("coercion",), "need": Range(None, 0.7)}
        >>> box = Box(limits, coverage=0.61, density=0.78, mass=0.2, cases=50, p_values={})
        >>> told = box.sentence(subject="balanced").split("; ")
        >>> told[0]
        'balanced fails in 78 % of futures in which geopolitics is coercion and need is at most 0.7'
        >>> told[1]
        'these are 61 % of all its failures'
        """
        called = wording or {}
        parts = [
            f"{called.get(factor, factor)} {told(limit)}" for factor, limit in self.limits.items()
        ]
        where = f"futures in which {joined(parts)}" if parts else "all futures"
        return (
            f"{subject} fails in {percent(self.density)} of {where}; "
            f"these are {percent(self.coverage)} of all its failures"
        )


def told(limit: Range | tuple[str, ...]) -> str:
    """Return a limit in words: ``is at most 0.7``, ``is calm or rivalry``."""
    if not isinstance(limit, Range):
        return f"is {joined([str(option) for option in limit], 'or')}"
    if limit.low is None:
        return f"is at most {limit.high:.3g}"
    if limit.high is None:
        return f"is at least {limit.low:.3g}"
    return f"is between {limit.low:.3g} and {limit.high:.3g}"


def joined(parts: list[str], last: str = "and") -> str:
    """Return ``a, b and c``."""
    return f" {last} ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))


def percent(share: float) -> str:
    """Return a share in percent; small and nearly full ones are not rounded to nothing or all."""
    if 0 < share < 0.01:
        return "less than 1 %"
    if 0.99 < share < 1:
        return "more than 99 %"
    return f"{100 * share:.0f} %"


def inside(points: pd.DataFrame, limits: Limits) -> npt.NDArray[np.bool_]:
    """Tell which points keep to all limits."""
    keeps = np.ones(len(points), dtype=np.bool_)
    for factor, limit in limits.items():
        keeps &= within(points[factor].to_numpy(), limit)
    return keeps


def within(values: npt.NDArray, limit: Range | tuple[str, ...]) -> npt.NDArray[np.bool_]:
    """Tell which values of a factor keep to its limit."""
    if not isinstance(limit, Range):
        return np.isin(values.astype(str), limit)
    low = -np.inf if limit.low is None else limit.low
    high = np.inf if limit.high is None else limit.high
    return np.asarray((values >= low) & (values <= high))


def measured(
    limits: Limits,
    factors: pd.DataFrame,
    fails: npt.NDArray[np.bool_],
    among: npt.NDArray[np.bool_] | None = None,
) -> Box:
    """Return the box with its coverage, density, mass and quasi-p values.

    Parameters
    ----------
    limits : mapping of factor to limit
    factors : DataFrame
        All points.
    fails : ndarray of bool
        Which of them fail.
    among : ndarray of bool, optional
        Points that earlier boxes have left over; all by default. Coverage and mass are shares of
        all points nevertheless.
    """
    from scipy.stats import binom

    rest = np.ones(len(factors), np.bool_) if among is None else among
    members = inside(factors, limits) & rest
    cases, hits = int(members.sum()), int((members & fails).sum())
    p_values = {}
    for factor in limits:
        without = {name: limit for name, limit in limits.items() if name != factor}
        wider = inside(factors, without) & rest
        share = (wider & fails).sum() / max(int(wider.sum()), 1)
        p_values[factor] = float(binom.sf(hits - 1, cases, share))
    return Box(
        limits=limits,
        coverage=hits / max(int(fails.sum()), 1),
        density=hits / max(cases, 1),
        mass=cases / len(factors),
        cases=cases,
        p_values=p_values,
    )
