"""Two results beside each other, and studies that answer several questions in one report."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pandas as pd
import pytest

from partnersim import run_sweep
from partnersim.cli.program import main
from partnersim.compare.comparison import Comparison
from partnersim.compare.cost import cost_of, costs_of
from partnersim.compare.differences import PolicyDifference
from partnersim.compare.two_results import two_results
from partnersim.errors import InputError
from partnersim.runs.reader import Runs, read_runs
from partnersim.show import report
from partnersim.show.answer import answers
from partnersim.show.two_results import details, sentence
from studies import small_sweep
from sweeps import cut_sweep

pytestmark = pytest.mark.usefixtures("quick_figures")
WORDS = ("horizon.end=2026Q2", "replicates=4", "figures=false", "shock_tests=[]", "threads=1")


def small(folder: Path, *words: str) -> Runs:
    return run_sweep(*WORDS, "policies=[balanced,no_offer]", f"output={folder}", *words)


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    return small(tmp_path_factory.mktemp("calm"), "geopolitics=calm")


@pytest.fixture(scope="module")
def coercion(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    return small(tmp_path_factory.mktemp("coercion"), "geopolitics=coercion")


# Two results


def test_a_result_beside_itself_is_equal_in_everything(calm: Runs) -> None:
    found = two_results(calm, calm)
    assert not found.changed
    assert set(found.differences) == {("balanced", "balanced"), ("no_offer", "no_offer")}
    assert all(one.mean == 0 for own in found.differences.values() for one in own)
    assert sentence(found).endswith("every measure is exactly equal, and no setting differs")


def test_differences_are_those_of_the_runs(calm: Runs, coercion: Runs) -> None:
    found = two_results(calm, coercion)
    one = next(one for one in found.differences["balanced", "balanced"] if one.metric == "links")
    means = [
        runs.outcomes(["links"], policy="balanced")["links"].mean() for runs in (calm, coercion)
    ]
    assert one.mean == pytest.approx(means[1] - means[0])
    assert one.level == pytest.approx(means[0])
    changed = {change.path: (change.first, change.second) for change in found.changed}
    assert changed["geopolitics.intensity"] == (0.5, 1.2)


@pytest.mark.parametrize(
    ("low", "high", "level", "said"),
    [(1.0, 3.0, 10.0, "clear"), (0.01, 0.1, 100.0, "negligible"), (-1.0, 3.0, 10.0, "not clear")],
)
def test_verdicts(calm: Runs, low: float, high: float, level: float, said: str) -> None:
    one = two_results(calm, calm).differences["balanced", "balanced"][0]
    changed = type(one)(one.metric, "B", "A", (low + high) / 2, low, high, 4, level)
    assert changed.word == said


def test_the_headline_measures_are_told_first_and_the_largest_change_of_them(
    calm: Runs, coercion: Runs
) -> None:
    found = two_results(calm, coercion)
    own = [
        PolicyDifference("instruments", "B", "A", 5.0, 4.0, 6.0, 4, 100.0),
        PolicyDifference("hub_dependence", "B", "A", -0.5, -0.6, -0.4, 4, 1.0),
        PolicyDifference("links", "B", "A", -40.0, -41.0, -39.0, 4, 100.0),
        PolicyDifference("eu_value", "B", "A", 1.0, -1.0, 3.0, 4, 100.0),
    ]
    alone = replace(found, differences={("balanced", "balanced"): own})
    said = sentence(alone)
    assert said == (
        "B against A: links between partners −40 (−41 to −39); instruments in force +5 (+4 to +6)"
    )
    both = replace(alone, differences={("a", "a"): own, ("b", "b"): own[:1]})
    assert "links between partners −40 (−41 to −39) under “a” alone" in sentence(both)
    assert "instruments in force +5.0 to +5.0 under all 2 policies" in sentence(both)
    assert "dependence on the EU as hub" in details(alone)[0]


def test_an_added_instrument_is_told_with_its_partners(calm: Runs, tmp_path: Path) -> None:
    added = "world.added.NEW={name: Compact, areas: [technology], binding: 1, path: political}"
    found = two_results(calm, small(tmp_path, "geopolitics=calm", added))
    said = sentence(found)
    assert re.search(
        "at the end of 2025 “Compact” is in force, on the mean, with [0-9.]+ partners under"
        " “balanced” and [0-9.]+ under “no offer”$",
        said,
    )
    assert "1 setting differs: world.added.NEW in B alone" in details(found)


def test_the_same_difference_has_one_interval_on_screen_and_in_the_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = small(tmp_path, "geopolitics=calm")
    comparison = Comparison(runs)
    one = comparison.differences("instruments", "balanced")["no_offer"]
    assert (
        main([*WORDS, "policies=[balanced,no_offer]", "geopolitics=calm", f"output={tmp_path}"])
        == 0
    )
    told = capsys.readouterr().out
    assert f"± 95 % interval, all {comparison.family} together" in told
    assert f"±{(one.high - one.low) / 2:.1f}" in told
    margin = next(found for found in answers(comparison) if "differ" in found.question)
    assert f"all {comparison.family} differences" in margin.details[-1]


def test_results_with_other_luck_are_not_compared(calm: Runs, tmp_path: Path) -> None:
    other = small(tmp_path, "geopolitics=calm", "seed=9")
    with pytest.raises(InputError, match="seeds differ"):
        two_results(calm, other)


def test_a_comparison_says_which_runs_it_lacks(tmp_path: Path) -> None:
    whole, part = (cut_sweep(tmp_path / name, 16) for name in ("one", "two"))
    broken = max((part.folder / "parts").iterdir()) / "metrics.parquet"
    broken.write_bytes(b"damaged")
    lines = details(two_results(whole, read_runs(part.folder)))
    assert f"{part.folder}: only " in lines[-1]
    assert "run the rest with: partnersim resume" in lines[-1]


def test_the_command_writes_a_table_and_a_page(
    calm: Runs, coercion: Runs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", str(calm.folder), str(coercion.folder), f"output={tmp_path}"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("B against A:")
    # What matters first, then the settings, then what A and B are.
    assert told.index("“Balanced”") < told.index("settings differ") < told.index("A is experiment")
    (folder,) = (tmp_path / "compare").iterdir()
    table = pd.read_csv(folder / "differences.csv")
    assert set(table["verdict"]) <= {"clear", "negligible", "not clear", "–"}
    assert (folder / "report.html").exists()
    assert main(["compare", str(calm.folder)]) == 2
    assert "name two folders of results (1 given)" in capsys.readouterr().err
    assert main(["compare", str(calm.folder), str(tmp_path / "none"), "output=", "otput=x"]) == 2
    told = capsys.readouterr().err
    assert "output=: needs a value" in told
    assert "otput=x: unknown setting, did you mean 'output'?" in told
    file = calm.folder / "manifest.json"
    assert main(["compare", str(calm.folder), str(file)]) == 2
    assert f"{file}: is a file; name the folder of the results" in capsys.readouterr().err


def test_results_of_unlike_designs_are_told_as_such(calm: Runs, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="listed climates, the other sampled futures"):
        two_results(calm, small_sweep(tmp_path))


# Cost


def test_every_report_says_what_policies_cost(calm: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    costs = costs_of(calm)["cost"]
    spent = calm.outcomes(["offer_spent"], policy="balanced")["offer_spent"].mean()
    assert costs["balanced"] == pytest.approx(cost_of(spent, 600, 1.0))
    assert costs["no_offer"] < costs["balanced"]
    # Officials that differ by future are those of its runs.
    varied = calm.futures.assign(**{"policy.negotiators": 100.0})
    monkeypatch.setitem(vars(calm), "futures", varied)
    fewer = costs_of(calm)["cost"]
    assert fewer["balanced"] == pytest.approx(cost_of(spent, 100, 1.0))
    asked = {answer.question: answer for answer in answers(Comparison(calm))}
    assert "million EUR" in asked["What does it cost?"].sentence


# Studies

STUDY = """
title: A hard decade
horizon: {end: 2026Q2}
replicates: 8
shock_tests: []
figures: false
questions:
  - ask: Which policy when the US starts a trade war?
    run:
      policies: [balanced, no_offer]
      geopolitics:
        base: calm
        name: us_trade_war
        schedule: [{shock: trade_war, quarter: 2025Q4, by: USA, on: world, severity: 0.9}]
  - ask: What does another climate change?
    compare:
      policies: [balanced, no_offer]
      climates: [calm]
      against: {climates: [coercion]}
  - ask: What is cheapest?
    search: {minimise: cost, levers: negotiators, population: 4, futures: 2, fresh: 2, runs: 8}
  - ask: When should we change?
    signposts: {policies: [balanced, adaptive], climates: [calm], take: adaptive, metric: links}
