"""Forecasts, their scores, the backtest, and the shipped estimate."""

import dataclasses
import re
import shutil
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from partnersim.cli.program import main
from partnersim.configuration import load_scenario
from partnersim.errors import InputError
from partnersim.history.backtest import backtest_tables, fold
from partnersim.history.cases import Cut, quiet_share
from partnersim.history.chances import watch_run
from partnersim.history.estimate import (
    estimate,
    past_scenario,
)
from partnersim.history.evaluation import read_later_events
from partnersim.history.evidence import HistoryEvidence
from partnersim.history.forecast import Simulated, Ways, cut_of, forecast, forecast_table, pairs_of
from partnersim.history.hazard import fit_hazard
from partnersim.history.history import quarter_number
from partnersim.history.links import estimate_links
from partnersim.history.scores import brier, coverage_table, listed, log_score, score_table
from partnersim.model.coefficients import GROUPS
from partnersim.model.constants import OPENINGS, PATH_STAGES, PATHS, PLANNED, STAGES
from partnersim.page import request, server
from partnersim.runs.export import read_tables, write_tables
from partnersim.runs.play import simulate_ensemble
from partnersim.runs.stored_forecast import StoredForecast
from partnersim.scenario.coefficient_draws import COVARIANCE, draw_coefficients, read_covariance
from partnersim.scenario.compile import prepare
from partnersim.scenario.config_files import configs_folder
from partnersim.scenario.run_settings import RunSettings
from partnersim.scenario.scenario import Scenario
from partnersim.show.figures import draw_figures
from partnersim.world.tables import PACKAGE_DATA
from partnersim.world.world import World, load_world
from scenarios import (
    for_quarters,
    instrument,
    with_arrays,
    with_coefficients,
    with_offer,
    without_effects,
    without_shocks,
    without_slow_change,
    without_ties,
    without_turns,
)

pytestmark = pytest.mark.usefixtures("one_record", "quick_figures")

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
        elif name in GROUPS["link"]:
            # From dated agreements between partners, see `partnersim.history.links`.
            assert re.search("[0-9]+ (decisions|(signed )?agreements)", item.source), name
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


# Chances computed along runs


def test_chances_are_what_runs_come_to_on_average(world_all: World, scenario: Scenario) -> None:
    """Openings of 60 runs of a year against the sum of the chances computed along them."""
    year, runs = for_quarters(scenario, 4), 60
    state = prepare(world_all, year, 0)
    reached = np.zeros((5, *world_all.arrays.stage.shape, len(STAGES)))
    for run in range(runs):
        watch_run(state, 3, run, 0.0, reached)
    novel = world_all.arrays.stage <= PLANNED
    computed = reached[4][novel].sum(axis=0) / runs
    events = simulate_ensemble(world_all, year, seed=3, replicates=runs, threads=1).events
    opened = events[events["event"].isin(OPENINGS)]
    opened = opened.drop_duplicates(["replicate", "iso3", "instrument"])
    stages = dict(zip(world_all.countries["iso3"], world_all.arrays.stage, strict=True))
    place = {name: k for k, name in enumerate(world_all.instruments["instrument"])}
    rows = zip(opened["iso3"], opened["instrument"], strict=True)
    count = sum(stages[code][place[name]] <= PLANNED for code, name in rows) / runs
    assert count == pytest.approx(computed[STAGES.index("announced")], rel=0.1)
    # Every run adds the chances of all pairs: none is left at zero by luck, but by what it needs.
    free = (world_all.arrays.prerequisite < 0).all(axis=(1, 2))
    fair = (world_all.arrays.eligible == 1) & novel & free
    assert (reached[4, :, :, STAGES.index("announced")][fair] > 0).mean() > 0.95


