"""The search over levers: its algorithm, its words, and what it leaves on disk."""

from __future__ import annotations

import re
import shlex
import shutil
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from partnersim.cli import size
from partnersim.cli.completion import suggestions
from partnersim.cli.program import main
from partnersim.cli.screen import Screen
from partnersim.cli.search import problem_from, work_of
from partnersim.compare.cost import cost_of
from partnersim.compare.factors import CLIMATE
from partnersim.compare.labels import MAIN_METRICS
from partnersim.configuration import load_scenario
from partnersim.errors import InputError
from partnersim.model.metrics import metrics
from partnersim.search.found import Found, goal_text, title
from partnersim.search.goals import Quantity, constraints_of, objectives_of
from partnersim.search.lever_range import value_of
from partnersim.search.nsga2 import Nsga2, crowding, front_of, ranks
from partnersim.search.problem import Budget
from partnersim.search.searching import Evaluator, search

pytestmark = pytest.mark.usefixtures("quick_figures")
#: Two generations of four mixes in two futures of three quarters.
SMALL = ("horizon.end=2026Q1", "population=4", "futures=2", "fresh=3", "runs=16", "threads=1")
FEW = ("levers=negotiators,offer.envelope,priorities", "geopolitics=fragmentation")
KNOWN = ("cost", "links", "hub_dependence", "policy.negotiators")

numbers = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=12
)


# The algorithm


@given(numbers)
def test_the_front_is_what_nothing_beats(rows: list[tuple[int, int, int]]) -> None:
    points = np.array(rows, float)
    kept = front_of(points)
    for place, one in enumerate(points):
        beaten = any((other <= one).all() and (other < one).any() for other in points)
        earlier = any((other == one).all() for other in points[:place])
        assert kept[place] == (not beaten and not earlier)


@given(numbers, st.data())
def test_ranks_peel_front_after_front(
    rows: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    points = np.array(rows, float)
    violation = np.array(
        data.draw(st.lists(st.integers(0, 2), min_size=len(rows), max_size=len(rows))), float
    )
    found = ranks(points, violation)
    left = list(range(len(points)))
    for rank in range(found.max() + 1):
        front = [
            one
            for one in left
            if not any(
                violation[other] < violation[one]
                or (
                    violation[other] == violation[one]
                    and (points[other] <= points[one]).all()
                    and (points[other] < points[one]).any()
                )
                for other in left
            )
        ]
        assert [place for place in range(len(points)) if found[place] == rank] == front
        left = [one for one in left if one not in front]
    assert not left


def test_crowding_of_a_line() -> None:
    points = np.array([[0.0, 4.0], [1.0, 3.0], [3.0, 1.0], [4.0, 0.0]])
    assert crowding(points).tolist() == [np.inf, 1.5, 1.5, np.inf]


def test_it_finds_a_known_front_and_keeps_to_a_constraint() -> None:
    # x and (1 - x) + y trade off along y = 0; z must be at least 0.5.
    algorithm = Nsga2(np.random.default_rng(1).random((40, 3)), seed=2)
    for _ in range(60):
        points = algorithm.ask()
        x, y, z = points.T
        algorithm.tell(np.column_stack([x, 1 - x + y]), np.maximum(0.0, 0.5 - z))
    x, y, z = algorithm.ask().T
    assert np.median(y) < 0.02
    assert (z > 0.45).all()
    assert np.ptp(x) > 0.9


def test_the_same_seed_asks_for_the_same_points() -> None:
    asked = []
    for _ in range(2):
        algorithm = Nsga2(np.linspace(0, 1, 24).reshape(8, 3), seed=5)
        for _ in range(3):
            points = algorithm.ask()
            algorithm.tell(points[:, :2], np.zeros(8))
        asked.append(algorithm.ask())
    assert (asked[0] == asked[1]).all()


# Words


def test_statistics_over_futures() -> None:
    sample = {"links": np.array([4.0, 1.0, 2.0, 3.0])}
    found = {name: Quantity("links", name).of(sample) for name in ("mean", "median", "min", "max")}
    assert found == {"mean": 2.5, "median": 2.5, "min": 1.0, "max": 4.0}
    assert Quantity("links", "p25").of(sample) == 1.75


def test_a_constraint_counts_futures() -> None:
    constraint, bound = constraints_of("links>=3 in 75%, hub_dependence<=90%", KNOWN)
    sample = {"links": np.array([5.0, 1.0, 3.0, 4.0]), "hub_dependence": np.array([0.8, 0.94])}
    assert constraint.of(sample) == 0.75
    assert constraint.level(sample) == 3.0
    assert constraint.shortfall(3.0) == 0.0
    assert constraint.shortfall(1.5) == 0.5
    assert bound.bound == 0.9
    assert bound.of(sample) == pytest.approx(0.87)


def test_a_lever_may_be_an_objective_by_its_short_name() -> None:
    (objective,) = objectives_of("negotiators", "", KNOWN)
    assert objective.quantity.name == "policy.negotiators"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lnks>=3", "unknown metric 'lnks', did you mean 'links'?"),
        ("links>3", "cannot be read; write such as links>=400"),
        ("links:p10>=3 in 90%", "'p10' has no meaning"),
        ("links:mid>=3", "unknown statistic 'mid'"),
        ("links>=3 in 190%", "allowed above 0 to 100 %"),
        ("links>=1e400", "1e400 is more than any number can be"),
        ("negotiators<=500 in 90%", "a lever is the same in every future; leave out 'in 90%'"),
    ],
)
def test_constraints_that_cannot_be_used_say_why(text: str, said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        constraints_of(text, KNOWN)


def test_every_problem_is_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["minimise=cots,a b", "levers=negotiatrs,openness:0.5:3", "futures=x", "bogus=1"]
    wanted = ["maximise=lnks", "constraints=lnks>=1"]
    assert main(["search", *words, *wanted]) == 2
    told = capsys.readouterr().err
    for part in (
        *("minimise: cots: unknown metric 'cots', did you mean 'cost'?", "minimise: 'a b' cannot"),
        *("maximise: lnks: unknown metric 'lnks', did you mean 'links'?", "constraints: lnks>=1"),
        *("policy.negotiators", "LOW below HIGH", "futures=x", "bogus=1"),
    ):
        assert part in told
    assert main(["search", "constraints=lnks>=1"]) == 2
    told = capsys.readouterr().err
    assert "did you mean 'links'?" in told
    assert "name what is sought" in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cost<=12000.5", "on average at most 12 000 million EUR public cost"),
        ("cost<=12000 in 90%", "at most 12 000 million EUR public cost in 90 % of futures"),
        ("negotiators<=500", "at most 500 negotiators"),
        ("links>=400 in 99.9%", "at least 400 links between partners in 99.9 % of futures"),
        ("hub_dependence<=38.25%", "on average at most 38.25 % dependence on the EU as hub"),
        ("partner_value>=119.125", "on average at least 119.125 value to partners"),
    ],
)
def test_what_is_required_is_told_with_its_unit_and_digits(text: str, said: str) -> None:
    known = (*KNOWN, "partner_value")
    (constraint,) = constraints_of(text, known)
    assert goal_text(constraint).replace("\u2009", " ").replace("\u00a0", " ") == said