"""


def test_a_study_answers_its_questions_in_order(tmp_path: Path) -> None:
    path = tmp_path / "hard.yaml"
    path.write_text(STUDY)
    words = ["study", str(path), f"output={tmp_path}", "threads=1"]
    assert main(words) == 0
    (report,) = (tmp_path / "hard").glob("*/report.html")
    text = report.read_text("utf-8")
    asked = re.findall(
        r"<h3>(.*?)</h3>\s*<p class=\"finding\">(.*?)\.</p>", unescape(text), re.DOTALL
    )
    assert [question for question, _ in asked] == [
        "Which policy when the US starts a trade war?",
        "What does another climate change?",
        "What is cheapest?",
        "When should we change?",
    ]
    assert all(answer for _, answer in asked)
    assert asked[1][1].startswith("B against A:")
    assert "public cost" in asked[2][1]
    assert main(words) == 0
    assert report.read_text("utf-8") == text
    # A changed study has a report of its own, and the same results where it asks the same.
    path.write_text(STUDY.replace("  - ask: When should we change?", "  - ask: When to change?"))
    assert main(words) == 0
    assert len(list((tmp_path / "hard").glob("*/report.html"))) == 2
    assert report.read_text("utf-8") == text
    assert len(list((tmp_path / "hard" / "question_4").iterdir())) == 1


def test_a_study_that_cannot_be_read_is_told_as_such(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    for path, said in (
        (pipe, "is not a regular file"),
        (tmp_path, "is a folder, not a file"),
        (tmp_path / "none.yaml", "no such file"),
    ):
        assert main(["study", str(path)]) == 2
        assert capsys.readouterr().err == f"error: {path}: {said}\n"


def test_all_that_is_wrong_is_told_and_nothing_is_left_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "hard.yaml"
    output = tmp_path / "results"
    path.write_text(STUDY.replace("cost,", "cots,").replace("no_offer", "no_ofer"))
    assert main(["study", str(path), f"output={output}"]) == 2
    told = capsys.readouterr().err
    assert "questions[0].run: policies[1] = 'no_ofer'" in told
    assert (
        "questions[2].search: minimise: cots: unknown metric 'cots', did you mean 'cost'?" in told
    )
    path.write_text(STUDY.replace("search:", "serach:").replace("    run:", "    rnu:"))
    assert main(["study", str(path), f"output={output}"]) == 2
    told = capsys.readouterr().err
    assert "did you mean 'run'?" in told
    assert "did you mean 'search'?" in told
    assert not output.exists()


def test_all_questions_and_what_they_share_are_checked_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("""
horizn: {end: 2026Q2}
questions:
  - ask: One
    rnu: {}
  - ask: Two
    run:
      policies:
        - balanced
        - no_ofer
  - ask: Three
    search: {minimise: cots, policies: 3}
  - ask: Four
    signposts: {take: no_offr, metric: lnks}
  - ask: Five
    compare: {against: {polices: [no_offer]}}
