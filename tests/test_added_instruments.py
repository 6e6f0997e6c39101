"""Instruments that a strategist adds in a configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from partnersim import InputError, load_scenario, load_world, simulate, simulate_ensemble, world_of
from partnersim.history.evidence import evidence_of

ADDED = (
    "world.added={AI_TREATY: {name: Treaty on AI, areas: [technology, governance], binding: 4,"
    " path: treaty, role: bilateral, regions: [LAC], prerequisites: [[LAC_DIGITAL_ALLIANCE]]}}"
)


def test_an_added_instrument_is_taken_by_those_who_may() -> None:
    scenario = load_scenario("horizon.end=2030Q4", ADDED)
    world = world_of(scenario)
    assert len(world.instruments) == len(load_world().instruments) + 1
    assert world.digest != load_world().digest
    events = simulate_ensemble(world, scenario, replicates=8).events
    taken = events[events["instrument"] == "AI_TREATY"]
    advanced = taken[taken["event"] == "advanced"]
    assert "negotiating" in set(advanced["stage"].astype(str))
    assert set(advanced["stage"].dropna()) <= {"negotiating", "concluded", "signed", "in_force"}
    region = world.countries.set_index("iso3")["region"]
    assert set(region[taken["iso3"].astype(str)]) == {"LAC"}


def test_past_years_know_an_added_instrument() -> None:
    world = world_of(load_scenario(ADDED))
    past = evidence_of(world).world_of(2020).arrays
    assert past.eligible.shape == world.arrays.eligible.shape
    latin = world.countries["region"] == "LAC"
    assert (past.eligible[:, -1] == latin).all()


def test_an_added_instrument_is_announced_funded_and_promoted() -> None:
    fund = "{name: x, areas: [technology], binding: 2, funded: true, cost: 20, groups: [ldc],"
    told = ("horizon.end=2029Q4", f"world.added={{FUND: {fund} announced: [SEN, african_union]}}}}")
    scenario = load_scenario(*told)
    world = world_of(scenario)
    pairs = world.network[world.network["instrument"] == "FUND"]
    assert set(pairs["stage"]) == {"planned"}
    blocs = pairs.set_index("iso3")["via_bloc"]
    assert blocs["SEN"] == ""
    assert set(blocs.drop("SEN")) == {"african_union"}
    ldc = world.countries.set_index("iso3")["ldc"]
    assert ldc[pairs["iso3"]].all()
    assert world.instruments.set_index("instrument")["cost_meur"]["FUND"] == 20
    opened = [
        (events["instrument"] == "FUND").sum()
        for priority in (0, 3)
        for events in [
            simulate_ensemble(
                world, load_scenario(*told, f"policy.instruments.FUND={priority}"), replicates=30
            ).events
        ]
    ]
    assert opened[0] < opened[1]


def test_an_added_instrument_may_be_switched_off() -> None:
    scenario = load_scenario("horizon.end=2028Q4", ADDED, "world.switched_off=[AI_TREATY]")
    events = simulate(world_of(scenario), scenario, seed=3).events
    assert "AI_TREATY" not in set(events["instrument"].dropna())


def test_a_world_without_the_added_instrument_is_refused() -> None:
    scenario = load_scenario(ADDED)
    with pytest.raises(InputError, match="AI_TREATY: the world was loaded without it"):
        simulate(load_world(), scenario)


def test_a_scenario_file_adds_an_instrument(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("world: {added: {HUB: {name: Hub, areas: [trade], binding: 1}}}\n")
    assert "HUB" in set(world_of(load_scenario(f"scenario={file}")).instruments["instrument"])


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ("{TTC: {name: x, areas: [trade], binding: 2}}", "has an instrument of this name"),
        ("{tic: {name: x, areas: [trade], binding: 2}}", "made of capitals"),
        ("{A: {name: x, areas: [trade], binding: 2, prerequisites: [[TTCC]]}}", "mean 'TTC'"),
        ("{A: {name: x, areas: [trade], binding: 2, prerequisites: [[A]]}}", "A -> A"),
        ("{A: {name: x, areas: [trade], binding: 2, regions: [Gulff]}}", "mean 'Gulf'"),
        ("{A: {name: x, areas: [trade], binding: 2, countries: [KEX]}}", "'KEX' is unknown"),
        ("{A: {name: x, areas: [trade], binding: 2, announced: [gulff]}}", "mean 'Gulf'"),
        (
            "{A: {name: x, areas: [trade], binding: 2, regions: [gulf], announced: [USA]}}",
            "announced 'USA': may not take it",
        ),
    ],
)
def test_an_instrument_that_does_not_fit_the_world_is_refused(settings: str, told: str) -> None:
    with pytest.raises(InputError) as refused:
        world_of(load_scenario(f"world.added={settings}"))
    [problem] = refused.value.problems
    assert problem.startswith("world.added.")
    assert told in problem


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ("{A: {name: x, areas: [tradee], binding: 2}}", "mean 'trade'"),
        ("{A: {name: x, areas: [], binding: 2}}", "world.added.A.areas"),
        ("{A: {name: x, areas: [trade], binding: 5}}", "from 0 to 4"),
        ("{A: {name: x, areas: [trade]}}", "world.added.A.binding"),
        ("{A: {name: x, areas: [trade], binding: 2, cost: 5}}", "funded: true"),
        ("{A: {name: x, areas: [trade], binding: 2, roles: network}}", "mean 'role'"),
    ],
)
def test_malformed_instruments_are_refused(settings: str, told: str) -> None:
    with pytest.raises(InputError) as refused:
        load_scenario(f"world.added={settings}")
    assert any(told in problem for problem in refused.value.problems)
