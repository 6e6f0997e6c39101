"""Geopolitical shocks: how often, how hard, whom, for how long, and what they change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from partnersim import simulate, simulate_ensemble
from partnersim.model.choice import weigh_options
from partnersim.model.constants import AREAS, CENTS_PER_MILLION, PATHS
from partnersim.model.draws import triangular
from partnersim.model.quarter import open_quarter, play_quarter
from partnersim.model.state import State
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World
from scenarios import (
    begun,
    for_quarters,
    with_arrays,
    with_climate,
    with_coefficients,
    with_offer,
    with_shocks,
    without_slow_change,
    without_turns,
)

POINT = {"low": 0.5, "mode": 0.5, "high": 0.5}


@pytest.fixture(scope="module")
def quiet(scenario: Scenario) -> Scenario:
    """Nobody acts, nothing drifts."""
    return without_turns(without_slow_change(scenario))


def scheduled(scenario: Scenario, *strikes: dict[str, Any]) -> Scenario:
    return with_climate(scenario, schedule=strikes)


def strike(where: Any, severity: float = 0.8, quarter: str = "2025Q3") -> dict[str, Any]:
    return {"shock": "storm", "quarter": quarter, "where": where, "severity": severity}


def shocks_of(world: World, scenario: Scenario, replicates: int) -> pd.DataFrame:
    events = simulate_ensemble(world, scenario, seed=4, replicates=replicates, threads=1).events
    return events[events["event"] == "shock"]


@settings(max_examples=200)
@given(
    corners=st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3),
    share=st.floats(1e-9, 1 - 1e-9),
)
def test_severity_has_the_quantiles_of_a_triangle(corners: list[float], share: float) -> None:
    low, mode, high = sorted(corners)
    value = triangular(share, low, mode, high)
    assert low - 1e-12 <= value <= high + 1e-12
    if high - low > 1e-6:
        expected = stats.triang.ppf(share, (mode - low) / (high - low), low, high - low)
        assert value == pytest.approx(expected, abs=1e-7)
    else:
        assert value == pytest.approx(low, abs=1e-6)


def test_severities_in_a_run_follow_the_catalogue(small_world: World, quiet: Scenario) -> None:
    severity = {"low": 0.1, "mode": 0.35, "high": 0.9}
    scenario = with_shocks(quiet, storm={"rate": 10.0, "severity": severity})
    drawn = shocks_of(small_world, for_quarters(scenario, 8), 20)["severity"].to_numpy()
    assert len(drawn) > 800
    triangle = stats.triang((0.35 - 0.1) / 0.8, 0.1, 0.8)
    assert stats.kstest(drawn, triangle.cdf).pvalue > 1e-3


@pytest.mark.parametrize(
    ("scope", "strikes"),
    [
        *[(scope, "exposed") for scope in ("world", "region", "country", "pair", "eu")],
        ("country", "fragile"),
        ("country", "aligned"),
    ],
)
def test_shocks_arrive_as_often_as_the_catalogue_says(
    world_named: World, quiet: Scenario, scope: str, strikes: str
) -> None:
    """In a quarter each unit is struck with probability 1 - exp(-rate / 4)."""
    runs, quarters, rate = 60, 8, 0.8
    region = "Western Balkans"
    storm = {"scope": scope, "strikes": strikes, "rate": rate, "regions": {region: 3.0}}
    scenario = with_shocks(quiet, storm=storm)
    scenario = with_climate(scenario, shocks={"storm": 1.5}, intensity=0.5)
    # Everybody is linked, or a pair would not be there to be struck.
    linked = with_arrays(world_named, links=1 - np.eye(len(world_named.countries)))
    log = shocks_of(linked, for_quarters(scenario, quarters), runs)
    log = log[~log["other"].str.startswith("spread from")]
    yearly = rate * 1.5 * 0.5
    draws = runs * quarters
    if scope in ("world", "eu"):
        units = {"all": (log, yearly)}
    elif scope == "region":
        units = {
            name: (log[log["other"] == name], yearly * (3.0 if name == region else 1.0))
            for name in set(world_named.countries["region"])
        }
    else:
        arrays = world_named.arrays
        exposure = arrays.fragility if strikes == "fragile" else arrays.exposure
        if strikes == "aligned":
            of_region = pd.Series(arrays.alignment).groupby(arrays.region).transform("mean")
            exposure = exposure * arrays.alignment / of_region.to_numpy()
        units = {
            code: (
                log[log["iso3"] == code],
                yearly * exposure[i] * (3.0 if name == region else 1.0),
            )
            for i, (code, name) in enumerate(
                zip(world_named.countries["iso3"], world_named.countries["region"], strict=True)
            )
        }
    assert sum(len(part) for part, _ in units.values()) == len(log)
    values = [
        stats.binomtest(len(part), draws, 1 - np.exp(-hazard / 4)).pvalue
        for part, hazard in units.values()
    ]
    assert min(values) > 1e-3 / len(values)


def test_rates_grow_as_the_climate_intensifies(world_named: World, quiet: Scenario) -> None:
    scenario = with_shocks(quiet, storm={"rate": 0.4})
    scenario = for_quarters(with_climate(scenario, intensification=0.5), 16)
    log = shocks_of(world_named, scenario, 30)
    by_quarter = log["quarter"].cat.codes.value_counts().sort_index()
    years = by_quarter.index.to_numpy() / 4
    exposure = world_named.arrays.exposure
    expected = [30 * (1 - np.exp(-0.1 * exposure * 1.5**year)).sum() for year in years]
    assert (
        stats.chisquare(by_quarter, np.array(expected) * by_quarter.sum() / sum(expected)).pvalue
        > 1e-3
    )
    assert stats.poisson.cdf(by_quarter.sum(), sum(expected)) == pytest.approx(0.5, abs=0.499)


@pytest.mark.parametrize(
    ("scope", "multiple"), [("world", 1.0), ("region", 2.0), ("country", 2.0), ("pair", 2.0)]
)
def test_the_usual_intensity_has_a_known_answer(
    world_named: World, quiet: Scenario, scope: str, multiple: float
) -> None:
    """One strike in four quarters, of severity 0.4 on average, halved every quarter: 0.2.

    It adds up to 1 + 1/2 + 1/4 + ... = 2 quarters at its full severity.
    """
    region = "Western Balkans"
    storm = {
        "scope": scope,
        "rate": 4 * np.log(4 / 3),
        "severity": {"low": 0.1, "mode": 0.3, "high": 0.8},
        "half_life": 1.0,
        "regions": {region: 2.0},
    }
    found = begun(world_named, with_shocks(quiet, storm=storm)).usual_intensity[0]
    exposure = world_named.arrays.exposure if scope in ("country", "pair") else 1.0
    often = np.where(world_named.countries["region"] == region, multiple, 1.0) * exposure
    np.testing.assert_allclose(found, (1 - 0.75**often) * 0.4 * 2, rtol=1e-12)
    # What goes on for very long is never more than full intensity.
    endless = begun(world_named, with_shocks(quiet, storm=storm | {"half_life": 40.0}))
    assert (endless.usual_intensity[0] <= 1.0).all()
    assert (endless.usual_intensity[0] == 1.0).any()


def test_no_country_usually_feels_what_strikes_the_eu(small_world: World, quiet: Scenario) -> None:
    scenario = with_shocks(quiet, storm={"scope": "eu", "rate": 10.0})
    assert not begun(small_world, scenario).usual_intensity.any()


@settings(max_examples=20)
@given(severity=st.floats(0.0, 1.0), half_life=st.floats(0.25, 40.0))
def test_a_shock_decays_by_its_half_life(
    small_world: World, quiet: Scenario, severity: float, half_life: float
) -> None:
    scenario = scheduled(
        with_shocks(quiet, storm={"half_life": half_life}), strike("world", severity)
    )
    state = begun(small_world, scenario)
    for quarter in range(12):
        play_quarter(state)
        expected = severity * 0.5 ** (quarter / half_life)
        np.testing.assert_allclose(state.intensity[0], expected, rtol=1e-12)


def test_strikes_add_up_to_full_intensity_at_most(small_world: World, quiet: Scenario) -> None:
    scenario = scheduled(
        with_shocks(quiet, storm={"half_life": 2.0}),
        *(strike("world", 0.45, quarter) for quarter in ("2025Q3", "2025Q4", "2026Q1", "2026Q2")),
    )
    state = begun(small_world, scenario)
    expected = 0.0
    for _ in range(4):
        play_quarter(state)
        expected = min(1.0, expected * 2**-0.5 + 0.45)
        np.testing.assert_allclose(state.intensity[0], expected, rtol=1e-12)
    assert expected == 1.0


@pytest.mark.parametrize(
    ("where", "struck"),
    [
        ("world", lambda countries: countries["iso3"].notna()),
        ("LAC", lambda countries: countries["region"] == "LAC"),
        ("UKR", lambda countries: countries["iso3"] == "UKR"),
        (["JPN", "Gulf"], lambda c: (c["iso3"] == "JPN") | (c["region"] == "Gulf")),
    ],
)
@pytest.mark.parametrize("scope", ["world", "region", "country", "pair"])
def test_a_scheduled_shock_strikes_exactly_its_targets(
    world_all: World, quiet: Scenario, scope: str, where: Any, struck: Any
) -> None:
    scenario = scheduled(
        with_shocks(quiet, storm={"scope": scope}), strike(where, 0.6, quarter="2025Q4")
    )
    state = begun(world_all, scenario)
    play_quarter(state)
    assert (state.intensity == 0).all()
    play_quarter(state)
    expected = np.where(struck(world_all.countries), 0.6, 0.0)
    np.testing.assert_array_equal(state.intensity[0], expected)
    events = simulate(world_all, for_quarters(scenario, 3)).events
    shocks = events[events["event"] == "shock"]
    assert set(shocks["iso3"]) == set(world_all.countries["iso3"][expected > 0])
    assert (shocks["quarter"] == "2025Q4").all()
    assert np.allclose(shocks["severity"], 0.6, atol=1e-6)


def test_a_shock_changes_what_it_says_and_nothing_else(small_world: World, quiet: Scenario) -> None:
    effects = {
        "threat": {"trade": 0.4},
        "alignment": -0.3,
        "rival": {"technology": 0.2},
        "readiness": {"platforms": -0.25},
    }
    scenario = with_offer(quiet, envelope=0.0)
    scenario = scheduled(
        with_shocks(scenario, storm={"effects": {"struck": effects}}), strike("world", 0.5)
    )
    state = begun(small_world, scenario)
    arrays = small_world.arrays
    play_quarter(state)

    def moved(base: np.ndarray, area: str, effect: float) -> np.ndarray:
        changed = base.copy()
        changed[:, AREAS.index(area)] += 0.5 * effect
        return changed.clip(0, 1)

    countries = state.countries
    np.testing.assert_allclose(countries["threat"], moved(arrays.threat, "trade", 0.4), atol=1e-12)
    np.testing.assert_allclose(
        countries["rival"], moved(arrays.rival, "technology", 0.2), atol=1e-12
    )
    np.testing.assert_allclose(
        countries["readiness"], moved(arrays.readiness, "platforms", -0.25), atol=1e-12
    )
    np.testing.assert_allclose(state.alignment, (arrays.alignment - 0.15).clip(0, 1), atol=1e-12)


def test_a_budget_shock_lowers_the_envelope_by_its_share(
    small_world: World, quiet: Scenario
) -> None:
    cut = {"scope": "eu", "effects": {"struck": {"budget": -0.6}}, "half_life": 1.0}
    scenario = with_offer(quiet, envelope=1000.0)
    scenario = scheduled(with_shocks(scenario, storm=cut), strike("world", 0.5))
    state = begun(small_world, scenario)
    received = 0
    for quarter in range(6):
        play_quarter(state)
        envelope = int(state.union["envelope"][0]) - received
        received += envelope
        share = 1 - 0.6 * 0.5 * 0.5**quarter
        assert envelope == pytest.approx(250 * CENTS_PER_MILLION * share, abs=1)
        assert (state.intensity == 0).all(), "the EU alone is struck"
    assert (
        len(simulate(small_world, for_quarters(scenario, 2)).events.query("event == 'shock'")) == 1
    )


def test_budget_shocks_never_take_more_than_everything(small_world: World, quiet: Scenario) -> None:
    cut = {"scope": "eu", "effects": {"struck": {"budget": -1.0}}, "half_life": 40.0}
    scenario = scheduled(with_shocks(quiet, storm=cut), strike("world", 1.0), strike("world", 1.0))
    metrics = simulate(small_world, for_quarters(scenario, 1)).metrics
    assert (metrics["offer_envelope"] == 0.0).all()


@pytest.mark.parametrize("along", ["borders", "links"])
def test_a_shock_spreads_to_neighbours_only(world_all: World, quiet: Scenario, along: str) -> None:
    origin = list(world_all.countries["iso3"]).index("UKR")
    neighbours = world_all.arrays.borders[origin] == 1
    if along == "links":
        links = np.zeros_like(world_all.arrays.links)
        chosen = [list(world_all.countries["iso3"]).index(code) for code in ("JPN", "KEN", "CHL")]
        links[origin, chosen] = links[chosen, origin] = 1
        links[chosen[0], 0] = links[0, chosen[0]] = 1
        world_all = with_arrays(world_all, links=links, signed=0)
        neighbours = links[origin] == 1
    storm = {"half_life": 1.0, "spread": {"along": along, "probability": 1.0}}
    scenario = scheduled(with_shocks(quiet, storm=storm), strike("UKR"))
    state = begun(world_all, scenario)
    play_quarter(state)
    assert np.flatnonzero(state.intensity[0]).tolist() == [origin]
    play_quarter(state)
    expected = np.where(neighbours, 0.4, 0.0)
    expected[origin] = 0.4
    np.testing.assert_allclose(state.intensity[0], expected, rtol=1e-12)


def test_a_shock_does_not_spread_between_those_it_struck_together(
    world_all: World, quiet: Scenario
) -> None:
    iso3 = list(world_all.countries["iso3"])
    ukraine, moldova = iso3.index("UKR"), iso3.index("MDA")
    assert world_all.arrays.borders[ukraine, moldova]
    storm = {"half_life": 1.0, "spread": {"along": "borders", "probability": 1.0}}
    scenario = scheduled(with_shocks(quiet, storm=storm), strike(["UKR", "MDA"]))
    state = begun(world_all, scenario)
    play_quarter(state)
    play_quarter(state)
    intensity = state.intensity[0]
    np.testing.assert_allclose(intensity[[ukraine, moldova]], 0.4, rtol=1e-12)
    assert (intensity > 0).sum() > 2


def test_a_shock_spreads_with_its_probability(world_all: World, quiet: Scenario) -> None:
    iso3 = list(world_all.countries["iso3"])
    neighbours = np.flatnonzero(world_all.arrays.borders[iso3.index("TZA")])
    storm = {"spread": {"along": "borders", "probability": 0.3}}
    scenario = scheduled(with_shocks(quiet, storm=storm), strike("TZA"))
    log = shocks_of(world_all, for_quarters(scenario, 2), 400)
    spread = log[log["quarter"] == "2025Q4"]
    assert set(spread["other"]) == {"spread from TZA"}
    assert set(spread["iso3"]) == {iso3[i] for i in neighbours}
    assert stats.binomtest(len(spread), 400 * len(neighbours), 0.3).pvalue > 1e-3


def test_a_country_turns_once_a_year(world_all: World, quiet: Scenario) -> None:
    """Towards the EU or away, struck or reached; what is no turn heeds no other."""
    turn = {"rate": 2.0, "turn": True, "spread": {"along": "borders", "probability": 0.3}}
    shocks = {"away": turn, "towards": turn, "storm": {"rate": 2.0}}
    log = shocks_of(world_all, for_quarters(with_shocks(quiet, **shocks), 12), 2)
    log = log.assign(quarter=log["quarter"].cat.codes, turns=log["shock"] != "storm")
    assert log["other"].astype(str).str.startswith("spread from").any()
    waits = {
        turns: rows.groupby(["replicate", "iso3"], observed=True)["quarter"].diff().min()
        for turns, rows in log.groupby("turns")
    }
    assert waits == {True: 4.0, False: 1.0}
    both = log[log["turns"]].groupby(["replicate", "iso3"], observed=True)["shock"].nunique()
    assert (both == 2).any()


def test_a_turn_that_is_scheduled_comes_whatever_was_before(
    small_world: World, quiet: Scenario
) -> None:
    """It does not count as one either: others strike in the same year."""
    strikes = [strike("world", quarter=quarter) for quarter in ("2025Q3", "2025Q4")]
    never, certain = (
        with_climate(
            with_shocks(
                quiet, storm={"turn": True, "rate": 0.0}, gust={"turn": True, "rate": rate}
            ),
            schedule=strikes,
        )
        for rate in (0.0, 10.0)
    )
    countries = len(small_world.countries)
    assert len(shocks_of(small_world, for_quarters(never, 2), 1)) == 2 * countries
    struck = shocks_of(small_world, for_quarters(certain, 2), 1)
    gusts = struck[struck["shock"] == "gust"]
    assert len(struck) == 2 * countries + len(gusts)
    assert gusts["iso3"].nunique() == len(gusts) > countries / 2


def test_a_shock_does_not_spread_to_those_it_never_strikes(
    world_all: World, quiet: Scenario
) -> None:
    storm = {
        "spread": {"along": "borders", "probability": 1.0},
        "groups": {"KEN": 0.0},
        "sources": {"UGA": 1.0},
    }
    scenario = scheduled(with_shocks(quiet, storm=storm), strike("TZA"))
    log = shocks_of(world_all, for_quarters(scenario, 2), 1)
    reached = set(log[log["quarter"] == "2025Q4"]["iso3"])
    assert {"RWA", "ZMB"} <= reached
    assert not {"KEN", "UGA"} & reached


def test_a_shock_does_not_spread_to_who_is_behind_it(world_all: World, quiet: Scenario) -> None:
    storm = {"spread": {"along": "borders", "probability": 1.0}}
    planned = strike("TZA") | {"by": "KEN"}
    scenario = scheduled(with_shocks(quiet, storm=storm), planned)
    log = shocks_of(world_all, for_quarters(scenario, 2), 1)
    reached = set(log[log["quarter"] == "2025Q4"]["iso3"])
    assert {"RWA", "UGA", "ZMB"} <= reached
    assert "KEN" not in reached


def test_a_strike_on_a_pair_reaches_one_linked_partner(small_world: World, quiet: Scenario) -> None:
    links = np.zeros_like(small_world.arrays.links)
    links[0, [3, 5, 7]] = links[[3, 5, 7], 0] = 1
    world = with_arrays(small_world, links=links)
    scenario = with_shocks(quiet, storm={"scope": "pair", "rate": 0.5})
    log = shocks_of(world, for_quarters(scenario, 1), 3000)
    codes = list(world.countries["iso3"])
    first = log[log["other"] == f"spread from {codes[0]}"]["iso3"].value_counts()
    partners = [first[codes[i]] for i in (3, 5, 7)]
    struck = (log["iso3"] == codes[0]) & log["other"].isna()
    assert sum(partners) == first.sum() == struck.sum() > 200
    # The more exposed the likelier.
    exposure = begun(world, scenario).shock_exposure[0, [3, 5, 7]]
    expected = exposure * sum(partners) / exposure.sum()
    assert np.ptp(exposure) > 0
    assert stats.chisquare(partners, expected).pvalue > 1e-3
    third = log[log["iso3"] == codes[3]]["other"]
    assert set(third.dropna()) == {f"spread from {codes[0]}"}
    assert third.isna().any()
    # Who has no link is not reached along one.
    assert set(log["iso3"]) == {codes[i] for i in (0, 3, 5, 7)}


def test_nobody_behind_a_strike_on_a_pair_is_the_partner_that_it_reaches(
    world_named: World, quiet: Scenario
) -> None:
    """Technology that leaks to a power does not leak on to that power."""
    world = with_arrays(world_named, links=1 - np.eye(len(world_named.countries)))
    scenario = with_shocks(quiet, storm={"scope": "pair", "rate": 1.0, "sources": {"KEN": 1.0}})
    log = shocks_of(world, for_quarters(scenario, 4), 20)
    further = log["other"].astype(str).str.startswith("spread from")
    assert set(log["other"][~further].dropna()) == {"KEN"}
    assert further.sum() == (~further).sum() > 200
    assert "KEN" not in set(log["iso3"][further])


def test_what_is_faint_does_not_spread(world_all: World, quiet: Scenario) -> None:
    storm = {"half_life": 4.0, "spread": {"along": "borders", "probability": 1.0}}
    reached = []
    for severity in (0.098, 0.102):
        scenario = scheduled(with_shocks(quiet, storm=storm), strike("KEN", severity))
        reached.append(len(shocks_of(world_all, for_quarters(scenario, 2), 1)) - 1)
    assert reached[0] == 0
    kenya = list(world_all.countries["iso3"]).index("KEN")
    assert reached[1] == (world_all.arrays.borders[kenya] > 0).sum() > 3


def test_governments_with_a_fixed_term_turn_at_its_end(world_all: World, quiet: Scenario) -> None:
    """Nine of ten times; over a term as often as others."""
    world = with_arrays(world_all, exposure=1.0)
    scenario = with_shocks(quiet, storm={"turn": True, "rate": 0.04})
    log = shocks_of(world, for_quarters(scenario, 80), 100)
    term, handover = world.arrays.term, world.arrays.handover
    country = pd.Index(world.countries["iso3"]).get_indexer(log["iso3"].astype(str))
    since = log["quarter"].cat.codes.to_numpy() - handover[country]
    for length in (16, 20):
        ours = term[country] == length
        # The chance of a large hazard is a little less than that hazard.
        due, else_ = -np.expm1(-0.01 * np.array([0.9 * length, 0.1 * length / (length - 1)]))
        expected = due / (due + (length - 1) * else_)
        share = (since[ours] % length == 0).mean()
        assert share == pytest.approx(expected, abs=4 * np.sqrt(expected / ours.sum() / 10))
        assert ours.sum() > 1000
    often = np.bincount(country, minlength=len(term)) / (80 * 100)
    assert often[term == 0].mean() == pytest.approx(0.01, rel=0.06)
    assert often[term > 0].mean() == pytest.approx(0.01, rel=0.12)


def test_a_group_is_struck_as_often_as_its_factor_says(world_all: World, quiet: Scenario) -> None:
    arrays = world_all.arrays
    candidate = arrays.candidate == 1
    storm = {"scope": "country", "strikes": "fragile", "rate": 0.4}
    rates = []
    for factor in (1.0, 0.0, 0.25):
        scenario = with_shocks(
            quiet, storm={**storm, "groups": {"candidate": factor, "potential_candidate": factor}}
        )
        state = begun(world_all, scenario)
        exposure = state.shock_exposure[0, : len(candidate)]
        np.testing.assert_allclose(exposure[~candidate], arrays.fragility[~candidate])
        rates.append(exposure[candidate].sum())
    assert rates[1] == 0
    assert rates[2] == pytest.approx(rates[0] / 4)


def test_small_states_and_democracies_are_spared_what_they_were_never_struck_by(
    world_all: World, scenario: Scenario
) -> None:
    state = begun(world_all, scenario)
    iso3, shocks = list(world_all.countries["iso3"]), list(scenario.shocks)

    def exposure(shock: str, country: str) -> float:
        return float(state.shock_exposure[shocks.index(shock), iso3.index(country)])

    assert exposure("regional_conflict", "TUV") == exposure("diplomatic_opening", "PRK") == 0.0
    assert exposure("government_change", "BLR") == exposure("ally_position_change", "NRU") == 0.0
    assert 0.0 < exposure("internet_shutdown", "GHA") < 0.2 * exposure("internet_shutdown", "TCD")


@pytest.mark.parametrize(
    ("spares", "source", "spared", "struck"),
    [("friends", "RUS", "BLR", "UKR"), ("foes", "CHN", "GBR", "KEN"), ("nobody", "RUS", "", "BLR")],
)
def test_a_source_strikes_none_of_those_it_spares(
    world_all: World, quiet: Scenario, spares: str, source: str, spared: str, struck: str
) -> None:
    storm = {"rate": 4.0, "sources": {source: 1.0}, "spares": spares}
    log = shocks_of(world_all, for_quarters(with_shocks(quiet, storm=storm), 8), 3)
    assert set(log["other"]) == {source}
    assert struck in set(log["iso3"])
    assert spared not in set(log["iso3"])


def test_the_share_of_sources_that_spare_a_country_strikes_it_less(
    world_all: World, quiet: Scenario
) -> None:
    storm = {"rate": 1.0, "sources": {"RUS": 3.0, "nobody": 1.0}}
    iso3 = list(world_all.countries["iso3"])
    plain, sparing = (
        begun(world_all, with_shocks(quiet, storm=storm | {"spares": spares})).shock_exposure[0]
        for spares in ("nobody", "friends")
    )
    place = iso3.index("BLR")
    assert sparing[place] == pytest.approx(plain[place] / 4)
    assert sparing[iso3.index("UKR")] == plain[iso3.index("UKR")]


def test_a_source_strikes_where_it_is_behind_strikes(world_all: World, quiet: Scenario) -> None:
    storm = {
        "rate": 4.0,
        "sources": {"RUS": 1.0, "CHN": 1.0},
        "source_regions": {"RUS": {"Gulf": 0.0}, "CHN": {"Gulf": 0.0, "LAC": 3.0}},
    }
    region = dict(world_all.homes)
    log = shocks_of(world_all, for_quarters(with_shocks(quiet, storm=storm), 8), 3)
    struck = log["iso3"].map(region)
    # Where nobody would be behind it there is no strike.
    assert "Gulf" not in set(struck)
    by_china = (log["other"] == "CHN").groupby(struck).mean()
    assert by_china["LAC"] == pytest.approx(0.75, abs=0.07)
    assert by_china["Sub-Saharan Africa"] == pytest.approx(0.5, abs=0.07)


def test_shipped_sources_strike_where_they_were_seen(world_all: World, scenario: Scenario) -> None:
    state = begun(world_all, scenario)
    iso3, shocks = list(world_all.countries["iso3"]), list(scenario.shocks)

    def weight(shock: str, source: str, struck: str) -> float:
        region = world_all.arrays.region[iso3.index(struck)]
        return float(state.source_weight[shocks.index(shock), region, iso3.index(source)])

    assert (
        weight("supplier_coercion", "RUS", "AUS") == 0.0 < weight("supplier_coercion", "CHN", "AUS")
    )
    assert (
        weight("supplier_coercion", "CHN", "MDA") == 0.0 < weight("supplier_coercion", "RUS", "MDA")
    )
    for attacked, likelier, other in (("UKR", "RUS", "CHN"), ("PHL", "CHN", "RUS")):
        assert weight("state_cyber_attack", likelier, attacked) > 2 * weight(
            "state_cyber_attack", other, attacked
        )
    assert (
        weight("state_cyber_attack", "IRN", "ISR")
        > 0.0
        == weight("state_cyber_attack", "IRN", "FJI")
    )


def intensities(world: World, scenario: Scenario, seed: int, quarters: int) -> np.ndarray:
    state: State = begun(world, scenario, seed=seed)
    path = []
    for _ in range(quarters):
        play_quarter(state)
        path.append(state.intensity.copy())
    return np.array(path)


@settings(max_examples=30)
@given(
    seed=st.integers(0, 2**63 - 1),
    half_lives=st.tuples(st.floats(0.25, 40.0), st.floats(0.25, 40.0)),
    scope=st.sampled_from(["world", "region", "country"]),
    rate=st.floats(0.0, 10.0),
    spread=st.floats(0.0, 1.0),
)
def test_a_longer_half_life_never_weakens_a_shock(
    small_world: World,
    quiet: Scenario,
    seed: int,
    half_lives: tuple[float, float],
    scope: str,
    rate: float,
    spread: float,
) -> None:
    """Run by run, quarter by quarter, country by country."""
    shorter, longer = (
        intensities(
            small_world,
            with_shocks(
                quiet,
                storm={
                    "scope": scope,
                    "rate": rate,
                    "half_life": half_life,
                    "severity": POINT,
                    "spread": {"along": "borders", "probability": spread},
                },
            ),
            seed,
            10,
        )
        for half_life in sorted(half_lives)
    )
    assert (longer >= shorter).all()


def felt_by(world: World, scenario: Scenario) -> State:
    """Return the state after one quarter."""
    state = begun(world, scenario)
    play_quarter(state)
    return state


def storm_on(quiet: Scenario, relation: str, *strikes: dict[str, Any], **effects: Any) -> Scenario:
    return scheduled(with_shocks(quiet, storm={"effects": {relation: effects}}), *strikes)


EVERYTHING: dict[str, Any] = {
    "threat": {"trade": 0.3},
    "alignment": -0.2,
    "drive": {"trade": 1.5},
    "pace": {"trade": -0.7},
    "silence": 0.6,
    "rupture": 0.4,
}


@pytest.mark.parametrize("relation", ["struck", "candidate", "source", "others"])
def test_an_effect_is_felt_in_its_relation_only(
    world_all: World, quiet: Scenario, relation: str
) -> None:
    """Ukraine and Kenya are struck, by Russia; Ukraine is a candidate; all others look on."""
    iso3 = world_all.countries["iso3"].to_numpy(str)
    blow = {**strike(["UKR", "KEN"], 0.5), "by": "RUS"}
    state = felt_by(world_all, storm_on(quiet, relation, blow, **EVERYTHING))
    hit = np.isin(iso3, ["UKR", "KEN"])
    gdp = world_all.arrays.gdp_share
    seen = 0.5 * gdp[hit].sum() - np.where(hit, 0.5 * gdp, 0.0)
    felt = {
        "struck": 0.5 * hit,
        "candidate": 0.5 * (iso3 == "UKR"),
        "source": 0.5 * (iso3 == "RUS"),
        "others": seen,
    }[relation]
    countries, trade = state.countries, AREAS.index("trade")
    np.testing.assert_allclose(countries["drive"][:, trade], 1.5 * felt, atol=1e-12)
    np.testing.assert_allclose(countries["pace"][:, trade], -0.7 * felt, atol=1e-12)
    np.testing.assert_allclose(countries["silence"], 0.6 * felt, atol=1e-12)
    np.testing.assert_allclose(countries["rupture"], 0.4 * felt, atol=1e-12)
    threat = (world_all.arrays.threat[:, trade] + 0.3 * felt).clip(0, 1)
    np.testing.assert_allclose(countries["threat"][:, trade], threat, atol=1e-12)
    alignment = (world_all.arrays.alignment - 0.2 * felt).clip(0, 1)
    np.testing.assert_allclose(state.alignment, alignment, atol=1e-12)
    assert not countries["drive"][:, :trade].any()


@pytest.mark.parametrize("size", [1.0, 0.0])
def test_both_ends_of_silence(world_all: World, quiet: Scenario, size: float) -> None:
    """Full silence keeps political negotiations where they are, and nothing else; none does not."""
    fast = with_coefficients(quiet, hazard_threat=0.0, hazard_busy=0.0)
    free = with_arrays(world_all, cost=0.0)
    state = begun(free, storm_on(fast, "struck", strike("world", 1.0), silence=size))
    state.hazard[:] = 1e6
    state.instruments["serves"][:] = 0
    before = state.pairs["first_stage"].copy()
    play_quarter(state)
    moved = state.pairs["stage"] != before
    under_way = (before >= 2) & (before < 6)
    political = state.instruments["path"] == PATHS.index("political")
    assert moved[under_way & ~political].all()
    assert under_way[:, political].any()
    assert moved[under_way & political].all() == (size == 0.0)
    assert moved[under_way & political].any() == (size == 0.0)
    assert not state.pairs["suspended"].any()


def openings(world: World, scenario: Scenario, k: int) -> np.ndarray:
    """Return the utility of one instrument to every country as a quarter opens, -inf included."""
    state = begun(world, scenario)
    open_quarter(state)
    values = []
    for i in range(len(world.countries)):
        weigh_options(state, i)
        values.append(state.utilities[k])
    return np.array(values)


@pytest.mark.parametrize(
    ("effect", "size", "change"),
    [
        ("drive", {"trade": 2.0}, 2.0),
        ("drive", {"trade": -5.0}, -5.0),
        ("silence", 0.5, np.log(0.5)),
        ("silence", 1.0, -np.inf),
        ("silence", 0.0, 0.0),
    ],
)
def test_drive_and_silence_bear_on_what_countries_want(
    world_all: World, quiet: Scenario, effect: str, size: Any, change: float
) -> None:
    """Drive lifts utilities by the share of its areas; silence those of political instruments."""
    still = quiet
    treaty, council = (
        list(world_all.instruments["instrument"]).index(name) for name in ("FTA", "TTC")
    )
    for k, share in ((treaty, 1.0), (council, 1 / world_all.arrays.area[council].sum())):
        calm = openings(world_all, storm_on(still, "struck", strike("world", 1.0)), k)
        shaken = openings(
            world_all, storm_on(still, "struck", strike("world", 1.0), **{effect: size}), k
        )
        free = np.isfinite(calm)
        assert free.any()
        bears = change * share if effect == "drive" else change * (k == council)
        if np.isnan(bears):
            bears = 0.0
        np.testing.assert_allclose(shaken[free], calm[free] + bears, rtol=1e-12)


def test_a_source_is_drawn_by_its_weight(world_all: World, quiet: Scenario) -> None:
    """Named countries, all land neighbours together, and nobody."""
    weights = {"CHN": 3.0, "RUS": 1.0, "neighbour": 2.0, "nobody": 2.0}
    storm = {"rate": 4.0, "sources": weights, "regions": {"Eastern Partnership": 5.0}}
    log = shocks_of(world_all, for_quarters(with_shocks(quiet, storm=storm), 4), 300)
    ukraine = log[log["iso3"] == "UKR"]["other"]
    iso3 = world_all.countries["iso3"].to_numpy(str)
    near = np.flatnonzero(world_all.arrays.borders[list(iso3).index("UKR")])
    hostility = (world_all.arrays.size * (1 - world_all.arrays.alignment) ** 2)[near]
    chances = {"CHN": 3.0, "RUS": 1.0, None: 2.0}
    for place, part in zip(near, hostility, strict=True):
        if not world_all.arrays.candidate[place]:
            chances[iso3[place]] = chances.get(iso3[place], 0.0) + 2.0 * part
    assert set(chances) == {"CHN", "RUS", "BLR", None}, "Moldova is a candidate"
    counts = [
        int(ukraine.isna().sum() if code is None else (ukraine == code).sum()) for code in chances
    ]
    assert sum(counts) == len(ukraine) > 300
    expected = np.array(list(chances.values())) / sum(chances.values()) * len(ukraine)
    assert stats.chisquare(counts, expected).pvalue > 1e-3
    assert not (log["iso3"].astype(str) == log["other"].astype(str)).any(), "nobody strikes itself"


def test_a_strike_on_the_world_spares_the_country_behind_it(
    world_all: World, quiet: Scenario
) -> None:
    storm = {"scope": "world", "rate": 10.0, "sources": {"USA": 1.0}, "severity": POINT}
    scenario = for_quarters(with_shocks(quiet, storm=storm), 1)
    # Nothing of what is usual lingers.
    state = felt_by(world_all, with_coefficients(scenario, usual_shocks=0.0))
    behind = world_all.countries["iso3"].to_numpy(str) == "USA"
    np.testing.assert_array_equal(state.intensity[0], np.where(behind, 0.0, 0.5))
    np.testing.assert_array_equal(state.source_intensity[0], np.where(behind, 0.5, 0.0))
    events = simulate(world_all, scenario, seed=1).events
    assert events[events["event"] == "shock"]["other"].tolist() == ["USA"]


def test_a_source_feels_its_own_for_as_long_as_others(world_all: World, quiet: Scenario) -> None:
    storm = {"half_life": 2.0}
    scenario = scheduled(with_shocks(quiet, storm=storm), {**strike("UKR", 0.8), "by": "RUS"})
    state = begun(world_all, scenario)
    iso3 = list(world_all.countries["iso3"])
    for quarter in range(6):
        play_quarter(state)
        faded = 0.8 * 0.5 ** (quarter / 2)
        assert state.intensity[0, iso3.index("UKR")] == pytest.approx(faded, rel=1e-12)
        assert state.source_intensity[0, iso3.index("RUS")] == pytest.approx(faded, rel=1e-12)


TURNING: dict[str, Any] = {
    "name": "first",
    "phases": {"storm": {"intensity": 5.0, "rival_drift": 0.04, "shocks": {"storm": 2.0}}},
}


def test_a_climate_turns_when_it_is_due(small_world: World, quiet: Scenario) -> None:
    """Rates and the drift of rivals are those of the phase; what struck before fades on."""
    scenario = with_shocks(quiet, storm={"rate": 0.5})
    turns = [{"quarter": "2026Q3", "to": "storm"}, {"quarter": "2027Q3", "to": "first"}]
    scenario = for_quarters(with_climate(scenario, intensity=0.0, turns=turns, **TURNING), 12)
    log = shocks_of(small_world, scenario, 30)
    quarters = log["quarter"].astype(str)
    assert set(quarters) == {"2026Q3", "2026Q4", "2027Q1", "2027Q2"}
    exposure = small_world.arrays.exposure
    expected = 30 * 4 * (1 - np.exp(-0.5 * 5.0 * 2.0 / 4 * exposure)).sum()
    assert stats.poisson.cdf(len(log), expected) == pytest.approx(0.5, abs=0.499)
    state = begun(small_world, scenario)
    for _ in range(12):
        play_quarter(state)
    rival = (small_world.arrays.rival + 4 * 0.01).clip(0, 1)
    np.testing.assert_allclose(state.countries["rival_base"], rival, atol=1e-12)
    events = simulate(small_world, scenario, seed=1).events
    turned = events[events["event"] == "climate"]
    assert turned["other"].tolist() == ["climate storm", "climate first"]
    assert turned["quarter"].astype(str).tolist() == ["2026Q3", "2027Q3"]


@pytest.mark.parametrize("years", [0.5, 3.0])
def test_a_phase_lasts_as_long_as_it_is_said_to(
    small_world: World, quiet: Scenario, years: float
) -> None:
    """Turns by chance come with hazard 1 / persistence; each other phase is as likely."""
    phases = {name: {"intensity": 1.0, "rival_drift": 0.0, "shocks": {}} for name in "abc"}
    scenario = with_climate(quiet, name="first", phases=phases, persistence=years)
    events = simulate_ensemble(
        small_world, for_quarters(scenario, 20), seed=4, replicates=100, threads=1
    ).events
    turned = events[events["event"] == "climate"]
    chance = 1 - np.exp(-1 / (4 * years))
    assert stats.binomtest(len(turned), 100 * 20, chance).pvalue > 1e-3
    first = turned.drop_duplicates("replicate")["other"].astype(str)
    counts = [int((first == f"climate {name}").sum()) for name in "abc"]
    assert sum(counts) == len(first)
    assert stats.chisquare(counts).pvalue > 1e-3


def test_phases_do_not_touch_the_luck_of_shocks(small_world: World, quiet: Scenario) -> None:
    """What strikes in a mild phase strikes in the climate without phases too, as hard."""
    scenario = for_quarters(with_shocks(quiet, storm={"rate": 2.0}), 12)
    calm = {"calm": {"intensity": 0.5, "rival_drift": 0.0, "shocks": {}}}
    turning = with_climate(scenario, name="first", phases=calm, persistence=1.0)
    fewer, more = (
        set(
            shocks_of(small_world, each, 5)[["replicate", "quarter", "iso3", "severity"]]
            .astype(str)
            .itertuples(index=False, name=None)
        )
        for each in (turning, scenario)
    )
    assert fewer < more
