"""Settings: ranges, strictness, shares, quarters, names that a world must know."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from partnersim import load_scenario, load_world
from partnersim.configuration import load_experiment
from partnersim.errors import InputError
from partnersim.model.constants import AREAS, DIRECTIONS, MODULES, RELATIONS
from partnersim.model.metrics import slug
from partnersim.model.targeting import TARGETING
from partnersim.runs.plan import plan_of
from partnersim.scenario.behaviour import Behaviour
from partnersim.scenario.geopolitics import Geopolitics, ScheduledShock
from partnersim.scenario.horizon import Horizon, quarter_index, quarter_label
from partnersim.scenario.names import names_of
from partnersim.scenario.numeric_settings import numeric_settings
from partnersim.scenario.policy import (
    AreaPriorities,
    DirectionPriorities,
    ModuleMix,
    Policy,
    Targeting,
)
from partnersim.scenario.problems import problems_of
from partnersim.scenario.run_settings import RunSettings
from partnersim.scenario.settings import Area
from partnersim.scenario.shock import ShockType
from partnersim.world.places import short_name
from partnersim.world.tables import PACKAGE_DATA

SHOCK: dict[str, Any] = {
    "description": "Test",
    "scope": "country",
    "rate": 0.1,
    "severity": {"low": 0, "mode": 0.5, "high": 1},
    "half_life": 4,
}
OFFER: dict[str, Any] = {
    "envelope": 1000,
    "mix": dict.fromkeys(MODULES, 1),
    "targeting": dict.fromkeys(TARGETING, 1),
    "private": 1,
    "development_finance": 1,
    "export_credit": 1,
    "carry_over": 0.5,
    "reservation_partner": 0,
    "reservation_eu": 0,
}
POLICY: dict[str, Any] = {
    "name": "test",
    "priorities": dict.fromkeys(DIRECTIONS, 2),
    "negotiators": 100,
    "openness": 0.5,
    "offer": OFFER,
}


EVIDENCE = {"low": 0, "high": 1, "origin": "assumed", "basis": "a guess"}


def problems(model: Any, settings: Any, prefix: str = "x") -> list[str]:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(settings)
    return problems_of(caught.value, model, prefix)


def test_vocabulary_is_that_of_the_rules() -> None:
    assert get_args(Area) == AREAS
    assert tuple(AreaPriorities.model_fields) == AREAS
    assert tuple(DirectionPriorities.model_fields) == DIRECTIONS
    assert tuple(ModuleMix.model_fields) == MODULES
    assert tuple(Targeting.model_fields) == TARGETING


@given(
    st.lists(st.floats(0, 1000), min_size=4, max_size=4).filter(lambda weights: sum(weights) > 0)
)
def test_weights_become_shares_that_keep_their_bits_when_read_back(weights: list[float]) -> None:
    shares = DirectionPriorities(**dict(zip(DIRECTIONS, weights, strict=True)))
    values = dict(shares)
    assert sum(values.values()) == pytest.approx(1)
    # What is stored is what was written; read back, it gives the same bits.
    assert list(shares.model_dump().values()) == weights
    assert dict(DirectionPriorities.model_validate(shares.model_dump())) == values


def test_a_policy_is_immutable() -> None:
    policy = Policy.model_validate(POLICY)
    assert policy.areas.trade == 1
    with pytest.raises(ValidationError):
        policy.openness = 0.9  # type: ignore[misc]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"openness": 1.5}, "x.openness = 1.5: must be a number from 0 to 1"),
        ({"openness": True}, "x.openness = true: must be a number from 0 to 1"),
        ({"openness": "0.5"}, "x.openness = '0.5': must be a number from 0 to 1"),
        ({"openness": float("nan")}, "x.openness = nan: must be a number from 0 to 1"),
        ({"openness": float("inf")}, "x.openness = inf: must be a number from 0 to 1"),
        ({"openness": None}, "x.openness = null: must be a number from 0 to 1"),
        ({"negotiators": 10.0}, "x.negotiators = 10.0: must be a whole number from 0 to 2000"),
        ({"name": False}, "x.name = false: must be a text; YAML reads a bare NO"),
        ({"name": ""}, "x.name: must not be empty"),
        ({"hubs": [False]}, "x.hubs[0] = false: must be a text; YAML reads a bare NO"),
        ({"hubs": "NOR"}, "x.hubs = 'NOR': must be a list"),
        ({"hub": []}, "x.hub: unknown setting, did you mean 'hubs'?"),
        ({"regions": {"Gulf": 9}}, "x.regions.Gulf = 9: must be a number from 0 to 3"),
        ({"regions": [1]}, "x.regions = [1]: must be a group of names with values"),
        ({"offer": 5}, "x.offer = 5: must be a group of settings (envelope, mix"),
        ({"offer": {**OFFER, "mix": {}}}, "x.offer.mix.connectivity: required, but missing"),
        (
            {"priorities": dict.fromkeys(DIRECTIONS, 0)},
            "x.priorities: one of deepen, broaden, connect, strengthen must be above 0",
        ),
    ],
)
def test_what_is_wrong_with_a_policy(change: dict[str, Any], expected: str) -> None:
    assert problems(Policy, {**POLICY, **change})[0].startswith(expected)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"scope": "contry"}, "must be one of world, region, country, pair, eu, did you mean 'cou"),
        ({"half_life": 0}, "x.half_life = 0: must be a number from 0.25 to 40 quarters"),
        (
            {"effects": {"struck": {"threat": {"cyber": 1}}}},
            "x.effects.struck.threat.cyber: unknown setting, did you",
        ),
        (
            {"effects": {"struck": {"threat": {"trade": 2}}}},
            "x.effects.struck.threat.trade = 2: must be a number from -1 to 1",
        ),
        (
            {"effects": {"victim": {"alignment": 1}}},
            "x.effects.victim: unknown setting (allowed: struck, candidate, source, others)",
        ),
        ({"effects": {"sources": {"rupture": 1}}}, "did you mean 'source'?"),
        (
            {"effects": {"source": {"budget": -1}}},
            "source.budget acts on the EU: write it below st",
        ),
        ({"sources": {"CHN": -1}}, "x.sources.CHN = -1: must be a number from 0 to 1000"),
        ({"sources": {"CHN": 0}}, "sources: one weight must be above 0"),
        ({"sources": {"CHN": 1}, "scope": "region"}, "sources: a shock of scope region has none"),
        ({"sources": {"neighbour": 1}, "scope": "world"}, "the world has no neighbours"),
        (
            {"sources": {"nobody": 1}, "source_regions": {"nobody": {"Gulf": 0}}},
            "source_regions.nobody: only countries have regions of their own",
        ),
        ({"strikes": "fragile", "scope": "region"}, "a shock of scope region strikes no single"),
        ({"turn": True, "scope": "region"}, "turn: a shock of scope region turns nobody"),
        ({"evidence": {"effects.struck.speed": EVIDENCE}}, "effects.struck.speed is no number of"),
        ({"evidence": {"rate": {**EVIDENCE, "low": 2}}}, "x.evidence.rate: must rise: low <= high"),
        ({"evidence": {"rate": {**EVIDENCE, "origin": "me"}}}, "must be one of assumed, record"),
        ({"severity": {"low": 1, "mode": 0.5, "high": 1}}, "x.severity: must rise: low <= mode"),
        ({"spread": {"along": "sea"}}, "must be one of none, borders, links"),
    ],
)
def test_what_is_wrong_with_a_shock(change: dict[str, Any], expected: str) -> None:
    assert expected in problems(ShockType, {**SHOCK, **change})[0]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("shocks.trade_war.sources={nobdy: 1}", "unknown source 'nobdy', did you mean 'nobody'?"),
        ("shocks.trade_war.sources={FRA: 1}", "unknown source 'FRA': France is a member of the EU"),
        ("shocks.cable_cut.sources={RUS: 1}", "sources: a shock of scope region has none"),
        (
            "shocks.supplier_coercion.source_regions.RUS={Golf: 1}",
            "unknown region 'Golf', did you mean 'Gulf'?",
        ),
        ("shocks.trade_war.effects.victim.rupture=1", "effects.victim: unknown setting"),
        (
            "geopolitics.schedule=[{shock: trade_war, quarter: 2027Q1, where: world, severity: 1,"
            " by: USB}]",
            "unknown country 'USB'",
        ),
    ],
)
def test_what_is_wrong_with_a_source_is_told_in_one_line(change: str, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        load_scenario(change)
    (line,) = [line for line in str(caught.value).splitlines() if expected in line]
    assert line.count("\n") == 0


PHASE = {"intensity": 1, "rival_drift": 0}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"turns": [{"quarter": "2027Q1", "to": "strom"}]}, "unknown phase 'strom', did you mean"),
        ({"turns": [{"quarter": "2027Q5", "to": "storm"}]}, "must be a quarter such as 2027Q2"),
        ({"turns": [{"quarter": "2027Q1", "to": "storm"}] * 2}, "turns: two turns in one quarter"),
        ({"phases": {"a": PHASE}}, "phases.a: is the name of the climate, its first phase"),
        ({"phases": {}, "persistence": 2}, "persistence: there is no other phase to give way to"),
        ({"persistence": 101}, "x.persistence = 101: must be a number from 0 to 100 years"),
    ],
)
def test_what_is_wrong_with_phases(change: dict[str, Any], expected: str) -> None:
    climate = {"name": "a", "intensification": 0, **PHASE, "phases": {"storm": PHASE}}
    assert expected in problems(Geopolitics, {**climate, **change})[0]


def test_what_acts_on_the_eu_is_offered_once() -> None:
    """Written for countries it is refused, so no list offers it there."""
    base = load_scenario()
    offered = numeric_settings(base.names(load_world()))
    assert "shocks.eu_budget_cut.effects.struck.budget" in offered
    assert "shocks.eu_budget_cut.effects.others.budget" not in offered


def test_the_catalogue_keeps_to_its_evidence() -> None:
    """Every number that has a range lies in it; most that move ties come from the record."""
    told = 0
    for shock in load_scenario().shocks.values():
        for path, row in shock.evidence.items():
            assert all(row.low <= value <= row.high for value in shock.numbers(path) or ()), path
            told += row.origin == "record"
        for relation in RELATIONS:
            effects = getattr(shock.effects, relation)
            for kind in ("drive", "pace", "silence", "rupture"):
                if getattr(effects, kind):
                    assert f"effects.{relation}.{kind}" in shock.evidence
    assert told > 20


def test_where_a_scheduled_shock_strikes() -> None:
    strike = {"shock": "x", "quarter": "2027Q2", "severity": 1}
    assert ScheduledShock.model_validate({**strike, "where": "KEN"}).where == ("KEN",)
    assert ScheduledShock.model_validate({**strike, "where": ["KEN", "LAC"]}).where == (
        "KEN",
        "LAC",
    )
    assert "must name world" in problems(ScheduledShock, {**strike, "where": []})[0]
    (problem,) = problems(ScheduledShock, {**strike, "where": [False]})
    assert problem.startswith("x.on[0] = false: must be a text")


def test_quarters_count_from_the_observed_one() -> None:
    assert quarter_index("2025Q2") == 0
    assert quarter_index("2025Q3") == 1
    assert quarter_index("2035Q4") == 42
    assert quarter_label(0) == "2025Q2"
    assert quarter_index("2027Q1", start="2027Q1") == 1


@given(st.integers(-100, 500), st.sampled_from(["2025Q3", "2026Q1", "2030Q4"]))
def test_labels_and_numbers_of_quarters_agree(index: int, start: str) -> None:
    assert quarter_index(quarter_label(index, start), start) == index


def test_horizon() -> None:
    year = Horizon.model_validate({"start": 2027, "end": "2028"})
    assert (year.start, year.end) == ("2027Q1", "2028Q4")
    horizon = Horizon(start="2025Q3", end="2026Q2")
    assert horizon.quarters == 4
    assert horizon.labels == ("2025Q2", "2025Q3", "2025Q4", "2026Q1", "2026Q2")


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026Q1", "2025Q4", "end 2025Q4 lies before start 2026Q1"),
        ("2025Q2", "2030Q4", "must be a quarter from 2025Q3 to 2060Q4"),
        ("2025Q3", "2061Q1", "must be a quarter from 2025Q3 to 2060Q4"),
        ("2025Q3", "2030Q5", "must be a quarter such as 2027Q2"),
        ("2025Q3", "٢٠٣٠Q1", "must be a quarter such as 2027Q2"),
        ("2025Q3", 2020, "must be a quarter from 2025Q3 to 2060Q4"),
    ],
)
def test_what_is_wrong_with_a_horizon(start: Any, end: Any, expected: str) -> None:
    assert expected in problems(Horizon, {"start": start, "end": end})[0]


def test_run_settings() -> None:
    settings = {
        "experiment": "x",
        "replicates": 5,
        "seed": 2**63 - 1,
        "reference": "balanced",
        "output": "results",
    }
    assert RunSettings.model_validate(settings).threads is None
    (problem,) = problems(RunSettings, {**settings, "seed": 2**63}, "")
    assert problem.startswith(f"seed = {2**63}: must be a whole number from 0 to {2**63 - 1}")
    assert problems(RunSettings, {**settings, "threads": 0}, "")


def test_a_huge_value_is_shown_shortened() -> None:
    (problem,) = problems(Policy, {**POLICY, "openness": "9" * 1000 + "\x1b[31m"})
    assert len(problem) < 200
    assert "\x1b" not in problem


# Names


@pytest.fixture(scope="module")
def world() -> SimpleNamespace:
    return SimpleNamespace(
        name="test",
        countries=pd.DataFrame({"iso3": ["KEN", "NOR"], "name": ["Kenya", "Norway"]}),
        instruments=pd.DataFrame({"instrument": ["TTC", "DEP"]}),
        regions=("EFTA/UK", "Sub-Saharan Africa"),
        arrays=SimpleNamespace(
            region=np.array([1, 0]),
            developing=np.array([1, 0]),
            eligible=np.ones((2, 2), np.uint8),
            stage=np.zeros((2, 2), np.int8),
        ),
        groups={},
        grounds=None,
        loaded={},
        folder="",
        first_quarter="2025Q3",
    )


def test_a_scenario_is_checked_against_a_world(world: SimpleNamespace) -> None:
    from partnersim.configuration import load_scenario

    scenario = load_scenario(
        "policy.hubs=[KEN,JPN]", "world.switched_off=[TTC,SIX_G]", "policy.regions.Gulf=2"
    )
    text = "\n".join(scenario.check(world))  # type: ignore[arg-type]
    assert "policy.hubs[1]: unknown country 'JPN'" in text
    assert "policy.hubs[0]" not in text
    assert "world.switched_off[1]: unknown instrument 'SIX_G'" in text
    assert "policy.regions.Gulf: unknown region 'Gulf'" in text


def test_a_scenario_fits_its_own_world() -> None:
    from partnersim.configuration import load_scenario
    from partnersim.world.world import load_world

    for climate in ("calm", "rivalry", "fragmentation", "coercion"):
        scenario = load_scenario(f"geopolitics={climate}")
        assert scenario.check(load_world()) == []
    (problem,) = load_scenario("world.links=strict").check(load_world())
    assert problem.startswith("world.links = 'strict': the world was loaded with 'wide'")


def test_short_names_of_regions_are_those_of_the_metrics() -> None:
    from partnersim.world.world import load_world

    regions = load_world().regions
    assert [short_name(region) for region in regions] == [slug(region) for region in regions]
    assert len({short_name(region) for region in regions}) == len(regions)


def test_an_effect_on_an_unknown_shock_is_refused_with_its_row(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(PACKAGE_DATA, folder)
    table = folder / "instrument_effects.csv"
    text = table.read_text("utf-8").replace("damps_shock,trade_war", "damps_shock,trade_wars", 1)
    table.write_text(text, "utf-8")
    with pytest.raises(InputError, match=r"effects\.csv, row 2: target 'trade_wars' is not"):
        plan_of(load_experiment([f"world.data={folder}"]))


def test_regions_are_named_in_full_where_they_are_given_short(world: SimpleNamespace) -> None:
    names = names_of(world)  # type: ignore[arg-type]
    strike = {"shock": "x", "quarter": "2027Q2", "severity": 1}
    schedule = [{**strike, "where": ["sub_saharan_africa", "KEN"]}]
    climate = Geopolitics.model_validate(
        {"name": "a", "intensity": 1, "intensification": 0, "rival_drift": 0, "schedule": schedule},
        context=names,
    )
    assert climate.schedule[0].where == ("Sub-Saharan Africa", "KEN")
    policy = Policy.model_validate({**POLICY, "regions": {"efta_uk": 1}}, context=names)
    assert policy.regions == {"EFTA/UK": 1}


def test_a_set_of_coefficients_holds_only_what_differs_from_the_table() -> None:
    own, table = Behaviour(name="a", coefficients={"need": {"value": 2.5}}), Behaviour(name="b")
    assert own.values() == {**table.values(), "need": 2.5}
    assert own.coefficients["need"].high == table.coefficients["need"].high
