"""What a country weighs at its turn: every admissible instrument, and holding still.

Utilities are linear in the named coefficients, but for the chance that the EU agrees; holding
is 0. The choice is a multinomial logit,
drawn by adding Gumbel noise to each utility and taking the largest.
"""

from __future__ import annotations

import math

from partnersim.compiler.compiled import rule
from partnersim.model.consent import (
    chance_of_yes,
    expected,
    has_negotiators,
    instrument_worth,
    partner_utility,
    union_chance,
)
from partnersim.model.draws import luck
from partnersim.model.instrument_utility import (
    InstrumentTerms,
    instrument_terms,
    may_take,
    share,
    total,
)
from partnersim.model.state import State
from partnersim.model.world_arrays import Floats
from partnersim.random.numbers import CHOICE, half_of_key
from partnersim.random.options import (
    NO_OPTION,
    NO_SCORE,
    consider,
    fill_ceilings,
    next_contender,
    race_by_key,
)


@rule
def terms_of(state: State, i: int, k: int, union_chance: float) -> InstrumentTerms:
    """Return the terms of country i's utility of instrument k as things stand.

    Parameters
    ----------
    union_chance : float
        That the EU would agree, see `partnersim.model.consent.union_chance`; 1 if it has proposed.
    """
    region = state.countries[i].region
    pair = state.pairs[i, k]
    return instrument_terms(
        state.coefficients[0],
        state.countries[i],
        state.instruments[k],
        pair,
        state.union[0],
        state.alignment[i],
        share(pair.linked_holders, state.degree[i]),
        state.region_holders[region, k] / state.region_size[region],
        expected(union_chance),
    )


@rule
def weigh_options(state: State, i: int) -> None:
    """Write the utility of every option into ``state.utilities``, -inf where it may not be taken.

    Options are numbered: instruments, then holding still.
    """
    weigh_instruments(state, i, state.utilities)
    state.utilities[len(state.instruments)] = 0.0


@rule
def weigh_instruments(state: State, i: int, utilities: Floats, agreed: bool = False) -> None:
    """Write the utility of every instrument, -inf where it may not be taken.

    If `agreed`, as if the EU were sure to agree where it has negotiators: no utility is larger.
    """
    coefficients = state.coefficients[0]
    country = state.countries[i]
    alignment = state.alignment[i]
    degree = state.degree[i]
    pairs = state.pairs[i]
    holders = state.region_holders[country.region]
    size = state.region_size[country.region]
    union = state.union[0]
    worth = partner_utility(
        coefficients, union, country, alignment, state.region_priority[country.region]
    )
    catalogue = state.instruments
    quarter = state.clock[0].quarter
    for k in range(len(catalogue)):
        instrument = catalogue[k]
        pair = pairs[k]
        utility = -math.inf
        if may_take(pairs, pair, instrument, quarter):
            chance = 0.0
            if has_negotiators(union, instrument):
                chance = 1.0
                if not agreed:
                    chance = chance_of_yes(
                        worth
                        + instrument_worth(
                            coefficients, union, country, instrument, pair, alignment
                        )
                    )
            utility = total(
                instrument_terms(
                    coefficients,
                    country,
                    instrument,
                    pair,
                    union,
                    alignment,
                    share(pair.linked_holders, degree),
                    holders[k] / size,
                    0.0 if chance == 1.0 else expected(chance),
                )
            )
        utilities[k] = utility


@rule
def choose(state: State, i: int) -> int:
    """Draw country i's choice among the options that `weigh_options` has written down."""
    return race_by_key(
        state.utilities,
        state.option_keys,
        luck(state.clock[0], state.countries[i].key, CHOICE),
        state.ceilings,
    )


@rule
def decide(state: State, i: int) -> int:
    """Return what `choose` returns after `weigh_options`, to the bit, with less work.

    Options are weighed as if the EU were sure to agree, and in full only if they could win so.
    """
    utilities, keys, ceilings = state.utilities, state.option_keys, state.ceilings
    weigh_instruments(state, i, utilities, True)
    utilities[len(state.instruments)] = 0.0
    word = luck(state.clock[0], state.countries[i].key, CHOICE)
    fill_ceilings(utilities, keys, word, ceilings)
    score, champion = NO_SCORE, NO_OPTION
    while True:
        option = next_contender(ceilings, len(utilities), score)
        if option == NO_OPTION:
            return champion
        if option < len(state.instruments):
            utilities[option] = total(terms_of(state, i, option, union_chance(state, i, option)))
        score, champion = consider(
            score, champion, option, utilities[option], half_of_key(word, keys[option])
        )
