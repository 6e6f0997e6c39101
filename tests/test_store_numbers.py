"""Intervals, summaries, signing and shock response against numbers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from partnersim.model.constants import (
    EVENT_COLUMNS,
    EVENT_COUNTRY,
    EVENT_INSTRUMENT,
    EVENT_KIND,
    EVENT_QUARTER,
    EVENTS,
)
from partnersim.runs.digest import added, run_digest, table_digest
from partnersim.runs.intervals import mean_interval, shock_response, wilson
from partnersim.runs.manifest import configuration_hash
from partnersim.runs.replicate import new_year_ends
from partnersim.runs.tables import Totals


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


def four_runs() -> Totals:
    """Count two years, two partners, two instruments; one pair is in force from the start."""
    steps = [
        [(2, "UKR", "SDP"), (4, "UKR", "SDP")],
        [(5, "UKR", "SDP")],
        [],
        [(3, "JPN", "TTC")],
    ]
    totals = Totals((2025, 2026), ISO3, INSTRUMENTS)
    for run, log in enumerate(steps):
        events = np.zeros((len(log), EVENT_COLUMNS), np.int32)
        for row, (quarter, partner, instrument) in enumerate(log):
            events[row, EVENT_KIND] = EVENTS.index("advanced")
            events[row, EVENT_QUARTER] = quarter
            events[row, EVENT_COUNTRY] = ISO3.index(partner)
            events[row, EVENT_INSTRUMENT] = INSTRUMENTS.index(instrument)
        ends = new_year_ends(2, 2, 2)
        ends.in_force[:, 0, 1] = 1
        ends.in_force[1, 1, 1] = run == 0
        ends.linked[0, 1] = ends.linked[1, 0] = run > 0
        totals.add(ends)
        # Quarters 0 to 2 end with 2025, 3 to 6 with 2026.
        totals.add_log(events, np.array([0, 0, 0, 1, 1, 1, 1]))
    return totals


ISO3, INSTRUMENTS = ("JPN", "UKR"), ("TTC", "SDP")


def test_counts_tell_who_has_signed_and_who_has_moved_by_when() -> None:
    rows = four_runs().in_force_rows()
    found = {
        (row.iso3, row.instrument, row.year): (row.in_force, row.moved) for row in rows.itertuples()
    }
    assert found == {
        ("JPN", "SDP", 2025): (4, 0),
        ("JPN", "SDP", 2026): (4, 0),
        ("JPN", "TTC", 2026): (0, 1),
        ("UKR", "SDP", 2025): (0, 1),
        ("UKR", "SDP", 2026): (1, 2),
    }


def test_links_are_counted_once_for_each_pair() -> None:
    table = four_runs().link_rows()
    assert table.astype(object).to_numpy().tolist() == [["JPN", "UKR", 3]]


def test_text_numbers_and_missing_values_have_one_digest_each() -> None:
    def digest(**columns: pa.Array) -> str:
        return table_digest(pa.table(columns))

    plain = digest(a=pa.array(["x", "", "y"]), b=pa.array([0.0, np.nan, 1.0]))
    coded = pa.array(["x", None, "y"]).dictionary_encode()
    assert digest(a=coded, b=pa.array([-0.0, np.nan, 1.0])) == plain
    assert digest(a=pa.array(["x", "y", ""]), b=pa.array([0.0, np.nan, 1.0])) != plain
    assert digest(c=pa.array(["x", "", "y"]), b=pa.array([0.0, np.nan, 1.0])) != plain


def test_the_configuration_hash_ignores_where_and_how_fast() -> None:
    settings = {"seed": 1, "policy": {"name": "a"}, "threads": 1, "output": "x", "experiment": "y"}
    moved = settings | {"threads": 8, "output": "z", "experiment": "w"}
    assert configuration_hash(settings) == configuration_hash(moved)
    assert configuration_hash(settings) != configuration_hash(settings | {"seed": 2})


def test_results_of_two_runs_that_change_places_have_another_digest() -> None:
    stored = added([run_digest(0, b"one"), run_digest(1, b"other")])
    assert stored == added([run_digest(1, b"other"), run_digest(0, b"one")])
    assert stored != added([run_digest(0, b"other"), run_digest(1, b"one")])
    assert run_digest(0, b"metrics", b"") != run_digest(0, b"metr", b"ics")