def test_a_percentile_is_told_from_its_side() -> None:
    assert title(Quantity("links", "p10")).endswith("reached in 90\u00a0% of futures")
    assert title(Quantity("cost", "p90")) == "public cost, not exceeded in 90\u00a0% of futures"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "name what is sought"),
        (("minimise=cost", "runs=10"), "one generation needs 800 runs"),
        (("minimise=cost", "population=5"), "must be an even number"),
        (("minimise=cost", "maximise=cost,links"), "cost is named twice"),
        (("minimise=cost", "experiment=main"), "needs one with a design"),
        (
            (
                "minimise=cost",
                "design.factors.policy.openness.low=0.1",
                "design.factors.policy.openness.high=0.2",
            ),
            "a lever is chosen, not uncertain",
        ),
    ],
)
def test_a_search_that_makes_no_sense_is_refused(
    words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["search", *words, f"output={tmp_path}"]) == 2
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_levers_have_the_ranges_that_were_asked_for() -> None:
    problem, _ = problem_from(
        ["minimise=cost", "levers=negotiators:200:900,priorities,regions.lac"]
    )
    ranges = {lever.path: (lever.low, lever.high) for lever in problem.levers}
    assert ranges["policy.negotiators"] == (200, 900)
    assert ranges["policy.regions.lac"] == (0, 3)
    assert len(ranges) == 6
    lever = next(lever for lever in problem.levers if lever.whole)
    assert lever.at(np.array([0.0, 0.50001, 1.0])).tolist() == [200, 550, 900]


def test_completion_offers_the_words_of_a_search() -> None:
    assert suggestions("mini", ["search"]) == ["minimise="]
    assert "geopolitics=fragmentation" in suggestions("geopolitics=f", ["search"])


def test_cost_is_money_spent_and_officials() -> None:
    assert cost_of(100.0, 10, 2, 0.5) == 110.0


# Corners


