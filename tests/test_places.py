"""Shocks by somebody on somebody, groups of countries, weights that mean the same everywhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from partnersim import load_scenario, synthetic_world
from partnersim.configuration import load_experiment
from partnersim.errors import InputError
from partnersim.runs.plan import plan_of
from partnersim.scenario.compile import prepare, prepare_again
from partnersim.scenario.names import members_of
from partnersim.world.places import nearest_place
from partnersim.world.world import World


def climate(*strikes: str) -> str:
    return f"geopolitics.schedule=[{','.join('{' + strike + '}' for strike in strikes)}]"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        *[(name, ", did you mean 'JPN' (Japan)?") for name in ("Japan", "jpn", "Japn", "JPX")],
        *[(name, ", did you mean 'TUR' (Türkiye)?") for name in ("Turkey", "Turkei", "Türkei")],
        ("ASEAN", ", did you mean 'BLOC_ASEAN'?"),
        ("Afrika", ": Africa is a continent; its regions: sub_saharan_africa"),
        ("Germny", ": Germany is a member of the EU"),
        *[(name, "") for name in ("until", "XX", "", "Atlantis", "2030")],
    ],
)
def test_the_nearest_place_goes_by_names_and_by_codes(
    name: str, said: str, world_all: World
) -> None:
    hint = nearest_place(name, [*world_all.countries["iso3"], "BLOC_ASEAN"])
    assert hint.startswith(said)
    assert bool(hint) == bool(said)


def test_groups_are_what_the_tables_say(world_all: World) -> None:
    groups = world_all.groups
    countries = world_all.countries.set_index("iso3")
    assert set(groups["candidate"]) == set(countries.index[countries["enlargement"] == "candidate"])
    incomes = ("low_income", "lower_middle_income", "upper_middle_income", "high_income")
    assert sum(len(groups[name]) for name in incomes) == len(countries)
    assert (countries.loc[list(groups["low_income"]), "gdp_per_person"] < 1146).all()
    assert countries.loc[list(groups["ldc"]), "ldc"].all()
    assert "VNM" in groups["asean"]
    assert set(groups["western_balkans"]) == set(
        countries.index[countries["region"] == "Western Balkans"]
    )


def test_places_stand_for_countries(world_all: World) -> None:
    assert all(members_of(["world"], world_all))
    both = world_all.countries["iso3"][members_of(["asean", "KEN"], world_all)]
    assert set(both) == {*world_all.groups["asean"], "KEN"}
    assert any(members_of(["Indo-Pacific"], synthetic_world(12, 1)))


def test_on_is_whom_it_strikes_and_by_who_is_behind_it(world_all: World) -> None:
    strike = "shock: trade_war, quarter: 2026Q1, severity: 0.5, by: USA, on: asean"
    scenario = load_scenario(climate(strike))
    assert scenario.geopolitics.schedule[0].where == ("asean",)
    state = prepare(world_all, scenario, 0)
    struck = np.flatnonzero(state.schedule_target[0])
    codes = world_all.countries["iso3"].to_numpy(str)
    assert set(codes[struck]) == set(world_all.groups["asean"])
    assert codes[state.schedule.source[0]] == "USA"


@pytest.mark.parametrize(
    ("strike", "said"),
    [
        ("shock: trade_war, where: USA", "would strike who wages a trade war; write by: USA"),
        ("shock: eu_budget_cut, on: KEN", "strikes the EU alone; write on: world"),
        ("shock: ransomware_wave, by: CHN, on: world", "nobody stands behind ransomware_wave"),
        ("shock: supplier_coercion, by: CHN, on: CHN", "is behind it itself"),
        ("shock: cable_cut, on: asaen", "did you mean 'asean'?"),
        ("shock: cable_cut, on: KEN, where: KEN", "name whom it strikes once"),
    ],
)
def test_a_shock_that_makes_no_sense_is_refused(strike: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        load_scenario(climate(f"{strike}, quarter: 2026Q1, severity: 0.5"))
    assert said in str(caught.value)


def test_recipients_alone_gain_from_packages(world_all: World) -> None:
    usual = load_scenario()
    chosen = load_scenario("policy.offer.recipients=[candidate,KEN]")
    state = prepare(world_all, chosen, 0)
    inside = np.array(members_of(["candidate", "KEN"], world_all))
    whole = prepare(world_all, usual, 0).gains
    assert (state.gains[inside] == whole[inside]).all()
    assert (state.gains[~inside] == 0).all()
    prepare_again(state, world_all, chosen, usual)
    assert (state.gains == whole).all()


def test_a_weight_means_the_same_in_a_sweep_as_on_a_command_line(tmp_path: Path) -> None:
    typed = load_scenario("policy=connect_first", "policy.priorities.connect=7").policy
    swept = load_experiment(
        [
            *("experiment=robustness", "policies=[balanced,connect_first]", "design.points=4"),
            "design.factors.policy.priorities.connect.values=[7,8]",
        ]
    )
    plan = plan_of(swept)
    path = "policy.priorities.connect"
    future = int(np.flatnonzero(plan.futures[path] == 7)[0])
    assert dict(plan.scenarios(future)["connect_first"].policy.priorities) == dict(typed.priorities)


def test_a_stated_mapping_means_exactly_that() -> None:
    weights = "{deepen: 0, broaden: 1, connect: 3, strengthen: 0}"
    policy = load_scenario(f"policy.priorities={weights}").policy
    assert dict(policy.priorities) == {
        "deepen": 0,
        "broaden": 0.25,
        "connect": 0.75,
        "strengthen": 0,
    }


def test_weights_stay_as_written_however_often_they_are_read() -> None:
    experiment = load_experiment(["policies=[balanced,connect_first]"])
    before = experiment.configuration()
    assert before["policy"]["connect_first"]["priorities"]["connect"] == 3
    assert [arm.scenario.policy for arm in experiment.arms]
    assert experiment.configuration() == before
