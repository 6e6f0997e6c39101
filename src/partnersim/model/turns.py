"""Who gets a turn in a quarter, and in which order."""

from __future__ import annotations

import numpy as np

from partnersim.compiler.compiled import rule
from partnersim.model.draws import draw
from partnersim.model.state import State
from partnersim.random.noise import fill_words, word_of
from partnersim.random.numbers import ACTIVITY, TURN_ORDER, to_uniform

#: Actor of decisions that concern all countries, with the country as the alternative.
ALL_COUNTRIES = np.int64(0)


@rule
def put_in_order(state: State) -> None:
    """Draw the keys that order the countries this quarter (smallest first)."""
    clock = state.clock[0]
    order = state.order
    drawn = state.words
    fill_words(
        drawn,
        len(order),
        clock.seed,
        clock.replicate,
        clock.quarter,
        ALL_COUNTRIES,
        TURN_ORDER,
    )
    for i in range(len(order)):
        order[i] = to_uniform(word_of(drawn, i))


@rule
def is_awake(state: State, i: int) -> bool:
    """Tell whether country i gets a turn this quarter."""
    share = draw(state.clock[0], ALL_COUNTRIES, i, ACTIVITY)
    return share < state.countries[i].activity


@rule
def line_up(state: State) -> int:
    """Write the countries that get a turn this quarter to ``state.turns``, in order; count them."""
    clock = state.clock[0]
    order = state.order
    turns = state.turns
    drawn = state.words
    countries = state.countries
    fill_words(
        drawn, len(order), clock.seed, clock.replicate, clock.quarter, ALL_COUNTRIES, ACTIVITY
    )
    count = 0
    for i in range(len(order)):
        if to_uniform(word_of(drawn, i)) < countries[i].activity:
            place = count
            while place > 0 and order[turns[place - 1]] > order[i]:
                turns[place] = turns[place - 1]
                place -= 1
            turns[place] = i
            count += 1
    return count


@rule
def may_act(state: State, i: int) -> bool:
    """Tell whether country i gets a turn, and has hands free to use it."""
    country = state.countries[i]
    return is_awake(state, i) and country.load < country.capacity
