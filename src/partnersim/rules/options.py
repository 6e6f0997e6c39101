"""Choice among options by multinomial logit: the largest utility plus Gumbel noise wins.

Each option has a noise of its own, keyed by its number, so that an option keeps its luck when
others come, go or change (common random numbers). Most options cannot win: a bound on their
noise, read from a table, saves the two logarithms and leaves the winner the same to the bit.

A loop over options keeps the champion so far, a pair (score, option) that starts as
``(NO_SCORE, NO_OPTION)``::

    score, option = NO_SCORE, NO_OPTION
    for block in range(blocks(count)):
        drawn = words(seed, replicate, quarter, actor, block, purpose)
        for alternative in range(4 * block, min(4 * block + 4, count)):
            score, option = consider(
                score, option, alternative, utility, pick(drawn, alternative)
            )

References
----------
Yellott (1977), The relationship between Luce's choice axiom, Thurstone's theory of comparative
judgment, and the double exponential distribution. doi:10.1016/0022-2496(77)90026-8
"""

from __future__ import annotations

import math

import numpy as np

from partnersim.rules.compiled import rule
from partnersim.rules.keyed import gumbel, to_uniform
from partnersim.rules.noise import Words, fill_words
from partnersim.rules.world_arrays import Floats

#: The champion before any option was considered.
NO_SCORE = -math.inf
NO_OPTION = -1

_BINS = 1024
_BIN_SHIFT = np.uint64(54)
_LAST_OF_BIN = (1 << 54) - 1


def _bounds() -> Floats:
    """Return, for each value of a word's top 10 bits, a noise that no such word exceeds."""
    bounds = np.empty(_BINS)
    for place in range(_BINS):
        # Python's own functions: the compiled ones may differ in the last digit, which the
        # margin more than covers.
        draw = ((((place << 54) | _LAST_OF_BIN) >> 12) + 0.5) * 2.0**-52
        noise = -math.log(-math.log(draw))
        bounds[place] = noise + 1e-9 * (1.0 + abs(noise))
    return bounds


GUMBEL_BOUNDS = _bounds()


@rule
def gumbel_bound(word: np.uint64) -> float:
    """Return a number that ``gumbel(to_uniform(word))`` does not exceed."""
    return GUMBEL_BOUNDS[word >> _BIN_SHIFT]  # type: ignore[no-any-return]


@rule
def blocks(count: int) -> int:
    """Return how many blocks of four words serve this many alternatives."""
    return (count + 3) >> 2


@rule
def pick(drawn: tuple[np.uint64, np.uint64, np.uint64, np.uint64], alternative: int) -> np.uint64:
    """Return the word of an alternative out of the four of its block ``alternative >> 2``."""
    place = alternative & 3
    if place == 0:
        return drawn[0]
    if place == 1:
        return drawn[1]
    if place == 2:
        return drawn[2]
    return drawn[3]


@rule
def consider(
    score: float, option: int, alternative: int, utility: float, word: np.uint64
) -> tuple[float, int]:
    """Return the champion after one more option: ``(score, option)``.

    Of equal scores the lower number wins, so the order of consideration does not matter.

    Parameters
    ----------
    score : float
        Utility plus noise of the champion so far, ``NO_SCORE`` if there is none.
    option : int
        The champion so far, ``NO_OPTION`` if there is none.
    alternative : int
        Number of the option considered.
    utility : float
        Its utility; ``-inf`` and ``nan`` never win.
    word : uint64
        Its keyed random word.
    """
    if not utility + gumbel_bound(word) >= score:
        return score, option
    challenge = utility + gumbel(to_uniform(word))
    if challenge > score or (challenge == score and alternative < option):
        return challenge, alternative
    return score, option


@rule
def winner(utilities: Floats, drawn: Words, ceilings: Floats) -> int:
    """Return the option of largest utility plus noise.

    The block that promises most goes first: then hardly any other needs a logarithm.

    Parameters
    ----------
    utilities : (4 blocks,) float64 array
        Utility of each option, ``-inf`` where it may not be taken.
    drawn : (4, blocks) uint64 array
        Word of option k at ``[k & 3, k >> 2]``.
    ceilings : (blocks,) float64 array
        Scratch: the best score possible in each block.
    """
    leader, highest = 0, NO_SCORE
    for block in range(ceilings.shape[0]):
        first = 4 * block
        ceiling = max(
            max(
                utilities[first] + gumbel_bound(drawn[0, block]),
                utilities[first + 1] + gumbel_bound(drawn[1, block]),
            ),
            max(
                utilities[first + 2] + gumbel_bound(drawn[2, block]),
                utilities[first + 3] + gumbel_bound(drawn[3, block]),
            ),
        )
        ceilings[block] = ceiling
        if ceiling > highest:
            leader, highest = block, ceiling
    score, option = NO_SCORE, NO_OPTION
    for alternative in range(4 * leader, 4 * leader + 4):
        score, option = consider(
            score, option, alternative, utilities[alternative], drawn[alternative & 3, leader]
        )
    for block in range(ceilings.shape[0]):
        if ceilings[block] >= score:
            for alternative in range(4 * block, 4 * block + 4):
                score, option = consider(
                    score,
                    option,
                    alternative,
                    utilities[alternative],
                    drawn[alternative & 3, block],
                )
    return option


@rule
def race(
    utilities: Floats,
    drawn: Words,
    ceilings: Floats,
    seed: int,
    replicate: int,
    quarter: int,
    actor: int,
    purpose: int,
) -> int:
    """Return the option chosen by multinomial logit.

    Option k is chosen with probability exp(u_k) / sum of exp(u_l). Its noise comes from
    ``keyed.uniform(seed, replicate, quarter, actor, k, purpose)``.

    Parameters
    ----------
    utilities : (4 blocks,) float64 array
        Utility of each option, ``-inf`` where it may not be taken and behind the last option.
    drawn : (4, blocks) uint64 array
        Scratch for the random words, ``blocks_to_fill(options)`` wide.
    ceilings : (blocks,) float64 array
        Scratch for the best score possible in each block.
    seed, replicate, quarter, actor, purpose : int
        Key of the decision, see `partnersim.rules.keyed.uniform`.
    """
    fill_words(drawn, len(utilities), seed, replicate, quarter, actor, purpose)
    return winner(utilities, drawn, ceilings)
