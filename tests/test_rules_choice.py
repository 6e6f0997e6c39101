"""What a country weighs, and what it takes: utilities, admissibility, the multinomial logit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from formulas import (
    consent_chances,
    consent_utilities,
    instrument_terms,
    may_take,
    softmax,
)
from partnersim.model.choice import (
    choose,
    decide,
    fill_bounds,
    list_open,
    terms_of,
    weigh_options,
)
from partnersim.model.coefficients import NAMES
from partnersim.model.consent import request_is_put, union_chance, union_consents
from partnersim.model.constants import STAGES
from partnersim.model.events import APPROACHED
from partnersim.model.initiative import choose_proposal, decide_proposal, weigh_proposals
from partnersim.model.instrument_utility import InstrumentTerms, tied_terms, total
from partnersim.model.quarter import play_quarter
from partnersim.model.stages import open_negotiation
from partnersim.model.state import State
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World
from random_states import random_state
from scenarios import (
    begun,
    instrument,
    with_arrays,
    with_choice_only,
    with_coefficients,
    with_policy,
    without_shocks,
    without_ties,
)

DRAWS = 6000
SURE = 1e6


def weighed(state: State) -> np.ndarray:
    """Return a copy of what was weighed: instruments, holding still."""
    return state.utilities.copy()


def options(state: State, i: int) -> tuple[np.ndarray, np.ndarray]:
    """Return utilities (-inf where inadmissible) and admissibility, as the rules see them."""
    weigh_options(state, i)
    utilities = weighed(state)
    return utilities, utilities > -np.inf


def taken(state: State, i: int, draws: int = DRAWS) -> np.ndarray:
    """Return how often country i takes each option, over replicates and quarters."""
    weigh_options(state, i)
    counts = np.zeros(len(weighed(state)), np.int64)
    for number in range(draws):
        state.clock.replicate[0] = number // 4
        state.clock.quarter[0] = number % 4
        counts[choose(state, i)] += 1
    return counts


def busiest(state: State) -> int:
    """Return the country with most options."""
    counts = []
    for i in range(len(state.countries)):
        weigh_options(state, i)
        counts.append(int((weighed(state) > -np.inf).sum()))
    return int(np.argmax(counts))


@settings(max_examples=20)
@given(number=st.integers(0, 10**6))
def test_utilities_are_the_documented_formula(
    small_world: World, scenario: Scenario, number: int
) -> None:
    world, scenario, state = random_state(small_world, scenario, number)
    instruments = len(world.instruments)
    for i in range(len(world.countries)):
        utilities, admissible = options(state, i)
        can_take = may_take(state, world, scenario, i)
        can_take &= consent_chances(state, world, scenario, i) > 0.0
        np.testing.assert_array_equal(admissible, [*can_take, True])
        known = instrument_terms(state, world, scenario, i)
        # Of a term that is not among them it is known only that it is added.
        new = set(InstrumentTerms._fields) - set(known)
        expected = np.append(sum(known.values()), 0.0)
        expected[:-1] += [
            sum(getattr(terms_of(state, i, k, 1.0), name) for name in new) if new else 0.0
            for k in range(instruments)
        ]
        np.testing.assert_allclose(
            utilities[admissible], expected[admissible], rtol=1e-9, atol=1e-9
        )
        for k in np.flatnonzero(can_take)[:5]:
            terms = terms_of(state, i, int(k), union_chance(state, i, int(k)))
            assert sum(terms) == pytest.approx(expected[k], abs=1e-9)
            for name, values in known.items():
                value = np.broadcast_to(values, instruments)[k]
                assert getattr(terms, name) == pytest.approx(value, abs=1e-9), name
        assert len(utilities) == instruments + 1


@settings(max_examples=40)
@given(number=st.integers(0, 10**6))
def test_probabilities_sum_to_one_and_follow_utility(
    small_world: World, scenario: Scenario, number: int
) -> None:
    _, _, state = random_state(small_world, scenario, number)
    utilities, admissible = options(state, busiest(state))
    assert np.isfinite(utilities[admissible]).all()
    probabilities = softmax(utilities)
    assert probabilities.sum() == pytest.approx(1.0, abs=1e-12)
    assert (probabilities[~admissible] == 0).all()
    order = np.argsort(utilities[admissible], kind="stable")
    assert (np.diff(probabilities[admissible][order]) >= 0).all()


def test_with_all_coefficients_zero_every_option_is_equally_likely(
    world_named: World, scenario: Scenario
) -> None:
    state = begun(with_arrays(world_named, bloc=-1), with_choice_only(scenario))
    i = busiest(state)
    utilities, admissible = options(state, i)
    assert (utilities[admissible] == 0.0).all()
    count = int(admissible.sum())
    assert count > 20
    np.testing.assert_allclose(softmax(utilities)[admissible], 1 / count)
    frequency = taken(state, i, 200 * count)
    assert frequency[~admissible].sum() == 0
    assert stats.chisquare(frequency[admissible]).pvalue > 1e-3


def test_frequencies_are_the_softmax_of_the_utilities(
    world_named: World, scenario: Scenario
) -> None:
    state = begun(world_named, scenario)
    i = busiest(state)
    weigh_options(state, i)
    # Options of similar worth, so that each is taken often enough to be counted.
    finite = weighed(state)[weighed(state) > -np.inf]
    state.utilities[:] = 2.0 * state.utilities / np.ptp(finite)
    probabilities = softmax(weighed(state))
    counts = np.zeros(len(probabilities), np.int64)
    for number in range(20_000):
        state.clock.replicate[0] = number
        counts[choose(state, i)] += 1
    possible = weighed(state) > -np.inf
    assert counts[~possible].sum() == 0
    expected = probabilities[possible] * counts.sum()
    assert len(expected) > 10
    assert expected.min() > 5
    assert stats.chisquare(counts[possible], expected).pvalue > 1e-3


@pytest.mark.parametrize("coefficient", ["deepen", "broaden", "connect", "strengthen", "announced"])
def test_one_very_large_coefficient_decides(
    world_named: World, scenario: Scenario, coefficient: str
) -> None:
    state = begun(
        with_arrays(world_named, bloc=-1), with_choice_only(scenario, **{coefficient: SURE})
    )
    tried = 0
    for i in range(len(world_named.countries)):
        utilities, _ = options(state, i)
        wanted = utilities >= SURE
        if not wanted.any():
            continue
        tried += 1
        chosen = np.flatnonzero(taken(state, i, 40))
        assert wanted[chosen].all()
        if wanted.sum() > 2:
            assert len(chosen) > 1, "options of equal worth share the choice"
    assert tried > 3


def test_a_country_for_which_all_is_worthless_holds_still(
    world_named: World, scenario: Scenario
) -> None:
    losses = dict.fromkeys(("deepen", "broaden", "connect", "strengthen"), -SURE)
    state = begun(with_arrays(world_named, bloc=-1), with_choice_only(scenario, **losses))
    for i in range(0, len(world_named.countries), 5):
        counts = taken(state, i, 50)
        assert counts[-1] == 50


def test_only_acts_with_a_free_hand_and_by_its_activity(
    small_world: World, scenario: Scenario
) -> None:
    """A share 1 - exp(-rate) of quarters brings a turn, none to a country with full hands."""
    from partnersim.model.turns import may_act

    state = begun(small_world, without_shocks(scenario))
    size = small_world.arrays.size
    values = scenario.behaviour.values()
    expected = 1 - np.exp(-values["activity_rate"] * np.exp(values["activity_size"] * (size - 0.5)))
    free = int(np.flatnonzero(state.countries["load"] < state.countries["capacity"])[0])
    turns = 0
    for replicate in range(4000):
        state.clock.replicate[0] = replicate
        turns += may_act(state, free)
    assert stats.binomtest(turns, 4000, expected[free]).pvalue > 1e-3
    state.countries.load[free] = state.countries.capacity[free]
    for replicate in range(200):
        state.clock.replicate[0] = replicate
        assert not may_act(state, free)


def test_everybody_is_first_as_often(small_world: World, scenario: Scenario) -> None:
    from partnersim.model.turns import put_in_order

    state = begun(small_world, scenario)
    count = len(small_world.countries)
    places = np.zeros((count, count), np.int64)
    for replicate in range(3000):
        state.clock.replicate[0] = replicate
        put_in_order(state)
        places[np.argsort(state.order), np.arange(count)] += 1
    for country in range(count):
        assert stats.chisquare(places[country]).pvalue > 1e-4


def test_a_prerequisite_must_be_in_force_and_not_suspended(
    small_world: World, scenario: Scenario
) -> None:
    """Cybersecurity Reserve needs association with the Digital Europe programme."""
    reserve, programme = instrument(small_world, "CYBER_RESERVE"), instrument(small_world, "DEP")
    groups = small_world.arrays.prerequisite[reserve]
    assert programme in groups
    eligible = small_world.arrays.eligible.copy()
    eligible[0, [reserve, programme]] = 1
    for stage, suspended, possible in (
        ("none", 0, False),
        ("negotiating", 0, False),
        ("signed", 0, False),
        ("in_force", 1, False),
        ("in_force", 0, True),
    ):
        stages = np.zeros_like(small_world.arrays.stage)
        stages[0, programme] = STAGES.index(stage)
        state = begun(with_arrays(small_world, eligible=eligible, stage=stages), scenario)
        state.pairs["suspended"][0, programme] = suspended
        weigh_options(state, 0)
        # Other groups of prerequisites are empty for this instrument.
        assert (groups >= 0).sum() == 1
        assert bool(state.utilities[reserve] > -np.inf) is possible, stage


def test_an_instrument_under_way_or_held_is_no_option(
    small_world: World, scenario: Scenario
) -> None:
    dialogue = instrument(small_world, "DIGITAL_DIALOGUE")
    for number, stage in enumerate(STAGES):
        stages = np.zeros_like(small_world.arrays.stage)
        stages[:, dialogue] = number
        state = begun(with_arrays(small_world, stage=stages, eligible=1), scenario)
        weigh_options(state, 0)
        assert bool(state.utilities[dialogue] > -np.inf) is (stage in ("none", "planned"))


@settings(max_examples=25)
@given(number=st.integers(0, 10**6))
def test_what_cannot_win_is_left_out_to_the_bit(
    small_world: World, scenario: Scenario, number: int
) -> None:
    """No utility exceeds its bound, and the short way takes what the whole race would take.

    For coefficients of any sign, and luck of many draws.
    """
    _, _, state = random_state(small_world, scenario, number)
    draw = np.random.default_rng(number)
    for name in draw.choice(NAMES, 10, replace=False):
        state.coefficients[name] *= -1.0
    # In a run coefficients stay, and what is listed holds.
    state.countries.listed[:] = 0
    for i, country in enumerate(state.countries):
        fill_bounds(state, i)
        for bound, k in zip(state.ceilings, state.open_to[i, : country.open_to], strict=False):
            assert bound >= total(terms_of(state, i, int(k), 1.0))
        for replicate in range(20):
            state.clock.replicate[0] = replicate
            weigh_options(state, i)
            assert decide(state, i) == choose(state, i)
            weigh_proposals(state, i)
            assert decide_proposal(state, i) == choose_proposal(state, i)


@settings(max_examples=25)
@given(number=st.integers(0, 10**6))
def test_what_is_open_is_listed_as_ties_stand(
    small_world: World, scenario: Scenario, number: int
) -> None:
    """After quarters in which ties came and went, no option is missing, and terms are of today."""
    _, _, state = random_state(small_world, scenario, number)
    for i, country in enumerate(state.countries):
        weigh_options(state, i)
        list_open(state, i)
        listed = state.open_to[i, : country.open_to].tolist()
        options = np.flatnonzero(state.utilities[:-1] > -np.inf)
        assert set(options) <= set(listed)
        for k in options:
            terms = tied_terms(
                state.coefficients[0],
                country,
                state.instruments[k],
                state.pairs[i, k],
                state.need[i, k],
                state.opening[i, k],
            )
            assert state.open_terms[i, listed.index(k)] == terms


@settings(max_examples=25)
@given(number=st.integers(0, 10**6))
def test_the_eu_consents_by_the_documented_formula(
    small_world: World, scenario: Scenario, number: int
) -> None:
    """Answers over many draws are the logit; who would hear no asks if it did not sound it out."""
    world, scenario, state = random_state(small_world, scenario, number)
    draw = np.random.default_rng(number)
    i = int(draw.integers(len(world.countries)))
    utilities = consent_utilities(state, world, scenario, i)
    closest = int(np.argmin(np.abs(utilities)))
    free = state.union["negotiators"][0] - state.union["load"][0]
    agreed, put = 0, 0
    draws = 300
    for replicate in range(draws):
        state.clock.replicate[0] = replicate
        yes = union_consents(state, i, closest)
        asked = request_is_put(state, i, closest)
        assert asked or not yes
        agreed += yes
        put += asked
    if world.arrays.effort[closest] > free:
        assert agreed == 0
    else:
        chance = 1 / (1 + np.exp(-utilities[closest]))
        blind = scenario.behaviour.values()["unsounded"]
        assert stats.binomtest(put, draws, chance + blind * (1 - chance)).pvalue > 1e-4
        assert stats.binomtest(agreed, draws, chance).pvalue > 1e-4


def test_the_eu_needs_as_many_negotiators_as_the_effort_says(
    small_world: World, scenario: Scenario
) -> None:
    world = without_ties(small_world)
    k = instrument(world, "FTA")
    effort = int(world.arrays.effort[k])
    sure = with_coefficients(scenario, consent=SURE)
    for negotiators, agreed in ((effort - 1, False), (effort, True), (2 * effort - 1, True)):
        state = begun(world, with_policy(sure, negotiators=negotiators))
        assert bool(union_consents(state, 0, k)) is agreed
        open_negotiation(state, 0, k, APPROACHED)
        assert state.union["load"][0] == effort
        assert not union_consents(state, 1, k), "the first negotiation is still under way"


def test_a_run_has_at_most_one_turn_per_country_and_quarter(
    world_named: World, scenario: Scenario
) -> None:
    state = begun(with_arrays(world_named, bloc=-1), with_choice_only(scenario, activity_rate=1.0))
    for _ in range(8):
        before = int(state.union["events"][0])
        play_quarter(state)
        log = state.events[before : int(state.union["events"][0])]
        actors = log[np.isin(log[:, 1], [0, 1]), 2]
        assert len(actors) == len(set(actors)) > 5