def test_no_corner_of_the_levers_is_best_at_everything() -> None:
    """A seeded search among corners: none beats all interior mixes on every metric, in no climate.

    From all levers up, one lever at a time goes to its other end and stays there if the corner then
    beats them on as many metrics and climates as before, or more.
    """
    less, more = (
        ",".join(name for name in MAIN_METRICS if metrics()[name].better == better)
        for better in ("less", "more")
    )
    words = [f"minimise=cost,{less}", f"maximise={more}", "futures=4", "horizon.end=2027Q4"]
    problem, _ = problem_from(words)
    assert problem.futures[CLIMATE].nunique() == 4
    evaluator = Evaluator(problem, fresh=False)
    count = len(problem.objectives)
    signs = np.array([objective.sign for objective in problem.objectives])

    def goals(shares: NDArray[np.float64]) -> NDArray[np.float64]:
        levers = zip(problem.levers, shares[:, None], strict=True)
        mix = tuple(float(lever.at(share)[0]) for lever, share in levers)
        outcomes = evaluator.outcomes(mix)
        each = [problem.worth_of(mix, outcomes[[future]])[:count] for future in range(4)]
        return np.array(each) * signs

    generator = np.random.default_rng(14)
    levers = [(lever, value_of(problem.base, lever.keys)) for lever in problem.levers]
    reference = np.array([lever.share(value) for lever, value in levers])
    interior = [reference, *generator.uniform(0.25, 0.75, (4, len(levers)))]
    best = np.min([goals(mix) for mix in interior], axis=0)
    corner, most = np.ones(len(levers)), 0
    for place in (None, *generator.integers(0, len(levers), 14)):
        tried = corner.copy()
        if place is not None:
            tried[place] = 1.0 - tried[place]
        beaten = goals(tried) < best
        assert not beaten.all(axis=1).any(), dict(zip(problem.levers, tried, strict=True))
        if beaten.sum() >= most:
            corner, most = tried, int(beaten.sum())
    # The search is no idle one: a good corner beats all interior mixes on most of the metrics.
    assert most > best.size / 2


# Results


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def run(output: Path, *words: str) -> Path:
    assert main(["search", *SMALL, *FEW, f"output={output}", *words]) == 0
    (folder,) = (output / "search").iterdir()
    return folder


WORDS = ("minimise=cost", "maximise=partner_value", "constraints=links>=1 in 60%")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(tmp_path_factory.mktemp("whole"), *WORDS)


def test_the_table_holds_mixes_and_policies(whole: Path) -> None:
    table = pd.read_csv(whole / "pareto.csv")
    assert {"mix", "policy"} == set(table["kind"])
    assert "no_offer" in set(table["name"])
    assert table.loc[table["pareto"], "holds"].all()
    assert table["knee"].sum() == 1
    found = Found(whole)
    assert found.knee is not None
    assert found.sentence in (whole / "report.html").read_text("utf-8").replace("&#39;", "'")
    assert (whole / "figures" / "trade_offs.svg").exists()


