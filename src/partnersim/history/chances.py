"""Chances computed along runs: what the rules' own hazards make of every pair, not what was drawn.

A run shows what happened to happen; of most pairs that is nothing. Before each quarter of a run the
probability that each pair is opened in it is therefore computed as the rules have it, and what is
opened moves on through its stages with the hazards of the quarter. The mean over runs is the
probability of the run's own events, with far less noise than a share of runs (Rao-Blackwell:
Gelfand and Smith 1990, doi:10.1080/01621459.1990.10476213).
"""

from __future__ import annotations

import math

import numpy as np

from partnersim.compiler.compiled import rule
from partnersim.history.cases import DIRECT_LEAD_YEARS, LEAD_YEARS
from partnersim.model.beginning import begin
from partnersim.model.choice import weigh_options
from partnersim.model.consent import union_chance
from partnersim.model.constants import (
    ANNOUNCED,
    IN_FORCE,
    MONTHS_PER_QUARTER,
    NONE,
    PLANNED,
    QUARTERS_PER_YEAR,
    SIGNED,
    STALLED_IN_TALKS,
    SUSPENDED_BY_SHOCKS,
)
from partnersim.model.initiative import (
    acceptance_chance,
    initiative_hazard,
    propose,
    weigh_proposals,
)
from partnersim.model.instrument_utility import may_take
from partnersim.model.links import form_links
from partnersim.model.offer import costs_the_offer, share_unpaid, spend_offer
from partnersim.model.quarter import close_quarter, open_quarter, take_turns
from partnersim.model.stages import end_hazard, shortest_wait, stage_hazards
from partnersim.model.state import State
from partnersim.model.turns import has_hands_free
from partnersim.model.world_arrays import Flags, Floats
from partnersim.random.elementary import exp


def watch_run(state: State, seed: int, replicate: int, quiet: float, reached: Floats) -> None:
    """Play a run and add the chance that each pair has reached each stage by each quarter.

    Parameters
    ----------
    state : State
        From `partnersim.scenario.compile.prepare`.
    quiet : float
        Share of negotiations that are not recorded before they are signed: such may be under way
        already.
    reached : (T + 1, N, K, S) array
        By quarter and stage, see ``constants.STAGES``; the chances of this run are added.
    """
    begin(state, seed, replicate)
    shape = state.pairs.shape
    here, entered = np.zeros((2, *shape, reached.shape[3]))
    young = np.zeros((*here.shape, _longest_wait(state)))
    chance, halted = np.zeros((2, *shape))
    refused = np.ones((int(state.pairs["bloc"].max()) + 1, shape[1]))
    stage = state.pairs["stage"]
    opened = (stage > PLANNED).astype(np.uint8)
    halted[state.pairs["suspended"] == STALLED_IN_TALKS] = 1.0
    rows, columns = np.nonzero((stage >= ANNOUNCED) & (stage <= SIGNED) & (halted == 0.0))
    here[rows, columns, stage[rows, columns]] = 1.0
    for quarter in range(1, len(reached)):
        # The quarter of `partnersim.model.quarter`, with a look at it before anybody acts.
        open_quarter(state)
        spend_offer(state)
        _look(state, chance, refused)
        if quarter == 1:
            _begin_quietly(state, quiet, chance, opened, here, entered, young)
        propose(state)
        take_turns(state)
        form_links(state)
        close_quarter(state)
        _move(state, chance, opened, halted, here, entered, young)
        reached[quarter] += entered


@rule
def _longest_wait(state: State) -> int:
    """Return the quarters that some pair stays at some stage at least."""
    longest = 0
    for k in range(len(state.instruments)):
        for stage in range(ANNOUNCED, IN_FORCE):
            longest = max(longest, shortest_wait(state, k, stage))
    return longest


@rule
def _look(state: State, chance: Floats, refused: Floats) -> None:
    """Write the chance that each pair is opened this quarter."""
    for i in range(chance.shape[0]):
        _open(state, i, chance[i])
    _join(state, chance, refused)


@rule
def _move(
    state: State,
    chance: Floats,
    opened: Flags,
    halted: Floats,
    here: Floats,
    entered: Floats,
    young: Floats,
) -> None:
    """Let what this quarter opened, and what is under way, pass its stages."""
    for i in range(chance.shape[0]):
        for k in range(chance.shape[1]):
            if opened[i, k] == 0:
                first = state.next_stage[state.instruments[k].path, NONE]
                here[i, k, first] += chance[i, k]
                entered[i, k, first] += chance[i, k]
                if state.pairs[i, k].stage > PLANNED:
                    opened[i, k] = 1
            if halted[i, k] > 0.0:
                _resume(state, i, k, halted, here)
            _move_on(state, i, k, here[i, k], entered[i, k], young[i, k])


