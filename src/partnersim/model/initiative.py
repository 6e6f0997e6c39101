"""The EU's initiative: whom it turns to, what it proposes, what the partner answers.

Each quarter the EU ranks partners by what they are worth to it and by summits, and turns to those
that come first. There it weighs what it could propose, its own utility and how ready the partner is
to accept, and proposes one thing or nothing. Both choices rank noisy utilities (Gumbel 1954): a
nested multinomial logit over pairs. A partner that declines may be offered something lighter.
"""

from __future__ import annotations

import math

from partnersim.compiler.compiled import rule
from partnersim.model.choice import fill_bounds, terms_of
from partnersim.model.consent import (
    chance_of_yes,
    expected,
    has_negotiators,
    instrument_worth,
    is_put,
    partner_utility,
    says_yes,
    union_chance,
)
from partnersim.model.constants import MIDDLING, SUMMIT_CYCLE
from partnersim.model.draws import NOBODY, draw_of, luck
from partnersim.model.events import COUNTERED, DECLINED, NOT_APPLICABLE, PROPOSED, log_event
from partnersim.model.instrument_utility import may_take, silenced, total
from partnersim.model.offer import costs_the_offer
from partnersim.model.stages import open_negotiations
from partnersim.model.state import State
from partnersim.model.ties import direction_of
from partnersim.model.turns import has_hands_free, queue_up
from partnersim.random.elementary import exp, log
from partnersim.random.numbers import ACCEPTANCE, EU_CONSENT, INITIATIVE, PROPOSAL, half_of_key
from partnersim.random.options import (
    NO_OPTION,
    NO_SCORE,
    consider,
    gumbel_bound,
    next_contender,
    race_by_key,
)

#: Of more the exponential function is infinite.
_LARGEST_EXPONENT = 700.0


@rule
def worth_as_partner(state: State, i: int) -> float:
    """Return what country i is worth to the EU as a partner, whatever the instrument."""
    country = state.countries[i]
    return partner_utility(
        state.coefficients[0],
        state.union[0],
        country,
        state.alignment[i],
        state.region_priority[country.region],
    )


@rule
def initiative_hazard(state: State, i: int) -> float:
    """Return the hazard per quarter that the EU turns to a country with a proposal in mind.

    What the country is worth as a partner, and whether its leaders meet those of the EU.
    """
    coefficients = state.coefficients[0]
    summit = state.summit[i, state.clock[0].quarter % SUMMIT_CYCLE]
    log_rate = worth_as_partner(state, i) - coefficients.consent_size * MIDDLING
    log_rate += coefficients.initiative_summit * summit
    return coefficients.initiative_rate * exp(min(log_rate, _LARGEST_EXPONENT))


@rule
def rank_partners(state: State) -> int:
    """Write the countries that the EU turns to in ``state.turns``, the first first; count them."""
    word = luck(state.clock[0], NOBODY, INITIATIVE)
    order = state.claims
    turns = state.turns
    count = 0
    for i in range(len(state.countries)):
        share = draw_of(word, state.countries[i].key)
        hazard = initiative_hazard(state, i)
        # No wait is shorter than 1 - share: most need no logarithm.
        if 1.0 - share >= hazard:
            continue
        waits = -log(share)
        if waits < hazard:
            order[i] = waits / hazard
            queue_up(turns, count, order, i)
            count += 1
    return count


@rule
def acceptance_chance(state: State, i: int, k: int) -> float:
    """Return the chance that country i would accept instrument k if the EU proposed it.

    A bloc answers as one: what makes each member's turn count less does not count here.
    """
    utility = total(terms_of(state, i, k, 1.0)) + state.members[i, k]
    return chance_of_yes(utility + state.coefficients[0].acceptance)


@rule
def may_propose(state: State, i: int, k: int) -> bool:
    """Tell whether the EU may propose instrument k to country i, and has negotiators for it."""
    instrument = state.instruments[k]
    pairs = state.pairs[i]
    return has_negotiators(state.union[0], instrument) and may_take(
        pairs, pairs[k], instrument, state.clock[0].quarter
    )


@rule
def worth_of_tie(state: State, i: int, k: int, worth: float) -> float:
    """Return what instrument k with country i is worth to the EU.

    Parameters
    ----------
    worth : float
        From `worth_as_partner`.
    """
    return worth + instrument_worth(
        state.coefficients[0],
        state.union[0],
        state.countries[i],
        state.instruments[k],
        state.pairs[i, k],
        state.alignment[i],
    )


@rule
def proposal_utility(state: State, i: int, k: int, worth: float) -> float:
    """Return the EU's utility of proposing instrument k, which it may, to country i.

    Parameters
    ----------
    worth : float
        From `worth_of_tie`.
    """
    utility = worth + expected(acceptance_chance(state, i, k))
    silence = silenced(state.countries[i], state.instruments[k])
    return utility + (silence - state.members[i, k])


