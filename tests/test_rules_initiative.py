"""The EU begins: whom it turns to, what it proposes, what follows; and what Member States block."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from formulas import (
    consent_logs,
    consent_utilities,
    decided_together,
    instrument_utilities,
    may_take,
    softmax,
)
from partnersim import load_scenario, load_world, simulate_ensemble
from partnersim.errors import InputError
from partnersim.model.constants import DIRECTIONS, IN_FORCE, STAGES
from partnersim.model.initiative import (
    acceptance_chance,
    choose_proposal,
    partner_accepts,
    proposal_is_put,
    rank_partners,
    weigh_proposals,
)
from partnersim.scenario.numeric_settings import numeric_settings
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World
from scenarios import (
    begun,
    changed,
    for_quarters,
    instrument,
    with_arrays,
    with_choice_only,
    with_coefficients,
    with_policy,
    without_shocks,
    without_ties,
)


def log_of(world: World, scenario: Scenario, runs: int = 20) -> pd.DataFrame:
    events = simulate_ensemble(world, scenario, seed=3, replicates=runs, threads=1).events
    return events.astype({"event": str, "iso3": object, "instrument": object, "quarter": str})


@pytest.fixture(scope="module")
def calm(scenario: Scenario) -> Scenario:
    """Twenty quarters without shocks."""
    return for_quarters(without_shocks(scenario), 20)


def test_nothing_is_opened_in_the_quarter_of_a_coup(world_all: World, scenario: Scenario) -> None:
    log = log_of(world_all, scenario)
    key = ["replicate", "quarter", "iso3"]
    coups = log[(log["event"] == "shock") & (log["shock"] == "constitutional_rupture")][key]
    opened = log[log["event"].isin(["approached", "proposed", "countered"])][key]
    assert len(coups) > 100
    assert opened.merge(coups).empty


@pytest.fixture(scope="module")
def log(world_all: World, calm: Scenario) -> pd.DataFrame:
    return log_of(world_all, calm)


def test_the_eu_proposes_and_refuses_few_of_those_who_ask(log: pd.DataFrame) -> None:
    """Refusals fell from 82 % to what is normal between parties that sound each other out."""
    count = log["event"].value_counts()
    refused = count["refused"] / (count["refused"] + count["approached"])
    assert 0.01 < refused < 0.25
    assert count["proposed"] > 100
    assert count["declined"] > 10


def test_no_priority_is_for_an_instrument_that_nobody_may_open_any_more(log: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="favour nobody") as refused:
        load_scenario("policy.instruments.SAA=2", "policy.instruments.DTA=2")
    assert len(refused.value.problems) == 1
    names = load_scenario().names(load_world())
    levers = {
        path.rpartition(".")[2]
        for path in numeric_settings(names)
        if path.startswith("policy.instruments.")
    }
    assert set(names.instruments) - levers >= {"SAA", "EEA"}
    assert set(log["instrument"][log["event"].isin(("proposed", "approached"))]) <= levers


def test_the_share_of_refusals_is_that_of_blind_requests(world_all: World, calm: Scenario) -> None:
    shares = []
    for unsounded in (0.05, 0.3, 1.0):
        events = log_of(world_all, with_coefficients(calm, unsounded=unsounded), 5)["event"]
        count = events.value_counts()
        shares.append(count["refused"] / (count["refused"] + count["approached"]))
    assert shares[0] < shares[1] < shares[2]
    assert shares[2] > 4 * shares[0]


def test_an_eu_without_initiative_proposes_nothing(world_all: World, calm: Scenario) -> None:
    events = set(log_of(world_all, with_coefficients(calm, initiative_rate=0.0), 2)["event"])
    assert "approached" in events
    assert not events & {"proposed", "declined", "countered"}


def test_the_eu_turns_to_whom_it_wants_most(world_all: World, calm: Scenario) -> None:
    """Frequencies follow the hazard of the document, and the first of the ranking wait least."""
    scenario = with_policy(calm, openness=0.4, regions={"LAC": 3.0})
    state = begun(world_all, scenario)
    state.union.load[0] = 300
    c, arrays = scenario.behaviour.values(), world_all.arrays
    given = np.array([scenario.policy.regions.get(name, 1.0) for name in world_all.regions])
    region = given[arrays.region] / given[arrays.region].mean()
    state.clock.quarter[0] = 1
    hazard = c["initiative_rate"] * np.exp(
        c["consent_size"] * (arrays.size - 0.5)
        + c["consent_region"] * (region - 1)
        + c["consent_alignment"] * (arrays.alignment - 0.6)
        + c["consent_busy"] * (300 / scenario.policy.negotiators - c["usual_busy"])
        + c["initiative_summit"] * arrays.summit[:, 1]
    )
    runs = 3000
    turned, first = np.zeros((2, len(hazard)))
    for replicate in range(runs):
        state.clock.replicate[0] = replicate
        count = rank_partners(state)
        turned[state.turns[:count]] += 1
        first[state.turns[:1]] += count > 0
    expected = runs * (1 - np.exp(-hazard))
    deviation = np.sqrt(expected * np.exp(-hazard)) + 1
    assert (np.abs(turned - expected) < 5 * deviation).all()
    # Who comes first is a multinomial logit by the hazards.
    wanted = first.sum() * hazard / hazard.sum()
    many = wanted >= 5
    observed = np.append(first[many], first[~many].sum())
    assert stats.chisquare(observed, np.append(wanted[many], wanted[~many].sum())).pvalue > 1e-3


def test_what_it_proposes_follows_both_sides(world_all: World, calm: Scenario) -> None:
    state = begun(world_all, calm)
    i = list(world_all.countries["iso3"]).index("KEN")
    k_count = len(state.instruments)
    c = calm.behaviour.values()
    members = state.members[i]
    u = instrument_utilities(state, world_all, calm, i) - consent_logs(state, world_all, calm, i)
    ready = 1 / (1 + np.exp(-u - np.log(decided_together(world_all, i)) - c["acceptance"]))
    weigh_proposals(state, i)
    expected = consent_utilities(state, world_all, calm, i) - members
    expected += np.log(ready)
    free = calm.policy.negotiators - state.union["load"][0]
    possible = may_take(state, world_all, calm, i) & (world_all.arrays.effort <= free)
    np.testing.assert_array_equal(np.isfinite(state.utilities[:k_count]), possible)
    np.testing.assert_allclose(state.utilities[:k_count][possible], expected[possible], rtol=1e-9)
    for k in np.flatnonzero(possible)[:5]:
        assert acceptance_chance(state, i, int(k)) == pytest.approx(ready[k], rel=1e-9)
    chances = softmax(state.utilities.copy())
    counts = np.zeros(len(chances))
    for replicate in range(4000):
        state.clock.replicate[0] = replicate
        counts[choose_proposal(state, i)] += 1
    many = chances * 4000 >= 5
    observed = np.append(counts[many], counts[~many].sum())
    wanted = 4000 * np.append(chances[many], max(chances[~many].sum(), 1e-9))
    assert stats.chisquare(observed, wanted).pvalue > 1e-3
    k = int(np.argmax(chances[:k_count]))
    accepted, put = 0, 0
    for replicate in range(2000):
        state.clock.replicate[0] = replicate
        accepted += partner_accepts(state, i, k)
        put += proposal_is_put(state, i, k)
    blind = c["unsounded"] * (1 - ready[k])
    assert stats.binomtest(accepted, 2000, ready[k]).pvalue > 1e-4
    assert stats.binomtest(put, 2000, ready[k] + blind).pvalue > 1e-4


def proposals(log: pd.DataFrame, column: str, value: object) -> int:
    begun_by_eu = log["event"].isin(["proposed", "declined"])
    return int((begun_by_eu & (log[column] == value)).sum())


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_priorities_steer_what_is_proposed(
    world_all: World, calm: Scenario, log: pd.DataFrame, direction: str
) -> None:
    priorities = changed(calm.policy.priorities, **{direction: 3.0})
    eager = log_of(world_all, with_policy(calm, priorities=priorities), 10)
    shares = [
        proposals(table, "direction", direction)
        / table["event"].isin(["proposed", "declined"]).sum()
        for table in (log, eager)
    ]
    assert shares[1] > 1.15 * shares[0]


def test_summits_bring_proposals(world_all: World, calm: Scenario) -> None:
    """A calendar with a summit every quarter against none at all."""
    by_calendar = [
        proposals(log_of(with_arrays(world_all, summit=summit), calm, 10), "quarter", "2026Q1")
        for summit in (0, 1)
    ]
    assert by_calendar[1] > 1.3 * by_calendar[0] > 0


def test_negotiators_bound_what_is_proposed(world_all: World, calm: Scenario) -> None:
    for negotiators, some in ((0, False), (2000, True)):
        events = set(log_of(world_all, with_policy(calm, negotiators=negotiators), 2)["event"])
        assert ("proposed" in events) is some


def test_who_declines_may_be_offered_something_lighter(world_all: World, calm: Scenario) -> None:
    """A council that half of them want, a partnership that everybody wants."""
    council, lighter = (instrument(world_all, name) for name in ("TTC", "DIGITAL_PARTNERSHIP"))
    assert world_all.arrays.lighter[council] == lighter
    bare = without_ties(world_all)
    eligible = bare.arrays.eligible.copy()
    eligible[:, [council, lighter]] = 1
    opening = bare.arrays.opening.copy()
    opening[council], opening[lighter] = 0.0, 0.0
    opening[council, 0], opening[lighter, 0] = -2.0, 10.0
    scenario = with_choice_only(
        calm,
        **{"unsounded": 1.0, "acceptance": 2.0, "initiative_rate": 5.0, "activity_rate": 0.0},
        pooled_effects=1.0,
    )
    by = ("size", "wealth", "region", "country")
    known = dict.fromkeys([f"opening_by_{each}" for each in by], 0.0)
    world = with_arrays(bare, eligible=eligible, opening=opening, bloc=-1, **known)
    events = log_of(world, with_policy(scenario, negotiators=2000), 3)
    kinds = events[events["event"].isin(["proposed", "declined", "countered"])]
    table = pd.crosstab(kinds["event"], kinds["instrument"])
    declined, accepted = table.loc[["declined", "proposed"], "TTC"]
    assert stats.binomtest(int(declined), int(declined + accepted), 0.5).pvalue > 1e-3
    assert declined > 50
    assert set(kinds[kinds["event"] == "countered"]["instrument"]) == {"DIGITAL_PARTNERSHIP"}
    assert table.loc["countered", "DIGITAL_PARTNERSHIP"] > 0.6 * declined


def test_who_declines_does_not_ask_for_the_same_in_that_quarter(
    world_all: World, calm: Scenario
) -> None:
    eager = with_coefficients(
        calm,
        **{"unsounded": 0.3, "initiative_rate": 0.5, "acceptance": 1.628, "activity_rate": 2.0},
    )
    log = log_of(world_all, eager)
    key = ["replicate", "quarter", "iso3", "instrument"]
    declined = log[log["event"] == "declined"][key]
    assert len(declined) > 300
    assert log[log["event"] == "approached"][key].merge(declined).empty


def test_families_are_those_of_the_relations(world_all: World) -> None:
    names = list(world_all.instruments["instrument"])
    lighter = {
        names[k]: names[j] for k, j in enumerate(world_all.arrays.lighter.tolist()) if j >= 0
    }
    known = {
        **{"TTC": "DIGITAL_PARTNERSHIP", "DIGITAL_PARTNERSHIP": "DIGITAL_DIALOGUE"},
        **{"SDP": "CYBER_DIALOGUE", "FTA_DIGITAL": "FTA", "DCFTA": "FTA"},
    }
    assert known.items() <= lighter.items()
    effort = dict(zip(names, world_all.arrays.effort, strict=True))
    assert all(effort[other] < effort[name] for name, other in lighter.items())


def test_the_calendar_of_summits(world_all: World) -> None:
    """Japan every two years from 2025Q3, the Western Balkans every winter, Brazil with CELAC."""
    place = {code: i for i, code in enumerate(world_all.countries["iso3"])}
    calendar = {
        code: np.flatnonzero(world_all.arrays.summit[place[code]]).tolist()
        for code in ("JPN", "SRB", "BRA", "NZL")
    }
    assert calendar["JPN"][:2] == [1, 9]
    assert calendar["SRB"] == list(range(2, 48, 4))
    assert calendar["BRA"][0] == 2
    assert calendar["NZL"] == []


@pytest.mark.parametrize(
    ("name", "stages"), [("FTA", {"concluded"}), ("SAA", {"concluded", "signed"})]
)
def test_member_states_block_what_they_must_sign(
    world_all: World, calm: Scenario, name: str, stages: set[str]
) -> None:
    """What is blocked is delayed or given up; once signed, only what is not applied meanwhile."""
    mixed = instrument(world_all, name)
    bare = without_ties(world_all)
    stage, eligible = bare.arrays.stage.copy(), bare.arrays.eligible.copy()
    dta = instrument(world_all, "DTA")
    stage[:, [mixed, dta]] = STAGES.index("concluded")
    eligible[:, [mixed, dta]] = 1
    world = with_arrays(bare, stage=stage, eligible=eligible, bloc=-1)
    scenario = with_coefficients(
        calm, initiative_rate=0.0, activity_rate=0.0, hazard_signature_block=0.2
    )
    events = log_of(world, scenario, 2)
    blocked = events[events["event"] == "blocked"]
    assert set(blocked["instrument"]) == {name}
    assert set(blocked["stage"].astype(str)) == stages
    after = events[events["iso3"].isin(blocked["iso3"]) & (events["instrument"] == name)]
    assert {"resumed", "ended"} <= set(after["event"])
    ended = events[events["event"] == "ended"]
    assert set(ended["stage"].astype(str)) == {"concluded"}, "a signed text is not given up"
    free = log_of(world, with_coefficients(scenario, hazard_signature_block=0.0), 2)
    assert "blocked" not in set(free["event"])
    arrived = {
        label: ((table["event"] == "advanced") & (table["instrument"] == name)).sum()
        for label, table in (("blocked", events), ("free", free))
    }
    assert arrived["blocked"] < 0.8 * arrived["free"]
    assert STAGES.index("in_force") == IN_FORCE
