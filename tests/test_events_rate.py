"""Rates: closed forms, censoring, and truths that are found again."""

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
    Ego,
    EventData,
    MeanOverPartners,
    NetworkIncrements,
    PresenceChanges,
    RateFit,
    Tie,
    fit_rate,
)

NO_TIES = pd.DataFrame(columns=["sender", "receiver", "value"])


def made(rows: list[tuple], *changes: Any, **columns: Any) -> EventData:
    table = pd.DataFrame(rows, columns=["time", "sender", "receiver", "value"])
    actors = pd.DataFrame({"label": list("abcd"), **columns})
    return EventData(actors, {"net": NO_TIES}, [NetworkIncrements("net", table), *changes])


def of_labels(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["time", "label", "value"])


EVENTS = [(1.0, "a", "b", 1), (2.5, "b", "c", 1), (2.5, "a", "c", 1), (7.0, "a", "d", 1)]


def test_a_rate_is_events_by_exposure() -> None:
    data = made(EVENTS)
    whole = fit_rate(data, "net", start=0, end=10)
    assert math.exp(whole.estimates[0]) == pytest.approx(4 / 10)
    assert whole.standard_errors[0] == pytest.approx(1 / math.sqrt(4))
    assert whole.log_likelihood == pytest.approx(4 * math.log(0.4) - 4)
    assert whole.names == ("intercept",)
    assert whole.events == 4
    assert whole.exposure == 10
    each = fit_rate(data, "net", start=0, end=10, who="sender")
    assert math.exp(each.estimates[0]) == pytest.approx(4 / 40)
    assert each.exposure == 40
    # The last waiting time is cut short, and events outside the observation do not count.
    part = fit_rate(data, "net", start=1, end=5)
    assert math.exp(part.estimates[0]) == pytest.approx(2 / 4)


def test_who_is_absent_is_not_exposed() -> None:
    data = made(
        EVENTS,
        PresenceChanges(of_labels((3, "c", False), (5, "d", True))),
        present=[True, True, True, False],
    )
    each = fit_rate(data, "net", start=0, end=10, who="sender")
    assert each.exposure == pytest.approx(10 + 10 + 3 + 5)
    assert math.exp(each.estimates[0]) == pytest.approx(4 / 28)


def test_two_groups_have_two_rates() -> None:
    """With a dummy the rates are those of the groups, changes of group cut the exposure."""
    data = made(
        EVENTS, AttributeReplacements("big", of_labels((4.0, "a", 0.0))), big=[1.0, 0.0, 0.0, 0.0]
    )
    found = fit_rate(data, "net", [Ego("big")], start=0, end=10, who="sender")
    # a is big up to 4 and acts twice in that time; small ones act twice in 30 + 6.
    assert math.exp(found.estimates[0]) == pytest.approx(2 / 36)
    assert math.exp(found.estimates.sum()) == pytest.approx(2 / 4)
    assert found.standard_errors[0] == pytest.approx(1 / math.sqrt(2))
    assert found.standard_errors[1] == pytest.approx(1.0)


def test_likelihood_of_degrees_by_hand() -> None:
    data = made(EVENTS)
    found = fit_rate(data, "net", [Degree("net", window=3)], start=0, end=10, who="sender")
    degrees = {  # of a, b, c, d; a tie counts for 3, forgotten at 4, 5.5 and 10
        (0, 1): (0, 0, 0, 0),
        (1, 2.5): (1, 1, 0, 0),
        (2.5, 4): (2, 2, 2, 0),
        (4, 5.5): (1, 1, 2, 0),
        (5.5, 7): (0, 0, 0, 0),
        (7, 10): (1, 0, 0, 1),
    }
    one, slope = found.estimates
    exposed = sum(
        (end - start) * sum(math.exp(one + slope * d) for d in values)
        for (start, end), values in degrees.items()
    )
    acted = [0, 1, 1, 0]  # degree of the sender before each event
    expected = sum(one + slope * d for d in acted) - exposed
    assert found.log_likelihood == pytest.approx(expected, abs=1e-9)
    assert exposed == pytest.approx(4)  # the score of the intercept is zero


