"""Programmes end with their period; those who were in are in the next one, mostly and late."""

from __future__ import annotations

from partnersim.compiler.compiled import rule
from partnersim.model.constants import CONCLUDED, IN_FORCE, NEGOTIATING, PROGRAMME_QUARTERS
from partnersim.model.draws import happens
from partnersim.model.events import EXPIRED, RENEWED, log_tie
from partnersim.model.instrument_utility import prerequisites_met
from partnersim.model.state import State
from partnersim.model.ties import end_tie, enter_force, is_in_trouble, note_tie
from partnersim.random.numbers import RENEWAL


@rule
def expire_and_renew(state: State) -> None:
    """Let ties lapse when their programme has ended, and renew lapsed ones.

    A text that has not come into force by then is negotiated anew for the next programme, from
    the next quarter on; if it has stalled, it may be resumed from then on.
    """
    quarter = state.clock[0].quarter
    for k in range(len(state.instruments)):
        instrument = state.instruments[k]
        if instrument.expires == 0 or quarter <= instrument.expires:
            continue
        over = (quarter - instrument.expires - 1) % PROGRAMME_QUARTERS == 0
        for i in range(len(state.countries)):
            pair = state.pairs[i, k]
            stage = pair.stage
            if over and stage == IN_FORCE:
                end_tie(state, i, k)
                pair.lapsed = 1
                log_tie(state, EXPIRED, i, k, stage)
            elif over and stage >= CONCLUDED:
                pair.stage = NEGOTIATING
                pair.again = quarter + 1
                log_tie(state, EXPIRED, i, k, stage)
            elif pair.lapsed == 1 and quarter >= instrument.renews > 0:
                _renew(state, i, k)


@rule
def _renew(state: State, i: int, k: int) -> None:
    """Let a lapsed tie be renewed, or not yet: what it needs must be in force again.

    Nor is it soon after a rupture, or while any other tie is suspended.
    """
    if is_in_trouble(state, i) or not prerequisites_met(state.pairs[i], state.instruments[k]):
        return
    pair = state.pairs[i, k]
    hazard = state.coefficients[0].hazard_renewal
    # What a bloc has together, or in one text, is renewed together.
    lead_key, text_key = state.countries[pair.lead].key, state.instruments[pair.text].key
    if happens(state.clock[0], hazard, lead_key, text_key, RENEWAL):
        pair.lapsed = 0
        pair.stage = IN_FORCE
        note_tie(state, i, k)
        enter_force(state, i, k)
        log_tie(state, RENEWED, i, k, IN_FORCE)
