"""Rivals: what they supply, how they win and tie countries, who keeps them out, what it does."""

from __future__ import annotations

import csv
import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from partnersim import load_scenario, load_world, simulate_ensemble
from partnersim.errors import InputError
from partnersim.model.choice import terms_of, weigh_instruments
from partnersim.model.constants import AREAS, IN_FORCE
from partnersim.model.observation import observe
from partnersim.model.quarter import play_quarter
from partnersim.model.rivals import attraction, compete, highest_attraction, sum_supply
from partnersim.model.shock_effects import fill_unready
from partnersim.model.state import State
from partnersim.random.elementary import exp
from partnersim.scenario.scenario import Scenario
from partnersim.world.tables import PACKAGE_DATA
from partnersim.world.world import World
from scenarios import (
    begun,
    for_quarters,
    instrument,
    with_arrays,
    with_climate,
    with_coefficients,
    without_shocks,
)

INFRASTRUCTURE = AREAS.index("infrastructure")
CABLES = "CHN cable_built"


def place(world: World, code: str) -> int:
    return list(world.countries["iso3"]).index(code)


def still(world: World, **arrays: object) -> World:
    """Return a world in which rivals win nothing, unless told otherwise."""
    return with_arrays(world, **{"rival_rate": 0.0, **arrays})


def in_all_countries(world: World, offer: str, value: float) -> np.ndarray:
    """Return values by country and offer: one for an offer, 0 for the others."""
    values = np.zeros(world.arrays.rival_rate.shape)
    values[:, world.rival_offers.index(offer)] = value
    return values


@pytest.fixture
def calm(scenario: Scenario) -> Scenario:
    return with_climate(without_shocks(scenario), rival_drift=0.0)


def edited(folder: Path, name: str, *rows: dict[str, str]) -> Path:
    """Add rows to a table of a copy of the data; return the folder."""
    if not folder.exists():
        shutil.copytree(PACKAGE_DATA, folder)
    with (folder / name).open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    table += [{**dict.fromkeys(table[0], ""), **row} for row in rows]
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)
    return folder


TOLD = {"source": "a test", "confidence": "assumed"}


def test_supply_of_june_2025_is_the_dated_record(world_all: World) -> None:
    """Costa Rica banned high-risk vendors in August 2023; Kenya's loan is of 2012."""
    arrays = world_all.arrays
    loans = world_all.rival_offers.index("CHN loan_project")
    age = 2025 + 5 / 12 + 4 / 365 - 2012.5
    kenya = arrays.rival_supply[place(world_all, "KEN"), loans]
    assert kenya == pytest.approx(2 ** (-age / 8), rel=1e-3)
    assert arrays.kept_out[place(world_all, "CRI")] == 1.0
    assert arrays.kept_out[place(world_all, "VNM")] == 0.5
    assert arrays.kept_out[place(world_all, "KEN")] == 0.0
    # Starlink was refused in South Africa.
    satellites = world_all.rival_offers.index("USA satellite")
    assert arrays.rival_supply[place(world_all, "ZAF"), satellites] == 0.0
    china = [name.startswith("CHN") for name in world_all.rival_offers]
    assert not arrays.rival_rate[place(world_all, "CHN")][china].any()
    assert (arrays.rival_rate[place(world_all, "KEN")][china] > 0).all()
    # Australia builds in the Pacific alone; chips are for those who make some.
    pacific = arrays.rival_rate[:, world_all.rival_offers.index("AUS pacific_cable")]
    assert pacific[place(world_all, "FJI")] > 0
    assert pacific[place(world_all, "ISL")] == 0
    chips = arrays.rival_rate[:, world_all.rival_offers.index("USA chips_alliance")]
    assert chips[place(world_all, "CHL")] > 0
    assert chips[place(world_all, "TZA")] == 0


