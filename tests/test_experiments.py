"""Shipped experiments: every folder is whole and true, and reproducing tells what does not hold."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from experiment_pages import readme, reason_in_words
from pages import drawings_only, holds_ink, keeps_texts_apart, kept_pages
from partnersim.cli import reproduce
from partnersim.cli.program import main
from partnersim.compare.resilience import half_back, resilience, standing
from partnersim.configuration import load_experiment
from partnersim.errors import InputError
from partnersim.reproduction import experiments
from partnersim.reproduction.experiments import ExperimentFolder, experiment_folders, read_expected
from partnersim.reproduction.findings import verdicts
from partnersim.reproduction.numbers import KINDS, Number, Results, naming_problems, number_of
from partnersim.runs.manifest import configuration_hash
from partnersim.runs.plan import plan_of
from partnersim.runs.running import begin
from partnersim.show import figures
from partnersim.show.crossed import USUAL, offer_grid
from write_experiments import updated, write_expected

SHIPPED = experiment_folders()
TEN = {
    *("baseline", "four_directions", "offer_design", "open_or_like_minded", "connecting"),
    *("shock_resilience", "adaptive_policy", "robustness", "sensitivity", "backtest"),
}


# The shipped experiments


def test_there_are_ten() -> None:
    assert set(SHIPPED) == TEN


@pytest.mark.parametrize("folder", SHIPPED.values(), ids=SHIPPED)
def test_every_folder_is_whole(folder: ExperimentFolder) -> None:
    files = {path.name for path in folder.path.iterdir()}
    assert files == {f"{folder.name}.yaml", "expected.yaml", "figure.png", "README.md"}
    assert folder.figure.read_bytes().startswith(b"\x89PNG")
    text = folder.readme.read_text("utf-8")
    assert text == readme(folder), "run python tools/write_docs.py"


@pytest.mark.parametrize("folder", SHIPPED.values(), ids=SHIPPED)
def test_every_finding_is_true_of_what_was_found(folder: ExperimentFolder) -> None:
    expected = read_expected(folder.expected)
    assert expected.figure in figures.NAMES
    assert len(expected.digest) == 64
    assert len(expected.findings) >= 4
    for finding in expected.findings:
        assert not naming_problems(finding.number, finding.of, finding.than), finding.says
        assert finding.value is not None, finding.says
        assert finding.tolerance is not None, finding.says
        assert reason_in_words(finding), finding.says
        ends = (finding.low, finding.high)
        low, high = (finding.value if end is None else end for end in ends)
        assert finding.claim.holds(low, high), finding.says
        assert not any(digit in finding.says for digit in "0123456789"), finding.says


@pytest.mark.parametrize("folder", SHIPPED.values(), ids=SHIPPED)
def test_commands_of_every_readme_can_be_run(
    folder: ExperimentFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).parent.parent)
    blocks = folder.readme.read_text("utf-8").split("```sh\n")[1:]
    commands = [shlex.split(block.partition("\n```")[0]) for block in blocks]
    assert commands[0] == ["partnersim", "reproduce", folder.name]
    (own,) = reproduce.planned(commands[0][2:])
    assert own.name == folder.name
    program, *words = commands[1]
    assert program == "partnersim"
    larger = load_experiment(words)
    assert own.experiment.settings.experiment == folder.name
    assert (own.experiment.policies, own.experiment.climates) == (larger.policies, larger.climates)


def test_shocks_of_the_experiment_are_all_that_there_are() -> None:
    (plan,) = reproduce.planned(["shock_resilience"])
    settings = plan.experiment.settings
    assert list(settings.shock_tests) == list(plan.experiment.arms[0].scenario.shocks)


# The verb, on a small experiment

SMALL = """\
policies: [balanced, no_offer]
climates: [calm]
shock_tests: [cable_cut, regional_conflict, constitutional_rupture]
horizon: {end: 2028Q4}
replicates: 4
"""
SWEPT = """\
# Without what blocs stand for the network stands without the EU at once.
world: {bloc_expansions: false}
policies: [balanced]
climates: [calm]
horizon: {end: 2026Q4}
replicates: 2
variants:
  - usual_attention: {}
    most_attention: {priorities: {connect: 9}}
  - usual_offer: {}
    by_need: {offer: {targeting: {need: 1, strategic: 0, even: 0, depth: 0, connection: 0}}}
    without_offer: {offer: {envelope: 0}}
