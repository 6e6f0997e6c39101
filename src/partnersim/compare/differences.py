"""How much one policy differs from another, run by run with the same luck."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from partnersim.compare.comparison import paired_differences
from partnersim.compare.measures import (
    amount,
    between,
    called,
    decimals_of,
    listed,
    titled,
)
from partnersim.runs.wording import metric_label

#: Of all intervals together.
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Difference:
    """A policy against another on one measure.

    Attributes
    ----------
    metric, policy, base : str
        Mean of `policy` minus mean of `base`.
    mean, low, high : float
        The difference and its interval, simultaneous over compared policies and measures.
    pairs : int
        Runs that have a partner under the other policy.
    """

    metric: str
    policy: str
    base: str
    mean: float
    low: float
    high: float
    pairs: int

    @property
    def verdict(self) -> int:
        """1 if clearly better than the base, -1 if clearly worse, 0 if it cannot be told."""
        if not (self.low > 0 or self.high < 0):
            return 0
        return 1 if (self.mean > 0) == (metric_label(self.metric).better == "more") else -1

    @property
    def amount(self) -> str:
        """The size of a clear difference with its interval, as ``4.1 (3.3 to 4.9)``."""
        digits = self._decimals
        low, high = sorted((abs(self.low), abs(self.high)))
        interval = between(self.metric, low, high, digits)
        least, _, most = interval.partition(" to ")
        if not any(digit in least for digit in "123456789"):
            interval = f"just above 0 to {most}"
        return f"{amount(self.metric, self.mean, digits)} ({interval})"

    @property
    def signed(self) -> str:
        """The difference with its sign and interval, as ``+0.2 (−0.4 to +0.8)``."""
        digits = self._decimals
        mean = amount(self.metric, self.mean, digits, sign=True)
        if not np.isfinite(self.low):
            return mean
        return f"{mean} ({between(self.metric, self.low, self.high, digits, sign=True)})"

    @property
    def sentence(self) -> str:
        """The difference in words."""
        policy, base, title = called(self.policy), called(self.base), titled(self.metric)
        if self.mean == 0 and self.low == 0 == self.high:
            return f"{policy} and {base} are exactly equal on {title}"
        if not np.isfinite(self.low):
            return (
                f"{policy} differs from {base} on {title} by {self.signed}, but so few runs tell "
                "no uncertainty"
            )
        if self.verdict == 0:
            return f"{policy} cannot be told apart from {base} on {title}: {self.signed}"
        verb = "beats" if self.verdict > 0 else "is worse than"
        return f"{policy} {verb} {base} on {title} by {self.amount}"

    @property
    def _decimals(self) -> int:
        return decimals_of(self.metric, (self.high - self.low) / 2)


def compared(policy: str, base: str, told: Sequence[Difference], *, most: int = 3) -> str:
    """Say on which measures a policy is clearly better or worse than another.

    Parameters
    ----------
    policy, base : str
        The two policies.
    told : sequence of Difference
        One per measure, of `policy` to `base`.
    most : int
        At most so many measures are named on each side.
    """
    better = [one for one in told if one.verdict > 0]
    worse = [one for one in told if one.verdict < 0]
    parts = []
    if better:
        parts.append(f"clearly better than {called(base)} on {named(better, most)}")
    if worse:
        beside = "" if better else f" than {called(base)}"
        parts.append(f"clearly worse{beside} on {named(worse, most)}")
    open_ = len(told) - len(better) - len(worse)
    if not parts:
        return f"{called(policy)} cannot be told apart from {called(base)} on any measure"
    if open_:
        parts.append(f"not to be told apart from it on {open_} other{'s' if open_ > 1 else ''}")
    return f"{called(policy)} is {', '.join(parts)}"


def named(told: Sequence[Difference], most: int) -> str:
    """Return the first measures in words, and how many more there are."""
    titles = [titled(one.metric) for one in told]
    if len(titles) > most:
        titles = [*titles[: most - 1], f"{len(titles) - most + 1} more"]
    return listed(titles)


def differences(
    runs: pd.DataFrame, metric: str, base: str, *, sampled: bool, measures: int = 1
) -> dict[str, Difference]:
    """Return the difference of every other policy to `base`.

    Parameters
    ----------
    runs : DataFrame
        ``policy``, ``point``, ``replicate`` and the metric.
    metric : str
        The measure.
    base : str
        The policy compared with.
    sampled : bool
        Whether the futures are a sample, whose choice is uncertain as well.
    measures : int
        So many measures are compared; the intervals hold together for all of them, and for all
        policies, with 95 % confidence (Bonferroni).

    Returns
    -------
    dict of str to Difference
        By policy.
    """
    told = {}
    futures = "sampled" if sampled else "listed"
    confidence = 1 - (1 - CONFIDENCE) / measures
    found = paired_differences(runs, metric, base, confidence=confidence, futures=futures)
    for row in found.itertuples(index=False):
        told[str(row.policy)] = Difference(
            metric,
            str(row.policy),
            base,
            float(row.mean),
            float(row.low),
            float(row.high),
            int(row.pairs),
        )
    return told