def test_a_third_rival_in_the_tables_acts(tmp_path: Path, calm: Scenario) -> None:
    folder = tmp_path / "data"
    edited(folder, "rival_powers.csv", {"rival": "JPN", "name": "Japan", "high_risk": "no", **TOLD})
    moves = [
        {"date": f"20{year}-03", "rival": "JPN", "iso3": code, "kind": "cloud_dc", **TOLD}
        for year, code in ((18, "KEN"), (20, "VNM"), (23, "IDN"))
    ]
    edited(folder, "rivals.csv", *({**move, "area": "platforms", "effect": "+"} for move in moves))
    world = load_world(data_dir=folder)
    offer = world.rival_offers.index("JPN cloud_dc")
    assert world.arrays.rival_supply[place(world, "IDN"), offer] > 0.5
    events = simulate_ensemble(world, for_quarters(calm, 16), replicates=8, threads=1).events
    won = events[events["event"] == "rival_won"]
    assert (won["other"] == "JPN cloud_dc").any()


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"rival": "JPN"}, "rival 'JPN' is not a rival of rival_powers.csv"),
        ({"kind": "cabel_built"}, "kind 'cabel_built' is not a kind of rival_kinds.csv"),
    ],
)
def test_moves_of_whom_nobody_knows_are_refused(
    tmp_path: Path, cells: dict[str, str], reason: str
) -> None:
    move = {"date": "2024", "rival": "CHN", "iso3": "KEN", "kind": "cloud_dc", "area": "platforms"}
    edited(tmp_path / "data", "rivals.csv", {**move, "effect": "+", **TOLD, **cells})
    with pytest.raises(InputError, match=reason):
        load_world(data_dir=tmp_path / "data")


def test_hold_fades_with_its_half_life_and_faster_where_vendors_are_banned(
    small_world: World, calm: Scenario
) -> None:
    offer = small_world.rival_offers.index(CABLES)
    kept_out = np.zeros(len(small_world.countries))
    kept_out[0] = 1.0
    world = still(small_world, rival_supply=in_all_countries(small_world, CABLES, 1.0))
    world = with_arrays(world, kept_out=kept_out)
    state = begun(world, with_coefficients(calm, vendor_replacement=0.1, vendor_ban=0.0))
    quarters = 4 * 15
    for _ in range(quarters):
        compete(state)
    assert state.supply[1, offer] == pytest.approx(0.5)
    assert state.supply[0, offer] == pytest.approx(0.5 * 0.9**quarters)
    assert state.countries["supplied"][1, INFRASTRUCTURE] == pytest.approx(1 / 3)
    assert state.countries["high_risk"][1, INFRASTRUCTURE] == pytest.approx(1 / 3)


def wins(state: State, quarters: int = 1) -> int:
    for _ in range(quarters):
        compete(state)
    return int(state.union[0].rival_wins)


def test_rivals_win_as_often_as_hazards_say(world_all: World, calm: Scenario) -> None:
    """One offer, one quarter in many runs: the record, pull, ties, money and a ban each count."""
    rate, runs = 0.05, 60
    world = still(world_all, rival_supply=0.0, kept_out=0.0)
    world = with_arrays(world, rival_rate=in_all_countries(world, CABLES, rate))
    given = {"rival_pull": 2.0, "rival_ties": -1.5, "rival_money": -0.7, "vendor_ban": 0.0}
    given["usual_offer"] = 0.0
    state = begun(world, with_coefficients(calm, **given, vendor_toolbox=0.0))
    countries = len(state.countries)
    states = {
        "as recorded": ({}, rate),
        "pulled": ({"rival": lambda c: c["first_rival"] + 0.3}, rate * math.exp(0.6)),
        "tied": ({"depth": lambda c: c["first_depth"] + 2}, rate * math.exp(-0.75)),
        "paid": ({"recent": lambda c: c["investment_unit"][:, None]}, rate * math.exp(-0.35)),
        "half kept out": ({"kept_out": lambda c: 0.5}, rate / 2),
        "banned": ({"kept_out": lambda c: 1.0}, 0.0),
    }
    for told, (changes, hazard) in states.items():
        won = 0
        for run in range(runs):
            state.clock[0].replicate = run
            state.supply[:] = 0.0
            state.countries["kept_out"] = 0.0
            state.countries["rival"] = state.countries["first_rival"]
            state.countries["depth"] = state.countries["first_depth"]
            state.countries["recent"] = 0.0
            for name, change in changes.items():
                state.countries[name] = change(state.countries)
            state.union[0].rival_wins = 0
            won += wins(state)
        expected = runs * countries * (1 - math.exp(-hazard))
        assert abs(won - expected) <= 4 * math.sqrt(expected), told


