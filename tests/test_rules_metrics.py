"""What comes out of a quarter, worked out again in plain numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnersim import InputError, load_scenario, simulate
from partnersim.model.constants import AREAS, DIRECTIONS, OBJECTIVES, STAGES
from partnersim.model.effect_kinds import COLUMN
from partnersim.model.metrics import metric_names, slug
from partnersim.model.observation import observe
from partnersim.model.state import State
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World
from random_states import random_state
from recount import active, recounted, under_way
from scenarios import (
    begun,
    for_quarters,
    instrument,
    with_arrays,
    without_effects,
    without_ties,
)


def observed(state: State, world: World) -> dict[str, float]:
    names = metric_names(world.regions)
    row = np.full(len(names), np.nan)
    observe(state, row)
    assert len(set(names)) == len(names)
    return dict(zip(names, row, strict=True))


def ties_of(state: State, world: World) -> dict[str, float]:
    """Instruments and partners, by everything they are counted by."""
    in_force, counts = active(state), recounted(state, world)
    area = world.arrays.area == 1
    region = np.array(world.regions)[world.arrays.region]
    direction = state.pairs["direction"]
    deepest = counts["depth"].max(axis=1)
    totals = {
        "instruments": in_force.sum(),
        "partners": in_force.any(axis=1).sum(),
        "negotiations": under_way(state).sum(),
        "depth_mean": counts["depth"].mean(),
    }
    for number, name in enumerate(DIRECTIONS):
        entered = in_force & (direction == number)
        totals[f"instruments_{name}"] = entered.sum()
        totals[f"partners_{name}"] = entered.any(axis=1).sum()
    for number, name in enumerate(AREAS):
        totals[f"instruments_{name}"] = in_force[:, area[:, number]].sum()
    for depth in range(1, 5):
        totals[f"partners_depth_{depth}"] = (deepest >= depth).sum()
    for name in world.regions:
        totals[f"instruments_{slug(name)}"] = in_force[region == name].sum()
    return {name: float(total) for name, total in totals.items()}


def values_of(state: State, world: World, scenario: Scenario) -> dict[str, float]:
    """What the instruments in force are worth, and to whom."""
    coefficients = scenario.behaviour.values()
    network = coefficients["value_network"]
    arrays, in_force = world.arrays, active(state)
    each = arrays.area / arrays.area.sum(axis=1, keepdims=True)
    links = state.linked.astype(float)
    degree = links.sum(axis=1)
    sharing = links @ in_force / np.maximum(degree, 1)[:, None]
    strength = in_force * ((1 + arrays.binding) / 5) ** 2 * (1 + network * sharing)
    ready = state.countries["readiness"]
    worth = (arrays.need * (0.5 + 0.5 * ready)) @ each.T
    to_partner = strength * worth
    alignment = state.alignment
    to_union = strength * (0.5 * arrays.size + 0.5 * alignment)[:, None]
    by_country = to_partner.sum(axis=1)
    by_objective = ((to_partner + to_union).sum(axis=0)[:, None] * each).sum(
        axis=0
    ) @ arrays.objective
    # High-risk suppliers take from what security is worth to the EU, and from nothing else.
    secures = arrays.objective[:, OBJECTIVES.index("security")] @ each.T
    exposed = state.countries["high_risk"] @ each.T
    lost = (coefficients["value_high_risk"] * to_union * secures * exposed).sum()
    by_objective[OBJECTIVES.index("security")] -= lost
    holders = in_force.any(axis=1)
    # What instruments add to an objective besides.
    added = 1 - state.effects_left[holders, COLUMN.adds_value :][:, : len(OBJECTIVES)]
    needed = (arrays.need @ arrays.objective / arrays.objective.sum(axis=0))[holders]
    at_best = (0.5 * arrays.size + 0.5 * alignment)[holders, None]
    by_country[holders] += (added * needed).sum(axis=1)
    by_objective += (added * (needed + at_best)).sum(axis=0)
    total = by_country.sum()
    region = np.array(world.regions)[arrays.region]
    depth = recounted(state, world)["depth"]
    rival = (arrays.gdp_share[:, None] * state.countries["supplied"]).sum(axis=0)
    own = (arrays.gdp_share[:, None] * depth / 4).sum(axis=0)
    spread = np.abs(by_country[:, None] - by_country).mean()
    values = {
        "partner_value": total,
        "eu_value": to_union.sum() - lost + (added * at_best).sum(),
        "value_gini": spread / (2 * by_country.mean()) if total else 0.0,
        "value_ldc_share": by_country[arrays.ldc == 1].sum() / total if total else 0.0,
        "covered_gdp": arrays.gdp_share[holders].sum(),
        "covered_population": arrays.population_share[holders].sum(),
        "readiness_mean": ready.mean(),
        "alignment_mean": alignment.mean(),
        "threat_mean": state.countries["threat"].mean(),
        "rival_share": rival.sum() / (rival + own).sum(),
        "vendor_bans": (state.countries["kept_out"] == 1.0).sum(),
        "reputation": state.union["reputation"][0],
    }
    for name, here, union in zip(AREAS, rival, own, strict=True):
        values[f"rival_share_{name}"] = here / (here + union) if here + union else 0.0
    for name, value in zip(OBJECTIVES, by_objective, strict=True):
        values[f"value_{name}"] = value
    for name in world.regions:
        values[f"value_{slug(name)}"] = by_country[region == name].sum()
    return values


@settings(max_examples=40)
@given(number=st.integers(0, 10**6))
def test_metrics_are_their_definitions(small_world: World, scenario: Scenario, number: int) -> None:
    world, scenario, state = random_state(small_world, scenario, number)
    metrics = observed(state, world)
    for name, expected in ties_of(state, world).items():
        assert metrics[name] == pytest.approx(expected, abs=1e-12), name
    for name, expected in values_of(state, world, scenario).items():
        assert metrics[name] == pytest.approx(expected, rel=1e-9, abs=1e-9), name
    objectives = sum(metrics[f"value_{name}"] for name in OBJECTIVES)
    assert objectives == pytest.approx(metrics["partner_value"] + metrics["eu_value"])


def test_an_instrument_is_worth_more_when_linked_partners_hold_it(
    small_world: World, scenario: Scenario
) -> None:
    bare = without_ties(small_world)
    stage = bare.arrays.stage.copy()
    stage[:2, instrument(small_world, "SDP")] = STAGES.index("in_force")
    links = np.zeros_like(bare.arrays.links)
    apart = with_arrays(bare, stage=stage)
    links[0, 1] = links[1, 0] = 1
    together = with_arrays(apart, links=links)
    scenario = without_effects(scenario)
    values = [
        observed(begun(world, scenario), world)["partner_value"] for world in (apart, together)
    ]
    network = scenario.behaviour.values()["value_network"]
    assert values[1] == pytest.approx(values[0] * (1 + network))


def test_objectives_count_by_their_weights_and_are_told_without_them(world_all: World) -> None:
    plain, weighed, alone = (
        simulate(world_all, load_scenario("horizon.end=2026Q4", *settings)).metrics.iloc[-1]
        for settings in (
            (),
            ("world.weights={value_security: 4, value_governance: 1}",),
            ("world.weights={value_competitiveness: 0, value_governance: 0}",),
        )
    )
    by_objective = plain[[f"value_{name}" for name in OBJECTIVES]].to_numpy(float)
    for told in (weighed, alone):
        for name in OBJECTIVES:
            assert told[f"value_{name}"] == pytest.approx(plain[f"value_{name}"])
    for told, weights in ((plain, [1, 1, 1]), (weighed, [0.5, 2, 0.5]), (alone, [0, 3, 0])):
        assert told["partner_value"] + told["eu_value"] == pytest.approx(by_objective @ weights)


def test_value_needs_some_weight(world_all: World) -> None:
    none = {f"value_{name}": 0.0 for name in OBJECTIVES}
    with pytest.raises(InputError, match=r"one of value_\.\.\. must be above 0"):
        world_all.weighted(none)


def test_drawdown_and_time_below_the_peak_follow_value(
    world_named: World, scenarios_by_climate: dict[str, Scenario]
) -> None:
    metrics = simulate(world_named, scenarios_by_climate["coercion"], seed=2).metrics
    value = (metrics["partner_value"] + metrics["eu_value"]).to_numpy()
    peak = np.maximum.accumulate(value)
    np.testing.assert_allclose(metrics["drawdown"], 1 - value / peak, atol=1e-12)
    below, expected = 0, []
    for now, best in zip(value, peak, strict=True):
        below = 0 if now >= best else below + 1
        expected.append(below)
    assert metrics["quarters_below_peak"].tolist() == expected
    assert max(expected) > 0


def test_money_is_reported_in_million_euros(world_named: World, scenario: Scenario) -> None:
    metrics = simulate(world_named, for_quarters(scenario, 8)).metrics
    yearly = scenario.policy.offer.envelope
    np.testing.assert_allclose(metrics["offer_envelope"], np.arange(9) * yearly / 4, rtol=0.05)
    kept = metrics["offer_spent"] + metrics["offer_carried"] + metrics["offer_lapsed"]
    np.testing.assert_allclose(metrics["offer_envelope"], kept, atol=0.005)
    assert (metrics["offer_mobilised"] >= metrics["offer_spent"] - 1e-6).all()
    share = metrics["offer_spent"] / metrics["offer_envelope"]
    np.testing.assert_allclose(metrics["offer_absorbed"].iloc[1:], share.iloc[1:])


def test_shares_of_the_world_are_of_all_countries(world_all: World, scenario: Scenario) -> None:
    world = with_arrays(world_all, stage=STAGES.index("in_force"))
    metrics = observed(begun(world, scenario), world)
    assert metrics["covered_gdp"] == pytest.approx(1.0)
    assert metrics["covered_population"] == pytest.approx(1.0)
    assert metrics["partners"] == len(world.countries)
    assert metrics["value_gini"] < 0.5
