"""Chances computed along runs: what the rules' own hazards make of every pair, not what was drawn.

A run shows what happened to happen; of most pairs that is nothing. Before each quarter of a run the
probability that each pair is opened in it is therefore computed as the rules have it, and what is
opened moves on through its stages with the hazards of the quarter. The mean over runs is the
probability of the run's own events, with far less noise than a share of runs (Rao-Blackwell:
Gelfand and Smith 1990, doi:10.1080/01621459.1990.10476213).
"""

from __future__ import annotations

import math
from typing import NamedTuple

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


class Pairs(NamedTuple):
    """Chances of what has become of the pairs of N countries and K instruments, S stages."""

    opened: Flags
    """(N, K) 1 of what the run itself has opened, or has found under way."""
    halted: Floats
    """(N, K) of talks that stand still since the beginning."""
    here: Floats
    """(N, K, S) of being under way at each stage."""
    entered: Floats
    """(N, K, S) of having come to each stage."""
    young: Floats
    """(N, K, S, W) of being at a stage, but too lately to move, by the quarters that are left."""


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
    stage = state.pairs["stage"]
    halted = (state.pairs["suspended"] == STALLED_IN_TALKS).astype(np.float64)
    here, entered = np.zeros((2, *shape, reached.shape[3]))
    rows, columns = np.nonzero((stage >= ANNOUNCED) & (stage <= SIGNED) & (halted == 0.0))
    here[rows, columns, stage[rows, columns]] = 1.0
    stages = range(ANNOUNCED, IN_FORCE)
    longest = max(shortest_wait(state, k, stage) for k in range(shape[1]) for stage in stages)
    young = np.zeros((*here.shape, longest))
    pairs = Pairs((stage > PLANNED).astype(np.uint8), halted, here, entered, young)
    chance = np.zeros(shape)
    refused = np.ones((int(state.pairs["bloc"].max()) + 1, shape[1]))
    for quarter in range(1, len(reached)):
        # The quarter of `partnersim.model.quarter`, with a look at it before anybody acts.
        open_quarter(state)
        spend_offer(state)
        _look(state, chance, refused)
        if quarter == 1:
            _begin_quietly(state, quiet, chance, pairs)
        propose(state)
        take_turns(state)
        form_links(state)
        close_quarter(state)
        _move(state, chance, pairs)
        reached[quarter] += entered


@rule
def _look(state: State, chance: Floats, refused: Floats) -> None:
    """Write the chance that each pair is opened this quarter.

    What any member of a bloc opens is opened for all of them.
    """
    refused[:] = 1.0
    for i in range(chance.shape[0]):
        _open(state, i, chance[i])
        for k in range(chance.shape[1]):
            if state.pairs[i, k].bloc >= 0:
                refused[state.pairs[i, k].bloc, k] *= 1.0 - chance[i, k]
    quarter = state.clock[0].quarter
    for i in range(chance.shape[0]):
        pairs = state.pairs[i]
        for k in range(chance.shape[1]):
            bloc = pairs[k].bloc
            if bloc >= 0 and may_take(pairs, pairs[k], state.instruments[k], quarter):
                chance[i, k] = 1.0 - refused[bloc, k]


@rule
def _move(state: State, chance: Floats, pairs: Pairs) -> None:
    """Let what this quarter opened, and what is under way, pass its stages."""
    for i in range(chance.shape[0]):
        for k in range(chance.shape[1]):
            if pairs.opened[i, k] == 0:
                first = state.next_stage[state.instruments[k].path, NONE]
                pairs.here[i, k, first] += chance[i, k]
                pairs.entered[i, k, first] += chance[i, k]
                if state.pairs[i, k].stage > PLANNED:
                    pairs.opened[i, k] = 1
            if pairs.halted[i, k] > 0.0:
                _resume(state, i, k, pairs)
            _move_on(state, i, k, pairs)


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
def _begin_quietly(state: State, quiet: float, chance: Floats, pairs: Pairs) -> None:
    """Let what was opened lately and not recorded be under way; what was signed is on record."""
    for i in range(chance.shape[0]):
        for k in range(chance.shape[1]):
            if pairs.opened[i, k] == 0:
                instrument = state.instruments[k]
                first = state.next_stage[instrument.path, NONE]
                here, entered = pairs.here[i, k], pairs.entered[i, k]
                years = DIRECT_LEAD_YEARS if instrument.direct == 1 else LEAD_YEARS
                for _ in range(years * QUARTERS_PER_YEAR):
                    here[first] += quiet * chance[i, k]
                    _move_on(state, i, k, pairs)
                here[SIGNED : IN_FORCE + 1] = 0.0
                pairs.young[i, k, SIGNED : IN_FORCE + 1] = 0.0
                reached = 0.0
                for stage in range(SIGNED, ANNOUNCED - 1, -1):
                    reached += here[stage]
                    entered[stage] = reached if here[stage] > 0.0 or stage == first else 0.0
                entered[IN_FORCE] = 0.0


@rule
def _resume(state: State, i: int, k: int, pairs: Pairs) -> None:
    """Let talks that stood still at the beginning be taken up again or be given up."""
    coefficients = state.coefficients[0]
    pair = state.pairs[i, k]
    resume = coefficients.hazard_resume if state.clock[0].quarter >= pair.first_again else 0.0
    either = resume + end_hazard(coefficients, pair.first_stage)
    if either > 0.0:
        left = pairs.halted[i, k] * (1.0 - exp(-either))
        pairs.halted[i, k] -= left
        pairs.here[i, k, pair.first_stage] += left * (resume / either)


@rule
def _move_on(state: State, i: int, k: int, pairs: Pairs) -> None:
    """Let what is under way pass its stages; what stalls does not come back in time."""
    here, entered, young = pairs.here[i, k], pairs.entered[i, k], pairs.young[i, k]
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
