"""Negotiations: opened by consent; then they move on, stall, are resumed or given up.

What a bloc decides for its members opens, moves, stalls and ends for all of them at once, by one
draw: the luck of the member that began. Competing risks: Prentice et al. (1978),
doi:10.2307/2530374.
"""

from __future__ import annotations

import math
from typing import Any

from partnersim.compiler.compiled import rule
from partnersim.model.consent import share_busy
from partnersim.model.constants import (
    CONCLUDED,
    FRESH_RUPTURE,
    IN_FORCE,
    MAXIMUM_DEPTH,
    MONTHS_PER_QUARTER,
    NEGOTIATING,
    NONE,
    NOT_HALTED,
    PLANNED,
    POLITICAL,
    PROJECT,
    SIGNED,
    STAGES,
    STALLED_IN_TALKS,
    SUSPENDED_BY_SHOCKS,
    TREATY,
)
from partnersim.model.draws import draw, is_hit
from partnersim.model.effect_kinds import duration_left
from partnersim.model.events import (
    ADVANCED,
    BLOCKED,
    ENDED,
    RESUMED,
    STALLED,
    SUPERSEDED,
    log_tie,
)
from partnersim.model.instrument_utility import may_take
from partnersim.model.offer import waits_for_money
from partnersim.model.state import State
from partnersim.model.ties import (
    GAINED,
    LOST,
    direction_of,
    end_tie,
    enter_force,
    is_under_way,
    note_tie,
    occupy,
    place_behind,
)
from partnersim.random.elementary import exp
from partnersim.random.numbers import STAGE_ADVANCE


@rule
def open_negotiations(state: State, i: int, k: int, kind: int) -> None:
    """Open a negotiation: of a country, or of all members of a bloc that may take it with it.

    Parameters
    ----------
    kind : int
        Event that tells who began: `APPROACHED`, `PROPOSED` or `COUNTERED`.
    """
    bloc = state.pairs[i, k].bloc
    quarter = state.clock[0].quarter
    for j in range(len(state.countries)):
        pairs = state.pairs[j]
        # A member in a rupture is left out.
        in_rupture = state.countries[j].rupture > FRESH_RUPTURE
        joins = bloc >= 0 and pairs[k].bloc == bloc and not in_rupture
        if j == i or (joins and may_take(pairs, pairs[k], state.instruments[k], quarter)):
            pairs[k].lead = i
            open_negotiation(state, j, k, kind)


@rule
def open_negotiation(state: State, i: int, k: int, kind: int) -> None:
    """Put a pair on the first stage of its path and occupy the negotiators."""
    pair = state.pairs[i, k]
    pair.direction = direction_of(state.countries[i], state.instruments[k])
    pair.stage = state.next_stage[state.instruments[k].path, NONE]
    pair.paid = 1 - state.countries[i].developing
    pair.age = 0
    note_tie(state, i, k)
    occupy(state, i, k, GAINED)
    log_tie(state, kind, i, k, pair.stage)


@rule
def advance_hazard(
    coefficients: Any,
    union: Any,
    country: Any,
    instrument: Any,
    alignment: float,
    base: float,
    pace: float,
) -> float:
    """Return the hazard per quarter that a negotiation reaches its next stage.

    The base hazard of path and stage, times exp of alignment, binding level, perceived threat,
    how busy the EU is, whether texts are signed directly, the instrument's own effect and the pace
    that shocks set; what is political stands still in silence.
    """
    threat = 0.0
    for place in range(instrument.area_count):
        threat += country.threat[instrument.area_list[place]]
    heard = 1.0 - country.silence if instrument.path == POLITICAL else 1.0
    return (heard * base) * exp(
        coefficients.hazard_alignment * (alignment - 0.5)
        + coefficients.hazard_binding * (instrument.binding / MAXIMUM_DEPTH - 0.5)
        + coefficients.hazard_threat * (threat / instrument.area_count)
        + coefficients.hazard_busy * (share_busy(union) - coefficients.usual_busy)
        + coefficients.hazard_direct * instrument.direct
        + coefficients.pooled_effects * instrument.speed
        + pace
    )


@rule
def pace_of(country: Any, instrument: Any, stage: int) -> float:
    """Return the pace that shocks set, mean over the areas of an instrument.

    They hurry or delay who negotiates, not who builds: what a project is under contract for.
    """
    if instrument.path == PROJECT and stage == SIGNED:
        return 0.0
    pace = 0.0
    for place in range(instrument.area_count):
        pace += country.pace[instrument.area_list[place]]
    return pace / instrument.area_count


@rule
def base_hazard(state: State, i: int, k: int, stage: int) -> float:
    """Return the hazard of leaving a stage, as usual on its path.

    What needs all Member States waits longer for them, a cable system takes years from the contract
    on, but contracts of before the run are years old; instruments in force may save some of the
    duration.
    """
    instrument = state.instruments[k]
    base = state.hazard[instrument.path, stage]
    if needs_all_states(instrument, stage):
        base *= exp(state.coefficients[0].hazard_mixed)
    if instrument.cable == 1 and stage == SIGNED and state.pairs[i, k].old_contract == 0:
        base *= exp(state.coefficients[0].hazard_cable)
    return base / duration_left(state, i, k)


