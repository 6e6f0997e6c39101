"""Negotiations and ties: stages, hazards, suspension, recovery, and slow change."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from partnersim import simulate, simulate_ensemble
from partnersim.model.beginning import begin
from partnersim.model.constants import NEGOTIATING, PATH_STAGES, PATHS, STAGES
from partnersim.model.constants import STALLED_IN_TALKS as STALLED
from partnersim.model.draws import draw
from partnersim.model.events import APPROACHED
from partnersim.model.quarter import play_quarter
from partnersim.model.stages import advance_stages, open_negotiations
from partnersim.model.ties import LOST, occupy
from partnersim.model.turns import has_hands_free
from partnersim.random.numbers import STAGE_ADVANCE
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World
from recount import assert_counts
from scenarios import (
    begun,
    for_quarters,
    instrument,
    with_arrays,
    with_climate,
    with_coefficients,
    with_offer,
    with_policy,
    with_shocks,
    without_rivals,
    without_shocks,
    without_slow_change,
    without_ties,
    without_turns,
)

RUNS = 400
IN_FORCE = STAGES.index("in_force")


@pytest.fixture(scope="module")
def quiet(scenario: Scenario) -> Scenario:
    """Nobody acts, nothing drifts, no shocks, no money."""
    still = without_turns(without_slow_change(without_shocks(scenario)))
    return with_offer(still, envelope=0.0)


def at_stage(world: World, name: str, stage: str) -> World:
    """A world in which everybody has one instrument at one stage, and nothing else; all is free."""
    bare = without_ties(world)
    stages = bare.arrays.stage.copy()
    stages[:, instrument(world, name)] = STAGES.index(stage)
    return with_arrays(bare, stage=stages, cost=0.0, serves=0)


def share(
    world: World, scenario: Scenario, event: str, quarters: int = 1, stage: str | None = None
) -> np.ndarray:
    """How often each country meets with an event (at a stage), by row of the world's tables."""
    events = simulate_ensemble(
        world, for_quarters(scenario, quarters), seed=9, replicates=RUNS, threads=1
    ).events
    met = events["event"] == event
    if stage:
        met &= events["stage"] == stage
    codes = events[met]["iso3"].cat.codes
    return np.bincount(codes, minlength=len(world.countries))


def assert_frequencies(counts: np.ndarray, chances: np.ndarray) -> None:
    values = [
        stats.binomtest(int(count), RUNS, chance).pvalue
        for count, chance in zip(counts, chances, strict=True)
    ]
    assert min(values) > 1e-3 / len(values)


BY_PATH = {"political": "SDP", "treaty": "FTA", "programme": "DEP", "project": "CONN_BLACK_SEA"}


def advance_hazards(world: World, scenario: Scenario, k: int, base: float) -> np.ndarray:
    """The hazard of the next stage by country, without pooled effects, whoever is busy.

    Nobody holds anything else that would save a part of its duration.
    """
    c, arrays = scenario.behaviour.values(), world.arrays
    return base * np.exp(
        c["hazard_alignment"] * (arrays.alignment - 0.5)
        + c["hazard_binding"] * (arrays.binding[k] / 4 - 0.5)
        + c["hazard_threat"] * arrays.threat[:, arrays.area[k] == 1].mean(axis=1)
        + c["hazard_direct"] * arrays.direct[k]
    )


def needs_all_states(world: World, k: int, stage: str) -> bool:
    """Whether all Member States have to agree to an instrument at a stage."""
    return bool(STAGES.index("concluded") <= STAGES.index(stage) <= world.arrays.mixed[k])


def block_hazard(world: World, scenario: Scenario, k: int, stage: str) -> float:
    """The hazard that a Member State blocks what needs all of them."""
    c = scenario.behaviour.values()
    return float(needs_all_states(world, k, stage) * c["hazard_signature_block"])


