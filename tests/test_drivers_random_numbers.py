"""Common random numbers: the same luck under every policy, however the work is done."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnersim import PartnershipModel, simulate, simulate_ensemble
from partnersim.model.beginning import begin
from partnersim.model.constants import MODULES
from partnersim.model.quarter import play_quarter
from partnersim.model.state import State
from partnersim.model.targeting import TARGETING
from partnersim.runs.play import Ensemble
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World
from random_states import random_coefficients
from scenarios import (
    begun,
    for_quarters,
    with_climate,
    with_coefficients,
    with_offer,
    with_policy,
    without_shocks,
    without_slow_change,
    without_ties,
    without_turns,
)


def ensemble(
    world: World, scenario: Scenario, replicates: int | list[int] = 6, threads: int = 1
) -> Ensemble:
    return simulate_ensemble(world, scenario, seed=8, replicates=replicates, threads=threads)


def of_replicate(table: pd.DataFrame, replicate: int) -> pd.DataFrame:
    rows = table[table["replicate"] == replicate]
    return rows.drop(columns="replicate").reset_index(drop=True)


def assert_same_results(one: Ensemble, other: Ensemble) -> None:
    """Every table and array, bit for bit."""
    for name in ("metrics", "events", "countries"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
    for name in ("in_force_by_year", "initially_in_force", "links_at_end"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@pytest.fixture(scope="module")
def stormy(scenarios_by_climate: dict[str, Scenario]) -> Scenario:
    return for_quarters(scenarios_by_climate["coercion"], 14)


@pytest.fixture(scope="module")
def reference(world_named: World, stormy: Scenario) -> Ensemble:
    return ensemble(world_named, stormy)


def test_a_policy_compared_with_itself_differs_by_exactly_zero(
    world_named: World, stormy: Scenario, reference: Ensemble
) -> None:
    again = ensemble(world_named, stormy)
    assert_same_results(again, reference)
    difference = (
        again.metrics.select_dtypes("number").to_numpy()
        - reference.metrics.select_dtypes("number").to_numpy()
    )
    assert not difference.any()
    renamed = with_policy(stormy, name="another name", description="and nothing else")
    assert_same_results(ensemble(world_named, renamed), reference)


@pytest.mark.parametrize("threads", [2, 3])
def test_threads_do_not_matter(
    world_named: World, stormy: Scenario, reference: Ensemble, threads: int
) -> None:
    assert_same_results(ensemble(world_named, stormy, threads=threads), reference)


def test_replicates_do_not_depend_on_their_company(
    world_named: World, stormy: Scenario, reference: Ensemble
) -> None:
    chosen = ensemble(world_named, stormy, [5, 2, 3])
    assert chosen.metrics["replicate"].drop_duplicates().tolist() == [5, 2, 3]
    for replicate in (5, 2, 3):
        run = simulate(world_named, stormy, seed=8, replicate=replicate)
        for name in ("metrics", "events"):
            expected = of_replicate(getattr(reference, name), replicate)
            pd.testing.assert_frame_equal(
                of_replicate(getattr(chosen, name), replicate), expected, check_exact=True
            )
            pd.testing.assert_frame_equal(
                getattr(run, name).reset_index(drop=True), expected, check_exact=True
            )


def kept(state: State) -> dict[str, np.ndarray]:
    """Return a copy of all records of a state; the rest is the log and scratch."""
    return {
        name: part.copy()
        for name, part in state.arrays().items()
        if part.dtype.names is not None or name == "region_holders"
    }


def test_a_run_leaves_nothing_behind(world_named: World, stormy: Scenario) -> None:
    """A replicate played after others, on the same state, is the one played first."""
    state = begun(world_named, stormy, seed=3)
    first = []
    for _ in range(6):
        play_quarter(state)
        first.append(kept(state))
    begin(state, 99, 4)
    for _ in range(9):
        play_quarter(state)
    begin(state, 3, 0)
    for expected in first:
        play_quarter(state)
        for name, values in kept(state).items():
            np.testing.assert_array_equal(values, expected[name], err_msg=name)


def test_no_global_random_state_is_read_or_changed(world_named: World, stormy: Scenario) -> None:
    results = []
    for seed in (1, 2):
        random.seed(seed)
        np.random.seed(seed)
        before = random.getstate(), np.random.get_state()[1].copy()
        results.append(simulate(world_named, stormy))
        results.append(PartnershipModel(world_named, stormy).run())
        assert random.getstate() == before[0]
        np.testing.assert_array_equal(np.random.get_state()[1], before[1])
    for other in results[1:]:
        pd.testing.assert_frame_equal(other.metrics, results[0].metrics, check_exact=True)


def test_seeds_and_replicates_matter(world_named: World, stormy: Scenario) -> None:
    runs = [
        simulate(world_named, stormy, seed=seed, replicate=replicate).metrics
        for seed, replicate in ((0, 0), (0, 1), (1, 0), (2**63 - 1, 2**31 - 1))
    ]
    for place, run in enumerate(runs):
        for other in runs[place + 1 :]:
            assert not run.equals(other)


def test_a_longer_horizon_begins_like_a_shorter_one(world_named: World, stormy: Scenario) -> None:
    short = simulate(world_named, for_quarters(stormy, 6), seed=8)
    long = simulate(world_named, stormy, seed=8)
    np.testing.assert_array_equal(
        short.metrics.drop(columns="quarter"), long.metrics.drop(columns="quarter").iloc[:7]
    )
    assert len(short.events) == (long.events["quarter"].cat.codes <= 6).sum()


def strikes(events: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """The shocks that do not depend on who is linked to whom."""
    free = [
        name
        for name, shock in scenario.shocks.items()
        if shock.spread.along != "links" and shock.scope != "pair"
    ]
    shocks = events[(events["event"] == "shock") & events["shock"].isin(free)]
    columns = ["replicate", "quarter", "iso3", "other", "shock", "severity"]
    # Policies differ in the names of their switches, so in the categories of this column.
    return shocks[columns].astype({"other": object}).reset_index(drop=True)


def test_the_same_shocks_strike_under_every_policy(
    world_named: World, arms: dict[tuple[str, str], Scenario]
) -> None:
    for climate in ("rivalry", "coercion"):
        struck = {
            policy: strikes(ensemble(world_named, for_quarters(scenario, 14), 3).events, scenario)
            for (policy, name), scenario in arms.items()
            if name == climate
        }
        expected = struck["balanced"]
        assert len(expected) > 100
        assert len(struck) > 5
        for policy, table in struck.items():
            pd.testing.assert_frame_equal(table, expected, check_exact=True, obj=policy)


def test_the_same_shocks_strike_whatever_countries_do(
    world_named: World, scenarios_by_climate: dict[str, Scenario]
) -> None:
    scenario = for_quarters(scenarios_by_climate["rivalry"], 14)
    eager = with_coefficients(scenario, activity_rate=2.0, deepen=0.0, broaden=0.0)
    one = strikes(ensemble(world_named, eager, 3).events, scenario)
    other = strikes(ensemble(world_named, without_turns(scenario), 3).events, scenario)
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_a_milder_climate_strikes_less_with_the_same_luck(
    world_named: World, scenarios_by_climate: dict[str, Scenario]
) -> None:
    """Every shock of the milder climate also strikes in the harsher one, as hard."""
    scenario = for_quarters(without_turns(scenarios_by_climate["calm"]), 10)
    alone = {
        name: shock.model_copy(update={"spread": type(shock.spread)()})
        for name, shock in scenario.shocks.items()
    }
    scenario = scenario.model_copy(update={"shocks": alone})
    mild, harsh = (
        set(
            strikes(
                ensemble(world_named, with_climate(scenario, intensity=rate), 3).events, scenario
            )
            .astype(str)
            .itertuples(index=False, name=None)
        )
        for rate in (0.5, 2.0)
    )
    assert mild < harsh


#: Cents a quarter: more than everybody of a small world may claim.
BOUNDLESS = 10**14
OFFERS = {
    "seed": st.integers(0, 2**63 - 1),
    "envelopes": st.tuples(st.integers(0, 20_000), st.integers(0, 20_000)),
    "targeting": st.lists(
        st.floats(0.0, 1.0), min_size=len(TARGETING), max_size=len(TARGETING)
    ).filter(lambda w: sum(w) > 1e-3),
    "mix": st.lists(st.floats(0.0, 1.0), min_size=6, max_size=6).filter(lambda w: sum(w) > 1e-3),
    "carry_over": st.floats(0.0, 1.0),
}


def poorer_and_richer(
    world: World,
    scenario: Scenario,
    seed: int,
    envelopes: tuple[int, int],
    targeting: list[float],
    mix: list[float],
    carry_over: float,
) -> list[State]:
    """Two runs that differ in their budget alone, with coefficients at random, nobody acting."""
    scenario = random_coefficients(scenario, np.random.default_rng(seed))
    scenario = with_offer(
        without_turns(for_quarters(scenario, 10)),
        targeting=dict(zip(TARGETING, targeting, strict=True)),
        mix=dict(zip(MODULES, mix, strict=True)),
        carry_over=carry_over,
    )
    return [
        begun(world, with_offer(scenario, envelope=float(envelope)), seed=seed)
        for envelope in sorted(envelopes)
    ]


@settings(max_examples=40)
@given(**OFFERS)
def test_a_larger_purse_never_spends_less_in_its_first_quarter(
    small_world: World, scenarios_by_climate: dict[str, Scenario], **offer: Any
) -> None:
    """Packages are bought by claim as far as the purse goes; others may be bought of a larger one.

    Over the years there is no such rule: what was bought changes who comes next.
    """
    poorer, richer = poorer_and_richer(small_world, scenarios_by_climate["rivalry"], **offer)
    play_quarter(poorer)
    play_quarter(richer)
    assert richer.union[0].spent >= poorer.union[0].spent
    assert richer.union[0].envelope >= poorer.union[0].envelope
    np.testing.assert_array_equal(richer.intensity, poorer.intensity)


@settings(max_examples=40)
@given(**OFFERS)
def test_who_is_never_kept_waiting_is_never_less_ready(
    small_world: World, scenarios_by_climate: dict[str, Scenario], **offer: Any
) -> None:
    """Against a purse that buys whatever is claimed: by quarter, country and area.

    Where regions have shares, a smaller budget makes smaller packages, which come again sooner.
    """
    # Ties and shocks change what a package holds, and so what it pays to wait for.
    calm = without_slow_change(without_turns(without_shocks(scenarios_by_climate["rivalry"])))
    calm = with_offer(calm, regions={})
    poorer, richer = poorer_and_richer(without_ties(small_world), calm, **offer)
    richer.union.envelope_per_quarter[0] = BOUNDLESS
    for state in (poorer, richer):
        # Where the EU pays, rivals win less and build less.
        state.coefficients.rival_readiness[0] = 0.0
    for _ in range(10):
        play_quarter(poorer)
        play_quarter(richer)
        assert richer.union[0].packages >= poorer.union[0].packages
        assert (richer.countries["readiness"] >= poorer.countries["readiness"] - 1e-12).all()
        assert (richer.countries["invested"] >= poorer.countries["invested"] - 1e-9).all()