def test_chances_wait_for_service_and_money_as_the_rules_do(
    world_all: World, scenario: Scenario
) -> None:
    """Nothing serves before its time; without an Offer the rich alone get what it would pay."""
    unfunded = with_offer(for_quarters(scenario, 20), envelope=0.0)
    state = prepare(world_all, unfunded, 0)
    reached = np.zeros((21, *world_all.arrays.stage.shape, len(STAGES)))
    watch_run(state, 1, 0, 0.0, reached)
    satellites, mirror = (
        reached[:, :, instrument(world_all, name), STAGES.index("in_force")]
        for name in ("CONN_IRIS2", "COPERNICUS_MIRROR")
    )
    assert (satellites[18] == satellites[0]).all()
    assert satellites[20].sum() > satellites[18].sum()
    gained = (mirror[20] - mirror[0]) > 0.0
    assert gained.any()
    assert not gained[world_all.arrays.developing == 1].any()


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("FTA", "announced"),
        ("FTA", "concluded"),
        ("CONN_BLACK_SEA", "negotiating"),
        ("CONN_BLACK_SEA", "signed"),
    ],
)
def test_chances_pass_stages_as_runs_do(
    small_world: World, scenario: Scenario, name: str, begins: str
) -> None:
    """With the same waits, stalls and pace of cables, where nothing else happens."""
    runs, quarters, k = 300, 14, instrument(small_world, name)
    bare = without_ties(small_world)
    stage = bare.arrays.stage.copy()
    stage[:, k] = STAGES.index(begins)
    world = with_arrays(bare, stage=stage, bloc=-1, cost=0.0)
    quiet = without_effects(without_turns(without_slow_change(without_shocks(scenario))))
    names = quiet.behaviour.coefficients
    hazards = {f"hazard_{path}_{of}" for path in PATHS for of in PATH_STAGES[path]}
    quiet = with_coefficients(
        for_quarters(quiet, quarters),
        **dict.fromkeys(hazards & set(names), 0.6),
        **{"hazard_treaty_stall": 0.1, "hazard_concluded_stall": 0.3, "hazard_resume": 0.0},
        **{"hazard_busy": 0.0, "pooled_effects": 0.0},
    )
    reached = np.zeros((quarters + 1, *stage.shape, len(STAGES)))
    watch_run(prepare(world, quiet, 0), 1, 0, 0.0, reached)
    events = simulate_ensemble(world, quiet, seed=4, replicates=runs, threads=1).events
    moved = events[events["event"] == "advanced"]
    path = PATH_STAGES[PATHS[world.arrays.path[k]]]
    for following in path[path.index(begins) + 1 :]:
        came = moved.loc[moved["stage"] == following, "quarter"].cat.codes
        for quarter in range(1, quarters + 1):
            chance = reached[quarter, :, k, STAGES.index(following)]
            expected, spread = runs * chance.sum(), np.sqrt(runs * (chance * (1 - chance)).sum())
            assert abs((came <= quarter).sum() - expected) <= 4 * spread, (following, quarter)


def test_quiet_talks_bring_ties_forward(world_all: World, scenario: Scenario) -> None:
    state = prepare(world_all, for_quarters(scenario, 2), 0)
    signed = []
    for quiet in (0.0, 0.9):
        reached = np.zeros((3, *world_all.arrays.stage.shape, len(STAGES)))
        watch_run(state, 1, 0, quiet, reached)
        assert (np.diff(reached, axis=0)[1:] >= 0).all()
        signed.append(reached[1, :, :, STAGES.index("signed")].sum())
    assert signed[1] > signed[0]


def test_the_share_of_quiet_ties_is_that_of_the_record(evidence: HistoryEvidence) -> None:
    share = quiet_share(Cut(evidence, quarter_number("2024Q4")))
    assert 0.5 < share < 1.0


# What the record alone tells


def test_the_hazard_follows_the_record_and_looks_no_further(evidence: HistoryEvidence) -> None:
    cut = Cut(evidence, quarter_number("2018Q4"))
    moment = cut.moment(cut.quarter + 1)
    level, deviation = fit_hazard(cut).of(moment)
    cases = np.isfinite(level)
    assert (cases == (moment.cases & moment.on_record)).all()
    assert (deviation[cases] > 0).all()
    expected = -np.expm1(-np.exp(level[cases])).sum()
    assert 2 < expected < 20
    known = evidence.history[evidence.history["year"].astype(int) <= 2018]
    blind = Cut(dataclasses.replace(evidence, history=known), cut.quarter)
    # A pair that is undated because of what came later is no case; all others are the same.
    again = fit_hazard(blind).of(blind.moment(cut.quarter + 1))[0]
    both = cases & np.isfinite(again)
    assert both.sum() > 0.8 * cases.sum()
    order = pd.Series(level[both]).corr(pd.Series(again[both]), method="spearman")
    assert order > 0.95


