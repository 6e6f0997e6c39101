"""Patterns: every measure has the number that one counts by hand, and bad tables are refused."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from partnersim import load_scenario
from partnersim.cli.program import main
from partnersim.errors import InputError
from partnersim.history.evidence import HistoryEvidence
from partnersim.history.history import quarter_number
from partnersim.history.pattern_conditions import parse
from partnersim.history.pattern_measures import MEASURES, Definition
from partnersim.history.pattern_runs import (
    COLUMNS,
    _world_without,
    background_of,
    replay,
)
from partnersim.history.pattern_tables import Background, Plays
from partnersim.history.patterns import (
    COLUMNS as FILE_COLUMNS,
)
from partnersim.history.patterns import (
    FILE,
    evaluate,
    read_patterns,
)
from partnersim.runs.export import read_tables
from partnersim.world.tables import Reader, Row
from partnersim.world.world import World
from scenarios import with_coefficients

pytestmark = pytest.mark.usefixtures("one_record", "quick_figures")
Q0 = quarter_number("2025Q2")


@pytest.fixture(scope="module")
def known(world_all: World) -> Background:
    """Partners, instruments, organisations and shocks of the shipped world."""
    return background_of(world_all, load_scenario())


def plays_of(
    known: Background,
    events: list[tuple[object, ...]],
    *,
    ties: list[tuple[str, str, str]] | None = None,
    links: list[tuple[str, str]] | None = None,
    runs: int = 2,
    quarters: int = 16,
) -> Plays:
    """Return runs with hand-made events: run, quarters since the start, event, then cells."""
    log = pd.DataFrame(events, columns=list(COLUMNS)).assign(
        quarter=lambda table: table["quarter"] + Q0
    )
    return Plays(
        known=known,
        first=Q0,
        last=Q0 + quarters,
        climates=pd.DataFrame({"run": range(runs), "climate": "calm"}),
        events=log.astype({name: object for name in COLUMNS[2:8]}),
        ties=pd.DataFrame(ties or [], columns=["iso3", "instrument", "stage"], dtype=object),
        links=pd.DataFrame(links or [], columns=["iso3", "other"], dtype=object),
        money=pd.DataFrame(
            [("calm", Q0 + 2, "KEN", 30.0), ("calm", Q0 + 2, "CHE", 10.0)],
            columns=["climate", "quarter", "iso3", "invested"],
        ),
        metrics=pd.DataFrame(
            [
                (run, Q0 + quarter, quarter + run)
                for run in range(runs)
                for quarter in (0, quarters)
            ],
            columns=["run", "quarter", "hub_dependence"],
        ),
    )


def pair(
    run: int, quarter: int, event: str, iso3: str, name: str, stage: str
) -> tuple[object, ...]:
    return run, quarter, event, iso3, name, None, stage, None, math.nan


def link(run: int, quarter: int, event: str, iso3: str, other: str) -> tuple[object, ...]:
    return run, quarter, event, iso3, None, other, None, None, math.nan


def strike(
    run: int, quarter: int, shock: str, iso3: str | None, other: str | None = None
) -> tuple[object, ...]:
    return run, quarter, "shock", iso3, None, other, None, shock, 0.7


@pytest.fixture(scope="module")
def number(known: Background) -> Callable[..., float]:
    """Work out a measure as a table would state it."""

    def work_out(plays: Plays, measure: str, table: str, **cells: str) -> float:
        reader = Reader(Path())
        empty = dict.fromkeys(("where", "meeting", "options"), "")
        row = Row("test.csv", 2, ("X",), {"table": table, **empty, **cells})
        options = dict(part.split("=", 1) for part in row.items("options"))
        window = tuple(
            quarter_number(label.strip())
            for label in cells.get("window", "").replace("..", ",").split(",")
            if label
        )
        definition = Definition(
            measure,
            table,
            parse(reader, row, "where", known),
            parse(reader, row, "meeting", known),
            options,
            window,
        )
        assert not reader.problems
        return MEASURES[measure].work_out(definition, plays)

    return work_out


def test_counts_rates_and_shares_of_new_ties(
    known: Background, number: Callable[..., float]
) -> None:
    events = [
        pair(0, 1, "approached", "KEN", "FTA", "announced"),
        pair(0, 5, "advanced", "KEN", "FTA", "in_force"),
        pair(0, 5, "advanced", "BRA", "FTA", "in_force"),
        pair(1, 9, "advanced", "ARG", "FTA", "in_force"),
        pair(1, 9, "advanced", "NGA", "SDP", "in_force"),
    ]
    plays = plays_of(known, events)
    assert number(plays, "count", "new_ties") == 2
    assert number(plays, "count", "new_ties", where="country=BRA or area=cybersecurity") == 1
    assert number(plays, "rate", "new_ties") == 0.5
    assert number(plays, "rate", "new_ties", window="2026Q1..2026Q4") == 1
    assert math.isnan(number(plays, "rate", "new_ties", window="2040Q1..2040Q4"))
    each = {"where": "country=KEN, BRA, NGA, ARG", "options": "per=decade;each=partner"}
    assert number(plays, "rate", "new_ties", **each) == 1.25
    share = {"where": "instrument=FTA", "meeting": "region=LAC"}
    assert number(plays, "share", "new_ties", **share) == pytest.approx(2 / 3)
    assert number(plays, "share", "new_ties", where="group=NATO", meeting="ldc=yes") != 0
    assert number(plays, "batches", "new_ties", options="size=2") == 0.5
    assert number(plays, "count", "new_ties", options="once=MERCOSUR") == 2


def test_durations_and_waiting(known: Background, number: Callable[..., float]) -> None:
    events = [
        pair(0, 2, "approached", "KEN", "FTA", "announced"),
        pair(0, 6, "advanced", "KEN", "FTA", "signed"),
        pair(0, 10, "advanced", "KEN", "FTA", "in_force"),
        pair(1, 4, "approached", "BRA", "FTA", "announced"),
        pair(1, 6, "suspended", "BRA", "FTA", "announced"),
        pair(1, 15, "recovered", "BRA", "FTA", "announced"),
        pair(1, 15, "ended", "BRA", "FTA", "announced"),
    ]
    plays = plays_of(known, events, ties=[("ARG", "FTA", "concluded")])
    talks = {"where": "origin=run", "options": "from=opened;to=in_force"}
    assert number(plays, "median_years", "talks", **talks) == 2
    # One in two got there after two years; the other ended and never will.
    years = talks | {"options": "from=opened;to=in_force;years=3"}
    assert number(plays, "reached", "talks", **years) == 0.5
    assert number(plays, "median_wait", "talks", **talks) == 2
    late = {"where": "origin=run", "meeting": "paused>=8 or ended=any"}
    assert number(plays, "share", "talks", **late) == 0.5
    assert number(plays, "share", "talks", where="signed<2027Q2", meeting="ended=never") == 1
    assert number(plays, "count", "talks") == 2  # each run has the one under way at the start
    moment = {"options": "from=suspended;to=resumed"}
    assert number(plays, "median_years", "suspensions", **moment) == 9 / 4


def test_suspension_hazard_and_what_a_partner_has(
    known: Background, number: Callable[..., float]
) -> None:
    ties = [("CAN", "FTA", "in_force"), ("CAN", "TTC", "in_force"), ("KEN", "TTC", "in_force")]
    events = [
        strike(0, 7, "hybrid_campaign", "KEN"),
        strike(0, 7, "trade_war", None),
        strike(1, 3, "ransomware_wave", None, "LAC"),
        pair(0, 8, "suspended", "KEN", "TTC", "in_force"),
        pair(0, 12, "advanced", "CAN", "DTA", "in_force"),
        pair(1, 12, "advanced", "NGA", "DTA", "in_force"),
    ]
    plays = plays_of(known, events, ties=ties)
    # Six ties over 17 quarters, less those after the suspension; two new ones over 5.
    quarters = 5 * 16 + 7 + 2 * 5
    assert number(plays, "hazard", "suspensions") == pytest.approx(4 / quarters)
    assert number(plays, "count", "ties", where="instrument=TTC") == 1.5
    assert number(plays, "count", "held_ties", where="instrument=TTC") == 2
    assert number(plays, "count", "ties", window="2025Q2") == 3
    assert number(plays, "share", "new_ties", meeting="holds=FTA") == 0.5
    assert number(plays, "overlaps", "ties", window="2025Q2") == 1
    # The trade war struck everybody; only what strikes Kenya itself counts.
    assert number(plays, "share", "suspensions", meeting="struck_only=hybrid_campaign") == 1
    after = {"options": "shock=hybrid_campaign;quarters=4"}
    assert number(plays, "after_strike", "suspensions", **after) == 1
    assert number(plays, "count", "strikes", where="shock=ransomware_wave; region=LAC") == 16.5
    one = {"options": "value=ties", "window": "2025Q2", "where": "country=CAN, KEN, NGA"}
    assert number(plays, "gini", "partners", **one) == pytest.approx(4 / 9)
    gap = one | {"where": "country=CAN", "meeting": "country=KEN"}
    assert number(plays, "gap", "partners", **gap) == 1
    money = {"options": "weight=invested", "meeting": "gdp_per_person>25000"}
    assert number(plays, "share", "partners", **money) == 0.25


def test_strike_ratio_is_one_where_strikes_change_nothing(
    known: Background, number: Callable[..., float]
) -> None:
    events = [
        pair(run, quarter, "advanced", "UKR", name, "in_force")
        for run in (0, 1)
        for quarter, name in ((6, "FTA"), (9, "DEP"), (10, "SDP"))
    ]
    cells = {"where": "country=UKR", "options": "shock=hybrid_campaign;quarters=4"}
    plays = plays_of(known, [*events, strike(0, 8, "hybrid_campaign", "UKR")])
    assert number(plays, "strike_ratio", "new_ties", **cells) == 1
    more = pair(0, 10, "advanced", "UKR", "TTC", "in_force")
    plays = plays_of(known, [*events, more, strike(0, 8, "hybrid_campaign", "UKR")])
    assert number(plays, "strike_ratio", "new_ties", **cells) == 1.5


def test_links(known: Background, number: Callable[..., float]) -> None:
    events = [
        link(0, 4, "linked", "JPN", "AUS"),
        link(0, 4, "linked", "SGP", "JPN"),
        link(0, 4, "linked", "KEN", "NGA"),
        link(1, 8, "link_cut", "SGP", "AUS"),
    ]
    plays = plays_of(known, events, links=[("AUS", "SGP")])
    assert number(plays, "count", "links", window="2025Q2") == 1
    assert number(plays, "count", "links") == 2
    assert number(plays, "share", "link_ends", meeting="region=Sub-Saharan Africa") == 1 / 3
    assert number(plays, "batches", "new_links", options="size=2") == pytest.approx(2 / 3)
    assert number(plays, "share", "new_links", meeting="joint_group=CPTPP, RCEP") == 2 / 3
    assert number(plays, "density", "links", where="both_country=AUS, JPN, SGP") == 0.5
    assert number(plays, "transitivity", "links") == 1
    assert number(plays, "share", "new_links", meeting="same=region") == 1
    assert number(plays, "share", "new_links", meeting="both_gdp_per_person>25000") == 2 / 3
    assert number(plays, "count", "linked_ends", options="once=country") == 2.5
    # Two of five linked partners hang apart from the other three; in run 1 nobody is linked.
    assert number(plays, "largest_group", "links") == 3 / 5
    # Nobody has more than two of the eight ends of run 0; run 1 has none left to share.
    top = {"options": "value=links;top=1", "window": "2027Q2"}
    assert number(plays, "top_share", "partners", **top) == 0.25
    # Run 0: one link 17 quarters, three 13; run 1: one link 8.
    assert number(plays, "hazard", "link_cuts") == pytest.approx(4 / (16 + 3 * 13 + 7))


def test_requests_shocks_and_metrics(known: Background, number: Callable[..., float]) -> None:
    events = [
        pair(0, 1, "approached", "KEN", "FTA", "announced"),
        pair(0, 2, "advanced", "KEN", "FTA", "in_force"),
        pair(1, 1, "refused", "KEN", "SDP", "none"),
        strike(1, 3, "trade_war", None),
        pair(1, 3, "suspended", "NGA", "SDP", "in_force"),
    ]
    plays = plays_of(known, events, ties=[("NGA", "SDP", "in_force")])
    assert number(plays, "share", "requests", meeting="event=refused") == 0.5
    assert number(plays, "share", "talks", meeting="took<=0.25") == 1
    assert number(plays, "count", "shocks", where="shock=trade_war") == 0.5
    assert number(plays, "share", "suspensions", meeting="resumed=never") == 1
    assert number(plays, "count", "partners", where="ties>=1; ldc=no") == 1
    assert number(plays, "mean", "metrics", options="value=hub_dependence") == 16.5
    assert number(plays, "change", "metrics", options="value=hub_dependence") == 16


def test_renewal_and_one_day(known: Background, number: Callable[..., float]) -> None:
    events = [
        pair(0, 3, "expired", "CHE", "HORIZON", "in_force"),
        pair(0, 5, "renewed", "CHE", "HORIZON", "in_force"),
        pair(0, 4, "advanced", "ARG", "FTA", "signed"),
        pair(0, 7, "advanced", "BRA", "FTA", "signed"),
    ]
    ties = [
        ("CHE", "HORIZON", "in_force"),
        ("ARG", "FTA", "concluded"),
        ("BRA", "FTA", "concluded"),
    ]
    plays = plays_of(known, events, ties=ties)
    window = {"where": "instrument=HORIZON", "window": "2025Q2..2026Q4"}
    assert number(plays, "renewed", "ties", **window) == 0.5
    both = {"where": "instrument=FTA; country=ARG, BRA", "options": "to=signed"}
    assert number(plays, "apart", "talks", **both) == 3


def test_what_is_negotiated_anew_stands_still_as_before(known: Background) -> None:
    events = [
        pair(0, 1, "stalled", "CHE", "HORIZON", "signed"),
        pair(0, 3, "expired", "CHE", "HORIZON", "signed"),
        pair(0, 6, "resumed", "CHE", "HORIZON", "negotiating"),
    ]
    plays = plays_of(known, events, ties=[("CHE", "HORIZON", "signed")])
    assert (plays.pauses["end"] - plays.pauses["begin"]).tolist() == [5]


def test_shipped_patterns_are_those_of_the_record(known: Background) -> None:
    patterns, table = read_patterns(FILE, known)
    assert len(patterns) == 60
    assert (table["source"] != "").all()
    assert {pattern.play for pattern in patterns} == {"forward", "replay"}


BAD = {
    "measure": ("", "no definition"),
    "measure ": ("cuont", "measure 'cuont' is not a measure, did you mean 'count'?"),
    "table": ("tie", "table 'tie' cannot be measured by rate"),
    "where": ("contry=KEN", "where: rows of new_ties have no 'contry', did you mean 'country'?"),
    "where ": ("region=Africa", "where: region 'Africa' is unknown"),
    "where  ": ("both_group=G7", "where: rows of new_ties have no 'both_group'"),
    "where   ": (
        "gdp_usd=5",
        "where: 'gdp_usd' must be compared with one number by >, >=, < or <=",
    ),
    "where    ": ("nonsense", "where: 'nonsense' must read NAME=VALUE, VALUE or NAME>NUMBER"),
    "options": ("size=3", "options: rate has no option 'size'"),
    "window": ("2026", "window '2026' must read 2025Q3..2028Q4, or 2025Q2, 2035Q4"),
    "low": ("9", "low 9 is above high 2"),
    "high": ("x", "high 'x' must be a number"),
    "role": ("emerges", "role 'emerges' must be one of emergent, by rule or data"),
    "play": ("back", "play 'back' must be one of forward, replay"),
    "compare": ("ratio", "change and compare must be given together"),
}


def test_every_problem_of_a_table_is_told_at_once(known: Background, tmp_path: Path) -> None:
    good = dict.fromkeys(FILE_COLUMNS, "") | {
        "group": "mine",
        "role": "emergent",
        "pattern": "Some ties.",
        "play": "forward",
        "measure": "rate",
        "table": "new_ties",
        "low": "1",
        "high": "2",
    }
    path = tmp_path / "mine.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, FILE_COLUMNS)
        writer.writeheader()
        for place, (column, (cell, _)) in enumerate(BAD.items()):
            writer.writerow(good | {"id": f"B{place}", column.strip(): cell})
    with pytest.raises(InputError) as caught:
        read_patterns(path, known)
    for row, (_, reason) in enumerate(BAD.values(), start=2):
        assert any(
            problem.startswith(f"mine.csv, row {row}: {reason}")
            for problem in caught.value.problems
        ), (row, reason, caught.value.problems)


def test_a_missing_file_or_unusable_settings_are_refused_before_any_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = tmp_path / "none.csv"
    assert main(["validate", f"patterns={nowhere}", f"output={tmp_path}"]) == 2
    assert "none.csv: not found" in capsys.readouterr().err
    text = FILE.read_text("utf-8").replace("rival_drift=0.01", "rival_drft=0.01")
    (tmp_path / "mine.csv").write_text(text, "utf-8")
    assert main(["validate", f"patterns={tmp_path / 'mine.csv'}", f"output={tmp_path}"]) == 2
    assert "mine.csv, pattern V01: geopolitics.rival_drft" in capsys.readouterr().err
    assert main(["validate", "runs=1", "geopolitics=calm", "polcy=balanced"]) == 2
    told = capsys.readouterr().err
    assert "runs=1: must be a whole number from 2" in told
    assert "geopolitics=calm: validate takes climates=[NAME,...]" in told
    assert "polcy=balanced: validate takes no such setting, did you mean 'policy'?" in told
    assert not (tmp_path / "validation").exists()


def test_replay_begins_with_what_was_there_in_2010(
    number: Callable[..., float], evidence: HistoryEvidence
) -> None:
    plays = replay(evidence, load_scenario(), runs=1, seed=3)
    assert (plays.first, plays.last) == (-1, Q0)
    held = plays.ties_at(-1)
    assert {"MKD", "CHE"} <= set(held["iso3"])
    # Digital Partnerships were invented in 2021, and talks come a year before.
    assert number(plays, "count", "openings", where="instrument=DIGITAL_PARTNERSHIP",
                  window="2010Q1..2019Q4") == 0  # fmt: skip
    assert number(plays, "count", "new_ties", where="instrument=FTA") > 0


def test_what_is_signed_in_a_replay_is_not_old_in_the_next_year(
    evidence: HistoryEvidence,
) -> None:
    """However slow cables are laid, contracts of 2010 would be; later ones are not."""
    events = replay(
        evidence, with_coefficients(load_scenario(), hazard_cable=-50.0), runs=2, seed=3
    ).events
    world = evidence.world
    cables = set(world.instruments["instrument"][world.arrays.cable == 1])
    stages = events[events["instrument"].isin(cables) & (events["event"] == "advanced")]["stage"]
    assert (stages == "signed").sum() > 10
    assert not (stages == "in_force").any()


def test_a_replay_knows_of_no_signature_between_partners(evidence: HistoryEvidence) -> None:
    """What was signed in the record is not what the run has linked or not."""
    world = evidence.world_of(2020)
    nobody = np.zeros(world.arrays.eligible.shape, bool)
    assert world.arrays.signed.any()
    assert not _world_without(world, nobody, 2020).arrays.signed.any()


#: What the model shows today; a pattern may join, and none may leave unnoticed.
PASSING = {
    *(
        "B01",
        "B02",
    ),
    *(
        "F01",
        "F02",
        "F03",
    ),
    *(
        "G03",
        "G05",
    ),
    *(
        "K01",
        "K03",
        "K05",
        "K06",
        "K07",
        "K09",
    ),
    *(
        "L01",
        "L06",
        "L07",
        "L08",
        "L10",
        "L17",
    ),
    *("O04",),
    *(
        "P01",
        "P03",
        "P08",
        "P09",
        "P10",
        "P15",
    ),
    *(
        "Q01",
        "Q03",
        "Q04",
    ),
    *(
        "S01",
        "S02",
        "S03",
        "S04",
        "S05",
    ),
    *("V02",),
    *("W03",),
    *(
        "X01",
        "X03",
    ),
}


def test_patterns_that_pass_go_on_passing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["validate", f"output={tmp_path}"]
    assert main([*words, "runs=16", "replays=3"]) == 0
    told = capsys.readouterr().out
    folder = tmp_path / "validation"
    tables = read_tables(folder, ("patterns", "climates", "definitions"))
    table = tables["patterns"]
    assert list(table) == ["id", "group", "role", "value", "low", "high", "result"]
    passing = set(table.loc[table["result"] == "pass", "id"])
    assert passing >= PASSING
    assert f"{len(passing)} of 60 patterns pass" in told
    assert (folder / "figures" / "patterns.png").is_file()


def test_threads_change_no_byte(tmp_path: Path) -> None:
    table = pd.read_csv(FILE, dtype=str, keep_default_na=False)
    mine, found = tmp_path / "mine.csv", []
    table[table["id"].isin(["P01", "K05", "W01"])].to_csv(mine, index=False)
    few = (f"patterns={mine}", "runs=2", "replays=2", f"output={tmp_path}")
    for threads in (1, 2):
        assert main(["validate", *few, f"threads={threads}"]) == 0
        found.append((tmp_path / "validation" / "patterns.csv").read_bytes())
    assert found[0] == found[1]
    assert found[0].count(b"\n") == 4


def test_a_pattern_without_cases_neither_passes_nor_fails(known: Background) -> None:
    patterns, _ = read_patterns(FILE, known)
    chosen = [pattern for pattern in patterns if pattern.id == "Z01"]
    table, by_climate = evaluate(chosen, {"forward": plays_of(known, [])})
    assert list(table["result"]) == ["no cases"]
    assert list(by_climate["result"]) == ["no cases"]
