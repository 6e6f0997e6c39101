"""What a country weighs at its turn: every admissible instrument, every link, holding still.

Utilities are linear in the named coefficients; holding is 0. The choice is a multinomial logit,
drawn by adding Gumbel noise to each utility and taking the largest.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from partnersim.rules.compiled import rule
from partnersim.rules.constants import (
    BROADEN,
    CONNECT,
    DEEPEN,
    MAXIMUM_DEPTH,
    PLANNED,
)
from partnersim.rules.draws import draw
from partnersim.rules.keyed import ACTIVITY, CHOICE, TURN_ORDER, to_uniform
from partnersim.rules.links import link_coefficients, link_utility, may_link
from partnersim.rules.noise import fill_words, word_of
from partnersim.rules.options import race
from partnersim.rules.state import State
from partnersim.rules.ties import direction_of, is_active
from partnersim.rules.world_arrays import Floats

#: Actor of decisions that concern all countries, with the country as the alternative.
ALL_COUNTRIES = np.int64(0)

#: Instruments in force per area at which complementarity is half felt.
HALF_COMPLEMENTARY = 2.0


class InstrumentTerms(NamedTuple):
    """The terms of a country's utility of an instrument; their sum is the utility."""

    direction: float
    need: float
    readiness: float
    offer: float
    alignment: float
    long_step: float
    complementarity: float
    diffusion_links: float
    diffusion_region: float
    size: float
    rival: float
    threat_security: float
    threat_elsewhere: float
    announced: float
    reputation: float
    outreach: float


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


@rule
def prerequisites_met(pairs: Any, instrument: Any) -> bool:
    """Tell whether every group of prerequisites has a member in force.

    Parameters
    ----------
    pairs : (K,) records
        The country's pairs.
    instrument : record
    """
    required = instrument.prerequisite
    for group in range(required.shape[0]):
        if required[group, 0] < 0:
            return True
        met = False
        for place in range(required.shape[1]):
            if required[group, place] >= 0 and is_active(pairs[required[group, place]]):
                met = True
        if not met:
            return False
    return True


@rule
def may_take(pairs: Any, pair: Any, instrument: Any) -> bool:
    """Tell whether an instrument is an option: eligible, not under way, prerequisites in force."""
    return pair.available == 1 and pair.stage <= PLANNED and prerequisites_met(pairs, instrument)


@rule
def share(part: int, whole: int) -> float:
    """Return a part's share of the whole, 0 of nothing."""
    return part / whole if whole > 0 else 0.0


@rule
def direction_constant(coefficients: Any, direction: int) -> float:
    """Return the constant of a direction."""
    if direction == DEEPEN:
        return coefficients.deepen
    if direction == BROADEN:
        return coefficients.broaden
    if direction == CONNECT:
        return coefficients.connect
    return coefficients.strengthen


@rule
def instrument_terms(
    coefficients: Any,
    country: Any,
    instrument: Any,
    pair: Any,
    union: Any,
    alignment: float,
    linked_share: float,
    region_share: float,
    region_priority: float,
) -> InstrumentTerms:
    """Return the terms of a country's utility of an instrument.

    Every mean runs over the areas that the instrument covers.

    Parameters
    ----------
    coefficients, country, instrument, pair, union : records
    alignment : float
        Of the country with the EU, 0..1.
    linked_share : float
        Share of the country's linked partners that have the instrument in force, 0..1.
    region_share : float
        Share of the country's region that has the instrument in force, 0..1.
    region_priority : float
        EU priority of the region, 1 = neutral.
    """
    readiness = 0.0
    recent = 0.0
    rival = 0.0
    security_threat = 0.0
    other_threat = 0.0
    steps = 0
    held = 0
    for place in range(instrument.area_count):
        area = instrument.area_list[place]
        secures = instrument.secures[place]
        readiness += country.readiness[area]
        recent += country.recent[area]
        rival += country.rival[area]
        security_threat += secures * country.threat[area]
        other_threat += (1.0 - secures) * country.threat[area]
        steps += max(0, instrument.binding - country.depth[area])
        held += country.held[area]
    each = 1.0 / instrument.area_count
    offered = recent / (recent + country.investment_unit)
    held_mean = held * each
    firmness = instrument.binding / MAXIMUM_DEPTH
    direction = direction_of(country, instrument)
    priority = union.direction_priority[direction] + instrument.priority + region_priority
    return InstrumentTerms(
        direction_constant(coefficients, direction),
        coefficients.need * pair.need,
        coefficients.readiness * (readiness * each),
        coefficients.offer * offered,
        coefficients.alignment * (alignment - 0.5) * firmness,
        coefficients.long_step * (steps * each / MAXIMUM_DEPTH),
        coefficients.complementarity * (held_mean / (held_mean + HALF_COMPLEMENTARY)),
        coefficients.diffusion_links * linked_share,
        coefficients.diffusion_region * region_share,
        coefficients.economic_size * country.economic_size,
        coefficients.rival * (rival * each),
        coefficients.threat_security * (security_threat * each),
        coefficients.threat_elsewhere * (other_threat * each),
        coefficients.announced if pair.stage == PLANNED else 0.0,
        coefficients.reputation * (union.reputation - 0.5),
        coefficients.outreach * (priority - 3.0),
    )


