"""Estimates of the coordination model: the maximum, what is told about it, what has none."""

from __future__ import annotations

import math
import re

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
    NetworkIncrements,
    Same,
    SharedPartners,
    Similarity,
    Tie,
    fit,
    log_likelihood,
)
from partnersim.events import fit as fit_function
from partnersim.events.scoring import maximise

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
    monkeypatch.setattr("partnersim.events.fitting._MOST_BYTES", 0)
    monkeypatch.setattr("partnersim.events.probability._ELEMENTS", 1)
    again = fit(DATA, "net", EFFECTS)
    np.testing.assert_allclose(again.estimates, fitted.estimates, atol=1e-9)
    np.testing.assert_allclose(again.event_log_likelihood, fitted.event_log_likelihood, atol=1e-10)


def test_a_model_can_be_fitted_from_the_top_of_the_package(fitted: Fit) -> None:
    import partnersim

    assert partnersim.events.fit is fit_function
    assert fitted.dependent == "net"
    assert fitted.effects == tuple(EFFECTS)
    assert fitted.data is DATA


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


def test_steps_that_are_too_long_are_halved() -> None:
    """The information is a tenth of the curvature, so that full steps would overshoot."""
    tried = []

    def objective(b: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        tried.append(float(b[0]))
        return -0.5 * float(b[0] - 3) ** 2, 3 - b, np.array([[0.1]])

    end = maximise(objective, np.zeros(1), ["x"], np.ones(1))
    assert max(tried) > 10
    assert end.coefficients[0] == pytest.approx(3, abs=1e-6)


def test_a_search_that_does_not_end_says_so() -> None:
    def objective(b: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        return float(b[0]), np.ones(1), np.ones((1, 1))

    assert not maximise(objective, np.zeros(1), ["x"], np.ones(1)).converged
