"""The random words of a whole decision, drawn at once.

The same words as `partnersim.random.numbers.words` gives one block at a time, in a form that the
compiler turns into vector instructions: round by round over all blocks, with 32-bit products.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partnersim.compiler.compiled import rule
from partnersim.random.numbers import HALF_WORD, LOW_HALF, WEYL_0, WEYL_1, half
from partnersim.random.wide_product import word_sum

Words = NDArray[np.uint64]

# The multipliers of Philox4x64 in halves.
_HIGH_0, _LOW_0 = np.uint64(0xD2E7470E), np.uint64(0xE14C6C93)
_HIGH_1, _LOW_1 = np.uint64(0xCA5A8263), np.uint64(0x95121157)


@rule
def blocks_to_fill(count: int) -> int:
    """Return the blocks that serve ``count`` alternatives, rounded up to whole vectors."""
    return ((count + 31) >> 5) << 2


@rule
def _product(word: np.uint64, high: np.uint64, low: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Return the upper and lower 64 bits of a word times a constant given in halves."""
    word_low = word & LOW_HALF
    word_high = word >> HALF_WORD
    lowest = word_low * low
    middle = word_high * low + (lowest >> HALF_WORD)
    other = word_low * high + (middle & LOW_HALF)
    upper = word_high * high + (middle >> HALF_WORD) + (other >> HALF_WORD)
    return upper, (other << HALF_WORD) | (lowest & LOW_HALF)


@rule
def fill_words(
    drawn: Words,
    count: int,
    seed: int,
    replicate: int,
    quarter: int,
    actor: int,
    purpose: int,
) -> None:
    """Draw the words of all alternatives of a decision.

    Parameters
    ----------
    drawn : (4, >= blocks_to_fill(count)) uint64 array
        Filled; alternative k is served by half of ``drawn[(k >> 1) & 3, k >> 3]``, see
        `partnersim.random.numbers.half`.
    count : int
        How many alternatives there are.
    seed, replicate, quarter, actor, purpose : int
        Key of the decision, see `partnersim.random.numbers.uniform`.
    """
    blocks = blocks_to_fill(count)
    for block in range(blocks):
        drawn[0, block] = np.uint64(block)
        drawn[1, block] = np.uint64(actor)
        drawn[2, block] = np.uint64(quarter)
        drawn[3, block] = np.uint64(purpose)
    key_0 = np.uint64(seed)
    key_1 = np.uint64(replicate)
    for _ in range(10):
        for block in range(blocks):
            high_0, low_0 = _product(drawn[0, block], _HIGH_0, _LOW_0)
            high_1, low_1 = _product(drawn[2, block], _HIGH_1, _LOW_1)
            drawn[0, block] = high_1 ^ drawn[1, block] ^ key_0
            drawn[1, block] = low_1
            drawn[2, block] = high_0 ^ drawn[3, block] ^ key_1
            drawn[3, block] = low_0
        key_0 = word_sum(key_0, WEYL_0)
        key_1 = word_sum(key_1, WEYL_1)


@rule
def word_of(drawn: Words, alternative: int) -> np.uint64:
    """Return the half word of an alternative out of the words of a whole decision."""
    return half(drawn[(alternative >> 1) & 3, alternative >> 3], alternative)
