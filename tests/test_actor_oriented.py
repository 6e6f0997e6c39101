"""The bare actor-oriented mode: what it takes, what it keeps, what it must not depend on."""

import hashlib
import math
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from partnersim.actor_oriented import Simulation, simulate, transition_probabilities
from partnersim.actor_oriented.ministep import ministep_count
from partnersim.actor_oriented.tie import count_ties, set_tie
from partnersim.errors import InputError
from partnersim.random.noise import blocks_to_fill, fill_words
from partnersim.random.numbers import CHOICE, words

pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")

COEFFICIENTS = {
    "density": -1.1,
    "shared_partners": 0.3,
    "degree_of_alter": -0.05,
    "alter.wealth": 0.4,
    "dyadic.distance": -0.6,
}


def random_network(actors: int, share: float, seed: int) -> np.ndarray:
    upper = np.triu(np.random.default_rng(seed).random((actors, actors)) < share, 1)
    return (upper | upper.T).astype(np.uint8)


def example(tie_model: str = "forcing", **changed: object) -> Simulation:
    generator = np.random.default_rng(5)
    distance = generator.random((13, 13))
    arguments: dict = dict(
        network=random_network(13, 0.2, 4),
        coefficients=COEFFICIENTS,
        alter={"wealth": generator.normal(size=13)},
        dyadic={"distance": distance + distance.T},
        rate=3.0,
        tie_model=tie_model,
        seed=2**62 + 11,
        replicates=12,
    )
    arguments.update(changed)
    return simulate(arguments.pop("network"), **arguments)


def digest_of_examples() -> str:
    whole = hashlib.sha256()
    for tie_model in ("forcing", "confirmation"):
        result = example(tie_model)
        for values in (result.networks, result.ministeps, result.changes):
            whole.update(values.tobytes())
    return whole.hexdigest()


def assert_same(one: Simulation, other: Simulation) -> None:
    np.testing.assert_array_equal(one.networks, other.networks)
    np.testing.assert_array_equal(one.ministeps, other.ministeps)
    np.testing.assert_array_equal(one.changes, other.changes)


@pytest.mark.parametrize("tie_model", ["forcing", "confirmation"])
@pytest.mark.parametrize("threads", [2, 3, 7])
def test_threads_do_not_matter(tie_model: str, threads: int) -> None:
    assert_same(example(tie_model, threads=threads), example(tie_model))


def test_plain_python_gives_the_same_bits() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import test_actor_oriented as t; print(t.digest_of_examples())"],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONWARNINGS": "ignore"},
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split()[-1] == digest_of_examples()


def test_a_replicate_does_not_depend_on_how_many_there_are() -> None:
    few, many = example(replicates=3), example(replicates=12)
    np.testing.assert_array_equal(few.networks, many.networks[:3])
    assert len({network.tobytes() for network in many.networks}) == 12


def test_seeds_differ_and_the_input_is_left_alone() -> None:
    start = random_network(13, 0.2, 4)
    before = start.copy()
    one, other = example(network=start, seed=1), example(network=start, seed=2)
    np.testing.assert_array_equal(start, before)
    assert (one.networks != other.networks).any()


def test_order_and_absence_of_covariates_do_not_matter() -> None:
    generator = np.random.default_rng(1)
    given_here = {name: generator.normal(size=13) for name in "abc"}
    coefficients = {
        f"alter.{name}": value for name, value in zip("abc", (0.1, 0.2, 0.7), strict=True)
    }
    backwards = {name: given_here[name] for name in "cba"}
    forth = example(alter=given_here, coefficients=coefficients)
    assert_same(forth, example(alter=backwards, coefficients=coefficients))
    zero = {name: 0.0 for name in COEFFICIENTS}
    assert_same(example(coefficients=zero), example(coefficients={}))


def test_different_forms_of_the_same_network() -> None:
    start = random_network(13, 0.2, 4)
    for same in (start.astype(bool), start.astype(float), start.tolist(), np.asfortranarray(start)):
        assert_same(example(network=same), example(network=start))


