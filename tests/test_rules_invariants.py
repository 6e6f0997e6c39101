"""What must hold after every quarter of every run, over the whole range of every setting."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extremes import any_scenario
from invariants import assert_run_is_sound
from partnersim import simulate, simulate_ensemble
from partnersim.model.coefficients import NAMES
from partnersim.scenario.horizon import Horizon
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World
from random_states import random_world
from scenarios import changed, for_quarters, with_climate, with_coefficients

QUARTERS = 6


@settings(max_examples=60)
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
    # What ends or lapses while it is suspended was lost before.
    suspended: set[tuple[str, str]] = set()
    gone: Counter[str] = Counter()
    for event in events[events["stage"] == "in_force"].itertuples(index=False):
        pair = event.iso3, event.instrument
        if event.event == "suspended":
            suspended.add(pair)
        elif event.event in ("recovered", "expired", "superseded"):
            gone[event.quarter] += event.event != "recovered" and pair not in suspended
            suspended.discard(pair)
    ended = pd.Series(gone).reindex(metrics.index, fill_value=0).astype(float)
    lost = count("suspended", "in_force") + ended
    assert_same("lost_ties", lost)
    change = begun_force + count("recovered", "in_force") + count("renewed") - lost
    assert_same("instruments", metrics["instruments"].iloc[0] + change.cumsum())
    links = count("linked")
    assert_same("links", metrics["links"].iloc[0] + links.cumsum())
    assert (begun_force > 0).any()
