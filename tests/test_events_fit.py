"""Estimates of the coordination model: the maximum, what is told about it, what has none."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from partnersim import InputError
from partnersim.events import (
    Alter,
    Degree,
    Difference,
    EventData,
    Fit,
    MeanOverPartners,
    NetworkIncrements,
    Same,
    Search,
    SharedPartners,
    Similarity,
    Tie,
    Triangles,
    fit,
    likelihood_ratio,
    log_likelihood,
)
from partnersim.events import fit as fit_function
from partnersim.events.maximum import Point, maximise
from partnersim.events.progress import Progress

EFFECTS = [
    Tie("net"),
    Degree("net", ignore_repetitions=True),
    SharedPartners("net", ignore_repetitions=True),
    Alter("size"),
    Difference("size"),
]


def history(events: int = 60, count: int = 12, seed: int = 3) -> EventData:
    """Return ties that come about at random, rather between large actors than small ones."""
    draw = np.random.default_rng(seed)
    labels = [f"actor {number}" for number in range(count)]
    size = draw.normal(size=count)
    chance = np.exp(0.4 * size) / np.exp(0.4 * size).sum()
    rows = [
        (time, *(labels[i] for i in draw.choice(count, 2, replace=False, p=chance)), 1)
        for time in range(events)
    ]
    return EventData(
        pd.DataFrame({"label": labels, "size": size, "twice": 2 * size, "one": 1.0}),
        {"net": pd.DataFrame(columns=["sender", "receiver", "value"])},
        [
            NetworkIncrements(
                "net", pd.DataFrame(rows, columns=["time", "sender", "receiver", "value"])
            )
        ],
    )


DATA = history()


@pytest.fixture(scope="module")
def fitted() -> Fit:
    return fit(DATA, "net", EFFECTS)


def test_nothing_is_more_likely_than_the_estimate(fitted: Fit) -> None:
    def worse(b: np.ndarray) -> tuple[float, np.ndarray]:
        likelihood = log_likelihood(DATA, "net", EFFECTS, b)
        return -likelihood.log_likelihood, -likelihood.score

    best = minimize(worse, np.full(5, 0.1), jac=True, method="BFGS", options={"gtol": 1e-7})
    assert fitted.converged
    np.testing.assert_allclose(fitted.estimates, best.x, atol=1e-5)
    assert fitted.log_likelihood >= -best.fun - 1e-9
    assert np.abs(fitted.score * fitted.standard_errors).max() < 1e-8


def test_everything_that_is_told_fits_together(fitted: Fit) -> None:
    likelihood = log_likelihood(DATA, "net", EFFECTS, fitted.estimates)
    assert fitted.log_likelihood == likelihood.log_likelihood == float(likelihood)
    np.testing.assert_array_equal(fitted.event_log_likelihood, likelihood.event_log_likelihood)
    assert fitted.event_log_likelihood.shape == (60,)
    assert fitted.event_log_likelihood.sum() == pytest.approx(fitted.log_likelihood)
    np.testing.assert_array_equal(fitted.information, likelihood.information)
    np.testing.assert_allclose(fitted.covariance @ fitted.information, np.eye(5), atol=1e-9)
    np.testing.assert_allclose(
        fitted.standard_errors, np.sqrt(np.diag(np.linalg.inv(fitted.information)))
    )
    assert fitted.aic == pytest.approx(10 - 2 * fitted.log_likelihood)
    assert fitted.bic == pytest.approx(5 * math.log(60) - 2 * fitted.log_likelihood)
    table = fitted.table()
    assert list(table.index) == [effect.name for effect in EFFECTS]
    z = fitted.estimates[3] / fitted.standard_errors[3]
    assert table.loc["Alter(size)", "z"] == z
    assert table.loc["Alter(size)", "p"] == pytest.approx(math.erfc(abs(z) / math.sqrt(2)))
    intervals = fitted.intervals(0.95)
    np.testing.assert_allclose(
        intervals["high"] - intervals["low"], 2 * 1.959964 * fitted.standard_errors, rtol=1e-6
    )
    for level in (0.0, 1.0, 95):
        with pytest.raises(InputError, match=r"level: .* must be above 0 and below 1"):
            fitted.intervals(level)


def test_the_summary_can_be_read(fitted: Fit) -> None:
    assert str(fitted) == fitted.summary()
    lines = fitted.summary().splitlines()
    assert re.split(r"\s{2,}", lines[0]) == ["effect", "estimate", "std. error", "z", "p"]
    assert len({len(line) for line in lines[:6]}) == 1
    assert f"{fitted.estimates[4]:.4f}" in lines[5]
    assert f"log-likelihood {fitted.log_likelihood:.4f}" in lines[7]
    assert "60 events, converged after" in lines[8]


def test_one_tie_effect_has_a_closed_form() -> None:
    """Three actors, two of them tied; ten events, seven between these two."""
    rows = [(0, "a", "b", 1)] * 7 + [(0, "a", "c", 1)] * 2 + [(0, "b", "c", 1)]
    data = EventData(
        pd.DataFrame({"label": list("abc")}),
        {"net": pd.DataFrame({"sender": ["a"], "receiver": ["b"], "value": [1]})},
        [
            NetworkIncrements(
                "net", pd.DataFrame(rows, columns=["time", "sender", "receiver", "value"])
            )
        ],
    )
    # P(a, b) = q^2 / (q^2 + 1 - q) with q = e^b / (1 + e^b) must be 0.7.
    q = (-0.7 + math.sqrt(0.49 + 4 * 0.3 * 0.7)) / (2 * 0.3)
    assert fit(data, "net", [Tie("net")]).estimates[0] == pytest.approx(math.log(q / (1 - q)))


def test_the_unit_of_an_attribute_does_not_matter(fitted: Fit) -> None:
    table = pd.DataFrame({"label": DATA.labels, "size": 1e7 * DATA.attributes["size"] + 3e8})
    net = pd.DataFrame(columns=["sender", "receiver", "value"])
    in_euros = EventData(
        table, {"net": net}, [NetworkIncrements("net", DATA.table_of(DATA.changes))]
    )
    other = fit(in_euros, "net", EFFECTS)
    assert other.log_likelihood == pytest.approx(fitted.log_likelihood, abs=1e-8)
    np.testing.assert_allclose(other.estimates[:3], fitted.estimates[:3], atol=1e-6)
    np.testing.assert_allclose(1e7 * other.estimates[3:], fitted.estimates[3:], atol=1e-6)


def test_what_does_not_fit_into_memory_gives_the_same(
    fitted: Fit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("partnersim.events.choice._MOST_BYTES", 0)
    monkeypatch.setattr("partnersim.events.replay._ENTRIES", 1)
    again = fit(DATA, "net", EFFECTS)
    np.testing.assert_allclose(again.estimates, fitted.estimates, atol=1e-9)
    np.testing.assert_allclose(again.event_log_likelihood, fitted.event_log_likelihood, atol=1e-10)


def test_a_model_can_be_fitted_from_the_top_of_the_package(fitted: Fit) -> None:
    import partnersim

    assert partnersim.events.fit is fit_function
    assert fitted.dependent == "net"
    assert fitted.effects == tuple(EFFECTS)
    assert fitted.data is DATA


@pytest.mark.parametrize("far", [-300.0, 300.0, 1e308])
def test_a_start_that_is_too_far_off_is_blamed_and_not_the_effects(far: float) -> None:
    with pytest.raises(InputError, match="initial: so far off that the data say nothing there"):
        fit(DATA, "net", EFFECTS, search=Search(initial=np.full(5, far)))


def test_long_work_says_how_far_it_is_and_short_work_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fit(DATA, "net", EFFECTS)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("partnersim.events.progress._PAUSE", 0.0)
    fit(DATA, "net", EFFECTS)
    lines = capsys.readouterr().err.splitlines()
    events = sum(DATA.is_event(change, "net") for change in DATA.changes)
    assert lines[0] == f"{events:,} of {events:,} events"
    assert lines[2].startswith("step 1: log-likelihood -")


# Fixed coefficients, comparisons, dependence of events


def test_the_search_may_start_elsewhere_and_takes_few_steps(fitted: Fit) -> None:
    said: list[str] = []
    other = fit(DATA, "net", EFFECTS, search=Search(initial=np.full(5, 0.4), progress=said.append))
    np.testing.assert_allclose(other.estimates, fitted.estimates, atol=1e-8)
    assert fitted.steps <= 8
    assert len(said) == other.steps
    assert said[0].startswith("step 1: log-likelihood -")
    short = fit(DATA, "net", EFFECTS, search=Search(most_steps=2))
    assert (short.converged, short.steps) == (False, 2)
    assert "NOT CONVERGED after 2 steps" in short.summary()


def test_means_over_partners_are_found_in_few_steps() -> None:
    """Expected and observed information differ much here: Fisher's scoring crept."""
    data = history(300, 20, 5)
    model = [Tie("net"), MeanOverPartners("net", "size"), Degree("net"), Triangles("net")]
    found = fit(data, "net", model)
    assert found.converged
    assert found.steps <= 12


