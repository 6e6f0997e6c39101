"""What must hold after every quarter of every run."""

from __future__ import annotations

import numpy as np

from partnersim.model.metrics import metric_names
from partnersim.model.observation import observe
from partnersim.model.quarter import play_quarter
from partnersim.model.state import State
from partnersim.runs.tables import events_table
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World
from recount import assert_counts
from replay import Replay
from scenarios import begun

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
    "losses_damped",
    "redundancy",
    "coalition_votes",
    "coalition_gdp",
)
ROUNDING = 1e-9


def assert_sound(state: State, world: World, row: np.ndarray) -> None:
    """Fail unless counts, ranges, money and metrics are as they must be."""
    assert_counts(state, world)
    countries, union = state.countries, state.union[0]
    assert (state.alignment >= 0.0).all()
    assert (state.alignment <= 1.0).all()
    scores = ("readiness", "rival", "threat", "alignment_base", "rival_base")
    for name in (*scores, "supplied", "high_risk", "kept_out"):
        assert (countries[name] >= 0.0).all(), name
        assert (countries[name] <= 1.0).all(), name
    assert (countries["depth"] >= 0).all()
    assert (countries["depth"] <= 4).all()
    for name in ("invested", "recent"):
        assert (countries[name] >= 0.0).all(), name
        assert np.isfinite(countries[name]).all(), name
    assert (countries["high_risk"] <= countries["supplied"]).all()
    assert (state.supply >= 0.0).all()
    assert (state.supply <= 1.0).all()
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
    assert {name for name, value in metrics.items() if value < -ROUNDING} <= {
        "modularity",
        "trust_mean",
    }


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
    events = events_table(world, scenario, [state.events[:happened].T], [0])
    replay = Replay(world, scenario, state)
    replay.play(events)
    replay.assert_ends_as(state)