def test_interrupted_or_with_other_workers_the_bytes_are_the_same(
    whole: Path, tmp_path: Path
) -> None:
    words = [*SMALL, *FEW, *WORDS, f"output={tmp_path}"]
    problem, budget = problem_from(words)

    def stop(done: int, planned: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search(problem, problem.folder(), problem.experiment.settings.engine, budget, progress=stop)
    parts = {path.name for path in (problem.folder() / "parts").iterdir()}
    assert parts == {"generation-00000.parquet"}
    assert main(["resume", str(problem.folder()), "threads=2"]) == 0
    assert files_of(problem.folder()) == files_of(whole)
    assert (budget.runs, budget.minutes) == (16, 0)


def test_what_is_damaged_is_run_again(whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / whole.name
    shutil.copytree(whole, folder)
    parts = folder / "parts"
    for harm in (
        lambda: (parts / "generation-00001.parquet").write_bytes(b"PAR1"),
        lambda: shutil.copy(parts / "fresh.parquet", parts / "generation-00000.parquet"),
        lambda: shutil.copy(parts / "generation-00000.parquet", parts / "fresh.parquet"),
        # What a killed program was writing.
        lambda: (folder / ".futures.parquet.f6b73a2d").write_bytes(b"PAR1"),
    ):
        harm()
        assert main(["resume", str(folder), "threads=1"]) == 0
        assert files_of(folder) == files_of(whole)


def test_more_runs_go_on_from_there(tmp_path: Path) -> None:
    folder = run(tmp_path, "minimise=cost", "runs=8")
    first = (folder / "parts" / "generation-00000.parquet").read_bytes()
    assert run(tmp_path, "minimise=cost", "runs=24") == folder
    assert len(list((folder / "parts").glob("generation-*"))) == 3
    assert (folder / "parts" / "generation-00000.parquet").read_bytes() == first


def test_minutes_end_it_after_a_generation(tmp_path: Path) -> None:
    problem, _ = problem_from([*SMALL, *FEW, "minimise=cost", f"output={tmp_path}"])
    ticks = iter(range(0, 10_000, 100))
    engine = problem.experiment.settings.engine
    budget = Budget(80, 2, ("minimise=cost", "runs=80", "minutes=2"))
    search(problem, problem.folder(), engine, budget, threads=1, clock=lambda: next(ticks))
    assert len(list((problem.folder() / "parts").glob("generation-*"))) == 2
    found = Found(problem.folder())
    assert any(line.startswith("2 minutes ended it after 8 of 40 mixes") for line in found.details)
    # Minutes are those of one machine: what is to be done again is told in runs.
    assert found.words == ["minimise=cost", "runs=16"]


def test_fewer_runs_than_before_count_only_their_own(tmp_path: Path) -> None:
    folder = run(tmp_path, "minimise=cost", "runs=24")
    assert Found(folder).mixes_tried == 12
    assert run(tmp_path, "minimise=cost", "runs=8") == folder
    assert Found(folder).mixes_tried == 4


def test_minutes_and_what_is_there_decide_how_large_a_search_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(size, "_LONGEST", 60.0)
    endless = ("minimise=cost", "runs=1000000000", f"output={tmp_path}")
    words = [*SMALL, *FEW, *endless]

    def checked(*more: str) -> None:
        size.check_size([work_of(*problem_from([*words, *more]))], Screen(), yes=False)

    checked("minutes=1")
    assert "1,000,000,000 runs" not in capsys.readouterr().err
    # A generation is finished, however long it takes.
    with pytest.raises(InputError, match="make it smaller"):
        checked("minutes=1", "population=10000", "futures=10000")
    # What has begun is no leave to go on for ever.
    run(tmp_path, "minimise=cost", "runs=8")
    with pytest.raises(InputError, match="make it smaller"):
        checked()


def test_what_cannot_be_had_is_told_plainly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, "minimise=cost", "constraints=links>=9000 in 90%")
    told = capsys.readouterr().out
    assert "No mix of these levers was found that gives at least 9" in told
    assert "closest" in told
    assert "None of 9 shipped policies" in told


def test_a_policy_that_holds_is_not_told_as_one_more_if_no_mix_does(whole: Path) -> None:
    found = Found(whole)
    found.__dict__["rows"] = [replace(row, holds=not row.is_mix) for row in found.rows]
    assert found.sentence.startswith("No mix of these levers was found")
    (line,) = [text for text in found.details if text.startswith("Of the shipped policies")]
    assert "too" not in line
    assert line.endswith("and no mix that was found: give the search more runs")


def test_a_policy_that_beats_the_mixes_on_every_goal_is_named(whole: Path) -> None:
    found = Found(whole)
    assert found.knee is not None
    signs = [goal.sign for goal in found.problem.objectives]
    better = found.knee.goals.copy()
    better[: len(signs)] -= np.array(signs) * 1e-3
    one, *others = (row for row in found.rows if not row.is_mix)
    mixes = [row for row in found.rows if row.is_mix]
    for goals, told in ((better, True), (found.knee.goals, False)):
        again = Found(whole)
        rows = [*mixes, replace(one, goals=goals, holds=True)]
        again.__dict__["rows"] = [*rows, *(replace(row, holds=False) for row in others)]
        assert any("does better" in line for line in again.details) == told


def test_what_comes_free_is_told_plainly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    free = ("minimise=cost", "constraints=links>=0 in 100%")
    run(tmp_path, *free)
    assert "at its lowest: what is required needs none of them" in capsys.readouterr().out
    # Where the user drew the line, the line is told.
    assert main(["search", *SMALL, "levers=negotiators:200:900", *free, f"output={tmp_path}"]) == 0
    told = capsys.readouterr().out
    assert "At an end of its range: negotiators 200" in told
    assert "needs none" not in told


def test_a_dry_run_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", *SMALL, "minimise=cost", f"output={tmp_path}", "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert "Sought    lowest public cost\n" in told
    assert "Runs      16 = 8 mixes x 2 futures" in told
    assert "Nothing was written." in told
    assert not list(tmp_path.iterdir())


def test_a_search_in_place_of_runs_is_told_as_such(
    whole: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (["report"], ["verify"], ["signposts"], ["compare", str(whole)]):
        assert main([*words, str(whole)]) == 2
        assert f"{whole}: holds a search, not runs" in capsys.readouterr().err


def test_the_page_names_the_command_that_plays_the_mix(tmp_path: Path) -> None:
    folder = run(tmp_path, "minimise=cost", "policy=deepen_first", "policy.negotiators=700")
    page = (folder / "report.html").read_text("utf-8")
    (command,) = re.findall(r"^partnersim (?!search)(.*)$", page, re.MULTILINE)
    words = shlex.split(unescape(command))
    found = Found(folder)
    assert found.knee is not None
    played = load_scenario(*words)
    assert played.policy.name == "deepen_first_changed"
    assert played.geopolitics.name == "fragmentation"
    assert played.horizon.end == "2026Q1"
    mix = [value_of(played.policy, lever.keys) for lever in found.problem.levers]
    assert mix == pytest.approx(found.knee.levers)