@pytest.mark.parametrize(
    ("path", "stage"), [(path, stage) for path in PATHS for stage in PATH_STAGES[path][:-1]]
)
def test_the_next_stage_comes_with_the_documented_hazard(
    small_world: World, quiet: Scenario, path: str, stage: str
) -> None:
    """Advancing, stalling and being blocked compete, each with its share of what leaves.

    A signed treaty does not stall, and a contract that a run begins with is laid at the usual pace.
    """
    name = BY_PATH[path]
    k = instrument(small_world, name)
    world = at_stage(small_world, name, stage)
    assert PATHS[world.arrays.path[k]] == path
    following = PATH_STAGES[path][PATH_STAGES[path].index(stage) + 1]
    stall = "concluded" if path != "project" and stage in ("concluded", "signed") else path
    scenario = with_coefficients(
        quiet,
        **{f"hazard_{path}_{stage}": 0.7, f"hazard_{stall}_stall": 0.4},
        **{"hazard_busy": 0.0, "pooled_effects": 0.0, "hazard_direct": -0.8},
        **{"hazard_signature_block": 0.5, "hazard_cable": -0.6, "hazard_mixed": -0.4},
    )
    stalls = 0.0 if (path, stage) == ("treaty", "signed") else 0.4
    slower = np.exp(-0.4 * needs_all_states(world, k, stage))
    advance = advance_hazards(world, scenario, k, 0.7 * slower)
    block = block_hazard(world, scenario, k, stage)
    assert (block > 0) == (path == "treaty" and stage == "concluded")
    assert world.arrays.cable[k] == (path == "project")
    any_of_them = advance + stalls + block
    leaves = 1 - np.exp(-any_of_them)
    moved = share(world, scenario, "advanced", stage=following)
    assert_frequencies(moved, leaves * advance / any_of_them)
    stalled = share(world, scenario, "stalled", stage=stage)
    assert_frequencies(stalled, leaves * stalls / any_of_them)
    blocked = share(world, scenario, "blocked", stage=stage)
    assert_frequencies(blocked, leaves * block / any_of_them)


def test_a_cable_signed_before_the_run_is_served_sooner_than_one_signed_within(
    small_world: World, quiet: Scenario
) -> None:
    scenario = with_coefficients(
        fast(quiet, "project"),
        **{"hazard_project_signed": 0.7, "hazard_cable": -0.6, "hazard_busy": 0.0},
        **{"hazard_threat": quiet.behaviour.values()["hazard_threat"], "pooled_effects": 0.0},
    )
    for begins, quarters, slower in (("signed", 1, 0.0), ("negotiating", 2, -0.6)):
        world = at_stage(small_world, "CONN_BLACK_SEA", begins)
        k = instrument(world, "CONN_BLACK_SEA")
        hazards = advance_hazards(world, scenario, k, 0.7 * np.exp(slower))
        served = share(world, scenario, "advanced", quarters, stage="in_force")
        assert_frequencies(served, 1 - np.exp(-hazards))


def test_what_is_signed_without_negotiation_has_a_pace_of_its_own(
    small_world: World, quiet: Scenario
) -> None:
    scenario = with_coefficients(
        quiet,
        **{"hazard_political_announced": 0.4, "hazard_political_stall": 0.0, "hazard_busy": 0.0},
        **{"pooled_effects": 0.0, "hazard_direct": 0.9},
    )
    hazards = {}
    for direct in (0, 1):
        k = instrument(small_world, "SDP")
        flags = small_world.arrays.direct.copy()
        flags[k] = direct
        world = with_arrays(at_stage(small_world, "SDP", "announced"), direct=flags)
        hazards[direct] = advance_hazards(world, scenario, k, 0.4)
        counts = share(world, scenario, "advanced", stage="negotiating")
        assert_frequencies(counts, 1 - np.exp(-hazards[direct]))
    np.testing.assert_allclose(hazards[1], hazards[0] * np.exp(0.9))


def test_the_effect_of_an_instrument_changes_its_pace(small_world: World, quiet: Scenario) -> None:
    k = instrument(small_world, "FTA")
    speed = np.zeros_like(small_world.arrays.speed)
    speed[k] = 0.6, 0.0
    world = with_arrays(at_stage(small_world, "FTA", "negotiating"), speed=speed)
    scenario = with_coefficients(
        quiet,
        **{"hazard_treaty_negotiating": 0.3, "hazard_treaty_stall": 0.0, "hazard_busy": 0.0},
        pooled_effects=1.0,
    )
    counts = share(world, scenario, "advanced", stage="concluded")
    hazard = advance_hazards(world, scenario, k, 0.3) * np.exp(0.6)
    assert_frequencies(counts, 1 - np.exp(-hazard))


