"""Keyed random numbers: a draw is a hash of what it is for, never of when it is asked.

A draw belongs to (seed, replicate, quarter, actor, alternative, purpose). There is no stream and
no state, so the same replicate meets the same shocks and the same luck under every policy
(common random numbers), whatever the order of work.

The hash is Philox4x64-10, bit for bit that of ``numpy.random.Philox``.

References
----------
Salmon, Moraes, Dror and Shaw (2011), Parallel random numbers: as easy as 1, 2, 3.
doi:10.1145/2063384.2063405
"""

from __future__ import annotations

import math

import numpy as np

from partnersim.rules.compiled import rule
from partnersim.rules.wide_product import high_word

# Purposes: each named decision has its own number, used once in the code. As numpy integers they
# are not compiled in, so that one compiled draw serves all purposes.
(
    SHOCK_ARRIVAL,
    SHOCK_SEVERITY,
    SHOCK_SPREAD,
    SHOCK_TARGET,
    TURN_ORDER,
    ACTIVITY,
    CHOICE,
    EU_CONSENT,
    LINK_CONSENT,
    STAGE_ADVANCE,
    STRAIN,
    RECOVERY,
    LINK_BREAK,
    MINISTEP_COUNT,
    MINISTEP_ACTOR,
    CONFIRMATION,
) = (np.int64(purpose) for purpose in range(16))

_MULTIPLIER_0 = np.uint64(0xD2E7470EE14C6C93)
_MULTIPLIER_1 = np.uint64(0xCA5A826395121157)
_WEYL_0 = np.uint64(0x9E3779B97F4A7C15)
_WEYL_1 = np.uint64(0xBB67AE8584CAA73B)
_UNIFORM_SHIFT = np.uint64(12)


@rule
def philox(
    counter_0: np.uint64,
    counter_1: np.uint64,
    counter_2: np.uint64,
    counter_3: np.uint64,
    key_0: np.uint64,
    key_1: np.uint64,
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Return the four 64-bit words of Philox4x64-10 for one counter and key."""
    for _ in range(10):
        high_0 = high_word(_MULTIPLIER_0, counter_0)
        low_0 = _MULTIPLIER_0 * counter_0
        high_1 = high_word(_MULTIPLIER_1, counter_2)
        low_1 = _MULTIPLIER_1 * counter_2
        counter_0 = high_1 ^ counter_1 ^ key_0
        counter_1 = low_1
        counter_2 = high_0 ^ counter_3 ^ key_1
        counter_3 = low_0
        key_0 = key_0 + _WEYL_0
        key_1 = key_1 + _WEYL_1
    return counter_0, counter_1, counter_2, counter_3


@rule
def to_uniform(word: np.uint64) -> float:
    """Map a word to the open interval (0, 1), on a grid of 2**-52 shifted by half a step."""
    return (float(word >> _UNIFORM_SHIFT) + 0.5) * 2.220446049250313e-16


@rule
def words(
    seed: int, replicate: int, quarter: int, actor: int, block: int, purpose: int
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Return the four words that serve alternatives ``4 block`` to ``4 block + 3``."""
    return philox(
        np.uint64(block),
        np.uint64(actor),
        np.uint64(quarter),
        np.uint64(purpose),
        np.uint64(seed),
        np.uint64(replicate),
    )


@rule
def uniform(
    seed: int, replicate: int, quarter: int, actor: int, alternative: int, purpose: int
) -> float:
    """Return the uniform draw in (0, 1) that belongs to this decision.

    Parameters
    ----------
    seed, replicate : int
        Key of the run, each 0 .. 2**63 - 1.
    quarter, actor, alternative, purpose : int
        What the draw is for, each non-negative.
    """
    word_0, word_1, word_2, word_3 = words(
        seed, replicate, quarter, actor, alternative >> 2, purpose
    )
    place = alternative & 3
    if place == 0:
        return to_uniform(word_0)
    if place == 1:
        return to_uniform(word_1)
    if place == 2:
        return to_uniform(word_2)
    return to_uniform(word_3)


@rule
def gumbel(draw: float) -> float:
    """Turn a uniform draw into a standard Gumbel one: the noise of a multinomial logit."""
    return -math.log(-math.log(draw))


@rule
def logistic(draw: float) -> float:
    """Turn a uniform draw into a standard logistic one: the noise of a binary logit."""
    return math.log(draw) - math.log1p(-draw)
