"""The likelihood of the coordination model against a slow, independent implementation."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_histories import EFFECTS, as_event_data, random_history
from naive_events import Naive, event_logs, pair_probabilities, statistic
from partnersim.events import (
    Alter,
    AttributeReplacements,
    Degree,
    EventData,
    NetworkIncrements,
    PresenceChanges,
    SharedPartners,
    Tie,
    log_likelihood,
)

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10**9),
    chosen=st.lists(st.integers(0, len(EFFECTS) - 1), min_size=1, max_size=4, unique=True),
    values=st.lists(st.floats(-2.0, 2.0), min_size=4, max_size=4),
)
def test_every_event_has_the_probability_of_the_definition(
    seed: int, chosen: list[int], values: list[float]
) -> None:
    naive, data = random_history(seed)
    if not naive.events("treaty"):
        return
    b = values[: len(chosen)]
    slow = event_logs(naive, "treaty", [EFFECTS[place][0] for place in chosen], b)
    fast = log_likelihood(data, "treaty", [EFFECTS[place][1] for place in chosen], b)
    np.testing.assert_allclose(fast.event_log_likelihood, slow, rtol=0, atol=1e-9)
    assert float(fast) == pytest.approx(sum(slow), abs=1e-9)


@pytest.fixture(scope="module")
def histories() -> list[tuple[Naive, EventData]]:
    return [random_history(seed, 20) for seed in range(8)]


@pytest.mark.parametrize("place", range(len(EFFECTS)), ids=[e.name for _, e in EFFECTS])
def test_every_effect_on_its_own(place: int, histories: list[tuple[Naive, EventData]]) -> None:
    slow_effect, effect = EFFECTS[place]
    moved = 0
    for naive, data in histories:
        if naive.events("treaty"):
            slow = event_logs(naive, "treaty", [slow_effect], [1.3])
            fast = log_likelihood(data, "treaty", [effect], [1.3]).event_log_likelihood
            np.testing.assert_allclose(fast, slow, rtol=0, atol=1e-9)
            equal = event_logs(naive, "treaty", [slow_effect], [0.0])
            moved += sum(abs(a - b) > 1e-6 for a, b in zip(slow, equal, strict=True))
    assert moved > 5, "the histories do not show this effect"


def tables(
    ties: list[tuple], weights: list[tuple] = (), count: int = 4, **columns: list
) -> EventData:
    """Return a history of actors a, b, c ... with increments (time, sender, receiver, value)."""
    actors = pd.DataFrame({"label": list("abcdefgh"[:count]), **columns})
    return EventData(
        actors,
        {"net": pd.DataFrame(weights, columns=["sender", "receiver", "value"])},
        [
            NetworkIncrements(
                "net", pd.DataFrame(ties, columns=["time", "sender", "receiver", "value"])
            )
        ],
    )


@pytest.mark.parametrize("count", [2, 3, 5, 8])
def test_without_preferences_every_pair_is_equally_likely(count: int) -> None:
    data = tables([(1, "a", "b", 1), (2, "b", "a", 1)], count=count, x=list(range(count)))
    logs = log_likelihood(data, "net", [Tie("net"), Alter("x")], [0.0, 0.0]).event_log_likelihood
    np.testing.assert_allclose(np.exp(logs), 2 / (count * (count - 1)), rtol=1e-12)


def test_three_actors_by_hand() -> None:
    """a and b are tied: p(a->b) = p(b->a) = e / (1 + e), p(c->a) = p(c->b) = 1 / 2."""
    data = tables([(1, "b", "a", 1), (1, "a", "c", 1)], [("a", "b", 1)], count=3)
    likelihood = log_likelihood(data, "net", [Tie("net")], [1.0])
    strong, weak = math.e / (1 + math.e), 1 / (1 + math.e)
    total = strong**2 + 2 * weak / 2
    expected = [strong**2 / total, weak / 2 / total]
    np.testing.assert_allclose(np.exp(likelihood.event_log_likelihood), expected, rtol=1e-12)
    # d is 2 (1 - p) for the tied pair and -p for the two others.
    d = np.array([2 * weak, -strong, -strong])
    chance = np.array([*expected, expected[1]])
    mean = d @ chance
    assert likelihood.score[0] == pytest.approx(d[0] + d[1] - 2 * mean, rel=1e-12)
    assert likelihood.information[0, 0] == pytest.approx(2 * ((d - mean) ** 2 @ chance), rel=1e-12)


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 4, 5])
def test_score_is_the_slope_and_information_the_covariance(seed: int) -> None:
    naive, data = random_history(seed, 20)
    places = [0, 5, 9, 13, 15]
    slow, fast = [EFFECTS[p][0] for p in places], [EFFECTS[p][1] for p in places]
    b = np.random.default_rng(seed).normal(size=len(places)) / 2
    likelihood = log_likelihood(data, "treaty", fast, b)
    step = 1e-5
    for place in range(len(places)):
        up, down = b.copy(), b.copy()
        up[place] += step
        down[place] -= step
        ends = [float(log_likelihood(data, "treaty", fast, end)) for end in (up, down)]
        slope = (ends[0] - ends[1]) / (2 * step)
        assert likelihood.score[place] == pytest.approx(slope, abs=1e-6)
    covariance = np.zeros((len(places), len(places)))
    for time, _, _ in naive.events("treaty"):
        chances = pair_probabilities(naive, "treaty", slow, list(b), time)
        rows = np.array(
            [[pull(naive, slow, e, list(b), time, *pair) for e in slow] for pair in chances]
        )
        weights = np.array(list(chances.values()))
        covariance += np.cov(rows, rowvar=False, aweights=weights, ddof=0)
    np.testing.assert_allclose(likelihood.information, covariance, atol=1e-9)


def pull(
    naive: Naive, effects: list[dict], effect: dict, b: list[float], time: float, i: int, j: int
) -> float:
    """Return d(i, j) = s(i, j) - e(i) + s(j, i) - e(j) by loops."""
    total = 0.0
    for one, other in ((i, j), (j, i)):
        others = [h for h in naive.there(time) if h != one]
        strengths = [
            math.exp(
                sum(
                    v * statistic(naive, e, "treaty", time, one, h)
                    for v, e in zip(b, effects, strict=True)
                )
            )
            for h in others
        ]
        values = [statistic(naive, effect, "treaty", time, one, h) for h in others]
        mean = sum(s * v for s, v in zip(strengths, values, strict=True)) / sum(strengths)
        total += statistic(naive, effect, "treaty", time, one, other) - mean
    return total


@settings(max_examples=20)
@given(seed=st.integers(0, 10**9), shuffle=st.integers(0, 10**9))
def test_the_order_of_actors_does_not_matter(seed: int, shuffle: int) -> None:
    naive, data = random_history(seed)
    if not naive.events("treaty"):
        return
    order = np.random.default_rng(shuffle).permutation(naive.actors).tolist()
    effects = [effect for _, effect in EFFECTS[:16]]
    b = np.linspace(-0.5, 0.5, len(effects))
    one = log_likelihood(data, "treaty", effects, b)
    other = log_likelihood(as_event_data(naive, order), "treaty", effects, b)
    np.testing.assert_allclose(
        one.event_log_likelihood, other.event_log_likelihood, rtol=0, atol=1e-10
    )
    np.testing.assert_allclose(one.information, other.information, atol=1e-8)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("b", [800.0, -800.0])
def test_extreme_coefficients_stay_finite(b: float) -> None:
    """With four actors, a and b tied: utilities differ by 800, far beyond what exp can hold."""
    data = tables([(1, "a", "c", 1), (1, "a", "b", 1)], [("a", "b", 1)])
    found = log_likelihood(data, "net", [Tie("net")], [b])
    # p(a->b) is 1 and p(a->c) exp(-800), or exp(-800) / 2 and 1 / 2; c and d choose evenly.
    untied, tied = (-800 - math.log(3), 0.0) if b > 0 else (-math.log(6), -1600 - math.log(4))
    total = math.log(1 + 1 / 9) if b > 0 else math.log(4 / 6 + 1 / 9)
    np.testing.assert_allclose(found.event_log_likelihood, [untied - total, tied - total])
    assert np.isfinite(found.score).all()
    assert np.isfinite(found.information).all()


# What the definition says word by word


def test_events_of_one_instant_see_the_same_state() -> None:
    together = tables([(1, "a", "b", 1), (1, "a", "b", 1)])
    apart = tables([(1, "a", "b", 1), (2, "a", "b", 1)])
    same = log_likelihood(together, "net", [Tie("net")], [2.0]).event_log_likelihood
    later = log_likelihood(apart, "net", [Tie("net")], [2.0]).event_log_likelihood
    assert same[0] == same[1] == pytest.approx(math.log(1 / 6))
    assert later[1] > same[1]


def test_only_increments_of_one_are_events() -> None:
    data = tables([(1, "a", "b", 1), (2, "a", "b", 2), (3, "a", "b", -1), (4, "c", "d", 1)])
    logs = log_likelihood(data, "net", [Tie("net", weighted=True)], [0.5]).event_log_likelihood
    assert len(logs) == 2
    # At 4 the weight of a and b is 2.
    p = math.exp(1) / (2 + math.exp(1))
    expected = (1 / 9) / (p * p + (1 / 9) + 4 * (1 - p) / 2 / 3)
    assert math.exp(logs[1]) == pytest.approx(expected, rel=1e-12)


def test_presence_counts_from_its_instant_and_attributes_after_theirs() -> None:
    actors = pd.DataFrame({"label": list("abcd"), "present": [1, 1, 1, 0], "x": [0.0] * 4})
    event = pd.DataFrame({"time": [5], "sender": ["a"], "receiver": ["b"], "value": [1]})
    empty = pd.DataFrame(columns=["sender", "receiver", "value"])

    def chance(time: float) -> float:
        moves = pd.DataFrame({"time": [time], "label": ["a"], "value": [1.0]})
        data = EventData(
            actors,
            {"net": empty},
            [
                AttributeReplacements("x", moves),
                PresenceChanges(pd.DataFrame({"time": [time], "label": ["d"], "value": [True]})),
                NetworkIncrements("net", event),
            ],
        )
        return math.exp(float(log_likelihood(data, "net", [Alter("x")], [1.0])))

    liked, plain = math.e / (1 + math.e) / 2, 1 / (1 + math.e) / 2
    assert chance(6) == pytest.approx(1 / 3)
    assert chance(5) == pytest.approx(1 / 6)  # d is there already, a is not yet liked
    liked, plain = math.e / (2 + math.e) / 3, 1 / (2 + math.e) ** 2
    assert chance(4) == pytest.approx(liked / (3 * liked + 3 * plain))


def test_absent_actors_count_in_statistics_but_cannot_be_chosen() -> None:
    data = tables(
        [(1, "a", "b", 1)], [("b", "d", 1), ("a", "d", 1)], present=[True, True, True, False]
    )
    degree = log_likelihood(data, "net", [Degree("net")], [1.0])
    near = math.e / (1 + math.e)
    both, one = near * near, (1 - near) / 2
    assert math.exp(float(degree)) == pytest.approx(both / (both + 2 * one))
    shared = log_likelihood(data, "net", [SharedPartners("net")], [1.0])
    assert math.exp(float(shared)) == pytest.approx(both / (both + 2 * one))


def test_a_window_forgets_after_the_window_not_at_it() -> None:
    def chance(time: float) -> float:
        data = tables([(1, "a", "b", 2), (time, "a", "b", 1)], [("c", "d", 5)])
        return math.exp(float(log_likelihood(data, "net", [Tie("net", window=3)], [1.0])))

    assert chance(1) == pytest.approx(1 / 6)
    assert chance(1.5) == chance(4) > 0.2
    assert chance(4.000001) == pytest.approx(1 / 6)


def test_repetitions_are_those_of_the_dependent_network() -> None:
    actors = pd.DataFrame({"label": list("abc"), "x": [1.0, 1.0, 0.0]})
    ties = pd.DataFrame({"sender": ["a"], "receiver": ["b"], "value": [1]})
    event = pd.DataFrame({"time": [1], "sender": ["a"], "receiver": ["b"], "value": [1]})
    none = ties[:0]

    def chance(net: pd.DataFrame, other: pd.DataFrame, **options: bool) -> float:
        data = EventData(actors, {"net": net, "other": other}, [NetworkIncrements("net", event)])
        return math.exp(float(log_likelihood(data, "net", [Alter("x", **options)], [2.0])))

    assert chance(ties, none, ignore_repetitions=True) < chance(ties, none)
    assert chance(none, ties, ignore_repetitions=True) == chance(none, ties)


def test_missing_values_become_means() -> None:
    nan = math.nan
    actors = pd.DataFrame({"label": list("abcd"), "present": [1, 1, 1, 0], "x": [0, 2, nan, 7]})
    event = pd.DataFrame({"time": [9], "sender": ["a"], "receiver": ["b"], "value": [1]})
    ties = pd.DataFrame({"sender": ["a"], "receiver": ["b"], "value": [nan]})

    def values(*changes: tuple) -> EventData:
        table = pd.DataFrame(changes, columns=["time", "label", "value"])
        made = [AttributeReplacements("x", table), NetworkIncrements("net", event)]
        return EventData(actors, {"net": ties}, made)

    def chance(data: EventData) -> float:
        return math.exp(float(log_likelihood(data, "net", [Alter("x")], [0.3])))

    def known(a: float, b: float, c: float) -> float:
        e = [math.exp(0.3 * x) for x in (a, b, c)]
        p = [
            e[i] * e[j] / (e[i] + e[k]) / (e[j] + e[k])
            for i, j, k in ((0, 1, 2), (0, 2, 1), (1, 2, 0))
        ]
        return p[0] / sum(p)

    assert chance(values()) == pytest.approx(known(0, 2, 3))  # absent actors count in the mean
    assert chance(values((1, "d", 0))) == pytest.approx(known(0, 2, 3))  # kept
    assert chance(values((1, "d", 1), (2, "a", nan))) == pytest.approx(known(2, 2, 3))
    assert chance(values((1, "a", nan), (2, "c", 5), (3, "d", 100))) == pytest.approx(
        known(4, 2, 5)
    )
