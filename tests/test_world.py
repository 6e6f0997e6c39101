"""The world of June 2025: what load_world promises the rules."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from partnersim import load_scenario
from partnersim.errors import InputError
from partnersim.model.beginning import begin
from partnersim.model.constants import AREAS, MODULES, PATH_STAGES, PATHS, ROLES, STAGES
from partnersim.model.world_arrays import WorldArrays
from partnersim.scenario.compile import prepare
from partnersim.scenario.scenario import Scenario
from partnersim.world import indicators
from partnersim.world.tables import PACKAGE_DATA
from partnersim.world.world import World, load_world
from scenarios import instrument, with_arrays

SCORES = ("size", "alignment", "readiness", "need", "rival", "threat", "business", "affinity")
KINDS = {
    np.dtype(np.uint8): (
        *("ldc", "area", "developing", "eligible", "links", "borders", "candidate", "sanctioned"),
        "joint_bodies",
        *("direct", "cable", "excludes", "precursor", "supersedes", "grouping", "agreement"),
        *("summit", "mixed", "may_join"),
        *(
            "ally",
            "power",
            "large",
            "keeps_vendors_out",
            "rival_builds",
            "rival_high_risk",
            "rival_vendor",
        ),
        "restricted",
        "pact",
    ),
    np.dtype(np.int16): ("bloc", "text", "lighter"),
    np.dtype(np.int32): ("expires", "renews", "serves", "again", "introduced"),
    np.dtype(np.int8): ("stage", "halt"),
    np.dtype(np.int64): (
        *("region", "binding", "role", "path", "effort", "offer_role", "prerequisite"),
        *("signed", "agreement_key", "rival_key", "rival_area", "handover", "term"),
        *("effect_of", "effect_kind", "effect_target", "mode"),
    ),
}


@pytest.fixture(scope="module")
def world() -> World:
    return load_world()


def place(world: World, iso3: str) -> int:
    return list(world.countries["iso3"]).index(iso3)


def kind(world: World, instrument: str) -> int:
    return list(world.instruments["instrument"]).index(instrument)


def stage(world: World, iso3: str, instrument: str) -> str:
    return STAGES[world.arrays.stage[place(world, iso3), kind(world, instrument)]]


def test_counts(world):
    assert len(world.countries) == 169
    assert (world.countries["kind"] == "territory").sum() == 3
    assert len(world.instruments) == 63
    assert len(world.regions) == 14
    assert world.countries["ldc"].sum() == 44
    assert world.countries["name"].is_unique


def test_shapes_types_and_order_in_memory(world):
    n, k = 169, 63
    shapes = {
        **dict.fromkeys(WorldArrays._fields, (n,)),
        **dict.fromkeys(("readiness", "need", "rival", "threat"), (n, len(AREAS))),
        **dict.fromkeys(("binding", "role", "path", "effort", "cost", "offer_role"), (k,)),
        **dict.fromkeys(("links", "signed", "restricted", "pact", "affinity"), (n, n)),
        **dict.fromkeys(("distance", "borders"), (n, n)),
        **dict.fromkeys(("eligible", "stage", "halt", "again", "bloc", "text"), (n, k)),
        **dict.fromkeys(("direct", "cable", "introduced", "expires", "renews", "serves"), (k,)),
        **dict.fromkeys(("excludes", "precursor", "supersedes"), (k, k)),
        "grouping": (15, n),
        **dict.fromkeys(("agreement", "may_join"), (5, n)),
        "agreement_key": (5,),
        **dict.fromkeys(("opening", "opening_by_size", "opening_by_wealth"), (k, 4)),
        "speed": (k, 2),
        "opening_by_country": (n, 2),
        "opening_by_region": (14, 2),
        "summit": (n, 48),
        **dict.fromkeys(("rival_key", "rival_area", "rival_weight", "rival_half_life"), (23,)),
        **dict.fromkeys(("rival_builds", "rival_high_risk", "rival_vendor"), (23,)),
        **dict.fromkeys(("rival_supply", "rival_rate"), (n, 23)),
        **dict.fromkeys(("keeps_vendors_out", "mixed", "lighter"), (k,)),
        **dict.fromkeys(("effect_of", "effect_kind", "effect_target", "effect_delay"), (192,)),
        "effect_ends": (192, 3),
        "mode": (k,),
        "area": (k, 8),
        "prerequisite": (k, 3, 6),
        "objective": (8, 3),
        "module_area": (6, 8),
        "module_trust": (6,),
    }
    expected = {name: dtype for dtype, names in KINDS.items() for name in names}
    for name, array in world.arrays._asdict().items():
        assert array.shape == shapes[name], name
        assert array.dtype == expected.get(name, np.dtype(np.float64)), name
        assert array.flags.c_contiguous, name


def test_ranges(world):
    arrays = world.arrays
    for name in SCORES:
        values = getattr(arrays, name)
        assert values.min() >= 0, name
        assert values.max() <= 1, name
    assert arrays.size.min() == 0
    assert arrays.size.max() == 1
    assert arrays.gdp_share.sum() == pytest.approx(1)
    assert arrays.population_share.sum() == pytest.approx(1)
    assert arrays.exposure.min() > 0
    assert arrays.exposure.mean() == pytest.approx(1)
    regions = pd.Series(arrays.fragility).groupby(arrays.region)
    np.testing.assert_allclose(regions.mean(), 1, rtol=1e-5)
    # More democratic and less poor than others of their regions.
    for calmer, riskier in (("MDA", "BLR"), ("BWA", "COD"), ("URY", "HTI")):
        assert arrays.fragility[place(world, calmer)] < arrays.fragility[place(world, riskier)]
    assert arrays.effort.min() >= 1
    np.testing.assert_allclose(arrays.objective.sum(axis=1), 1)
    np.testing.assert_allclose(arrays.module_area.sum(axis=1), 1)
    assert len(arrays.module_trust) == len(MODULES)


def test_what_relates_countries_is_symmetric(world):
    for name in ("links", "signed", "restricted", "pact", "affinity", "distance", "borders"):
        array = getattr(world.arrays, name)
        np.testing.assert_array_equal(array, array.T, err_msg=name)
        assert not array.diagonal().any(), name


def test_every_mean_of_indicators_has_weights_that_sum_to_one(world):
    means = indicators.means_of(world.grounds.weights, {})
    for score in ("readiness", "demand", "rival", "threat"):
        for area in AREAS:
            assert sum(means[score, area].values()) == pytest.approx(1), (score, area)
    for score in ("alignment", "business", "exposure", "fragility"):
        assert sum(means[score, ""].values()) == pytest.approx(1), score


def test_another_weight_changes_the_scores_that_it_stands_in_and_no_other(world):
    name = "readiness_trade_wealth"
    other = world.weighted({name: 0.8})
    before, after = world.arrays, other.arrays
    trade = AREAS.index("trade")
    parts = world.grounds.countries
    assert not np.array_equal(after.readiness[:, trade], before.readiness[:, trade])
    assert len(parts) == len(before.readiness)
    others = [place for place in range(len(AREAS)) if place != trade]
    np.testing.assert_array_equal(after.readiness[:, others], before.readiness[:, others])
    # Need holds the gap 1 - readiness; nothing else is made of readiness.
    np.testing.assert_array_equal(after.threat, before.threat)
    np.testing.assert_array_equal(after.alignment, before.alignment)
    for field, array in before._asdict().items():
        if field not in ("readiness", "need"):
            np.testing.assert_array_equal(getattr(after, field), array, err_msg=field)
    same = world.weighted({name: world.grounds.weights[name].value}).arrays
    np.testing.assert_array_equal(same.readiness, before.readiness)
    none = {name: 0.0 for name in world.grounds.weights if name.startswith("alignment_")}
    with pytest.raises(InputError, match="one of alignment_"):
        world.weighted(none)


def test_all_initial_stages(world):
    counts = Counter(world.network["stage"])
    array = world.arrays.stage
    assert {STAGES[s]: n for s, n in zip(*np.unique(array, return_counts=True), strict=True)} == {
        "none": array.size - len(world.network),
        **counts,
    }
    for row in world.network.itertuples():
        assert stage(world, row.iso3, row.instrument) == row.stage
        path = PATHS[world.arrays.path[kind(world, row.instrument)]]
        assert row.stage in ("planned", *PATH_STAGES[path])


@pytest.mark.parametrize(
    ("iso3", "instrument", "expected"),
    [
        ("USA", "TTC", "in_force"),
        ("JPN", "DIGITAL_PARTNERSHIP", "in_force"),
        ("SGP", "DTA", "signed"),
        ("KOR", "DTA", "concluded"),
        ("CHE", "HORIZON", "concluded"),
        ("JPN", "HORIZON", "negotiating"),
        ("IND", "FTA_DIGITAL", "negotiating"),
        ("IND", "SEMICONDUCTOR", "in_force"),
        ("UKR", "ROAMING", "negotiating"),
        ("UKR", "CYBER_RESERVE", "announced"),
        ("ARE", "FTA_DIGITAL", "negotiating"),
        ("VNM", "FTA", "in_force"),
        ("AUS", "FTA_DIGITAL", "none"),
        ("RUS", "HORIZON", "none"),
        ("RUS", "GOVERNANCE_COORD", "none"),
    ],
)
def test_known_pairs(world, iso3, instrument, expected):
    assert stage(world, iso3, instrument) == expected


def test_counts_that_the_document_gives(world):
    held = world.network[world.network["stage"] == "in_force"]
    per_instrument = Counter(held["instrument"])
    assert per_instrument["HORIZON"] == 19
    assert per_instrument["SDP"] == 7
    assert per_instrument["DIGITAL_PARTNERSHIP"] == 4
    assert per_instrument["TTC"] == 2
    assert per_instrument["INFORMAL_DIGITAL_HUB"] == 5


def test_every_row_names_its_source(world):
    for table in (world.countries, world.instruments, world.network):
        assert table["source"].ne("").all()
        assert table["confidence"].ne("").all()


def test_the_document_names_some_partners(world):
    assert world.countries["named"].sum() == 32


def test_bloc_expansions_can_be_switched_off(world):
    stated = load_world(bloc_expansions=False)
    assert set(world.network["expansion"]) == {"none", "facts", "partnersim"}
    assert set(stated.network["expansion"]) == {"none"}
    assert stage(world, "EGY", "SMART_AFRICA") == "in_force"
    assert stage(stated, "EGY", "SMART_AFRICA") == "none"
    assert stage(stated, "UKR", "DCFTA") == "none"
    assert stage(stated, "SRB", "DIGITAL_DIALOGUE") == "in_force"
    assert (stated.arrays.stage > 0).sum() == len(stated.network)
    np.testing.assert_array_equal(stated.arrays.eligible, world.arrays.eligible)


def test_history_can_be_switched_off(world):
    document = load_world(history=False)
    assert set(world.network["origin"]) == {"document", "history"}
    assert set(document.network["origin"]) == {"document"}
    assert stage(document, "VNM", "FTA") == "none"


def test_digest_tells_worlds_apart_and_stays(world):
    digests = {
        load_world().digest,
        load_world(links="strict").digest,
        load_world(bloc_expansions=False).digest,
        load_world(history=False).digest,
    }
    assert len(digests) == 4
    assert world.digest in digests
    assert len(world.digest) == 64


def test_imputation_is_flagged(world):
    imputed = world.countries.set_index("iso3")["imputed"]
    assert imputed["JPN"] == ""
    assert imputed["ERI"] == "gdp_usd"
    assert imputed["AND"] == "liberal_democracy"
    assert "cybersecurity_index" in imputed["XKX"].split(";")
    assert (imputed != "").sum() == 28
    assert not world.countries.isna().any().any()


def test_imputed_value_is_the_median_of_its_region(world):
    region = world.countries[world.countries["region"] == "Western Balkans"]
    known = region.loc[region["iso3"] != "XKX", "cybersecurity_index"]
    kosovo = region.loc[region["iso3"] == "XKX", "cybersecurity_index"].item()
    assert kosovo == known.median()


def test_alignment_has_a_plausible_order(world):
    alignment = dict(zip(world.countries["iso3"], world.arrays.alignment, strict=True))
    high = [alignment[code] for code in ("NOR", "CHE", "GBR", "CAN", "JPN")]
    middle = [alignment[code] for code in ("IND", "BRA", "KEN", "SGP", "ARG")]
    low = [alignment[code] for code in ("RUS", "BLR", "PRK", "CHN", "SYR")]
    assert min(high) > 0.7
    assert min(high) > max(middle)
    assert min(middle) > max(low)


def test_other_scores_have_a_plausible_order(world):
    index = {code: row for row, code in enumerate(world.countries["iso3"])}
    information = world.arrays.threat[:, AREAS.index("information")]
    assert information[index["MDA"]] > information[index["URY"]]
    rival = world.arrays.rival.mean(axis=1)
    assert rival[index["LAO"]] > rival[index["CAN"]]
    readiness = world.arrays.readiness.mean(axis=1)
    assert readiness[index["KOR"]] > readiness[index["COD"]]
    assert (
        world.arrays.need.mean(axis=1)[index["COD"]] > world.arrays.need.mean(axis=1)[index["KOR"]]
    )
    assert np.argmax(world.arrays.size) == index["USA"]


def test_links_are_digital_agreements_in_force(world):
    chl, nzl, kor, gbr, ken = (place(world, c) for c in ("CHL", "NZL", "KOR", "GBR", "KEN"))
    links = world.arrays.links
    assert links[chl, nzl]
    assert links[kor, gbr]
    assert not links[ken, gbr]
    assert links.sum() // 2 == 244


def test_signed_agreements_are_those_not_yet_in_force(world):
    signed, links = world.arrays.signed, world.arrays.links

    def of(one: str, other: str) -> int:
        return signed[place(world, one), place(world, other)]

    assert of("ARE", "KOR")
    # Four signed with Ukraine together, not with each other.
    assert of("CHE", "UKR") == of("NOR", "UKR") != of("ARE", "KOR")
    assert not of("CHE", "NOR")
    # In force, by another agreement or by the same one.
    assert not of("JPN", "AUS")
    assert not of("GBR", "PER")
    assert of("GBR", "MEX")
    assert not signed[links == 1].any()
    # Concluded, not signed.
    assert of("NZL", "SAU") == of("NZL", "QAT") > 0
    assert of("GBR", "IND")
    assert np.count_nonzero(signed) // 2 == 50
    assert len(np.unique(signed[signed > 0])) == 23


def test_distance_and_borders(world):
    japan, korea, chile = (place(world, code) for code in ("JPN", "KOR", "CHL"))
    assert world.arrays.distance[japan, korea] == pytest.approx(0.115, abs=0.01)
    assert world.arrays.distance[japan, chile] == pytest.approx(1.72, abs=0.02)
    assert world.arrays.borders[place(world, "IND"), place(world, "PAK")]
    assert not world.arrays.borders[japan, korea]


def test_every_instrument_can_be_taken_by_somebody(world):
    assert (world.arrays.eligible.sum(axis=0) > 0).all()


@pytest.mark.parametrize(
    ("instrument", "may", "may_not"),
    [
        ("SAA", "SRB", "UKR"),
        ("DCFTA", "GEO", "SRB"),
        ("GROWTH_FACILITY", "XKX", "NOR"),
        ("CYBER_RESERVE", "UKR", "XKX"),
        ("NEW_PACT_MED", "TUN", "SEN"),
        ("LAC_DIGITAL_ALLIANCE", "CUB", "USA"),
        ("SMART_AFRICA", "GHA", "BRA"),
        ("ASEAN_CONNECTIVITY", "VNM", "IND"),
        ("CENTRAL_ASIA_TEI", "UZB", "MNG"),
        ("CONN_MEDUSA", "MAR", "JPN"),
        ("CONN_ARCTIC", "ISL", "BRA"),
        ("CONN_BLACK_SEA", "TUR", "BLR"),
        ("G7_ECON_SECURITY", "AUS", "CHN"),
        ("DIGITAL_ECONOMY_PACKAGE", "KEN", "SGP"),
        ("FTA", "KEN", "MCO"),
        ("TTC", "GBR", "NPL"),
        ("TTC", "CHE", "NOR"),
        ("SDP", "ISL", "FRO"),
        ("SDP", "GBR", "USA"),
        ("SDP", "JPN", "KAZ"),
        ("DIGITAL_PARTNERSHIP", "AUS", "UKR"),
        ("DTA", "KOR", "MKD"),
        ("CTIP", "ZAF", "XKX"),
        ("TECH_BUSINESS_OFFER", "KEN", "JPN"),
        ("CABLE_CONFERENCE", "JPN", "KEN"),
        ("ATTRIBUTION_SANCTIONS", "NOR", "SRB"),
        ("ADEQUACY", "KEN", "SAU"),
    ],
)
def test_eligibility(world, instrument, may, may_not):
    column = world.arrays.eligible[:, kind(world, instrument)]
    assert column[place(world, may)]
    assert not column[place(world, may_not)]


def test_prerequisites(world):
    names = list(world.instruments["instrument"])

    def groups(instrument):
        return [
            {names[k] for k in group if k >= 0}
            for group in world.arrays.prerequisite[names.index(instrument)]
            if (group >= 0).any()
        ]

    assert groups("CYBER_RESERVE") == [{"DEP"}]
    assert groups("ROAMING") == [{"DCFTA", "SAA"}]
    assert {"FTA", "DIGITAL_PARTNERSHIP"} <= groups("DTA")[0]
    assert groups("DIGITAL_DIALOGUE") == []


def test_roles_follow_the_directions(world):
    for row in world.instruments.itertuples():
        security = "strengthen" in row.directions.split(";")
        assert (row.role == "security") == security, row.instrument
    assert set(world.arrays.role) == set(range(len(ROLES)))


def test_a_reach_of_conflict_below_a_kilometre_counts_as_one() -> None:
    none, one = (
        load_scenario(f"world.weights.conflict_reach={reach}").world.load() for reach in (0, 1)
    )
    assert (none.arrays.threat == one.arrays.threat).all()


def test_an_effect_and_its_slopes_are_drawn_as_they_are_known_together(
    small_world: World, scenario: Scenario
) -> None:
    arrays = small_world.arrays
    table = pd.read_csv(PACKAGE_DATA / "pooled_effects.csv").set_index(["kind", "name"])
    k, name = instrument(small_world, "DIGITAL_PARTNERSHIP"), "DIGITAL_PARTNERSHIP"
    known = np.stack([arrays.opening, arrays.opening_by_size, arrays.opening_by_wealth])[:, k]
    covariance = known[:, 1:] @ known[:, 1:].T
    rows = table.loc[[("opening", name), ("size", name), ("wealth", name)]]
    deviation = rows["deviation"].to_numpy()
    correlation = covariance / np.outer(deviation, deviation)
    assert np.diag(correlation) == pytest.approx(1.0)
    assert correlation[1:, 0] == pytest.approx(rows["with_opening"].to_numpy()[1:])
    assert correlation[2, 1] == pytest.approx(rows["with_size"].to_numpy()[2])
    alone = dict.fromkeys(("opening_by_country", "opening_by_region"), 0.0)
    state = prepare(with_arrays(small_world, **alone), scenario, 0)
    drawn = []
    for replicate in range(2000):
        begin(state, 1, replicate)
        drawn.append(state.opening[:, k].copy())
    by = np.stack([np.ones(len(arrays.size)), arrays.size - 0.5, arrays.wealth - 0.5])
    variance = np.einsum("ai,ab,bi->i", by, covariance, by)
    assert np.var(drawn, axis=0) == pytest.approx(variance, rel=0.15)
    # A log-normal rate has the mode as its mean.
    mean = known[:, 0] @ by - variance / 2.0
    assert np.mean(drawn, axis=0) == pytest.approx(mean, abs=5 * np.sqrt(variance.max() / 2000))
