"""Forecasts, their scores, the backtest, and the shipped estimate."""

import re
import shutil
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from partnersim.cli.program import main
from partnersim.errors import InputError
from partnersim.history.backtest import backtest
from partnersim.history.cases import pool_forecast
from partnersim.history.estimate import (
    HistoryEvidence,
    estimate,
    past_scenario,
    read_evidence,
)
from partnersim.history.forecast import COLUMNS, forecast_plan, probabilities
from partnersim.history.links import estimate_links
from partnersim.history.scores import brier, log_score, recall, score_table
from partnersim.model.coefficients import LINK
from partnersim.model.constants import STAGES
from partnersim.runs.export import write_tables
from partnersim.runs.reader import read_runs
from partnersim.runs.running import start
from partnersim.scenario.coefficient_draws import COVARIANCE, draw_coefficients, read_covariance
from partnersim.scenario.config_files import configs_folder
from partnersim.scenario.run_settings import RunSettings
from partnersim.scenario.scenario import Scenario
from partnersim.show.figures import draw_figures
from partnersim.world.world import World
from scenarios import for_quarters


@pytest.fixture(scope="module")
def evidence() -> HistoryEvidence:
    return read_evidence()


# The shipped estimate


def test_the_default_behaviour_is_the_estimated_one(scenario: Scenario) -> None:
    assert scenario.behaviour.name == "estimated"
    estimated = scenario.behaviour.named_by_origin("estimated")
    assert set(read_covariance().names) == set(estimated)
    assumed = past_scenario().behaviour
    for name, item in scenario.behaviour.coefficients.items():
        assert item.plausible
        if item.origin != "estimated":
            # Assumed, or from the literature: as in the table that the estimate begins with.
            assert item.value == assumed.coefficients[name].value, name
            assert item.source
        elif name in LINK:
            # From dated agreements between partners, see `partnersim.history.links`.
            assert re.search("[0-9]+ (decisions|agreements)", item.source), name
        else:
            assert item.source.startswith("history")


def test_the_covariance_is_one() -> None:
    matrix = read_covariance().matrix
    assert np.allclose(matrix, matrix.T, rtol=1e-4, atol=1e-9)
    assert np.linalg.eigvalsh((matrix + matrix.T) / 2).min() > -1e-9


def test_draws_do_not_depend_on_their_number(scenario: Scenario) -> None:
    many = draw_coefficients(scenario.behaviour, seed=4, count=400)
    assert draw_coefficients(scenario.behaviour, seed=4, count=3).equals(many.head(3))
    known = read_covariance()
    inside = np.diag(known.matrix) > 0
    for name in np.array(known.names)[inside]:
        item = scenario.behaviour.coefficients[name]
        assert many[name].nunique() > 300
        assert item.low < many[name].median() < item.high
    assert (many["offer"] == scenario.behaviour.coefficients["offer"].value).all()
    assert (many[list(known.names)] >= known.low - 1e-12).all(axis=None)
    assert (many[list(known.names)] <= known.high + 1e-12).all(axis=None)


def test_assumed_coefficients_cannot_be_drawn() -> None:
    with pytest.raises(InputError, match="no estimated coefficient to draw; use behaviour=estim"):
        draw_coefficients(past_scenario().behaviour, seed=1, count=2)


@pytest.mark.slow
def test_the_tool_writes_the_shipped_files(
    tmp_path: Path, evidence: HistoryEvidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parent.parent / "tools")
    import_module("calibrate").write_estimated(
        *(estimate(evidence), estimate_links(evidence), past_scenario().behaviour),
        *(tmp_path, tmp_path / COVARIANCE.name),
    )
    shipped = configs_folder() / "behaviour" / "estimated.yaml"
    for made, there in (
        (tmp_path / shipped.name, shipped),
        (tmp_path / COVARIANCE.name, COVARIANCE),
    ):
        assert made.read_bytes() == there.read_bytes()


# Forecasts


def settings(output: Path, **changes: object) -> RunSettings:
    """Return settings of runs of a forecast, or of a backtest."""
    given = {"experiment": "backtest", "seed": 1, "replicates": 4, "reference": "-", "threads": 2}
    return RunSettings(**{**given, "output": str(output), **changes})


def forecast_of(scenario: Scenario, output: Path, threads: int) -> pd.DataFrame:
    """Run a small forecast to the middle of 2026."""
    own = settings(output, threads=threads)
    plan = forecast_plan(for_quarters(scenario, 4), own, draws=4, runs=5, popularity=0)
    return probabilities(start(plan, own.engine), plan)


