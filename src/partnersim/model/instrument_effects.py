"""What instruments in force do for their holders: each effect is one row of a table of the data.

An effect grows while its instrument is in force, and rests while it is not.
"""

from __future__ import annotations

import math

from partnersim.compiler.compiled import rule
from partnersim.model.constants import IN_FORCE
from partnersim.model.effect_kinds import COLUMN, gained
from partnersim.model.instrument_utility import share
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
    oldest = state.effect_reached.shape[0] - 1
    for i in range(left.shape[0]):
        for column in range(left.shape[1]):
            left[i, column] = 1.0
        tied, degree = state.tied[i], state.degree[i]
        for place in range(state.countries[i].ties):
            pair = state.pairs[i, tied[place]]
            if not is_active(pair):
                continue
            if pair.age < oldest:
                pair.age += passed
            instrument = state.instruments[tied[place]]
            reached = state.effect_reached[pair.age]
            linked = share(pair.linked_holders, degree)
            first = instrument.first_effect
            for e in range(first, first + instrument.effects):
                effect = state.effects[e]
                size = effect.full * reached[e] * (1.0 + effect.by_links * linked)
                left[i, effect.column] *= 1.0 - min(1.0, size)
    _weigh_third_countries(state, passed)


@rule
def may_be_third_country(state: State, i: int) -> bool:
    """Tell whether country i is a developing one with two links or more."""
    return state.degree[i] >= 2 and state.countries[i].developing == 1


@rule
def is_third_country(state: State, i: int, k: int) -> bool:
    """Tell whether partners that hold instrument k do a joint project in country i.

    It is a developing country without that instrument, and linked to two of them or more.
    """
    if state.instruments[k].abroad == 0 or not may_be_third_country(state, i):
        return False
    pair = state.pairs[i, k]
    return pair.stage != IN_FORCE and pair.linked_holders >= 2


@rule
def _weigh_third_countries(state: State, passed: int) -> None:
    """Bring a share of the effects of joint projects to third countries."""
    left = state.effects_left
    oldest = state.effect_reached.shape[0] - 1
    for i in range(left.shape[0]):
        # Most countries are none, whatever the instrument.
        if not may_be_third_country(state, i):
            continue
        for k in range(len(state.instruments)):
            if not is_third_country(state, i, k):
                continue
            instrument, pair = state.instruments[k], state.pairs[i, k]
            if pair.age < oldest:
                pair.age += passed
            reached = state.effect_reached[pair.age]
            first = instrument.first_effect
            for e in range(first, first + instrument.effects):
                effect = state.effects[e]
                size = effect.abroad * effect.full * reached[e]
                left[i, effect.column] *= 1.0 - size


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
