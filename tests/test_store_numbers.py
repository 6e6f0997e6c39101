"""Intervals, summaries, signing and shock response against numbers worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from partnersim.errors import InputError
from partnersim.runs.intervals import mean_interval, wilson
from partnersim.runs.links import link_probabilities
from partnersim.runs.response import shock_response
from partnersim.runs.signing import signing
from partnersim.runs.summary import bands, last_quarter, summary
from test_store_example import FakeEnsemble, fake_ensemble, small_world


@pytest.mark.parametrize(
    ("count", "runs", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (1, 10, 0.0179, 0.4042),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (81, 263, 0.2553, 0.3662),  # the example of Newcombe (1998), Statistics in Medicine 17
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_matches_published_values(count: int, runs: int, low: float, high: float) -> None:
    lows, highs = wilson([count], runs)
    assert lows[0] == pytest.approx(low, abs=5e-5)
    assert highs[0] == pytest.approx(high, abs=5e-5)


def test_mean_interval_is_the_textbook_t_interval() -> None:
    # mean 3, standard deviation sqrt(2.5), t(4; 0.975) = 2.776445
    mean, low, high, runs = mean_interval([[1.0], [2.0], [3.0], [4.0], [5.0]])
    half = 2.776445 * math.sqrt(2.5 / 5)
    assert (mean[0], runs[0]) == (3.0, 5)
    assert low[0] == pytest.approx(3 - half, abs=1e-6)
    assert high[0] == pytest.approx(3 + half, abs=1e-6)


def test_missing_values_are_left_out_of_a_mean() -> None:
    mean, low, high, runs = mean_interval([[1.0, np.nan], [np.nan, np.nan], [3.0, 5.0]])
    assert mean.tolist() == [2.0, 5.0]
    assert runs.tolist() == [2, 1]
    assert high[0] - 2.0 == pytest.approx(12.7062, abs=1e-4)  # t(1; 0.975) x sqrt(2) / sqrt(2)
    assert np.isnan([low[1], high[1]]).all()


def endings() -> dict[tuple[str, str], tuple[str, pd.DataFrame]]:
    def ending(values: list[float]) -> tuple[str, pd.DataFrame]:
        index = pd.Index(range(len(values)), name="replicate")
        return "2035Q4", pd.DataFrame({"links": values}, index=index)

    return {
        ("balanced", "calm"): ending([10.0, 20.0, 30.0, 40.0, 50.0]),
        ("deepen_first", "calm"): ending([11.0, 22.0, 33.0, 44.0, 55.0]),
        ("deepen_first", "rivalry"): ending([1.0, 1.0, 1.0, 1.0, 1.0]),
    }


def test_summary_pairs_runs_with_the_reference() -> None:
    table = summary(endings(), "balanced").set_index(["policy", "climate"])
    row = table.loc[("deepen_first", "calm")]
    assert (row["metric"], row["quarter"], row["runs"]) == ("links", "2035Q4", 5)
    assert row["median"] == 33.0
    assert row["low"] == pytest.approx(13.2)  # linear between 11 and 22
    assert row["high"] == pytest.approx(52.8)
    # differences 1..5: as in the t interval above
    assert row["difference"] == pytest.approx(3.0)
    assert row["difference_low"] == pytest.approx(3 - 2.776445 * math.sqrt(0.5), abs=1e-6)
    assert row["difference_high"] == pytest.approx(3 + 2.776445 * math.sqrt(0.5), abs=1e-6)


def test_the_reference_differs_from_itself_by_exactly_zero() -> None:
    table = summary(endings(), "balanced").set_index(["policy", "climate"])
    row = table.loc[("balanced", "calm")]
    assert row[["difference", "difference_low", "difference_high"]].tolist() == [0.0, 0.0, 0.0]


def test_no_reference_in_a_climate_leaves_the_difference_empty() -> None:
    table = summary(endings(), "balanced").set_index(["policy", "climate"])
    row = table.loc[("deepen_first", "rivalry")]
    assert row["median"] == 1.0
    assert math.isnan(row["difference"])
    assert math.isnan(row["difference_low"])


def test_only_replicates_in_both_arms_are_paired() -> None:
    arms = endings()
    quarter, values = arms["balanced", "calm"]
    arms["balanced", "calm"] = (quarter, values.iloc[:2])
    row = summary(arms, "balanced").set_index(["policy", "climate"]).loc[("deepen_first", "calm")]
    assert row["difference"] == 1.5
    assert row["runs"] == 5


def test_last_quarter_is_the_latest_not_the_last_row() -> None:
    rows = {"replicate": [1, 0, 1, 0], "quarter": ["2026Q1", "2026Q1", "2025Q4", "2025Q4"]}
    quarter, values = last_quarter(pd.DataFrame(rows | {"links": [5, 6, 7, 8]}))
    assert quarter == "2026Q1"
    assert values["links"].tolist() == [6.0, 5.0]


def test_bands_are_quantiles_over_runs() -> None:
    rows = pd.DataFrame(
        {
            "policy": "balanced",
            "climate": "calm",
            "replicate": range(5),
            "quarter": "2026Q1",
            "links": [0.0, 1.0, 2.0, 3.0, 4.0],
        }
    )
    band = bands(rows, "links").loc[("balanced", "calm", "2026Q1")]
    assert band.tolist() == pytest.approx([0.2, 1.0, 2.0, 3.0, 3.8])


def test_response_is_zero_before_the_shock_and_paired_after() -> None:
    quarters = ["2026Q4", "2027Q1", "2027Q2"]
    unstruck = pd.DataFrame(
        {"replicate": np.repeat([0, 1], 3), "quarter": quarters * 2, "links": [1, 2, 3, 4, 5, 6]}
    )
    struck = unstruck.assign(links=[1, 1, 1, 4, 2, 6]).sample(frac=1, random_state=1)
    response = shock_response("cable_cut", "2027Q1", struck, unstruck).set_index("quarters_since")
    assert response["difference"].tolist() == [0.0, -2.0, -1.0]  # runs differ by (-1, -3), (-2, 0)
    assert response.loc[-1, ["low", "high"]].tolist() == [0.0, 0.0]
    assert response.loc[0, "high"] == pytest.approx(-2 + 12.7062, abs=1e-4)
    assert set(response["runs"]) == {2}


def test_response_refuses_runs_that_do_not_match() -> None:
    runs = pd.DataFrame({"replicate": [0, 1], "quarter": "2027Q1", "links": [1, 2]})
    with pytest.raises(InputError, match="response to cable_cut: the runs with and without"):
        shock_response("cable_cut", "2027Q1", runs, runs.iloc[:1])


def three_pairs() -> FakeEnsemble:
    """Two partners, two instruments, four runs; one pair is in force from the start."""
    steps = [
        (0, "2025Q4", "UKR", "SDP", "announced"),
        (0, "2026Q2", "UKR", "SDP", "in_force"),
        (1, "2026Q3", "UKR", "SDP", "announced"),
        (3, "2026Q1", "JPN", "TTC", "negotiating"),
    ]
    events = pd.DataFrame(steps, columns=["replicate", "quarter", "iso3", "instrument", "stage"])
    events["event"] = "advanced"
    counts = np.zeros((2, 2, 2), dtype=np.int64)
    counts[1, 1, 1] = 1
    counts[:, 0, 1] = 4
    return FakeEnsemble(
        metrics=pd.DataFrame(),
        events=events,
        countries=pd.DataFrame(),
        in_force_by_year=counts,
        years=[2025, 2026],
        initially_in_force=np.array([[False, True], [False, False]]),
        links_at_end=np.array([[0, 3], [3, 0]]),
        replicates=4,
        iso3=("JPN", "UKR"),
        instruments=("TTC", "SDP"),
    )


def test_signing_counts_pairs_that_were_not_in_force() -> None:
    table = signing(three_pairs()).set_index(["iso3", "instrument", "by"])
    assert sorted({(a, b) for a, b, _ in table.index}) == [("JPN", "TTC"), ("UKR", "SDP")]
    assert table.loc[("UKR", "SDP", 2025), ["probability", "share_moving"]].tolist() == [0, 0.25]
    assert table.loc[("UKR", "SDP", 2026), ["probability", "share_moving"]].tolist() == [0.25, 0.5]
    assert table.loc[("JPN", "TTC", 2026), ["probability", "share_moving"]].tolist() == [0, 0.25]
    low, high = wilson(1, 4)
    assert table.loc[("UKR", "SDP", 2026), ["low", "high"]].tolist() == [float(low), float(high)]


def test_signing_of_runs_without_events_is_empty() -> None:
    ensemble = three_pairs()
    quiet = replace(ensemble, events=ensemble.events.iloc[:0], in_force_by_year=np.zeros((2, 2, 2)))
    assert len(signing(quiet)) == 0


def test_links_are_shares_of_runs_each_pair_once() -> None:
    table = link_probabilities(three_pairs())
    assert table.astype(object).to_numpy().tolist() == [["JPN", "UKR", 0.75]]


def test_signing_counts_agree_with_the_runs_themselves() -> None:
    ensemble = fake_ensemble(small_world(), "balanced", "calm")
    table = signing(ensemble)
    last = table[table["by"] == ensemble.years[-1]]
    events = ensemble.events
    for _, row in last.iterrows():
        pair = (events["iso3"] == row["iso3"]) & (events["instrument"] == row["instrument"])
        runs = events[pair & (events["stage"] == "in_force")]["replicate"].nunique()
        assert row["probability"] == pytest.approx(runs / ensemble.replicates)
