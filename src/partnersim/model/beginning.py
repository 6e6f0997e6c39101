"""The beginning of a run: the network of 5 June 2025."""

from __future__ import annotations

from typing import Any

import numpy as np

from partnersim.compiler.compiled import rule
from partnersim.model.constants import (
    IN_FORCE,
    MIDDLING,
    NETWORK,
    NONE,
    NOT_HALTED,
    QUARTERS_PER_YEAR,
)
from partnersim.model.draws import normal
from partnersim.model.instrument_effects import is_third_country, weigh_effects
from partnersim.model.lever_settings import begin_levers
from partnersim.model.links import fill_lasting_pull
from partnersim.model.rivals import begin_rivals
from partnersim.model.shocks import NOT_STRUCK
from partnersim.model.state import State
from partnersim.model.ties import (
    GAINED,
    direction_of,
    enter_force,
    is_under_way,
    note_tie,
    occupy,
    set_link,
)
from partnersim.model.world_arrays import Floats
from partnersim.random.numbers import POOLED_EFFECT

#: Numbers of the pooled effects of an instrument and of a country in their draws.
_OPENING, _SIZE, _SPEED, _WEALTH = 0, 2, 4, 6
#: Reputation of the EU at the start, half-way between none and full.
INITIAL_REPUTATION = 0.5


def begin(state: State, seed: int, replicate: int) -> None:
    """Set the state to the observed network, whatever it held before."""
    state.clock.seed[0], state.clock.replicate[0], state.clock.quarter[0] = seed, replicate, 0
    state.shocks.union_intensity[:] = 0.0
    state.shocks.union_struck[:] = NOT_STRUCK
    # Shocks of the years before linger.
    state.intensity[:] = state.coefficients.usual_shocks[0] * state.usual_intensity
    for gathered in (state.source_intensity, state.struck, state.struck_before):
        gathered[:] = 0.0
    state.by_value[:] = np.arange(len(state.by_value))
    _draw_pooled_effects(state)
    _begin_union(state)
    begin_levers(state)
    # All ties are taken away first and counted as they come back.
    for count in (state.region_holders, state.in_force, state.degree):
        count[:] = 0
    state.linked[:] = 0
    state.shared_partners[:] = 0
    state.agreement[:] = state.first_agreement
    _begin_pairs(state)
    _enter_ties(state)
    _enter_links(state)
    begin_rivals(state)
    _begin_effects(state)
    state.first_effects_left[:] = state.effects_left


@rule
def _begin_pairs(state: State) -> None:
    """Set countries and pairs to June 2025, without ties."""
    instruments = state.instruments.shape[0]
    for i in range(state.countries.shape[0]):
        _begin_country(state, i)
        eligible = 0
        for k in range(instruments):
            pair = state.pairs[i, k]
            if pair.available == 1:
                state.eligible[i, eligible] = k
                eligible += 1
            pair.stage = NONE
            pair.suspended = 0
            pair.barred = 0
            pair.precursors = 0
            pair.again = pair.first_again
            pair.lead = i
            pair.lapsed = 0
            pair.paid = 1 - state.countries[i].developing
            pair.direction = -1
            pair.linked_holders = 0
            # What was in force at the start has long had its effect.
            pair.age = state.effect_reached.shape[0] - 1 if pair.first_stage == IN_FORCE else 0
        state.countries[i].eligible = eligible
        state.countries[i].listed = 0
        state.countries[i].open_to = 0


@rule
def _enter_ties(state: State) -> None:
    """Enter the ties of June 2025, one after another.

    In the order of the catalogue: the first instrument in an area counts as broadening, later ones
    as deepening.
    """
    for i in range(state.countries.shape[0]):
        for k in range(state.instruments.shape[0]):
            pair = state.pairs[i, k]
            pair.lead = _first_of_bloc(state, i, k)
            if is_under_way(pair.first_stage) or pair.first_stage == IN_FORCE:
                pair.direction = direction_of(state.countries[i], state.instruments[k])
                note_tie(state, i, k)
            pair.stage = pair.first_stage
            pair.suspended = pair.first_halt
            if pair.stage == IN_FORCE and pair.suspended == NOT_HALTED:
                enter_force(state, i, k)
            elif is_under_way(pair.stage) and pair.suspended == NOT_HALTED:
                occupy(state, i, k, GAINED)


@rule
def _enter_links(state: State) -> None:
    """Enter the links of June 2025, and what new ones depend on."""
    countries = state.countries.shape[0]
    for i in range(countries):
        for j in range(i + 1, countries):
            if state.first_linked[i, j] == 1:
                set_link(state, i, j, 1)
    for i in range(countries):
        fill_lasting_pull(state, i)


@rule
def _begin_effects(state: State) -> None:
    """Let instruments in force have the effects that they have long had."""
    for i in range(state.countries.shape[0]):
        for k in range(state.instruments.shape[0]):
            if is_third_country(state, i, k):
                state.pairs[i, k].age = state.effect_reached.shape[0] - 1
    weigh_effects(state, 0)