def test_no_area_attracts_more_than_the_highest(small_world: World, scenario: Scenario) -> None:
    state = begun(small_world, scenario)
    draw = np.random.default_rng(0)
    for spread in (0.0, 1e-12, 1e-6, 0.1, 1.0, 4.0):
        state.countries["rival"] = spread * draw.normal(size=state.countries["rival"].shape)
        state.countries["first_rival"] = 0.0
        for i in range(len(state.countries)):
            each = [exp(attraction(state, i, area)) for area in range(len(AREAS))]
            assert highest_attraction(state, i) >= max(each)


def test_what_was_won_is_not_won_again_while_it_holds(small_world: World, calm: Scenario) -> None:
    world = still(small_world, rival_supply=in_all_countries(small_world, CABLES, 1.0))
    world = with_arrays(world, rival_rate=in_all_countries(world, CABLES, 1e6), kept_out=0.0)
    quiet = with_coefficients(calm, vendor_ban=0.0, vendor_toolbox=0.0)
    long = with_arrays(world, rival_half_life=1e12)
    assert wins(begun(long, quiet), 3) == 0
    # Free of it, everybody is won at once.
    assert wins(begun(with_arrays(world, rival_supply=0.0), quiet)) == len(world.countries)


def test_allies_the_wealthy_and_holders_of_the_toolbox_ban_as_often_as_hazards_say(
    world_all: World, calm: Scenario
) -> None:
    toolbox = instrument(world_all, "TOOLBOX_5G")
    ally = np.zeros(len(world_all.countries))
    ally[:80] = 1
    wealth = np.full(len(ally), 0.5)
    wealth[40:80] = 0.9
    stage = np.zeros_like(world_all.arrays.stage)
    stage[80:, toolbox] = IN_FORCE
    world = still(world_all, ally=ally, wealth=wealth, power=0, kept_out=0.0, stage=stage)
    given = {"vendor_ban": 0.01, "vendor_alliance": 2.0, "vendor_wealth": 2.5}
    given["vendor_toolbox"] = 0.03
    state = begun(world, with_coefficients(calm, **given))
    banned, runs = np.zeros(len(world.countries)), 60
    for run in range(runs):
        state.clock[0].replicate = run
        state.countries["kept_out"] = 0.0
        compete(state)
        banned += state.countries["kept_out"]
    hazards = (0.01 * math.e**2, 0.01 * math.e**3, 0.04)
    groups = (slice(0, 40), slice(40, 80), slice(80, None))
    for group, hazard in zip(groups, hazards, strict=True):
        expected = runs * len(banned[group]) * (1 - math.exp(-hazard))
        assert abs(banned[group].sum() - expected) <= 4 * math.sqrt(expected)


def test_allies_take_over_the_toolbox_by_alliance(world_all: World, calm: Scenario) -> None:
    toolbox = instrument(world_all, "TOOLBOX_5G")
    state = begun(world_all, with_coefficients(calm, vendor_alliance=1.7))
    korea, kenya = place(world_all, "KOR"), place(world_all, "KEN")
    assert terms_of(state, korea, toolbox, 1.0).alliance == 1.7
    assert terms_of(state, kenya, toolbox, 1.0).alliance == 0.0
    assert terms_of(state, korea, instrument(world_all, "FTA"), 1.0).alliance == 0.0