@rule
def needs_all_states(instrument: Any, stage: int) -> bool:
    """Tell whether every Member State has to agree at this stage.

    They agree to the signature; then they ratify, which holds up only what is not applied
    provisionally meanwhile.
    """
    return CONCLUDED <= stage <= instrument.mixed


@rule
def stall_hazard(coefficients: Any, path: int, stage: int) -> float:
    """Return the hazard per quarter that talks stall, by path; of texts, also after conclusion.

    No treaty on record stalled once it was signed.
    """
    if path == PROJECT:
        return coefficients.hazard_project_stall
    if path == TREATY and stage == SIGNED:
        return 0.0
    if stage >= CONCLUDED:
        return coefficients.hazard_concluded_stall
    if path == POLITICAL:
        return coefficients.hazard_political_stall
    if path == TREATY:
        return coefficients.hazard_treaty_stall
    return coefficients.hazard_programme_stall


@rule
def end_hazard(coefficients: Any, stage: int) -> float:
    """Return the hazard per quarter that stalled talks are given up; what is signed never is."""
    return 0.0 if stage == SIGNED else coefficients.hazard_end


@rule
def block_hazard(coefficients: Any, instrument: Any, stage: int) -> float:
    """Return the hazard per quarter that a Member State blocks what needs all of them."""
    return coefficients.hazard_signature_block if needs_all_states(instrument, stage) else 0.0


@rule
def stage_hazards(state: State, i: int, k: int, stage: int) -> tuple[float, float, float]:
    """Return the hazards that a pair at a stage advances, stalls, and is blocked.

    Those of the instrument in whose text it is agreed.
    """
    k = state.pairs[i, k].text
    coefficients = state.coefficients[0]
    instrument = state.instruments[k]
    advance = advance_hazard(
        coefficients,
        state.union[0],
        state.countries[i],
        instrument,
        state.alignment[i],
        base_hazard(state, i, k, stage),
        pace_of(state.countries[i], instrument, stage),
    )
    stall = stall_hazard(coefficients, instrument.path, stage)
    return advance, stall, block_hazard(coefficients, instrument, stage)


@rule
def advance_stages(state: State) -> None:
    """Let every negotiation move on, stall, resume or end."""
    for i in range(len(state.countries)):
        place = 0
        while place < state.countries[i].ties:
            k = int(state.tied[i, place])
            pair = state.pairs[i, k]
            if is_under_way(pair.stage) and _decides(state, i, k):
                if pair.suspended == STALLED_IN_TALKS:
                    _resume_or_end(state, i, k)
                else:
                    _move(state, i, k)
            # The move may have ended ties, this one too.
            place = place_behind(state, i, k, place)


@rule
def _is_standing_still(state: State, i: int, k: int) -> bool:
    """Tell whether a negotiation waits for its time, for money, or for a rupture to heal."""
    pair = state.pairs[i, k]
    early = pair.suspended == NOT_HALTED and state.clock[0].quarter < pair.again
    return early or state.countries[i].rupture > FRESH_RUPTURE or waits_for_money(state, i, k)


@rule
def _decides(state: State, i: int, k: int) -> bool:
    """Tell whether a pair may move and its move is that of all members of its bloc with it."""
    if state.pairs[i, k].suspended == SUSPENDED_BY_SHOCKS or _is_standing_still(state, i, k):
        return False
    for j in range(i):
        if _together(state, j, i, k) and not _is_standing_still(state, j, k):
            return False
    return True


@rule
def _together(state: State, j: int, i: int, k: int) -> bool:
    """Tell whether countries j and i negotiate an instrument as one bloc, at the same point."""
    one = state.pairs[i, k]
    other = state.pairs[j, k]
    return (
        one.bloc >= 0
        and other.bloc == one.bloc
        and other.lead == one.lead
        and other.stage == one.stage
        and other.suspended == one.suspended
    )


@rule
def shortest_wait(state: State, k: int, stage: int) -> int:
    """Return the quarters that a pair stays at least at a stage that it reaches."""
    instrument = state.instruments[k]
    if instrument.path == PROJECT and stage == SIGNED:
        # What is under contract has to be built first.
        return 1
    if instrument.path == TREATY and instrument.direct == 0:
        if stage == NEGOTIATING:
            return math.floor(state.coefficients[0].talks_quarters)
        if stage in (CONCLUDED, SIGNED):
            return math.floor(state.coefficients[0].treaty_quarters)
    # Nothing is negotiated within the quarter in which talks begin.
    return 1 if stage == NEGOTIATING else 0


