"""Links: who forms them, by the rules and by the record, against plain arithmetic."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, combinations, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import rankdata

from partnersim import InputError, simulate_ensemble, synthetic_world
from partnersim.history import links as estimation
from partnersim.history.evidence import HistoryEvidence
from partnersim.history.links import EFFECTS, JOINING, LinkEstimate, estimate_links
from partnersim.model.draws import poisson
from partnersim.model.links import (
    fill_chances,
    form_links,
    weigh_accessions,
    weigh_countries,
    weigh_initiative,
)
from partnersim.model.state import State
from partnersim.random.numbers import LINK
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World
from random_states import random_state
from recount import assert_counts
from scenarios import (
    begun,
    changed,
    for_quarters,
    link_step,
    with_arrays,
    with_coefficients,
    with_policy,
    without_shocks,
    without_slow_change,
    without_ties,
)
from test_rules_brute_force import assert_same_distribution

RUNS = 10_000
#: Rates of links beside the one of two countries.
OTHER_RATES = ("link_founding_rate", "link_accession_rate", "link_entry_rate")
Links = frozenset[tuple[int, int]]


def choices(state: State, world: World, c: dict[str, float]) -> np.ndarray:
    """Return p(i->j) of docs/ODD.md, section 7.18."""
    arrays, linked = world.arrays, state.linked.astype(int)
    together = (arrays.grouping.T.astype(int) @ arrays.grouping) > 0
    utility = (
        c["link_size"] * arrays.size
        + c["link_readiness"] * state.countries["readiness"].mean(axis=1)
        + c["link_experience"] * linked.any(axis=1)
        + c["link_distance"] * arrays.distance
        + c["link_grouping"] * together
        + c["link_alignment_gap"] * np.abs(state.alignment[:, None] - state.alignment)
        + c["link_shared_partners"] * np.log1p(linked @ linked)
    )
    weight = np.where((linked == 1) | (arrays.restricted == 1), 0.0, np.exp(utility))
    np.fill_diagonal(weight, 0.0)
    return weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-300)


@settings(max_examples=40)
@given(number=st.integers(0, 10**6))
def test_chances_are_the_documented_formula(
    small_world: World, scenario: Scenario, number: int
) -> None:
    world, scenario, state = random_state(small_world, scenario, number)
    weigh_countries(state)
    for grouped in (False, True):
        weigh_initiative(state, grouped)
    weigh_accessions(state)
    chances = np.zeros_like(state.lasting_pull)
    for i in range(len(chances)):
        fill_chances(state, i, chances[i])
    p = choices(state, world, scenario.behaviour.values())
    np.testing.assert_allclose(chances, p * p.T, rtol=1e-9, atol=1e-15)
    large = world.arrays.large == 1
    alone = (p * p.T * (large | large[:, None])).sum(axis=1)
    np.testing.assert_allclose(state.initiative[0], alone, rtol=1e-9, atol=1e-15)
    together = (world.arrays.grouping.T.astype(int) @ world.arrays.grouping) > 0
    grouped = (p * p.T * together).sum(axis=1)
    np.testing.assert_allclose(state.initiative[1], grouped, rtol=1e-9, atol=1e-15)
    barred = state.agreement.astype(int) @ world.arrays.restricted > 0
    joint = (state.agreement @ (p * p.T)) * (state.agreement == 0) * ~barred
    joint *= world.arrays.may_join
    np.testing.assert_allclose(state.interest, joint, rtol=1e-9, atol=1e-15)


class Enumeration:
    """The exact distribution of networks after one quarter of a tiny world."""

    def __init__(self, state: State, world: World, scenario: Scenario) -> None:
        self.c = scenario.behaviour.values()
        p = choices(state, world, self.c)
        self.both = p * p.T
        self.count = len(p)
        self.arrays = world.arrays
        self.alignment = state.alignment.copy()
        connect = 4 * scenario.policy.priorities.connect
        self.enters = 1 - math.exp(-self.c["link_entry_rate"])
        self.pace = math.exp(self.c["link_outreach"] * (connect - 1)) * self.enters
        self.signed: dict[int, set[tuple[int, int]]] = defaultdict(set)
        for i, j in combinations(range(self.count), 2):
            if self.arrays.signed[i, j] and not self.arrays.restricted[i, j]:
                self.signed[self.arrays.signed[i, j]].add((i, j))
        self.start: Links = frozenset(
            (i, j) for i, j in combinations(range(self.count), 2) if state.linked[i, j]
        )

    def after(self) -> dict[Links, float]:
        """Return every network that one quarter may lead to, with its chance."""
        reached: dict[tuple[Links, frozenset[tuple[int, int]]], float] = {
            (self.start, frozenset()): 1.0
        }
        for i, j in permutations(range(self.count), 2):
            reached = self._spread(reached, list(self._links(i, j)))
            reached = self._spread(reached, list(self._foundings(i, j)))
        for pairs in self.signed.values():
            outcomes = [(frozenset(), 1 - self.enters), (frozenset(pairs), self.enters)]
            reached = self._spread(reached, outcomes)
        result: dict[Links, float] = defaultdict(float)
        for (links, _), chance in reached.items():
            for made, share in self._accessions():
                result[links | made] += chance * share
        return result

    @staticmethod
    def _spread(reached: dict, outcomes: list[tuple[Links, float]]) -> dict:
        following: dict = defaultdict(float)
        for ((links, members), chance), (made, share) in product(reached.items(), outcomes):
            following[links | made, members] += chance * share
        return following

    def _decides(self, rate: str, chances: np.ndarray, i: int, j: int) -> float:
        """Return the chance that country i has the initiative and chooses j.

        Each pair has a share of the Poisson decisions of all, which come on their own.
        """
        share = chances[i, j] / max(chances.sum(), 1e-300)
        return 1 - math.exp(-self.c[rate] * self.pace * share)

    def _links(self, i: int, j: int) -> Iterator[tuple[Links, float]]:
        large = self.arrays.large == 1
        links = self._decides("link_rate", self.both * (large | large[:, None]), i, j)
        yield frozenset(), 1 - links
        yield frozenset({(min(i, j), max(i, j))}), links

    def _foundings(self, i: int, j: int) -> Iterator[tuple[Links, float]]:
        grouping = self.arrays.grouping.astype(int)
        together = (grouping.T @ grouping) > 0
        founds = self._decides("link_founding_rate", self.both * together, i, j)
        yield frozenset(), 1 - founds
        if founds:
            shared = [members for members in grouping if members[i] and members[j]]
            members = min(shared, key=lambda members: members.sum())
            others = [h for h in np.flatnonzero(members) if h not in (i, j)]
            chances = [self._joins(h, i, j, members.sum()) for h in others]
            for joined in product((True, False), repeat=len(others)):
                part, share = [i, j], 1.0
                for h, joins, chance in zip(others, joined, chances, strict=True):
                    # Founders sit from the beginning, the others in the order of the list.
                    share *= chance if joins else 1 - chance
                    if joins and not self.arrays.restricted[h, part].any():
                        part.append(int(h))
                yield frozenset(combinations(sorted(part), 2)), founds * share

    def _joins(self, h: int, i: int, j: int, members: int) -> float:
        gap = np.abs(self.alignment[h] - self.alignment[[i, j]]).mean()
        utility = (
            self.c["link_joining"]
            + self.c["link_joining_members"] * math.log(members / 10)
            + self.c["link_joining_gap"] * gap
        )
        return 1 / (1 + math.exp(-utility))

    def _accessions(self) -> Iterator[tuple[Links, float]]:
        """Go through who joins what, one decision after the other: later ones link to earlier."""
        member = self.arrays.agreement.astype(int)
        joint = (member @ self.both) * (member == 0) * (member @ self.arrays.restricted == 0)
        joint *= self.arrays.may_join
        if not joint.any():
            yield frozenset(), 1.0
            return
        rate = self.c["link_accession_rate"] * self.pace
        reached: dict[tuple[Links, Links], float] = {(frozenset(), frozenset()): 1.0}
        for count in range(12):
            taken = math.exp(-rate) * rate**count / math.factorial(count)
            for (made, _), share in reached.items():
                yield made, taken * share
            following: dict = defaultdict(float)
            for ((made, joined), share), (a, i) in product(reached.items(), np.argwhere(joint)):
                now = member.copy()
                for country, agreement in joined:
                    now[agreement, country] = 1
                others = list(map(int, np.flatnonzero(now[a])))
                i, chance = int(i), share * joint[a, i] / joint.sum()
                if self.arrays.restricted[i, others].any():
                    following[made, joined] += chance
                else:
                    links = {(min(i, j), max(i, j)) for j in others if j != i}
                    following[made | links, joined | {(i, int(a))}] += chance
            reached = following


def tiny(
    count: int,
    groupings: list[list[int]],
    agreements: list[list[int]],
    barred: Sequence[tuple[int, int]] = (),
    signed: Sequence[Sequence[tuple[int, int]]] = (),
) -> World:
    """Return a world of a few countries without instruments, with groupings and agreements.

    Between some one restricts trade with the other, and some have signed agreements. The first two
    are too small to link with each other by themselves.
    """

    world = without_ties(synthetic_world(count, 5))

    def members(groups: list[list[int]], rows: np.ndarray) -> np.ndarray:
        flags = np.zeros_like(rows)
        for row, group in enumerate(groups):
            flags[row, group] = 1
        return flags

    links = np.zeros((count, count), np.uint8)
    for one, other in chain.from_iterable(combinations(group, 2) for group in agreements):
        links[one, other] = links[other, one] = 1
    restricted = np.zeros_like(links)
    for one, other in barred:
        restricted[one, other] = restricted[other, one] = 1
    may_join = np.ones_like(world.arrays.may_join)
    may_join[0, count - 1] = 0
    keys = np.zeros_like(world.arrays.signed)
    for key, pairs in enumerate(signed, start=1):
        for one, other in pairs:
            keys[one, other] = keys[other, one] = key
    return with_arrays(
        world,
        restricted=restricted,
        signed=keys,
        grouping=members(groupings, world.arrays.grouping),
        agreement=members(agreements, world.arrays.agreement),
        may_join=may_join,
        links=links,
        large=np.arange(count) > 1,
    )


@pytest.mark.parametrize(
    ("count", "groupings", "agreements", "barred", "signed"),
    [
        (3, [], [], [], []),
        (4, [[0, 1, 2], [0, 1, 2, 3]], [], [], []),
        (4, [], [[0, 1], [1, 2]], [], []),
        (4, [[0, 1, 2, 3]], [[2, 3]], [], []),
        (4, [[0, 1, 2, 3]], [], [(0, 2), (1, 3)], []),
        (4, [], [[3]], [(0, 2)], []),
        # One of two pairs and one of one; in both cases a pair that never links.
        (4, [], [], [(2, 3)], [[(0, 1), (0, 2), (2, 3)], [(1, 3)]]),
        (3, [], [], [(0, 1)], [[(0, 1)], [(1, 2)]]),
    ],
)
def test_a_quarter_is_what_enumeration_says(
    scenario: Scenario,
    count: int,
    groupings: list[list[int]],
    agreements: list[list[int]],
    barred: list[tuple[int, int]],
    signed: list[list[tuple[int, int]]],
) -> None:
    world = tiny(count, groupings, agreements, barred, signed)
    scenario = with_coefficients(
        without_slow_change(without_shocks(scenario)),
        **{"link_rate": 0.7, "link_founding_rate": 0.5, "link_accession_rate": 0.6},
        **{"link_joining": 0.3, "link_joining_members": -0.4, "link_joining_gap": -3.0},
        **{"link_shared_partners": 0.8, "link_outreach": 0.5, "link_entry_rate": 0.9},
    )
    enumeration = Enumeration(begun(world, scenario), world, scenario)
    ensemble = simulate_ensemble(
        world, for_quarters(scenario, 1), seed=11, replicates=RUNS, threads=1
    )
    made = ensemble.events[ensemble.events["event"] == "linked"]
    links = {replicate: set(enumeration.start) for replicate in range(RUNS)}
    for replicate, i, j in zip(
        made["replicate"], made["iso3"].cat.codes, made["other"].cat.codes, strict=True
    ):
        links[replicate].add((min(i, j), max(i, j)))
    counts = Counter(frozenset((int(i), int(j)) for i, j in network) for network in links.values())
    assert_same_distribution(counts, enumeration.after())


@settings(max_examples=15)
@given(number=st.integers(0, 10**6))
def test_links_come_and_never_go(small_world: World, scenario: Scenario, number: int) -> None:
    world, _, state = random_state(small_world, scenario, number)
    for rate in ("link_rate", *OTHER_RATES):
        state.coefficients[rate] = 3.0
    for quarter in range(1, 7):
        before, members = state.linked.copy(), state.agreement.copy()
        state.clock.quarter[0] = quarter
        form_links(state)
        assert (state.linked >= before).all()
        assert (state.agreement >= members).all()
        np.testing.assert_array_equal(state.linked, state.linked.T)
        assert not (state.linked > before)[world.arrays.restricted == 1].any()
        for a, i in np.argwhere(state.agreement > members):
            assert world.arrays.may_join[a, i]
            others = np.flatnonzero(members[a])
            assert state.linked[i, others].all()
        assert_counts(state, world)


@pytest.mark.parametrize("entry", [0.1, 1e3])
def test_rates_are_decisions_a_quarter(world_all: World, scenario: Scenario, entry: float) -> None:
    """Decisions of a run come into force after a wait of their own: fewer in its first years."""
    rates = {**dict.fromkeys(OTHER_RATES, 0.0), "link_rate": 1.5, "link_entry_rate": entry}
    scenario = with_coefficients(scenario, **rates, link_outreach=0.0)
    world = with_arrays(world_all, signed=0)
    ensemble = simulate_ensemble(
        world, for_quarters(scenario, 20), seed=3, replicates=40, threads=1
    )
    made = int((ensemble.events["event"] == "linked").sum())
    expected = 40 * 1.5 * sum(1 - math.exp(-entry * quarter) for quarter in range(1, 21))
    assert made == pytest.approx(expected, abs=4 * math.sqrt(expected))


def test_decisions_of_a_quarter_are_a_poisson_number(world_all: World, scenario: Scenario) -> None:
    state = begun(world_all, scenario)
    for rate in (0.0, 0.2, 1.3, 60.0):
        counts = []
        for quarter in range(4000):
            state.clock.quarter[0] = quarter
            counts.append(poisson(state.clock[0], rate, LINK))
        assert np.mean(counts) == pytest.approx(rate, abs=4 * math.sqrt(rate / 4000) + 1e-12)
        assert np.var(counts) == pytest.approx(rate, rel=0.15)


def test_two_small_countries_link_in_groupings_only(world_all: World, scenario: Scenario) -> None:
    arrays = world_all.arrays
    rates = {**dict.fromkeys(OTHER_RATES, 0.0), "link_rate": 0.0, "link_entry_rate": 1e3}
    large = dict(zip(world_all.countries["iso3"], arrays.large, strict=True))
    for rate, small in (("link_rate", False), ("link_founding_rate", True)):
        ensemble = simulate_ensemble(
            with_arrays(world_all, signed=0),
            for_quarters(with_coefficients(scenario, **{**rates, rate: 2.0}), 10),
            seed=3,
            replicates=10,
            threads=1,
        )
        made = ensemble.events[ensemble.events["event"] == "linked"]
        of_two = [
            large[one] + large[other]
            for one, other in zip(made["iso3"], made["other"], strict=True)
        ]
        assert len(of_two) > 100
        assert (min(of_two) == 0) == small


@pytest.mark.parametrize(("rate", "entered"), [(0.0, 0), (1e6, 46)])
def test_what_is_signed_comes_into_force_at_its_rate(
    world_all: World, scenario: Scenario, rate: float, entered: int
) -> None:
    """A link for every signed pair in the first quarter, or never, however the EU connects.

    Of 50 signed pairs Australia, Japan, Korea and New Zealand restrict Myanmar.
    """
    scenario = with_coefficients(
        scenario, **{"link_rate": 0.0, **dict.fromkeys(OTHER_RATES, 0.0), "link_entry_rate": rate}
    )
    priorities = changed(scenario.policy.priorities, connect=3.0)
    scenario = with_policy(for_quarters(scenario, 4), priorities=priorities)
    events = simulate_ensemble(world_all, scenario, seed=5, replicates=2, threads=1).events
    made = events[events["event"] == "linked"]
    assert len(made) == 2 * entered
    assert set(made["quarter"]) <= {"2025Q3"}
    arrays = world_all.arrays
    assert np.triu(arrays.signed > 0).sum() == 50
    signed = np.argwhere(np.triu((arrays.signed > 0) & (arrays.restricted == 0)))
    pairs = {tuple(world_all.countries["iso3"].iloc[pair]) for pair in signed}
    assert {*zip(made["iso3"], made["other"], strict=True)} == (pairs if entered else set())


def test_an_agreement_comes_into_force_for_all_of_its_pairs(
    world_all: World, scenario: Scenario
) -> None:
    scenario = with_coefficients(
        scenario, **{"link_rate": 0.0, **dict.fromkeys(OTHER_RATES, 0.0), "link_entry_rate": 0.5}
    )
    arrays = world_all.arrays
    state, signed = begun(world_all, scenario), arrays.signed * (arrays.restricted == 0)
    waiting = []
    for quarter in range(1, 7):
        state.clock.quarter[0] = quarter
        form_links(state)
        waits = signed[(state.linked == 0) & (signed > 0)]
        assert not set(waits) & set(signed[(state.linked == 1) & (signed > 0)])
        waiting.append(len(set(waits)))
    assert 20 > waiting[0] > waiting[-1]


# The estimate


@pytest.fixture(scope="module")
def estimate(evidence: HistoryEvidence) -> LinkEstimate:
    return estimate_links(evidence)


def test_decisions_are_all_that_made_the_links(
    evidence: HistoryEvidence, estimate: LinkEstimate
) -> None:
    codes = list(evidence.world.countries["iso3"])
    made = np.zeros((len(codes), len(codes)), int)
    for decision in estimate.decisions:
        for _, one, other in decision.pairs:
            made[codes.index(one), codes.index(other)] += 1
    older = evidence.world.arrays.links - (made + made.T)
    assert {codes[i] for i in np.flatnonzero(older.any(axis=1))} == {"ISL", "LIE", "NOR"}
    assert older.sum() == 6, "the European Economic Area, of 1994"
    kinds = Counter(decision.kind for decision in estimate.decisions)
    assert kinds == {"two countries": 52, "founding": 9, "accession": 6}
    by_name = {decision.name: decision.kind for decision in estimate.decisions}
    assert by_name["CPTPP"] == by_name["RCEP"] == "founding"
    assert by_name["CPTPP accession of the United Kingdom"] == "accession"
    # A bloc with one partner is a decision of two.
    assert by_name["UK-EEA EFTA FTA"] == "two countries"


def occasions(
    evidence: HistoryEvidence, estimate: LinkEstimate
) -> Iterator[tuple[np.ndarray, np.ndarray, list[tuple[int, int, float]]]]:
    """Yield, for every day with new links: statistics, who is linked, and links with weights."""
    codes = list(evidence.world.countries["iso3"])
    place = {code: number for number, code in enumerate(codes)}
    days: dict[str, list[tuple[int, int, float]]] = defaultdict(list)
    for decision in estimate.decisions:
        for date, one, other in decision.pairs:
            day = date + {4: "-07-01", 7: "-15", 10: ""}[len(date)]
            days[day].append((place[one], place[other], 1 / len(decision.pairs)))
    linked = np.zeros((len(codes), len(codes)), int)
    for day in sorted(days):
        arrays = evidence.world_of(int(day[:4])).arrays
        ones = np.ones(len(codes))
        statistics = np.stack(
            [
                np.outer(ones, arrays.size),
                np.outer(ones, arrays.readiness.mean(axis=1)),
                np.rint(arrays.distance * 1e4) / 1e4,
                (arrays.grouping.T.astype(int) @ arrays.grouping) > 0,
                np.abs(arrays.alignment[:, None] - arrays.alignment),
                np.log1p(linked @ linked),
                np.outer(ones, linked.any(axis=1)),
            ]
        )
        yield statistics, linked | arrays.restricted, days[day]
        for one, other, _ in days[day]:
            linked[one, other] = linked[other, one] = 1


def pair_chances(statistics: np.ndarray, linked: np.ndarray, values: np.ndarray) -> np.ndarray:
    utility = np.tensordot(values, statistics, 1)
    utility[(linked == 1) | np.eye(len(linked), dtype=bool)] = -np.inf
    weight = np.exp(utility)
    p = weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-300)
    return p * p.T / np.triu(p * p.T).sum()


def test_the_likelihood_is_that_of_plain_arithmetic(
    evidence: HistoryEvidence, estimate: LinkEstimate
) -> None:
    """One decision weighs one; the estimate is where no small step is better."""
    days = list(occasions(evidence, estimate))

    def log_likelihood(values: np.ndarray) -> float:
        total = 0.0
        for statistics, linked, made in days:
            chances = pair_chances(statistics, linked, values)
            total += sum(weight * math.log(chances[i, j]) for i, j, weight in made)
        return total

    place = [estimate.names.index(name) for name in EFFECTS]
    found = estimate.values[place]
    best = log_likelihood(found)
    assert best == pytest.approx(estimate.fit.log_likelihood, abs=1e-6)
    deviations = np.sqrt(np.diag(estimate.covariance))[place]
    for row, deviation in enumerate(deviations):
        for side in (-1, 1):
            step = np.zeros(len(found))
            step[row] = side * 0.1 * deviation
            assert log_likelihood(found + step) < best


def test_joining_is_a_logit(evidence: HistoryEvidence) -> None:
    draw = np.random.default_rng(1)
    terms = np.column_stack([np.ones(90), draw.normal(size=(90, 2))])
    yes, no = draw.random(90), draw.random(90)
    values, covariance = estimation._logit(terms, yes, no, np.arange(90) // 10)

    def loss(b: np.ndarray) -> float:
        utility = terms @ b
        return float((yes * np.logaddexp(0, -utility) + no * np.logaddexp(0, utility)).sum())

    assert values == pytest.approx(minimize(loss, np.zeros(3), tol=1e-12).x, abs=1e-5)
    assert (np.linalg.eigvalsh(covariance) > 0).all()


def test_estimates_stand_in_the_table_of_coefficients(
    scenario: Scenario, estimate: LinkEstimate
) -> None:
    for name, value in zip(estimate.names, estimate.values, strict=True):
        item = scenario.behaviour.coefficients[name]
        assert item.origin == "estimated"
        natural = math.exp(value) if name in estimate.logarithmic else value
        assert item.value == pytest.approx(natural, rel=1e-3)
    assert scenario.behaviour.coefficients["link_outreach"].origin == "assumed"
    blocks = (slice(0, 4), slice(4, 4 + len(EFFECTS)), slice(-len(JOINING), None))
    for one, other in combinations(blocks, 2):
        assert not estimate.covariance[one, other].any()


@pytest.mark.parametrize("cut", ["2017-12-31", "2019-12-31", "2021-12-31"])
def test_later_links_are_foretold(
    evidence: HistoryEvidence, estimate: LinkEstimate, cut: str
) -> None:
    """Estimated on what was in force at a day, the model ranks who links later (AUC)."""
    early = [decision for decision in estimate.decisions if decision.date <= cut]
    years = {year: evidence.world_of(year).arrays for year in range(2010, int(cut[:4]) + 2)}
    known = [
        estimation.LinkDecision(
            decision.name,
            decision.kind,
            decision.date,
            tuple(pair for pair in decision.pairs if pair[0] <= cut),
            decision.countries,
        )
        for decision in early
    ]
    codes = list(evidence.world.countries["iso3"])
    data, weights = estimation.event_data(known, years, codes)
    never = dict.fromkeys(estimation._NEVER, -30.0)
    found = estimation.fit(data, "links", [*EFFECTS.values(), *never], fixed=never, weights=weights)
    later = [pair for d in estimate.decisions for pair in d.pairs if pair[0] > cut]
    before = [pair for d in estimate.decisions for pair in d.pairs if pair[0] <= cut]
    linked = np.zeros((len(codes), len(codes)), int)
    for _, one, other in before:
        i, j = codes.index(one), codes.index(other)
        linked[i, j] = linked[j, i] = 1
    arrays = years[max(years)]
    ones = np.ones(len(codes))
    statistics = np.stack(
        [
            np.outer(ones, arrays.size),
            np.outer(ones, arrays.readiness.mean(axis=1)),
            arrays.distance,
            (arrays.grouping.T.astype(int) @ arrays.grouping) > 0,
            np.abs(arrays.alignment[:, None] - arrays.alignment),
            np.log1p(linked @ linked),
            np.outer(ones, linked.any(axis=1)),
        ]
    )
    chances = pair_chances(statistics, linked, found.estimates[: len(EFFECTS)])
    happened = np.zeros_like(linked, bool)
    for _, one, other in later:
        happened[codes.index(one), codes.index(other)] = True
    upper = np.triu(linked == 0, 1)
    ranks, hits = rankdata(chances[upper]), (happened | happened.T)[upper]
    misses = (~hits).sum()
    auc = (ranks[hits].sum() - hits.sum() * (hits.sum() + 1) / 2) / (hits.sum() * misses)
    assert auc > 0.88


def test_the_rate_of_entry_is_entries_over_quarters_of_waiting() -> None:
    """Ten years until one of three, two of the other that still waits; known answers."""

    steps = [
        link_step("2010-01-01", "AUS-JPN", "signed", "Text", "Of many"),
        link_step("2010-01-01", "AUS-KOR", "signed", "Text", "Of many"),
        link_step("2020-01-01", "AUS-KOR", "in_force", "Text as in force", "Of many"),
        link_step("2021-01-01", "AUS-JPN", "in_force", "Text as in force", "Of many"),
        # The same words, but agreements of two.
        link_step("2019-05", "CHL-PER", "signed", "Memorandum"),
        link_step("2020-05", "CHL-PER", "in_force", "Memorandum"),
        link_step("2023-06-05", "CHL-COL", "signed", "Memorandum"),
        # Nobody knows when it was signed.
        link_step("2015-01-01", "KEN-NGA", "in_force", "Old"),
        link_step("2011-01-01", "KEN-UGA", "concluded", "Never"),
    ]
    waits, entered = estimation.signed_agreements(steps)
    assert waits == pytest.approx(4 * np.array([10, 1, 2]), abs=0.01)
    assert entered.tolist() == [True, True, False]


def test_the_record_of_signed_agreements(evidence: HistoryEvidence, estimate: LinkEstimate) -> None:
    waits, entered = estimation.signed_agreements(evidence.facts["link_events.csv"])
    assert (len(waits), entered.sum()) == (estimate.signed, estimate.entered) == (48, 35)
    assert (waits > 0).all()
    place = estimate.names.index("link_entry_rate")
    rate = math.exp(estimate.values[place])
    assert rate == pytest.approx(35 / waits.sum())
    assert estimate.covariance[place, place] == pytest.approx(1 / 35)

    def log_likelihood(rate: float) -> float:
        return float(np.where(entered, math.log(rate), 0.0).sum() - rate * waits.sum())

    assert log_likelihood(rate) > max(log_likelihood(0.95 * rate), log_likelihood(1.05 * rate))


def test_too_few_decisions_are_refused(evidence: HistoryEvidence) -> None:
    early = [row for row in evidence.facts["link_events.csv"] if row["date"] < "2015-06-05"]
    facts = {**evidence.facts, "link_events.csv": early}
    with pytest.raises(
        InputError, match=r"no decision of kind two countries, founding, acc.* after"
    ):
        estimate_links(replace(evidence, facts=facts))