def test_a_stage_a_month_may_pass_each_by_its_own_draw(small_world: World, quiet: Scenario) -> None:
    """The outcome follows from the draws: one a stage, whose alternative is the instrument."""
    world = at_stage(small_world, "FTA", "announced")
    k = instrument(world, "FTA")
    bases = dict(zip(PATH_STAGES["treaty"][:-1], (1.5, 1.1, 0.8, 1.2), strict=True))
    scenario = with_coefficients(
        quiet,
        **{f"hazard_treaty_{stage}": base for stage, base in bases.items()},
        **{"hazard_treaty_stall": 0.2, "hazard_concluded_stall": 0.2, "hazard_busy": 0.0},
        **{"hazard_signature_block": 0.3, "pooled_effects": 0.0, "hazard_mixed": -0.4},
        **{"talks_quarters": 0.0, "treaty_quarters": 0.0},
    )
    state = begun(world, scenario, seed=7)
    passed = set()
    for replicate in range(40):
        begin(state, 7, replicate)
        state.clock[0].quarter = 1
        expected = np.empty((len(state.countries), 2), int)
        for i, country in enumerate(state.countries):
            stage, stalled, left = STAGES.index("announced"), False, 3
            while left and not stalled:
                name = STAGES[stage]
                base = bases[name] * np.exp(-0.4 * needs_all_states(world, k, name))
                advance = advance_hazards(world, scenario, k, base)[i]
                stall = 0.2 * (name != "signed") + block_hazard(world, scenario, k, name)
                luck = draw(
                    state.clock[0], country.key, state.instruments[k].key + stage, STAGE_ADVANCE
                )
                # The end of each month that is left, as a chance.
                ends = 1 - np.exp(-(advance + stall) * np.arange(left + 1) / 3)
                if luck >= ends[-1]:
                    break
                month = int(np.searchsorted(ends, luck, side="right"))
                left -= month
                share = (luck - ends[month - 1]) / (ends[month] - ends[month - 1])
                if share < advance / (advance + stall):
                    stage += 1
                else:
                    stalled = True
            expected[i] = stage, 2 * stalled
        advance_stages(state)
        np.testing.assert_array_equal(state.pairs["stage"][:, k], expected[:, 0])
        np.testing.assert_array_equal(state.pairs["suspended"][:, k], expected[:, 1])
        assert_counts(state, world)
        passed |= set(expected[:, 0] - STAGES.index("announced"))
    assert passed == {0, 1, 2, 3}


def test_a_treaty_waits_at_every_stage(small_world: World, quiet: Scenario) -> None:
    """However fast all moves, it is not concluded, signed, in force before.

    Nothing else is within the quarter in which talks begin.

    Where a run begins nothing waits, nor what is signed without being negotiated.
    """
    fast = {f"hazard_treaty_{stage}": 50.0 for stage in PATH_STAGES["treaty"][:-1]}
    fast |= {"hazard_political_announced": 50.0, "hazard_political_negotiating": 50.0}
    scenario = with_coefficients(
        quiet, **fast, **dict.fromkeys(("hazard_treaty_stall", "hazard_concluded_stall"), 0.0)
    )
    scenario = with_coefficients(
        scenario,
        **{"hazard_signature_block": 0.0, "talks_quarters": 2.9, "treaty_quarters": 2.1},
    )
    talks, text, signed = ([stage] * 2 for stage in ("negotiating", "concluded", "signed"))
    for name, first, direct, stages in (
        ("FTA", "announced", 0, [*talks, *text, *signed, "in_force"]),
        ("FTA", "negotiating", 0, [*text, *signed, "in_force"]),
        ("FTA", "concluded", 0, [*signed, "in_force"]),
        ("FTA", "announced", 1, ["negotiating", "in_force"]),
        ("TTC", "announced", 0, ["negotiating", *["in_force"] * 3]),
        ("TTC", "negotiating", 0, ["in_force"]),
    ):
        world = at_stage(small_world, name, first)
        world = with_arrays(world, direct=direct)
        state = begun(world, scenario)
        for quarter, stage in enumerate(stages, start=1):
            state.clock[0].quarter = quarter
            advance_stages(state)
            assert (state.pairs["stage"][:, instrument(world, name)] == STAGES.index(stage)).all()


def test_stalled_talks_are_taken_up_again_only_after_some_years(
    small_world: World, quiet: Scenario
) -> None:
    """They may be given up at once, and are not resumed before the quarter that is due."""
    world = at_stage(small_world, "FTA", "negotiating")
    k = instrument(world, "FTA")
    scenario = with_coefficients(
        quiet,
        **{"hazard_treaty_negotiating": 0.0, "hazard_treaty_stall": 50.0, "stall_quarters": 3.9},
        **{"hazard_resume": 50.0, "hazard_end": 0.0},
    )
    state = begun(world, scenario)
    for quarter in range(1, 5):
        play_quarter(state)
        due = quarter == 4
        assert (state.pairs["suspended"][:, k] == (0 if due else STALLED)).all()
    state = begun(world, with_coefficients(scenario, hazard_end=50.0))
    for _ in range(2):
        play_quarter(state)
    assert (state.pairs["stage"][:, k] == 0).all()


