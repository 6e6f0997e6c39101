"""Counter-based random numbers: a draw is a hash of what it is for, never of when it is asked.

A draw belongs to (seed, replicate, quarter, actor, alternative, purpose). There is no stream and
no state, so the same replicate meets the same shocks and the same luck under every policy
(common random numbers), whatever the order of work. One block of four words serves eight
alternatives, half a word each.

The hash is Philox4x64-10, bit for bit that of ``numpy.random.Philox``.

References
----------
Salmon, Moraes, Dror and Shaw (2011), Parallel random numbers: as easy as 1, 2, 3.
doi:10.1145/2063384.2063405
"""

from __future__ import annotations

import numpy as np

from partnersim.compiler.compiled import inlined_rule, rule
from partnersim.random.elementary import log
from partnersim.random.wide_product import high_word, low_word, word_sum

# Purposes: each named decision has its own number, used once in the code.
(
    SHOCK_ARRIVAL,
    SHOCK_SEVERITY,
    SHOCK_SPREAD,
    SHOCK_TARGET,
    TURN_ORDER,
    ACTIVITY,
    CHOICE,
    EU_CONSENT,
    LINK,
    STAGE_ADVANCE,
    SUSPENSION,
    RECOVERY,
    SHOCK_SOURCE,
    MINISTEP_COUNT,
    MINISTEP_ACTOR,
    CONFIRMATION,
    POOLED_EFFECT,
    LINK_JOINING,
    LINK_ACCESSION,
    LINK_FOUNDING,
    CLIMATE_END,
    CLIMATE_NEXT,
    RENEWAL,
    RIVAL_WIN,
    VENDOR_BAN,
    INITIATIVE,
    PROPOSAL,
    ACCEPTANCE,
    LINK_ENTRY,
    PACKAGE_SIZE,
) = range(30)

_MULTIPLIER_0 = np.uint64(0xD2E7470EE14C6C93)
_MULTIPLIER_1 = np.uint64(0xCA5A826395121157)
WEYL_0 = np.uint64(0x9E3779B97F4A7C15)
WEYL_1 = np.uint64(0xBB67AE8584CAA73B)
HALF_WORD = np.uint64(32)
LOW_HALF = np.uint64(0xFFFFFFFF)
# SplitMix64: increment, shifts and multipliers of its finaliser.
_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_SHIFT_1, _SHIFT_2, _SHIFT_3 = np.uint64(30), np.uint64(27), np.uint64(31)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


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
        low_0 = low_word(_MULTIPLIER_0, counter_0)
        high_1 = high_word(_MULTIPLIER_1, counter_2)
        low_1 = low_word(_MULTIPLIER_1, counter_2)
        counter_0 = high_1 ^ counter_1 ^ key_0
        counter_1 = low_1
        counter_2 = high_0 ^ counter_3 ^ key_1
        counter_3 = low_0
        key_0 = word_sum(key_0, WEYL_0)
        key_1 = word_sum(key_1, WEYL_1)
    return counter_0, counter_1, counter_2, counter_3


@rule
def half(word: np.uint64, alternative: int) -> np.uint64:
    """Return the half of a word that serves an alternative: the lower one if that is even."""
    if alternative & 1 == 0:
        return word & LOW_HALF
    return word >> HALF_WORD


@rule
def to_uniform(word: np.uint64) -> float:
    """Map half a word to the open interval (0, 1), on a grid of 2**-32 shifted by half a step."""
    return (float(word) + 0.5) * 2.3283064365386963e-10


@rule
def words(
    seed: int, replicate: int, quarter: int, actor: int, block: int, purpose: int
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Return the four words that serve alternatives ``8 block`` to ``8 block + 7``."""
    return philox(
        np.uint64(block),
        np.uint64(actor),
        np.uint64(quarter),
        np.uint64(purpose),
        np.uint64(seed),
        np.uint64(replicate),
    )


@rule
def pick(drawn: tuple[np.uint64, np.uint64, np.uint64, np.uint64], alternative: int) -> np.uint64:
    """Return the half word of an alternative out of the four words of its block."""
    place = (alternative >> 1) & 3
    if place == 0:
        return half(drawn[0], alternative)
    if place == 1:
        return half(drawn[1], alternative)
    if place == 2:
        return half(drawn[2], alternative)
    return half(drawn[3], alternative)


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
    drawn = words(seed, replicate, quarter, actor, alternative >> 3, purpose)
    return to_uniform(pick(drawn, alternative))


@rule
def decision_word(seed: int, replicate: int, quarter: int, actor: int, purpose: int) -> np.uint64:
    """Return the word of a decision whose alternatives have keys of their own.

    The first word of the first block of the decision; `half_of_key` makes one draw of it for each
    alternative.
    """
    return words(seed, replicate, quarter, actor, 0, purpose)[0]


@inlined_rule
def half_of_key(word: np.uint64, key: int) -> np.uint64:
    """Return the half word of the alternative with a key, out of the word of its decision.

    The upper half of the finaliser of SplitMix64 at ``word + key * gamma``: Steele, Lea and Flood
    (2014), Fast splittable pseudorandom number generators. doi:10.1145/2660193.2660195
    """
    mixed = word_sum(np.uint64(word), low_word(np.uint64(key), _GAMMA))
    mixed = low_word(mixed ^ (mixed >> _SHIFT_1), _MIX_1)
    mixed = low_word(mixed ^ (mixed >> _SHIFT_2), _MIX_2)
    return (mixed ^ (mixed >> _SHIFT_3)) >> HALF_WORD


@rule
def gumbel(draw: float) -> float:
    """Turn a uniform draw into a standard Gumbel one: the noise of a multinomial logit."""
    return -log(-log(draw))


@rule
def logistic(draw: float) -> float:
    """Turn a uniform draw into a standard logistic one: the noise of a binary logit."""
    return log(draw) - log(1.0 - draw)
