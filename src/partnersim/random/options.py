"""Choice among options by multinomial logit: the largest utility plus Gumbel noise wins.

Each option has a noise of its own, a function of its number, so that an option keeps its luck when
others come, go or change (common random numbers). Most options cannot win: a bound on their
noise, read from a table, saves the two logarithms and leaves the winner the same to the bit.

A loop over options keeps the champion so far, a pair (score, option) that starts as
``(NO_SCORE, NO_OPTION)`` and goes through `consider` with every option.

References
----------
Yellott (1977), The relationship between Luce's choice axiom, Thurstone's theory of comparative
judgment, and the double exponential distribution. doi:10.1016/0022-2496(77)90026-8
"""

from __future__ import annotations

import math

import numpy as np

from partnersim.arrays import Floats, Integers
from partnersim.compiler.compiled import rule
from partnersim.random.noise import Words, fill_words, word_of
from partnersim.random.numbers import gumbel, half_of_key, to_uniform

#: The champion before any option was considered.
NO_SCORE = -math.inf
NO_OPTION = -1

_BINS = 1024
_BIN_SHIFT = np.uint64(22)
_LAST_OF_BIN = (1 << 22) - 1


def _bounds() -> Floats:
    """Return, for each value of the top 10 bits of half a word, a noise that it does not exceed."""
    bounds = np.empty(_BINS)
    for place in range(_BINS):
        # Python's own functions: the compiled ones may differ in the last digit, which the
        # margin more than covers.
        draw = (((place << 22) | _LAST_OF_BIN) + 0.5) * 2.0**-32
        noise = -math.log(-math.log(draw))
        bounds[place] = noise + 1e-9 * (1.0 + abs(noise))
    return bounds


GUMBEL_BOUNDS = _bounds()


@rule
def gumbel_bound(word: np.uint64) -> float:
    """Return a number that ``gumbel(to_uniform(word))`` does not exceed."""
    return GUMBEL_BOUNDS[word >> _BIN_SHIFT]  # type: ignore[no-any-return]


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
        Its half of a random word, a function of its number.
    """
    if not utility + gumbel_bound(word) >= score:
        return score, option
    challenge = utility + gumbel(to_uniform(word))
    if challenge > score or (challenge == score and alternative < option):
        return challenge, alternative
    return score, option


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
    ``numbers.uniform(seed, replicate, quarter, actor, k, purpose)``.

    Parameters
    ----------
    utilities : (8 blocks,) float64 array
        Utility of each option, ``-inf`` where it may not be taken and behind the last option.
    drawn : (4, blocks) uint64 array
        Scratch for the random words, ``blocks_to_fill(options)`` wide.
    ceilings : (>= options,) float64 array
        Scratch: the best score possible for each option.
    seed, replicate, quarter, actor, purpose : int
        Key of the decision, see `partnersim.random.numbers.uniform`.
    """
    fill_words(drawn, len(utilities), seed, replicate, quarter, actor, purpose)
    for option in range(len(utilities)):
        ceilings[option] = utilities[option] + gumbel_bound(word_of(drawn, option))
    score, champion = NO_SCORE, NO_OPTION
    while True:
        option = next_contender(ceilings, len(utilities), score)
        if option == NO_OPTION:
            return champion
        score, champion = consider(
            score, champion, option, utilities[option], word_of(drawn, option)
        )


@rule
def race_by_key(utilities: Floats, keys: Integers, word: np.uint64, ceilings: Floats) -> int:
    """Return the option chosen by multinomial logit, each with the luck of its own key.

    As `race`, but options may come, go and change places without touching the noise of others.
    The option that promises most goes first: then hardly any other needs a logarithm.

    Parameters
    ----------
    utilities : (options,) float64 array
        Utility of each option, ``-inf`` where it may not be taken.
    keys : (options,) int64 array
        Key of each option, each another.
    word : uint64
        Of the decision, see `partnersim.random.numbers.decision_word`.
    ceilings : (>= options,) float64 array
        Scratch: the best score possible for each option.
    """
    for option in range(len(utilities)):
        ceilings[option] = utilities[option] + gumbel_bound(half_of_key(word, keys[option]))
    score, champion = NO_SCORE, NO_OPTION
    while True:
        option = next_contender(ceilings, len(utilities), score)
        if option == NO_OPTION:
            return champion
        score, champion = consider(
            score, champion, option, utilities[option], half_of_key(word, keys[option])
        )


@rule
def next_contender(ceilings: Floats, options: int, score: float) -> int:
    """Take the option with the highest ceiling out of the race and return it.

    `NO_OPTION` if none that is left can reach the score of the champion so far.
    """
    leader, highest = NO_OPTION, NO_SCORE
    for option in range(options):
        if ceilings[option] > highest:
            leader, highest = option, ceilings[option]
    if leader == NO_OPTION or highest < score:
        return NO_OPTION
    ceilings[leader] = NO_SCORE
    return leader
