"""What instruments in force do for their holders: each effect is one row of a table of the data.

An effect grows while its instrument is in force, and rests while it is not.
"""

from __future__ import annotations

import math

from partnersim.compiler.compiled import rule
from partnersim.model.effect_kinds import COLUMN, gained
from partnersim.model.state import State
from partnersim.model.ties import is_active


@rule
def weigh_effects(state: State, passed: int) -> None:
    """Work out what the effects of all instruments in force leave over, country by country.

    Parameters
    ----------
    state : State
    passed : int
        Quarters that pass for instruments in force: 0 or 1.
    """
    left = state.effects_left
    oldest = state.effect_reached.shape[1] - 1
    for i in range(left.shape[0]):
        for column in range(left.shape[1]):
            left[i, column] = 1.0
        tied = state.tied[i]
        for place in range(state.countries[i].ties):
            pair = state.pairs[i, tied[place]]
            if not is_active(pair):
                continue
            if pair.age < oldest:
                pair.age += passed
            instrument = state.instruments[tied[place]]
            first = instrument.first_effect
            for e in range(first, first + instrument.effects):
                effect = state.effects[e]
                left[i, effect.column] *= 1.0 - effect.size * state.effect_reached[e, pair.age]


@rule
def apply_effects(state: State) -> None:
    """Let effects grow by a quarter; give every country its trust and its capacity."""
    weigh_effects(state, 1)
    carried = state.coefficients[0].country_capacity
    for i in range(len(state.countries)):
        country = state.countries[i]
        country.trust = gained(state, i, COLUMN.trust)
        strength = country.administration + gained(state, i, COLUMN.capacity)
        country.capacity = 1 + math.floor(carried * strength)