@settings(max_examples=80, deadline=None)
@given(
    actors=st.integers(2, 12),
    share=st.floats(0.0, 1.0),
    values=st.lists(st.floats(-4.0, 4.0), min_size=3, max_size=3),
    tie_model=st.sampled_from(["forcing", "confirmation"]),
    rate=st.floats(0.0, 8.0),
    seed=st.integers(0, 2**63 - 1),
)
def test_any_small_network_stays_a_network(
    actors: int, share: float, values: list[float], tie_model: str, rate: float, seed: int
) -> None:
    start = random_network(actors, share, actors)
    names = ("density", "shared_partners", "degree_of_alter")
    result = simulate(
        start,
        coefficients=dict(zip(names, values, strict=True)),
        rate=rate,
        tie_model=tie_model,
        seed=seed,
        replicates=3,
    )
    assert result.networks.shape == (3, actors, actors)
    assert result.networks.dtype == np.uint8
    assert set(np.unique(result.networks)) <= {0, 1}
    np.testing.assert_array_equal(result.networks, result.networks.transpose(0, 2, 1))
    assert not np.diagonal(result.networks, axis1=1, axis2=2).any()
    assert (result.changes <= result.ministeps).all()
    # Every change flips one pair.
    flipped = (result.networks != start).sum(axis=(1, 2)) // 2
    assert (flipped <= result.changes).all()
    assert ((result.changes - flipped) % 2 == 0).all()


@pytest.mark.parametrize("mean", [0.3, 3.7, 40.0])
def test_number_of_ministeps_is_poisson(mean: float) -> None:
    actors = 2
    counts = example(
        network=1 - np.eye(actors),
        coefficients={},
        alter=None,
        dyadic=None,
        rate=mean / actors,
        replicates=20_000,
    ).ministeps
    assert abs(counts.mean() - mean) < 4.0 * math.sqrt(mean / len(counts))
    fourth_moment = mean + 3.0 * mean**2
    error = math.sqrt((fourth_moment - mean**2) / len(counts))
    assert abs(counts.var() - mean) < 4.0 * error
    expected = stats.poisson.pmf(np.arange(200), mean) * len(counts)
    common = expected >= 5.0
    observed = np.bincount(counts, minlength=200)[:200]
    cells = [*observed[common], len(counts) - observed[common].sum()]
    awaited = [*expected[common], len(counts) - expected[common].sum()]
    assert stats.chisquare(cells, awaited).pvalue > 1e-3


def test_a_million_ministeps_are_counted_exactly_enough() -> None:
    mean = 1e6
    if os.environ.get("NUMBA_DISABLE_JIT") == "1":
        mean = 1e4
    counts = np.array([ministep_count(mean, 3, replicate) for replicate in range(60)])
    assert abs(counts.mean() - mean) < 4.0 * math.sqrt(mean / len(counts))
    assert 0.4 < counts.var() / mean < 2.0


def test_a_longer_period_only_adds_ministeps() -> None:
    counts = [ministep_count(mean, 5, 1) for mean in (0.0, 0.5, 5.0, 5.5, 80.0)]
    assert counts[0] == 0
    assert counts == sorted(counts)
    assert example(rate=0.0).ministeps.tolist() == [0] * 12
    assert example(rate=2.0, period=1.5).ministeps.tolist() == example().ministeps.tolist()


def test_a_fixed_number_of_ministeps() -> None:
    result = example(rate=None, ministeps=25)
    assert result.ministeps.tolist() == [25] * 12
    nothing = example(rate=None, ministeps=0)
    assert not nothing.changes.any()
    np.testing.assert_array_equal(nothing.networks[5], random_network(13, 0.2, 4))


@pytest.mark.parametrize("actors", [2, 3, 4, 5, 16, 17, 61])
def test_words_drawn_at_once_are_the_keyed_ones(actors: int) -> None:
    drawn = np.empty((4, blocks_to_fill(actors)), np.uint64)
    assert 2 * drawn.size >= actors
    fill_words(drawn, actors, 2**63 - 1, 17, 5, 3, CHOICE)
    for block in range(drawn.shape[1]):
        expected = words(2**63 - 1, 17, 5, 3, block, CHOICE)
        assert [int(word) for word in drawn[:, block]] == [int(word) for word in expected]


