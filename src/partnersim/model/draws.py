"""Draws of a run: they depend on who decides what, when and about whom, never by a place in a list.

One Philox block gives the word of a decision (of an actor in a quarter, for a purpose); each
alternative mixes its own key into it. So loops over alternatives ask for the word once, and whoever
joins a list leaves the luck of all others alone. Keys are those of `partnersim.random.keys`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from partnersim.compiler.compiled import inlined_rule, rule
from partnersim.random.elementary import cosine_of_turn, exp, log
from partnersim.random.numbers import decision_word, half_of_key, logistic, to_uniform

#: Actor of decisions that concern all countries, with the country as the alternative.
NOBODY = 0


@rule
def luck(clock: Any, actor_key: int, purpose: int) -> np.uint64:
    """Return the random word of an actor's decision of this quarter."""
    return decision_word(clock.seed, clock.replicate, clock.quarter, actor_key, purpose)


@inlined_rule
def draw_of(word: np.uint64, alternative_key: int) -> float:
    """Return the uniform draw in (0, 1) of one alternative of a decision, from its `luck`."""
    return to_uniform(half_of_key(word, alternative_key))


@rule
def draw(clock: Any, actor_key: int, alternative_key: int, purpose: int) -> float:
    """Return the uniform draw in (0, 1) of an actor's decision about one alternative."""
    return draw_of(luck(clock, actor_key, purpose), alternative_key)


@rule
def is_hit(share: float, hazard: float) -> bool:
    """Tell whether a uniform draw falls below the chance 1 - exp(-hazard)."""
    # The chance never exceeds the hazard: most draws need no exponential.
    return share < hazard and share < 1.0 - exp(-hazard)


@rule
def happens(clock: Any, hazard: float, actor_key: int, alternative_key: int, purpose: int) -> bool:
    """Tell whether something of this hazard per quarter happens: chance 1 - exp(-hazard)."""
    return is_hit(draw(clock, actor_key, alternative_key, purpose), hazard)


@rule
def poisson(clock: Any, rate: float, purpose: int) -> int:
    """Return how many decisions come at a rate per quarter: the quantile of one uniform draw."""
    share = draw(clock, NOBODY, NOBODY, purpose)
    count, chance = 0, exp(-rate)
    # Rounding may leave a share above the sum of all chances; they fall to zero.
    while share > chance > 0.0:
        share -= chance
        count += 1
        chance *= rate / count
    return count


@rule
def agrees(clock: Any, utility: float, actor_key: int, alternative_key: int, purpose: int) -> bool:
    """Tell whether somebody agrees, by binary logit: chance 1 / (1 + exp(-utility))."""
    return utility + logistic(draw(clock, actor_key, alternative_key, purpose)) > 0.0


@rule
def normal(clock: Any, actor_key: int, alternative_key: int, purpose: int) -> float:
    """Return the standard normal draw of an actor's decision about one alternative.

    Box and Muller (1958), doi:10.1214/aoms/1177706645: of the draws about the alternative and
    about the next one.
    """
    word = luck(clock, actor_key, purpose)
    radius = math.sqrt(-2.0 * log(draw_of(word, alternative_key)))
    return radius * cosine_of_turn(draw_of(word, alternative_key + 1))


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