def test_stalled_talks_are_resumed_or_given_up(small_world: World, quiet: Scenario) -> None:
    world = at_stage(small_world, "FTA", "negotiating")
    k = instrument(world, "FTA")
    scenario = with_coefficients(
        quiet,
        **{"hazard_treaty_negotiating": 0.0, "hazard_treaty_stall": 0.0, "retry_quarters": 6.5},
        **{"hazard_resume": 0.3, "hazard_end": 0.5},
    )
    state = begun(world, scenario)
    resumed = ended = 0
    for replicate in range(RUNS):
        begin(state, 5, replicate)
        busy = int(state.union[0].load)
        state.pairs["suspended"][:, k] = STALLED
        for i in range(len(state.countries)):
            occupy(state, i, k, LOST)
        assert state.union[0].load == 0
        state.clock[0].quarter = 1
        advance_stages(state)
        moving = (state.pairs["stage"][:, k] == NEGOTIATING) & (state.pairs["suspended"][:, k] == 0)
        gone = state.pairs["stage"][:, k] == 0
        assert (state.pairs["again"][gone, k] == 1 + 6).all()
        assert (state.pairs["suspended"][gone, k] == 0).all()
        assert state.union[0].load == busy // len(state.countries) * moving.sum()
        resumed += moving.sum()
        ended += gone.sum()
    trials = RUNS * len(state.countries)
    leaves = 1 - np.exp(-0.8)
    assert stats.binomtest(int(resumed), trials, leaves * 0.3 / 0.8).pvalue > 1e-3
    assert stats.binomtest(int(ended), trials, leaves * 0.5 / 0.8).pvalue > 1e-3


def test_talks_that_ended_may_begin_anew_only_after_some_years(
    small_world: World, scenario: Scenario
) -> None:
    """Everybody wants it and the EU agrees: what keeps them waiting is the failure alone."""
    world = at_stage(small_world, "FTA", "negotiating")
    eligible = np.zeros_like(world.arrays.eligible)
    eligible[:, instrument(world, "FTA")] = 1
    world = with_arrays(world, eligible=eligible)
    wild = without_slow_change(without_shocks(scenario))
    wild = with_coefficients(
        with_policy(wild, negotiators=2000),
        **{"activity_rate": 50.0, "broaden": 1e3, "consent": 1e3, "retry_quarters": 5.0},
        **{"hazard_treaty_negotiating": 0.0, "hazard_treaty_announced": 0.0},
        **{"hazard_treaty_stall": 0.5, "hazard_end": 50.0, "hazard_resume": 0.0},
    )
    events = simulate(world, for_quarters(wild, 16), seed=3).events
    ends = events[events["event"] == "ended"]
    assert len(ends) > len(world.countries)
    assert (ends["stage"].isin(["announced", "negotiating"])).all()
    quarters = events["quarter"].cat.codes
    waits = []
    for row, country in zip(ends.index, ends["iso3"], strict=True):
        later = events.loc[row:]
        again = later[(later["iso3"] == country) & (later["event"] == "approached")]
        if len(again):
            waits.append(quarters[again.index[0]] - quarters[row])
    assert len(waits) > len(world.countries) / 2
    assert set(waits) == {5}


def test_a_busy_eu_is_slower(small_world: World, quiet: Scenario) -> None:
    world = at_stage(small_world, "FTA", "announced")
    effort = world.arrays.effort[instrument(world, "FTA")]
    # Moving on does not free the negotiators, so all face the same share.
    load = effort * len(world.countries)
    scenario = with_coefficients(
        with_policy(quiet, negotiators=int(2 * load)),
        hazard_treaty_announced=1.5,
        hazard_alignment=0.0,
        hazard_threat=0.0,
        hazard_binding=0.0,
        hazard_busy=-2.0,
        hazard_treaty_stall=0.0,
        pooled_effects=0.0,
    )
    # Busier than usual slows down, less busy than usual speeds up.
    usual = scenario.behaviour.values()["usual_busy"]
    assert usual != 0.5
    expected = np.full(len(world.countries), 1 - np.exp(-1.5 * np.exp(-2.0 * (0.5 - usual))))
    assert_frequencies(share(world, scenario, "advanced", stage="negotiating"), expected)


