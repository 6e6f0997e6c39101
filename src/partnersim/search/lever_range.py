"""The levers that a search moves: which, between what ends, in what steps."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import numpy as np

from partnersim.arrays import Floats
from partnersim.errors import InputError, nearest, read_each
from partnersim.scenario.numeric_settings import NumericSetting
from partnersim.scenario.policy import Policy
from partnersim.scenario.problems import allowed_range
from partnersim.scenario.settings import Shares
from partnersim.search.goals import parts_of

#: What a search moves unless it is told otherwise.
USUAL = ("negotiators", "openness", "priorities", "offer.envelope", "offer.mix", "offer.targeting")
#: Weights, of which only the proportions count, have ends of their own.
WEIGHTS = ("policy.priorities.", "policy.offer.mix.", "policy.offer.targeting.")
_OF_WEIGHTS = (0.01, 1.0)
#: A lever without ends goes up to so many times its value in the policy that is changed.
_TIMES = 3.0
#: A range has about so many steps: mixes that people can read.
_STEPS = 100


@dataclass(frozen=True)
class LeverRange:
    """A lever and the ends between which it is moved.

    Attributes
    ----------
    path : str
        Such as ``policy.negotiators``.
    keys : tuple of str
        Where it stands in a scenario.
    low, high : float
    whole : bool
        Whether only whole numbers are allowed.
    """

    path: str
    keys: tuple[str, ...]
    low: float
    high: float
    whole: bool

    @property
    def decimals(self) -> int:
        """Digits after the point to which its values are rounded; negative: tens, hundreds."""
        step = (self.high - self.low) / _STEPS
        digits = -math.floor(math.log10(step))
        return max(digits, 0) if self.whole else digits

    def at(self, share: Floats) -> Floats:
        """Return the values at shares of the range, 0..1, rounded to readable steps."""
        decimals = 0 if self.whole else self.decimals
        values = np.round(self.low + share * (self.high - self.low), decimals)
        return np.clip(values, self.low, self.high)

    def share(self, value: float) -> float:
        """Return where a value lies in the range, 0..1."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


def lever_ranges(
    text: str, numbers: Mapping[str, NumericSetting], policy: Policy
) -> list[LeverRange]:
    """Return the levers that a word such as ``negotiators:200:900,offer.mix`` names.

    Parameters
    ----------
    text : str
        Paths with or without ``policy.`` in front, of single levers or of groups, each with ends
        (``:LOW:HIGH``) or without. Empty: `USUAL`.
    numbers : mapping of str to NumericSetting
        Every number of a scenario.
    policy : Policy
        What is changed; it decides ends that are not named.

    Raises
    ------
    InputError
        One line per lever that cannot be moved so.
    """
    levers = {path: setting for path, setting in numbers.items() if setting.keys[0] == "policy"}

    def read(part: str) -> dict[str, LeverRange]:
        name, *ends = part.split(":")
        path = name if name.startswith("policy.") else f"policy.{name}"
        below = [one for one in levers if one == path or one.startswith(f"{path}.")]
        if not below:
            raise InputError(f"levers: no lever '{name}'{nearest(path, levers)}")
        return {one: _ranged(levers[one], ends, policy) for one in below}

    found: dict[str, LeverRange] = {}
    for ranges in read_each(parts_of(text, ",") or USUAL, read):
        found.update(ranges)
    return [found[path] for path in sorted(found)]


def _ranged(setting: NumericSetting, ends: list[str], policy: Policy) -> LeverRange:
    low, high = float(setting.notes["low"]), float(setting.notes["high"])
    if ends:
        try:
            first, last = map(float, ends)
        except ValueError:
            raise InputError(
                f"levers: {setting.path}:{':'.join(ends)}: write NAME:LOW:HIGH"
            ) from None
        if not low <= first < last <= high:
            kind = int if setting.whole else float
            raise InputError(
                f"levers: {setting.path}:{':'.join(ends)}: LOW below HIGH, each"
                f" {allowed_range(kind, dict(setting.notes))}"
            )
        low, high = first, last
    elif setting.path.startswith(WEIGHTS):
        group = attrgetter(".".join(setting.keys[1:-1]))(policy)
        low, high = _OF_WEIGHTS[0], max(_OF_WEIGHTS[1], *group.written().values())
    else:
        value = value_of(policy, setting.keys)
        high = min(high, _TIMES * value) if value > low else high
    return LeverRange(setting.path, setting.keys, low, high, setting.whole)


def value_of(policy: Policy, keys: tuple[str, ...]) -> float:
    """Return the value that a policy gives a lever; what it leaves out, such as a region, is 1."""
    found: Any = policy
    for key in keys[1:]:
        if isinstance(found, Shares):
            found = found.written()
        found = found.get(key, 1.0) if isinstance(found, dict) else getattr(found, key)
    return float(found)