""")
    assert main(["study", str(path), f"output={tmp_path / 'results'}"]) == 2
    told = capsys.readouterr().err
    for line in (
        "wrong.yaml, line 2: horizn: unknown setting",
        "wrong.yaml, line 4: questions[0]: name one of run",
        "wrong.yaml, line 10: questions[1].run: policies[1] = 'no_ofer'",
        "wrong.yaml, line 12: questions[2].search: minimise: cots: unknown metric",
        "wrong.yaml, line 14: questions[3].signposts: take=no_offr",
        "wrong.yaml, line 14: questions[3].signposts: metric=lnks",
        "wrong.yaml, line 16: questions[4].compare: polices: unknown setting",
    ):
        assert line in told
    assert told.count("horizn: unknown") == 1


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("signposts: {policies: [balanced]}", "nothing to change to"),
        ("signposts: {policies: [balanced, no_offer], replicates: 2}", "at least, not 2"),
        ("compare: {seed: 1, against: {seed: 2}}", "seeds differ"),
        ("compare: {seed: 1, against: {seed: 1}}", "changes nothing"),
        ("run: {experiment: backtest}", "a study simulates"),
    ],
)
def test_what_a_question_could_not_answer_is_told_before_it_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], question: str, said: str
) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(f"climates: [calm]\nquestions:\n  - ask: One\n    {question}\n")
    assert main(["study", str(path), f"output={tmp_path / 'results'}"]) == 2
    assert said in capsys.readouterr().err


def test_a_threshold_of_ones_own_says_what_fails(
    calm: Runs, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Tests of the report draw its figures.
    monkeypatch.setattr(report, "draw_all", lambda _: [])
    assert main(["report", str(calm.folder), "fails=links:100000"]) == 0
    assert Comparison(calm, ("links", 1e5)).failing.fails.all()
    assert not Comparison(calm, ("links", 0)).failing.fails.any()
    assert Comparison(calm, ("links", 40)).failing.rule == "links between partners below 40"
    for word, said in (
        ("fails=lnks:4", "did you mean 'links'?"),
        ("fails=links", "write METRIC:NUMBER"),
        ("fails=links:nan", "write METRIC:NUMBER"),
        ("fails=links:1e400", "write METRIC:NUMBER"),
        ("fails=negotiations:3", "neither more nor less"),
    ):
        assert main(["report", str(calm.folder), word]) == 2
        assert said in capsys.readouterr().err