def fast(scenario: Scenario, *paths: str) -> Scenario:
    """Nothing keeps negotiations of these paths: all stages pass at once, none stalls."""
    names = scenario.behaviour.coefficients
    sure = {name: 50.0 for name in names if name.startswith(tuple(f"hazard_{p}_" for p in paths))}
    stalls = {name: 0.0 for name in names if name.endswith("_stall")}
    sure |= stalls | dict.fromkeys(("hazard_threat", "hazard_direct", "hazard_cable"), 0.0)
    sure |= dict.fromkeys(("hazard_signature_block", "talks_quarters", "treaty_quarters"), 0.0)
    return with_coefficients(scenario, **sure)


def test_every_stage_of_a_path_is_passed_in_order(small_world: World, quiet: Scenario) -> None:
    """One a quarter where each takes its time, one a month where nothing keeps them."""
    for path, name in BY_PATH.items():
        stages = PATH_STAGES[path]
        world = at_stage(small_world, name, stages[0])
        k = instrument(world, name)
        state = begun(world, fast(quiet, path))
        for stage, following in pairwise(stages):
            state.hazard[:] = 0.0
            state.hazard[PATHS.index(path), STAGES.index(stage)] = 50.0
            play_quarter(state)
            assert (state.pairs["stage"][:, k] == STAGES.index(following)).all()
            assert_counts(state, world)
        assert state.union["new_ties"][0] == len(world.countries)
        assert state.union["load"][0] == 0
        play_quarter(state)
        assert (state.pairs["stage"][:, k] == IN_FORCE).all()

        events = simulate(world, for_quarters(fast(quiet, path), 3)).events
        for _, passed in events[events["event"] == "advanced"].groupby("iso3", observed=True):
            assert tuple(passed["stage"]) == stages[1:]
            assert passed["quarter"].value_counts().max() <= 3


def test_nothing_comes_into_service_before_its_time(small_world: World, quiet: Scenario) -> None:
    """Nor does it stall for want of it; what is not as far goes on."""
    world = at_stage(small_world, "CONN_IRIS2", "negotiating")
    k = instrument(world, "CONN_IRIS2")
    serves = np.where(np.arange(len(world.arrays.serves)) == k, 3, 0)
    state = begun(with_arrays(world, serves=serves), fast(quiet, "project"))
    for quarter, stall in ((1, 0.0), (2, 50.0), (3, 0.0)):
        state.coefficients.hazard_project_stall[0] = stall
        play_quarter(state)
        stage = "in_force" if quarter == 3 else "signed"
        assert (state.pairs["stage"][:, k] == STAGES.index(stage)).all()
        assert not state.pairs["suspended"].any()


def test_what_is_under_contract_is_built_first(small_world: World, quiet: Scenario) -> None:
    world = at_stage(small_world, "CONN_BLACK_SEA", "negotiating")
    k = instrument(world, "CONN_BLACK_SEA")
    state = begun(world, fast(quiet, "project"))
    for stage in ("signed", "in_force"):
        play_quarter(state)
        assert (state.pairs["stage"][:, k] == STAGES.index(stage)).all()


@pytest.mark.parametrize("path", ["political", "treaty", "project"])
def test_what_is_signed_is_never_given_up(small_world: World, quiet: Scenario, path: str) -> None:
    name, stage = BY_PATH[path], PATH_STAGES[path][-2]
    world = at_stage(small_world, name, stage)
    k = instrument(world, name)
    state = begun(world, with_coefficients(quiet, hazard_resume=0.0, hazard_end=50.0))
    state.pairs["suspended"][:, k] = STALLED
    advance_stages(state)
    given_up = state.pairs["stage"][:, k] == STAGES.index("none")
    assert (given_up == (stage != "signed")).all()


def test_a_deeper_tie_is_one_that_binds_more_where_something_is_held(
    small_world: World, quiet: Scenario
) -> None:
    """What it supersedes has ended when it comes into force, and does not count as held."""
    before, partnership = (
        instrument(small_world, name) for name in ("CYBER_DIALOGUE", "DIGITAL_PARTNERSHIP")
    )
    bare = without_ties(small_world)
    stages = bare.arrays.stage.copy()
    stages[:, partnership] = STAGES.index("negotiating")
    stages[:5, before] = IN_FORCE
    world = with_arrays(bare, stage=stages)
    arrays = world.arrays
    assert arrays.binding[partnership] > arrays.binding[before]
    assert (arrays.area[partnership] & arrays.area[before]).any()
    scenario = fast(quiet, "political")
    metrics = simulate(world, for_quarters(scenario, 1)).metrics
    assert metrics["new_ties"].iloc[1] == len(world.countries)
    assert metrics["deeper_ties"].iloc[1] == 5


