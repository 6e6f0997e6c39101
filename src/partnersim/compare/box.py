"""A box in the space of the factors: futures with something in common, and how many fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from partnersim.arrays import Truths
from partnersim.compare.tables import aligned
from partnersim.errors import InputError

#: Smallest share of the futures in a box.
SMALLEST_MASS = 0.05
#: Fewer futures cannot tell where failures lie from where they happen to lie.
FEWEST_FUTURES = 20


class Range(NamedTuple):
    """Bounds of a numeric factor; both belong to the box, None is no bound."""

    low: float | None
    high: float | None


Limit = Range | tuple[str, ...]
Limits = dict[str, Limit]


@dataclass(frozen=True)
class Box:
    """Futures that have something in common: most failures, few successes.

    With H the failing and T all futures in the box, of F failing and N futures in all:
    ``coverage = H / F``, ``density = H / T``, ``mass = T / N`` (Friedman and Fisher 1999; Bryant
    and Lempert 2010).
    """

    limits: Limits
    """Factors that the box restricts: bounds, or the options of a choice; others are free."""
    coverage: float
    """Share of all failures that lie in the box."""
    density: float
    """Share of the box's futures that fail."""
    mass: float
    """Share of all futures that lie in the box."""
    cases: int
    """Futures in the box."""
    p_values: dict[str, float]
    """For every restricted factor, the probability that as many or more failures would lie among as
    many futures by chance, had the factor not been restricted (a one-sided binomial test;
    *quasi*-p, because the box was looked for in the same futures)."""


def inside(futures: pd.DataFrame, limits: Limits) -> Truths:
    """Tell which futures keep to all limits."""
    keeps = np.ones(len(futures), dtype=np.bool_)
    for factor, limit in limits.items():
        keeps &= within(futures[factor].to_numpy(), limit)
    return keeps


def within(values: npt.NDArray, limit: Limit) -> Truths:
    """Tell which values of a factor keep to its limit."""
    if not isinstance(limit, Range):
        return np.isin(values.astype(str), limit)
    low = -np.inf if limit.low is None else limit.low
    high = np.inf if limit.high is None else limit.high
    return np.asarray((values >= low) & (values <= high))


def measured(
    limits: Limits, factors: pd.DataFrame, fails: Truths, among: Truths | None = None
) -> Box:
    """Return the box with its coverage, density, mass and quasi-p values.

    Parameters
    ----------
    limits : mapping of factor to limit
    factors : DataFrame
        All futures.
    fails : ndarray of bool
        Which of them fail.
    among : ndarray of bool, optional
        Futures that earlier boxes have left over; all by default. Coverage and mass are shares of
        all futures nevertheless.
    """
    from scipy.special import bdtrc

    rest = np.ones(len(factors), np.bool_) if among is None else among
    members = inside(factors, limits) & rest
    cases, hits = int(members.sum()), int((members & fails).sum())
    p_values = {}
    for factor in limits:
        without = {name: limit for name, limit in limits.items() if name != factor}
        wider = inside(factors, without) & rest
        share = (wider & fails).sum() / max(int(wider.sum()), 1)
        p_values[factor] = float(bdtrc(hits - 1, cases, share)) if hits else 1.0
    return Box(
        limits=limits,
        coverage=hits / max(int(fails.sum()), 1),
        density=hits / max(cases, 1),
        mass=cases / len(factors),
        cases=cases,
        p_values=p_values,
    )


def checked_failures(
    futures: pd.DataFrame, fails: pd.Series | npt.ArrayLike
) -> tuple[pd.DataFrame, Truths]:
    """Return factors and failures of the futures that have both.

    Raises
    ------
    InputError
        With fewer than 20 futures, or values other than true and false (0 and 1).
    """
    if "future" in futures and isinstance(fails, pd.Series):
        # The order of the rows then decides nothing.
        futures = futures.sort_values("future")
    factors, values = aligned(futures, fails)
    known = ~np.isnan(values)
    if not np.isin(values[known], (0.0, 1.0)).all():
        raise InputError("fails: only true and false are allowed; compare with a threshold first")
    if known.sum() < FEWEST_FUTURES:
        raise InputError(
            f"fails: {known.sum()} futures given, at least {FEWEST_FUTURES} are needed to find "
            "boxes"
        )
    return factors[known].reset_index(drop=True), values[known] == 1.0