@rule
def weigh_proposals(state: State, i: int) -> None:
    """Write the utility of proposing each instrument to country i into ``state.utilities``.

    -inf where it may not be proposed. The last is to propose nothing: 0.
    """
    worth = worth_as_partner(state, i)
    for k in range(len(state.instruments)):
        utility = -math.inf
        if may_propose(state, i, k):
            utility = proposal_utility(state, i, k, worth_of_tie(state, i, k, worth))
        state.utilities[k] = utility
    state.utilities[len(state.instruments)] = 0.0


@rule
def choose_proposal(state: State, i: int) -> int:
    """Draw the EU's choice among the proposals that `weigh_proposals` has written down."""
    word = luck(state.clock[0], state.countries[i].key, PROPOSAL)
    return race_by_key(state.utilities, state.option_keys, word, state.ceilings)


@rule
def decide_proposal(state: State, i: int) -> int:
    """Return what `choose_proposal` returns after `weigh_proposals`, to the bit, with less work.

    The logarithm of a chance of acceptance exceeds neither 0 nor its log odds: what could not win
    even so is not weighed.
    """
    coefficients = state.coefficients[0]
    country = state.countries[i]
    keys, ceilings = state.option_keys, state.ceilings
    word = luck(state.clock[0], country.key, PROPOSAL)
    worth = worth_as_partner(state, i)
    fill_bounds(state, i)
    open_to = state.open_to[i]
    for place in range(country.open_to):
        k = open_to[place]
        ceiling = -math.inf
        if may_propose(state, i, k):
            odds = min(0.0, ceilings[place] + coefficients.acceptance)
            ceiling = worth_of_tie(state, i, k, worth) + odds - state.members[i, k]
        ceilings[place] = ceiling + gumbel_bound(half_of_key(word, keys[k]))
    nothing = len(state.instruments)
    score, option = consider(NO_SCORE, NO_OPTION, nothing, 0.0, half_of_key(word, keys[nothing]))
    while True:
        place = next_contender(ceilings, country.open_to, score)
        if place == NO_OPTION:
            return option
        k = open_to[place]
        utility = proposal_utility(state, i, k, worth_of_tie(state, i, k, worth))
        score, option = consider(score, option, k, utility, half_of_key(word, keys[k]))


@rule
def proposal_is_put(state: State, i: int, k: int) -> bool:
    """Tell whether the EU, once it has sounded out country i, proposes instrument k to it."""
    chance = acceptance_chance(state, i, k)
    return is_put(state, chance, state.countries[i].key, state.instruments[k].key, ACCEPTANCE)


@rule
def partner_accepts(state: State, i: int, k: int) -> bool:
    """Tell whether country i accepts instrument k, which the EU proposes."""
    chance = acceptance_chance(state, i, k)
    return says_yes(state, chance, state.countries[i].key, state.instruments[k].key, ACCEPTANCE)


@rule
def settle_proposal(state: State, i: int, k: int, accepted: bool) -> None:
    """Open the negotiation that the EU proposed, or note that the partner declined."""
    if accepted:
        open_negotiations(state, i, k, PROPOSED)
    else:
        decline(state, i, k)
        make_counter_offer(state, i, k)


@rule
def make_counter_offer(state: State, i: int, k: int) -> None:
    """Offer a partner that has declined what is one step lighter, if the EU would have it.

    It lies on the table: nobody can be sounded out.
    """
    lighter = state.instruments[k].lighter
    if lighter < 0:
        return
    instrument = state.instruments[lighter]
    pairs = state.pairs[i]
    if not may_take(pairs, pairs[lighter], instrument, state.clock[0].quarter):
        return
    country_key = state.countries[i].key
    if says_yes(state, union_chance(state, i, lighter), country_key, instrument.key, EU_CONSENT):
        if partner_accepts(state, i, lighter):
            open_negotiations(state, i, lighter, COUNTERED)
        else:
            decline(state, i, lighter)


@rule
def decline(state: State, i: int, k: int) -> None:
    """Note that country i declined: it does not ask for the same this quarter."""
    state.pairs[i, k].again = state.clock[0].quarter + 1
    log_answer(state, DECLINED, i, k)


@rule
def log_answer(state: State, kind: int, i: int, k: int) -> None:
    """Log that one side does not want what the other asked for.

    With whom joint bodies meet all year a no is heard before anything is put; what the Offer pays
    for is drawn up jointly.
    """
    if state.countries[i].joint_bodies == 1 or costs_the_offer(
        state.countries[i], state.instruments[k]
    ):
        return
    log_event(
        state,
        kind,
        i,
        k,
        NOT_APPLICABLE,
        NOT_APPLICABLE,
        direction_of(state.countries[i], state.instruments[k]),
        NOT_APPLICABLE,
        0.0,
    )


@rule
def propose(state: State) -> None:
    """Let the EU turn to partners and propose."""
    for place in range(rank_partners(state)):
        i = state.turns[place]
        if has_hands_free(state, i):
            k = decide_proposal(state, i)
            if k < len(state.instruments) and proposal_is_put(state, i, k):
                settle_proposal(state, i, k, partner_accepts(state, i, k))
