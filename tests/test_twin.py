"""The Mesa model that speed is measured against: it runs, and does about as much as the rules."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from partnersim import load_scenario, simulate_ensemble
from partnersim.world.world import World

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.mesa_twin import Partnerships

QUARTERS = 22
RUNS = 4


def played(world: World, seed: int) -> Partnerships:
    model = Partnerships(world, seed)
    for _ in range(QUARTERS):
        model.step()
    return model


def collected(model: Partnerships) -> pd.DataFrame:
    return model.datacollector.get_model_vars_dataframe()


def test_a_run_follows_from_its_seed(world_all: World) -> None:
    one, again, other = (collected(played(world_all, seed)) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, again)
    assert not one.equals(other)


def test_the_network_stays_sound(world_all: World) -> None:
    model = played(world_all, 3)
    assert np.array_equal(model.links, model.links.T)
    assert not model.links.diagonal().any()
    for country in model.agents:
        assert country.available[country.stage > world_all.arrays.stage[country.place]].all()
        np.testing.assert_array_equal(model.active[country.place], country.active)


def test_it_does_about_as_much_as_the_rules(world_all: World) -> None:
    """Otherwise a ratio of times would say nothing."""
    scenario = load_scenario("horizon.end=2030Q4")
    ensemble = simulate_ensemble(world_all, scenario, replicates=20, threads=1).metrics
    package = ensemble.groupby("quarter", observed=True)[["instruments", "negotiations"]].mean()
    runs = [collected(played(world_all, seed)) for seed in range(RUNS)]
    twin = sum(table[package.columns] for table in runs) / RUNS
    np.testing.assert_array_equal(twin.iloc[0], package.iloc[0])
    ratio = twin.iloc[-1] / package.iloc[-1].to_numpy()
    assert ratio.between(0.6, 1.6).all(), ratio