#: Any rupture suspends a treaty or a project at once.
CERTAIN = {"suspension_treaty": 100.0, "suspension_project": 100.0}


def stormy(
    scenario: Scenario, severity: float = 0.9, *, rupture: float, half_life: float = 40.0
) -> Scenario:
    storm = {"effects": {"struck": {"rupture": rupture}}, "half_life": half_life}
    return with_climate(
        with_shocks(scenario, storm=storm),
        schedule=[{"shock": "storm", "quarter": "2025Q3", "where": "world", "severity": severity}],
    )


@pytest.mark.parametrize(
    ("name", "share_of"),
    [
        ("DIGITAL_DIALOGUE", 1.0),
        ("HORIZON", 1.0),
        ("QUANTUM", 0.6),
        ("FTA", 0.1),
    ],
)
@pytest.mark.parametrize("stage", ["in_force", "negotiating"])
def test_a_rupture_suspends_by_path(
    small_world: World, quiet: Scenario, name: str, share_of: float, stage: str
) -> None:
    """Political ties and programmes in full, projects in part, treaties hardly."""
    world = at_stage(small_world, name, stage)
    scenario = with_coefficients(
        stormy(quiet, rupture=0.8), suspension_project=0.6, suspension_treaty=0.1
    )
    chances = np.full(len(world.countries), 1 - np.exp(-0.8 * 0.9 * share_of))
    assert_frequencies(share(world, scenario, "suspended"), chances)


@pytest.mark.parametrize(
    ("name", "stage", "bloc", "holds"),
    [
        ("CONN_BLACK_SEA", "in_force", -1, True),
        ("CONN_BLACK_SEA", "signed", -1, False),
        ("DIGITAL_DIALOGUE", "in_force", 0, True),
        ("DIGITAL_DIALOGUE", "in_force", -1, False),
        ("HORIZON", "in_force", 0, False),
    ],
)
def test_a_cable_in_service_and_the_one_text_of_a_bloc_hold_in_a_rupture(
    small_world: World, quiet: Scenario, name: str, stage: str, bloc: int, holds: bool
) -> None:
    world = at_stage(small_world, name, stage)
    blocs = world.arrays.bloc.copy()
    blocs[:, instrument(world, name)] = bloc
    scenario = with_coefficients(stormy(quiet, 1.0, rupture=5.0), **CERTAIN)
    state = begun(with_arrays(world, bloc=blocs), for_quarters(scenario, 1))
    play_quarter(state)
    suspended = state.pairs["suspended"][:, instrument(world, name)] > 0
    assert suspended.any() != holds


def test_a_rupture_suspends_in_the_quarter_of_the_strike_only(
    small_world: World, quiet: Scenario
) -> None:
    world = at_stage(small_world, "DIGITAL_DIALOGUE", "in_force")
    scenario = with_coefficients(stormy(quiet, rupture=0.3), recovery_rate=0.0)
    events = simulate_ensemble(
        world, for_quarters(scenario, 4), seed=9, replicates=RUNS, threads=1
    ).events
    suspended = events[events["event"] == "suspended"]
    assert 0 < len(suspended) < RUNS * len(world.countries)
    assert set(suspended["quarter"]) == {"2025Q3"}


def test_a_suspension_is_one_decision_about_a_country(small_world: World, quiet: Scenario) -> None:
    """What is equally likely to be suspended goes together, and comes back together."""
    bare = without_ties(small_world)
    stages = bare.arrays.stage.copy()
    for name in ("DIGITAL_DIALOGUE", "HORIZON"):
        stages[:, instrument(small_world, name)] = IN_FORCE
    scenario = with_coefficients(stormy(quiet, rupture=0.8, half_life=1.0), recovery_rate=0.3)
    events = simulate_ensemble(
        with_arrays(bare, stage=stages), for_quarters(scenario, 6), seed=9, replicates=20, threads=1
    ).events
    countries = 20 * len(small_world.countries)
    for kind in ("suspended", "recovered"):
        decisions = events[events["event"] == kind].groupby(
            ["replicate", "quarter", "iso3"], observed=True
        )
        assert 0 < len(decisions) < countries
        assert (decisions.size() == 2).all()


@pytest.mark.parametrize("end", [0.0, 0.1])
def test_treaties_at_both_ends_of_their_range(
    small_world: World, quiet: Scenario, end: float
) -> None:
    world = at_stage(small_world, "FTA", "in_force")
    scenario = with_coefficients(stormy(quiet, 1.0, rupture=5.0), suspension_treaty=end)
    chances = np.full(len(world.countries), 1 - np.exp(-5.0 * end))
    assert_frequencies(share(world, scenario, "suspended"), chances)


