"""The dated history and the worlds of past years: what they say, and that nothing looks ahead."""

import dataclasses
import shutil
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from partnersim.errors import InputError
from partnersim.history.cases import Cut
from partnersim.history.evidence import HistoryEvidence, evidence_of
from partnersim.history.history import (
    Record,
    quarter_name,
    quarter_number,
    quarters_of_year,
    read_history,
    records,
    stage_entered,
)
from partnersim.history.spells import decision_weights, spells, stages_known
from partnersim.model.constants import PATH_STAGES, PATHS, STAGES
from partnersim.world.tables import PACKAGE_DATA
from partnersim.world.world import World


def places(world: World, *pair: str) -> tuple[int, int]:
    """Return the numbers of a country and an instrument."""
    code, name = pair
    return list(world.countries["iso3"]).index(code), list(world.instruments["instrument"]).index(
        name
    )


# The table


def test_nothing_is_later_than_the_document(evidence: HistoryEvidence) -> None:
    dates = evidence.history["date"]
    assert dates.max() <= "2025-06-05"
    assert not evidence.history["source"].str.contains("dated after").any()
    assert set(evidence.history["confidence"]) <= {"seed", "verified", "recalled"}


def test_a_date_nobody_checked_is_good_for_the_year_only(evidence: HistoryEvidence) -> None:
    recalled = evidence.history["date_support"] == "recalled"
    assert (evidence.history.loc[recalled, "quarter"] == "").all()
    known = evidence.history[evidence.history["quarter"] != ""]
    assert (known["quarter"].str[:4] == known["year"]).all()


def test_members_of_a_bloc_and_of_an_agreement_share_one_decision(
    evidence: HistoryEvidence,
) -> None:
    sizes = evidence.history[evidence.history["decision"] != ""].groupby("decision")["iso3"]
    assert sizes.nunique()["LAC_DIGITAL_ALLIANCE 2023-07-17"] == 20
    assert sizes.nunique()["FTA Mercosur"] == 4
    assert sizes.nunique()["FTA Central America"] == 6
    made = spells(evidence.world, records(evidence.history, evidence.world), 61)
    weights = decision_weights(made)
    alliance = [s.decision == "LAC_DIGITAL_ALLIANCE 2023-07-17" for s in made]
    assert weights[alliance].sum() == pytest.approx(1.0)


def test_renewals_of_the_research_programme_are_no_new_ties(evidence: HistoryEvidence) -> None:
    renewed = evidence.history[evidence.history["renewal"] == "yes"]
    assert set(renewed["instrument"]) == {"HORIZON"}
    assert "XKX" not in set(renewed["iso3"])  # first associated to Horizon Europe
    made = spells(evidence.world, records(evidence.history, evidence.world), 61)
    serbia = places(evidence.world, "SRB", "HORIZON")
    kosovo = places(evidence.world, "XKX", "HORIZON")
    chosen = {(s.country, s.instrument): s.chosen for s in made}
    assert not chosen[serbia]
    assert chosen[kosovo]


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("quarter", "2013Q9", "quarter '2013Q9' must be empty or one of "),
        ("year", "13", "year '13' must be four digits"),
        ("stage", "sined", "stage 'sined' must be one of"),
        ("renewal", "maybe", "renewal 'maybe'"),
    ],
)
def test_a_bad_row_is_told_by_file_and_row(
    tmp_path: Path, column: str, value: str, told: str
) -> None:
    table = pd.read_csv(PACKAGE_DATA / "history.csv", dtype=str, keep_default_na=False)
    table.loc[30, column] = value
    table.to_csv(tmp_path / "history.csv", index=False)
    with pytest.raises(InputError) as raised:
        read_history(tmp_path)
    (line,) = raised.value.problems
    assert line.startswith("history.csv, row 32: ")
    assert told in line


@pytest.mark.parametrize("path", PATHS)
def test_events_lead_to_stages_of_the_path(path: str) -> None:
    for event in ("announced", "negotiation_opened", "concluded", "signed", "launched"):
        assert stage_entered(event, path) in PATH_STAGES[path]
    assert stage_entered("held", path) == ""
    assert stage_entered("ended", path) == "none"


# Spells


def test_a_spell_bounds_the_way_of_a_pair(evidence: HistoryEvidence) -> None:
    """Concluded in 2023, signed in 2024: somewhere below before, between the two in between."""
    pair = places(evidence.world, "SGP", "DTA")
    found = [
        Record(*pair, 52, 55, "concluded", ""),
        Record(*pair, 58, 58, "signed", ""),
    ]
    (spell,) = spells(evidence.world, found, 61)
    assert spell.high[51] == 2  # not yet concluded before 2023
    assert spell.low[54] == 0  # not known in which quarter of 2023
    assert spell.low[55] == 3
    assert spell.high[57] == 3
    assert spell.low[58] == spell.high[61] == 4


def test_a_spell_begins_where_the_pair_stood_in_2010(evidence: HistoryEvidence) -> None:
    """Signed in 2008 and in force in 2016: what went before 2010 is passed already."""
    pair = places(evidence.world, "CIV", "FTA")
    found = [
        Record(*pair, -28, -25, "negotiating", ""),
        Record(*pair, -12, -9, "concluded", ""),
        Record(*pair, -8, -5, "signed", ""),
        Record(*pair, 24, 27, "in_force", ""),
    ]
    (spell,) = spells(evidence.world, found, 61)
    assert spell.start == (4, 4)
    assert not spell.chosen
    assert spell.low[0] == spell.high[23] == 4


