"""Rival powers compete with the EU: they win areas of countries, tie them, and are kept out.

Each offer of a rival (cables of China, satellite services of the United States) supplies a country
to a degree of 0 to 1. Wins come as often as the record says, more often where rivals pull, less
often where ties and money of the EU compete; what was won ties for years (lock-in: Farrell and
Klemperer 2007, doi:10.1016/S1573-448X(06)03031-7). Allies keep high-risk vendors out.
"""

from __future__ import annotations

import math
from typing import Any

from partnersim.compiler.compiled import rule
from partnersim.model.constants import AREAS, MAXIMUM_DEPTH, MIDDLING
from partnersim.model.draws import draw, draw_of, is_hit, luck
from partnersim.model.events import NOT_APPLICABLE, RIVAL_WON, VENDOR_BANNED, log_event
from partnersim.model.shock_effects import fill_unready
from partnersim.model.state import State
from partnersim.model.ties import is_active
from partnersim.random.elementary import exp
from partnersim.random.keys import EVERYBODY_KEY
from partnersim.random.numbers import RIVAL_WIN, VENDOR_BAN

#: More than rounding can change of a factor.
_ROUNDING = 1e-9


@rule
def begin_rivals(state: State) -> None:
    """Set what rivals supply to what they do in June 2025."""
    for i in range(len(state.countries)):
        country = state.countries[i]
        for o in range(len(state.rivals)):
            state.supply[i, o] = state.first_supply[i, o]
        country.kept_out = country.first_kept_out
        for area in range(len(AREAS)):
            country.built[area] = 0.0
            # What the record of wins has seen of the EU's ties stands in its rates.
            country.first_depth[area] = country.depth[area]
        fill_unready(state.coefficients[0], country)
        sum_supply(state, i)


@rule
def sum_supply(state: State, i: int) -> None:
    """Work out the shares of country i's areas that rivals supply, and high-risk ones among them.

    ``S / (1 + S)``, S the sum over offers of their weight times what is left of them.
    """
    country = state.countries[i]
    for area in range(len(AREAS)):
        country.supplied[area] = 0.0
        country.high_risk[area] = 0.0
    for o in range(len(state.rivals)):
        offer = state.rivals[o]
        held = offer.weight * state.supply[i, o]
        country.supplied[offer.area] += held
        if offer.high_risk == 1:
            country.high_risk[offer.area] += held
    for area in range(len(AREAS)):
        whole = 1.0 + country.supplied[area]
        country.supplied[area] /= whole
        country.high_risk[area] /= whole


@rule
def compete(state: State) -> None:
    """Let hold fade, countries ban high-risk vendors, and rivals win, country by country."""
    replacement = state.coefficients[0].vendor_replacement
    for i in range(len(state.countries)):
        country = state.countries[i]
        _may_ban(state, i)
        ceiling = highest_attraction(state, i)
        word = luck(state.clock[0], country.key, RIVAL_WIN)
        for o in range(len(state.rivals)):
            offer = state.rivals[o]
            banned = country.kept_out if offer.vendor == 1 else 0.0
            supply = state.supply[i, o] * (offer.decay * (1.0 - replacement * banned))
            state.supply[i, o] = supply
            share = draw_of(word, offer.key)
            rate = state.rival_rate[i, o]
            # No chance exceeds its hazard, no hazard that of an empty market: most need neither.
            if share < rate * ceiling:
                hazard = rate * (1.0 - supply) * (1.0 - banned)
                hazard *= exp(attraction(state, i, offer.area))
                if is_hit(share, hazard):
                    _win(state, i, o)
        sum_supply(state, i)


@rule
def attraction(state: State, i: int, area: int) -> float:
    """Return the log of how much more often than recorded rivals win an area of country i now."""
    coefficients = state.coefficients[0]
    country = state.countries[i]
    deeper = (country.depth[area] - country.first_depth[area]) / MAXIMUM_DEPTH
    recent = country.recent[area]
    offered = recent / (recent + country.investment_unit)
    return (
        coefficients.rival_pull * (country.rival[area] - country.first_rival[area])
        + coefficients.rival_ties * deeper
        + coefficients.rival_money * (offered - coefficients.usual_offer * country.developing)
    )


@rule
def highest_attraction(state: State, i: int) -> float:
    """Return what the factor of hazards does not exceed in any area of country i."""
    highest = -math.inf
    for area in range(len(AREAS)):
        highest = max(highest, attraction(state, i, area))
    # exp(x) <= (1 - x / 4) ** -4 below 4: most need no exponential.
    fourth = 1.0 - 0.25 * highest
    if fourth < 0.5:
        return exp(highest)
    return (1.0 + _ROUNDING) / (fourth * fourth * (fourth * fourth))


@rule
def _win(state: State, i: int, o: int) -> None:
    """Let an offer supply country i fully, and log it."""
    offer = state.rivals[o]
    state.supply[i, o] = 1.0
    state.countries[i].built[offer.area] += offer.builds
    fill_unready(state.coefficients[0], state.countries[i])
    state.union[0].rival_wins += 1
    log_event(
        state,
        RIVAL_WON,
        i,
        NOT_APPLICABLE,
        o,
        NOT_APPLICABLE,
        NOT_APPLICABLE,
        NOT_APPLICABLE,
        0.0,
    )


@rule
def ban_hazard(coefficients: Any, country: Any, adheres: bool) -> float:
    """Return the hazard per quarter that a country bans high-risk vendors.

    The wealthy do so more often: other vendors cost more.
    """
    hazard = coefficients.vendor_ban * exp(
        coefficients.vendor_alliance * country.ally
        + coefficients.vendor_wealth * (country.wealth - MIDDLING)
    )
    return hazard + (coefficients.vendor_toolbox if adheres else 0.0)


@rule
def _may_ban(state: State, i: int) -> None:
    """Let country i ban high-risk vendors of infrastructure, if it has not yet."""
    country = state.countries[i]
    if country.kept_out >= 1.0 or country.power == 1:
        return
    coefficients = state.coefficients[0]
    share = draw(state.clock[0], country.key, EVERYBODY_KEY, VENDOR_BAN)
    # Who adheres to what need not be looked up where the draw is too large anyway.
    if not is_hit(share, ban_hazard(coefficients, country, True)):
        return
    if is_hit(share, ban_hazard(coefficients, country, _adheres(state, i))):
        country.kept_out = 1.0
        log_event(
            state,
            VENDOR_BANNED,
            i,
            NOT_APPLICABLE,
            NOT_APPLICABLE,
            NOT_APPLICABLE,
            NOT_APPLICABLE,
            NOT_APPLICABLE,
            0.0,
        )


@rule
def _adheres(state: State, i: int) -> bool:
    """Tell whether country i has an instrument in force that keeps high-risk vendors out."""
    for tie in range(state.countries[i].ties):
        k = state.tied[i, tie]
        if state.instruments[k].keeps_vendors_out == 1 and is_active(state.pairs[i, k]):
            return True
    return False
