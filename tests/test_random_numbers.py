"""Keyed random numbers and the choice that rests on them."""

import math
from decimal import Decimal, localcontext
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from partnersim.random import elementary
from partnersim.random.keys import (
    FIRST_NAME_KEY,
    HOLDING_KEY,
    code_key,
    code_keys,
    name_key,
    name_keys,
)
from partnersim.random.noise import blocks_to_fill
from partnersim.random.numbers import (
    CHOICE,
    decision_word,
    gumbel,
    half,
    half_of_key,
    logistic,
    philox,
    pick,
    to_uniform,
    uniform,
    words,
)
from partnersim.random.options import (
    NO_OPTION,
    NO_SCORE,
    consider,
    gumbel_bound,
    race_by_key,
)
from partnersim.random.options import (
    race as race_prepared,
)

pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")

WORD = st.integers(0, 2**64 - 1)
HALF = st.integers(0, 2**32 - 1)
KEY = st.integers(0, 2**63 - 1)
SMALLEST = np.uint64(0)
LARGEST = np.uint64(2**32 - 1)


def numpy_words(counter: list[int], key: list[int]) -> list[int]:
    """Words of numpy's own generator, which adds 1 to the 256-bit counter before it draws."""
    whole = sum(word << (64 * place) for place, word in enumerate(counter))
    before = (whole - 1) % 2**256
    counter_before = [(before >> (64 * place)) % 2**64 for place in range(4)]
    generator = np.random.Philox(
        counter=np.array(counter_before, np.uint64), key=np.array(key, np.uint64)
    )
    return [int(word) for word in generator.random_raw(4)]


@settings(max_examples=300, deadline=None)
@given(counter=st.lists(WORD, min_size=4, max_size=4), key=st.lists(WORD, min_size=2, max_size=2))
def test_philox_is_numpys(counter: list[int], key: list[int]) -> None:
    drawn = philox(*(np.uint64(word) for word in (*counter, *key)))
    assert [int(word) for word in drawn] == numpy_words(counter, key)


def test_philox_meets_the_published_answer() -> None:
    """Known answer of Random123 for counter and key zero."""
    drawn = philox(*(np.uint64(0),) * 6)
    assert [f"{int(word):016x}" for word in drawn] == [
        "16554d9eca36314c",
        "db20fe9d672d0fdc",
        "d7e772cee186176b",
        "7e68b68aec7ba23b",
    ]


