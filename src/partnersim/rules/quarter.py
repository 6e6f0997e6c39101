"""One quarter, in the order of the paper.

Shocks, the Offer, the countries' turns with consent, stages, strain, slow change. The Mesa model
and the compiled ensemble both call the functions that stand here in this order.
"""

from __future__ import annotations

import numpy as np

from partnersim.rules.adaptation import adapt
from partnersim.rules.choice import may_act, put_in_order, weigh_options
from partnersim.rules.compiled import rule
from partnersim.rules.consent import partner_consents, union_consents
from partnersim.rules.events import log_event
from partnersim.rules.keyed import CHOICE
from partnersim.rules.offer import spend_offer
from partnersim.rules.options import race
from partnersim.rules.parameters import Parameters
from partnersim.rules.shocks import feel_shocks, strike_shocks
from partnersim.rules.stages import advance_stages, open_negotiation
from partnersim.rules.state import LINK_REFUSED, LINKED, REFUSED, State
from partnersim.rules.strain import strain_ties
from partnersim.rules.ties import direction_of, holds_in_area, set_link
from partnersim.rules.world_arrays import WorldArrays


@rule
def open_quarter(
    world: WorldArrays,
    parameters: Parameters,
    state: State,
    seed: int,
    replicate: int,
    quarter: int,
) -> None:
    """Let shocks strike and clear the quarter's counters."""
    union = state.union[0]
    union.advanced = 0
    union.new_ties = 0
    union.deeper_ties = 0
    union.lost_ties = 0
    strike_shocks(world, parameters, state, seed, replicate, quarter)
    feel_shocks(world, parameters, state)
    put_in_order(state, seed, replicate, quarter)


@rule
def take_turn(
    world: WorldArrays,
    parameters: Parameters,
    state: State,
    seed: int,
    replicate: int,
    quarter: int,
    country: int,
) -> None:
    """Let one country choose, ask, and do what was agreed."""
    if not may_act(parameters, state, seed, replicate, quarter, country):
        return
    weigh_options(world, parameters, state, country)
    option = choose(state, seed, replicate, quarter, country)
    carry_out(world, parameters, state, seed, replicate, quarter, country, option)


@rule
def choose(state: State, seed: int, replicate: int, quarter: int, country: int) -> int:
    """Draw the country's choice among the options it has weighed."""
    return race(
        state.utilities,
        state.admissible,
        state.utilities.shape[0],
        seed,
        replicate,
        quarter,
        country,
        CHOICE,
    )


@rule
def carry_out(
    world: WorldArrays,
    parameters: Parameters,
    state: State,
    seed: int,
    replicate: int,
    quarter: int,
    country: int,
    option: int,
) -> None:
    """Ask for the consent that a choice needs, and make the tie if it is given."""
    countries, instruments = state.stage.shape
    if option < instruments:
        agreed = union_consents(
            world, parameters, state, seed, replicate, quarter, country, option
        )
        settle_approach(world, parameters, state, quarter, country, option, agreed)
    elif option < instruments + countries:
        other = option - instruments
        agreed = partner_consents(parameters, state, seed, replicate, quarter, country, other)
        settle_link(state, quarter, country, other, agreed)


@rule
def settle_approach(
    world: WorldArrays,
    parameters: Parameters,
    state: State,
    quarter: int,
    country: int,
    instrument: int,
    agreed: bool,
) -> None:
    """Open the negotiation, or note that the EU declined."""
    if agreed:
        open_negotiation(world, parameters, state, quarter, country, instrument)
    else:
        direction = direction_of(
            world.role[instrument], holds_in_area(parameters, state, country, instrument)
        )
        log_event(state, quarter, REFUSED, country, instrument, -1, -1, direction, -1, 0.0)


@rule
def settle_link(state: State, quarter: int, country: int, other: int, agreed: bool) -> None:
    """Make the link, or note that the other country declined."""
    if agreed:
        set_link(state, country, other, 1)
        log_event(state, quarter, LINKED, country, -1, other, -1, -1, -1, 0.0)
    else:
        log_event(state, quarter, LINK_REFUSED, country, -1, other, -1, -1, -1, 0.0)


@rule
def close_quarter(
    world: WorldArrays,
    parameters: Parameters,
    state: State,
    seed: int,
    replicate: int,
    quarter: int,
) -> None:
    """Move stages on, let strain work, and let slow change happen."""
    advance_stages(world, parameters, state, seed, replicate, quarter)
    strain_ties(world, parameters, state, seed, replicate, quarter)
    adapt(world, parameters, state)


@rule
def play_quarter(
    world: WorldArrays,
    parameters: Parameters,
    state: State,
    seed: int,
    replicate: int,
    quarter: int,
) -> None:
    """Play one quarter."""
    open_quarter(world, parameters, state, seed, replicate, quarter)
    spend_offer(world, parameters, state)
    for country in np.argsort(state.order):
        take_turn(world, parameters, state, seed, replicate, quarter, country)
    close_quarter(world, parameters, state, seed, replicate, quarter)
