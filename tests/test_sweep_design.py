"""Designs: what users write, which futures come of it, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from partnersim import load_scenario
from partnersim.cli.program import main
from partnersim.configuration import load_experiment
from partnersim.errors import InputError
from partnersim.model.state import State
from partnersim.runs.chunk import Workbench, simulate_chunk
from partnersim.runs.digest import added
from partnersim.runs.plan import plan_of
from partnersim.runs.sampling import sample, values_at
from partnersim.scenario.coefficient_draws import draw_coefficients
from partnersim.scenario.compile import prepare, prepare_again
from partnersim.scenario.config_files import options, read_option
from partnersim.scenario.design import Design, Factor
from sweeps import WORDS, small_plan

SHIPPED = [name for name in options("experiment") if "design" in read_option("experiment", name)]


def design(kind: str, points: int | None, **factors: Factor) -> Design:
    return Design(kind=kind, points=points, factors=factors)


BEHAVIOUR = load_scenario().behaviour
X, Y = Factor(low=0.0, high=1.0), Factor(low=10.0, high=20.0)


# Samples


def test_latin_hypercube_hits_every_stratum_of_every_factor_once() -> None:
    points = sample(design("latin_hypercube", 50, x=X, y=Y), ["calm"], [], BEHAVIOUR)
    assert list(points.columns) == ["future", "x", "y"]
    assert sorted((points["x"] * 50).astype(int)) == list(range(50))
    assert sorted(((points["y"] - 10) * 5).astype(int)) == list(range(50))


def test_sobol_points_fill_every_quarter_of_the_plane_alike() -> None:
    points = sample(design("sobol", 64, x=X, y=Y), ["calm"], [], BEHAVIOUR)
    counts, _, _ = np.histogram2d(points["x"], points["y"], bins=(8, 8), range=((0, 1), (10, 20)))
    assert (counts == 1).all()


def test_climates_are_spread_evenly() -> None:
    points = sample(
        design("latin_hypercube", 40, x=X), ["calm", "rivalry", "coercion"], [], BEHAVIOUR
    )
    counts = points["geopolitics"].value_counts()
    assert set(counts.index) == {"calm", "rivalry", "coercion"}
    assert counts.max() - counts.min() <= 1


def test_points_for_sobol_indices_are_those_of_saltelli() -> None:
    n = 16
    points = sample(design("sobol_indices", n, x=X, y=Y), ["calm", "coercion"], [], BEHAVIOUR)
    table = points.drop(columns="future").to_numpy(dtype=object).reshape(5, n, 3)
    first, second, *mixed = table
    assert not (first == second).all(axis=0).any()
    for factor, block in enumerate(mixed):
        assert (block[:, factor] == second[:, factor]).all()
        others = [column for column in range(3) if column != factor]
        assert (block[:, others] == first[:, others]).all()


def test_sobol_indices_of_a_known_function() -> None:
    # f = 4 x + 2 y has first-order indices 16 : 4, and no interaction.
    n = 1024
    points = sample(design("sobol_indices", n, x=X, y=X), ["calm"], [], BEHAVIOUR)
    outcome = (4 * points["x"] + 2 * points["y"]).to_numpy().reshape(4, 1, n)
    known = {"f_A": outcome[0], "f_B": outcome[1], "f_AB": outcome[2:]}
    indices = stats.sobol_indices(func=known, n=n)
    assert indices.first_order.ravel() == pytest.approx([0.8, 0.2], abs=0.02)
    assert indices.total_order.ravel() == pytest.approx([0.8, 0.2], abs=0.02)


def test_a_grid_is_every_combination() -> None:
    three = Factor(low=0.0, high=1.0, levels=3)
    listed = Factor(low=1.0, high=9.0, values=(9.0, 1.0))
    points = sample(design("grid", None, x=three, y=listed), ["calm", "rivalry"], [], BEHAVIOUR)
    rows = [tuple(row) for row in points.drop(columns="future").to_numpy()]
    assert len(rows) == len(set(rows)) == 12
    assert rows[:3] == [("calm", 0.0, 9.0), ("calm", 0.0, 1.0), ("calm", 0.5, 9.0)]


def test_an_endless_grid_is_refused() -> None:
    factors = {f"x{place}": Factor(low=0.0, high=1.0, levels=100) for place in range(5)}
    with pytest.raises(InputError, match="too many"):
        sample(design("grid", None, **factors), ["calm"], [], BEHAVIOUR)


def test_whole_numbers_are_equally_likely() -> None:
    values = values_at(Factor(low=1.0, high=4.0), (np.arange(400) + 0.5) / 400, whole=True)
    assert dict(zip(*np.unique(values, return_counts=True), strict=True)) == dict.fromkeys(
        (1.0, 2.0, 3.0, 4.0), 100
    )


SHARES = np.linspace(0.001, 0.999, 41)


@pytest.mark.parametrize(
    ("factor", "known"),
    [
        (Factor(low=2.0, high=6.0), stats.uniform(2, 4)),
        (Factor(low=0.1, high=10.0, distribution="log_uniform"), stats.loguniform(0.1, 10)),
        (
            Factor(low=-1.0, high=3.0, mode=2.0, distribution="triangular"),
            stats.triang(0.75, -1, 4),
        ),
        (
            Factor(low=-1.0, high=2.0, mean=0.5, standard_deviation=2.0, distribution="normal"),
            stats.truncnorm(-0.75, 0.75, 0.5, 2.0),
        ),
    ],
    ids=lambda value: getattr(value, "distribution", ""),
)
def test_quantiles_of_distributions_are_scipys(factor: Factor, known: stats.rv_frozen) -> None:  # type: ignore[name-defined]
    assert values_at(factor, SHARES, whole=False) == pytest.approx(known.ppf(SHARES), rel=1e-9)


# What users write


@pytest.mark.parametrize("experiment", SHIPPED)
def test_shipped_designs_can_be_planned(experiment: str) -> None:
    plan = plan_of(load_experiment([f"experiment={experiment}"]))
    assert plan.layout.runs > 0
    assert plan.layout.quarters[-1] == "2035Q4"
    plan.scenarios(len(plan.futures) - 1)


def test_factors_may_be_nested_or_dotted_in_any_order(tmp_path: Path) -> None:
    head = "policies: [balanced]\nclimates: [calm]\nreplicates: 2\n"
    design_of = "design:\n  kind: sobol\n  points: 8\n  factors:\n"
    dotted = tmp_path / "dotted.yaml"
    dotted.write_text(
        f"{head}{design_of}"
        "    geopolitics.intensity: {low: 0.5, high: 2}\n"
        "    behaviour.coefficients.need.value: {}\n"
        "    policy.regions.sub_saharan_africa: {low: 0.5, high: 1.5}\n"
    )
    nested = tmp_path / "nested.yaml"
    nested.write_text(
        f"{head}{design_of}"
        "    policy: {regions: {Sub-Saharan Africa: {low: 0.5, high: 1.5}}}\n"
        "    behaviour: {coefficients: {need: {value: {}}}}\n"
        "    geopolitics: {intensity: {low: 0.5, high: 2}}\n"
    )
    plans = [plan_of(load_experiment([f"scenario={path}"])) for path in (dotted, nested)]
    assert plans[0].futures.equals(plans[1].futures)
    hashes = [plan.manifest()["configuration_hash"] for plan in plans]
    assert hashes[0] == hashes[1]
    need = plans[0].experiment.settings.design.factors["behaviour.coefficients.need.value"]
    known = plans[0].experiment.arms[0].scenario.behaviour.coefficients["need"]
    assert (need.low, need.high) == (known.low, known.high)
    future = plans[0].scenarios(3)["balanced"]
    assert future.geopolitics.intensity == plans[0].futures["geopolitics.intensity"][3]
    assert (
        future.policy.regions["Sub-Saharan Africa"]
        == plans[0].futures["policy.regions.sub_saharan_africa"][3]
    )


def test_a_factor_can_be_changed_and_left_out() -> None:
    plan = small_plan(
        "design.factors.geopolitics.intensity.high=1.5",
        "design.factors.geopolitics.rival_drift=null",
    )
    assert plan.experiment.settings.design.factors["geopolitics.intensity"].high == 1.5
    assert "geopolitics.rival_drift" not in plan.futures


def test_one_climate_is_no_factor() -> None:
    assert "geopolitics" not in small_plan("climates=[calm]").futures


def test_what_is_kept() -> None:
    assert small_plan().layout.quarters == ("2025Q4", "2026Q1")
    kept = small_plan("design.quarters=[2025Q3]", "design.metrics=[links,partners]").layout
    assert kept.quarters == ("2025Q3", "2026Q1")
    assert kept.metrics == ("links", "partners")
    assert len(small_plan("design.quarters=all").layout.quarters) == 3
    assert small_plan("design.quarters=end").layout.quarters == ("2026Q1",)


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("design.points=6", "points = 6: sobol needs a power of two, such as 4 or 8"),
        ("design.points=0", "design.points = 0: must be a whole number from 1"),
        ("design.kind=sobl", "design.kind = 'sobl': must be one of grid, latin_hypercube"),
        ("design.kind=grid", "a grid has as many points as its levels make"),
        ("design.seeds=3", "design.seeds: unknown setting, did you mean 'seed'?"),
        ("design.factors.geopolitics.intensity.low=2", "low 2 must lie below high 2"),
        (
            "design.factors.geopolitics.intensity.high=9",
            "design.factors.geopolitics.intensity.high = 9: must be a number from 0 to 5",
        ),
        (
            "design.factors.geopolitics.intensty={low: 0, high: 1}",
            "did you mean 'geopolitics.intensity'?",
        ),
        ("design.factors.policy.negotiators=[100, 150.5]", "must be a whole number"),
        ("design.factors.geopolitics=[calm,coercion]", "climates=[calm,...]"),
        (
            "design.factors.behaviour.coefficients.offer_memory.value.low=-1",
            "offer_memory.value.low = -1: must be above 0",
        ),
        (
            "design.factors.shocks.cable_cut.severity.low={low: 0.1, high: 0.8}",
            "design.factors.shocks.cable_cut.severity.low.high = 0.8",
        ),
        (
            "design.factors.shocks.cable_cut.rate={low: 0, high: 1, distribution: log_uniform}",
            "low 0 must be above 0 for log_uniform",
        ),
        (
            "design.factors.shocks.cable_cut.rate={low: 0, high: 1, distribution: triangular}",
            "triangular needs mode",
        ),
        ("design.metrics=[instrments]", "unknown metric 'instrments', did you mean 'instruments'?"),
        ("design.quarters=[2031Q1]", "design.quarters[0] = '2031Q1': lies outside the horizon"),
        ("design=nonsense", "design = 'nonsense': must be a group of settings"),
        ("engine=dsk", "unknown engine, did you mean 'dask'?"),
        ("engine.address=tcp://x:1", "address belongs to dask, not to threads"),
        ("engine.chunk_seconds=0", "engine.chunk_seconds = 0: must be a number from 0.01"),
    ],
)
def test_refused(word: str, told: str) -> None:
    with pytest.raises(InputError) as refused:
        load_experiment([*WORDS, "design.kind=sobol", word])
    assert any(told in problem for problem in refused.value.problems), refused.value.problems
    assert len(refused.value.problems) <= 2


# Scenarios of futures


def parts_of(state: State) -> list[bytes]:
    return [np.ascontiguousarray(part).tobytes() for part in state.arrays().values()]


def test_a_state_prepared_again_is_that_of_a_fresh_one() -> None:
    plan = small_plan(
        "climates=[rivalry]",
        "design.factors.policy.openness={low: 0, high: 1}",
        "design.factors.policy.offer.mix.skills={low: 0, high: 1}",
        "design.factors.shocks.cable_cut.severity.high={low: 0.6, high: 0.9}",
    )
    before = plan.scenarios(0)["balanced"]
    state = prepare(plan.world, before, event_capacity=0)
    for point in range(1, len(plan.futures)):
        for after in plan.scenarios(point).values():
            prepare_again(state, plan.world, before, after)
            before = after
            assert parts_of(state) == parts_of(prepare(plan.world, after, event_capacity=0))


def test_preparing_again_refuses_another_horizon() -> None:
    plans = small_plan(), small_plan("horizon.end=2026Q2")
    first, second = (plan.scenarios(0)["balanced"] for plan in plans)
    state = prepare(plans[0].world, first, event_capacity=0)
    with pytest.raises(AssertionError):
        prepare_again(state, plans[0].world, first, second)


def test_policies_share_all_but_the_policy() -> None:
    future = small_plan().scenarios(2)
    first, second = future.values()
    assert first.policy != second.policy
    assert first.behaviour is second.behaviour
    assert first.geopolitics is second.geopolitics


# The posterior

POSTERIOR = ("experiment=uncertain_estimates", "design.points=24")


def test_estimated_coefficients_are_drawn_together() -> None:
    plan = plan_of(load_experiment(POSTERIOR))
    drawn = draw_coefficients(BEHAVIOUR, seed=plan.experiment.settings.design.seed, count=24)
    estimated = BEHAVIOUR.named_by_origin("estimated")
    assert len(plan.experiment.settings.design.drawn_together) == len(estimated)
    for name in estimated:
        column = plan.futures[f"behaviour.coefficients.{name}.value"]
        np.testing.assert_array_equal(column, drawn[name], err_msg=name)
    rows = plan.manifest()["factors"]
    assert {row["kind"] for row in rows} == {"posterior"}
    # What the runs of a future get is what its row says.
    scenario = plan.scenarios(3)["balanced"]
    assert scenario.behaviour.values() == pytest.approx(dict(drawn.iloc[3]))


def test_a_factor_of_its_own_is_left_out_of_the_draw() -> None:
    own = "design.factors={behaviour.coefficients.need.value: {low: 0, high: 1}}"
    plan = plan_of(load_experiment([*POSTERIOR, own]))
    need = plan.futures["behaviour.coefficients.need.value"]
    assert "behaviour.coefficients.need.value" not in plan.experiment.settings.design.drawn_together
    assert need.between(0, 1).all()
    # A Latin hypercube: one value in each of 24 equal parts.
    assert sorted((need * 24).astype(int)) == list(range(24))


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("design.kind=sobol_indices", "a posterior goes with latin_hypercube or sobol"),
        ("behaviour=assumed", "this behaviour has no estimated coefficient"),
        (
            "design.factors={behaviour.coefficients.offer.value: {distribution: posterior}}",
            "only for estimated coefficients",
        ),
    ],
)
def test_draws_that_cannot_be_are_refused(word: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        load_experiment([*POSTERIOR, word])


def test_a_weight_behind_the_scores_is_a_factor() -> None:
    plan = small_plan("design.factors.world.weights.need_gap={}")
    factor = plan.experiment.settings.design.factors["world.weights.need_gap"]
    assert (factor.low, factor.high) == (0.3, 0.9)
    scenario = plan.scenarios(2)["balanced"]
    gap = plan.futures["world.weights.need_gap"][2]
    assert scenario.world.weights == {"need_gap": gap}
    usual, varied = (prepare(plan.world, each, 10) for each in (load_scenario(), scenario))
    assert not np.array_equal(usual.countries["need"], varied.countries["need"])
    assert np.array_equal(usual.countries["first_threat"], varied.countries["first_threat"])
    with pytest.raises(InputError, match="unknown weight of the scores 'need_gab', did you mean"):
        load_scenario("world.weights.need_gab=0.5")


def test_a_sweep_over_weights_of_the_scores_is_that_of_its_futures_alone() -> None:
    """Another world is prepared anew, on a bench that was used before."""
    words = ["experiment=robustness", "design.points=4", "replicates=1", "horizon.end=2026Q1"]
    words += ["design.factors={world.weights.need_gap: {low: 0.2, high: 0.8}}"]
    plan = plan_of(load_experiment([*words, "policies=[balanced]", "climates=[calm]"]))
    runs = range(plan.layout.runs)
    together = simulate_chunk(Workbench(plan), 0, len(runs))
    assert not together.failures
    alone = [simulate_chunk(Workbench(plan), run, run + 1).digest(plan.layout) for run in runs]
    assert together.digest(plan.layout) == added(alone)


def test_own_points_are_the_futures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    points = tmp_path / "points.csv"
    points.write_text(
        "geopolitics,policy.negotiators,geopolitics.intensity\ncalm,400,1\ncoercion,900,2\n"
    )
    words = ["climates=[calm,coercion]", f"design.table={points}", "policies=[balanced]"]
    small = ["horizon.end=2026Q1", "replicates=1", "threads=1", f"output={tmp_path}", "--dry-run"]
    assert main([*words, *small]) == 0
    assert "horizon is too short" not in capsys.readouterr().err
    futures = plan_of(load_experiment(words)).futures
    assert futures.columns.tolist() == [
        *("future", "geopolitics", "geopolitics.intensity", "policy.negotiators")
    ]
    assert futures.values.tolist() == [[0, "calm", 1.0, 400.0], [1, "coercion", 2.0, 900.0]]


def test_own_points_that_make_no_future_are_told_by_row(tmp_path: Path) -> None:
    points = tmp_path / "points.csv"
    points.write_text("policy.negotiators,policy.openes\n400,1\n9000,1\nmany,1\n")
    with pytest.raises(InputError) as refused:
        load_experiment([f"design.table={points}", "climates=[calm]"])
    first, second, third = refused.value.problems
    assert first.startswith(f"{points}, row 3: policy.negotiators = 9000")
    assert second.startswith(f"{points}, row 4: policy.negotiators = 'many'")
    assert "did you mean 'policy.openness'?" in third
    points.write_text("policy.negotiators;policy.openness\n400;0,5\n")
    with pytest.raises(InputError, match="columns are separated by semicolons"):
        load_experiment([f"design.table={points}", "climates=[calm]"])
    with pytest.raises(InputError, match="column 'geopolitics'"):
        load_experiment(["design.table={policy.negotiators: [1, 2]}", "climates=[calm,coercion]"])
