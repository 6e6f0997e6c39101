"""What must hold after every quarter of every run, over the whole range of every setting."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extremes import any_scenario
from partnersim import simulate, simulate_ensemble
from partnersim.ensemble.tables import events_table
from partnersim.rules.coefficients import NAMES
from partnersim.rules.metric_names import metric_names
from partnersim.rules.metrics import observe
from partnersim.rules.quarter import play_quarter
from partnersim.rules.state import State
from partnersim.scenario.horizon import Horizon
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World
from random_states import random_world
from recount import assert_counts
from replay import Replay
from scenarios import begun, changed, for_quarters, with_climate, with_coefficients

QUARTERS = 6

#: Metrics that are shares or scores.
SHARES = (
    "link_density",
    "clustering",
    "hub_dependence",
    "value_gini",
    "value_ldc_share",
    "covered_gdp",
    "covered_population",
    "drawdown",
    "offer_absorbed",
    "readiness_mean",
    "alignment_mean",
    "threat_mean",
    "rival_share",
    "reputation",
)
ROUNDING = 1e-9


def assert_sound(state: State, world: World, row: np.ndarray) -> None:
    """Fail unless counts, ranges, money and metrics are as they must be."""
    assert_counts(state, world)
    countries, union = state.countries, state.union[0]
    assert (state.alignment >= 0.0).all()
    assert (state.alignment <= 1.0).all()
    for name in ("readiness", "rival", "threat", "alignment_base", "rival_base"):
        assert (countries[name] >= 0.0).all(), name
        assert (countries[name] <= 1.0).all(), name
    assert (countries["depth"] >= 0).all()
    assert (countries["depth"] <= 4).all()
    for name in ("invested", "recent"):
        assert (countries[name] >= 0.0).all(), name
        assert np.isfinite(countries[name]).all(), name
    assert (state.intensity >= 0.0).all()
    assert (state.intensity <= 1.0).all()
    linked = state.linked
    np.testing.assert_array_equal(linked, linked.T)
    assert not linked.diagonal().any()
    for name in ("envelope", "spent", "carried", "lapsed"):
        assert union[name] >= 0, name
    assert union["envelope"] == union["spent"] + union["carried"] + union["lapsed"]
    assert union["carried"] <= union["carry_over"]

    assert np.isfinite(row).all()
    metrics = dict(zip(metric_names(world.regions), row, strict=True))
    for name in SHARES:
        assert -ROUNDING <= metrics[name] <= 1.0 + ROUNDING, name
    assert -1.0 <= metrics["modularity"] <= 1.0
    assert {name for name, value in metrics.items() if value < -ROUNDING} <= {"modularity"}


def assert_run_is_sound(world: World, scenario: Scenario, seed: int) -> None:
    """Play a run quarter by quarter, look at each, and check its log at the end."""
    state = begun(world, scenario, seed=seed)
    row = np.zeros(len(metric_names(world.regions)))
    observe(state, row)
    assert_sound(state, world, row)
    for _ in range(scenario.horizon.quarters):
        play_quarter(state)
        observe(state, row)
        assert_sound(state, world, row)
    happened = int(state.union["events"][0])
    events = events_table(world, scenario, [state.events[:happened]], [0])
    replay = Replay(world, scenario, state)
    replay.play(events)
    replay.assert_ends_as(state)


@settings(max_examples=150)
@given(data=st.data(), seed=st.integers(0, 2**63 - 1), random=st.booleans())
def test_every_run_is_sound(
    small_world: World, scenario: Scenario, data: st.DataObject, seed: int, random: bool
) -> None:
    scenario = data.draw(any_scenario(scenario, QUARTERS))
    world = small_world
    if random:
        world = random_world(world, np.random.default_rng(seed % 1000))
    assert_run_is_sound(world, scenario, seed)


@pytest.mark.parametrize("end", ["low", "high"])
@pytest.mark.parametrize("name", NAMES)
def test_every_coefficient_may_take_either_end_of_its_range(
    small_world: World, scenario: Scenario, name: str, end: str
) -> None:
    value = getattr(scenario.behaviour.coefficients[name], end)
    run = simulate(small_world, for_quarters(with_coefficients(scenario, **{name: value}), 12))
    numbers = run.metrics.select_dtypes("number").to_numpy()
    assert np.isfinite(numbers).all()
    received = run.metrics["offer_envelope"]
    gone = run.metrics["offer_spent"] + run.metrics["offer_carried"] + run.metrics["offer_lapsed"]
    np.testing.assert_allclose(received, gone, atol=1e-6)


@pytest.mark.parametrize("end", ["low", "high"])
def test_all_coefficients_may_take_the_same_end_at_once(
    world_named: World, scenario: Scenario, end: str
) -> None:
    table = scenario.behaviour.coefficients
    extreme = with_coefficients(scenario, **{name: getattr(table[name], end) for name in NAMES})
    assert_run_is_sound(world_named, for_quarters(extreme, 4), 3)


@pytest.mark.parametrize("climate", ["calm", "rivalry", "fragmentation", "coercion"])
def test_shipped_climates_are_sound(
    world_named: World, scenarios_by_climate: dict[str, Scenario], climate: str
) -> None:
    assert_run_is_sound(world_named, for_quarters(scenarios_by_climate[climate], 16), 7)


def test_the_longest_and_stormiest_run_is_sound(small_world: World, scenario: Scenario) -> None:
    stormy = with_climate(scenario, intensity=5.0, intensification=0.5, rival_drift=0.05)
    longest = changed(stormy, horizon=Horizon(start="2025Q3", end="2060Q4"))
    metrics = simulate(small_world, longest).metrics
    assert len(metrics) == 143
    assert np.isfinite(metrics.drop(columns="quarter").to_numpy()).all()
    assert metrics["rival_share"].max() <= 1.0


def test_a_run_may_start_later(small_world: World, scenario: Scenario) -> None:
    """The network of June 2025 is then where it begins."""
    late = changed(scenario, horizon=Horizon(start="2031Q2", end="2032Q1"))
    metrics = simulate(small_world, late).metrics
    assert metrics["quarter"].tolist() == ["2031Q1", "2031Q2", "2031Q3", "2031Q4", "2032Q1"]
    today = simulate(small_world, for_quarters(scenario, 4)).metrics
    np.testing.assert_array_equal(metrics.iloc[0, 1:], today.iloc[0, 1:])


def test_a_run_on_all_countries_is_sound(world_all: World, scenario: Scenario) -> None:
    assert_run_is_sound(world_all, for_quarters(scenario, 4), 2)


def test_a_switched_off_instrument_never_occurs(world_named: World, scenario: Scenario) -> None:
    off = ("DIGITAL_PARTNERSHIP", "SDP")
    scenario = for_quarters(
        scenario.model_copy(
            update={"world": scenario.world.model_copy(update={"switched_off": off})}
        ),
        16,
    )
    assert_run_is_sound(world_named, scenario, 1)
    events = simulate(world_named, scenario).events
    assert not events["instrument"].isin(off).any()
    ensemble = simulate_ensemble(world_named, scenario, replicates=2)
    places = [ensemble.instruments.index(name) for name in off]
    assert not ensemble.initially_in_force[:, places].any()
    assert not ensemble.in_force_by_year[:, :, places].any()


def test_the_log_agrees_with_the_metrics(
    world_named: World, scenarios_by_climate: dict[str, Scenario]
) -> None:
    """What happened in a quarter is what the quarter's counters say."""
    metrics, events = simulate(world_named, scenarios_by_climate["coercion"], seed=5)
    by_quarter = events.groupby("quarter", observed=False)
    metrics = metrics.set_index("quarter")

    def count(event: str, stage: str | None = None) -> pd.Series:
        def of(part: pd.DataFrame) -> int:
            rows = part["event"] == event
            return int((rows & (part["stage"] == stage)).sum() if stage else rows.sum())

        return by_quarter.apply(of).astype(float)

    def assert_same(name: str, expected: pd.Series) -> None:
        np.testing.assert_array_equal(metrics[name], expected.loc[metrics.index], err_msg=name)

    begun_force = count("advanced", "in_force")
    assert_same("new_ties", begun_force)
    assert_same("lost_ties", count("suspended", "in_force"))
    change = begun_force + count("recovered", "in_force") - count("suspended", "in_force")
    assert_same("instruments", metrics["instruments"].iloc[0] + change.cumsum())
    links = count("linked") - count("link_cut")
    assert_same("links", metrics["links"].iloc[0] + links.cumsum())
    assert (begun_force > 0).any()
    assert (links != 0).any()
