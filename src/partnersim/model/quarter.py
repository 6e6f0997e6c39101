"""One quarter, in the order of the paper.

Shocks, the Offer, the EU's proposals, the countries' turns with consent, links, stages, suspension,
rivals, slow change. The Mesa model and the compiled ensemble both call the functions that stand
here, in this order.
"""

from __future__ import annotations

from partnersim.compiler.compiled import rule
from partnersim.model.adaptation import adapt
from partnersim.model.choice import decide
from partnersim.model.climate import turn_climate
from partnersim.model.consent import request_is_put, union_consents
from partnersim.model.events import APPROACHED, REFUSED
from partnersim.model.expiry import expire_and_renew
from partnersim.model.initiative import log_answer, propose
from partnersim.model.instrument_effects import apply_effects
from partnersim.model.lever_settings import watch_signposts
from partnersim.model.links import form_links
from partnersim.model.offer import spend_offer
from partnersim.model.rivals import compete
from partnersim.model.shock_effects import apply_shocks
from partnersim.model.shocks import strike_shocks
from partnersim.model.stages import advance_stages, open_negotiations
from partnersim.model.state import State
from partnersim.model.suspension import suspend_and_recover
from partnersim.model.turns import has_hands_free, line_up, put_in_order


@rule
def open_quarter(state: State) -> None:
    """Let time pass and shocks strike, watch signposts, put countries in order."""
    _pass_time(state)
    turn_climate(state)
    strike_shocks(state)
    watch_signposts(state)
    apply_effects(state)
    apply_shocks(state)
    expire_and_renew(state)
    put_in_order(state)


@rule
def _pass_time(state: State) -> None:
    """Begin a quarter in which nothing has happened yet."""
    state.clock[0].quarter += 1
    union = state.union[0]
    union.advanced = 0
    union.new_ties = 0
    union.deeper_ties = 0
    union.lost_ties = 0


@rule
def take_turn(state: State, i: int) -> None:
    """Let country i choose, sound out the EU, ask for its consent, and do what was agreed."""
    if not has_hands_free(state, i):
        return
    option = decide(state, i)
    if option < state.instruments.shape[0] and request_is_put(state, i, option):
        settle_approach(state, i, option, union_consents(state, i, option))


@rule
def settle_approach(state: State, i: int, k: int, agreed: bool) -> None:
    """Open the negotiation of country i on instrument k, or note that the EU declined."""
    if agreed:
        open_negotiations(state, i, k, APPROACHED)
    else:
        log_answer(state, REFUSED, i, k)


@rule
def close_quarter(state: State) -> None:
    """Move stages on, let shocks suspend ties, rivals compete and slow change happen."""
    advance_stages(state)
    suspend_and_recover(state)
    compete(state)
    adapt(state)


@rule
def take_turns(state: State) -> None:
    """Let countries take their turns, one after another."""
    for place in range(line_up(state)):
        take_turn(state, state.turns[place])


@rule
def play_quarter(state: State) -> None:
    """Play one quarter."""
    open_quarter(state)
    spend_offer(state)
    propose(state)
    take_turns(state)
    form_links(state)
    close_quarter(state)