@pytest.fixture(scope="module")
def table(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return forecast_of(scenario, tmp_path_factory.mktemp("forecast"), 2)


def test_a_forecast_has_one_row_per_open_stage_and_quarter(
    table: pd.DataFrame, world_all: World
) -> None:
    assert list(table.columns) == list(COLUMNS)
    assert not table.duplicated(["iso3", "instrument", "stage", "by"]).any()
    assert list(dict.fromkeys(table["by"])) == ["2025Q3", "2025Q4", "2026Q1", "2026Q2"]
    present = world_all.network.set_index(["iso3", "instrument"])["stage"]
    for row in table.drop_duplicates(["iso3", "instrument", "stage"]).itertuples():
        before = present.get((row.iso3, row.instrument), "none")
        assert STAGES.index(row.stage) > STAGES.index(before)


def test_probabilities_rise_with_time_and_fall_with_the_stage(table: pd.DataFrame) -> None:
    assert ((table["probability"] > 0) & (table["probability"] < 1)).all()
    assert (table["low"] <= table["probability"]).all()
    assert (table["probability"] <= table["high"]).all()
    wide = table.pivot(index=["iso3", "instrument", "stage"], columns="by", values="probability")
    assert (wide.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
    order = table.assign(place=table["stage"].map(STAGES.index)).sort_values("place")
    steps = order.groupby(["iso3", "instrument", "by"])["probability"].diff().dropna()
    assert (steps <= 0).all()


def test_popularity_may_be_mixed_in(
    table: pd.DataFrame, world_all: World, evidence: HistoryEvidence
) -> None:
    assert pool_forecast(table, world_all, evidence.history, 0.0).equals(table)
    mixed = pool_forecast(table, world_all, evidence.history, 0.2)
    wide = mixed.pivot(index=["iso3", "instrument", "stage"], columns="by", values="probability")
    assert (wide.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
    order = mixed.assign(place=mixed["stage"].map(STAGES.index)).sort_values("place")
    steps = order.groupby(["iso3", "instrument", "by"])["probability"].diff().dropna()
    assert (steps <= 1e-5).all()
    assert (mixed["low"] <= mixed["high"]).all()


def test_threads_do_not_matter(table: pd.DataFrame, scenario: Scenario, tmp_path: Path) -> None:
    pd.testing.assert_frame_equal(table, forecast_of(scenario, tmp_path, 1))


# Scores


def test_scores_of_known_cases() -> None:
    probability, happened = np.array([0.8, 0.4, 0.1, 0.1]), np.array([1.0, 0.0, 1.0, 0.0])
    assert log_score(probability, happened).tolist() == pytest.approx(
        [-np.log(0.8), -np.log(0.6), -np.log(0.1), -np.log(0.9)]
    )
    assert brier(probability, happened).sum() == pytest.approx(0.04 + 0.16 + 0.81 + 0.01)
    assert recall(probability, happened, 1) == 0.5
    assert recall(probability, happened, 3) == pytest.approx(0.75)  # a tie at the end is shared
    assert recall(probability, happened, 4) == 1.0


def test_the_truth_beats_noise_and_intervals_follow_clusters() -> None:
    generator = np.random.Generator(np.random.Philox(2))
    truth = generator.beta(0.5, 4.0, 3000)
    cases = pd.DataFrame(
        {
            "happened": (generator.random(3000) < truth).astype(int),
            "cluster": np.repeat([f"c{number}" for number in range(100)], 30),
            "truth": truth.clip(1e-4, 1 - 1e-4),
            "constant": truth.mean(),
        }
    )
    scored = score_table(cases, ("truth", "constant"), {"all": np.ones(3000, bool)})
    rows = scored.set_index(["score", "forecast"])
    for score in ("log score", "Brier score"):
        assert rows.loc[(score, "constant"), "difference_low"] > 0
        assert rows.loc[(score, "truth"), "difference"] == 0
    assert rows.loc[("recall at 100", "truth"), "value"] > 0.1
    lump = cases.assign(cluster=np.where(cases["happened"] == 1, "together", cases["cluster"]))
    wide = score_table(lump, ("truth",), {"all": np.ones(3000, bool)}).set_index("score")
    one = rows.loc[("log score", "truth")]
    other = wide.loc["log score"]
    assert other["high"] - other["low"] > one["high"] - one["low"]


# The backtest


Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def small_backtest(evidence: HistoryEvidence, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """Two years at an early cut, with few runs."""
    own = settings(tmp_path_factory.mktemp("backtest"))
    made = backtest(own, evidence, draws=2, cut="2013Q4", until="2015Q4")
    return made.tables(start(made.plan, own.engine))


def test_a_backtest_scores_the_model_beside_three_rules(small_backtest: Tables) -> None:
    scores = small_backtest["scores"]
    assert set(scores["forecast"]) == {
        *("model", "pooled", "base_rate", "pipeline_rate", "popularity"),
    }
    assert {"all", "new ties", "new ties, pipeline", "new ties, novel"} <= set(scores["group"])
    assert {"log score", "Brier score", "recall at 50"} <= set(scores["score"])
    offered = scores[scores["forecast"] == "pooled"]
    assert (offered["difference"].dropna() == 0).all()
    counted = scores.set_index(["group", "forecast", "score"])["happened"]
    parts = ("new ties, pipeline", "new ties, novel")
    whole = counted["new ties", "model", "log score"]
    assert whole == sum(counted[part, "model", "log score"] for part in parts)
    assert whole > 0
    for name in ("model", "base_rate", "pipeline_rate", "popularity"):
        assert ((small_backtest["cases"][name] > 0) & (small_backtest["cases"][name] < 1)).all()


def test_outcomes_are_those_of_the_record(small_backtest: Tables) -> None:
    cases = small_backtest["cases"].set_index(["iso3", "instrument", "stage", "by"])
    # Concluded in September 2014, so not under way to less by the end of that year.
    canada = cases.sort_index().loc[("CAN", "FTA", "concluded")]
    assert canada.loc["2014Q3", "happened"] == 1
    assert canada.loc["2014Q2", "happened"] == 0
    assert canada.loc["2014Q2", "pipeline"]
    assert cases.loc[("CAN", "FTA", "signed", "2015Q4"), "happened"] == 0


def test_instruments_nobody_knew_are_out_of_scope(small_backtest: Tables) -> None:
    assert not set(small_backtest["out_of_scope"]["instrument"]) & set(
        small_backtest["cases"]["instrument"]
    )


def test_a_backtest_is_drawn_from_its_tables(small_backtest: Tables, tmp_path: Path) -> None:
    facts = {"cut": "2013Q4", "until": "2015Q4", "futures": 2, "replicates": 4, "seed": 1}
    folder = write_tables(tmp_path / "backtest", small_backtest, facts)
    png, svg = draw_figures(folder, ["backtest"])
    assert png.read_bytes()[:4] == b"\x89PNG"
    assert "among its 100 most" in " ".join(svg.read_text("utf-8").split())


# Commands


def small(tmp_path: Path, *words: str) -> list[str]:
    return [
        "forecast",
        *("horizon.end=2026Q1", "draws=2", "runs=2", "threads=1"),
        f"output={tmp_path}",
        *words,
    ]


def test_a_forecast_is_scored_against_later_events(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The events are invented: the most and the least likely opening of the forecast itself."""
    assert main(small(tmp_path)) == 0
    folder = read_runs(tmp_path / "forecast").folder
    first = (folder / "forecast.csv").read_bytes()
    assert read_runs(folder).manifest["futures"] == 2
    capsys.readouterr()
    assert main(["verify", str(folder), "--all", "threads=1"]) == 0
    assert "as stored; 4 of 4 runs run again" in capsys.readouterr().out
    (folder / "forecast.csv").write_bytes(first.replace(b"0.", b"0.0", 1))
    assert main(["verify", str(folder), "--all", "threads=1"]) == 1
    assert "forecast.csv: differs from what its runs give" in capsys.readouterr().out
    # As a kill leaves it: some parts, and no table yet.
    shutil.rmtree(next(folder.glob("parts/part-*")))
    (folder / "forecast.csv").unlink()
    assert main(["resume", str(folder), "threads=1"]) == 0
    assert (folder / "forecast.csv").read_bytes() == first
    table = pd.read_csv(folder / "forecast.csv")
    pd.testing.assert_frame_equal(table, pd.read_parquet(folder / "forecast.parquet"))
    openings = table[(table["stage"] == "announced") & (table["by"] == "2026Q1")]
    likely = openings.sort_values("probability").iloc[[0, -1, -2, -3, -4, -5]]
    events = tmp_path / "events.csv"
    lines = [
        f"2025-11-{day},{row.iso3},{row.instrument},announced"
        for day, row in zip(range(20, 26), likely.itertuples(), strict=True)
    ]
    events.write_text("\n".join(["date,iso3,instrument,event", *lines[:2], ""]), "utf-8")
    capsys.readouterr()
    assert main(["score", str(folder.parent), str(events)]) == 0
    told = capsys.readouterr().out
    assert "Scored at 2025Q4" in told
    assert "all: 2 of" in told
    assert "too few to score a forecast by: it takes 5" in told
    assert "nan" not in told
    assert "base rate" not in told
    events.write_text("\n".join(["date,iso3,instrument,event", *lines, ""]), "utf-8")
    assert main(["score", str(folder / "forecast.parquet"), str(events), "until=2026Q1"]) == 0
    told = capsys.readouterr().out
    assert "Scored at 2026Q1" in told
    assert "all: 6 of" in told
    assert "base rate" in told
    assert "How often it happened" in told
    assert "nan" not in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["forecast", "draws=1"], ["draws=1: must be a whole number from 2 to 10000"]),
        (
            ["forecast", "replicates=9"],
            ["replicates=9: a forecast takes draws=... and runs=..."],
        ),
        (
            ["forecast", "rns=3"],
            ["rns=3: forecast takes no such setting, did you mean 'runs'? (settings: draws, runs,"],
        ),
        (["forecast", "--bogus"], ["--bogus: unknown option (forecast knows --help;"]),
        (
            ["forecast", "policies=[balanced]", "climates=[calm]"],
            ["a forecast takes one policy, policy=NAME", "one climate, geopolitics=NAME"],
        ),
        (["forecast", "output=/dev/null/x"], ["output=/dev/null/x: /dev/null is not a folder"]),
        (
            ["forecast", "behaviour=assumed"],
            ["behaviour 'assumed' has no estimated coefficient to draw; use behaviour=estimated"],
        ),
        (["forecast", "draws=x", "policy=openn"], ["draws=x: must be", "policy=openn: unknown"]),
        (["score", "a.csv"], ["score takes two files", "a.csv: no such file"]),
        (["score", "a.csv", "b.csv", "c=1"], ["c=1: unknown setting", "b.csv: no such file"]),
    ],
)
def test_words_that_cannot_be_used(
    words: list[str], told: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    errors = capsys.readouterr().err
    assert all(line.startswith("error: ") for line in errors.splitlines())
    assert all(part in errors for part in told)


def test_every_problem_of_forecast_and_events_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, events = tmp_path / "forecast.csv", tmp_path / "events.csv"
    table.write_text("iso3,instrument,stage,by,probability\nJPX,SDP,signing,2026Q9,1.5\n", "utf-8")
    events.write_text("date,iso3,instrument,event\n2026-13,JPX,SPD,sined\n", "utf-8")
    assert main(["score", str(table), str(events)]) == 2
    told = capsys.readouterr().err
    for part in (
        *("iso3 'JPX' is unknown, did you mean 'JPN'?", "stage 'signing' is unknown"),
        *("by '2026Q9' must be a quarter", "row 2: probability '1.5' must lie between 0 and 1"),
    ):
        assert part in told
    table.write_text("iso3,instrument,stage,by,probability\nJPN,DTA,signed,2026Q1,0.5\n", "utf-8")
    assert main(["score", str(table), str(events)]) == 2
    told = capsys.readouterr().err
    for part in (
        "events.csv, row 2: date '2026-13' must be YYYY, YYYY-MM or YYYY-MM-DD",
        "'JPX' is not a country of the forecast",
        "'SPD' is not an instrument of the catalogue, did you mean 'SDP'?",
        "event 'sined' must be one of",
    ):
        assert part in told
    days = "".join(f"2026/0{month}/01,JPN,DTA,signed\n" for month in range(1, 9))
    events.write_text(f"date,iso3,instrument,event\n{days}", "utf-8")
    assert main(["score", str(table), str(events)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == (
        "error: events.csv, row 2: date '2026/01/01' must be YYYY, YYYY-MM or YYYY-MM-DD; and so "
        "on, none of the 8 rows can be used"
    )
    events.write_text("date,iso3,instrument,event\n2027-03,JPN,DTA,signed\n", "utf-8")
    assert main(["score", str(table), str(events)]) == 2
    assert "until=2027Q1: the forecast holds 2026Q1 to 2026Q1" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["forecast", "score"])
def test_help_of_the_verbs(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([verb, "--help"]) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"partnersim {verb} ")
    assert max(map(len, told.splitlines())) <= 100