@rule
def total(terms: InstrumentTerms) -> float:
    """Add the terms up, always in the same order."""
    return (
        terms.direction
        + terms.need
        + terms.readiness
        + terms.offer
        + terms.alignment
        + terms.long_step
        + terms.complementarity
        + terms.diffusion_links
        + terms.diffusion_region
        + terms.size
        + terms.rival
        + terms.threat_security
        + terms.threat_elsewhere
        + terms.announced
        + terms.reputation
        + terms.outreach
    )


@rule
def terms_of(state: State, i: int, k: int) -> InstrumentTerms:
    """Return the terms of country i's utility of instrument k as things stand."""
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
        state.region_priority[region],
    )


@rule
def weigh_options(state: State, i: int) -> None:
    """Write the utility of every option into ``state.utilities``, -inf where it may not be taken.

    Options are numbered: instruments, then countries to link to, then holding still.
    """
    instruments = len(state.instruments)
    countries = len(state.countries)
    weigh_instruments(state, i, state.utilities)
    weigh_links(state, i, state.utilities[instruments:])
    state.utilities[instruments + countries] = 0.0


@rule
def weigh_instruments(state: State, i: int, utilities: Floats) -> None:
    """Write the utility of every instrument, -inf where it may not be taken."""
    coefficients = state.coefficients[0]
    country = state.countries[i]
    alignment = state.alignment[i]
    degree = state.degree[i]
    pairs = state.pairs[i]
    holders = state.region_holders[country.region]
    size = state.region_size[country.region]
    priority = state.region_priority[country.region]
    union = state.union[0]
    catalogue = state.instruments
    for k in range(len(catalogue)):
        instrument = catalogue[k]
        pair = pairs[k]
        utility = -math.inf
        if may_take(pairs, pair, instrument):
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
                    priority,
                )
            )
        utilities[k] = utility


@rule
def weigh_links(state: State, i: int, utilities: Floats) -> None:
    """Write the utility of a link to every country, -inf where it may not be made."""
    coefficients = link_coefficients(state.coefficients[0], state.union[0])
    alignment = state.alignment
    degree = state.degree
    in_force = state.in_force
    linked = state.linked[i]
    fixed = state.fixed_utility[i]
    shared_partners = state.shared_partners[i]
    programmes = state.programmes[i]
    own_alignment = alignment[i]
    own_degree = degree[i]
    own_in_force = in_force[i]
    for j in range(len(alignment)):
        utility = link_utility(
            coefficients,
            own_degree,
            degree[j],
            abs(own_alignment - alignment[j]),
            fixed[j],
            shared_partners[j],
            programmes[j],
        )
        allowed = may_link(own_in_force, in_force[j], linked[j])
        utilities[j] = utility if allowed else -math.inf
    utilities[i] = -math.inf


@rule
def choose(state: State, i: int) -> int:
    """Draw country i's choice among the options that `weigh_options` has written down."""
    clock = state.clock[0]
    return race(
        state.utilities,
        state.words,
        state.ceilings,
        clock.seed,
        clock.replicate,
        clock.quarter,
        i,
        CHOICE,
    )