design:
  kind: grid
  factors:
    behaviour.coefficients.link_rate.value: {values: [1, 4]}
"""
FINDING = {
    "says": "Without money nothing is mobilised",
    "number": "difference",
    "of": {"policy": "no_offer", "against": "balanced", "measure": "offer_mobilised"},
    "claim": {"below": 0.0},
}


def laid_out(folder: Path, name: str, settings: str, figure: str, *findings: object) -> None:
    """Write the folder of an experiment as an author does."""
    place = folder / name
    place.mkdir(parents=True)
    (place / f"{name}.yaml").write_text(settings, "utf-8")
    words = dict.fromkeys(("question", "answer", "about"), "Does it?")
    content = {**words, "figure": figure, "larger": "x", "findings": list(findings)}
    (place / "expected.yaml").write_text(yaml.safe_dump(content), "utf-8")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two small experiments, and their results in `out`."""
    folder = tmp_path_factory.mktemp("experiments")
    laid_out(folder, "small", SMALL, "shock_resilience", FINDING)
    level = {**FINDING, "number": "level", "of": {"policy": "balanced", "measure": "links"}}
    laid_out(folder, "swept", SWEPT, "standing", {**level, "claim": {"above": 0.0}})
    with pytest.MonkeyPatch.context() as patch, drawings_only():
        patch.setattr(experiments, "experiments_folder", lambda: folder)
        assert main(["reproduce", "--all", f"output={folder / 'out'}", "threads=1"]) == 1
        for name in ("small", "swept"):
            own = ExperimentFolder(folder / name)
            results = Results(folder / "out" / name)
            write_expected(own.expected, updated(results, read_expected(own.expected)))
    return folder