def test_what_rivals_supply_moves_demand_readiness_and_value(
    world_all: World, calm: Scenario
) -> None:
    """Infrastructure is asked for less, its partner is readier, its security is worth less."""
    scenario = with_coefficients(calm, rival=-1.0, rival_readiness=0.1, value_high_risk=0.5)
    kenya, offer = place(world_all, "KEN"), world_all.rival_offers.index(CABLES)
    world = still(world_all, rival_supply=0.0, ally=0)
    won = in_all_countries(world, CABLES, 0.0)
    won[kenya, offer] = 1.0
    state, taken = begun(world, scenario), begun(with_arrays(world, rival_supply=won), scenario)
    taken.countries["built"][kenya, INFRASTRUCTURE] = 1.0
    fill_unready(taken.coefficients[0], taken.countries[kenya])
    rows = []
    for each in (state, taken):
        each.countries["capacity"] = 0
        play_quarter(each)
        sum_supply(each, kenya)
        weigh_instruments(each, kenya, each.utilities)
        rows.append(each.utilities[: len(world.instruments)].copy())
        observe(each, np.zeros(len(each.observed_values)))
    possible = np.isfinite(rows[0])
    rows = [np.where(possible, row, 0.0) for row in rows]
    covers = world.arrays.area[:, INFRASTRUCTURE] == 1
    supplied = taken.countries["supplied"][kenya, INFRASTRUCTURE]
    ready = taken.countries["readiness"] - state.countries["readiness"]
    gap = 1 - state.countries["readiness"][kenya, INFRASTRUCTURE]
    assert ready[kenya, INFRASTRUCTURE] == pytest.approx(gap * (1 - math.exp(-0.1)))
    c = scenario.behaviour.values()
    share = covers / world.arrays.area.sum(axis=1)
    expected = share * (c["readiness"] * ready[kenya, INFRASTRUCTURE] - supplied)
    np.testing.assert_allclose((rows[1] - rows[0])[possible], expected[possible], atol=1e-9)
    assert taken.observed[0].eu_value < state.observed[0].eu_value
    lost = state.observed[0].eu_value - taken.observed[0].eu_value
    gained = taken.observed[0].partner_value - state.observed[0].partner_value
    assert gained > 0
    security = [each.observed[0].value_by_objective[1] for each in (state, taken)]
    assert security[0] - security[1] <= lost + 1e-9


@pytest.mark.slow
def test_rising_rivalry_changes_ties_and_value_beyond_noise(
    world_all: World, scenario: Scenario
) -> None:
    """The same luck in both: the difference is that of the rivals."""
    runs, at_end = 200, {}
    covers = world_all.arrays.area[:, INFRASTRUCTURE] == 1
    infrastructure = world_all.instruments["instrument"][covers]
    for drift in (0.0, 0.05):
        climate = for_quarters(with_climate(scenario, rival_drift=drift), 40)
        ensemble = simulate_ensemble(world_all, climate, seed=5, replicates=runs, threads=1)
        metrics, events = ensemble.metrics, ensemble.events
        asked = events[events["event"] == "approached"]
        asked = asked[asked["instrument"].isin(infrastructure)]
        # What a bloc decides for its members is one decision.
        asked = asked.drop_duplicates(["replicate", "quarter", "instrument"])
        end = metrics[metrics["quarter"] == metrics["quarter"].max()].set_index("replicate")
        end["asked"] = asked["replicate"].value_counts()
        at_end[drift] = end
    ends = {
        **dict.fromkeys(("rival_wins", "rival_share", "readiness_mean"), 1),
        **dict.fromkeys(("asked", "eu_value", "value_security"), -1),
    }
    for name, sign in ends.items():
        gap = sign * (at_end[0.05][name] - at_end[0.0][name]).to_numpy()
        assert gap.mean() > 3 * gap.std() / math.sqrt(len(gap)), name


def test_a_pull_that_grows_makes_partners_ask_less_of_the_eu(world_all: World) -> None:
    """In a run, and not only by what rivals win: with their wins without weight it does so too."""
    asked = []
    for drift in (0.0, 0.03):
        words = ("geopolitics=calm", f"geopolitics.rival_drift={drift}")
        scenario = with_coefficients(load_scenario(*words), rival=0.0, rival_readiness=0.0)
        events = simulate_ensemble(world_all, scenario, seed=1, replicates=20).events
        asked.append((events["event"] == "approached").groupby(events["replicate"]).sum())
    fewer = asked[0] - asked[1]
    assert fewer.mean() > 3.0 * fewer.std() / math.sqrt(len(fewer))