@rule
def _open(state: State, i: int, chance: Floats) -> None:
    """Write the chance that each pair of country i is opened this quarter, by either side.

    The formula is that of `partnersim.history.openings`.
    """
    chance[:] = 0.0
    if not has_hands_free(state, i):
        return
    count = len(state.instruments)
    weigh_options(state, i)
    total = _total_weight(state)
    turn = state.countries[i].activity
    for k in range(count):
        if state.utilities[k] > -math.inf:
            asked = turn * exp(state.utilities[k]) / total
            chance[k] = asked * union_chance(state, i, k)
    weigh_proposals(state, i)
    total = _total_weight(state)
    visit = 1.0 - exp(-initiative_hazard(state, i))
    unsounded = state.coefficients[0].unsounded
    for k in range(count):
        if state.utilities[k] > -math.inf:
            offered = visit * exp(state.utilities[k]) / total
            accepted = acceptance_chance(state, i, k)
            chance[k] = 1.0 - (1.0 - chance[k]) * (1.0 - offered * accepted)
            lighter = state.instruments[k].lighter
            if lighter >= 0 and state.utilities[lighter] > -math.inf:
                answer = union_chance(state, i, lighter) * acceptance_chance(state, i, lighter)
                countered = offered * unsounded * (1.0 - accepted) * answer
                chance[lighter] = 1.0 - (1.0 - chance[lighter]) * (1.0 - countered)


@rule
def _total_weight(state: State) -> float:
    """Return the sum of exp(utility) over the options that were weighed, and doing nothing."""
    total = 1.0
    for k in range(len(state.instruments)):
        total += exp(state.utilities[k])
    return total


@rule
def _join(state: State, chance: Floats, refused: Floats) -> None:
    """Let what any member of a bloc opens be opened for all of them."""
    refused[:] = 1.0
    for i in range(chance.shape[0]):
        for k in range(chance.shape[1]):
            if state.pairs[i, k].bloc >= 0:
                refused[state.pairs[i, k].bloc, k] *= 1.0 - chance[i, k]
    for i in range(chance.shape[0]):
        pairs = state.pairs[i]
        for k in range(chance.shape[1]):
            bloc = pairs[k].bloc
            if bloc >= 0 and may_take(
                pairs, pairs[k], state.instruments[k], state.clock[0].quarter
            ):
                chance[i, k] = 1.0 - refused[bloc, k]


@rule
def _begin_quietly(
    state: State,
    quiet: float,
    chance: Floats,
    opened: Flags,
    here: Floats,
    entered: Floats,
    young: Floats,
) -> None:
    """Let what was opened lately and not recorded be under way; what was signed is on record."""
    for i in range(chance.shape[0]):
        for k in range(chance.shape[1]):
            if opened[i, k] == 0:
                instrument = state.instruments[k]
                first = state.next_stage[instrument.path, NONE]
                years = DIRECT_LEAD_YEARS if instrument.direct == 1 else LEAD_YEARS
                for _ in range(years * QUARTERS_PER_YEAR):
                    here[i, k, first] += quiet * chance[i, k]
                    _move_on(state, i, k, here[i, k], entered[i, k], young[i, k])
                for stage in (SIGNED, IN_FORCE):
                    here[i, k, stage] = 0.0
                    young[i, k, stage] = 0.0
                reached = 0.0
                for stage in range(SIGNED, ANNOUNCED - 1, -1):
                    reached += here[i, k, stage]
                    there = here[i, k, stage] > 0.0 or stage == first
                    entered[i, k, stage] = reached if there else 0.0
                entered[i, k, IN_FORCE] = 0.0


@rule
def _resume(state: State, i: int, k: int, halted: Floats, here: Floats) -> None:
    """Let talks that stood still at the beginning be taken up again or be given up."""
    coefficients = state.coefficients[0]
    pair = state.pairs[i, k]
    resume = coefficients.hazard_resume if state.clock[0].quarter >= pair.first_again else 0.0
    either = resume + end_hazard(coefficients, pair.first_stage)
    if either > 0.0:
        left = halted[i, k] * (1.0 - exp(-either))
        halted[i, k] -= left
        here[i, k, pair.first_stage] += left * (resume / either)


@rule
def _move_on(state: State, i: int, k: int, here: Floats, entered: Floats, young: Floats) -> None:
    """Let what is under way pass its stages; what stalls does not come back in time.

    At each stage `young` are those that cannot move yet, by the quarters that are left.
    """
    longest = young.shape[1]
    for stage in range(ANNOUNCED, IN_FORCE):
        for wait in range(longest):
            young[stage, wait] = young[stage, wait + 1] if wait + 1 < longest else 0.0
    if state.pairs[i, k].suspended == SUSPENDED_BY_SHOCKS:
        return
    instrument = state.instruments[k]
    for _ in range(MONTHS_PER_QUARTER):
        # The last stage first: nothing passes two in a month.
        for stage in range(SIGNED, ANNOUNCED - 1, -1):
            ready = here[stage]
            for wait in range(longest):
                ready -= young[stage, wait]
            if ready <= 0.0:
                continue
            following = state.next_stage[instrument.path, stage]
            advance, stall, block = stage_hazards(state, i, k, stage)
            if following == IN_FORCE and state.clock[0].quarter < instrument.serves:
                continue
            if following == IN_FORCE and costs_the_offer(state.countries[i], instrument):
                advance *= 1.0 - share_unpaid(state.union[0], instrument.cost)
            either = advance + stall + block
            if either > 0.0:
                left = ready * (1.0 - exp(-either / MONTHS_PER_QUARTER))
                here[stage] -= left
                here[following] += left * (advance / either)
                entered[following] += left * (advance / either)
                wait = shortest_wait(state, k, following)
                if wait > 0:
                    young[following, wait - 1] += left * (advance / either)
