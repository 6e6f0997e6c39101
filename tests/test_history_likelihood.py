"""The likelihood of the history: the rules' own terms, brute force, slopes, the posterior."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from partnersim.history.design import (
    BASE_NAMES,
    CHOICE_COLUMNS,
    CHOICE_NAMES,
    MAX_POSITIONS,
    CalibrationChoices,
    HistoryDesign,
    build_design,
)
from partnersim.history.estimate import behaviour_of, past_scenario, read_evidence
from partnersim.history.likelihood import LOGARITHMIC, PARAMETERS, HistoryLikelihood, turn_rate
from partnersim.history.pooled import KINDS, PooledLikelihood
from partnersim.history.posterior import Priors, covariance_of, mode, posterior_of, priors_of
from partnersim.history.terms import CONSENT, HAZARD, read_terms
from partnersim.model.beginning import begin
from partnersim.model.choice import weigh_options
from partnersim.model.consent import union_utility
from partnersim.model.constants import PATHS
from partnersim.scenario.coefficient_draws import draw_coefficients
from partnersim.scenario.compile import prepare
from partnersim.world.world import World
from scenarios import begun


@pytest.fixture(scope="module")
def design() -> HistoryDesign:
    """The history up to the end of 2013."""
    evidence = read_evidence()
    return build_design(
        evidence.world,
        evidence.panel,
        evidence.history,
        past_scenario(),
        CalibrationChoices(),
        until="2013Q4",
    )


@pytest.fixture(scope="module")
def likelihood(design: HistoryDesign) -> HistoryLikelihood:
    return HistoryLikelihood(design)


@pytest.fixture(scope="module")
def priors() -> Priors:
    return priors_of(past_scenario().behaviour, 4.0)


# The terms are those of the rules


def test_terms_add_up_to_what_the_rules_weigh(world_all: World) -> None:
    scenario = past_scenario()
    values = scenario.behaviour.values()
    state = begun(world_all, scenario)
    terms = read_terms(prepared := prepared_state(world_all))
    direction = np.eye(4)[terms.direction]
    columns = np.concatenate([direction, terms.utility[:, :, 1:]], axis=2)
    weights = np.array([values[name] for name in CHOICE_NAMES])
    ours = columns @ weights
    instruments = len(state.instruments)
    for i in (0, 50, 100, 168):
        weigh_options(state, i)
        theirs = state.utilities[:instruments]
        open_to = terms.admissible[i] == 1
        if prepared.countries[i].load < prepared.countries[i].capacity:
            assert np.array_equal(open_to, np.isfinite(theirs))
        assert np.allclose(ours[i][open_to], theirs[open_to], rtol=0, atol=1e-12)
    assert len(CHOICE_COLUMNS) == columns.shape[2]


def prepared_state(world: World):  # type: ignore[no-untyped-def]
    state = prepare(world, past_scenario(), 1)
    begin(state, 1, 0)
    return state


def test_turns_come_as_often_as_in_the_rules(world_all: World) -> None:
    values = past_scenario().behaviour.values()
    state = begun(world_all, past_scenario())
    ours = -np.expm1(
        -turn_rate(np.log(values["activity_rate"]), values["activity_size"], world_all.arrays.size)
    )
    assert np.allclose(ours, state.countries["activity"], rtol=0, atol=1e-14)


def test_terms_of_consent_add_up_too(world_all: World) -> None:
    values = past_scenario().behaviour.values()
    state = begun(world_all, past_scenario())
    terms = read_terms(prepared_state(world_all))
    weights = np.array([values[name] for name in CONSENT])
    for i, k in ((3, 5), (80, 10), (168, 0)):
        theirs = union_utility(
            state.coefficients[0],
            state.union[0],
            state.countries[i],
            state.instruments[k],
            state.pairs[i, k],
            state.alignment[i],
            state.region_priority[state.countries[i].region],
        )
        assert terms.consent[i, k] @ weights == pytest.approx(theirs, abs=1e-12)


# Known answers


def test_without_coefficients_every_option_is_equally_likely(likelihood: HistoryLikelihood) -> None:
    theta = np.zeros(len(PARAMETERS))
    design = likelihood.design
    opening = likelihood.opening(theta)
    options = np.bincount(design.turn)[design.turn]
    assert np.allclose(opening.share, 1 / (options + 1))
    assert np.allclose(opening.consent, 0.5)


def test_shares_of_a_turn_and_holding_sum_to_one(
    likelihood: HistoryLikelihood, priors: Priors
) -> None:
    opening = likelihood.opening(priors.mean)
    sums = np.add.reduceat(opening.share, likelihood.design.turn_start)
    assert ((sums > 0) & (sums < 1)).all()
    assert (opening.probability < opening.turn).all()


def test_the_gradient_is_the_slope(likelihood: HistoryLikelihood, priors: Priors) -> None:
    generator = np.random.Generator(np.random.Philox(3))
    theta = priors.mean + 0.2 * priors.deviation * generator.standard_normal(len(PARAMETERS))
    _, slope = likelihood.value_and_gradient(theta)
    for place in range(len(PARAMETERS)):
        step = np.zeros(len(theta))
        step[place] = 1e-5
        change = likelihood.value(theta + step) - likelihood.value(theta - step)
        assert change / 2e-5 == pytest.approx(slope[place], rel=1e-5, abs=1e-5)


def test_the_gradient_by_effects_is_the_slope(
    likelihood: HistoryLikelihood, priors: Priors
) -> None:
    pooled = PooledLikelihood(likelihood)
    generator = np.random.Generator(np.random.Philox(4))
    effects = 0.3 * generator.standard_normal(pooled.effects.count)
    theta = np.concatenate([priors.mean, effects])
    _, slope = pooled.value_and_gradient(theta)
    for kind in KINDS:
        part = pooled.effects.part(kind)
        steepest = len(PARAMETERS) + part.start + np.abs(slope[len(PARAMETERS) :][part]).argmax()
        step = np.zeros(len(theta))
        step[steepest] = 1e-5
        change = pooled.value(theta + step) - pooled.value(theta - step)
        assert slope[steepest] != 0.0
        assert change / 2e-5 == pytest.approx(slope[steepest], rel=1e-5, abs=1e-5), kind


def one_spell(low: list[int], high: list[int], option: list[int]) -> HistoryDesign:
    """Return a design of one treaty pair over four quarters, with one option a quarter."""
    quarters = len(low)
    base = np.full((1, MAX_POSITIONS), -1)
    base[0, 1:5] = [
        BASE_NAMES.index(f"hazard_treaty_{s}")
        for s in ("announced", "negotiating", "concluded", "signed")
    ]
    start = np.zeros((1, MAX_POSITIONS))
    start[0, 0] = 1.0
    return HistoryDesign(
        choice=np.zeros((quarters, len(CHOICE_NAMES))),
        consent=np.zeros((quarters, len(CONSENT))),
        size=np.linspace(0.2, 0.8, quarters),
        turn_start=np.arange(quarters),
        turn=np.arange(quarters),
        quarter=np.arange(quarters),
        country=np.zeros(quarters, int),
        instrument=np.zeros(quarters, int),
        free=np.zeros(quarters, bool),
        spells=[],
        weight=np.ones(1),
        option=np.array([option]),
        hazard=np.zeros((1, quarters, len(HAZARD))),
        base=base,
        low=np.array([low]),
        high=np.array([high]),
        start=start,
        active=np.ones((1, quarters), bool),
        countries=("JPN",),
        instruments=("FTA",),
        path=np.array([PATHS.index("treaty")]),
    )


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ([0, 0, 0, 0], [0, 0, 0, 0]),
        ([0, 0, 0, 3], [2, 2, 2, 5]),
        ([0, 1, 1, 1], [0, 5, 5, 5]),
        ([0, 0, 2, 2], [5, 1, 5, 3]),
    ],
)
def test_a_spell_is_the_sum_over_all_its_ways(low: list[int], high: list[int]) -> None:
    """Brute force: every sequence of opening and moving that respects the bounds."""
    made = HistoryLikelihood(one_spell(low, high, [0, 1, 2, -1]))
    theta = np.zeros(len(PARAMETERS))
    theta[0] = -0.3
    for place, name in enumerate(BASE_NAMES):
        theta[PARAMETERS.index(name)] = -1.0 + 0.1 * place
    open_with = [*made.opening(theta).probability[:3], 0.0]
    _, move = made.moves(theta)
    answer = 0.0
    for choices in itertools.product(range(2), repeat=8):
        position, chance = 0, 1.0
        for t in range(4):
            opens, moves = choices[2 * t], choices[2 * t + 1]
            if position == 0:
                chance *= open_with[t] if opens else 1 - open_with[t]
                position = 1 if opens else 0
            elif opens:
                chance = 0.0
            leave = move[0, t, position] if position > 0 else 0.0
            chance *= leave if moves else 1 - leave
            position += moves
            if not low[t] <= position <= high[t]:
                chance = 0.0
        answer += chance
    assert np.exp(made.value(theta)) == pytest.approx(answer, rel=1e-12)


def test_spells_of_one_decision_share_its_weight(design: HistoryDesign) -> None:
    doubled = replace(design, weight=2 * design.weight)
    theta = np.zeros(len(PARAMETERS))
    one, two = HistoryLikelihood(design).by_spell(theta), HistoryLikelihood(doubled).by_spell(theta)
    assert np.allclose(2 * one, two)


def test_nearly_every_record_is_possible_under_the_rules(likelihood: HistoryLikelihood) -> None:
    assert likelihood.explained.mean() > 0.97


# The posterior


class Bell:
    """A normal likelihood, of which the answer is known."""

    def __init__(self, centre: np.ndarray, precision: np.ndarray) -> None:
        self.centre, self.precision = centre, precision

    def value_and_gradient(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        gap = theta - self.centre
        return -0.5 * float(gap @ self.precision @ gap), -self.precision @ gap


def test_the_mode_of_two_bells_lies_between_them() -> None:
    generator = np.random.Generator(np.random.Philox(1))
    root = generator.standard_normal((4, 4))
    bell = Bell(np.array([1.0, -1.0, 0.5, 0.2]), root @ root.T + np.eye(4))
    prior = Priors(np.zeros(4), np.full(4, 2.0), np.full(4, -8.0), np.full(4, 8.0))
    theta, covariance, at_end = mode(bell, prior, np.zeros(4), np.arange(4))  # type: ignore[arg-type]
    precision = bell.precision + np.eye(4) / 4
    assert np.allclose(theta, np.linalg.solve(precision, bell.precision @ bell.centre), atol=1e-5)
    assert np.allclose(covariance, np.linalg.inv(precision), atol=1e-5)
    assert len(at_end) == 0


def test_a_coefficient_stays_at_the_end_of_its_range() -> None:
    bell = Bell(np.array([3.0, 0.0]), np.eye(2))
    prior = Priors(np.zeros(2), np.ones(2), np.full(2, -1.0), np.full(2, 1.0))
    theta, covariance, at_end = mode(bell, prior, np.zeros(2), np.arange(2))  # type: ignore[arg-type]
    assert theta[0] == 1.0
    assert list(at_end) == [0]
    assert covariance[0, 0] == 0.0
    assert covariance[1, 1] == pytest.approx(0.5, abs=1e-6)


def test_what_the_history_does_not_tell_stays_assumed(
    likelihood: HistoryLikelihood, priors: Priors
) -> None:
    found = posterior_of(likelihood, priors)
    for name in ("offer", "reputation", "outreach", "consent_money", "hazard_busy", "announced"):
        place = PARAMETERS.index(name)
        assert name not in found.names
        assert found.theta[place] == priors.mean[place]
        assert found.narrowing[name] == 1.0
    assert "hazard_treaty_negotiating" in found.names
    assert found.log_likelihood > likelihood.value(priors.mean)
    effects = found.effects.set_index(["kind", "name"])
    # No Digital Partnership was on offer before 2014: nothing but the mean and spread of its path.
    unknown = effects.loc[("opening", "DIGITAL_PARTNERSHIP")]
    assert unknown["mean"] == 0.0
    assert unknown["deviation"] == pytest.approx(unknown["spread"])
    known = effects.loc[("opening", "FTA")]
    assert known["deviation"] < known["spread"]


def test_priors_come_from_the_table_of_assumed_coefficients(priors: Priors) -> None:
    table = past_scenario().behaviour.coefficients
    place = PARAMETERS.index("need")
    assert priors.mean[place] == table["need"].value
    assert priors.deviation[place] == (table["need"].high - table["need"].low) / 4
    place = PARAMETERS.index("activity_rate")
    assert "activity_rate" in LOGARITHMIC
    assert np.exp(priors.mean[place]) == pytest.approx(table["activity_rate"].value)


@pytest.mark.slow
def test_a_random_walk_agrees_with_the_normal_approximation() -> None:
    """Metropolis et al. (1953), doi:10.1063/1.1699114, on the posterior of all records."""
    evidence = read_evidence()
    made = HistoryLikelihood(
        build_design(
            evidence.world, evidence.panel, evidence.history, past_scenario(), CalibrationChoices()
        )
    )
    beliefs = priors_of(past_scenario().behaviour, 4.0)
    found = posterior_of(made, beliefs)
    inside = [row for row, name in enumerate(found.names) if name not in found.at_end]
    places = np.array([PARAMETERS.index(found.names[row]) for row in inside])
    covariance = found.covariance[np.ix_(inside, inside)]
    steps = np.linalg.cholesky(covariance) * 2.38 / np.sqrt(len(places))
    generator = np.random.Generator(np.random.Philox(5))
    theta = found.theta.copy()
    height = made.value(theta) + beliefs.log_density(theta)
    kept = []
    for _ in range(12_000):
        proposed = theta.copy()
        proposed[places] += steps @ generator.standard_normal(len(places))
        within = (proposed >= beliefs.low) & (proposed <= beliefs.high)
        if within[places].all():
            other = made.value(proposed) + beliefs.log_density(proposed)
            if np.log(generator.random()) < other - height:
                theta, height = proposed, other
        kept.append(theta[places])
    walk = np.array(kept[2_000:])
    assumed = past_scenario().behaviour
    drawn = draw_coefficients(behaviour_of(found, assumed), 1, 1_000, covariance_of(found, assumed))
    for column, place in enumerate(places):
        name = PARAMETERS[place]
        draws = drawn[name].to_numpy()
        draws = np.log(draws) if name in LOGARITHMIC else draws
        spread = draws.std()
        # A chain this long has an effective size of about a hundred.
        assert abs(walk[:, column].mean() - draws.mean()) < 0.6 * spread, name
        assert 0.6 < walk[:, column].std() / spread < 1.6, name
