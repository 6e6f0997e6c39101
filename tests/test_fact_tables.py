"""Facts: every cell is checked, history and network tell the same, and nothing looks ahead."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from partnersim import load_scenario, simulate_ensemble
from partnersim.errors import InputError
from partnersim.history.history import LAST_QUARTER, quarter_number, read_history, records
from partnersim.history.spells import stages_known
from partnersim.model.constants import STAGES
from partnersim.random.keys import name_key
from partnersim.world.agreements import large_array, signed_array
from partnersim.world.countries import read_organisations
from partnersim.world.gates import barred_array, between_array, sanctioned_array
from partnersim.world.layouts import LAST_DAY, LAYOUTS, OF_THE_WORLD, Known, read_tables
from partnersim.world.tables import PACKAGE_DATA, Reader
from partnersim.world.world import World, load_world
from scenarios import link_step


@pytest.fixture(scope="module")
def known(world_all: World) -> Known:
    """Names of the shipped world."""
    return Known(
        frozenset(world_all.countries["iso3"]),
        frozenset(world_all.instruments["instrument"]),
        frozenset(load_scenario().shocks),
    )


def read_facts(known: Known, folder: Path = PACKAGE_DATA) -> dict[str, pd.DataFrame]:
    """Read all tables of facts, with those that no world is made of."""
    reader = Reader(folder)
    tables = read_tables(reader, known, tuple(LAYOUTS))
    reader.refuse()
    return {
        Path(name).stem: pd.DataFrame([row.cells for row in rows]) for name, rows in tables.items()
    }


@pytest.fixture(scope="module")
def facts(known: Known) -> dict[str, pd.DataFrame]:
    """The shipped tables."""
    return read_facts(known)


#: What began and then lay still: the network says where it stood in June 2025 (notes in the table).
LAY_STILL = {
    ("AZE", "STRATEGIC_PARTNERSHIP"),
    ("AZE", "CONN_BLACK_SEA"),
    ("GEO", "CONN_BLACK_SEA"),
    ("USA", "CRA_MRA"),
}


def test_history_and_network_never_contradict_each_other(world_all: World) -> None:
    found = records(read_history(), world_all)
    recorded = stages_known(world_all, found, quarter_number(LAST_QUARTER) + 1)
    dated = np.zeros(recorded.shape, bool)
    for record in found:
        dated[record.country, record.instrument] = True
    iso3, names = world_all.countries["iso3"], world_all.instruments["instrument"]
    contradictions = [
        f"{iso3[i]} {names[k]}: {STAGES[recorded[i, k]]} in the history,"
        f" {STAGES[world_all.arrays.stage[i, k]]} in the network"
        for i, k in np.argwhere(dated & (recorded != world_all.arrays.stage))
        if (iso3[i], names[k]) not in LAY_STILL
    ]
    assert contradictions == []


def test_nobody_took_what_a_gate_barred_at_the_time(world_all: World, known: Known) -> None:
    gates = read_tables(Reader(PACKAGE_DATA), known, OF_THE_WORLD)["gates.csv"]
    names = list(world_all.instruments["instrument"])
    steps = read_history()
    steps = steps[
        steps["iso3"].isin(world_all.countries["iso3"])
        & steps["instrument"].isin(names)
        & (steps["activity"] != "yes")
        & (steps["renewal"] != "yes")
        & ~steps["stage"].isin(["", "none", "planned"])
    ]
    assert len(steps) > 300
    barred = [
        (row.date, row.iso3, row.instrument)
        for row in steps.itertuples()
        if barred_array(gates, [row.iso3], world_all.instruments, row.date)[
            0, names.index(row.instrument)
        ]
    ]
    assert barred == []


def test_blocs_have_the_members_of_the_organisations_that_they_are(
    facts: dict[str, pd.DataFrame],
) -> None:
    memberships = pd.read_csv(PACKAGE_DATA / "memberships.csv", dtype=str, keep_default_na=False)
    memberships = memberships[memberships["status"] == "member"]
    organisations = memberships.groupby("organisation")["iso3"].agg(frozenset)
    blocs = facts["bloc_members"].groupby("bloc")["iso3"].agg(frozenset)
    both = sorted(set(blocs.index) & set(organisations.index))
    assert len(both) > 15
    assert [name for name in both if blocs[name] != organisations[name]] == []


def test_what_expansion_invented_is_in_force_only_where_the_bloc_decides(world_all: World) -> None:
    network = world_all.network
    invented = network[(network["expansion"] == "partnersim") & (network["stage"] == "in_force")]
    decides = pd.read_csv(PACKAGE_DATA / "bloc_decisions.csv")
    for_all = set(zip("BLOC_" + decides["bloc"], decides["instrument"], strict=True))
    assert set(zip(invented["via_bloc"], invented["instrument"], strict=True)) <= for_all


def test_history_does_not_look_ahead() -> None:
    assert (read_history()["date"] <= LAST_DAY).all()


def test_links_are_as_many_as_counted(facts: dict[str, pd.DataFrame]) -> None:
    links = facts["link_events"]
    links = links[links["stage"] == "in_force"]
    pairs = [links, links[links["coding"] == "strict"]]
    assert [len(some.drop_duplicates(["iso3_a", "iso3_b"])) for some in pairs] == [244, 98]


def test_partners_that_hold_an_instrument_hold_none_that_it_excludes(
    facts: dict[str, pd.DataFrame], world_all: World
) -> None:
    network = world_all.network[world_all.network["stage"] == "in_force"]
    holders = network.groupby("instrument")["iso3"].agg(frozenset)
    relations = facts["relations"]
    for row in relations[relations["relation"] == "excludes"].itertuples():
        nobody: frozenset[str] = frozenset()
        both = holders.get(row.instrument, nobody) & holders.get(row.other, nobody)
        assert not both, (row.instrument, row.other)


BAD = (
    ("link_events.csv", "iso3_a", "XXX", "iso3_a 'XXX' is not a country of countries.csv"),
    ("link_events.csv", "iso3_b", "AAA", "must be two countries in alphabetical order"),
    ("gates.csv", "since", "", "since '' must be a date such as"),
    ("gates.csv", "since", "2026-01-01", "since '2026-01-01' lies after 2025-06-05"),
    ("blocs.csv", "bloc", "NOBODY", "NOBODY has no members in bloc_members.csv"),
    ("bloc_members.csv", "bloc", "GCCC", "bloc 'GCCC' is not a bloc of blocs.csv"),
    ("instrument_effects.csv", "target", "trade_wars", "is not a shock of the catalogue, did you"),
    ("instrument_effects.csv", "high", "0", "low, mode and high must rise"),
    ("instrument_effects.csv", "mode", "2", "mode '2' must be a number from 0 to 1"),
    ("rivals.csv", "effect", "0", "effect '0' must be one of +, -"),
    ("shocks_history.csv", "type", "storm", "type 'storm' is not a shock of the catalogue"),
    ("trade_talks.csv", "confidence", "sure", "confidence 'sure' must be one of seed, verified"),
    ("trade_talks.csv", "partner", "KORR", "partner 'KORR' is not a country or a bloc, did you"),
    ("project_costs.csv", "source", "", "source is empty"),
    (
        "gates.csv",
        "bars",
        "TTCC",
        "bars 'TTCC' is not an instrument or a class of instruments, did",
    ),
    ("bloc_decisions.csv", "bloc", "MERCUSOR", "bloc 'MERCUSOR' is not a bloc of blocs.csv, did"),
    ("bloc_decisions.csv", "instrument", "", "instrument is empty"),
    ("bloc_decisions.csv", "without", "BOL;XXX", "without 'XXX' is not a country of countries.csv"),
    ("agreements.csv", "recorded_as", "DEPA", "recorded_as 'DEPA' is not an agreement of link_ev"),
    ("agreements.csv", "coding", "loose", "coding 'loose' must be one of strict, wide"),
)


@pytest.mark.parametrize(("file", "column", "cell", "reason"), BAD)
def test_bad_facts_are_refused(
    known: Known, tmp_path: Path, file: str, column: str, cell: str, reason: str
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(PACKAGE_DATA, folder)
    table = pd.read_csv(folder / file, dtype=str, keep_default_na=False)
    table.loc[0, column] = cell
    table.to_csv(folder / file, index=False)
    with pytest.raises(InputError) as caught:
        read_facts(known, folder)
    assert any(
        problem.startswith(f"{file}, row 2: ") and reason in problem
        for problem in caught.value.problems
    ), caught.value.problems


@pytest.mark.parametrize(
    ("relation", "other", "reason"),
    [
        ("supersedes", "TTC", "TTC cannot have the relation supersedes to itself"),
        ("supersedes", "", "supersedes needs another instrument"),
        ("expires", "", "expires needs a date"),
        ("introduced", "", "introduced needs a date"),
        ("serves", "", "serves needs a date"),
    ],
)
def test_bad_relations_are_refused(
    known: Known, tmp_path: Path, relation: str, other: str, reason: str
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(PACKAGE_DATA, folder)
    table = pd.read_csv(folder / "relations.csv", dtype=str, keep_default_na=False)
    table.loc[0, ["instrument", "relation", "other", "date"]] = ["TTC", relation, other, ""]
    table.to_csv(folder / "relations.csv", index=False)
    with pytest.raises(InputError, match=reason):
        read_facts(known, folder)


@pytest.mark.parametrize(
    ("file", "change", "reason"),
    [
        (
            "gates.csv",
            {"iso3": "JPN", "until": "", "bars": "all"},
            "gates.csv, row 2: bars all, but network.csv has JPN with",
        ),
        (
            "relations.csv",
            {"relation": "needs", "other": "SAA"},
            "relations.csv, row 2: TTC needs SAA, which is none of its prerequisites",
        ),
        (
            "bloc_decisions.csv",
            {"without": ""},
            "bloc_decisions.csv, row 2: MERCOSUR decides FTA for all its members, but they stand",
        ),
        (
            "bloc_decisions.csv",
            {"instrument": "SAA"},
            "bloc_decisions.csv, row 2: no member of MERCOSUR may take SAA",
        ),
        (
            "bloc_decisions.csv",
            {"bloc": "PACIFIC_ALLIANCE", "instrument": "FTA"},
            "PACIFIC_ALLIANCE decides FTA for COL already",
        ),
        (
            "restrictions.csv",
            {"by": "NATOO"},
            "restrictions.csv, row 2: by 'NATOO' is not a country, an organisation or all, did",
        ),
        (
            "agreements.csv",
            {"who": "CHINA"},
            "agreements.csv, row 2: who 'CHINA' is not a country or organisation",
        ),
        (
            "pacts.csv",
            {"friend": "NATOO"},
            "pacts.csv, row 2: friend 'NATOO' is not a country or organisation, did",
        ),
        (
            "joint_texts.csv",
            {"who": "CHX"},
            "joint_texts.csv, row 2: who 'CHX' is not a country or organisation",
        ),
        (
            "joint_texts.csv",
            {"other": "FTA"},
            "joint_texts.csv, row 2: DEP (programme) cannot be agreed as FTA (treaty)",
        ),
    ],
)
def test_facts_that_contradict_the_network_are_refused(
    tmp_path: Path, file: str, change: dict[str, str], reason: str
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(PACKAGE_DATA, folder)
    table = pd.read_csv(folder / file, dtype=str, keep_default_na=False)
    for column, cell in change.items():
        table.loc[0, column] = cell
    table.to_csv(folder / file, index=False)
    with pytest.raises(InputError) as caught:
        load_world(data_dir=folder)
    assert any(reason in problem for problem in caught.value.problems), caught.value.problems


def test_partners_that_restrict_each_other(world_all: World, known: Known) -> None:
    arrays, iso3 = world_all.arrays, list(world_all.countries["iso3"])
    restricted = {(iso3[i], iso3[j]) for i, j in np.argwhere(arrays.restricted)}
    assert {("RUS", "USA"), ("USA", "RUS"), ("CHN", "USA"), ("NOR", "BLR")} <= restricted
    assert {("ISR", "MYS"), ("CHN", "PRY"), ("AFG", "IND")} <= restricted
    assert not {("CHN", "RUS"), ("CHN", "JPN"), ("IND", "RUS"), ("USA", "USA")} & restricted
    north = iso3.index("PRK")
    assert arrays.restricted[north].sum() == len(iso3) - 1
    rows = read_tables(Reader(PACKAGE_DATA), known, OF_THE_WORLD)["restrictions.csv"]
    organisations = read_organisations(Reader(PACKAGE_DATA), set(iso3))
    codes = ["RUS", "USA", "PRK"]
    before = between_array(rows, ("iso3", "by"), codes, organisations, "2016-01-01")
    assert not before.any()
    # Rivals win nothing there.
    american = [name.startswith("USA ") for name in world_all.rival_offers]
    assert not arrays.rival_rate[iso3.index("RUS")][american].any()
    assert arrays.rival_rate[iso3.index("KEN")][american].any()


def test_pacts_bind_members_and_pairs(world_all: World, known: Known) -> None:
    arrays, iso3 = world_all.arrays, list(world_all.countries["iso3"])
    bound = {(iso3[i], iso3[j]) for i, j in np.argwhere(arrays.pact)}
    assert {("RUS", "BLR"), ("BLR", "RUS"), ("USA", "NOR"), ("CHN", "SRB")} <= bound
    assert not {("RUS", "UKR"), ("RUS", "ARM"), ("CHN", "USA"), ("USA", "USA")} & bound
    rows = read_tables(Reader(PACKAGE_DATA), known, OF_THE_WORLD)["pacts.csv"]
    organisations = read_organisations(Reader(PACKAGE_DATA), set(iso3))
    sides, codes = ("party", "friend"), ["CHN", "SRB"]
    assert not between_array(rows, sides, codes, organisations, "2024-05-07").any()
    # Nobody bans the vendors of a friend.
    assert arrays.power[[iso3.index(code) for code in ("SRB", "KAZ", "CHN")]].all()
    assert not arrays.power[[iso3.index(code) for code in ("ALB", "COL", "JPN")]].any()


def test_who_is_at_odds_with_a_third_of_a_grouping_does_not_count(world_all: World) -> None:
    iso3 = world_all.countries["iso3"].to_numpy(str)
    organisations = read_organisations(Reader(PACKAGE_DATA), set(iso3))
    left_out = {
        (name, code)
        for name, row in zip(organisations.groupings, world_all.arrays.grouping, strict=True)
        for code in organisations.members[name] - set(iso3[row == 1])
    }
    # Seven of twenty restrict Russia; one restricts China.
    assert left_out == {("APEC", "RUS")}


def test_who_may_join_is_who_had_applied_or_belongs(world_all: World) -> None:
    iso3 = world_all.countries["iso3"].to_numpy(str)
    may = {
        name: set(iso3[row == 1])
        for name, row in zip(
            ("DEPA", "CPTPP", "RCEP", "GLOBAL_CBPR", "DCO"), world_all.arrays.may_join, strict=True
        )
    }
    assert {"CRI", "URY"} <= may["CPTPP"]
    assert not {"NER", "CHE", "USA", "CHN"} & may["CPTPP"]
    assert may["RCEP"] == {"BGD", "CHL", "IND", "LKA"}
    assert {"ARE", "KEN"} <= may["DCO"]
    assert not {"CHN", "AUS"} & may["DCO"]


def test_bans_keep_out_networks_and_cameras_alike(world_all: World) -> None:
    kept = dict(zip(world_all.rival_offers, world_all.arrays.rival_vendor, strict=True))
    assert kept["CHN 5g_core_vendor"] == kept["CHN smart_city"] == 1
    assert kept["CHN digital_silk_road_mou"] == 1
    assert kept["CHN cloud_dc"] == 1
    assert kept["USA cloud_dc"] == kept["USA satellite"] == 0


def test_no_cable_is_landed_without_a_coast(world_all: World) -> None:
    inland = world_all.countries["landlocked"].to_numpy(bool)
    cables = np.array([name.endswith(" cable_built") for name in world_all.rival_offers])
    rate = world_all.arrays.rival_rate
    assert not rate[np.ix_(inland, cables)].any()
    assert rate[np.ix_(~inland, cables)].sum() > 0
    assert (rate[inland][:, ~cables].sum(axis=1) > 0).mean() > 0.9


def test_nobody_builds_in_a_war_but_satellites_serve(world_all: World) -> None:
    iso3, rate = list(world_all.countries["iso3"]), world_all.arrays.rival_rate
    offers = list(world_all.rival_offers)
    for code in ("YEM", "SDN", "SSD"):
        for kind in ("CHN smart_city", "CHN cloud_dc", "CHN loan_project", "IND payment_link"):
            assert rate[iso3.index(code), offers.index(kind)] == 0
    assert rate[iso3.index("YEM"), offers.index("USA satellite")] > 0
    assert rate[iso3.index("KEN"), offers.index("CHN smart_city")] > 0


def test_no_atoll_is_won_by_what_takes_an_economy(world_all: World) -> None:
    iso3, rate = list(world_all.countries["iso3"]), world_all.arrays.rival_rate
    offers = list(world_all.rival_offers)
    for small in ("TUV", "NRU", "LIE"):
        for kind in ("USA chips_alliance", "USA cet_dialogue", "CHN cloud_dc"):
            assert rate[iso3.index(small), offers.index(kind)] == 0
    assert rate[iso3.index("TUV"), offers.index("USA cable_built")] > 0
    assert rate[iso3.index("THA"), offers.index("USA chips_alliance")] > 0


def test_sanctioned_states_may_enter_nothing(world_all: World) -> None:
    arrays, iso3 = world_all.arrays, world_all.countries["iso3"].to_numpy(str)
    assert {"RUS", "BLR", "IRN", "PRK"} <= set(iso3[arrays.sanctioned == 1])
    assert not arrays.eligible[arrays.sanctioned == 1].any()
    assert not arrays.developing[arrays.sanctioned == 1].any()
    assert not arrays.developing[iso3 == "CHN"].any()
    assert arrays.developing[iso3 == "KEN"].all()
    assert not (arrays.stage[arrays.sanctioned == 1] > STAGES.index("planned")).any()


@pytest.mark.parametrize(
    ("instrument", "may_not", "may"),
    [
        # Suspended by the African Union; Gabon is back since April 2025.
        ("AU_MINISTERIAL", ["MLI", "BFA", "NER", "GIN", "SDN"], ["GAB", "KEN"]),
        # Not recognised by, or not recognising, a Member State; without an army.
        ("SDP", ["SRB", "XKX", "TUR", "LIE", "BIH", "DZA", "ZWE", "BRA"], ["MKD", "NZL"]),
        # No parliament that could ratify; not in the World Trade Organization.
        ("FTA", ["USA", "HTI", "TKM", "AUS"], ["BRN"]),
        ("FTA_DIGITAL", ["USA", "HTI", "TKM", "UZB", "TLS", "TZA"], ["AUS"]),
        # Had shut the vendors out before there was a toolbox; apply the law of the EU; cannot ban.
        ("TOOLBOX_5G", ["USA", "JPN", "NOR", "TKM", "KOR"], ["SRB", "IND"]),
        ("PLATFORM_REG", ["NOR", "TKM", "YEM"], ["CHE", "IND"]),
        ("DIGITAL_PARTNERSHIP", ["SSD", "TTO", "AND", "CUB", "UZB"], ["AUS", "BRA", "IND"]),
        # Mandates of 2011 for four countries of the South.
        ("DCFTA", ["DZA", "LBN", "LBY", "PSE", "AZE"], ["EGY", "JOR", "MAR", "TUN"]),
        # Human rights backed by democratic institutions.
        ("HORIZON", ["ARE", "KAZ", "QAT", "RWA", "SAU", "VNM", "LBY"], ["EGY", "SGP"]),
        ("DTA", ["KNA", "SMR", "SYC", "DZA"], ["THA"]),
        ("DEP", ["DZA", "EGY", "JOR", "LBN", "PSE"], ["TUN", "ISR", "UKR"]),
        ("HPC", ["GTM", "JAM", "SLV"], ["BRA", "KEN"]),
        ("ADEQUACY", ["LBR", "LKA"], ["KEN", "BRA"]),
        ("ENISA_COOP", ["KAZ", "VNM", "BOL", "DZA"], ["MDA", "IND"]),
        ("TALENT_EXCHANGE", ["UKR", "XKX", "CHE", "NOR"], ["IND", "JPN"]),
        ("GOVERNANCE_COORD", ["CHN", "SSD", "YEM", "SDN", "HTI", "GNQ"], ["KEN", "IND"]),
        ("PLATFORM_REG", ["USA"], ["JPN", "KEN"]),
        ("D4D_HUB", ["NER", "MLI", "BFA", "SDN"], ["KEN"]),
        ("LAC_DIGITAL_ALLIANCE", ["VEN", "NIC"], ["BRA"]),
        ("FIMI_COOP", ["AZE", "DZA", "LBY", "VNM", "SAU"], ["MDA", "KEN"]),
        ("STRATEGIC_PARTNERSHIP", ["ALB", "UKR", "XKX", "NOR", "ISR", "KIR", "MCO"], ["KEN"]),
        ("DIGITAL_DIALOGUE", ["GEO", "MDA", "UKR", "LIE"], ["ALB", "CHN"]),
    ],
)
def test_what_no_diplomat_would_sign_is_barred(
    world_all: World, instrument: str, may_not: list[str], may: list[str]
) -> None:
    column = list(world_all.instruments["instrument"]).index(instrument)
    open_to = set(world_all.countries["iso3"][world_all.arrays.eligible[:, column] == 1])
    assert not open_to & set(may_not)
    assert set(may) <= open_to


def test_a_gate_opens_when_its_stated_end_is_past(world_all: World) -> None:
    arrays, names = world_all.arrays, list(world_all.instruments["instrument"])
    georgia = list(world_all.countries["iso3"]).index("GEO")
    first = dict(zip(names, arrays.again[georgia], strict=True))
    # 2029Q1 is the fifteenth quarter of a run; what has no stated end stays shut.
    assert first["TOOLBOX_5G"] == first["CONN_BLACK_SEA"] == 15
    assert arrays.eligible[georgia, names.index("TOOLBOX_5G")]
    assert not arrays.eligible[georgia, names.index("SDP")]
    assert not (arrays.again * (arrays.stage > STAGES.index("planned"))).any()


def test_nothing_is_opened_before_the_stated_end_of_a_gate(world_all: World) -> None:
    arrays, names = world_all.arrays, world_all.instruments["instrument"].to_numpy(str)
    georgia = list(world_all.countries["iso3"]).index("GEO")
    gated = names[(arrays.again[georgia] == 15) & (arrays.eligible[georgia] == 1)]
    events = simulate_ensemble(world_all, load_scenario(), seed=1, replicates=20).events
    opened = events[events["event"].isin(["approached", "proposed"]) & (events["iso3"] == "GEO")]
    quarters = opened["quarter"][opened["instrument"].isin(gated)].astype(str)
    assert len(quarters) > 20
    assert quarters.min() >= "2029Q1"


def test_china_keeps_dialogues_and_gets_nothing_that_needs_trust(world_all: World) -> None:
    row = list(world_all.countries["iso3"]).index("CHN")
    eligible = world_all.arrays.eligible[row] == 1
    names = set(world_all.instruments["instrument"][eligible])
    assert {"DIGITAL_DIALOGUE", "CYBER_DIALOGUE"} <= names
    assert not world_all.instruments["trust"][eligible].any()


def test_cyber_sanctions_are_for_candidates_and_the_eea(world_all: World) -> None:
    column = list(world_all.instruments["instrument"]).index("ATTRIBUTION_SANCTIONS")
    may = set(world_all.countries["iso3"][world_all.arrays.eligible[:, column] == 1])
    candidates = set(world_all.countries["iso3"][world_all.arrays.candidate == 1])
    # The EU does not ask Kosovo to align with its sanctions; three candidates do not.
    assert may == candidates - {"XKX", "SRB", "TUR", "GEO"} | {"ISL", "NOR", "LIE"}


def test_states_of_the_eea_are_the_deepest_partners(world_all: World) -> None:
    arrays = world_all.arrays
    depth = np.where((arrays.stage == STAGES.index("in_force")), arrays.binding, 0)
    depth = (depth[:, :, None] * arrays.area[None]).max(axis=1).mean(axis=1)
    eea = world_all.countries["iso3"].isin(["ISL", "NOR", "LIE"])
    assert depth[eea].mean() > depth[world_all.countries["region"] == "Western Balkans"].max()
    assert depth.argmax() in np.flatnonzero(eea)


def test_gates_end(facts: dict[str, pd.DataFrame], known: Known) -> None:
    rows = read_tables(Reader(PACKAGE_DATA), known, OF_THE_WORLD)["gates.csv"]
    assert sanctioned_array(rows, ["SYR", "BLR"], "2020-01-01").tolist() == [1, 0]
    assert sanctioned_array(rows, ["SYR", "BLR"]).tolist() == [0, 1]


def test_links_follow_the_coding(world_all: World) -> None:
    strict = load_world(links="strict").arrays
    assert [world_all.arrays.links.sum() // 2, strict.links.sum() // 2] == [244, 98]
    assert (world_all.arrays.links == world_all.arrays.links.T).all()
    assert (world_all.arrays.links >= strict.links).all()
    assert [len(world_all.arrays.agreement), len(strict.agreement)] == [5, 2]
    waiting = [np.count_nonzero(arrays.signed) // 2 for arrays in (world_all.arrays, strict)]
    assert waiting == [50, 10]
    with pytest.raises(InputError, match="links 'stricht' must be one of strict, wide, did you"):
        load_world(links="stricht")  # type: ignore[arg-type]


def test_what_is_signed_is_as_of_a_day() -> None:
    steps = [
        link_step("2022-06", "AUS-CHL", "signed", "Text", "Second"),
        link_step("2020", "AUS-CHL", "signed", "Text", "First"),
        link_step("2020", "AUS-JPN", "signed", "Text", "First"),
        link_step("2021-03-01", "AUS-KOR", "signed", "Text", coding="strict"),
        link_step("2023", "AUS-JPN", "in_force", "Other", coding="strict"),
        link_step("2020", "AUS-XXX", "signed", "Text", "First"),
        # What is signed comes first, whenever something else was concluded.
        link_step("2019", "AUS-CHL", "concluded", "Text", "Third"),
        link_step("2024", "AUS-CHL", "concluded", "Text", "Fourth"),
    ]
    third = name_key("Third")
    codes = ["AUS", "CHL", "JPN", "KOR"]
    first, text = name_key("First"), name_key("Text: AUS-KOR")
    for coding, day, row in (
        ("wide", "2018-12-31", [0, 0, 0, 0]),
        ("wide", "2019-12-31", [0, third, 0, 0]),
        ("wide", "2021-01-01", [0, first, first, 0]),
        ("wide", "2025-06-05", [0, first, 0, text]),
        ("strict", "2025-06-05", [0, 0, 0, text]),
    ):
        array = signed_array(steps, codes, coding, day)
        assert array[0].tolist() == row
        assert (array == array.T).all()
        assert not array[1:, 1:].any()


def test_large_is_who_is_as_large_as_one_side_of_every_agreement_of_two() -> None:
    countries = pd.DataFrame(
        {"iso3": ["AUS", "CHL", "JPN", "URY"], "gdp_usd": [5.0, 2.0, 9.0, 1.0]}
    )
    steps = [
        link_step("2020", "AUS-CHL", "concluded", "Text"),
        link_step("2022", "CHL-URY", "signed", "Text"),
        link_step("2019", "CHL-URY", "in_force", "Other", "Decision of many"),
        link_step("2019", "URY-XXX", "in_force", "Text"),
    ]
    for day, flags in (
        ("2019-12-31", [1, 1, 1, 1]),
        ("2021-12-31", [1, 0, 1, 0]),
        ("2022-12-31", [1, 1, 1, 0]),
    ):
        assert large_array(steps, countries, day).tolist() == flags


def test_the_smallest_large_country_is_chile(world_all: World) -> None:
    arrays = world_all.arrays
    large = arrays.large == 1
    smallest = np.flatnonzero(large)[arrays.gdp[large].argmin()]
    assert world_all.countries["iso3"].iloc[smallest] == "CHL"
    assert arrays.gdp[~large].max() < arrays.gdp[smallest]


def test_members_of_an_agreement_are_linked(world_all: World) -> None:
    arrays = world_all.arrays
    for members in arrays.agreement:
        inside = np.flatnonzero(members)
        linked = arrays.links[np.ix_(inside, inside)]
        # Charter members of the Digital Cooperation Organization and Peru in the CPTPP apart,
        # every pair of members is linked.
        assert (linked.sum() + len(inside)) / len(inside) ** 2 > 0.9


def test_programmes_end_and_are_renewed(world_all: World) -> None:
    place = list(world_all.instruments["instrument"]).index
    arrays = world_all.arrays
    assert [arrays.expires[place(name)] for name in ("HORIZON", "DEP", "FTA")] == [10, 10, 0]
    assert [arrays.renews[place(name)] for name in ("HORIZON", "DEP", "FTA")] == [11, 11, 0]
    assert [arrays.serves[place(name)] for name in ("CONN_IRIS2", "CONN_MEDUSA")] == [19, 3]
    assert arrays.supersedes[place("FTA_DIGITAL"), place("FTA")]
    assert arrays.excludes[place("DIGITAL_DIALOGUE"), place("DIGITAL_PARTNERSHIP")]
    assert not arrays.excludes[place("DIGITAL_PARTNERSHIP"), place("DIGITAL_DIALOGUE")]
    assert arrays.precursor[place("DIGITAL_PARTNERSHIP"), place("FTA")]
    assert not arrays.precursor[place("FTA"), place("DIGITAL_PARTNERSHIP")]
    assert arrays.direct[place("DIGITAL_PARTNERSHIP")]
    assert not arrays.direct[place("HORIZON")]
    assert not (arrays.expires[arrays.renews > 0] == 0).any()


def test_a_bloc_decides_for_all_its_members_at_once(world_all: World) -> None:
    iso3, place = list(world_all.countries["iso3"]), list(world_all.instruments["instrument"])
    bloc = world_all.arrays.bloc
    mercosur = bloc[[iso3.index(code) for code in ("ARG", "BRA", "PRY", "URY")], place.index("FTA")]
    assert mercosur[0] >= 0
    assert (mercosur == mercosur[0]).all()
    assert bloc[iso3.index("BOL"), place.index("FTA")] == -1
    stage = world_all.arrays.stage
    for number in range(bloc.max() + 1):
        for column in np.flatnonzero((bloc == number).any(axis=0)):
            members = bloc[:, column] == number
            assert members.sum() > 1
            assert len(set(stage[members, column])) == 1


def test_every_table_of_facts_is_described() -> None:
    text = (Path(__file__).parent.parent / "docs" / "data.md").read_text("utf-8")
    assert [name for name in LAYOUTS if f"`{name}`" not in text] == []