def test_fixed_coefficients_stay_and_the_rest_is_fitted_around_them(fitted: Fit) -> None:
    size = EFFECTS[3]
    held = fit(DATA, "net", EFFECTS, fixed={size: 0.25})
    assert held.estimates[3] == 0.25
    assert np.isnan(held.standard_errors[3])
    assert np.isfinite(np.delete(held.standard_errors, 3)).all()
    assert held.log_likelihood < fitted.log_likelihood
    assert held.aic == pytest.approx(8 - 2 * held.log_likelihood)
    np.testing.assert_allclose(np.delete(held.score, 3), 0, atol=1e-6)
    assert re.search(r"Alter\(size\) +0.2500 +fixed\n", held.summary())
    again = fit(DATA, "net", EFFECTS, fixed={size: fitted.estimates[3]})
    np.testing.assert_allclose(again.estimates, fitted.estimates, atol=1e-7)


def test_likelihood_ratios() -> None:
    larger = fit(DATA, "net", EFFECTS[:4])
    smaller = fit(DATA, "net", EFFECTS[:3])
    held = fit(DATA, "net", EFFECTS[:4], fixed={EFFECTS[3]: 0.0})
    test = likelihood_ratio(smaller, larger)
    assert test.statistic == pytest.approx(2 * (larger.log_likelihood - smaller.log_likelihood))
    assert test.degrees == 1
    assert test.p_value == pytest.approx(math.erfc(math.sqrt(test.statistic / 2)))
    assert likelihood_ratio(held, larger) == pytest.approx(test)
    with pytest.raises(InputError, match="must have all effects of the first"):
        likelihood_ratio(larger, smaller)
    with pytest.raises(InputError, match="50 and 60 events"):
        likelihood_ratio(fit(history(50), "net", EFFECTS[:3]), larger)
    others = history(60)
    others = others.with_changes([others.changes[0]._replace(time=-1.0), *others.changes[1:]])
    with pytest.raises(InputError, match="60 and 60 events, must be the same ones"):
        likelihood_ratio(fit(others, "net", EFFECTS[:3]), larger)
    early = fit(DATA, "net", EFFECTS[:3], search=Search(most_steps=1))
    with pytest.raises(InputError, match="that have converged"):
        likelihood_ratio(early, larger)


