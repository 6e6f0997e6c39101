"""Simulated histories: keyed, lawful, and the truth that made them is found again."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from partnersim import InputError
from partnersim.events import (
    Alter,
    AttributeReplacements,
    Degree,
    Difference,
    EventData,
    Fit,
    History,
    NetworkIncrements,
    NetworkReplacements,
    PresenceChanges,
    SharedPartners,
    Tie,
    fit,
    fit_rate,
    goodness_of_fit,
    log_likelihood,
    simulate,
)
from test_events_fit import history

EFFECTS = [
    Tie("net"),
    Degree("net", transform=np.sqrt),
    SharedPartners("net", transform=np.sqrt),
    Alter("size"),
    Difference("size"),
]
TRUTH = np.array([-0.6, 0.3, 0.5, 0.3, -0.5])
NO_TIES = pd.DataFrame(columns=["sender", "receiver", "value"])


def with_coefficients(data: EventData, effects: list, b: Any) -> Fit:
    """Return a model with coefficients that are chosen, not estimated."""
    found = log_likelihood(data, "net", effects, b)
    return Fit(
        names=tuple(effect.name for effect in effects),
        estimates=np.asarray(b, float),
        free=np.ones(len(effects), bool),
        log_likelihood=float(found),
        score=found.score,
        information=found.information,
        events=len(found.event_log_likelihood),
        converged=False,
        steps=0,
        event_log_likelihood=found.event_log_likelihood,
        event_scores=np.zeros((len(effects), len(found.event_log_likelihood))),
        data=data,
        dependent="net",
        effects=tuple(effects),
    )


def truth(events: int, count: int) -> Fit:
    return with_coefficients(history(events, count), EFFECTS, TRUTH)


def drawn(model: Fit, number: int, seed: int = 5, **options: Any) -> list[History]:
    return list(simulate(model, histories=number, seed=seed, **options))


def test_a_history_depends_on_seed_and_number_only() -> None:
    model = truth(30, 8)
    few, many = drawn(model, 2), drawn(model, 5)
    for one, other in zip(few, many, strict=False):
        pd.testing.assert_frame_equal(one.events, other.events)
    tables = [tuple(map(tuple, one.events.to_numpy())) for one in [*many, *drawn(model, 3, 6)]]
    assert len(set(tables)) == 8
    assert [list(one.events["time"]) for one in many] == [list(range(30))] * 5


def test_coefficients_may_be_others_than_the_estimates() -> None:
    model = truth(20, 6)
    other = with_coefficients(model.data, EFFECTS, 2 * TRUTH)
    for one, same in zip(drawn(model, 3, coefficients=2 * TRUTH), drawn(other, 3), strict=True):
        pd.testing.assert_frame_equal(one.events, same.events)
        np.testing.assert_array_equal(one.weights, same.weights)


def test_events_happen_as_often_as_they_are_likely() -> None:
    table = pd.DataFrame(
        [(1, "a", "b", 1), (2, "a", "c", 1)], columns=["time", "sender", "receiver", "value"]
    )
    ties = pd.DataFrame({"sender": ["a"], "receiver": ["b"], "value": [1]})
    data = EventData(
        pd.DataFrame({"label": list("abcd"), "x": [0.0, 1.0, 2.0, 3.0]}),
        {"net": ties},
        [NetworkIncrements("net", table)],
    )
    model = with_coefficients(data, [Tie("net"), Alter("x")], [1.0, 0.5])
    counts: dict[tuple[str, str], int] = {}
    for one in drawn(model, 1500):
        first = one.events.iloc[0]
        counts[first["sender"], first["receiver"]] = (
            counts.get((first["sender"], first["receiver"]), 0) + 1
        )
    distance = 0.0
    for pair in [(i, j) for i in "abcd" for j in "abcd" if i < j]:
        one_event = pd.DataFrame([(1, *pair, 1)], columns=table.columns)
        alone = EventData(
            pd.DataFrame({"label": list("abcd"), "x": [0.0, 1.0, 2.0, 3.0]}),
            {"net": ties},
            [NetworkIncrements("net", one_event)],
        )
        chance = math.exp(float(log_likelihood(alone, "net", model.effects, [1.0, 0.5])))
        distance += (counts[pair] - 1500 * chance) ** 2 / (1500 * chance)
    assert distance < 20.5  # chi-squared with 5 degrees of freedom, p = 0.001


def test_what_is_not_simulated_happens_as_observed() -> None:
    rows = [(1, "a", "b", 1), (2, "a", "b", -1), (3, "a", "c", 1), (3, "a", "b", 1)]
    data = EventData(
        pd.DataFrame({"label": list("abcde"), "present": [1, 1, 1, 1, 0], "x": 0.0}),
        {"net": NO_TIES, "other": NO_TIES},
        [
            NetworkIncrements(
                "net", pd.DataFrame(rows, columns=["time", "sender", "receiver", "value"])
            ),
            NetworkReplacements(
                "other", pd.DataFrame([(2, "d", "e", 3)], columns=["time", *NO_TIES.columns])
            ),
            AttributeReplacements("x", pd.DataFrame({"time": [2], "label": ["d"], "value": [9]})),
            PresenceChanges(pd.DataFrame({"time": [2], "label": ["d"], "value": [0]})),
        ],
    )
    model = with_coefficients(data, [Tie("net"), Alter("x")], [0.2, 0.1])
    untied = 0
    for one in drawn(model, 60):
        assert list(one.events["time"]) == [1, 3, 3]
        later = one.events.iloc[1:]
        assert not {"d", "e"} & {*later["sender"], *later["receiver"]}
        # The observed loss of a tie takes nothing from two that have none.
        assert one.weights.min() == 0
        lost = [change for change in one.data.changes if change.value == -1]
        first = set(one.events.iloc[0][["sender", "receiver"]])
        assert len(lost) == (first == {"a", "b"})
        untied += first == {"a", "b"}
        assert one.weights.sum() == 2 * (3 - len(lost))
        again = log_likelihood(one.data, "net", model.effects, model.estimates)
        assert len(again.event_log_likelihood) == 3
        others = {change for change in data.changes if change.name != "net"}
        assert others <= set(one.data.changes)
    assert 0 < untied < 60


def test_the_simulated_can_be_fitted_and_knows_no_better_coefficients() -> None:
    for one in drawn(truth(60, 10), 3):
        found = fit(one.data, "net", EFFECTS)
        assert found.events == 60
        assert found.log_likelihood > float(log_likelihood(one.data, "net", EFFECTS, TRUTH))


def coverage(histories: int, events: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return z of every coefficient and history, and whether its 95 % interval holds the truth."""
    z, held = [], []
    for one in drawn(truth(events, count), histories):
        found = fit(one.data, "net", EFFECTS)
        z.append((found.estimates - TRUTH) / found.standard_errors)
        intervals = found.intervals(0.95)
        held.append(((intervals["low"] <= TRUTH) & (intervals["high"] >= TRUTH)).to_numpy())
    return np.array(z), np.array(held)


