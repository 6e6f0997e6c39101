"""Who gets a turn in a quarter, and in which order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partnersim.compiler.compiled import rule
from partnersim.model.constants import FRESH_RUPTURE
from partnersim.model.draws import NOBODY, draw, draw_of, luck
from partnersim.model.state import State
from partnersim.model.world_arrays import Floats
from partnersim.random.numbers import ACTIVITY, TURN_ORDER


@rule
def put_in_order(state: State) -> None:
    """Draw the keys that order the countries this quarter (smallest first)."""
    word = luck(state.clock[0], NOBODY, TURN_ORDER)
    order = state.order
    countries = state.countries
    for i in range(len(order)):
        order[i] = draw_of(word, countries[i].key)


@rule
def is_awake(state: State, i: int) -> bool:
    """Tell whether country i gets a turn this quarter."""
    country = state.countries[i]
    return draw(state.clock[0], NOBODY, country.key, ACTIVITY) < country.activity


@rule
def queue_up(turns: NDArray[np.int64], count: int, order: Floats, i: int) -> None:
    """Put country i into the first `count` of ``turns``, which stand in rising order of keys."""
    place = count
    while place > 0 and order[turns[place - 1]] > order[i]:
        turns[place] = turns[place - 1]
        place -= 1
    turns[place] = i


@rule
def line_up(state: State) -> int:
    """Write the countries that get a turn this quarter to ``state.turns``, in order; count them."""
    word = luck(state.clock[0], NOBODY, ACTIVITY)
    order = state.order
    turns = state.turns
    countries = state.countries
    count = 0
    for i in range(len(order)):
        country = countries[i]
        if draw_of(word, country.key) < country.activity:
            queue_up(turns, count, order, i)
            count += 1
    return count


@rule
def has_hands_free(state: State, i: int) -> bool:
    """Tell whether the administration of country i can carry another negotiation.

    While a rupture is fresh nobody opens anything with it.
    """
    country = state.countries[i]
    return country.load < country.capacity and country.rupture <= FRESH_RUPTURE


@rule
def may_act(state: State, i: int) -> bool:
    """Tell whether country i gets a turn, and has hands free to use it."""
    return is_awake(state, i) and has_hands_free(state, i)