def test_robust_errors_add_up_scores_of_clusters(fitted: Fit) -> None:
    years = np.arange(60) // 6
    inverse = np.linalg.inv(fitted.information)
    sums = np.array([fitted.event_scores[:, years == year].sum(axis=1) for year in range(10)])
    expected = np.sqrt(np.diag(inverse @ (sums.T @ sums) @ inverse) * 10 / 9)
    np.testing.assert_allclose(fitted.robust_errors(years.tolist()), expected)
    ratio = fitted.robust_errors() / fitted.standard_errors
    assert (ratio > 0.5).all()
    assert (ratio < 2.0).all()
    for labels, problem in (([1] * 59, "59 labels for 60 events"), ([1] * 60, "give two or more")):
        with pytest.raises(InputError, match=problem):
            fitted.robust_errors(labels)


def test_outliers_are_what_was_least_expected(fitted: Fit) -> None:
    found = fitted.outliers(3)
    worst = np.argsort(fitted.event_log_likelihood, kind="stable")[:3]
    assert list(found.index) == worst.tolist()
    assert list(found["time"]) == worst.tolist()
    assert list(found.columns) == ["time", "sender", "receiver", "value", "log_likelihood"]


def test_change_points_are_where_the_fit_turns_better_or_worse(fitted: Fit) -> None:
    noise = np.random.default_rng(1).normal(size=60)
    level = np.repeat([-5.0, -9.0, -6.0], 20)
    found = replace(fitted, event_log_likelihood=level + noise).change_points()
    assert found.index.tolist() == [20, 40]
    assert found["mean_before"].tolist() == pytest.approx(
        [(level + noise)[:20].mean(), (level + noise)[20:40].mean()]
    )
    assert found["mean_after"].iloc[1] == pytest.approx((level + noise)[40:].mean())
    for logs in (noise, np.full(60, -5.0)):
        assert replace(fitted, event_log_likelihood=logs).change_points().empty
    for wrong in (1, "x"):
        with pytest.raises(InputError, match=f"least: {wrong!r} given, must be a whole number, 2"):
            fitted.change_points(wrong)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"fixed": {Same("one"): 1.0}}, "fixed: Same(one) is no effect of the model"),
        ({"fixed": {"size": 1.0}}, "fixed: 'size' is no effect of the model"),
        ({"fixed": [1.0]}, "fixed: must be a mapping of effect to number"),
        ({"weights": "x"}, "weights: must be 60 finite numbers, one per event"),
        ({"weights": [0.0] * 60}, "weights: must be 60 numbers above 0"),
        ({"fixed": {EFFECTS[0]: math.inf}}, "fixed: Tie(net): must be 1 finite numbers"),
        ({"fixed": dict.fromkeys(EFFECTS, 0.0)}, "leave at least one coefficient"),
        ({"search": {"initial": [1.0]}}, "initial: must be 5 finite numbers, one per effect"),
        ({"search": {"tolerance": 0}}, "tolerance: 0 given, must be above 0 and below 1"),
        ({"search": {"tolerance": "x"}}, "tolerance: 'x' given, must be above 0 and below 1"),
        ({"search": {"most_steps": 0}}, "most_steps: 0 given, must be a whole number, 1 or more"),
        ({"search": {"most_steps": 2.5}}, "most_steps: 2.5 given, must be a whole number"),
        ({"search": {"progress": 3}}, "progress: 3 given, must be a function of a line"),
    ],
)
def test_wrong_searches(options: dict, problem: str) -> None:
    with pytest.raises(InputError, match=re.escape(problem)):
        fit(DATA, "net", EFFECTS, **options | {"search": Search(**options.get("search", {}))})


