"""The Tech Business Offer: who gets how much, what it mobilises, what stays, what it does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnersim import InputError, load_scenario, simulate, simulate_ensemble
from partnersim.model.constants import (
    AREAS,
    CENTS_PER_MILLION,
    EVENT_COUNTRY,
    EVENT_INSTRUMENT,
    EVENT_KIND,
    EVENT_SEVERITY,
    IN_FORCE,
    MODULES,
    NONE,
    PLANNED,
    SEVERITY_UNITS,
    STAGES,
    SUSPENDED_BY_SHOCKS,
)
from partnersim.model.events import APPROACHED, PACKAGE
from partnersim.model.offer import share_unpaid, spend_offer
from partnersim.model.quarter import play_quarter
from partnersim.model.stages import open_negotiations
from partnersim.model.state import State
from partnersim.model.targeting import TARGETING
from partnersim.scenario.numeric_settings import numeric_settings
from partnersim.scenario.scenario import Scenario
from partnersim.world.synthetic import synthetic_world
from partnersim.world.world import World, load_world
from scenarios import (
    begun,
    for_quarters,
    instrument,
    with_arrays,
    with_coefficients,
    with_offer,
    with_policy,
    without_effects,
    without_rivals,
    without_shocks,
    without_slow_change,
    without_ties,
    without_turns,
)

EVERYBODY_GAINS = {"reservation_partner": 0.0, "reservation_eu": 0.0}
NO_LEVERAGE = {"private": 0.0, "development_finance": 0.0, "export_credit": 0.0}


@pytest.fixture(scope="module")
def quiet(scenario: Scenario) -> Scenario:
    """No shocks, no turns, nothing drifts, instruments do nothing: the Offer alone."""
    return without_effects(without_turns(without_slow_change(without_shocks(scenario))))


@pytest.fixture(scope="module")
def paid(world_all: World) -> World:
    """Nothing waits for money: packages are all that it can buy."""
    arrays = world_all.arrays
    waiting = (arrays.cost > 0) & (arrays.stage > PLANNED) & (arrays.stage < IN_FORCE)
    return with_arrays(world_all, stage=np.where(waiting, NONE, arrays.stage))


def open_offer(scenario: Scenario, **values: Any) -> Scenario:
    """An Offer that everybody may take, without limits of absorption or shares of regions."""
    scenario = with_coefficients(scenario, absorption_rate=1e3)
    given = {"regions": {}, **EVERYBODY_GAINS, **values}
    return with_policy(with_offer(scenario, **given), openness=1.0)


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


@pytest.mark.parametrize("principle", ["need", "strategic", "even", "depth", "connection"])
def test_the_best_claim_under_each_principle_is_served_first(
    paid: World, quiet: Scenario, principle: str
) -> None:
    alike = {
        "package_bonus": 0.0,
        "package_most": 100.0,
        "package_least": 100.0,
        "usual_offer": 0.0,
    }
    scenario = open_offer(
        with_coefficients(quiet, **alike),
        envelope=400.0,
        mix=only(MODULES, "skills"),
        targeting=only(TARGETING, principle),
    )
    arrays = paid.arrays
    before = begun(paid, scenario)
    claims = {
        "need": partner_gain(paid, "skills"),
        "strategic": 0.5 * arrays.size + 0.5 * arrays.alignment,
        "even": np.ones(len(arrays.size)),
        "depth": depth_share(before),
        "connection": before.degree / (before.degree + 3),
    }[principle]
    claims = np.where(arrays.developing == 1, claims, -1.0)
    state = invested(paid, scenario)
    served = np.flatnonzero(state.countries["committed"] > 0)
    assert served.tolist() == [claims.argmax()]
    assert state.union["spent"][0] == 100 * CENTS_PER_MILLION
    assert state.union["packages"][0] == 1


def test_regional_priority_decides_who_is_served(paid: World, quiet: Scenario) -> None:
    scenario = open_offer(
        with_coefficients(quiet, package_most=10.0, package_least=10.0),
        envelope=160.0,
        targeting=only(TARGETING, "even"),
    )
    state = invested(paid, with_policy(scenario, regions={"Western Balkans": 3.0}))
    regions = paid.countries["region"][state.countries["committed"] > 0]
    assert len(regions) == 4
    assert set(regions) == {"Western Balkans"}
    state = invested(paid, with_policy(scenario, regions={"LAC": 0.0}))
    assert "LAC" not in set(paid.countries["region"][state.countries["committed"] > 0])


def test_a_partnership_framework_raises_the_claim_and_takes_the_package_in(
    world_all: World, quiet: Scenario
) -> None:
    scenario = open_offer(
        with_coefficients(quiet, package_bonus=2.0, package_most=10.0, package_least=10.0),
        envelope=40.0,
        targeting=only(TARGETING, "even"),
    )
    chosen = np.flatnonzero(world_all.arrays.developing)[-1]
    bare = without_ties(world_all)
    stage = bare.arrays.stage.copy()
    framework = instrument(world_all, "STRATEGIC_PARTNERSHIP")
    stage[chosen, framework] = STAGES.index("in_force")
    state = invested(with_arrays(bare, stage=stage), scenario)
    logged = state.events[: state.union["events"][0]]
    bought = logged[logged[:, EVENT_KIND] == PACKAGE]
    assert bought[0, [EVENT_COUNTRY, EVENT_INSTRUMENT]].tolist() == [chosen, framework]
    assert bought[0, EVENT_SEVERITY] == 10 * SEVERITY_UNITS


def test_packages_are_tailored_to_the_partner(paid: World, quiet: Scenario) -> None:
    """Modules weigh by the mix times the gain; what is too sensitive for a partner is left out."""
    mix = {"connectivity": 0.5, "ai_software": 0.5}
    quiet = with_coefficients(quiet, package_least=10.0, package_most=10.0)
    scenario = open_offer(quiet, envelope=20_000.0, mix=mix, **NO_LEVERAGE)
    arrays = paid.arrays
    trust = arrays.module_trust[MODULES.index("ai_software")]
    for openness in (0.0, 1.0):
        state = invested(paid, with_policy(scenario, openness=openness))
        gains = np.array([0.5 * partner_gain(paid, name) for name in mix])
        needed = [arrays.module_trust[MODULES.index(name)] * (1 - openness) for name in mix]
        gains *= arrays.alignment >= np.array(needed)[:, None]
        served = state.countries["committed"] > 0
        assert served.sum() > 10
        weights = gains[:, served] / gains[:, served].sum(axis=0)
        money = state.countries["committed"][served]
        areas = arrays.module_area[[MODULES.index(name) for name in mix]]
        expected = (weights * money).T @ areas
        np.testing.assert_allclose(state.countries["invested"][served], expected, rtol=1e-9)
    assert (arrays.alignment[served] < trust).any()


def test_rich_partners_get_no_development_money(world_all: World, quiet: Scenario) -> None:
    state = invested(world_all, open_offer(quiet, envelope=20_000.0), quarters=8)
    money = state.countries["invested"].sum(axis=1)
    assert (money[world_all.arrays.developing == 0] == 0).all()
    rich = world_all.countries["gdp_per_person"] >= 25_000
    assert (money[rich] == 0).all()
    assert (money > 0).sum() > 50


def test_packages_follow_people_and_poverty(world_all: World, scenario: Scenario) -> None:
    """Not output; none below the smallest project, none to who has had no grants for long."""
    events = simulate_ensemble(world_all, scenario, seed=7, replicates=10, threads=1).events
    packages = events[events["event"] == "package"].astype({"iso3": str})
    money = packages.groupby("iso3")["million_eur"].mean()
    most = packages.groupby("iso3")["million_eur"].max()
    largest = scenario.behaviour.values()["package_most"]
    assert most["NGA"] == pytest.approx(largest, rel=0.02), "whose package is the largest on record"
    assert packages["million_eur"].nunique() > 0.98 * len(packages), "hardly two cost the same"
    for poorer, richer in (("NGA", "ZAF"), ("KEN", "SLV"), ("BDI", "BWA"), ("UKR", "SRB")):
        assert money[poorer] > 1.5 * money[richer]
    # As many people, as near and about as poor.
    assert 0.7 < money["ARM"] / money["MDA"] < 1.4
    # By regulation 1.8 times, 2.1 times as much.
    assert 1.1 < money["SRB"] / money["XKX"] < 2.2
    without = {"DOM", "IND", "MEX", "KAZ", "MUS", "TUV", "NRU", "AZE", "RUS", "USA"}
    assert not without & set(money.index)


def test_a_fresh_rupture_keeps_packages_away(paid: World, quiet: Scenario) -> None:
    scenario = open_offer(quiet, envelope=20_000.0)
    bought = []
    for rupture in (0.0, 0.04, 0.06):
        state = begun(paid, scenario)
        state.countries["rupture"][:] = rupture
        spend_offer(state)
        bought.append(state.union[0].packages)
    assert bought[0] == bought[1] > 10
    assert bought[2] == 0


def test_money_buys_nothing_below_the_smallest_package_and_less_and_less_above(
    world_all: World, quiet: Scenario
) -> None:
    readiness = []
    for envelope in (0.0, 0.001, 1_500.0, 6_000.0, 20_000.0):
        state = invested(world_all, with_offer(quiet, envelope=envelope), quarters=42)
        readiness.append(state.countries["readiness"].mean())
    nothing, pennies, usual, fourfold, most = np.array(readiness) - readiness[0]
    assert pennies == nothing == 0.0
    assert 0 < usual < fourfold < most
    assert (fourfold - usual) / 4_500 < usual / 1_500
    assert (most - fourfold) / 14_000 < (fourfold - usual) / 4_500


def test_a_package_lasts_two_thirds_of_the_usual_time_however_small(
    paid: World, quiet: Scenario
) -> None:
    """A country that could absorb it at once gets no other one before."""
    least = {"package_least": 100.0, "package_most": 100.0, "package_quarters": 6.0}
    state = begun(paid, open_offer(with_coefficients(quiet, **least), envelope=400.0))
    spend_offer(state)
    (served,) = np.flatnonzero(state.countries["committed"] > 0)
    state.union[0].envelope_per_quarter = 0
    left = []
    for _ in range(5):
        left.append(state.countries["committed"][served])
        spend_offer(state)
    assert left == [100.0, 75.0, 50.0, 25.0, 0.0]


def test_a_funded_instrument_waits_for_its_money(world_all: World, quiet: Scenario) -> None:
    """It is paid once, before any package is bought, or does not come into force."""
    bare = without_ties(world_all)
    project = instrument(world_all, "COPERNICUS_MIRROR")
    cost = round(world_all.arrays.cost[project] * CENTS_PER_MILLION)
    assert cost > 0
    stage = bare.arrays.stage.copy()
    poor = np.flatnonzero(bare.arrays.developing)[:3]
    stage[poor, project] = STAGES.index("signed")
    world = with_arrays(bare, stage=stage)
    certain = with_coefficients(quiet, hazard_project_signed=1e6)
    for projects in range(4):
        envelope = 4.0 * (projects * cost + 1) / CENTS_PER_MILLION
        scenario = with_offer(certain, envelope=envelope, carry_over=0.0)
        state = begun(world, scenario)
        assert state.union["owed"][0] == 3 * cost
        play_quarter(state)
        assert (state.pairs["stage"][:, project] == STAGES.index("in_force")).sum() == projects
        assert state.union["owed"][0] == (3 - projects) * cost
        assert state.union["spent"][0] == projects * cost
        assert state.union["packages"][0] == 0


def test_the_rich_pay_for_themselves(world_all: World, quiet: Scenario) -> None:
    """They wait for no money, and what they open owes none."""
    bare = without_ties(world_all)
    project = instrument(world_all, "COPERNICUS_MIRROR")
    stage = bare.arrays.stage.copy()
    stage[:, project] = STAGES.index("signed")
    certain = with_coefficients(quiet, hazard_project_signed=1e6, hazard_project_stall=0.0)
    state = begun(with_arrays(bare, stage=stage), with_offer(certain, envelope=0.0))
    rich = world_all.arrays.developing == 0
    cost = round(world_all.arrays.cost[project] * CENTS_PER_MILLION)
    assert state.union[0].owed == cost * (~rich).sum()
    play_quarter(state)
    entered = state.pairs["stage"][:, project] == IN_FORCE
    np.testing.assert_array_equal(entered, rich)
    owed = int(state.union[0].owed)
    other = instrument(world_all, "CYBER_CAPACITY")
    assert world_all.arrays.cost[other] > 0
    open_negotiations(state, int(np.flatnonzero(rich)[0]), other, APPROACHED)
    assert state.union[0].owed == owed
    open_negotiations(state, int(np.flatnonzero(~rich)[0]), other, APPROACHED)
    assert state.union[0].owed > owed


def test_the_eu_shies_away_from_what_it_cannot_pay(world_all: World, quiet: Scenario) -> None:
    state = begun(world_all, quiet)
    union = state.union[0]
    union.owed, union.yearly_envelope = 60, 100
    assert share_unpaid(union, 40) == 0.0
    assert share_unpaid(union, 140) == pytest.approx(0.5)
    union.owed, union.yearly_envelope = 0, 0
    assert share_unpaid(union, 1) == 1.0


@pytest.mark.parametrize(
    ("name", "factor"),
    [
        ("private", lambda business, size: business),
        ("development_finance", lambda business, size: 4 * business * (1 - business)),
        ("export_credit", lambda business, size: size),
    ],
)
def test_public_money_mobilises_other_money(
    world_all: World, quiet: Scenario, name: str, factor: Any
) -> None:
    arrays = world_all.arrays
    bare = open_offer(quiet, envelope=4_000.0, targeting=only(TARGETING, "even"), **NO_LEVERAGE)
    plain = invested(world_all, bare)
    levered = invested(world_all, with_offer(bare, **{name: 2.0}))
    expected = 1 + 2.0 * factor(arrays.business, arrays.size)
    np.testing.assert_allclose(
        levered.countries["invested"],
        plain.countries["invested"] * expected[:, None],
        rtol=1e-9,
    )
    assert levered.union["spent"][0] == plain.union["spent"][0]
    mobilised = levered.countries["invested"].sum()
    assert levered.union["mobilised"][0] == pytest.approx(mobilised)


def test_a_package_is_what_its_country_absorbs_and_the_next_one_waits_for_that(
    world_all: World, quiet: Scenario
) -> None:
    """Of some years, give or take a third; hubs and facilitators raise the limit of a quarter."""
    arrays = world_all.arrays
    hub, facilitator = (instrument(world_all, name) for name in ("INFORMAL_DIGITAL_HUB", "D4D_HUB"))
    poor = np.flatnonzero(arrays.developing)
    income = arrays.gdp / arrays.population
    near = world_all.countries["region"].isin(["Eastern Partnership", "Southern Neighbourhood"])
    line = np.where(near | (arrays.candidate == 1), 40_000.0, 14_005.0)
    programme = np.sqrt(arrays.population) * np.maximum(0.0, 1 - income / line) ** 2
    with_hub, with_facilitator, with_opened_hub = poor[np.argsort(programme[poor])[-13:-10]]
    stage = np.zeros_like(arrays.stage)
    stage[with_hub, hub] = stage[with_facilitator, facilitator] = STAGES.index("in_force")
    world = with_arrays(world_all, stage=stage)
    opened = world.countries["iso3"].iloc[with_opened_hub]
    scenario = with_coefficients(
        with_policy(
            with_offer(quiet, **EVERYBODY_GAINS, **NO_LEVERAGE, envelope=20_000.0),
            openness=1.0,
            hubs=(opened,),
        ),
        package_least=0.0,
        package_most=1e6,
        package_quarters=3.0,
    )
    c = scenario.behaviour.values()
    aided = c["absorption_rate"] * programme
    aided[[with_hub, with_opened_hub]] *= 1 + c["absorption_hub"]
    aided[with_facilitator] *= 1 + c["absorption_facilitator"]
    state = begun(world, scenario)
    bought, limits = [], []
    for _ in range(6):
        play_quarter(state)
        bought.append(state.countries["invested"].sum(axis=1))
        ready = state.countries["readiness"].mean(axis=1)
        limits.append(aided * (1 + c["absorption_readiness"] * ready))
    served = bought[0] > 0
    assert served[[with_hub, with_facilitator, with_opened_hub]].all()
    quarters = bought[0][served] / limits[0][served]
    assert 2 < quarters.min() < 2.2
    assert 3.8 < quarters.max() < 4
    assert quarters.mean() == pytest.approx(3, abs=0.2)
    for wait in (3, 4):
        # What was invested makes countries readier: they absorb a little faster than at first.
        waits = quarters > wait - 0.85
        np.testing.assert_array_equal(bought[wait - 1][served][waits], bought[0][served][waits])
        waited = (wait - 1 < quarters) & (quarters <= wait)
        again = (bought[wait] - bought[0])[served][waited]
        second = again / limits[wait][served][waited]
        assert ((second > 2) & (second < 4)).all()
    # What was invested has made countries readier: packages become larger.
    assert (limits[4][served] > limits[0][served]).all()


def test_money_stays_where_one_side_gains_too_little(paid: World, quiet: Scenario) -> None:
    arrays = paid.arrays
    quiet = with_coefficients(quiet, package_least=0.0, package_most=10.0)
    base = open_offer(
        quiet, envelope=20_000.0, targeting=only(TARGETING, "even"), mix=only(MODULES, "skills")
    )
    gain = partner_gain(paid, "skills")
    middle = 1.0001 * float(np.median(gain))
    worth = 0.5 * arrays.size + 0.5 * arrays.alignment
    trust = arrays.module_trust[MODULES.index("connectivity")]
    for scenario, accepted in (
        (with_offer(base, reservation_partner=middle), gain > middle),
        (with_offer(base, reservation_eu=float(np.median(worth))), worth > np.median(worth)),
        (
            with_policy(with_offer(base, mix=only(MODULES, "connectivity")), openness=0.0),
            arrays.alignment >= trust,
        ),
    ):
        money = invested(paid, scenario).countries["invested"].sum(axis=1)
        accepted = accepted & (arrays.developing == 1)
        assert 0 < accepted.sum() < len(accepted)
        np.testing.assert_array_equal(money > 0, accepted)
    nobody = invested(paid, with_offer(base, reservation_partner=1.0))
    assert nobody.union["packages"][0] == 0


def test_what_is_not_spent_is_carried_up_to_a_limit_and_then_lapses(
    paid: World, quiet: Scenario
) -> None:
    scenario = for_quarters(
        with_offer(quiet, envelope=1000.0, carry_over=0.4, reservation_partner=1.0), 4
    )
    metrics = simulate(paid, scenario).metrics
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
    world_all: World, quiet: Scenario
) -> None:
    scenario = with_offer(quiet, **EVERYBODY_GAINS)
    state = begun(without_rivals(world_all), scenario)
    arrays, c = world_all.arrays, scenario.behaviour.values()
    unit = c["investment_scale"] * np.sqrt(arrays.gdp)[:, None]
    for _ in range(10):
        before = state.countries["invested"].copy()
        play_quarter(state)
        # What was invested until last quarter is felt now.
        effect = np.exp(-c["investment_effect"] * before / unit)
        expected = 1 - (1 - arrays.readiness) * effect
        np.testing.assert_allclose(state.countries["readiness"], expected, rtol=1e-12, atol=1e-12)
    assert (state.countries["readiness"] >= arrays.readiness - 1e-12).all()


def test_the_memory_of_investment_fades_by_half(world_all: World, quiet: Scenario) -> None:
    """Without new money, what counts as recent halves every ``offer_memory`` quarters."""
    memory = 3.0
    scenario = with_coefficients(with_offer(quiet, **EVERYBODY_GAINS), offer_memory=memory)
    state = invested(world_all, scenario, 2)
    recent = state.countries["recent"].copy()
    assert recent.max() > 0
    state.union.envelope_per_quarter[0] = 0
    state.union.carried[0] = 0
    for _ in range(3):
        play_quarter(state)
    np.testing.assert_allclose(state.countries["recent"], recent / 2, rtol=1e-12)


def test_without_money_nothing_is_spent_and_readiness_stays(
    world_all: World, scenarios_by_policy: dict[str, Scenario]
) -> None:
    scenario = for_quarters(without_effects(without_shocks(scenarios_by_policy["no_offer"])), 8)
    metrics = simulate(without_rivals(world_all), scenario).metrics
    for name in ("envelope", "spent", "carried", "lapsed", "mobilised", "absorbed"):
        assert (metrics[f"offer_{name}"] == 0.0).all(), name
    np.testing.assert_allclose(
        metrics["readiness_mean"], world_all.arrays.readiness.mean(), rtol=1e-12
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


# Where the money goes, and what it gives


def spent_by_region(world: World, scenario: Scenario, runs: int = 5) -> pd.Series:
    """Return the share of the money for packages by region."""
    events = simulate_ensemble(world, scenario, seed=2, replicates=runs, threads=1).events
    bought = events[events["event"] == "package"]
    region = dict(zip(world.countries["iso3"], world.countries["region"], strict=True))
    money = bought.groupby(bought["iso3"].map(region).astype(str))["million_eur"].sum()
    return money / money.sum()


def test_half_of_the_money_is_for_sub_saharan_africa(world_all: World, scenario: Scenario) -> None:
    """First claim to half, as Global Gateway announced; it gets that, or all that it absorbs."""
    assert scenario.policy.offer.regions["Sub-Saharan Africa"] == 0.5
    calm = for_quarters(without_shocks(scenario), 20)
    claimed = spent_by_region(world_all, calm)["Sub-Saharan Africa"]
    nothing = spent_by_region(world_all, with_offer(calm, regions={}))["Sub-Saharan Africa"]
    assert nothing < claimed < 0.65
    assert claimed > 0.4


def test_a_small_share_saves_up_for_a_package_that_is_dearer(paid: World, quiet: Scenario) -> None:
    """A region is served as soon as it is owed something, then waits until that is made good."""
    scenario = open_offer(
        # One that is absorbed in a quarter.
        with_coefficients(quiet, package_least=100.0, package_most=100.0, package_quarters=1.5),
        envelope=1_000.0,
        regions={"Eastern Partnership": 0.1, "LAC": 0.1, "Sub-Saharan Africa": 0.8},
    )
    state = begun(paid, scenario)
    region = paid.regions.index("Eastern Partnership")
    here = paid.countries["region"] == "Eastern Partnership"
    had = []
    for _ in range(9):
        spend_offer(state)
        had.append(int((state.countries["committed"][here] > 0).sum()))
        assert state.region_due[region] > -100 * CENTS_PER_MILLION
    assert had == [1, 0, 0, 0, 1, 0, 0, 0, 1]


def test_a_package_costs_no_more_than_its_region_gets_in_a_year(
    paid: World, quiet: Scenario
) -> None:
    """A region without a share has no such limit; the dearest cost up to a third less."""
    scenario = open_offer(
        with_coefficients(quiet, package_least=4.0, package_most=90.0),
        envelope=1_000.0,
        regions={"Eastern Partnership": 0.05, "LAC": 0.02},
    )
    committed = invested(paid, scenario).countries["committed"]
    region = paid.countries["region"].to_numpy(str)[committed > 0]
    prices = committed[committed > 0]
    most = np.select([region == "Eastern Partnership", region == "LAC"], [50.0, 20.0], 90.0)
    assert {"Eastern Partnership", "LAC"} < set(region)
    assert (prices > most * 2 / 3).all()
    assert (prices < most).all()
    assert np.ptp(prices / most) > 0.2


def test_nobody_gets_a_package_while_anything_is_suspended(paid: World, quiet: Scenario) -> None:
    scenario = open_offer(
        with_coefficients(quiet, package_least=4.0, package_most=4.0), envelope=10_000.0
    )
    served = invested(paid, scenario).countries["committed"] > 0
    state = begun(paid, scenario)
    held = np.argmax((state.pairs["stage"] == IN_FORCE) & served[:, None], axis=1)
    who = np.flatnonzero((state.pairs["stage"] == IN_FORCE).any(axis=1) & served)[:3]
    state.pairs["suspended"][who, held[who]] = SUSPENDED_BY_SHOCKS
    spend_offer(state)
    now = state.countries["committed"] > 0
    assert not now[who].any()
    assert now.sum() == served.sum() - len(who)


def test_a_share_that_a_region_cannot_use_goes_to_the_others(paid: World, quiet: Scenario) -> None:
    scenario = open_offer(
        with_coefficients(quiet, package_least=10.0, package_most=10.0),
        envelope=800.0,
        targeting=only(TARGETING, "even"),
        regions={"Western Balkans": 0.6},
    )
    state = invested(paid, scenario)
    served = state.countries["committed"] > 0
    regions = paid.countries["region"].to_numpy()
    poor = paid.arrays.developing == 1
    assert (served[poor & (regions == "Western Balkans")]).all()
    assert state.union["packages"][0] == 20


def test_shares_of_regions_sum_to_one_at_most() -> None:
    with pytest.raises(InputError) as refused:
        load_scenario("policy.offer.regions.LAC=0.7")
    assert any("shares sum to 1.65, more than 1" in line for line in refused.value.problems)


def test_no_share_is_for_a_region_in_which_nobody_may_buy() -> None:
    """The rich and those under sanctions get no development money: a share would do nothing."""
    for region in ("gulf", "north_america", "russia"):
        with pytest.raises(InputError, match="may buy packages") as refused:
            load_scenario(f"policy.offer.regions.{region}=0.2")
        assert len(refused.value.problems) == 1
    # The usual policy fits any world: of some regions only, or with nobody who may buy.
    for world in (synthetic_world(3, 1), load_world()):
        assert load_scenario().check(with_arrays(world, developing=0)) == []
    settings = numeric_settings(load_scenario().names(load_world()))
    shares = {path.rpartition(".")[2] for path in settings if path.startswith("policy.offer.")}
    assert {"sub_saharan_africa", "western_balkans"} <= shares
    assert shares.isdisjoint({"gulf", "north_america", "russia", "efta_uk"})


def test_no_priority_is_for_a_region_in_which_nobody_may_open_anything() -> None:
    with pytest.raises(InputError, match="nobody in 'Russia' may open anything"):
        load_scenario("policy.regions.russia=2")
    settings = numeric_settings(load_scenario().names(load_world()))
    assert "policy.regions.gulf" in settings
    assert "policy.regions.russia" not in settings


def test_who_is_under_sanctions_gets_no_development_money(
    world_all: World, quiet: Scenario
) -> None:
    state = invested(world_all, open_offer(quiet, envelope=20_000.0), quarters=8)
    money = dict(
        zip(world_all.countries["iso3"], state.countries["invested"].sum(axis=1), strict=True)
    )
    assert all(money[code] == 0 for code in ("RUS", "BLR", "IRN", "PRK"))


def test_a_thousand_euros_give_next_to_nothing_and_more_money_gives_less_and_less(
    world_all: World, scenario: Scenario
) -> None:
    """Value to both sides and readiness after ten years, with the same luck."""
    calm = without_shocks(scenario)
    found = {}
    for envelope in (0.0, 0.001, 1_500.0, 6_000.0):
        metrics = simulate_ensemble(
            world_all, with_offer(calm, envelope=envelope), seed=4, replicates=40, threads=1
        ).metrics
        last = metrics[metrics["quarter"] == metrics["quarter"].max()]
        value = (last["eu_value"] + last["partner_value"]).mean()
        found[envelope] = np.array([value, last["readiness_mean"].mean()])
    pennies, usual, fourfold = (found[money] - found[0.0] for money in (0.001, 1_500.0, 6_000.0))
    assert (usual > 0).all()
    assert (np.abs(pennies) < 0.05 * usual).all()
    assert (fourfold > usual).all()
    assert (fourfold < 4 * usual).all()
