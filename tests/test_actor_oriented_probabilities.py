"""The bare actor-oriented mode against brute-force enumeration on 3 and 4 actors."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg, stats

from partnersim.actor_oriented import simulate, transition_probabilities

pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")

TIE_MODELS = ("forcing", "confirmation")
COEFFICIENTS = {
    "density": -0.7,
    "shared_partners": 0.6,
    "degree_of_alter": 0.25,
    "alter.wealth": 0.4,
    "dyadic.distance": -0.5,
}
WEALTH = np.array([0.3, -1.2, 0.8, 0.1])
DISTANCE = np.array(
    [[0.0, 0.4, 1.1, -0.3], [0.4, 0.0, 0.7, 0.2], [1.1, 0.7, 0.0, -0.9], [-0.3, 0.2, -0.9, 0.0]]
)


def all_networks(actors: int) -> list[np.ndarray]:
    pairs = list(itertools.combinations(range(actors), 2))
    networks = []
    for ties in itertools.product((0, 1), repeat=len(pairs)):
        network = np.zeros((actors, actors), int)
        for (one, other), tie in zip(pairs, ties, strict=True):
            network[one, other] = network[other, one] = tie
        networks.append(network)
    return networks


def number_of(network: np.ndarray) -> int:
    """Return the place of a network in ``all_networks``."""
    actors = len(network)
    ties = [network[one, other] for one, other in itertools.combinations(range(actors), 2)]
    return int("".join(str(int(tie)) for tie in ties), 2)


def toggled(network: np.ndarray, one: int, other: int) -> np.ndarray:
    changed = network.copy()
    changed[one, other] = changed[other, one] = 1 - network[one, other]
    return changed


def objective(network: np.ndarray, actor: int, coefficients: dict[str, float]) -> float:
    """The objective function as the textbook writes it, on a whole network."""
    actors = len(network)
    total = 0.0
    for j in range(actors):
        tie = network[actor, j]
        degree = sum(network[j, h] for h in range(actors))
        total += tie * coefficients["density"]
        total += tie * degree * coefficients["degree_of_alter"]
        total += tie * WEALTH[j] * coefficients["alter.wealth"]
        total += tie * DISTANCE[actor, j] * coefficients["dyadic.distance"]
    triangles = sum(
        network[actor, j] * network[actor, h] * network[j, h]
        for j, h in itertools.combinations(range(actors), 2)
    )
    return total + triangles * coefficients["shared_partners"]


def brute_force(network: np.ndarray, coefficients: dict[str, float], tie_model: str) -> np.ndarray:
    """[i, j]: actor i takes the ministep and toggles the tie to j; [i, i]: nothing changes."""
    actors = len(network)
    probabilities = np.zeros((actors, actors))
    for i in range(actors):
        outcomes = [network if j == i else toggled(network, i, j) for j in range(actors)]
        weights = [math.exp(objective(outcome, i, coefficients)) for outcome in outcomes]
        for j in range(actors):
            chosen = weights[j] / sum(weights) / actors
            if tie_model == "confirmation" and j != i and network[i, j] == 0:
                with_tie = math.exp(objective(outcomes[j], j, coefficients))
                without = math.exp(objective(network, j, coefficients))
                agreed = with_tie / (with_tie + without)
                probabilities[i, j] += chosen * agreed
                probabilities[i, i] += chosen * (1.0 - agreed)
            else:
                probabilities[i, j] += chosen
    return probabilities


def chain(actors: int, coefficients: dict[str, float], tie_model: str) -> np.ndarray:
    """Transition matrix over all networks of so many actors."""
    networks = all_networks(actors)
    matrix = np.zeros((len(networks), len(networks)))
    for row, network in enumerate(networks):
        probabilities = brute_force(network, coefficients, tie_model)
        for i, j in itertools.product(range(actors), repeat=2):
            target = network if i == j else toggled(network, i, j)
            matrix[row, number_of(target)] += probabilities[i, j]
    return matrix


def arguments(actors: int, tie_model: str) -> dict:
    return dict(
        alter={"wealth": WEALTH[:actors]},
        dyadic={"distance": DISTANCE[:actors, :actors]},
        tie_model=tie_model,
    )


def assert_frequencies(networks: np.ndarray, probabilities: np.ndarray) -> None:
    """Chi-square of final networks; rare ones are put together."""
    actors = networks.shape[1]
    one, other = np.triu_indices(actors, 1)
    place = 2 ** np.arange(len(one))[::-1]
    numbers = (networks[:, one, other] * place).sum(axis=1)
    observed = np.bincount(numbers, minlength=len(probabilities))
    expected = probabilities * len(networks)
    assert observed[expected == 0.0].sum() == 0
    rare = (expected < 5.0) & (expected > 0.0)
    common = expected >= 5.0
    cells = [*zip(observed[common], expected[common], strict=True)]
    if rare.any():
        cells.append((observed[rare].sum(), expected[rare].sum()))
    counted, awaited = np.array(cells).T
    if len(counted) > 1:
        assert stats.chisquare(counted, awaited * counted.sum() / awaited.sum()).pvalue > 1e-3


@pytest.mark.parametrize("tie_model", TIE_MODELS)
@pytest.mark.parametrize("actors", [3, 4])
def test_probabilities_match_enumeration_from_every_network(actors: int, tie_model: str) -> None:
    for network in all_networks(actors):
        given_here = transition_probabilities(
            network, coefficients=COEFFICIENTS, **arguments(actors, tie_model)
        )
        np.testing.assert_allclose(
            given_here, brute_force(network, COEFFICIENTS, tie_model), rtol=1e-12, atol=1e-15
        )
        assert given_here.sum() == pytest.approx(1.0, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.floats(-3.0, 3.0), min_size=5, max_size=5),
    number=st.integers(0, 63),
    tie_model=st.sampled_from(TIE_MODELS),
)
def test_probabilities_match_enumeration_for_any_coefficients(
    values: list[float], number: int, tie_model: str
) -> None:
    coefficients = dict(zip(COEFFICIENTS, values, strict=True))
    network = all_networks(4)[number]
    np.testing.assert_allclose(
        transition_probabilities(network, coefficients=coefficients, **arguments(4, tie_model)),
        brute_force(network, coefficients, tie_model),
        rtol=1e-10,
        atol=1e-14,
    )


@pytest.mark.parametrize("tie_model", TIE_MODELS)
@pytest.mark.parametrize(("actors", "number"), [(3, 0), (3, 5), (4, 0), (4, 21), (4, 63)])
def test_one_ministep_matches_enumeration(actors: int, number: int, tie_model: str) -> None:
    start = all_networks(actors)[number]
    result = simulate(
        start,
        coefficients=COEFFICIENTS,
        ministeps=1,
        seed=20,
        replicates=30_000,
        **arguments(actors, tie_model),
    )
    assert_frequencies(result.networks, chain(actors, COEFFICIENTS, tie_model)[number])


@pytest.mark.parametrize("tie_model", TIE_MODELS)
def test_a_few_ministeps_match_enumeration(tie_model: str) -> None:
    matrix = chain(4, COEFFICIENTS, tie_model)
    for ministeps in (2, 5):
        result = simulate(
            all_networks(4)[9],
            coefficients=COEFFICIENTS,
            ministeps=ministeps,
            seed=21,
            replicates=30_000,
            **arguments(4, tie_model),
        )
        assert_frequencies(result.networks, np.linalg.matrix_power(matrix, ministeps)[9])


@pytest.mark.parametrize("tie_model", TIE_MODELS)
def test_a_period_is_the_continuous_time_chain(tie_model: str) -> None:
    rate, period = 1.5, 0.5
    generator = 4 * rate * (chain(4, COEFFICIENTS, tie_model) - np.eye(64))
    result = simulate(
        all_networks(4)[40],
        coefficients=COEFFICIENTS,
        rate=rate,
        period=period,
        seed=22,
        replicates=30_000,
        **arguments(4, tie_model),
    )
    assert_frequencies(result.networks, linalg.expm(period * generator)[40])


@pytest.mark.parametrize("tie_model", TIE_MODELS)
def test_long_run_frequencies_are_the_stationary_distribution(tie_model: str) -> None:
    matrix = chain(4, COEFFICIENTS, tie_model)
    balance = np.vstack([matrix.T - np.eye(64), np.ones(64)])
    stationary = np.linalg.lstsq(balance, np.append(np.zeros(64), 1.0), rcond=None)[0]
    far = np.linalg.matrix_power(matrix, 200)[0]
    np.testing.assert_allclose(far, stationary, atol=1e-9)
    result = simulate(
        np.zeros((4, 4)),
        coefficients=COEFFICIENTS,
        ministeps=200,
        seed=23,
        replicates=20_000,
        **arguments(4, tie_model),
    )
    assert_frequencies(result.networks, stationary)


def test_without_coefficients_every_option_is_equally_likely() -> None:
    network = all_networks(4)[13]
    forced = transition_probabilities(network, coefficients={})
    np.testing.assert_allclose(forced, np.full((4, 4), 1 / 16))
    confirmed = transition_probabilities(network, coefficients={}, tie_model="confirmation")
    off_diagonal = ~np.eye(4, dtype=bool)
    np.testing.assert_allclose(confirmed[(network == 0) & off_diagonal], 1 / 32)
    np.testing.assert_allclose(confirmed[network == 1], 1 / 16)


def test_a_very_large_coefficient_decides() -> None:
    result = simulate(
        np.zeros((6, 6)), coefficients={"density": 1e6}, ministeps=200, seed=1, replicates=20
    )
    assert (result.networks == 1 - np.eye(6)).all()
    alone = simulate(
        1 - np.eye(6), coefficients={"density": -1e6}, ministeps=200, seed=1, replicates=20
    )
    assert not alone.networks.any()
    refused = simulate(
        np.zeros((3, 3)),
        coefficients={"alter.appeal": 1e3},
        alter={"appeal": [1.0, -1.0, -1.0]},
        tie_model="confirmation",
        ministeps=100,
        seed=1,
        replicates=20,
    )
    assert not refused.networks.any()