@rule
def _may_move(state: State, i: int, k: int) -> bool:
    """Tell whether a negotiation can move on or stall now."""
    pair = state.pairs[i, k]
    instrument = state.instruments[k]
    following = state.next_stage[instrument.path, pair.stage]
    early = following == IN_FORCE and state.clock[0].quarter < instrument.serves
    return pair.stage != IN_FORCE and not early and not _is_standing_still(state, i, k)


@rule
def _move(state: State, i: int, k: int) -> None:
    """Let a negotiation pass stages, at most one a month, stall, or stay: competing hazards.

    The stage is part of the key of the draw: each one passed in a quarter has luck of its own.
    """
    pair = state.pairs[i, k]
    lead_key, text_key = state.countries[pair.lead].key, state.instruments[pair.text].key
    left = MONTHS_PER_QUARTER
    while left > 0 and _may_move(state, i, k):
        advance, stall, block = stage_hazards(state, i, k, pair.stage)
        either = advance + stall + block
        monthly = either / MONTHS_PER_QUARTER
        share = draw(state.clock[0], lead_key, text_key + pair.stage, STAGE_ADVANCE)
        if not is_hit(share, monthly * left):
            return
        month = 1
        while not is_hit(share, monthly * month):
            month += 1
        before = 1.0 - exp(-monthly * (month - 1))
        share -= before
        chance = 1.0 - exp(-monthly * month) - before
        left -= month
        if share < chance * (advance / either):
            _advance(state, i, k)
        else:
            stalled = share < chance * ((advance + stall) / either)
            _halt(state, i, k, STALLED if stalled else BLOCKED)
            return


@rule
def _advance(state: State, i: int, k: int) -> None:
    """Bring a pair, and who negotiates together with it, to the next stage."""
    following = state.next_stage[state.instruments[k].path, state.pairs[i, k].stage]
    for j in range(len(state.countries) - 1, i - 1, -1):
        if (j == i or _together(state, j, i, k)) and not _is_standing_still(state, j, k):
            pair = state.pairs[j, k]
            state.union[0].advanced += 1
            # What it supersedes ends before it counts itself.
            if following == IN_FORCE:
                _complete(state, j, k)
            pair.stage = following
            pair.again = state.clock[0].quarter + shortest_wait(state, k, following)
            log_tie(state, ADVANCED, j, k, following)


@rule
def _halt(state: State, i: int, k: int, kind: int) -> None:
    """Let the talks of a pair, and of who negotiates together with it, stall or end."""
    for j in range(len(state.countries) - 1, i - 1, -1):
        if j == i or (_together(state, j, i, k) and not _is_standing_still(state, j, k)):
            pair = state.pairs[j, k]
            stage = pair.stage
            coefficients = state.coefficients[0]
            if kind == ENDED:
                end_tie(state, j, k)
                wait = math.floor(coefficients.retry_quarters)
            else:
                wait = math.floor(coefficients.stall_quarters)
                pair.suspended = STALLED_IN_TALKS
                occupy(state, j, k, LOST)
            pair.again = state.clock[0].quarter + wait
            log_tie(state, kind, j, k, stage)


@rule
def _resume_or_end(state: State, i: int, k: int) -> None:
    """Let stalled talks be taken up again after some years, be given up, or stay stalled."""
    coefficients = state.coefficients[0]
    pair = state.pairs[i, k]
    resume = coefficients.hazard_resume if state.clock[0].quarter >= pair.again else 0.0
    total = resume + end_hazard(coefficients, pair.stage)
    lead_key = state.countries[pair.lead].key
    key = state.instruments[pair.text].key + len(STAGES)
    share = draw(state.clock[0], lead_key, key, STAGE_ADVANCE)
    if not is_hit(share, total):
        return
    if share < (1.0 - exp(-total)) * (resume / total):
        for j in range(len(state.countries) - 1, i - 1, -1):
            if j == i or (_together(state, j, i, k) and not _is_standing_still(state, j, k)):
                state.pairs[j, k].suspended = NOT_HALTED
                occupy(state, j, k, GAINED)
                log_tie(state, RESUMED, j, k, state.pairs[j, k].stage)
    else:
        _halt(state, i, k, ENDED)


@rule
def _complete(state: State, i: int, k: int) -> None:
    """Bring a pair into force, end what it supersedes, count what kind of tie it made."""
    union = state.union[0]
    country = state.countries[i]
    instrument = state.instruments[k]
    occupy(state, i, k, LOST)
    for old in range(len(state.instruments)):
        if state.supersedes[k, old] == 1 and state.pairs[i, old].stage > PLANNED:
            stage = state.pairs[i, old].stage
            end_tie(state, i, old)
            log_tie(state, SUPERSEDED, i, old, stage)
    deeper = False
    for place in range(instrument.area_count):
        area = instrument.area_list[place]
        if country.held[area] > 0 and instrument.binding > country.depth[area]:
            deeper = True
    union.new_ties += 1
    if deeper:
        union.deeper_ties += 1
    enter_force(state, i, k)