@pytest.mark.parametrize("rate", [0.3, 0.018])
@pytest.mark.parametrize("name", ["QUANTUM", "FTA"])
def test_what_is_suspended_recovers_with_the_documented_hazard(
    small_world: World, quiet: Scenario, name: str, rate: float
) -> None:
    """Whatever it binds; faster with linked partners; slower while the rupture lasts."""
    world = at_stage(small_world, name, "in_force")
    links = np.zeros_like(world.arrays.links)
    links[0, 1:7] = links[1:7, 0] = 1
    world = with_arrays(world, links=links)
    # All are suspended at once; then half of the intensity is left for recovery to overcome.
    scenario = with_coefficients(
        stormy(quiet, 1.0, rupture=2.0, half_life=1.0),
        **CERTAIN,
        recovery_rate=rate,
        recovery_links=0.7,
    )
    events = simulate_ensemble(
        world, for_quarters(scenario, 2), seed=9, replicates=RUNS, threads=1
    ).events
    assert (events["event"] == "suspended").sum() == RUNS * len(world.countries)
    recovered = events[events["event"] == "recovered"]
    assert (recovered["quarter"] == "2025Q4").all()
    degree = links.sum(axis=1)
    hazard = rate * np.exp(0.7 * (degree / (degree + 3) - 0.5) - 2.0 * 0.5)
    counts = np.bincount(recovered["iso3"].cat.codes, minlength=len(degree))
    assert_frequencies(counts, 1 - np.exp(-hazard))


def test_what_is_suspended_does_not_count_until_it_recovers(
    small_world: World, quiet: Scenario
) -> None:
    world = without_rivals(at_stage(small_world, "FTA", "in_force"))
    storm = with_coefficients(
        stormy(quiet, 1.0, rupture=2.0, half_life=0.25), **CERTAIN, recovery_links=0.0
    )
    scenario = with_coefficients(storm, recovery_rate=0.0)
    metrics = simulate(world, for_quarters(scenario, 3)).metrics
    countries = len(world.countries)
    assert metrics["instruments"].tolist() == [countries, 0, 0, 0]
    assert metrics["partners"].tolist() == [countries, 0, 0, 0]
    assert metrics["partners_depth_4"].tolist() == [countries, 0, 0, 0]
    assert metrics["lost_ties"].tolist() == [0, countries, 0, 0]
    assert metrics["partner_value"].iloc[1] == 0
    assert metrics["drawdown"].tolist() == [0.0, 1.0, 1.0, 1.0]
    assert metrics["quarters_below_peak"].tolist() == [0, 1, 2, 3]
    # What a tie adds beside comes back a quarter after it.
    scenario = with_coefficients(storm, recovery_rate=1e6, effect_adds_value=0.0)
    metrics = simulate(world, for_quarters(scenario, 2)).metrics
    assert metrics["instruments"].tolist() == [countries, 0, countries]
    assert metrics["new_ties"].tolist() == [0, 0, 0], "a recovered tie is not a new one"
    assert metrics["drawdown"].tolist() == [0.0, 1.0, 0.0]


def test_a_suspended_negotiation_stands_still_and_frees_negotiators(
    small_world: World, quiet: Scenario
) -> None:
    world = at_stage(small_world, "FTA", "announced")
    scenario = with_coefficients(
        stormy(quiet, 1.0, rupture=2.0), **CERTAIN, recovery_rate=0.0, hazard_treaty_announced=0.0
    )
    state = begun(world, scenario)
    assert state.union["load"][0] > 0
    play_quarter(state)
    assert state.union["load"][0] == 0
    assert (state.countries["load"] == 0).all()
    # Now that it could move, it may not.
    state.hazard[:] = 100.0
    play_quarter(state)
    assert (state.pairs["stage"][:, instrument(world, "FTA")] == STAGES.index("announced")).all()
    assert_counts(state, world)