def test_records_of_one_quarter_may_have_happened_one_after_the_other(
    evidence: HistoryEvidence,
) -> None:
    pair = places(evidence.world, "SGP", "DTA")
    found = [Record(*pair, 40, 40, "negotiating", ""), Record(*pair, 44, 44, "in_force", "")]
    (spell,) = spells(evidence.world, found, 61)
    assert (np.diff(spell.low) <= 5).all()
    for t in range(1, len(spell.low)):
        assert spell.low[t] - spell.high[t - 1] <= (2 if spell.high[t - 1] == 0 else 1)


def test_the_document_counts_the_decisions_right(evidence: HistoryEvidence) -> None:
    made = spells(evidence.world, records(evidence.history, evidence.world), 61)
    text = (Path(__file__).parent.parent / "docs" / "calibration.md").read_text("utf-8")
    assert f"Only {round(decision_weights(made).sum())} independent decisions" in text


def test_a_return_after_a_suspension_is_no_new_choice(evidence: HistoryEvidence) -> None:
    made = spells(evidence.world, records(evidence.history, evidence.world), 61)
    thailand = places(evidence.world, "THA", "FTA_DIGITAL")
    first, second = (s for s in made if (s.country, s.instrument) == thailand)
    assert first.chosen
    assert not second.chosen
    assert first.end < second.begin


# Nothing looks ahead


def test_a_past_world_ignores_later_indicators(evidence: HistoryEvidence) -> None:
    later = evidence.yearly.copy()
    columns = ["gdp_usd", "population", "internet_users", "liberal_democracy", "un_distance_eu"]
    later.loc[later["year"] >= 2015, columns] *= 0.5
    changed = dataclasses.replace(evidence, yearly=later, years={})
    one, other = (each.world_of(2015).arrays for each in (evidence, changed))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    assert not np.array_equal(one.size, changed.world_of(2016).arrays.size)


def test_a_past_world_ignores_indices_known_for_one_late_year(evidence: HistoryEvidence) -> None:
    countries = evidence.world.countries.copy()
    for name in (
        *("online_service", "human_capital", "telecom", "cybersecurity_index"),
        *("exports_china", "imports_china", "un_agreement_eu", "un_agreement_russia", "gdp_usd"),
    ):
        countries[name] = 0.25
    world = dataclasses.replace(evidence.world, countries=countries)
    blind = dataclasses.replace(evidence, world=world, years={})
    one, other = (each.world_of(2022).arrays for each in (evidence, blind))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_candidates_and_members_count_from_the_year_after(evidence: HistoryEvidence) -> None:
    ukraine, wallet = places(evidence.world, "UKR", "GROWTH_FACILITY")
    before, after = (evidence.world_of(year).arrays for year in (2022, 2023))
    assert after.alignment[ukraine] > before.alignment[ukraine]
    assert before.eligible[ukraine, wallet] <= after.eligible[ukraine, wallet]


def test_the_stand_ins_rank_partners_much_as_all_indicators_do(
    evidence: HistoryEvidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parent.parent / "tools")
    gap = import_module("estimate_parts").score_gap(evidence.world, evidence.world_of(2025))
    by_score = gap.groupby("score")["correlation"].median()
    assert by_score["alignment"] > 0.95
    assert (by_score[["readiness", "need", "threat"]] > 0.85).all()


def test_what_is_known_at_a_cut_ends_there(evidence: HistoryEvidence) -> None:
    cut = Cut(evidence, quarter_number("2022Q4"))
    first = cut.first_years
    assert max(record.last for record in cut.found) <= cut.quarter
    assert "SDP" not in first
    names = evidence.world.instruments["instrument"]
    offered = dict(zip(names, cut.on_offer(51), strict=True))
    assert offered["DIGITAL_PARTNERSHIP"]
    # Talks come two years before the first record, one where a text is signed directly, but none
    # before the EU introduced what they are about.
    two, one = (
        quarters_of_year(first[name] - years)[0]
        for name, years in (("DEP", 2), ("DIGITAL_PARTNERSHIP", 1))
    )
    introduced = quarter_number("2017Q1")
    assert introduced > quarters_of_year(first["HPC"] - 2)[0]
    for instrument, begins in (
        ("DEP", two),
        ("DIGITAL_PARTNERSHIP", one),
        ("HPC", introduced),
    ):
        place = list(names).index(instrument)
        for quarter, there in ((begins - 1, False), (begins, True)):
            flags = cut.on_offer(quarter, in_talks=True)
            assert flags[place] == there
    assert not offered["SDP"]
    assert not offered["LAC_DIGITAL_ALLIANCE"]


def test_stages_known_wait_for_the_end_of_a_soft_date(evidence: HistoryEvidence) -> None:
    pair = places(evidence.world, "SRB", "HPC")
    found = [Record(*pair, 48, 51, "in_force", "")]
    assert stages_known(evidence.world, found, 51)[pair] == 0
    assert stages_known(evidence.world, found, 52)[pair] == STAGES.index("in_force")


def test_the_panel_refuses_bad_numbers(tmp_path: Path, evidence: HistoryEvidence) -> None:
    folder = tmp_path / "data"
    shutil.copytree(PACKAGE_DATA, folder)
    table = pd.read_csv(folder / "panel.csv", dtype=str, keep_default_na=False)
    table.loc[0, "internet_users"] = "140"
    table.to_csv(folder / "panel.csv", index=False)
    with pytest.raises(InputError, match=r"panel\.csv, row 2: internet_users '140' must be"):
        evidence_of(dataclasses.replace(evidence.world, folder=folder))


def test_quarters_count_from_2010() -> None:
    assert quarter_number("2010Q1") == 0
    assert quarter_name(quarter_number("2025Q2")) == "2025Q2"