def test_the_rate_of_the_process_reads_means_over_present_actors() -> None:
    data = made(
        EVENTS,
        AttributeReplacements("x", of_labels((5.0, "a", 8.0), (5.0, "d", 100.0))),
        PresenceChanges(of_labels((5.0, "d", 0), (6.0, "d", 1), (6.0, "a", 0), (6.5, "a", 1))),
        x=[0.0, 0.0, 0.0, 0.0],
    )
    found = fit_rate(data, "net", [Ego("x")], start=0, end=10, who="process")
    one, slope = found.estimates
    lengths_and_means = [(5.0, 0.0), (1.0, 8 / 3), (0.5, 100 / 3), (3.5, 27.0)]
    expected = [length * math.exp(one + slope * mean) for length, mean in lengths_and_means]
    assert found.log_likelihood == pytest.approx(4 * one + 27 * slope - sum(expected), abs=1e-9)
    assert sum(expected) == pytest.approx(4)
    # Up to 6 nothing happens after the mean has risen, so that no slope is steep enough.
    with pytest.raises(InputError, match=r"Ego\(x\) to minus infinity"):
        fit_rate(data, "net", [Ego("x")], start=0, end=6, who="process")


def test_dates_count_in_days() -> None:
    rows = [("2020-01-11", "a", "b", 1), ("2020-01-21", "a", "c", 1)]
    found = fit_rate(made(rows), "net", start="2020-01-01", end=pd.Timestamp("2020-01-31"))
    assert found.exposure == 30
    assert math.exp(found.estimates[0]) == pytest.approx(2 / 30)


def simulated(seed: int, intercept: float, slope: float) -> EventData:
    """Return a history in which actors act independently, at rates of their own."""
    draw = np.random.default_rng(seed)
    x = np.linspace(-1, 1, 10)
    labels = [f"actor {i}" for i in range(10)]
    rows = []
    for i, rate in enumerate(np.exp(intercept + slope * x)):
        time = draw.exponential(1 / rate)
        while time < 50:
            rows.append((time, labels[i], labels[(i + 1 + draw.integers(9)) % 10], 1))
            time += draw.exponential(1 / rate)
    table = pd.DataFrame(sorted(rows), columns=["time", "sender", "receiver", "value"])
    return EventData(
        pd.DataFrame({"label": labels, "x": x}), {"net": NO_TIES}, [NetworkIncrements("net", table)]
    )


def test_true_rates_are_found_again() -> None:
    truth = np.array([-1.5, 0.8])
    z = []
    for seed in range(40):
        found = fit_rate(simulated(seed, *truth), "net", [Ego("x")], start=0, end=50, who="sender")
        assert found.converged
        z.append((found.estimates - truth) / found.standard_errors)
    assert np.abs(np.mean(z, axis=0)).max() < 0.5
    assert np.std(z, axis=0) == pytest.approx([1, 1], abs=0.35)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"who": "pair"}, "who: unknown 'pair'"),
        ({"effects": [Tie("net")]}, "effects[0]: Tie(net) is about a pair; a rate takes Ego"),
        ({"effects": [Alter("x")]}, "effects[0]: Alter(x) is about a pair"),
        (
            {"effects": [Degree("net", ignore_repetitions=True)]},
            "ignore_repetitions is about a pair",
        ),
        ({"start": 10}, "end: 10 given, must be after the start, 10"),
        ({"start": "2020-01-01"}, "start: time holds dates, but tables before it hold numbers"),
        ({"start": 8}, "start, end: no dependent event lies in the observation"),
        ({"effects": [Ego("x"), MeanOverPartners("net", "x")]}, "the statistic never differs"),
    ],
)
def test_wrong_rates(options: dict, problem: str) -> None:
    arguments = {"effects": [], "start": 0, "end": 10, "who": "sender", **options}
    with pytest.raises(InputError, match=re.escape(problem)):
        fit_rate(made(EVENTS, x=[0.0] * 4), "net", **arguments)


def test_a_rate_that_runs_away_is_told() -> None:
    data = made(EVENTS, x=[0.0, 0.0, 0.0, 1.0])
    with pytest.raises(InputError, match=r"Ego\(x\) to minus infinity"):
        fit_rate(data, "net", [Ego("x")], start=0, end=10, who="sender")


def test_a_rate_has_a_summary() -> None:
    found: RateFit = fit_rate(made(EVENTS), "net", start=0, end=10)
    assert "intercept" in found.summary()
    assert "4 events, converged" in found.summary()