@pytest.mark.parametrize(("rupture", "still"), [(0.04, False), (0.06, True)])
def test_nothing_moves_or_opens_with_a_country_in_a_rupture(
    small_world: World, quiet: Scenario, rupture: float, still: bool
) -> None:
    """Stages, stalls and what is given up wait until it has healed, and the country has no turn."""
    world = at_stage(small_world, "DIGITAL_DIALOGUE", "negotiating")
    state = begun(world, fast(quiet, "political"))
    k = instrument(world, "DIGITAL_DIALOGUE")
    state.countries["rupture"] = rupture
    state.pairs["suspended"][0, k] = STALLED
    state.coefficients["hazard_resume"] = state.coefficients["hazard_end"] = 100.0
    advance_stages(state)
    moved = state.pairs["stage"][1:, k] == STAGES.index("in_force")
    assert (moved != still).all()
    assert (state.pairs["suspended"][0, k] == STALLED) == still
    assert has_hands_free(state, 1) != still


def test_a_suspended_negotiation_stands_still_beside_others(
    small_world: World, quiet: Scenario
) -> None:
    state = begun(at_stage(small_world, "FTA", "negotiating"), quiet)
    suspended, other = (instrument(small_world, name) for name in ("FTA", "DIGITAL_DIALOGUE"))
    state.pairs["suspended"][:, suspended] = 1
    for i in range(len(state.countries)):
        open_negotiations(state, i, other, APPROACHED)
    state.hazard[:] = 100.0
    for quarter in (1, 2):
        state.clock[0].quarter = quarter
        advance_stages(state)
    assert (state.pairs["stage"][:, suspended] == STAGES.index("negotiating")).all()
    assert (state.pairs["stage"][:, other] == IN_FORCE).all()


def test_alignment_converges_with_depth(small_world: World, quiet: Scenario) -> None:
    scenario = with_coefficients(quiet, alignment_convergence=0.02)
    world = at_stage(small_world, "FTA", "in_force")
    state = begun(world, scenario)
    areas = world.arrays.area[instrument(world, "FTA")].sum()
    rate = 0.02 * 4 * areas / 32
    expected = world.arrays.alignment.copy()
    for _ in range(8):
        play_quarter(state)
        np.testing.assert_allclose(state.alignment, expected, rtol=1e-12)
        expected = expected + rate * (1 - expected)
    nobody = begun(without_ties(small_world), scenario)
    for _ in range(4):
        play_quarter(nobody)
    np.testing.assert_array_equal(nobody.alignment, small_world.arrays.alignment)


def test_rivals_drift_as_the_climate_says(small_world: World, quiet: Scenario) -> None:
    state = begun(small_world, with_climate(quiet, rival_drift=0.04))
    for _ in range(5):
        play_quarter(state)
    # What drifts in a quarter is felt in the next.
    expected = np.clip(small_world.arrays.rival + 0.01 * 4, 0, 1)
    np.testing.assert_allclose(state.countries["rival"], expected, atol=1e-12)


def test_reputation_grows_with_delivery_and_falls_with_lapsed_money(
    small_world: World, quiet: Scenario
) -> None:
    world = at_stage(small_world, "SDP", "announced")
    scenario = with_coefficients(fast(quiet, "political"), reputation_gain=0.2)
    state = begun(world, scenario)
    play_quarter(state)
    # Talks begin, and end in the next quarter at the earliest.
    moved, usual = len(world.countries), 0.06 * len(world.countries)
    assert state.union["reputation"][0] == pytest.approx(0.5 + 0.2 * 0.5 * moved / (moved + usual))
    lapsing = with_offer(quiet, envelope=100.0, carry_over=0.0, reservation_partner=1.0)
    state = begun(without_ties(small_world), with_coefficients(lapsing, reputation_loss=0.5))
    # 25 million of each quarter lapse, and small promises disappoint few.
    lapsed = 25 / (25 + 100)
    for quarter in range(1, 4):
        play_quarter(state)
        expected = 0.5 * (1 - 0.5 * lapsed) ** quarter
        assert state.union["reputation"][0] == pytest.approx(expected)


def test_the_observed_network_is_where_a_run_begins(world_all: World, scenario: Scenario) -> None:
    state = begun(world_all, scenario)
    np.testing.assert_array_equal(state.pairs["stage"], world_all.arrays.stage)
    np.testing.assert_array_equal(state.linked, world_all.arrays.links)
    assert_counts(state, world_all)
    metrics = simulate(world_all, for_quarters(scenario, 1)).metrics.iloc[0]
    assert metrics["instruments"] == (world_all.arrays.stage == IN_FORCE).sum()
    assert metrics["links"] == world_all.arrays.links.sum() // 2
    entered = metrics[[f"instruments_{d}" for d in ("deepen", "broaden", "connect", "strengthen")]]
    assert entered.sum() == metrics["instruments"]
    assert metrics["instruments_broaden"] > 0
    assert metrics["instruments_deepen"] > 0