@settings(max_examples=200, deadline=None)
@given(seed=KEY, replicate=KEY, quarter=KEY, actor=KEY, alternative=KEY, purpose=st.integers(0, 15))
def test_uniform_takes_the_half_word_of_its_alternative(
    seed: int, replicate: int, quarter: int, actor: int, alternative: int, purpose: int
) -> None:
    expected = numpy_words([alternative // 8, actor, quarter, purpose], [seed, replicate])
    block = words(seed, replicate, quarter, actor, alternative // 8, purpose)
    assert [int(word) for word in block] == expected
    word = expected[alternative // 2 % 4]
    own = word >> 32 if alternative % 2 else word % 2**32
    # Compiled functions hand words back as plain integers.
    drawn = tuple(np.uint64(word) for word in block)
    assert int(pick(drawn, alternative)) == own
    draw = uniform(seed, replicate, quarter, actor, alternative, purpose)
    assert draw == (own + 0.5) / 2**32


@given(word=WORD)
def test_a_word_falls_into_two_halves(word: int) -> None:
    halves = [int(half(np.uint64(word), alternative)) for alternative in (6, 7)]
    assert halves == [word % 2**32, word >> 32]


def test_extreme_words_stay_inside_the_open_interval() -> None:
    assert to_uniform(SMALLEST) == 2.0**-33
    assert to_uniform(LARGEST) == 1.0 - 2.0**-33
    for noise in (gumbel, logistic):
        assert math.isfinite(noise(to_uniform(SMALLEST)))
        assert math.isfinite(noise(to_uniform(LARGEST)))


@settings(max_examples=300, deadline=None)
@given(word=HALF)
def test_uniform_is_open_and_noise_is_finite(word: int) -> None:
    draw = to_uniform(np.uint64(word))
    assert 0.0 < draw < 1.0
    assert math.isfinite(gumbel(draw))
    assert math.isfinite(logistic(draw))
    assert gumbel(draw) <= gumbel_bound(np.uint64(word))


def draws(varied: str, count: int) -> np.ndarray:
    key = dict(seed=7, replicate=3, quarter=11, actor=5, alternative=2, purpose=CHOICE)
    base = key[varied]
    return np.array([uniform(**{**key, varied: base + step}) for step in range(count)])


@pytest.mark.parametrize("varied", ["seed", "replicate", "quarter", "actor", "alternative"])
def test_draws_look_independent_along_every_part_of_the_key(varied: str) -> None:
    drawn = draws(varied, 4000)
    assert stats.kstest(drawn, "uniform").pvalue > 1e-3
    for lag in (1, 2, 4):
        correlation = np.corrcoef(drawn[:-lag], drawn[lag:])[0, 1]
        assert abs(correlation) < 4.0 / math.sqrt(len(drawn))


def test_parts_of_the_key_are_not_interchangeable() -> None:
    keys = [(1, 0, 0, 0, 0, 0), (0, 1, 0, 0, 0, 0), (0, 0, 1, 0, 0, 0)]
    keys += [(0, 0, 0, 1, 0, 0), (0, 0, 0, 0, 1, 0), (0, 0, 0, 0, 2, 0), (0, 0, 0, 0, 8, 0)]
    keys += [(0, 0, 0, 0, 0, 1)]
    assert len({uniform(*key) for key in keys}) == len(keys)


def test_noise_has_the_moments_of_its_distribution() -> None:
    drawn = draws("alternative", 40_000)
    for noise, mean, variance in (
        (gumbel, np.euler_gamma, math.pi**2 / 6),
        (logistic, 0.0, math.pi**2 / 3),
    ):
        values = np.array([noise(draw) for draw in drawn])
        assert abs(values.mean() - mean) < 4.0 * math.sqrt(variance / len(values))
        assert values.var() == pytest.approx(variance, rel=0.05)


def test_bound_holds_at_the_edges_of_its_bins() -> None:
    for place in range(1024):
        for word in (place << 22, ((place + 1) << 22) - 1):
            bound = gumbel_bound(np.uint64(word))
            assert gumbel(to_uniform(np.uint64(word))) < bound
        # A bound that is far too high would be useless.
        assert bound - gumbel(to_uniform(np.uint64(place << 22))) < (36.0 if place == 1023 else 2.0)


def race_without_skipping(
    utilities: np.ndarray, admissible: np.ndarray, key: tuple[int, int, int, int, int]
) -> int:
    seed, replicate, quarter, actor, purpose = key
    best, option = -math.inf, -1
    for alternative in np.flatnonzero(admissible):
        draw = uniform(seed, replicate, quarter, actor, int(alternative), purpose)
        score = utilities[alternative] + gumbel(draw)
        if score > best:
            best, option = score, int(alternative)
    return option


def race(values: np.ndarray, admissible: np.ndarray, count: int, *key: int) -> int:
    """Prepare what a choice needs, as a state does, and choose."""
    width = blocks_to_fill(count)
    chosen = np.where(admissible, values, -np.inf)
    return race_prepared(chosen, np.empty((4, width), np.uint64), np.empty(count), *key)


@settings(max_examples=150, deadline=None)
@given(
    utilities=st.lists(st.floats(-20.0, 20.0), min_size=1, max_size=40),
    seed=KEY,
    replicate=KEY,
    quarter=st.integers(0, 10_000),
    data=st.data(),
)
def test_skipping_never_changes_the_winner(
    utilities: list[float], seed: int, replicate: int, quarter: int, data: st.DataObject
) -> None:
    count = len(utilities)
    admissible = np.array(
        data.draw(st.lists(st.integers(0, 1), min_size=count, max_size=count)), np.uint8
    )
    values = np.array(utilities)
    key = (seed, replicate, quarter, 3, CHOICE)
    expected = race_without_skipping(values, admissible, key)
    assert race(values, admissible, count, *key) == expected


def test_of_equal_scores_the_lower_number_wins() -> None:
    word = np.uint64(123 << 18)
    score, option = consider(NO_SCORE, NO_OPTION, 5, 1.0, word)
    assert option == 5
    assert consider(score, option, 7, 1.0, word) == (score, 5)
    assert consider(score, option, 3, 1.0, word) == (score, 3)


def test_an_option_that_cannot_be_taken_never_wins() -> None:
    nothing = np.zeros(6, np.uint8)
    everything = np.ones(6, np.uint8)
    assert race(np.zeros(6), nothing, 6, 1, 1, 1, 1, CHOICE) == NO_OPTION
    assert race(np.full(6, -np.inf), everything, 6, 1, 1, 1, 1, CHOICE) == NO_OPTION
    assert race(np.full(6, np.nan), everything, 6, 1, 1, 1, 1, CHOICE) == NO_OPTION
    only = np.array([0, 0, 0, 0, 1, 0], np.uint8)
    assert {race(np.zeros(6), only, 6, 1, r, 1, 1, CHOICE) for r in range(50)} == {4}


def test_one_very_large_utility_is_always_taken() -> None:
    utilities = np.array([0.0, 3.0, 1e6, -5.0])
    everything = np.ones(4, np.uint8)
    assert {race(utilities, everything, 4, 1, r, 1, 1, CHOICE) for r in range(200)} == {2}


@pytest.mark.parametrize(
    "utilities", [np.zeros(7), np.array([0.0, 1.0, -1.0, 2.0, 0.3]), np.linspace(-2.0, 1.0, 13)]
)
def test_race_frequencies_are_a_multinomial_logit(utilities: np.ndarray) -> None:
    count = len(utilities)
    admissible = np.ones(count, np.uint8)
    admissible[1] = 0
    runs = 20_000
    taken = np.bincount(
        [race(utilities, admissible, count, 99, r, 0, 0, CHOICE) for r in range(runs)],
        minlength=count,
    )
    weights = np.exp(utilities) * admissible
    expected = runs * weights / weights.sum()
    possible = admissible == 1
    assert taken[~possible].sum() == 0
    assert stats.chisquare(taken[possible], expected[possible]).pvalue > 1e-3


def test_an_option_keeps_its_luck_when_another_goes() -> None:
    """Removing an option that did not win never changes the choice."""
    utilities = np.linspace(0.0, 1.0, 9)
    for replicate in range(200):
        everything = np.ones(9, np.uint8)
        chosen = race(utilities, everything, 9, 5, replicate, 1, 1, CHOICE)
        everything[(chosen + 1) % 9] = 0
        assert race(utilities, everything, 9, 5, replicate, 1, 1, CHOICE) == chosen


def mixed(word: int, key: int) -> int:
    """SplitMix64's finaliser with Python's own whole numbers."""
    z = (word + key * 0x9E3779B97F4A7C15) % 2**64
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ z >> 27) * 0x94D049BB133111EB % 2**64
    return z ^ z >> 31


def test_the_mix_meets_the_published_answers() -> None:
    """First numbers of SplitMix64 from seed 1234567, as its authors give them."""
    answers = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert [mixed(1234567, step) for step in (1, 2, 3)] == answers


@settings(max_examples=300, deadline=None)
@given(word=WORD, key=KEY)
def test_an_alternative_mixes_its_key_into_the_word(word: int, key: int) -> None:
    assert int(half_of_key(np.uint64(word), key)) == mixed(word, key) >> 32


def test_the_word_of_a_decision_is_the_first_of_its_block() -> None:
    assert int(decision_word(7, 3, 11, 5, CHOICE)) == numpy_words([0, 5, 11, 6], [7, 3])[0]


def test_keys_come_from_codes_and_names() -> None:
    assert code_key("AAA") == 0
    assert code_key("KEN") == (10 * 26 + 4) * 26 + 13
    assert code_keys(["AAB", "ZZZ"]).tolist() == [1, 26**3 - 1]
    assert name_key("FTA") == 2**62 + int.from_bytes(sha256(b"FTA").digest()[:8], "big") % 2**62
    assert code_key("ZZZ") < HOLDING_KEY < FIRST_NAME_KEY <= name_key("") < 2**63
    with pytest.raises(ValueError, match="two of these names share a key: FTA, DTA, FTA"):
        name_keys(["FTA", "DTA", "FTA"])


@pytest.mark.parametrize("step", [1, 26, 26**2, name_key("FTA") - name_key("DTA")])
def test_draws_of_two_alternatives_look_independent(step: int) -> None:
    """Over many decisions, for keys as near as they come and as far apart as those of names."""
    key = name_key("DTA") if step > 26**2 or step < 0 else code_key("KEN")
    decisions = [decision_word(1, 0, quarter, 8, CHOICE) for quarter in range(20_000)]
    pairs = [
        [to_uniform(np.uint64(half_of_key(np.uint64(word), own))) for own in (key, key + step)]
        for word in decisions
    ]
    one, other = np.array(pairs).T
    for drawn in (one, other, (one + other) % 1.0):
        assert stats.kstest(drawn, "uniform").pvalue > 1e-3
    counts = np.histogram2d(one, other, bins=10, range=[[0, 1], [0, 1]])[0]
    assert stats.chisquare(counts.ravel()).pvalue > 1e-3


@settings(max_examples=150, deadline=None)
@given(
    utilities=st.lists(st.floats(-20.0, 20.0) | st.just(-math.inf), min_size=1, max_size=40),
    word=WORD,
    data=st.data(),
)
def test_a_race_by_key_is_won_by_utility_plus_noise(
    utilities: list[float], word: int, data: st.DataObject
) -> None:
    keys = data.draw(st.lists(KEY, min_size=len(utilities), max_size=len(utilities), unique=True))
    scores = [
        utility + gumbel(to_uniform(np.uint64(mixed(word, key) >> 32)))
        for utility, key in zip(utilities, keys, strict=True)
    ]
    expected = int(np.argmax(scores)) if max(scores) > -math.inf else NO_OPTION
    values, own = np.array(utilities), np.array(keys, np.int64)
    scratch = np.empty(len(values))
    assert race_by_key(values, own, np.uint64(word), scratch) == expected
    # Who stands where does not matter, nor who else stands by without a chance.
    order = np.append(np.argsort(own), len(values))
    values, own = np.append(values, -math.inf)[order], np.append(own, HOLDING_KEY)[order]
    found = race_by_key(values, own, np.uint64(word), np.empty(len(values)))
    assert (order[found] if found >= 0 else NO_OPTION) == expected


@given(st.floats(-700, 700))
def test_exponentials_are_right_to_two_units_and_equal_in_plain_python(x: float) -> None:
    with localcontext(prec=40):
        error = abs(Decimal(elementary.exp(x)) - Decimal(x).exp())
    assert error <= 2 * Decimal(math.ulp(math.exp(x)))
    assert elementary.exp.py_func(x) == elementary.exp(x)


@given(st.floats(1e-300, 1e300) | st.floats(0.9, 1.1))
def test_logarithms_are_right_to_two_units_and_equal_in_plain_python(x: float) -> None:
    with localcontext(prec=40):
        error = abs(Decimal(elementary.log(x)) - Decimal(x).ln())
    assert error <= 2 * Decimal(math.ulp(math.log(x)))
    assert elementary.log.py_func(x) == elementary.log(x)


@given(st.floats(0, 1))
def test_cosines_of_turns_are_right(share: float) -> None:
    expected = math.cos(2 * math.pi * share)
    assert elementary.cosine_of_turn(share) == pytest.approx(expected, abs=1e-15)
    assert elementary.cosine_of_turn.py_func(share) == elementary.cosine_of_turn(share)


def test_ends_of_elementary_functions() -> None:
    assert (elementary.exp(0.0), elementary.log(1.0), elementary.power(2.0, 0.0)) == (1.0, 0.0, 1.0)
    assert (elementary.exp(-math.inf), elementary.exp(math.inf)) == (0.0, math.inf)
    assert math.isnan(elementary.exp(math.nan))
    assert elementary.power(2.0, -3.0) == pytest.approx(0.125, rel=1e-15)
    np.testing.assert_allclose(elementary.each_exp(np.array([0, 1])), [1.0, math.e], rtol=1e-15)
