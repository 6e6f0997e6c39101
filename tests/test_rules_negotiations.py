"""Families of instruments, programmes that lapse, blocs, talks that fail, effects of a run."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from partnersim import simulate_ensemble
from partnersim.model.beginning import begin
from partnersim.model.choice import terms_of, weigh_options
from partnersim.model.constants import (
    ANNOUNCED,
    CONCLUDED,
    EVENT_KIND,
    EVENT_STAGE,
    IN_FORCE,
    NEGOTIATING,
    NETWORK,
    NONE,
    OPENINGS,
    PLANNED,
    SIGNED,
    STALLED_IN_TALKS,
    SUSPENDED_BY_SHOCKS,
)
from partnersim.model.events import APPROACHED, EXPIRED
from partnersim.model.quarter import play_quarter, settle_approach
from partnersim.model.stages import advance_stages, open_negotiations
from partnersim.model.state import State
from partnersim.scenario.scenario import Scenario
from partnersim.world.pooled import pooled_arrays
from partnersim.world.world import World
from recount import assert_counts
from scenarios import (
    begun,
    for_quarters,
    instrument,
    with_arrays,
    with_coefficients,
    with_offer,
    without_shocks,
    without_slow_change,
    without_ties,
    without_turns,
)

REPLICATES = 20
#: Kinds of events that a bloc meets as one.
JOINT = (*OPENINGS, "advanced", "stalled", "blocked", "resumed", "ended")


@pytest.fixture(scope="module")
def events(world_all: World, scenario: Scenario) -> pd.DataFrame:
    """What happens to 2035 in some runs of the shipped model, without shocks."""
    return played(world_all, without_shocks(scenario), REPLICATES)


def played(world_all: World, scenario: Scenario, replicates: int) -> pd.DataFrame:
    """What happens to instruments in some runs."""
    table = simulate_ensemble(world_all, scenario, seed=2, replicates=replicates, threads=1).events
    table = table[table["instrument"].notna()]
    return pd.DataFrame(
        {
            "replicate": table["replicate"],
            "quarter": table["quarter"].cat.codes,
            "label": table["quarter"].astype(str),
            "event": table["event"].astype(str),
            "country": pd.Index(world_all.countries["iso3"]).get_indexer(table["iso3"].astype(str)),
            "instrument": pd.Index(world_all.instruments["instrument"]).get_indexer(
                table["instrument"].astype(str)
            ),
            "stage": table["stage"].astype(str),
        }
    )


@pytest.fixture(scope="module")
def still(scenario: Scenario) -> Scenario:
    """Nobody acts, nothing drifts, no shocks, no money."""
    return with_offer(without_turns(without_slow_change(without_shocks(scenario))), envelope=0.0)


# Families


def test_no_two_ties_that_exclude_each_other_are_opened(
    world_all: World, events: pd.DataFrame
) -> None:
    """The log told again: what a country has when it opens something leaves room for it."""
    arrays = world_all.arrays
    bars = arrays.excludes == 1
    replaced = 0
    for _, log in events.groupby("replicate"):
        tied = arrays.stage > PLANNED
        for row in log.itertuples(index=False):
            i, k = row.country, row.instrument
            if row.event in OPENINGS:
                assert not tied[i, k]
                assert not (bars[k] & tied[i]).any()
                tied[i, k] = True
            elif row.event in ("ended", "expired", "superseded"):
                # What is not in force when its programme ends is negotiated anew.
                tied[i, k] = row.event == "expired" and row.stage != "in_force"
                replaced += row.event == "superseded"
            elif row.event == "renewed":
                tied[i, k] = True
            elif row.event == "advanced" and row.stage == "in_force":
                assert not (tied[i] & (arrays.supersedes[k] == 1)).any()
    assert replaced > REPLICATES


def test_what_is_superseded_ends_in_the_quarter_of_its_successor(
    world_all: World, events: pd.DataFrame
) -> None:
    supersedes = world_all.arrays.supersedes
    arrived = events[(events["event"] == "advanced") & (events["stage"] == "in_force")]
    by_quarter = {
        place: set(rows["instrument"])
        for place, rows in arrived.groupby(["replicate", "quarter", "country"])
    }
    ended = events[events["event"] == "superseded"]
    for row in ended.itertuples(index=False):
        successors = by_quarter[row.replicate, row.quarter, row.country]
        assert any(supersedes[k, row.instrument] == 1 for k in successors)


@pytest.mark.parametrize(
    ("before", "after", "open_to_holders"),
    [
        ("FTA", "DCFTA", True),
        ("DATA_FLOW_RULES", "DTA", True),
        ("FTA", "FTA_DIGITAL", False),
    ],
)
def test_a_modern_agreement_replaces_the_old_one(
    small_world: World, still: Scenario, before: str, after: str, open_to_holders: bool
) -> None:
    """Known answer: one tie before, one after, lost and won at the same moment.

    Who has an agreement may open what replaces it only where it does not bar it: talks on
    modernising a trade agreement go on where they are under way (Mexico), no new ones begin.
    """
    old, new = (instrument(small_world, name) for name in (before, after))
    assert small_world.arrays.supersedes[new, old] == 1
    bare = without_ties(small_world)
    stage = bare.arrays.stage.copy()
    stage[:, old] = IN_FORCE
    eligible = bare.arrays.eligible.copy()
    eligible[:, [old, new]] = 1
    world = with_arrays(bare, stage=stage, eligible=eligible, prerequisite=-1)
    state = begun(world, still)
    weigh_options(state, 0)
    assert np.isfinite(state.utilities[new]) == open_to_holders
    assert (state.pairs["barred"][:, new] == (not open_to_holders)).all()
    assert state.pairs[0, old].barred == 0
    for i in range(len(state.countries)):
        open_negotiations(state, i, new, APPROACHED)
    assert (state.pairs["barred"][:, old] == 1).all()
    assert_counts(state, world)
    state.hazard[:] = 1e6
    state.coefficients.hazard_treaty_stall[0] = 0.0
    state.coefficients.hazard_concluded_stall[0] = 0.0
    state.coefficients.hazard_signature_block[0] = 0.0
    state.coefficients.talks_quarters[0] = state.coefficients.treaty_quarters[0] = 0.0
    # A stage a month: a treaty takes four.
    for stage in (SIGNED, IN_FORCE):
        advance_stages(state)
        assert (state.pairs["stage"][:, new] == stage).all()
    assert (state.pairs["stage"][:, old] == NONE).all()
    assert (state.in_force == 1).all()
    assert state.union[0].lost_ties == state.union[0].new_ties == len(state.countries)
    assert_counts(state, world)


# Programmes


@pytest.mark.parametrize("name", ["HORIZON", "DEP"])
def test_programmes_lapse_with_their_period_and_are_mostly_renewed(
    world_all: World, events: pd.DataFrame, name: str
) -> None:
    k = instrument(world_all, name)
    of = events[events["instrument"] == k]
    lapsed = of[(of["event"] == "expired") & (of["stage"] == "in_force")]
    assert set(lapsed["label"]) == {"2028Q1", "2035Q1"}, "a period of seven years"
    first = lapsed[lapsed["label"] == "2028Q1"]
    # Nobody holds it when the new period begins, but who joins late.
    assert len(first) >= REPLICATES * ((world_all.arrays.stage[:, k] == IN_FORCE).sum() - 2)
    back = of[(of["event"] == "renewed") & (of["label"] < "2035")]
    assert back["label"].min() == "2028Q2"
    soon = back[back["label"] <= "2029Q4"]
    assert 0.85 < len(soon) / len(first) <= 1.0
    assert not soon.duplicated(["replicate", "country"]).any()
    # Nobody negotiates from the start what only waits for its renewal.
    waits = first.merge(back, "left", ["replicate", "country"], suffixes=("", "_back"))
    until = waits["quarter_back"].fillna(43)
    waits = waits.assign(until=until).set_index(["replicate", "country"])["until"]
    opened = of[of["event"].isin(OPENINGS) & (of["label"] >= "2028Q1")]
    for row in opened.itertuples(index=False):
        assert row.quarter > waits.get((row.replicate, row.country), 0)


def test_what_is_suspended_lapses_too_and_what_is_renewed_has_what_it_needs(
    world_all: World, still: Scenario
) -> None:
    world = without_ties(world_all)
    reserve, programme, other = (
        instrument(world, name) for name in ("CYBER_RESERVE", "DEP", "CYBER_DIALOGUE")
    )
    stage, halt = world.arrays.stage.copy(), world.arrays.halt.copy()
    halted, _, whole, in_trouble = places = [0, 1, 2, 3]
    stage[places, reserve] = stage[[halted, whole, in_trouble], programme] = IN_FORCE
    stage[in_trouble, other] = IN_FORCE
    halt[halted, reserve] = halt[in_trouble, other] = SUSPENDED_BY_SHOCKS
    expires, renews = (
        np.where(np.arange(len(of)) == reserve, quarter, 0)
        for of, quarter in ((world.arrays.expires, 1), (world.arrays.renews, 3))
    )
    world = with_arrays(world, stage=stage, halt=halt, expires=expires, renews=renews)
    state = begun(world, with_coefficients(still, hazard_renewal=50.0, recovery_rate=0.0))
    lost = []
    for _ in range(3):
        play_quarter(state)
        lost.append(int(state.union[0].lost_ties))
        assert_counts(state, world)
    assert lost == [0, 3, 0], "what was suspended was lost before"
    assert (state.pairs["suspended"][places, reserve] == 0).all()
    kept = state.pairs["stage"][:, reserve] == IN_FORCE
    assert kept[places].tolist() == [True, False, True, False]
    assert state.pairs["lapsed"][places, reserve].tolist() == [0, 1, 0, 1]


def test_what_is_not_in_force_is_negotiated_anew_for_the_next_programme(
    world_all: World, still: Scenario
) -> None:
    """Whatever is concluded or signed, halted or not; what is not as far goes on."""
    world = without_ties(world_all)
    k = instrument(world, "DEP")
    stage, halt = world.arrays.stage.copy(), world.arrays.halt.copy()
    stage[:5, k] = [ANNOUNCED, NEGOTIATING, CONCLUDED, SIGNED, SIGNED]
    halt[4, k] = STALLED_IN_TALKS
    expires = np.where(np.arange(len(world.arrays.expires)) == k, 1, 0)
    world = with_arrays(world, stage=stage, halt=halt, expires=expires)
    state = begun(world, with_coefficients(still, hazard_resume=0.0, hazard_end=0.0))
    state.hazard[:] = 0.0
    state.coefficients.hazard_programme_stall[0] = 0.0
    state.coefficients.hazard_concluded_stall[0] = 0.0
    for expected in ([2, 3, 4, 5, 5], [2, 3, 3, 3, 3]):
        play_quarter(state)
        assert state.pairs["stage"][:5, k].tolist() == expected
        assert state.pairs["suspended"][:5, k].tolist() == halt[:5, k].tolist()
        assert_counts(state, world)
    log = state.events[: int(state.union["events"][0])]
    expired = log[log[:, EVENT_KIND] == EXPIRED]
    assert expired[:, EVENT_STAGE].tolist() == [CONCLUDED, SIGNED, SIGNED]
    assert not state.pairs["lapsed"].any()
    assert state.union[0].lost_ties == 0


def test_a_bloc_is_renewed_together(world_all: World, events: pd.DataFrame) -> None:
    k = instrument(world_all, "GROWTH_FACILITY")
    bloc = world_all.arrays.bloc[:, k]
    balkans = [place for place in np.flatnonzero(bloc >= 0) if (bloc == bloc[place]).sum() > 3]
    back = events[(events["event"] == "renewed") & (events["instrument"] == k)]
    back = back[back["country"].isin(balkans) & (back["label"] < "2035")]
    moments = back.groupby("replicate")["quarter"].nunique()
    assert len(balkans) >= 5
    assert (moments == 1).mean() > 0.7, "but for who was suspended or joined late"


def test_renewal_comes_with_the_documented_hazard(world_all: World, still: Scenario) -> None:
    world = without_ties(world_all)
    k = instrument(world, "DEP")
    stage = world.arrays.stage.copy()
    stage[:, k] = IN_FORCE
    expires, renews = world.arrays.expires.copy(), world.arrays.renews.copy()
    expires[k], renews[k] = 2, 5
    world = with_arrays(world, stage=stage, expires=expires, renews=renews)
    scenario = with_coefficients(for_quarters(still, 6), hazard_renewal=0.4)
    counts = np.zeros(7)
    replicates, countries = 30, len(world.countries)
    state = begun(world, scenario)
    for replicate in range(replicates):
        begin(state, 3, replicate)
        for quarter in range(1, 7):
            play_quarter(state)
            held = (state.pairs["stage"][:, k] == IN_FORCE).sum()
            assert (state.pairs["lapsed"][:, k] == 1).sum() == countries - held
            counts[quarter] += held
        assert_counts(state, world)
    trials = replicates * countries
    assert list(counts[1:5]) == [trials, trials, 0, 0], "lapses after its last quarter"
    for quarter in (5, 6):
        chance = 1 - np.exp(-0.4 * (quarter - 4))
        assert stats.binomtest(int(counts[quarter]), trials, chance).pvalue > 1e-3


# Blocs


@pytest.fixture(scope="module")
def union_of_four(world_all: World) -> tuple[World, int, np.ndarray]:
    """A world where nothing is under way, a treaty, and the four who negotiate it as one."""
    world = with_arrays(without_ties(world_all), eligible=world_all.arrays.eligible)
    k = instrument(world, "FTA")
    codes = list(world.countries["iso3"])
    members = np.array(sorted(codes.index(code) for code in ("ARG", "BRA", "PRY", "URY")))
    assert len(set(world.arrays.bloc[members, k])) == 1
    return world, k, members


def test_a_bloc_opens_with_one_consent_and_occupies_the_eu_once(
    union_of_four: tuple[World, int, np.ndarray], still: Scenario
) -> None:
    world, k, members = union_of_four
    lead = int(members[1])
    for agreed in (False, True):
        state = begun(world, still)
        settle_approach(state, lead, k, agreed)
        assert state.union[0].events == (len(members) if agreed else 1)
        opened = np.flatnonzero(state.pairs["stage"][:, k] == ANNOUNCED)
        assert list(opened) == (list(members) if agreed else [])
        assert state.union[0].load == (world.arrays.effort[k] if agreed else 0)
        assert_counts(state, world)
    assert (state.pairs["lead"][members, k] == lead).all()
    assert (state.countries["load"][members] == 1).all()


def test_members_that_may_not_join_are_left_out(
    union_of_four: tuple[World, int, np.ndarray], still: Scenario
) -> None:
    world, k, members = union_of_four
    state = begun(world, still)
    lead, other, late, busy = members
    state.pairs[other, k].available = 0
    state.pairs[late, k].again = 4
    open_negotiations(state, int(lead), k, APPROACHED)
    opened = np.flatnonzero(state.pairs["stage"][:, k] == ANNOUNCED)
    assert list(opened) == [lead, busy]
    assert_counts(state, world)


def test_members_of_a_bloc_move_stall_and_end_together(
    union_of_four: tuple[World, int, np.ndarray], still: Scenario
) -> None:
    world, k, members = union_of_four
    scenario = with_coefficients(
        still,
        **{"hazard_treaty_stall": 0.3, "hazard_concluded_stall": 0.3, "hazard_resume": 0.3},
        **{"hazard_end": 0.2, "hazard_treaty_negotiating": 0.5, "hazard_treaty_concluded": 0.5},
        hazard_treaty_signed=1.0,
    )
    state = begun(world, scenario)
    ways = set()
    for replicate in range(40):
        begin(state, 8, replicate)
        open_negotiations(state, int(members[2]), k, APPROACHED)
        way = []
        for _ in range(20):
            play_quarter(state)
            pairs = state.pairs[members, k]
            assert len(set(pairs["stage"])) == len(set(pairs["suspended"])) == 1
            stage, halted = int(pairs["stage"][0]), int(pairs["suspended"][0])
            moving = halted == 0 and ANNOUNCED <= stage < IN_FORCE
            assert state.union[0].load == moving * world.arrays.effort[k]
            way.append((stage, halted))
        assert_counts(state, world)
        ways.add(tuple(way))
    ends = {way[-1][0] for way in ways}
    assert len(ways) > 20
    assert {NONE, IN_FORCE} <= ends, "one luck for all members, another in each run"


@pytest.mark.parametrize("late", [0, 3])
def test_a_member_that_comes_later_waits_by_itself(
    union_of_four: tuple[World, int, np.ndarray], still: Scenario, late: int
) -> None:
    """In a rupture while the others conclude, it follows a quarter behind and holds up nobody."""
    world, k, members = union_of_four
    stages = ("announced", "negotiating", "concluded", "signed")
    stalls = ("hazard_treaty_stall", "hazard_concluded_stall", "hazard_signature_block")
    scenario = with_coefficients(
        still,
        **{f"hazard_treaty_{stage}": 50.0 for stage in stages},
        **dict.fromkeys(stalls, 0.0),
        **{"talks_quarters": 0.0, "treaty_quarters": 2.0},
    )
    state = begun(world, scenario)
    open_negotiations(state, int(members[1]), k, APPROACHED)
    way = []
    for quarter in range(1, 7):
        state.clock[0].quarter = quarter
        state.countries["rupture"][members[late]] = quarter == 1
        advance_stages(state)
        stage = state.pairs["stage"][members, k]
        assert len(set(np.delete(stage, late))) == 1
        way.append((int(stage[1]), int(stage[late])))
    others, behind = (list(each) for each in zip(*way, strict=True))
    assert others == [CONCLUDED, CONCLUDED, SIGNED, SIGNED, IN_FORCE, IN_FORCE]
    assert behind == [ANNOUNCED, *others[:-1]]


def test_a_bloc_is_one_in_the_log_of_whole_runs(world_all: World, events: pd.DataFrame) -> None:
    """Of members of a customs union, all open, move, stall and end in the same quarter."""
    arrays = world_all.arrays
    k = instrument(world_all, "FTA")
    codes = list(world_all.countries["iso3"])
    members = [codes.index(code) for code in ("ARG", "BRA", "PRY", "URY")]
    assert len(set(arrays.stage[members, k])) == 1
    log = events[(events["instrument"] == k) & events["country"].isin(members)]
    log = log[log["event"].isin(JOINT)]
    told = log.groupby(["replicate", "quarter", "event", "stage"])["country"].agg(
        ["size", "nunique"]
    )
    assert len(told) > REPLICATES
    assert (told["size"] == len(members)).all()
    assert (told["nunique"] == len(members)).all()


# Talks that fail


def test_some_treaty_talks_fail_and_do_not_begin_anew_for_years(
    world_all: World, scenario: Scenario, events: pd.DataFrame
) -> None:
    retry = int(scenario.behaviour.values()["retry_quarters"])
    ended = events[events["event"] == "ended"]
    treaties = world_all.instruments["path"].to_numpy()[ended["instrument"]] == "treaty"
    assert treaties.sum() > REPLICATES
    assert set(ended["stage"]) <= {"announced", "negotiating", "concluded", "signed"}
    opened = events[events["event"].isin(OPENINGS)]
    pairs = ended.merge(opened, on=["replicate", "country", "instrument"], suffixes=("", "_new"))
    later = pairs[pairs["quarter_new"] >= pairs["quarter"]]
    assert len(later) > 0, "some try again"
    assert (later["quarter_new"] - later["quarter"] >= retry).all()


def test_what_is_agreed_in_one_text_moves_and_is_renewed_together(
    world_all: World, events: pd.DataFrame
) -> None:
    """Switzerland and the European Economic Area join two programmes in one text.

    Unless it was given up, and one of the two is opened anew.
    """
    codes, names = list(world_all.countries["iso3"]), list(world_all.instruments["instrument"])
    for iso3, least in (("CHE", 5), ("NOR", 2)):
        ours = events[events["country"] == codes.index(iso3)]
        found = [
            ours[ours["instrument"] == names.index(name)][["replicate", "quarter", "event"]]
            for name in ("HORIZON", "DEP")
        ]
        rows = [set(table.itertuples(False, None)) for table in found]
        assert len(rows[0]) > least * REPLICATES
        assert len(rows[0] ^ rows[1]) < 0.05 * len(rows[0])
    # Access to the reserve amends the association: it is not renewed without it.
    events = events[events["event"].isin(["expired", "renewed"])]
    reserve, programme = (
        set(events[events["instrument"] == names.index(name)].itertuples(False, None))
        for name in ("CYBER_RESERVE", "DEP")
    )
    reserve = {row[:5] for row in reserve if codes[row[4]] in ("UKR", "MDA", "TUR")}
    assert len(reserve) > 2 * REPLICATES
    assert len(reserve - {row[:5] for row in programme}) < 0.05 * len(reserve)
    text = world_all.arrays.text
    assert (text != np.arange(len(names))).sum() == 12


def test_with_joint_bodies_no_answer_is_a_no(world_all: World, events: pd.DataFrame) -> None:
    """Nor is one about what the Offer pays for."""
    answers = events[events["event"].isin(["declined", "refused"])]
    arrays = world_all.arrays
    assert len(answers) > REPLICATES
    assert not arrays.joint_bodies[answers["country"]].any()
    paid = (arrays.cost[answers["instrument"]] > 0) & (arrays.developing[answers["country"]] == 1)
    assert not paid.any()
    near = set(world_all.countries["iso3"][arrays.joint_bodies == 1])
    assert {"UKR", "MNE", "NOR", "LIE"} <= near
    assert not {"CHE", "GBR", "KEN"} & near


def test_only_stalled_talks_end(world_all: World, scenario: Scenario) -> None:
    """They stalled or were blocked before, and are resumed after some years at the earliest.

    Unless the programme over which they stalled has ended.
    """
    # The highest that is plausible: few texts are blocked in so few runs.
    often = with_coefficients(without_shocks(scenario), hazard_signature_block=0.03)
    events = played(world_all, often, REPLICATES)
    wait = int(scenario.behaviour.values()["stall_quarters"])
    assert not world_all.arrays.halt.any(), "nothing is halted when a run begins"
    # From which quarter on halted talks may be resumed, by run and pair.
    halted = {}
    happened = Counter()
    for row in events.itertuples(index=False):
        pair = row.replicate, row.country, row.instrument
        happened[row.event] += 1
        if row.event in ("stalled", "blocked"):
            assert pair not in halted
            halted[pair] = row.quarter + wait
        elif row.event == "resumed":
            assert row.quarter >= halted.pop(pair)
        elif row.event == "ended":
            del halted[pair]
        elif row.event == "expired" and pair in halted:
            halted[pair] = row.quarter + 1
        elif row.event == "superseded":
            halted.pop(pair, None)
        elif row.event == "advanced":
            assert pair not in halted, "what is stalled does not move"
    assert happened["stalled"] > 10 * REPLICATES
    assert min(happened[name] for name in ("blocked", "resumed", "ended")) > 0


# Waits


def test_no_treaty_moves_before_its_time_nor_stalls_once_signed(
    world_all: World, scenario: Scenario
) -> None:
    """In runs with shocks, in which members of a bloc fall behind; of what a run brings there."""
    c = scenario.behaviour.values()
    waits = {"concluded": c["talks_quarters"], "signed": c["treaty_quarters"]}
    waits["in_force"] = c["treaty_quarters"]
    long = (world_all.instruments["path"] == "treaty") & (world_all.arrays.direct == 0)
    events = played(world_all, scenario, REPLICATES)
    events = events[long[events["instrument"]].to_numpy()]
    stalled = events[events["event"] == "stalled"]["stage"]
    assert set(stalled) == {"announced", "negotiating", "concluded"}
    moved = events[events["event"] == "advanced"]
    by_pair = moved.groupby(["replicate", "country", "instrument"])
    took = moved["quarter"] - by_pair["quarter"].shift()
    for stage, wait in waits.items():
        shortest = took[moved["stage"] == stage].min()
        assert shortest == int(wait), stage


# Pooled effects


TABLE = pd.DataFrame(
    [
        ("path", "political", -0.8, 0.5, 1.0, 80.0, 0.0, 0.0),
        ("path", "treaty", 0.3, 0.6, 1.0, 40.0, 0.0, 0.0),
        ("opening", "FTA", 0.5, 0.2, 1.1, 30.0, 0.0, 0.0),
        ("path_size", "treaty", 0.4, 0.1, 1.0, 3.0, 0.0, 0.0),
        ("path_wealth", "treaty", 0.1, 0.1, 1.0, 3.0, 0.0, 0.0),
        ("size", "FTA", 0.2, 0.3, 0.6, 3.0, -0.6, 0.0),
        ("wealth", "FTA", -0.4, 0.2, 0.7, 3.0, 0.0, 0.0),
        ("speed", "FTA", -0.2, 0.04, 0.05, 5.0, 0.0, 0.0),
        ("country", "JPN", 0.7, 0.1, 0.3, 9.0, 0.0, 0.0),
        ("region", "Gulf", -0.6, 0.2, 0.4, 7.0, 0.0, 0.0),
    ],
    columns=[
        *("kind", "name", "mean", "deviation", "spread", "decisions"),
        *("with_opening", "with_size"),
    ],
)


def test_what_the_history_does_not_name_has_mean_and_spread_of_its_path() -> None:
    """What the table tells by path holds for every instrument of it, named or not."""
    made = pooled_arrays(
        TABLE,
        ["JPN", "XXX"],
        ["LAC", "Gulf"],
        ["FTA", "NEW_TREATY", "NEW_TALK"],
        ["treaty", "treaty", "political"],
    )
    # Means, and rows of the lower triangular roots of covariances.
    assert made["opening"].tolist() == [[0.8, 0.2, 0, 0], [0.3, 1.1, 0, 0], [-0.8, 1.1, 0, 0]]
    by_size = [[0.6, -0.18, 0.24, 0], [0.4, 0, 0.6, 0], [0, 0, 0.6, 0]]
    np.testing.assert_allclose(made["opening_by_size"], by_size, atol=1e-12)
    by_wealth = [[-0.3, 0, 0, 0.2], [0.1, 0, 0, 0.7], [0, 0, 0, 0.7]]
    np.testing.assert_allclose(made["opening_by_wealth"], by_wealth, atol=1e-12)
    np.testing.assert_allclose(made["speed"], [[-0.2, 0.04], [0.0, 0.05], [0.0, 0.05]])
    np.testing.assert_allclose(made["opening_by_country"], [[0.7, 0.1], [0.0, 0.3]])
    np.testing.assert_allclose(made["opening_by_region"], [[0.0, 0.4], [-0.6, 0.2]])


#: Effects on utilities that are not those of the instrument itself.
BY = ("size", "wealth", "country", "region")
NOTHING_ELSE = dict.fromkeys([f"opening_by_{each}" for each in BY], 0.0)


def effects_of(state: State, runs: int) -> np.ndarray:
    """Effects on utilities in some runs, (runs, N, K)."""
    found = []
    for replicate in range(runs):
        begin(state, 4, replicate)
        found.append(state.opening.copy())
    return np.array(found)


def test_effects_are_drawn_once_a_run_around_what_is_known(
    small_world: World, still: Scenario
) -> None:
    arrays = small_world.arrays
    k = instrument(small_world, "FTA")
    world = with_arrays(small_world, **NOTHING_ELSE)
    state = begun(world, for_quarters(still, 3))
    drawn = effects_of(state, 400)
    mean, deviation = arrays.opening[k, :2]
    # The mean of exp(effect) is that of the mode.
    luck = (drawn[:, 0, k] - mean + deviation**2 / 2) / deviation
    assert stats.kstest(luck, "norm").pvalue > 1e-3
    # The same for all countries, and another one for each instrument.
    assert (drawn == drawn[:, :1]).all()
    assert abs(np.corrcoef(drawn[:, 0, k], drawn[:, 0, k + 1])[0, 1]) < 0.2
    last = state.opening.copy(), state.instruments["speed"].copy()
    for _ in range(3):
        play_quarter(state)
    np.testing.assert_array_equal(state.opening, last[0])
    np.testing.assert_array_equal(state.instruments["speed"], last[1])


@pytest.mark.parametrize("by", ["size", "wealth"])
def test_a_slope_keeps_the_mean_rate_of_every_country(
    small_world: World, still: Scenario, by: str
) -> None:
    """Half the variance that it has for a country is taken off for that country."""
    k = instrument(small_world, "FTA")
    flat = {**NOTHING_ELSE, "opening": 0.0, f"opening_by_{by}": [0.0, 2.0, 0.0, 0.0]}
    world = with_arrays(small_world, **flat)
    drawn = effects_of(begun(world, still), 400)[:, :, k]
    spread = 2.0 * (getattr(world.arrays, by) - 0.5)
    luck = (drawn + spread**2 / 2) / spread
    np.testing.assert_allclose(luck, np.broadcast_to(luck[:, :1], luck.shape), atol=1e-9)
    assert stats.kstest(luck[:, 0], "norm").pvalue > 1e-3


def test_effects_of_size_wealth_country_and_region_add_up(
    small_world: World, still: Scenario
) -> None:
    """Known answer: without spread an effect is its mean.

    That of a region is on what ties one partner alone.
    """
    arrays = small_world.arrays
    known = {
        **{"opening": 0.3, "opening_by_size": -0.8, "opening_by_wealth": 0.6},
        **{"opening_by_country": 0.25, "speed": 0.1},
    }
    regional = np.zeros_like(arrays.opening_by_region)
    regional[:, 0] = np.linspace(-1.0, 1.0, len(regional))
    world = with_arrays(
        small_world,
        opening_by_region=regional,
        **{name: mean * np.eye(getattr(arrays, name).shape[1])[0] for name, mean in known.items()},
    )
    state = begun(world, still)
    of_country = 0.3 - 0.8 * (arrays.size - 0.5) + 0.6 * (arrays.wealth - 0.5) + 0.25
    alone = arrays.role != NETWORK
    assert 0 < alone.sum() < len(alone)
    expected = of_country[:, None] + regional[arrays.region, 0][:, None] * alone[None]
    np.testing.assert_allclose(state.opening, expected)
    np.testing.assert_allclose(state.instruments["speed"], 0.1)


def test_a_known_effect_shifts_openings(small_world: World, scenario: Scenario) -> None:
    """By its size in the utility; so a country takes the instrument more often."""
    k = instrument(small_world, "FTA")
    calm = with_coefficients(for_quarters(without_shocks(scenario), 8), pooled_effects=1.0)
    opened = {}
    terms = {}
    for effect in (-2.0, 2.0):
        opening = small_world.arrays.opening.copy()
        opening[k] = effect * np.eye(4)[0]
        world = with_arrays(small_world, **NOTHING_ELSE, opening=opening)
        terms[effect] = terms_of(begun(world, calm), 0, k, 1.0).pooled
        log = simulate_ensemble(world, calm, seed=6, replicates=100, threads=1).events
        begun_by = [*OPENINGS, "refused", "declined"]
        asked = log["event"].isin(begun_by) & (log["instrument"] == "FTA")
        opened[effect] = int(asked.sum())
    assert terms == {-2.0: -2.0, 2.0: 2.0}
    assert opened[2.0] > 5 * opened[-2.0] > 0


def test_members_of_a_bloc_at_one_stage_begin_with_one_lead(
    world_all: World, still: Scenario
) -> None:
    """Of negotiations that are under way at the start; others lead themselves."""
    state = begun(world_all, still)
    arrays = world_all.arrays
    lead = state.pairs["lead"]
    rows, columns = np.nonzero(arrays.bloc >= 0)
    for i, k in zip(rows, columns, strict=True):
        first = int(lead[i, k])
        assert arrays.bloc[first, k] == arrays.bloc[i, k]
        assert arrays.stage[first, k] == arrays.stage[i, k]
    own = np.broadcast_to(np.arange(len(lead))[:, None], lead.shape)
    np.testing.assert_array_equal(lead[arrays.bloc < 0], own[arrays.bloc < 0])
    assert ((arrays.stage == NEGOTIATING) & (lead != own)).any()