def test_forecasts_from_one_day_fit_the_record_once(scenario: Scenario) -> None:
    one, other = (cut_of(scenario.world.load()) for _ in range(2))
    assert fit_hazard(one) is fit_hazard(other)


# Forecasts


def settings(**changes: object) -> RunSettings:
    """Return settings of a backtest."""
    given = {"experiment": "backtest", "seed": 1, "replicates": 1, "reference": "-", "output": "-"}
    return RunSettings(**{**given, **changes})


def forecast_of(scenario: Scenario, seed: int) -> pd.DataFrame:
    """Make a small forecast to the middle of 2026."""
    return forecast(for_quarters(scenario, 4), Ways(seed, 2), draws=8)


@pytest.fixture(scope="module")
def table(scenario: Scenario) -> pd.DataFrame:
    return forecast_of(scenario, 1)


def test_a_forecast_has_one_row_per_open_stage_and_quarter(
    table: pd.DataFrame, world_all: World
) -> None:
    assert list(table.columns) == [
        "iso3",
        "instrument",
        "stage",
        "by",
        "probability",
        "low",
        "high",
    ]
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
    assert (wide.diff(axis=1).iloc[:, 1:] >= -1e-7).all(axis=None)
    order = table.assign(place=table["stage"].map(STAGES.index)).sort_values("place")
    steps = order.groupby(["iso3", "instrument", "by"])["probability"].diff().dropna()
    assert (steps <= 1e-7).all()


def test_no_interval_leaves_out_what_its_chance_needs(table: pd.DataFrame) -> None:
    """A twentieth lies below the low end, and none above 1: the mean has no more than that."""
    chance, low, high = (table[name] for name in ("probability", "low", "high"))
    assert chance.max() > 0.9
    assert (chance <= 0.95 + 0.05 * low + 1e-6).all()
    assert (chance >= 0.05 * high - 1e-6).all()
    for end in ("low", "high"):
        wide = table.pivot(index=["iso3", "instrument", "stage"], columns="by", values=end)
        assert (wide.diff(axis=1).iloc[:, 1:] >= -1e-7).all(axis=None)


@pytest.mark.parametrize(
    ("mean", "variance", "ends"),
    [
        (1 / 2, 1 / 12, (0.05, 0.95)),  # all chances alike
        (2 / 3, 1 / 18, (0.05**0.5, 0.95**0.5)),
        (0.3, 0.0, (0.3, 0.3)),
        (1.0, 0.5, (1.0, 1.0)),  # chances along few runs come to more than 1
        (0.5, 0.5, (0.0, 1.0)),
    ],
)
def test_ends_of_known_intervals(
    mean: float, variance: float, ends: tuple[float, float], world_all: World
) -> None:
    cut = cut_of(world_all)
    moment = cut.now()
    row, column = np.argwhere(moment.open_to & (moment.ties == STAGES.index("signed")))[0]
    stages = np.array([STAGES.index(name) for name in ("announced", "signed", "in_force")])
    rows, columns = np.repeat([[row], [column]], 3, axis=1)
    given = (np.full((3, 1), number) for number in (mean, variance))
    found = Simulated(rows, columns, stages, *given)
    table = forecast_table(moment, found, fit_hazard(cut), ["2025Q3"], 0.0)
    for end, name in zip(ends, ("low", "high"), strict=True):
        assert table[name].to_numpy() == pytest.approx(end, abs=2e-3 if variance == 0 else 1e-6)


