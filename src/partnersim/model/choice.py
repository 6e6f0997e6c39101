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
    is_open,
    may_take,
    share,
    tied_terms,
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
        state.members[i, k],
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
def list_open(state: State, i: int) -> None:
    """List anew what is open to country i, and its `tied_terms`, if ties have changed since.

    What is opened later stays on the list until a tie comes into force or ends.
    """
    country = state.countries[i]
    if country.listed == 1:
        return
    coefficients, pairs = state.coefficients[0], state.pairs[i]
    count = 0
    for place in range(country.eligible):
        k = state.eligible[i, place]
        instrument, pair = state.instruments[k], pairs[k]
        if is_open(pairs, pair, instrument):
            state.open_to[i, count] = k
            state.open_terms[i, count] = tied_terms(
                coefficients, country, instrument, pair, state.need[i, k], state.opening[i, k]
            )
            count += 1
    country.open_to = count
    country.listed = 1


@rule
def fill_bounds(state: State, i: int) -> None:
    """Write what the utility of what is open to country i does not exceed to ``ceilings``."""
    list_open(state, i)
    coefficients = state.coefficients[0]
    country = state.countries[i]
    highest = common_bound(coefficients, country, state.union[0], state.alignment[i])
    regional = coefficients.diffusion_region / state.region_size[country.region]
    holders = state.region_holders[country.region]
    open_to, terms, ceilings = state.open_to[i], state.open_terms[i], state.ceilings
    for place in range(country.open_to):
        ceilings[place] = highest + terms[place] + regional * holders[open_to[place]]


@rule
def decide(state: State, i: int) -> int:
    """Return what `choose` returns after `weigh_options`, to the bit, with less work.

    Only what could win by its luck against holding still is weighed.
    """
    country = state.countries[i]
    pairs, open_to = state.pairs[i], state.open_to[i]
    keys, ceilings = state.option_keys, state.ceilings
    word = luck(state.clock[0], country.key, CHOICE)
    fill_bounds(state, i)
    for place in range(country.open_to):
        ceilings[place] += gumbel_bound(half_of_key(word, keys[open_to[place]]))
    hold = len(state.instruments)
    score, option = consider(NO_SCORE, NO_OPTION, hold, 0.0, half_of_key(word, keys[hold]))
    for place in range(country.open_to):
        if ceilings[place] < score:
            continue
        k = open_to[place]
        if may_take(pairs, pairs[k], state.instruments[k], state.clock[0].quarter):
            noise = half_of_key(word, keys[k])
            # As if the EU were sure to agree: no utility is larger.
            if total(terms_of(state, i, k, 1.0)) + gumbel_bound(noise) >= score:
                utility = total(terms_of(state, i, k, union_chance(state, i, k)))
                score, option = consider(score, option, k, utility, noise)
    return option
