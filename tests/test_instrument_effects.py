"""What instruments do for their holders: effects of the table alone, together and in a run."""

from __future__ import annotations

import csv
import dataclasses

import numpy as np
import pytest

from partnersim import load_scenario, simulate, simulate_ensemble
from partnersim.model.beginning import begin
from partnersim.model.constants import AREAS, STAGES
from partnersim.model.effect_kinds import COLUMN, FIRST_SHOCK, KINDS, size_of
from partnersim.model.instrument_effects import weigh_effects
from partnersim.model.quarter import open_quarter, play_quarter
from partnersim.model.shock_effects import apply_shocks
from partnersim.model.state import State
from partnersim.model.ties import end_tie
from partnersim.scenario.scenario import Scenario
from partnersim.world.tables import PACKAGE_DATA
from partnersim.world.world import World
from scenarios import (
    begun,
    for_quarters,
    instrument,
    with_arrays,
    with_coefficients,
    without_effects,
    without_ties,
)

IN_FORCE = STAGES.index("in_force")
with (PACKAGE_DATA / "instrument_effects.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
DAMPED = sorted({row["target"] for row in ROWS if row["effect"] == "damps_shock"})
with (PACKAGE_DATA / "instruments.csv").open(encoding="utf-8", newline="") as file:
    NAMES = [row["instrument"] for row in csv.DictReader(file)]


def holding(world: World, *names: str) -> World:
    """Return a world in which everybody holds some instruments, and nobody may take another."""
    bare = without_ties(world)
    stage = bare.arrays.stage.copy()
    for name in names:
        stage[:, instrument(world, name)] = IN_FORCE
    return with_arrays(bare, stage=stage)


def without_effects_of(world: World, name: str) -> World:
    """Return a world in which an instrument has no effects of its own."""
    ends = world.arrays.effect_ends.copy()
    ends[world.arrays.effect_of == instrument(world, name)] = 0.0
    return with_arrays(world, effect_ends=ends)


def joint(state: State, column: int) -> float:
    return 1.0 - state.effects_left[0, column]


def column(scenario: Scenario, row: dict[str, str]) -> int:
    """Return where the table's effect acts, by what the document says of the order of kinds."""
    first = getattr(COLUMN, row["effect"], FIRST_SHOCK)
    if row["effect"] == "damps_shock":
        return first + list(scenario.shocks).index(row["target"])
    if row["effect"] == "speeds":
        return first + len(scenario.shocks) + NAMES.index(row["target"])
    if row["effect"] == "adds_value":
        return first + ["competitiveness", "security", "governance"].index(row["target"])
    return first + (AREAS.index(row["target"]) if row["target"] else 0)


def test_every_instrument_of_the_catalogue_has_an_effect() -> None:
    assert {row["instrument"] for row in ROWS} == set(NAMES)


def test_every_row_acts_where_it_says_with_its_size(small_world: World, scenario: Scenario) -> None:
    for name in NAMES:
        state = begun(holding(small_world, name), scenario)
        rows = [row for row in ROWS if row["instrument"] == name]
        expected = np.ones(state.effects_left.shape[1])
        for row in rows:
            expected[column(scenario, row)] -= float(row["mode"])
        np.testing.assert_allclose(state.effects_left, np.tile(expected, (12, 1)), rtol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_having_an_instrument_in_force_changes_a_run_by_its_own_effects(
    small_world: World, name: str
) -> None:
    """Paired: the same tie, luck and shocks, with and without what the table says of it."""
    strikes = [
        f"{{shock: {shock}, quarter: 2028Q1, where: [world], severity: 0.8}}" for shock in DAMPED
    ]
    scenario = load_scenario(
        "horizon.end=2030Q4",
        f"geopolitics.schedule=[{', '.join(strikes)}]",
        "behaviour.coefficients.country_capacity.value=30",
        *(f"behaviour.coefficients.effect_{kind}.value=2" for kind in KINDS),
    )
    stage = small_world.arrays.stage.copy()
    sped = [row["target"] for row in ROWS if (row["instrument"], row["effect"]) == (name, "speeds")]
    for other in (name, *sped):
        stage[:, instrument(small_world, other)] = STAGES.index("negotiating")
    world = with_arrays(small_world, stage=stage)
    with_it, without = (
        simulate_ensemble(played, scenario, seed=5, replicates=12, threads=1).metrics
        for played in (world, without_effects_of(world, name))
    )
    assert not with_it.equals(without)


def test_a_size_runs_through_none_low_mode_and_high() -> None:
    ends = (0.1, 0.3, 0.7)
    sizes = [size_of(scale, ends) for scale in (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 5.0)]
    assert sizes == pytest.approx([0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0])


def test_what_one_instrument_has_removed_another_cannot_remove_again(
    small_world: World, scenario: Scenario
) -> None:
    state = begun(holding(small_world, "CYBER_RESERVE", "CYBER_CAPACITY"), scenario)
    place = FIRST_SHOCK + list(scenario.shocks).index("ransomware_wave")
    assert joint(state, place) == pytest.approx(1 - (1 - 0.2) * (1 - 0.08))


def test_half_of_an_effect_is_there_after_its_half_years(
    small_world: World, scenario: Scenario
) -> None:
    state = begun(without_ties(small_world), scenario)
    k = instrument(small_world, "CYBER_CAPACITY")
    state.pairs.stage[0, k] = IN_FORCE
    state.tied[0, 0], state.countries.ties[0] = k, 1
    seen = []
    for _ in range(9):
        weigh_effects(state, 1)
        seen.append(joint(state, COLUMN.raises_readiness + AREAS.index("cybersecurity")))
    # Four half-years, of 0.06.
    assert seen[7] == pytest.approx(0.03)
    assert seen == sorted(seen)
    state.pairs.suspended[0, k] = 1
    weigh_effects(state, 1)
    assert joint(state, COLUMN.raises_readiness + AREAS.index("cybersecurity")) == 0.0
    assert state.pairs.age[0, k] == 9
    state.pairs.suspended[0, k] = 0
    weigh_effects(state, 0)
    assert joint(state, COLUMN.raises_readiness + AREAS.index("cybersecurity")) == seen[8]


def test_scores_of_june_2025_hold_what_was_in_force_and_fall_when_it_is_lost(
    small_world: World,
) -> None:
    scenario = with_coefficients(load_scenario("geopolitics.intensity=0"), usual_shocks=0.0)
    state = begun(holding(small_world, "SAA", "ROAMING"), scenario)
    open_quarter(state)
    np.testing.assert_allclose(state.alignment, small_world.arrays.alignment)
    assert state.countries.trust[0] == 0.0
    end_tie(state, 0, instrument(small_world, "ROAMING"))
    open_quarter(state)
    # SAA leaves 0.86 over, ROAMING took 0.05 of it.
    before = small_world.arrays.alignment
    assert state.alignment[0] == pytest.approx(max(0.0, before[0] - 0.86 * 0.05))
    assert state.countries.trust[0] == pytest.approx(-0.06)
    assert state.alignment[1] == pytest.approx(before[1])


def test_holders_feel_less_of_a_shock_and_a_second_route_spares_more(
    small_world: World, scenario: Scenario
) -> None:
    for names, shock, felt in (
        ((), "cable_cut", 1.0),
        (("CONN_MEDUSA",), "cable_cut", 0.4),
        (("CABLE_CONFERENCE",), "cable_cut", 0.98),
        (("SEMICONDUCTOR",), "semiconductor_disruption", 0.88),
        (("SEMICONDUCTOR",), "cable_cut", 1.0),
    ):
        state = begun(holding(small_world, *names), with_coefficients(scenario, usual_shocks=0.0))
        s = list(scenario.shocks).index(shock)
        state.intensity[s] = 0.5
        apply_shocks(state)
        lost = small_world.arrays.readiness - state.countries.readiness
        effects = scenario.shocks[shock].effects.struck.readiness
        area = AREAS.index("infrastructure")
        expected = -0.5 * felt * effects["infrastructure"]
        enough = small_world.arrays.readiness[:, area] > 0.125
        assert lost[enough, area] == pytest.approx(expected), names
        assert state.union.spared[0] / state.union.lost[0] == pytest.approx(1 - felt)


def test_what_speeds_another_instrument_shortens_its_talks(small_world: World) -> None:
    concluded = {}
    for scale in (0, 2):
        there = holding(small_world, "DIGITAL_PARTNERSHIP")
        stage = there.arrays.stage.copy()
        stage[:, instrument(small_world, "DTA")] = STAGES.index("negotiating")
        slow = with_coefficients(
            load_scenario("geopolitics.intensity=0"), activity_rate=0.0, effect_speeds=scale
        )
        state = begun(with_arrays(there, stage=stage), for_quarters(slow, 40))
        column = FIRST_SHOCK + len(slow.shocks) + instrument(small_world, "DTA")
        assert joint(state, column) == pytest.approx(0.4 if scale else 0.0)
        concluded[scale] = 0
        for replicate in range(20):
            begin(state, 1, replicate)
            for _ in range(20):
                play_quarter(state)
                stages = state.pairs.stage[:, instrument(small_world, "DTA")]
                concluded[scale] += int((stages > STAGES.index("negotiating")).sum())
    assert concluded[2] > concluded[0]


def test_capacity_grows_by_what_instruments_add(small_world: World, scenario: Scenario) -> None:
    many = with_coefficients(scenario, country_capacity=1000.0)
    state = begun(without_ties(small_world), many)
    before = state.countries.capacity.copy()
    k = instrument(small_world, "D4D_HUB")
    state.pairs.stage[:, k], state.pairs.age[:, k] = IN_FORCE, state.effect_reached.shape[0] - 1
    state.tied[:, 0], state.countries.ties[:] = k, 1
    open_quarter(state)
    np.testing.assert_allclose(state.countries.capacity - before, 30, atol=1)


def test_no_effect_at_scale_0_is_a_run_without_effects(small_world: World) -> None:
    on = load_scenario("horizon.end=2027Q4")
    off = without_effects(on)
    bare = dataclasses.replace(small_world, arrays=_no_effects(small_world))
    assert simulate(small_world, off, seed=3).metrics.equals(simulate(bare, on, seed=3).metrics)


def _no_effects(world: World) -> object:
    names = [name for name in world.arrays._fields if name.startswith("effect_")]
    return world.arrays._replace(**{name: getattr(world.arrays, name)[:0] for name in names})


def linked_to_all(world: World) -> World:
    links = 1 - np.eye(len(world.countries), dtype=np.uint8)
    return with_arrays(world, links=links, developing=1)


@pytest.mark.parametrize(
    ("name", "coefficient", "column"),
    [
        ("ENISA_COOP", "connection_exchange", COLUMN.raises_readiness + 2),
        ("AU_MINISTERIAL", "connection_network", COLUMN.coalition_weight),
    ],
)
def test_exchange_teaches_and_high_level_networks_speak_louder_among_linked_holders(
    small_world: World, scenario: Scenario, name: str, coefficient: str, column: int
) -> None:
    world = holding(small_world, name)
    alone = joint(begun(world, scenario), column)
    for value in (0.0, 0.5, 1.0):
        changed = with_coefficients(scenario, **{coefficient: value})
        together = joint(begun(linked_to_all(world), changed), column)
        assert together == pytest.approx(alone * (1 + value))


def test_two_partners_bring_a_joint_project_to_a_third_country(
    small_world: World, scenario: Scenario
) -> None:
    area = COLUMN.raises_readiness + AREAS.index("technology")
    for holders, developing, share in ((1, 1, 0.0), (2, 1, 0.25), (2, 0, 0.0), (5, 1, 0.25)):
        world = linked_to_all(without_ties(small_world))
        stage = world.arrays.stage.copy()
        stage[1 : 1 + holders, instrument(world, "HPC")] = IN_FORCE
        world = with_arrays(world, stage=stage, developing=developing)
        assert joint(begun(world, scenario), area) == pytest.approx(share * 0.06)
