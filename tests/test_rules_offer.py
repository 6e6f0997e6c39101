"""The Tech Business Offer: who gets how much, what it mobilises, what stays, what it does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnersim import simulate
from partnersim.model.constants import AREAS, CENTS_PER_MILLION, MODULES, STAGES
from partnersim.model.quarter import play_quarter
from partnersim.model.state import State
from partnersim.model.targeting import TARGETING
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World
from scenarios import (
    begun,
    for_quarters,
    instrument,
    with_arrays,
    with_coefficients,
    with_offer,
    with_policy,
    without_shocks,
    without_slow_change,
    without_ties,
    without_turns,
)

EVERYBODY_GAINS = {"reservation_partner": 0.0, "reservation_eu": 0.0}
NO_LEVERAGE = {"private": 0.0, "development_finance": 0.0, "export_credit": 0.0}


@pytest.fixture(scope="module")
def quiet(scenario: Scenario) -> Scenario:
    """No shocks, no turns, nothing drifts: the Offer alone."""
    return without_turns(without_slow_change(without_shocks(scenario)))


def open_offer(scenario: Scenario, **values: Any) -> Scenario:
    """An Offer that everybody may take, without limits of absorption."""
    scenario = with_coefficients(scenario, absorption_rate=1e3)
    return with_policy(with_offer(scenario, **EVERYBODY_GAINS, **values), openness=1.0)


def only(names: tuple[str, ...], name: str) -> dict[str, float]:
    return {other: float(other == name) for other in names}


def invested(world: World, scenario: Scenario, quarters: int = 1) -> State:
    state = begun(world, scenario)
    for _ in range(quarters):
        play_quarter(state)
    return state


def partner_gain(world: World, module: str) -> np.ndarray:
    arrays = world.arrays
    unmet = arrays.need * (1 - arrays.readiness) * (1 - 0.5 * arrays.rival)
    return unmet @ arrays.module_area[MODULES.index(module)]


def depth_share(state: State) -> np.ndarray:
    return state.countries["depth"].sum(axis=1) / 32


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("principle", TARGETING)
def test_each_principle_divides_the_money_as_documented(
    world_named: World, quiet: Scenario, principle: str, module: str
) -> None:
    scenario = open_offer(
        with_coefficients(quiet, package_bonus=0.0),
        envelope=400.0,
        mix=only(MODULES, module),
        targeting=only(TARGETING, principle),
        **NO_LEVERAGE,
    )
    arrays = world_named.arrays
    before = begun(world_named, scenario)
    degree = before.degree
    claims = {
        "need": partner_gain(world_named, module),
        "strategic": 0.5 * arrays.size + 0.5 * arrays.alignment,
        "even": np.ones(len(degree)),
        "depth": depth_share(before),
        "connection": degree / (degree + 3),
    }[principle]
    state = invested(world_named, scenario)
    served = arrays.module_area[MODULES.index(module)]
    expected = 100.0 * claims / claims.sum()
    np.testing.assert_allclose(
        state.countries["invested"], expected[:, None] * served, rtol=1e-5, atol=1e-7
    )
    assert state.union["spent"][0] == pytest.approx(100 * CENTS_PER_MILLION, abs=len(degree))


def test_regional_priority_moves_money(world_named: World, quiet: Scenario) -> None:
    region = "Western Balkans"
    scenario = with_coefficients(quiet, package_bonus=0.5)
    scenario = open_offer(
        scenario, envelope=400.0, targeting=only(TARGETING, "even"), **NO_LEVERAGE
    )
    state = invested(world_named, with_policy(scenario, regions={region: 3.0, "LAC": 0.0}))
    money = state.countries["invested"].sum(axis=1)
    names = world_named.countries["region"].to_numpy()
    others = ~np.isin(names, [region, "LAC"])
    assert money[names == "LAC"].sum() == 0
    bonus = 1 + np.where(state.countries["offer_held"][:, 2] > 0, 0.5, 0.0)
    shares = money / bonus
    np.testing.assert_allclose(shares[others], shares[others][0], rtol=1e-6)
    np.testing.assert_allclose(shares[names == region], 3 * shares[others][0], rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "factor"),
    [
        ("private", lambda business, size: business),
        ("development_finance", lambda business, size: 4 * business * (1 - business)),
        ("export_credit", lambda business, size: size),
    ],
)
def test_public_money_mobilises_other_money(
    world_named: World, quiet: Scenario, name: str, factor: Any
) -> None:
    arrays = world_named.arrays
    bare = open_offer(quiet, envelope=400.0, targeting=only(TARGETING, "even"), **NO_LEVERAGE)
    plain = invested(world_named, bare)
    levered = invested(world_named, with_offer(bare, **{name: 2.0}))
    expected = 1 + 2.0 * factor(arrays.business, arrays.size)
    np.testing.assert_allclose(
        levered.countries["invested"],
        plain.countries["invested"] * expected[:, None],
        rtol=1e-9,
    )
    assert levered.union["spent"][0] == plain.union["spent"][0]
    mobilised = levered.countries["invested"].sum()
    assert levered.union["mobilised"][0] == pytest.approx(mobilised)


def test_nobody_absorbs_more_than_it_can(world_named: World, quiet: Scenario) -> None:
    """Hubs and facilitators raise the limit, of each module and quarter."""
    arrays = world_named.arrays
    hub, facilitator = (
        instrument(world_named, name) for name in ("INFORMAL_DIGITAL_HUB", "D4D_HUB")
    )
    with_hub, with_facilitator, with_opened_hub = np.argsort(arrays.gdp)[:3]
    stage = np.zeros_like(arrays.stage)
    stage[with_hub, hub] = stage[with_facilitator, facilitator] = STAGES.index("in_force")
    world = with_arrays(world_named, stage=stage)
    opened = world.countries["iso3"].iloc[with_opened_hub]
    scenario = with_policy(
        with_offer(
            quiet, **EVERYBODY_GAINS, **NO_LEVERAGE, envelope=20_000.0, mix=only(MODULES, "skills")
        ),
        openness=1.0,
        hubs=(opened,),
    )
    c = scenario.behaviour.values()
    limit = c["absorption_rate"] * arrays.gdp
    limit = limit * (1 + c["absorption_readiness"] * arrays.readiness.mean(axis=1))
    limit[[with_hub, with_opened_hub]] *= 1 + c["absorption_hub"]
    limit[with_facilitator] *= 1 + c["absorption_facilitator"]
    money = invested(world, scenario).countries["invested"].sum(axis=1)
    assert (money <= limit * (1 + 1e-9)).all()
    full = np.isclose(money, limit, rtol=1e-6, atol=1e-6)
    assert full[[with_hub, with_facilitator, with_opened_hub]].all()
    assert full.sum() > 10


def test_money_stays_where_one_side_gains_too_little(world_named: World, quiet: Scenario) -> None:
    arrays = world_named.arrays
    base = open_offer(quiet, targeting=only(TARGETING, "even"), mix=only(MODULES, "skills"))
    gain = partner_gain(world_named, "skills")
    worth = 0.5 * arrays.size + 0.5 * arrays.alignment
    trust = arrays.module_trust[MODULES.index("ai_software")]
    for scenario, accepted in (
        (with_offer(base, reservation_partner=float(np.median(gain))), gain > np.median(gain)),
        (with_offer(base, reservation_eu=float(np.median(worth))), worth > np.median(worth)),
        (
            with_policy(with_offer(base, mix=only(MODULES, "ai_software")), openness=0.0),
            arrays.alignment >= trust,
        ),
    ):
        money = invested(world_named, scenario).countries["invested"].sum(axis=1)
        assert 0 < accepted.sum() < len(accepted)
        np.testing.assert_array_equal(money > 0, accepted)
    nobody = invested(world_named, with_offer(base, reservation_partner=1.0))
    assert nobody.union["spent"][0] == 0


def test_what_is_not_spent_is_carried_up_to_a_limit_and_then_lapses(
    world_named: World, quiet: Scenario
) -> None:
    scenario = for_quarters(
        with_offer(quiet, envelope=1000.0, carry_over=0.4, reservation_partner=1.0), 4
    )
    metrics = simulate(world_named, scenario).metrics
    assert metrics["offer_envelope"].tolist() == [0.0, 250.0, 500.0, 750.0, 1000.0]
    assert metrics["offer_carried"].tolist() == [0.0, 250.0, 400.0, 400.0, 400.0]
    assert metrics["offer_lapsed"].tolist() == [0.0, 0.0, 100.0, 350.0, 600.0]
    assert (metrics["offer_spent"] == 0).all()
    assert (metrics["offer_absorbed"] == 0).all()


@settings(max_examples=40)
@given(
    envelope=st.floats(0.0, 20_000.0),
    carry_over=st.floats(0.0, 1.0),
    openness=st.floats(0.0, 1.0),
    mix=st.lists(st.floats(0.0, 1000.0), min_size=6, max_size=6).filter(lambda w: sum(w) > 1e-6),
)
def test_every_cent_is_accounted_for(
    small_world: World,
    quiet: Scenario,
    envelope: float,
    carry_over: float,
    openness: float,
    mix: list[float],
) -> None:
    scenario = with_offer(
        quiet, envelope=envelope, carry_over=carry_over, mix=dict(zip(MODULES, mix, strict=True))
    )
    state = begun(small_world, with_policy(scenario, openness=openness))
    per_quarter = round(envelope * CENTS_PER_MILLION / 4)
    for quarter in range(1, 9):
        play_quarter(state)
        union = state.union[0]
        assert union["envelope"] == quarter * per_quarter
        assert union["envelope"] == union["spent"] + union["carried"] + union["lapsed"]
        assert 0 <= union["carried"] <= envelope * carry_over * CENTS_PER_MILLION + 1


def test_investment_raises_readiness_with_diminishing_returns(
    world_named: World, quiet: Scenario
) -> None:
    scenario = with_offer(quiet, **EVERYBODY_GAINS)
    state = begun(world_named, scenario)
    arrays, c = world_named.arrays, scenario.behaviour.values()
    unit = c["investment_scale"] * np.sqrt(arrays.gdp)[:, None]
    for _ in range(10):
        before = state.countries["invested"].copy()
        play_quarter(state)
        # What was invested until last quarter is felt now.
        effect = np.exp(-c["investment_effect"] * before / unit)
        expected = 1 - (1 - arrays.readiness) * effect
        np.testing.assert_allclose(state.countries["readiness"], expected, rtol=1e-12, atol=1e-12)
    assert (state.countries["readiness"] >= arrays.readiness - 1e-12).all()


def test_the_memory_of_investment_fades_by_half(world_named: World, quiet: Scenario) -> None:
    """Without new money, what counts as recent halves every ``offer_memory`` quarters."""
    memory = 3.0
    scenario = with_coefficients(with_offer(quiet, **EVERYBODY_GAINS), offer_memory=memory)
    state = invested(world_named, scenario, 2)
    recent = state.countries["recent"].copy()
    assert recent.max() > 0
    state.union.envelope_per_quarter[0] = 0
    state.union.carried[0] = 0
    for _ in range(3):
        play_quarter(state)
    np.testing.assert_allclose(state.countries["recent"], recent / 2, rtol=1e-12)


def test_without_money_nothing_is_spent_and_readiness_stays(
    world_named: World, scenarios_by_policy: dict[str, Scenario]
) -> None:
    scenario = for_quarters(without_shocks(scenarios_by_policy["no_offer"]), 8)
    metrics = simulate(world_named, scenario).metrics
    for name in ("envelope", "spent", "carried", "lapsed", "mobilised", "absorbed"):
        assert (metrics[f"offer_{name}"] == 0.0).all(), name
    np.testing.assert_allclose(
        metrics["readiness_mean"], world_named.arrays.readiness.mean(), rtol=1e-12
    )


def test_rivals_are_crowded_out_where_money_went(small_world: World, quiet: Scenario) -> None:
    scenario = with_coefficients(with_offer(quiet, **EVERYBODY_GAINS), rival_crowding_out=0.05)
    state = begun(without_ties(small_world), scenario)
    assert state.countries["rival_base"].shape[1] == len(AREAS)
    unit = scenario.behaviour.values()["investment_scale"] * np.sqrt(small_world.arrays.gdp)
    for _ in range(3):
        before = state.countries["rival_base"].copy()
        play_quarter(state)
        recent = state.countries["recent"]
        pushed = 0.05 * recent / (recent + unit[:, None])
        np.testing.assert_allclose(
            state.countries["rival_base"], np.clip(before - pushed, 0, 1), atol=1e-12
        )
    assert (state.countries["rival_base"] < small_world.arrays.rival).any()