@rule
def _first_of_bloc(state: State, i: int, k: int) -> int:
    """Return the first member of a bloc that stood where country i stood, itself if none did."""
    pair = state.pairs[i, k]
    if pair.bloc >= 0:
        for j in range(i):
            other = state.pairs[j, k]
            if other.bloc == pair.bloc and other.first_stage == pair.first_stage:
                return j
    return i


@rule
def _begin_country(state: State, i: int) -> None:
    """Set one country to June 2025, without ties."""
    country = state.countries[i]
    country.load = 0
    country.trust = 0.0
    country.turned = -QUARTERS_PER_YEAR
    country.ties = 0
    country.areas_held = 0
    country.committed = 0.0
    country.packages = 0
    country.alignment_base = country.first_alignment
    state.alignment[i] = country.first_alignment
    for direction in range(country.entered.shape[0]):
        country.entered[direction] = 0
    for role in range(country.offer_held.shape[0]):
        country.offer_held[role] = 0
    # Money of the years before still counts, as usual.
    usual = state.coefficients[0].usual_offer * country.developing
    for area in range(country.depth.shape[0]):
        country.depth[area] = 0
        country.held[area] = 0
        country.invested[area] = 0.0
        country.recent[area] = country.investment_unit * usual / (1.0 - usual)
        country.rival_base[area] = country.first_rival[area]
        country.rival[area] = country.first_rival[area]
        country.readiness[area] = country.first_readiness[area]
        country.threat[area] = country.first_threat[area]
        country.drive[area] = 0.0
        country.pace[area] = 0.0
    country.silence = 0.0
    country.rupture = 0.0
    country.breach = 0.0


@rule
def _begin_union(state: State) -> None:
    """Set what changes of the EU to its start."""
    union = state.union[0]
    union.phase = 0
    union.rival_drift = state.phase_drift[0]
    union.lost = 0.0
    union.spared = 0.0
    union.load = 0
    union.reputation = INITIAL_REPUTATION
    union.budget_factor = 1.0
    union.yearly_envelope = 0
    union.owed = 0
    union.packages = 0
    union.envelope = 0
    union.spent = 0
    union.carried = 0
    state.region_due[:] = 0
    union.lapsed = 0
    union.mobilised = 0.0
    union.lapsed_share = 0.0
    union.advanced = 0
    union.new_ties = 0
    union.deeper_ties = 0
    union.lost_ties = 0
    union.rival_wins = 0
    union.links_changed = 1
    union.peak_value = 0.0
    union.quarters_below_peak = 0
    union.events = 0


@rule
def _pooled(effect: Floats, luck: float) -> float:
    """Return an effect in this run: what the history tells, and luck as far as it does not.

    Effects act on logarithms of rates: less half the variance, the mean rate is that of the mode.
    """
    spread = effect[1]
    return effect[0] + spread * luck - 0.5 * spread * spread


@rule
def _opening_of(
    instrument: Any, country: Any, by_opening: float, by_size: float, by_wealth: float
) -> float:
    """Return what an instrument's effect and its slopes come to for a country in this run.

    The three are known together only: who took it up tells of their sum for such countries. So
    they are drawn together, from the lower triangular root of their covariance.
    """
    size = country.economic_size - MIDDLING
    wealth = country.wealth - MIDDLING
    here = instrument.pooled_opening
    sizes = instrument.pooled_size
    wealths = instrument.pooled_wealth
    first = here[1] + size * sizes[1] + wealth * wealths[1]
    second = size * sizes[2] + wealth * wealths[2]
    third = wealth * wealths[3]
    return (
        (here[0] + size * sizes[0] + wealth * wealths[0])
        + (first * by_opening + second * by_size + third * by_wealth)
        - 0.5 * (first * first + second * second + third * third)
    )


@rule
def _draw_pooled_effects(state: State) -> None:
    """Draw the effects of instruments and countries, the same in all quarters of a run."""
    clock = state.clock[0]
    countries = state.countries
    instruments = state.instruments
    for k in range(len(instruments)):
        instrument = instruments[k]
        key = instrument.key
        luck = normal(clock, key, _SPEED, POOLED_EFFECT)
        instrument.speed = _pooled(instrument.pooled_speed, luck)
        by_opening = normal(clock, key, _OPENING, POOLED_EFFECT)
        by_size = normal(clock, key, _SIZE, POOLED_EFFECT)
        by_wealth = normal(clock, key, _WEALTH, POOLED_EFFECT)
        for i in range(len(countries)):
            state.opening[i, k] = _opening_of(
                instrument, countries[i], by_opening, by_size, by_wealth
            )
    for i in range(len(countries)):
        country = countries[i]
        luck = normal(clock, country.key, _OPENING, POOLED_EFFECT)
        effect = _pooled(country.pooled_opening, luck)
        luck = normal(clock, state.region_keys[country.region], _OPENING, POOLED_EFFECT)
        regional = _pooled(state.pooled_regional[country.region], luck)
        for k in range(len(instruments)):
            state.opening[i, k] += effect
            if instruments[k].role != NETWORK:
                state.opening[i, k] += regional