def test_threads_do_not_matter_and_seeds_hardly(table: pd.DataFrame, scenario: Scenario) -> None:
    one, two = (
        forecast(for_quarters(scenario, 1), Ways(1, 1, threads), draws=2) for threads in (1, 2)
    )
    pd.testing.assert_frame_equal(one, two)
    other = forecast_of(scenario, 2)
    for stage in ("announced", "signed", "in_force"):
        rows = (table["stage"] == stage) & (table["by"] == "2026Q2")
        first, second = (one.loc[rows, "probability"] for one in (table, other))
        assert first.corr(second, method="spearman") >= 0.95


def test_rows_are_chosen_ranked_and_explained(table: pd.DataFrame, world_all: World) -> None:
    stored = StoredForecast(Path(), {}, table, pairs_of(table, world_all))
    found = stored.asked_for({"stage": "tie", "by": "2026Q2", "partner": "BRA"})
    assert set(found["country"]) == {"Brazil"}
    assert found["probability"].is_monotonic_decreasing
    assert found["reason"].str.contains("made with others in the last year").all()
    region = stored.asked_for({"stage": "tie", "by": "2025Q4", "region": "Gulf"})
    places = world_all.countries.set_index("iso3")["region"]
    assert set(places[list(region["iso3"])]) == {"Gulf"}


# Scores


def test_scores_of_known_cases() -> None:
    probability, happened = np.array([0.8, 0.4, 0.1, 0.1]), np.array([1.0, 0.0, 1.0, 0.0])
    assert log_score(probability, happened).tolist() == pytest.approx(
        [-np.log(0.8), -np.log(0.6), -np.log(0.1), -np.log(0.9)]
    )
    assert brier(probability, happened).sum() == pytest.approx(0.04 + 0.16 + 0.81 + 0.01)
    recall = [(listed(probability, length) * happened).mean() / 0.5 for length in (1, 3, 4)]
    assert recall == pytest.approx([0.5, 0.75, 1.0])  # a tie at the end is shared


