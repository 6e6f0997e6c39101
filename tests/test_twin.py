"""The Mesa model that speed is measured against: it runs, and does about as much as the rules."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from partnersim import load_scenario, simulate_ensemble
from partnersim.model.constants import ANNOUNCED, IN_FORCE, PLANNED
from partnersim.model.metrics import metric_names
from partnersim.world.world import World

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.mesa_twin import Partnerships

SCENARIO = load_scenario("geopolitics=rivalry", "horizon.end=2029Q2")
RUNS = 3
#: What one quarter adds, and what has come together so far.
FLOWS = ["new_ties"]
STOCKS = ["instruments", "negotiations", "links", "offer_spent", "offer_packages", "rival_wins"]


def played(world: World, seed: int, quarters: int = SCENARIO.horizon.quarters) -> Partnerships:
    model = Partnerships(world, SCENARIO, seed)
    for _ in range(quarters):
        model.step()
    return model


def collected(model: Partnerships) -> pd.DataFrame:
    return model.datacollector.get_model_vars_dataframe()


def test_a_run_follows_from_its_seed(world_all: World) -> None:
    one, again, other = (played(world_all, seed, quarters=4) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(collected(one), collected(again))
    assert one.events == again.events
    assert not collected(one).equals(collected(other))


def test_the_network_stays_sound(world_all: World) -> None:
    model, arrays = played(world_all, 3), world_all.arrays
    assert np.array_equal(model.links, model.links.T)
    assert (model.links >= arrays.links).all()
    assert not model.links.diagonal().any()
    assert not model.links[arrays.restricted > arrays.links].any()
    # What was under way goes on, even where nothing may be opened any more.
    opened = (model.stage > arrays.stage) & (arrays.stage <= PLANNED)
    assert (arrays.eligible[opened] > 0).all()
    moving = model.halt == 0
    np.testing.assert_array_equal(model.active > 0.0, (model.stage == IN_FORCE) & moving)
    under_way = (model.stage >= ANNOUNCED) & (model.stage < IN_FORCE) & moving
    assert [country.load for country in model.countries] == under_way.sum(axis=1).tolist()
    # A bloc occupies the negotiators of the EU once, and money is spent once.
    led = under_way & (model.lead == np.arange(len(model.lead))[:, None])
    union = model.union
    assert union.load == (led @ arrays.effort).sum()
    assert np.isclose(union.owed, ((under_way & ~model.paid) @ arrays.cost).sum())
    assert np.isclose(union.envelope, union.spent + union.carried + union.lapsed)


def test_it_does_about_as_much_as_the_rules(world_all: World) -> None:
    """Otherwise a ratio of times would say nothing."""
    ensemble = simulate_ensemble(world_all, SCENARIO, replicates=20, threads=1).metrics
    rules = ensemble.groupby("quarter", observed=True).mean(numeric_only=True)
    twin = sum(collected(played(world_all, seed)) for seed in range(RUNS)) / RUNS
    assert set(twin.columns) == set(metric_names(world_all.regions))
    np.testing.assert_allclose(twin.loc[0, STOCKS], rules[STOCKS].iloc[0])
    done = pd.concat([twin[STOCKS].iloc[-1], twin[FLOWS].sum()])
    expected = pd.concat([rules[STOCKS].iloc[-1], rules[FLOWS].sum()])
    ratio = done / expected
    assert ratio.between(0.6, 1.6).all(), ratio
