"""Check what a user hands over and turn it into arrays, telling all problems at once."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partnersim.actor_oriented.ministep import Objective
from partnersim.arrays import Flags, Floats
from partnersim.errors import nearest

TIE_MODELS = ("forcing", "confirmation")
#: Shared partners are counted in 16 bits.
MOST_ACTORS = 30_000
#: Far beyond any estimate or measurement; they keep sums finite.
LARGEST_COEFFICIENT = 1e6
LARGEST_COVARIATE = 1e9
_STRUCTURAL = ("density", "shared_partners", "degree_of_alter")


def check_network(network: ArrayLike, problems: list[str]) -> Flags:
    """Return the network as a (n, n) uint8 array of its own; empty if it has problems."""
    values = _numbers(network, "network", problems)
    if values is None:
        pass
    elif values.ndim != 2 or values.shape[0] != values.shape[1]:
        problems.append(f"network: shape {values.shape}, but it must be square (n, n)")
    elif not 2 <= len(values) <= MOST_ACTORS:
        problems.append(f"network: {len(values)} actors, allowed are 2 to {MOST_ACTORS}")
    else:
        rules = {
            "must be 0 or 1": (values != 0) & (values != 1),
            "no actor has a tie to itself": np.diag(np.diag(values) != 0),
        }
        if _sound("network", values, rules, problems):
            return np.ascontiguousarray(values, dtype=np.uint8)
    return np.empty((0, 0), np.uint8)


def check_objective(
    actors: int,
    coefficients: Mapping[str, float],
    alter: Mapping[str, ArrayLike] | None,
    dyadic: Mapping[str, ArrayLike] | None,
    tie_model: str,
    problems: list[str],
) -> Objective:
    """Return what actors want; with ``actors`` 0 the shapes of covariates are not checked."""
    covariates: dict[str, ArrayLike] = {}
    for kind, given in (("alter", alter), ("dyadic", dyadic)):
        named = _check_mapping(kind, {} if given is None else given, "array", problems)
        covariates |= {f"{kind}.{name}": value for name, value in named.items()}
    values: dict[str, float] = dict.fromkeys((*_STRUCTURAL, *covariates), 0.0)
    for name, value in _check_mapping("coefficients", coefficients, "number", problems).items():
        if name not in values:
            problems.append(
                f"coefficients: unknown name '{name}'{nearest(name, values)}; "
                f"allowed are {', '.join(values)}"
            )
        else:
            values[name] = check_number(
                f"coefficients: {name}", value, -LARGEST_COEFFICIENT, LARGEST_COEFFICIENT, problems
            )
    attraction = np.zeros((actors, actors))
    # In order of name: the sum must not depend on the order in which covariates were given.
    for name in sorted(covariates):
        covariate = _check_covariate(name, covariates[name], actors, problems)
        if covariate is not None:
            attraction += values[name] * covariate
    if tie_model not in TIE_MODELS:
        problems.append(
            f"tie_model: unknown '{tie_model}'{nearest(tie_model, TIE_MODELS)}; "
            f"allowed are {', '.join(TIE_MODELS)}"
        )
    density, closure, popularity = (values[name] for name in _STRUCTURAL)
    return Objective(density, closure, popularity, attraction, tie_model == "confirmation")


def check_number(name: str, value: Any, low: float, high: float, problems: list[str]) -> float:
    """Return a real number from ``low`` to ``high``; ``low`` if it has problems."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not low <= number <= high:
        problems.append(f"{name}: {value!r} given, must be a number from {low:g} to {high:g}")
        return low
    return number


def check_count(name: str, value: Any, low: int, high: int, problems: list[str]) -> int:
    """Return a whole number from ``low`` to ``high``; ``low`` if it has problems."""
    try:
        number = operator.index(value)
    except TypeError:
        number = low - 1
    if not low <= number <= high:
        problems.append(f"{name}: {value!r} given, must be a whole number from {low} to {high}")
        return low
    return number


def _check_mapping(
    name: str, given: Mapping[str, Any], of: str, problems: list[str]
) -> Mapping[str, Any]:
    if isinstance(given, Mapping):
        return given
    problems.append(f"{name}: must be a mapping of name to {of}, not {type(given).__name__}")
    return {}


def _numbers(given: ArrayLike, name: str, problems: list[str]) -> NDArray[np.float64] | None:
    try:
        return np.asarray(given).astype(np.float64)
    except (TypeError, ValueError):
        problems.append(f"{name}: must be an array of numbers")
        return None


def _check_covariate(
    name: str, given: ArrayLike, actors: int, problems: list[str]
) -> Floats | None:
    values = _numbers(given, name, problems)
    if values is None or actors == 0:
        return None
    shape = (actors,) if name.startswith("alter.") else (actors, actors)
    if values.shape != shape:
        problems.append(f"{name}: shape {values.shape}, but the network asks for {shape}")
        return None
    rule = f"must be a number from {-LARGEST_COVARIATE:g} to {LARGEST_COVARIATE:g}"
    rules = {rule: ~(np.abs(values) <= LARGEST_COVARIATE)}
    return values if _sound(name, values, rules, problems) else None


def _sound(
    name: str, values: Floats, rules: Mapping[str, NDArray[np.bool_]], problems: list[str]
) -> bool:
    """Tell whether no cell is wrong by a rule and matrices are symmetric.

    Noted are the first cell that is wrong by each rule, and how many there are.
    """
    found = len(problems)
    for rule, wrong in rules.items():
        cells = np.argwhere(wrong)
        if len(cells) > 0:
            place = ", ".join(str(index) for index in cells[0])
            more = f" ({len(cells)} such cells)" if len(cells) > 1 else ""
            problems.append(f"{name}[{place}]: {values[tuple(cells[0])]:g} given, {rule}{more}")
    pairs = np.argwhere(np.triu(values != values.T)) if values.ndim == 2 else np.empty(0)
    if len(problems) == found and len(pairs) > 0:
        one, other = pairs[0]
        problems.append(
            f"{name}: not symmetric, [{one}, {other}] is {values[one, other]:g} but "
            f"[{other}, {one}] is {values[other, one]:g} ({len(pairs)} such pairs)"
        )
    return len(problems) == found