@pytest.fixture
def here(small: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the small experiments be the shipped ones."""
    monkeypatch.setattr(experiments, "experiments_folder", lambda: small)
    return small


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Run the verb; return status and what it said."""
    with drawings_only():
        status = main(["reproduce", *words, "threads=1"])
    shown = capsys.readouterr()
    return status, shown.out + shown.err


def test_the_same_results_are_identical_to_the_bit(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, text = told(capsys, "small", f"output={tmp_path}")
    assert status == 0
    assert "small: identical to the bit" in text
    assert "1 finding holds" in text
    assert len(list(tmp_path.glob("small/*/figures/shock_resilience.png"))) == 1


def test_findings_decide_where_the_digest_differs(small: Path) -> None:
    results = Results(small / "out" / "small")
    expected = read_expected(small / "small" / "expected.yaml")
    (finding,) = expected.findings
    assert finding.low < finding.value < finding.high < 0
    widest = max(finding.high - finding.value, finding.value - finding.low)
    assert finding.tolerance == pytest.approx(np.sqrt(2) * widest, rel=1e-3)
    (held,) = verdicts(results, expected)
    assert held.line.startswith("holds")
    assert held.got is not None
    assert held.got.value != finding.value, "what is written is rounded"
    exact = finding.model_copy(update={"tolerance": 0.0})
    other = expected.model_copy(update={"digest": "0" * 64, "findings": (exact,)})
    assert [verdict.problem for verdict in verdicts(results, other)] == [""]

    def line(**changes: object) -> str:
        other = finding.model_copy(update=changes)
        (one,) = verdicts(results, expected.model_copy(update={"findings": (other,)}))
        assert one.problem
        return one.line

    assert "too far off" in line(value=finding.value + 2 * finding.tolerance)
    opposite = finding.claim.model_copy(update={"below": None, "above": 0.0})
    assert "the sentence is no longer true" in line(claim=opposite)
    assert "did you mean 'no_offer'?" in line(of={**finding.of, "policy": "no_ofer"})
    assert "no value is expected yet" in line(value=None)


def test_a_finding_that_fails_is_named(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = ExperimentFolder(here / "small")
    kept = own.expected.read_bytes()
    expected = read_expected(own.expected)
    (finding,) = expected.findings
    wrong = finding.model_copy(update={"value": 0.0, "says": "Money mobilises nothing"})
    changed = {"digest": "0" * 64, "findings": (finding, wrong)}
    try:
        write_expected(own.expected, expected.model_copy(update=changed))
        status, text = told(capsys, "small", f"output={tmp_path}")
    finally:
        own.expected.write_bytes(kept)
    assert status == 1
    assert "not identical to the bit" in text
    assert "holds          Without money nothing is mobilised" in text
    assert "DOES NOT HOLD  Money mobilises nothing" in text
    assert "1 of 2 findings DOES NOT HOLD" in text


def test_findings_are_checked_even_if_the_digest_is_equal(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = ExperimentFolder(here / "small")
    kept = own.expected.read_bytes()
    expected = read_expected(own.expected)
    (finding,) = expected.findings
    edited = tuple(
        finding.model_copy(update={key: getattr(finding, key) * factor, "says": f"{key} {factor}"})
        for key, factor in (("value", 0.5), ("value", 1.001), ("low", 1.1), ("tolerance", 2.0))
    )
    try:
        write_expected(own.expected, expected.model_copy(update={"findings": edited}))
        status, text = told(capsys, "small", f"output={tmp_path}")
    finally:
        own.expected.write_bytes(kept)
    assert status == 1
    for changed in edited:
        assert f"DOES NOT HOLD  {changed.says}" in text
    assert "identical to the bit" in text
    assert "4 of 4 findings DO NOT HOLD" in text


def test_a_comparing_sentence_is_tested_by_the_difference_that_it_states(small: Path) -> None:
    results = Results(small / "out" / "small")
    of = {"policy": "balanced", "measure": "offer_mobilised"}
    than = {"policy": "no_offer"}
    paired = number_of(results, "level", of, than)
    (finding,) = read_expected(small / "small" / "expected.yaml").findings
    # With two policies the paired difference is the same number, and so is its interval.
    assert paired.value == pytest.approx(-finding.value, rel=1e-5)
    assert paired.interval == pytest.approx((-finding.high, -finding.low), rel=1e-5)
    apart = Number(5.0, 4.0, 6.0) - Number(3.0, 2.5, 3.5)
    assert (apart.value, *apart.interval) == (2.0, 0.5, 3.5)
    of = {"shock": "cable_cut", "measure": "links"}
    lost, loss = (number_of(results, kind, of) for kind in ("lost_at_end", "loss"))
    both = number_of(results, "lost_at_end", of, {"number": "loss"})
    assert both.value == pytest.approx(lost.value - loss.value)
    assert naming_problems("level", {"policy": "a", "measure": "b"}, {"climat": "c"})


def test_a_superlative_is_tested_against_all_others(small: Path) -> None:
    results = Results(small / "out" / "small")
    losses = results.losses
    losses = losses[losses["measure"] == "instruments"].set_index("shock")["loss"].sort_values()
    for shock in (losses.index[0], losses.index[-1]):
        of = {"shock": shock, "measure": "instruments"}
        others = losses.drop(shock)
        for than, other in (("largest other", others.max()), ("smallest other", others.min())):
            found = number_of(results, "loss", of, {"shock": than})
            assert found.value == pytest.approx(losses[shock] - other, abs=1e-12)
    of = {"policy": "balanced", "measure": "instruments"}
    assert number_of(results, "level", of, {"policy": "largest other"}) == number_of(
        results, "level", of, {"policy": "no_offer"}
    )


def test_a_sentence_that_is_not_true_is_not_written(small: Path) -> None:
    results = Results(small / "out" / "small")
    expected = read_expected(small / "small" / "expected.yaml")
    (finding,) = expected.findings
    false = finding.model_copy(update={"claim": finding.claim.model_copy(update={"below": -1e9})})
    bare = finding.model_copy(update={"number": "half_back", "tolerance": None, "of": {
        "shock": "regional_conflict", "measure": "instruments"}})  # fmt: skip
    with pytest.raises(InputError) as refused:
        updated(results, expected.model_copy(update={"findings": (false, bare)}))
    assert "not true of" in refused.value.problems[0]
    assert len(refused.value.problems) == 2


def test_a_finished_sweep_is_run_anew_and_an_unfinished_one_goes_on(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (plan,) = reproduce.planned(["swept", f"output={tmp_path}", "threads=1"])
    begun = plan_of(plan.experiment)
    place = begun.folder()
    begin(place, begun)
    note = place / "begun.txt"
    note.write_text("here before", "utf-8")
    for finished in (False, True):
        status, text = told(capsys, "swept", f"output={tmp_path}")
        assert status == 0, text
        assert "identical to the bit" in text
        assert note.exists() is not finished
    assert [path.name for path in (tmp_path / "swept").iterdir()] == [place.name]


@pytest.mark.parametrize(
    "words",
    [
        ["policy.negotiators=800"],
        ["behaviour.coefficients.need.value=0.123", "seed=5"],
        ["policies=[balanced,no_offer]", "climates=[calm,coercion]", "horizon.end=2027Q4"],
        ["geopolitics=coercion", "geopolitics.intensity=0.4"],
        ["scenario=experiments/adaptive_policy/adaptive_policy.yaml", "design.points=8"],
        ["scenario=experiments/offer_design/offer_design.yaml"],
    ],
)
def test_the_manifest_reproduces_whatever_was_changed(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).parent.parent)
    experiment = load_experiment(words)
    manifest = tmp_path / "manifest.json"
    facts = {"configuration": experiment.configuration(), "digest": "d"}
    manifest.write_text(json.dumps({**facts, "versions": {}}), encoding="utf-8")
    (plan,) = reproduce.planned([str(manifest), f"output={tmp_path}", "threads=1"])
    again = plan.experiment.configuration()
    assert configuration_hash(again) == configuration_hash(experiment.configuration())
    arms = [(arm.policy, arm.climate) for arm in experiment.arms]
    assert [(arm.policy, arm.climate) for arm in plan.experiment.arms] == arms


def test_a_manifest_is_run_again_and_compared(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (manifest,) = (here / "out" / "small").glob("*/manifest.json")
    status, text = told(capsys, str(manifest), f"output={tmp_path}")
    assert (status, "identical to the bit" in text) == (0, True)
    facts = json.loads(manifest.read_text("utf-8"))
    other = tmp_path / "manifest.json"
    other.write_text(json.dumps({**facts, "digest": "0" * 64}), encoding="utf-8")
    status, text = told(capsys, str(other), f"output={tmp_path}")
    assert (status, "not identical to the bit" in text) == (1, True)
    assert main(["reproduce", str(tmp_path / "x" / "manifest.json")]) == 2
    other.write_text(json.dumps({**facts, "digest": None}), encoding="utf-8")
    assert main(["reproduce", str(other)]) == 2
    assert "not finished" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ([], "name an experiment, or --all (there are: small, swept"),
        (["smal"], "smal: no such experiment, did you mean 'small'?"),
        (["small", "--al"], "--al: reproduce knows no such option, did you mean '--all'?"),
        (["small", "--all"], "do not go together"),
        (["small", "seed=3"], "seed=3: reproduce takes no such setting"),
        (["small", "threads=0"], "threads"),
    ],
)
def test_wrong_words_are_told(
    here: Path, capsys: pytest.CaptureFixture[str], words: list[str], line: str
) -> None:
    assert main(["reproduce", *words]) == 2
    shown = capsys.readouterr()
    assert line in shown.err
    assert "Traceback" not in shown.err
    assert not shown.out


def test_all_wrong_names_are_told_at_once(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reproduce", "a", "b", "colour=red"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 3


def test_the_list_tells_questions(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reproduce", "--list"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{name:20s} Does it?" for name in ("small", "swept")
    ]


def test_a_broken_expectation_is_refused_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    laid_out(tmp_path, "broken", SMALL, "growth", {**FINDING, "claim": {}})
    monkeypatch.setattr(experiments, "experiments_folder", lambda: tmp_path)
    assert main(["reproduce", "broken", f"output={tmp_path / 'out'}"]) == 2
    assert "one of above, below, around is needed" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


# Kinds of numbers


@pytest.mark.parametrize(
    ("number", "of", "problem"),
    [
        ("diference", {}, "did you mean 'difference'?"),
        ("level", {"policy": "balanced"}, "level: needs measure"),
        ("level", {"policy": "a", "measure": "b", "climat": "c"}, "did you mean 'climate'?"),
    ],
)
def test_a_number_must_be_named_in_full(number: str, of: dict[str, str], problem: str) -> None:
    assert any(problem in line for line in naming_problems(number, of))


def test_every_kind_is_used_by_an_experiment() -> None:
    used = {
        finding.number
        for folder in SHIPPED.values()
        for finding in read_expected(folder.expected).findings
    }
    assert used == set(KINDS)


# What the findings behind them compute


def curve(*differences: float) -> pd.DataFrame:
    """Return a response whose interval is one wide on either side of the differences."""
    change = np.array(differences)
    return pd.DataFrame(
        {
            "shock": "war",
            "metric": "links",
            "quarters_since": range(-1, len(change) - 1),
            "difference": change,
            "low": change - 1,
            "high": change + 1,
            "unstruck": 50.0,
        }
    )


def test_losses_are_percent_of_what_there_would_be() -> None:
    (row,) = resilience(curve(0, -5, -10, -6, -4, -2), ["links"]).itertuples()
    assert (row.loss, row.loss_low, row.loss_high, row.worst_after) == (20.0, 18.0, 22.0, 1)
    assert (row.lost_at_end, row.end_low, row.end_high, row.followed) == (4.0, 2.0, 6.0, 4)
    assert row.half_back == 3.0


@pytest.mark.parametrize(
    ("loss", "quarters"),
    [([4, 2, 1], 1), ([4, 1, 3, 1], 3), ([4, 3, 3], np.nan), ([-1, -2], np.nan), ([0, 2], np.nan)],
)
def test_half_is_back_when_it_stays_back(loss: list[float], quarters: float) -> None:
    found = half_back(np.array(loss, dtype=float), np.arange(len(loss)))
    assert found == quarters or (np.isnan(found) and np.isnan(quarters))


def test_a_network_stands_when_most_runs_do_ever_after() -> None:
    dependence = {  # by future, year and run
        0: [[0.4, 0.4, 0.6], [0.9, 0.9, 0.9], [0.5, 0.2, 0.9]],
        1: [[0.9, 0.9, 0.9], [0.1, 0.1, 0.9], [0.1, 0.1, 0.1]],
        2: [[0.1, 0.1, 0.1], [0.1, 0.1, 0.1], [0.1, 0.9, 0.9]],
    }
    rows = [
        ("balanced", future, run, f"{2026 + place}Q4", value)
        for future, years in dependence.items()
        for place, runs in enumerate(years)
        for run, value in enumerate(runs)
    ]
    columns = ["policy", "future", "replicate", "quarter", "hub_dependence"]
    futures = pd.DataFrame({"future": [0, 1, 2], "link": [-9.0, -8.0, -7.0]})
    table = standing(pd.DataFrame(rows, columns=columns), futures, 3)
    assert table["share"].tolist() == pytest.approx([2 / 3, 1.0, 1 / 3])
    assert table["year"].tolist()[:2] == [2028.0, 2027.0]
    assert np.isnan(table["year"].iloc[2])
    assert table["link"].tolist() == [-9.0, -8.0, -7.0]


def test_offers_are_arranged_by_what_they_buy_and_for_whom() -> None:
    (plan,) = reproduce.planned(["offer_design"])
    policies = plan.experiment.configuration()["policy"]
    grid = offer_grid(policies, "balanced")
    assert grid.size == grid.count().sum() == len(policies)
    assert grid.iloc[0, 0] == grid.loc[USUAL, USUAL] == "balanced"
    assert grid.loc["skills 50\u00a0%", "need 100\u00a0%"] == "skills_by_need"
    other = {**policies, "open": {**policies["balanced"], "openness": 0.9}}
    assert "open" not in offer_grid(other, "balanced").to_numpy()


# Figures


@pytest.mark.parametrize(
    ("experiment", "name", "colours"),
    [
        ("small", "shock_resilience", 20),
        ("swept", "standing", 20),
        # Where nothing is clear there are shades of grey only.
        ("swept", "offer_design", 10),
    ],
)
def test_figures_are_drawn(small: Path, experiment: str, name: str, colours: int) -> None:
    with kept_pages() as pages:
        path = figures.draw_figures(small / "out" / experiment, [name])[0]
    assert path.name == f"{name}.png"
    (page,) = pages.values()
    holds_ink(page, path, colours)
    keeps_texts_apart(page)


def test_an_unknown_figure_is_refused(small: Path) -> None:
    with pytest.raises(InputError, match="did you mean 'standing'"):
        figures.draw_figures(small / "out" / "swept", ["standin"])
