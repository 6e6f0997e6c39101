"""What a country weighs at its turn: every admissible instrument, and holding still.

Utilities are linear in the named coefficients, but for the chance that the EU agrees; holding
is 0. The choice is a multinomial logit,
drawn by adding Gumbel noise to each utility and taking the largest.
"""

from __future__ import annotations

import math

from partnersim.compiler.compiled import rule
from partnersim.model.consent import expected, union_chance
from partnersim.model.draws import luck
from partnersim.model.instrument_utility import (
    InstrumentTerms,
    common_bound,
    instrument_terms,
    may_take,
    most_plain_terms,
    plain_terms,
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
    gumbel_bound,
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
        state.need[i, k],
        state.opening[i, k],
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
def weigh_instruments(state: State, i: int, utilities: Floats) -> None:
    """Write the utility of every instrument, -inf where it may not be taken."""
    pairs = state.pairs[i]
    for k in range(len(state.instruments)):
        utility = -math.inf
        if may_take(pairs, pairs[k], state.instruments[k], state.clock[0].quarter):
            utility = total(terms_of(state, i, k, union_chance(state, i, k)))
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
def fill_bounds(state: State, i: int) -> None:
    """Write what no utility of an instrument exceeds, but for `plain_terms`, to ``ceilings``.

    Of what country i may ever take.
    """
    coefficients = state.coefficients[0]
    country = state.countries[i]
    highest = common_bound(coefficients, country, state.union[0], state.alignment[i])
    regional = coefficients.diffusion_region / state.region_size[country.region]
    holders = state.region_holders[country.region]
    need, opening = state.need[i], state.opening[i]
    for place in range(country.eligible):
        k = state.eligible[i, place]
        state.ceilings[place] = (
            highest
            + coefficients.need * need[k]
            + coefficients.pooled_effects * opening[k]
            + regional * holders[k]
        )


@rule
def decide(state: State, i: int) -> int:
    """Return what `choose` returns after `weigh_options`, to the bit, with less work.

    Only what could win by its luck against holding still is weighed.
    """
    coefficients = state.coefficients[0]
    country = state.countries[i]
    keys, ceilings, pairs = state.option_keys, state.ceilings, state.pairs[i]
    word = luck(state.clock[0], country.key, CHOICE)
    fill_bounds(state, i)
    for place in range(country.eligible):
        ceilings[place] += gumbel_bound(half_of_key(word, keys[state.eligible[i, place]]))
    hold = len(state.instruments)
    score, option = consider(NO_SCORE, NO_OPTION, hold, 0.0, half_of_key(word, keys[hold]))
    most = most_plain_terms(coefficients, country)
    for place in range(country.eligible):
        ceiling = ceilings[place]
        if ceiling + most < score:
            continue
        k = state.eligible[i, place]
        instrument, pair = state.instruments[k], pairs[k]
        if ceiling + plain_terms(coefficients, country, instrument, pair) < score:
            continue
        if may_take(pairs, pair, instrument, state.clock[0].quarter):
            noise = half_of_key(word, keys[k])
            # As if the EU were sure to agree: no utility is larger.
            if total(terms_of(state, i, k, 1.0)) + gumbel_bound(noise) >= score:
                utility = total(terms_of(state, i, k, union_chance(state, i, k)))
                score, option = consider(score, option, k, utility, noise)
    return option