def test_the_truth_is_found_again() -> None:
    z, held = coverage(12, 80, 12)
    assert np.abs(z.mean(axis=0)).max() < 1.0
    assert held.mean() > 0.85


@pytest.mark.slow
@pytest.mark.parametrize("events", [50, 150, 400])
def test_intervals_hold_the_truth_as_often_as_they_say(events: int) -> None:
    """200 histories among 20 actors; the shares stand in docs/events.md."""
    z, held = coverage(200, events, 20)
    shares = dict(zip([effect.name for effect in EFFECTS], held.mean(axis=0), strict=True))
    print(events, held.mean(), shares, z.mean(axis=0).round(3), z.std(axis=0).round(3))
    # 95 % of 200 with a standard error of 1.5 points: three of them.
    for name, share in shares.items():
        assert 0.90 <= share <= 0.995, name
    assert 0.93 <= held.mean() <= 0.97


# With a rate


def test_with_a_rate_the_number_of_events_is_as_expected() -> None:
    data = history(40, 8)
    model = with_coefficients(data, EFFECTS, TRUTH)
    rate = fit_rate(data, "net", start=-1, end=39)
    counts = []
    for one in drawn(model, 200, rate=rate, start=0, end=25):
        times = one.events["time"].to_numpy(float)
        assert (np.diff(times) > 0).all()
        assert times.min() > 0
        assert times.max() <= 25
        # What was observed at the start stays.
        assert sum(data.is_event(change, "net") for change in one.data.changes) == len(times) + 1
        counts.append(len(times))
    assert np.mean(counts) == pytest.approx(25, abs=4 * 5 / math.sqrt(200))
    assert np.var(counts) == pytest.approx(25, rel=0.4)


def test_a_rate_that_feeds_on_itself_is_found_again() -> None:
    data = history(60, 8)
    model = with_coefficients(data, EFFECTS[:1], [0.0])
    effects = [Degree("net", window=5, weighted=True)]
    chosen = fit_rate(data, "net", effects, start=-1, end=60)
    object.__setattr__(chosen, "estimates", np.array([-1.0, 0.6]))
    z = []
    for one in drawn(model, 25, rate=chosen, start=-1, end=120):
        found = fit_rate(one.data, "net", effects, start=-1, end=120)
        z.append((found.estimates - chosen.estimates) / found.standard_errors)
    assert np.abs(np.mean(z, axis=0)).max() < 0.8
    assert np.std(z) == pytest.approx(1, abs=0.4)