# What has no answer


def test_collinear_effects_are_named() -> None:
    with pytest.raises(InputError) as told:
        fit(DATA, "net", [Tie("net"), Alter("size"), Alter("twice")])
    assert told.value.problems == (
        "effects Alter(size), Alter(twice): collinear, one follows from the others at every "
        "event; leave one out",
    )
    with pytest.raises(InputError, match=r"effects Difference\(size\), Similarity\(size\): coll"):
        fit(DATA, "net", [Difference("size"), Tie("net"), Similarity("size")])


def test_constant_effects_are_named() -> None:
    with pytest.raises(InputError) as told:
        fit(DATA, "net", [Alter("one"), Tie("net"), Same("one")])
    assert told.value.problems == tuple(
        f"effect {name}: the statistic never differs between what could have happened; leave it out"
        for name in ("Alter(one)", "Same(one)")
    )


@pytest.mark.parametrize(
    ("pairs", "problem"),
    [
        ([("a", "b")] * 6, "Tie(net) to plus infinity"),
        ([("a", "b"), ("c", "d"), ("b", "d"), ("c", "a")], "Alter(x) to minus infinity"),
    ],
)
def test_separated_effects_are_named(pairs: list[tuple[str, str]], problem: str) -> None:
    rows = [(time, *pair, 1) for time, pair in enumerate(pairs)]
    data = EventData(
        pd.DataFrame({"label": list("abcde"), "x": [0.0, 0.0, 0.0, 0.0, 1.0]}),
        {"net": pd.DataFrame({"sender": ["a"], "receiver": ["b"], "value": [1]})},
        [
            NetworkIncrements(
                "net", pd.DataFrame(rows, columns=["time", "sender", "receiver", "value"])
            )
        ],
    )
    with pytest.raises(InputError, match="no finite estimate") as told:
        fit(data, "net", [Tie("net"), Alter("x")])
    assert problem in told.value.problems[0]
    assert len(told.value.problems) == 1


def searched(objective: Callable[[np.ndarray], Point], most_steps: int = 100) -> dict[str, Any]:
    search = Search(most_steps=most_steps)
    return maximise(objective, ["x"], np.zeros(1), np.ones(1, bool), np.ones(1), search, Progress())


def test_steps_that_are_too_long_are_halved() -> None:
    """The information is a tenth of the curvature, so that full steps would overshoot."""
    tried = []

    def objective(b: np.ndarray) -> Point:
        tried.append(float(b[0]))
        flat = np.array([[0.1]])
        return Point(-0.5 * float(b[0] - 3) ** 2, 3 - b, flat, flat)

    end = searched(objective)
    assert max(tried) > 10
    assert end["estimates"][0] == pytest.approx(3, abs=1e-6)


def test_where_the_likelihood_is_not_concave_the_information_leads() -> None:
    """At 0 the curvature has the wrong sign, so that Newton's step would go downhill."""

    def objective(b: np.ndarray) -> Point:
        x = float(b[0]) - 3
        value, slope = -math.log1p(x**2), -2 * x / (1 + x**2)
        curvature = 2 * (1 - x**2) / (1 + x**2) ** 2
        return Point(value, np.array([slope]), np.eye(1), np.array([[curvature]]))

    end = searched(objective)
    assert end["converged"]
    assert end["estimates"][0] == pytest.approx(3)


def test_a_search_that_does_not_end_says_so() -> None:
    def objective(b: np.ndarray) -> Point:
        return Point(float(b[0]), np.ones(1), np.ones((1, 1)), np.ones((1, 1)))

    end = searched(objective, 7)
    assert not end["converged"]
    assert end["steps"] == 7