def test_the_truth_beats_noise_and_intervals_follow_clusters() -> None:
    generator = np.random.Generator(np.random.Philox(2))
    truth = generator.beta(0.5, 4.0, 3000)
    cases = pd.DataFrame(
        {
            "happened": (generator.random(3000) < truth).astype(int),
            "cluster": np.repeat([f"c{number}" for number in range(100)], 30),
            "decision": [f"d{number}" for number in range(3000)],
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
    assert rows.loc[("area under curve", "truth"), "value"] > 0.7
    assert rows.loc[("area under curve", "constant"), "value"] == 0.5
    assert rows.loc[("log score", "truth"), "decisions"] == cases["happened"].sum()
    lump = cases.assign(cluster=np.where(cases["happened"] == 1, "together", cases["cluster"]))
    wide = score_table(lump, ("truth",), {"all": np.ones(3000, bool)}).set_index("score")
    one = rows.loc[("log score", "truth")]
    other = wide.loc["log score"]
    assert other["high"] - other["low"] > one["high"] - one["low"]


def test_intervals_cover_what_comes_if_their_error_is_what_they_say() -> None:
    generator = np.random.Generator(np.random.Philox(3))
    group = np.repeat(np.arange(300), 100)
    level = generator.normal(-4.0, 1.0, 30_000)
    error = generator.normal(0.0, 0.8, 300)[group]
    happened = (generator.random(30_000) < expit(level + error)).astype(int)
    cases = pd.DataFrame(
        {
            "low": expit(level - 1.645 * 0.8),
            "high": expit(level + 1.645 * 0.8),
            "happened": happened,
            "decision": [f"d{number}" for number in range(30_000)],
        }
    )
    kinds = {"group": pd.Series(group), "too small": pd.Series(range(30_000))}
    found = coverage_table(cases, kinds).set_index("kind")
    row = found.loc["group"]
    assert row["groups"] == 300
    assert 0.9 <= row["nominal"] <= 0.97
    assert row["covered"] == pytest.approx(row["nominal"], abs=0.05)
    assert row["by_luck"] < row["nominal"] - 0.1
    assert found.loc["too small", "groups"] == 0


def test_pairs_of_one_decision_weigh_one() -> None:
    cases = pd.DataFrame(
        {
            "happened": [1, 1, 0, 0],
            "decision": ["d", "d", "", ""],
            "cluster": ["d", "d", "x", "y"],
            "forecast": [0.5, 0.5, 0.5, 0.5],
            "better": [0.9, 0.9, 0.1, 0.1],
            "cut": ["2019Q4"] * 4,
        }
    )
    found = score_table(cases, ("better", "forecast"), {"all": np.ones(4, bool)})
    rows = found.set_index(["score", "forecast"])
    assert rows.loc[("log score by decision", "better"), "value"] == pytest.approx(-np.log(0.9))
    assert rows.loc[("log score", "forecast"), ["decisions", "cuts", "won"]].tolist() == [1, 1, 1]


# The backtest


Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def small_backtest(evidence: HistoryEvidence) -> Tables:
    """One early cut with few runs."""
    return backtest_tables(fold(evidence, "2011Q4", settings()), evidence.world)


def test_a_backtest_scores_the_forecast_beside_simple_rules(small_backtest: Tables) -> None:
    scores = small_backtest["scores"]
    rules = {"base_rate", "pipeline_rate", "popularity", "instrument_rate"}
    assert set(scores["forecast"]) == {"pooled", "model", "record", *rules}
    parts = ("new ties, pipeline", "new ties, novel")
    assert set(scores["group"]) == {"new ties", *parts}
    offered = scores[scores["forecast"] == "pooled"]
    assert (offered["difference"].dropna() == 0).all()
    counted = scores.set_index(["group", "forecast", "score"])["happened"]
    whole = counted["new ties", "model", "log score"]
    assert whole == sum(counted[part, "model", "log score"] for part in parts)
    assert whole > 0
    cases = small_backtest["cases"]
    for name in set(scores["forecast"]):
        assert ((cases[name] > 0) & (cases[name] < 1)).all()
    half = (cases["model"] + cases["record"]) / 2
    assert np.allclose(cases["pooled"], half, atol=2e-7)
    assert ((cases["low"] <= cases["pooled"]) & (cases["pooled"] <= cases["high"])).all()
    coverage = small_backtest["coverage"].set_index("kind")
    assert coverage.loc["cut", "groups"] == 1
    assert coverage[["covered", "nominal"]].stack().dropna().between(0, 1).all()


def test_outcomes_are_those_of_the_record(small_backtest: Tables) -> None:
    cases = small_backtest["cases"].set_index(["iso3", "instrument"])
    # Signed on 26 June 2012, and the ones that took part signed together.
    assert cases.loc[("COL", "FTA"), "happened"] == 1
    assert cases.loc[("COL", "FTA"), "cluster"] == cases.loc[("PER", "FTA"), "cluster"]
    assert not cases.index.duplicated().any()


def test_a_backtest_is_drawn_from_its_tables(small_backtest: Tables, tmp_path: Path) -> None:
    facts = {"configuration": {"cuts": ["2011Q4"]}, "seed": 1}
    folder = write_tables(tmp_path / "backtest", small_backtest, facts)
    png, svg, _ = draw_figures(folder, ["backtest"])
    assert png.read_bytes()[:4] == b"\x89PNG"
    assert "among the 100 most likely" in " ".join(svg.read_text("utf-8").split())


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("cuts=[2031Q1]", "cuts[0] = '2031Q1': must be a quarter from 2011Q4 to 2025Q1"),
        ("cuts=[spring]", "cuts[0] = 'spring': must be a quarter"),
        ("cuts=[]", "cuts: none given; name quarters, as in cuts=[2019Q4,2020Q4]"),
    ],
)
def test_cuts_that_cannot_be_used(
    word: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["experiment=backtest", word, f"output={tmp_path}"]) == 2
    assert told in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


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
    (folder,) = (tmp_path / "forecast").iterdir()
    first = (folder / "forecast.csv").read_bytes()
    assert not list(folder.glob("draws*"))
    capsys.readouterr()
    (folder / "forecast.csv").write_bytes(first.replace(b"0.", b"0.0", 1))
    assert main(["verify", str(folder), "threads=1"]) == 1
    assert "forecast.csv: differs from what its configuration gives" in capsys.readouterr().out
    (folder / "forecast.csv").write_bytes(first)
    table = pd.read_csv(folder / "forecast.csv")
    pd.testing.assert_frame_equal(table, pd.read_parquet(folder / "forecast.parquet"))
    openings = table[(table["stage"] == "announced") & (table["by"] == "2026Q1")]
    likely = openings.sort_values("probability").iloc[[0, -1, -2, -3, -4, -5]]
    events = tmp_path / "events.csv"
    heading = "date,iso3,instrument,event"
    lines = [
        f"2025-11-{day},{row.iso3},{row.instrument},announced"
        for day, row in zip(range(20, 26), likely.itertuples(), strict=True)
    ]
    events.write_text("\n".join([heading, *lines[:2], ""]), "utf-8")
    assert main(["score", str(folder.parent), str(events)]) == 0
    told = capsys.readouterr().out
    assert "Scored at 2025Q4" in told
    assert "all: 2 of" in told
    assert "too few to score a forecast by: it takes 5" in told
    assert "nan" not in told
    assert "base rate" not in told
    # Scores do not take the place of other results.
    whole = (folder / "manifest.json").read_bytes()
    assert main(["score", str(folder.parent), str(events), f"output={folder}"]) == 2
    assert "holds other results; name another folder" in capsys.readouterr().err
    assert (folder / "manifest.json").read_bytes() == whole
    # What is not scored is listed, each with its own reason.
    others = {
        "2025-12-01,JPN,DIGITAL_PARTNERSHIP,held": "a meeting: moves no pair",
        "2025-12-01,JPN,DIGITAL_PARTNERSHIP,signed": "held already: in_force when the forecast",
        "2025-12-01,JPN,SPD,signed": "did you mean 'SDP'?",
        "2025-12-01,JPX,SDP,signed": "did you mean 'JPN' (Japan)?",
        "2025-12-02,Japan,SDP,signed": "did you mean 'JPN' (Japan)?",
        "2025-03-01,KEN,SDP,signed": "not after 2025-06-05: known to the forecast",
        "2027-03-01,KEN,SDP,signed": "after 2026Q1, up to which is scored",
        "2025-12-01,BLOC_ASEAN,CYBER_DIALOGUE,signed": "a bloc, expanded to the",
        "2025-12-01,THA,CYBER_DIALOGUE,signed": "the same as row",
        "2025-12-20,THA,CYBER_DIALOGUE,signed": "held already: in_force by row",
        "2025-12-01,BLOC_ASAEN,SDP,signed": "did you mean 'ASEAN'?",
    }
    events.write_text("\n".join([heading, *lines, *others, ""]), "utf-8")
    written = tmp_path / "scored"
    words = ["score", str(folder / "forecast.parquet"), str(events), "until=2026Q1"]
    assert main([*words, f"output={events}"]) == 2
    assert not capsys.readouterr().out
    assert main([*words, f"output={written}"]) == 0
    told = capsys.readouterr().out
    for reason in others.values():
        assert reason in told
    assert "Scored at 2026Q1" in told
    assert "base rate" in told
    assert "How often it happened" in told
    assert "New ties that came" in told
    assert "nan" not in told
    assert "reliability.png" in {path.name for path in (written / "figures").iterdir()}
    tables = read_tables(written, ("events", "happened"))
    assert (tables["events"]["fate"] == "scored").sum() == 6 + len(tables["happened"])
    assert len(tables["happened"]) > 5
    assert tables["happened"]["rank"].is_monotonic_increasing


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
            ["rns=3: forecast takes no such setting, did you mean 'runs'? (draws, runs,"],
        ),
        (["forecast", "by=2070"], ["by=2070: no run goes on after 2060Q4"]),
        (["forecast", "by=2024"], ["by=2024: must be a quarter of the runs, 2025Q3 to 2030Q4"]),
        (["forecast", "until=2030"], ["until=2030: a forecast takes by=QUARTER"]),
        (["forecast", "partner=Japn"], ["no such partner, did you mean 'JPN' (Japan)?"]),
        (["forecast", "region=Afrika"], ["region=Afrika: no such region: Africa is a continent"]),
        (["forecast", "region=EU"], ["region=EU: no such region: EU is the other side of every"]),
        (["forecast", "world.data=nowhere"], ["world.data: 'nowhere' is not a folder"]),
        (["forecast", "--bogus"], ["--bogus: forecast takes no such option (draws, runs, record,"]),
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
    events.write_text("date,iso3,instrument,event\n2026-13,JPN,SDP,sined\n", "utf-8")
    assert main(["score", str(table), str(events)]) == 2
    told = capsys.readouterr().err
    for part in (
        *("iso3 'JPX' is unknown, did you mean 'JPN' (Japan)?", "stage 'signing' is unknown"),
        *("by '2026Q9' must be a quarter", "row 2: probability '1.5' must lie between 0 and 1"),
    ):
        assert part in told
    table.write_text("iso3,instrument,stage,by,probability\nJPN,DTA,signed,2026Q1,0.5\n", "utf-8")
    assert main(["score", str(table), str(events)]) == 2
    told = capsys.readouterr().err
    for part in (
        "events.csv, row 2: date '2026-13' must be YYYY, YYYY-MM or YYYY-MM-DD",
        "event 'sined' must be one of",
    ):
        assert part in told
    events.write_text("date,iso3,instrument,event\n2026-03,JPX,SDP,signed\n", "utf-8")
    assert main(["score", str(table), str(events)]) == 2
    told = capsys.readouterr().err
    assert "row 2: 'JPX' is not a country of the forecast, did you mean 'JPN' (Japan)?" in told
    days = "".join(f"2026/0{month}/01,JPN,DTA,signed\n" for month in range(1, 9))
    events.write_text(f"date,iso3,instrument,event\n{days}", "utf-8")
    assert main(["score", str(table), str(events)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == (
        "error: events.csv, row 2: date '2026/01/01' must be YYYY, YYYY-MM or YYYY-MM-DD; and so "
        "on, none of the 8 rows can be used"
    )
    events.write_text("date,iso3,instrument,event\n2027-03,JPN,DTA,signed\n", "utf-8")
    assert main(["score", str(table), str(events), "until=2027Q1"]) == 2
    told = capsys.readouterr().err
    assert "until=2027Q1: must be a quarter of the forecast, 2026Q1 to 2026Q1" in told
    for content, said in (
        ("", "events.csv: is empty, it needs the columns date, iso3, instrument, event"),
        ("date;iso3\n2027;JPN\n", "columns are separated by semicolons, not by commas"),
        ("date,iso3,instrument,event\n2026-02-30,JPN,DTA,signed\n", "date '2026-02-30' must be"),
    ):
        events.write_text(content, "utf-8")
        assert main(["score", str(table), str(events)]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert said in line


def test_members_of_a_bloc_are_those_of_the_folder_in_use(tmp_path: Path) -> None:
    folder, events = tmp_path / "data", tmp_path / "events.csv"
    shutil.copytree(PACKAGE_DATA, folder)
    members = pd.read_csv(folder / "bloc_members.csv", dtype=str, keep_default_na=False)
    joins = members[members["bloc"] == "GCC"].iloc[[0]].assign(iso3="KEN")
    pd.concat([members, joins]).to_csv(folder / "bloc_members.csv", index=False)
    heading = "date,iso3,instrument,event\n"
    events.write_text(f"{heading}2025-10-01,BLOC_GULF,DIGITAL_DIALOGUE,launched\n", "utf-8")
    own, shipped = (
        {event.iso3 for event in read_later_events(events, load_world(data_dir=place))}
        for place in (folder, PACKAGE_DATA)
    )
    assert own - shipped == {"KEN"}


def test_the_network_is_taken_on_to_a_later_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invented events; a run and the page begin from where they lead."""
    events, place = tmp_path / "events.csv", tmp_path / "mydata"
    heading = "date,iso3,instrument,event,source\n"
    rows = "2025-11-03,KEN,SDP,signed,invented\n2026-01,BLOC_ASEAN,CYBER_DIALOGUE,announced,x\n"
    events.write_text(heading + rows, "utf-8")
    assert main(["update", str(events), f"output={place}"]) == 0
    assert "runs from there begin in 2026Q2" in capsys.readouterr().out
    later = load_scenario(f"world.data={place}", "horizon.end=2026Q3")
    assert later.horizon.start == "2026Q2"
    world = later.world.load()
    assert world.known_until == "2026-03-31"
    stages = world.network.set_index(["iso3", "instrument"])["stage"]
    assert (stages["KEN", "SDP"], stages["IDN", "CYBER_DIALOGUE"]) == ("in_force", "announced")
    assert not simulate_ensemble(world, later, replicates=1, threads=1).metrics.empty
    for start in ("2025Q3", "2027Q1"):
        with pytest.raises(InputError, match=f"{start}: runs from .*mydata begin in 2026Q2"):
            load_scenario(f"world.data={place}", f"horizon.start={start}")
    with pytest.raises(InputError, match="start after it"):
        simulate_ensemble(world, load_scenario(), replicates=1, threads=1)
    monkeypatch.setattr(request, "_EVERYWHERE", {})
    request.begin_from(str(place))
    arm = request.ArmRequest(changes={"horizon": {"end": "2029Q3"}}).scenario()
    assert (arm.world, arm.horizon.start) == (later.world, "2026Q2")
    assert request.quarter_name(8) == "2028Q1"
    # An exercise goes on from the data that it began with, whatever is typed.
    file = tmp_path / "room.json"
    begun = server._session(file, str(place))
    assert server._session(file, "") == begun
    shutil.copytree(place, tmp_path / "copy")
    assert server._session(file, str(tmp_path / "copy")) == begun
    with (place / "network.csv").open("a", encoding="utf-8") as table:
        table.write("KEN,CYBER_DIALOGUE,announced,history,none,,,invented,assumed\n")
    with pytest.raises(InputError, match=r"--session .*: was begun with world.data=.*mydata; .*"):
        server._session(file, "")
    # What cannot happen is told row by row, and nothing is written.
    for content, said in (
        (heading, "events.csv: holds no event; say until=QUARTER"),
        (f"{heading}2075-01,KEN,SDP,signed,x\n", "until=2075Q1: no run goes on after 2060Q4"),
        (f"{heading}2026-02,KEN,SDP,announced,x\n{rows}", "row 2: held already: in_force by 2026"),
        (f"{heading}2026-02,KEN,SDP,ended,x\n", "row 2: ends what is not there"),
        (
            heading.replace("source", "source,confidence") + "2026-02,KEN,SDP,signed,x,verifed\n",
            "row 2: confidence 'verifed' must be one of seed, verified, recalled, assumed, did you",
        ),
        (
            heading.replace("source", "source,confidnce") + "2026-02,KEN,SDP,signed,x,verified\n",
            "row 1: unknown column 'confidnce', did you mean 'confidence'?",
        ),
    ):
        events.write_text(content, "utf-8")
        assert main(["update", str(events), f"output={tmp_path / 'none'}"]) == 2
        assert said in capsys.readouterr().err
        assert not (tmp_path / "none").exists()
    wrong = "2025-11-03,KEN,SPD,signed,x\n2025-03-01,KEN,SDP,signed,x\n2026-01,JPN,SDP,ended,\n"
    events.write_text(heading + wrong, "utf-8")
    other = tmp_path / "other"
    assert main(["update", str(events), f"output={other}"]) == 2
    assert "row 4: source is empty: say where it is written" in capsys.readouterr().err
    events.write_text(heading + rows + wrong.replace(",ended,\n", ",ended,x\n"), "utf-8")
    assert main(["update", str(events), f"output={other}"]) == 2
    told = capsys.readouterr().err
    assert "row 4: 'SPD' is not an instrument of the catalogue, did you mean 'SDP'?" in told
    assert "row 5: not after 2025-06-05" in told
    assert not other.exists()


@pytest.mark.parametrize("verb", ["forecast", "score", "update"])
def test_help_of_the_verbs(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([verb, "--help"]) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"partnersim {verb} ")
    assert max(map(len, told.splitlines())) <= 100
