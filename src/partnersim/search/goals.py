"""What a search wants: objectives and constraints over futures, as users write them."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from partnersim.arrays import Floats
from partnersim.errors import InputError, nearest, read_each

#: Statistics over futures by name; beside them ``p10`` and the like.
STATISTICS = ("mean", "median", "min", "max")
_QUANTITY = re.compile(r"\s*([\w.]+)\s*(?::\s*(\w+)\s*)?")
_CONSTRAINT = re.compile(
    r"\s*([\w.]+)\s*(?::\s*(\w+)\s*)?(>=|<=)\s*([-+]?[\d.]+(?:e[-+]?\d+)?)\s*(%?)"
    r"\s*(?:\s+in\s+([\d.]+)\s*%)?\s*",
    re.IGNORECASE,
)
_SHAPE = "such as links>=400, links:p10>=400 or 'links>=400 in 90%'"


@dataclass(frozen=True)
class Quantity:
    """A number of a mix of levers: a statistic over futures of a metric, the cost, or a lever.

    Attributes
    ----------
    name : str
        Of a metric, ``cost``, or the path of a lever.
    statistic : str
        ``mean``, ``median``, ``min``, ``max`` or a percentile such as ``p10``.
    """

    name: str
    statistic: str = "mean"

    def of(self, sample: Mapping[str, Floats]) -> float:
        """Return the number from the values of every name in every future."""
        values = sample[self.name]
        if self.statistic == "mean":
            # Exact, so that no machine sums otherwise.
            return math.fsum(values) / len(values)
        share = {"min": 0.0, "median": 0.5, "max": 1.0}.get(self.statistic)
        if share is None:
            share = int(self.statistic[1:]) / 100
        return float(np.quantile(values, share))


@dataclass(frozen=True)
class Objective:
    """A quantity that should be as small, or as large, as possible."""

    quantity: Quantity
    more: bool

    @property
    def sign(self) -> float:
        """What turns the quantity such that less is better."""
        return -1.0 if self.more else 1.0

    def of(self, sample: Mapping[str, Floats]) -> float:
        """Return the value of the quantity."""
        return self.quantity.of(sample)


@dataclass(frozen=True)
class Constraint:
    """What must hold: of a quantity, or of a metric in a share of the futures.

    Attributes
    ----------
    quantity : Quantity
    at_least : bool
        Whether the bound is a lower one.
    bound : float
    share : float or None
        In which share of the futures it must hold; None: the statistic must.
    """

    quantity: Quantity
    at_least: bool
    bound: float
    share: float | None

    def of(self, sample: Mapping[str, Floats]) -> float:
        """Return the share of futures in which it holds, or the value of the quantity."""
        if self.share is None:
            return self.quantity.of(sample)
        values = sample[self.quantity.name]
        holds = values >= self.bound if self.at_least else values <= self.bound
        return float(np.count_nonzero(holds) / len(values))

    def level(self, sample: Mapping[str, Floats]) -> float:
        """Return the value that is reached, or kept below, in the required share of futures."""
        if self.share is None:
            return self.quantity.of(sample)
        values = np.sort(sample[self.quantity.name])
        needed = min(len(values), max(1, math.ceil(self.share * len(values) - 1e-9)))
        return float(values[-needed] if self.at_least else values[needed - 1])

    def shortfall(self, level: float) -> float:
        """Return by how much a value of `level` misses the bound, relative to it; 0 if it holds."""
        missing = self.bound - level if self.at_least else level - self.bound
        return max(0.0, missing / max(1.0, abs(self.bound)))


def objectives_of(small: str, large: str, known: Collection[str]) -> list[Objective]:
    """Return the objectives that two words such as ``cost,links:p10`` name.

    Raises
    ------
    InputError
        One line per objective that cannot be used.
    """

    def objective(given: tuple[str, str]) -> Objective:
        key, part = given
        match = _QUANTITY.fullmatch(part)
        if match is None:
            raise InputError(f"{key}: {part!r} cannot be read; write NAME or NAME:STATISTIC")
        quantity = _quantity(f"{key}: {part}", match[1], match[2], known)
        return Objective(quantity, key == "maximise")

    named = [("minimise", part) for part in parts_of(small, ",")]
    named += [("maximise", part) for part in parts_of(large, ",")]
    return read_each(named, objective)


def constraints_of(text: str, known: Collection[str]) -> list[Constraint]:
    """Return the constraints that a word such as ``links>=40 in 90%,cost<=9000`` names.

    Raises
    ------
    InputError
        One line per constraint that cannot be used.
    """
    return read_each(parts_of(text, "[,;]"), lambda part: _constraint(part, known))


def parts_of(text: str, signs: str) -> list[str]:
    """Return the parts of a list in brackets or without that are not empty."""
    return list(filter(None, map(str.strip, re.split(signs, text.strip("[]")))))


def _constraint(part: str, known: Collection[str]) -> Constraint:
    match = _CONSTRAINT.fullmatch(part)
    if match is None:
        raise InputError(f"constraints: {part!r} cannot be read; write {_SHAPE}")
    name, statistic, sign, bound, percent, share = match.groups()
    quantity = _quantity(f"constraints: {part}", name, statistic, known)
    if share is not None and quantity.name.startswith("policy."):
        raise InputError(
            f"constraints: {part}: a lever is the same in every future; leave out 'in {share}%'"
        )
    if share is not None and statistic is not None:
        raise InputError(
            f"constraints: {part}: 'in {share}%' counts futures, so '{statistic}' has no meaning"
        )
    try:
        number = float(bound) / (100 if percent else 1)
        held = None if share is None else float(share) / 100
    except ValueError:
        raise InputError(f"constraints: {part!r} cannot be read; write {_SHAPE}") from None
    if not math.isfinite(number):
        raise InputError(f"constraints: {part}: {bound} is more than any number can be")
    if held is not None and not 0 < held <= 1:
        raise InputError(f"constraints: {part}: in {share}% of futures, allowed above 0 to 100 %")
    return Constraint(quantity, sign == ">=", number, held)


def _quantity(place: str, name: str, statistic: str | None, known: Collection[str]) -> Quantity:
    if name not in known and f"policy.{name}" in known:
        name = f"policy.{name}"
    if name not in known:
        raise InputError(
            f"{place}: unknown metric '{name}'{nearest(name, known)} (a metric, cost, or a lever)"
        )
    statistic = statistic or "mean"
    percentile = re.fullmatch(r"p([1-9]\d?)", statistic)
    if statistic not in STATISTICS and not percentile:
        raise InputError(
            f"{place}: unknown statistic '{statistic}'{nearest(statistic, STATISTICS)}"
            f" ({', '.join(STATISTICS)}, p1 to p99)"
        )
    return Quantity(name, statistic)