@settings(max_examples=60, deadline=None)
@given(actors=st.integers(2, 9), seed=st.integers(0, 10_000))
def test_counts_are_kept_right(actors: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    network = random_network(actors, 0.5, seed)
    shared_partners = np.empty((actors, actors), np.int64)
    degree = np.empty(actors, np.int64)
    count_ties(network, shared_partners, degree)
    for _ in range(15):
        one, other = (int(actor) for actor in generator.choice(actors, 2, replace=False))
        tied = bool(generator.random() < 0.5)
        set_tie(network, shared_partners, degree, one, other, tied)
        assert network[one, other] == network[other, one] == tied
        expected = network.astype(int) @ network.astype(int)
        np.testing.assert_array_equal(degree, np.diag(expected))
        np.testing.assert_array_equal(shared_partners, expected - np.diag(np.diag(expected)))


def problems_of(**changed: object) -> str:
    arguments: dict = dict(network=np.zeros((3, 3)), coefficients={}, rate=1.0, seed=1)
    arguments.update(changed)
    with pytest.raises(InputError) as caught:
        simulate(arguments.pop("network"), **arguments)
    return str(caught.value)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (dict(network=[[0, 1], [0, 0]]), "network: not symmetric, [0, 1] is 1 but [1, 0] is 0"),
        (dict(network=[[0, 2], [2, 0]]), "network[0, 1]: 2 given, must be 0 or 1 (2 such cells)"),
        (dict(network=[[0, np.nan], [1, 0]]), "network[0, 1]: nan given, must be 0 or 1"),
        (dict(network=[[1, 0], [0, 0]]), "network[0, 0]: 1 given, no actor has a tie to itself"),
        (dict(network=np.zeros((2, 3))), "network: shape (2, 3), but it must be square (n, n)"),
        (dict(network=[[0]]), "network: 1 actors, allowed are 2 to 30000"),
        (dict(network="ties"), "network: must be an array of numbers"),
        (
            dict(coefficients={"densty": 1.0}),
            "coefficients: unknown name 'densty', did you mean 'density'?",
        ),
        (
            dict(coefficients={"alter.welth": 1.0}, alter={"wealth": [1, 2, 3]}),
            "unknown name 'alter.welth', did you mean 'alter.wealth'?",
        ),
        (
            dict(coefficients={"density": math.nan}),
            "coefficients: density: nan given, must be a number from -1e+06 to 1e+06",
        ),
        (dict(coefficients={"density": "low"}), "coefficients: density: 'low' given"),
        (dict(coefficients=[1.0]), "coefficients: must be a mapping of name to number, not list"),
        (dict(alter={"wealth": [1, 2]}), "alter.wealth: shape (2,), but the network asks for (3,)"),
        (dict(alter={"wealth": [1, np.inf, 2]}), "alter.wealth[1]: inf given, must be a number"),
        (dict(alter=np.zeros(3)), "alter: must be a mapping of name to array, not ndarray"),
        (dict(dyadic={"d": np.zeros(3)}), "dyadic.d: shape (3,), but the network asks for (3, 3)"),
        (
            dict(dyadic={"d": np.arange(9.0).reshape(3, 3)}),
            "dyadic.d: not symmetric, [0, 1] is 1 but [1, 0] is 3 (3 such pairs)",
        ),
        (
            dict(tie_model="forced"),
            "tie_model: unknown 'forced', did you mean 'forcing'?; allowed are forcing, confirm",
        ),
        (dict(rate=-1.0), "rate: -1.0 given, must be a number from 0 to 1e+12"),
        (dict(period=math.inf), "period: inf given, must be a number from 0 to 1e+12"),
        (dict(rate=1e9, period=1e9), "rate, period: 3e+18 ministeps on average"),
        (dict(rate=None), "rate, ministeps: give one of the two"),
        (dict(ministeps=3), "rate, ministeps: give one of the two"),
        (dict(rate=None, ministeps=1.5), "ministeps: 1.5 given, must be a whole number from 0"),
        (dict(seed=-1), "seed: -1 given, must be a whole number from 0 to 9223372036854775807"),
        (dict(seed=2**63), "seed: 9223372036854775808 given"),
        (dict(replicates=0), "replicates: 0 given, must be a whole number from 1 to"),
        (dict(threads=0), "threads: 0 given, must be a whole number from 1 to"),
    ],
)
def test_bad_input_is_told_in_one_line(changed: dict, told: str) -> None:
    lines = problems_of(**changed).splitlines()
    assert len(lines) == 1
    assert told in lines[0]


def test_all_problems_are_told_at_once() -> None:
    told = problems_of(
        network=[[0, 1], [0, 0]], coefficients={"densty": 1.0}, tie_model="none", seed=-1, rate="x"
    )
    assert len(told.splitlines()) == 5
    with pytest.raises(InputError) as caught:
        transition_probabilities([[0, 1], [0, 0]], coefficients={"densty": 1.0})
    assert len(caught.value.problems) == 2


def test_the_documented_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    page = Path(__file__).parent.parent / "docs" / "actor_oriented.md"
    (code,) = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(code, str(page), "exec"), {})
    assert capsys.readouterr().out.startswith("(200, 30, 30) ")
