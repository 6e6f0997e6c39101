"""Draws of a run: functions of where its clock stands."""

from __future__ import annotations

import math
from typing import Any

from partnersim.compiler.compiled import rule
from partnersim.random.numbers import logistic, uniform


@rule
def draw(clock: Any, actor: int, alternative: int, purpose: int) -> float:
    """Return the uniform draw of a run's decision, in (0, 1)."""
    return uniform(clock.seed, clock.replicate, clock.quarter, actor, alternative, purpose)


@rule
def is_hit(share: float, hazard: float) -> bool:
    """Tell whether a uniform draw falls below the chance 1 - exp(-hazard)."""
    # The chance never exceeds the hazard: most draws need no exponential.
    return share < hazard and share < 1.0 - math.exp(-hazard)


@rule
def happens(clock: Any, hazard: float, actor: int, alternative: int, purpose: int) -> bool:
    """Tell whether something of this hazard per quarter happens: chance 1 - exp(-hazard)."""
    return is_hit(draw(clock, actor, alternative, purpose), hazard)


@rule
def agrees(clock: Any, utility: float, actor: int, alternative: int, purpose: int) -> bool:
    """Tell whether somebody agrees, by binary logit: chance 1 / (1 + exp(-utility))."""
    return utility + logistic(draw(clock, actor, alternative, purpose)) > 0.0


@rule
def triangular(share: float, low: float, mode: float, high: float) -> float:
    """Return the quantile of a triangular distribution; a point if low equals high."""
    if high <= low:
        return low
    turn = (mode - low) / (high - low)
    if share < turn:
        return low + math.sqrt(share * (high - low) * (mode - low))
    return high - math.sqrt((1.0 - share) * (high - low) * (high - mode))


@rule
def clipped(value: float) -> float:
    """Keep a score in 0..1."""
    return min(1.0, max(0.0, value))