def test_nothing_happens_while_nobody_is_there() -> None:
    table = history(10, 4).table_of(history(10, 4).changes)
    data = EventData(
        pd.DataFrame({"label": [f"actor {i}" for i in range(4)]}),
        {"net": NO_TIES},
        [
            NetworkIncrements("net", table),
            PresenceChanges(
                pd.DataFrame(
                    {"time": [20] * 3, "label": ["actor 0", "actor 1", "actor 2"], "value": 0}
                )
            ),
        ],
    )
    rate = fit_rate(data, "net", start=-1, end=9)
    model = with_coefficients(data, EFFECTS[:1], [0.0])
    for one in drawn(model, 5, rate=rate, start=10, end=100):
        assert one.events["time"].max() < 20


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"histories": 0}, "histories: 0 given, must be a whole number, 1 or more"),
        ({"seed": -1}, "seed: -1 given, must be a whole number, 0 or more"),
        ({"seed": 1.5}, "seed: 1.5 given"),
        ({"start": 1}, "start, end: only with a rate"),
        ({"rate": "fast", "start": 0, "end": 1}, "rate: must be the result of fit_rate"),
        ({"coefficients": [1.0]}, "coefficients: must be 5 finite numbers, one per effect"),
        ({"coefficients": "many"}, "coefficients: must be 5 finite numbers, one per effect"),
        ({"fit": 3}, "fit: int given, must be the result of fit()"),
    ],
)
def test_wrong_simulations(options: dict, problem: str) -> None:
    arguments = {"fit": truth(5, 4), "histories": 1, "seed": 1, **options}
    with pytest.raises(InputError, match=re.escape(problem)):
        simulate(arguments.pop("fit"), **arguments)


# Goodness of fit


def degrees(one: History) -> dict[str, int]:
    """Return how many actors have 0, 1, 2 ... partners."""
    counts = np.bincount((one.weights > 0).sum(axis=0), minlength=9)
    return {str(partners): int(counts[partners]) for partners in range(9)}


def test_a_model_fits_what_it_made_and_not_what_another_made() -> None:
    made = drawn(with_coefficients(history(50, 14), [Tie("net")], [2.5]), 1)[0]
    right = goodness_of_fit(fit(made.data, "net", [Tie("net")]), degrees, histories=40, seed=2)
    assert right.p_value > 0.05
    assert right.table()["inside"].mean() > 0.7
    wrong = goodness_of_fit(
        fit(made.data, "net", [Difference("size")]), degrees, histories=40, seed=2
    )
    assert wrong.p_value <= 0.025
    assert wrong.distance > wrong.distances.max()
    assert list(right.observed.index) == list("012345678")
    assert right.simulated.shape == (40, 9)
    assert right.observed.sum() == 14


def test_the_distance_is_mahalanobis() -> None:
    model = truth(40, 8)

    def statistic(one: History) -> list[float]:
        return [(one.weights > 0).sum() / 2, (one.weights == 2).sum() / 2]

    found = goodness_of_fit(model, statistic, histories=60, seed=3)
    values = found.simulated.to_numpy()
    inverse = np.linalg.inv(np.cov(values, rowvar=False))
    gaps = np.vstack([found.observed.to_numpy()[None], values]) - values.mean(axis=0)
    expected = np.sqrt(np.einsum("ri,ij,rj->r", gaps, inverse, gaps))
    np.testing.assert_allclose(found.distance, expected[0], rtol=1e-9)
    np.testing.assert_allclose(found.distances, expected[1:], rtol=1e-9)
    assert found.p_value == (expected[1:] >= expected[0]).mean()


def test_an_entry_that_never_varies_does_not_hide_a_miss() -> None:
    model = truth(20, 6)
    same = goodness_of_fit(model, lambda one: len(one.events), histories=10, seed=1)
    assert (same.distance, same.p_value) == (0.0, 1.0)
    calls = iter(range(100))
    first = goodness_of_fit(model, lambda one: min(next(calls), 1), histories=10, seed=1)
    assert (first.distance, first.p_value) == (math.inf, 0.0)


@pytest.mark.parametrize(
    ("statistic", "problem"),
    [
        (3, "statistic: must be a function of a History"),
        (lambda one: "many", "statistic: must return numbers"),
        (lambda one: [math.nan], "statistic: must return finite numbers"),
        (lambda one: [], "statistic: must return finite numbers"),
        (
            lambda one: {name: 1 for name in one.events["sender"]},
            "entries for a simulated history, not the",
        ),
    ],
)
def test_wrong_statistics(statistic: Any, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        goodness_of_fit(truth(5, 8), statistic, histories=10, seed=1)


def test_few_histories_are_refused() -> None:
    with pytest.raises(InputError, match="histories: 5 given, must be 10 or more"):
        goodness_of_fit(truth(5, 8), degrees, histories=5, seed=1)
