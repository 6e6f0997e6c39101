"""Adaptive policies: signposts are watched, a switch is made once, nothing else changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from partnersim import InputError, PartnershipModel, World, load_scenario, simulate
from partnersim.runs.play import simulate_ensemble
from partnersim.scenario.policy import Policy
from partnersim.scenario.scenario import Scenario

RIVALRY = ("geopolitics=rivalry", "horizon.end=2030Q4")


def with_switches(scenario: Scenario, *switches: dict[str, Any]) -> Scenario:
    """Return a scenario whose policy holds these switches ready."""
    settings = scenario.policy.model_dump() | {"switches": list(switches)}
    return scenario.model_copy(update={"policy": Policy.model_validate(settings)})


def switch(when: dict[str, Any], then: dict[str, Any], name: str = "turn") -> dict[str, Any]:
    return {"name": name, "when": when, "then": then}


def switched(events: pd.DataFrame) -> list[tuple[str, str]]:
    """Return quarter and name of every change of course."""
    rows = events[events["event"] == "switched"]
    return list(zip(rows["quarter"].astype(str), rows["other"].astype(str), strict=True))


ALWAYS = {"metric": "instruments", "above": -1.0}
NEVER = {"metric": "instruments", "below": -1.0}
LEVERS = {
    "priorities": {"deepen": 1, "broaden": 2, "connect": 4, "strengthen": 1},
    "areas": {"trade": 3.0, "cybersecurity": 0.5},
    "regions": {"LAC": 2.0},
    "negotiators": 300,
    "openness": 0.9,
    "envelope": 4000.0,
    "mix": {
        **{"connectivity": 1, "public_infrastructure": 1, "ai_software": 1},
        **{"skills": 5, "cybersecurity": 1, "green": 1},
    },
    "targeting": {"need": 1, "strategic": 0, "even": 2, "depth": 0, "connection": 1},
}


def test_a_switch_in_the_first_quarter_is_the_other_policy(world_named: World) -> None:
    """Every lever set anew before anybody acts: the run of a policy that had them all along."""
    base = load_scenario(*RIVALRY)
    adaptive = simulate(world_named, with_switches(base, switch(ALWAYS, LEVERS)), seed=4)
    levers = {key: value for key, value in LEVERS.items() if key not in ("envelope",)}
    offer = {"envelope": LEVERS["envelope"], "mix": levers.pop("mix")}
    offer["targeting"] = levers.pop("targeting")
    settings = base.policy.model_dump()
    changed = settings | levers | {"offer": settings["offer"] | offer}
    policy = base.model_copy(update={"policy": Policy.model_validate(changed)})
    expected = simulate(world_named, policy, seed=4)
    pd.testing.assert_frame_equal(adaptive.metrics, expected.metrics)
    assert switched(adaptive.events) == [("2025Q3", "turn")]


@pytest.mark.parametrize("lever", LEVERS)
def test_each_lever_alone_makes_a_difference_and_leaves_the_others(
    world_named: World, lever: str
) -> None:
    base = load_scenario(*RIVALRY)
    one = with_switches(base, switch(ALWAYS, {lever: LEVERS[lever]}))
    model = PartnershipModel(world_named, one, seed=4)
    plain = PartnershipModel(world_named, base, seed=4)
    model.step()
    plain.step()
    union, other = model.state.union[0], plain.state.union[0]
    same = {
        "priorities": np.array_equal(union.direction_priority, other.direction_priority),
        "areas": np.array_equal(model.state.instruments.priority, plain.state.instruments.priority),
        "regions": np.array_equal(model.state.region_priority, plain.state.region_priority),
        "negotiators": union.negotiators == other.negotiators,
        "openness": union.openness == other.openness,
        "envelope": union.envelope_per_quarter == other.envelope_per_quarter,
        "mix": np.array_equal(model.state.modules.share, plain.state.modules.share),
        "targeting": np.array_equal(union.targeting, other.targeting),
    }
    assert [name for name, equal in same.items() if not equal] == [lever]


def test_a_switch_that_is_never_made_changes_nothing(world_named: World) -> None:
    base = load_scenario(*RIVALRY)
    adaptive = simulate(world_named, with_switches(base, switch(NEVER, LEVERS)), seed=4)
    expected = simulate(world_named, base, seed=4)
    pd.testing.assert_frame_equal(adaptive.metrics, expected.metrics)
    assert switched(adaptive.events) == []


def test_a_metric_is_looked_at_a_quarter_later_and_not_before_its_time(
    world_named: World,
) -> None:
    base = load_scenario(*RIVALRY)
    plain = simulate(world_named, base, seed=4).metrics
    at = float(plain["instruments"].iloc[9])
    quarters = list(plain["quarter"].astype(str))
    for since in ("2025Q3", "2029Q1"):
        when = {"metric": "instruments", "above": at, "since": since}
        run = simulate(world_named, with_switches(base, switch(when, LEVERS)), seed=4)
        # Looked at in the quarter after it was observed.
        met = [
            quarter for quarter in range(1, len(plain)) if plain["instruments"][quarter - 1] > at
        ]
        expected = next(quarter for quarter in met if quarter >= quarters.index(since))
        assert switched(run.events) == [(quarters[expected], "turn")]
        # Until then the run is that of the policy without switches, to the bit.
        pd.testing.assert_frame_equal(run.metrics.iloc[:expected], plain.iloc[:expected])
        assert not run.metrics.iloc[expected:].equals(plain.iloc[expected:])


@pytest.mark.parametrize(
    ("shock", "where", "severity", "made"),
    [
        ("cable_cut", "KEN", 0.6, True),
        ("cable_cut", "KEN", 0.4, False),
        ("eu_budget_cut", "world", 0.6, True),
        ("trade_war", "world", 0.6, True),
    ],
)
def test_a_shock_of_enough_severity_is_answered_in_its_quarter(
    world_named: World, shock: str, where: str, severity: float, made: bool
) -> None:
    base = load_scenario("geopolitics.intensity=0", "horizon.end=2027Q4")
    strike = {"shock": shock, "quarter": "2026Q2", "where": where, "severity": severity}
    climate = base.geopolitics.model_validate(
        base.geopolitics.model_dump() | {"schedule": [strike]}
    )
    base = base.model_copy(update={"geopolitics": climate})
    when = {"shock": shock, "severity": 0.5}
    run = simulate(world_named, with_switches(base, switch(when, LEVERS)), seed=4)
    assert switched(run.events) == ([("2026Q2", "turn")] if made else [])


def test_later_switches_build_on_earlier_ones_in_both_drivers(world_named: World) -> None:
    base = load_scenario(*RIVALRY)
    scenario = with_switches(
        base,
        switch({**ALWAYS, "since": "2026Q1"}, {"openness": 0.9}, "open"),
        switch({**ALWAYS, "since": "2027Q1"}, {"negotiators": 900}, "hire"),
        switch({"shock": "cable_cut"}, {"envelope": 3000.0}, "repair"),
    )
    ensemble = simulate_ensemble(world_named, scenario, seed=4, replicates=3, threads=2)
    for replicate in range(3):
        model = PartnershipModel(world_named, scenario, seed=4, replicate=replicate).run()
        rows = ensemble.metrics["replicate"] == replicate
        own = ensemble.metrics[rows].drop(columns="replicate").reset_index(drop=True)
        pd.testing.assert_frame_equal(model.metrics.reset_index(drop=True), own)
        log = ensemble.events[ensemble.events["replicate"] == replicate]
        assert switched(model.events) == switched(log)
        assert {("2026Q1", "open"), ("2027Q1", "hire")} <= set(switched(log))
        assert model.state.union[0].openness == 0.9
        assert model.state.union[0].negotiators == 900


def test_the_shipped_adaptive_policy_changes_course(world_all: World) -> None:
    scenario = load_scenario("policy=adaptive", "geopolitics=calm")
    events = simulate_ensemble(world_all, scenario, replicates=60).events
    made = {name for _, name in switched(events)}
    assert made == {item.name for item in scenario.policy.switches}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("{name: Turn, when: {metric: links, below: 3}, then: {openness: 1}}", "small letters"),
        ("{name: a, when: {metric: linkss, below: 3}, then: {openness: 1}}", "mean 'links'"),
        ("{name: a, when: {shock: cable_cutt}, then: {openness: 1}}", "mean 'cable_cut'"),
        ("{name: a, when: {metric: links}, then: {openness: 1}}", "either below or above"),
        ("{name: a, when: {shock: cable_cut, below: 1}, then: {openness: 1}}", "severity"),
        ("{name: a, when: {}, then: {openness: 1}}", "either a metric or a shock"),
        ("{name: a, when: {shock: cable_cut}, then: {}}", "sets nothing"),
        ("{name: a, when: {shock: cable_cut}, then: {openness: 2}}", "from 0 to 1"),
        ("{name: a, when: {shock: cable_cut}, then: {regions: {lac: 9}}}", "from 0 to 3"),
        ("{name: a, when: {shock: cable_cut}, then: {regions: {nowhere: 1}}}", "unknown region"),
        ("{name: a, when: {shock: cable_cut, since: 2024Q1}, then: {openness: 1}}", "a quarter"),
        ("{name: a, when: {shock: cable_cut}, then: {hubs: [KEN]}}", "unknown setting"),
    ],
)
def test_switches_that_cannot_be_are_refused(given: str, told: str) -> None:
    with pytest.raises(InputError) as refused:
        load_scenario(f"policy.switches=[{given}]")
    [problem] = refused.value.problems
    assert problem.startswith("policy.switches[0]")
    assert told in problem


def test_two_switches_of_one_name_are_refused() -> None:
    one = "{name: a, when: {shock: cable_cut}, then: {openness: 1}}"
    with pytest.raises(InputError, match="'a' is given twice"):
        load_scenario(f"policy.switches=[{one},{one}]")
