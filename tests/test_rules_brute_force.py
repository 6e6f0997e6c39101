"""Whole quarters enumerated by hand, in plain Python, against what the rules play.

Links only: no instruments to take, no Offer, no shocks. Every order of turns, every pattern of
activity, every choice and every answer is followed to its end, so the probability of each network
after a quarter is exact. Then one instrument alone, from first approach to entry into force.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from itertools import pairwise, permutations

import numpy as np
import pytest
from scipy import stats

from partnersim import simulate_ensemble, synthetic_world
from partnersim.model.constants import PATH_STAGES, PATHS, STAGES
from partnersim.model.quarter import play_quarter
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World
from scenarios import (
    begun,
    for_quarters,
    instrument,
    of_partners_without_options,
    with_arrays,
    with_choice_only,
    with_coefficients,
    with_offer,
    with_policy,
    without_shocks,
    without_slow_change,
    without_ties,
)

RUNS = 10_000
QUARTERS = 6
CERTAIN = 1e6

Links = frozenset[tuple[int, int]]

#: Utilities of a few units, so that every transition is seen.
LINK_COEFFICIENTS = {
    "link": -1.2,
    "link_shared_partners": 0.9,
    "link_degree_of_alter": 0.4,
    "link_affinity": 1.0,
    "link_distance": -0.7,
    "link_complementarity": 1.5,
    "link_alignment_gap": -1.0,
    "link_programmes": 0.6,
    "link_load": -0.3,
}


def pair(i: int, j: int) -> tuple[int, int]:
    return (min(i, j), max(i, j))


class Enumeration:
    """The exact distribution of networks after a quarter."""

    def __init__(self, world: World, scenario: Scenario, programmes: int) -> None:
        self.world = world
        self.c = scenario.behaviour.values()
        self.programmes = programmes
        self.count = len(world.countries)
        size = world.arrays.size
        rate = self.c["activity_rate"] * np.exp(self.c["activity_size"] * (size - 0.5))
        self.activity = 1 - np.exp(-rate)

    def utility(self, links: Links, i: int, j: int) -> float:
        """Country i's utility of a link to j."""
        c, arrays = self.c, self.world.arrays

        def tied(one: int, other: int) -> bool:
            return pair(one, other) in links

        others = [k for k in range(self.count) if k not in (i, j)]
        degree_of_alter = 1 + sum(tied(j, k) for k in range(self.count) if k != j)
        degree = sum(tied(i, k) for k in range(self.count) if k != i)
        fit = 0.0
        for mine, theirs, my_need, their_need in zip(
            arrays.readiness[i], arrays.readiness[j], arrays.need[i], arrays.need[j], strict=True
        ):
            fit += (mine - theirs) * their_need if mine > theirs else (theirs - mine) * my_need
        return (
            c["link"]
            + c["link_shared_partners"] * sum(tied(i, k) and tied(j, k) for k in others)
            + c["link_degree_of_alter"] * degree_of_alter
            + c["link_affinity"] * arrays.affinity[i, j]
            + c["link_distance"] * arrays.distance[i, j]
            + c["link_complementarity"] * fit / 8
            + c["link_alignment_gap"] * abs(arrays.alignment[i] - arrays.alignment[j])
            + c["link_programmes"] * self.programmes
            + c["link_load"] * degree
        )

    def turn(self, links: Links, i: int) -> dict[Links, float]:
        """Return where country i's turn may lead."""
        after: dict[Links, float] = defaultdict(float)
        after[links] += 1 - self.activity[i]
        partners = [j for j in range(self.count) if j != i and pair(i, j) not in links]
        weights = [math.exp(self.utility(links, i, j)) for j in partners]
        total = 1 + sum(weights)
        after[links] += self.activity[i] / total
        for j, weight in zip(partners, weights, strict=True):
            chance = self.activity[i] * weight / total
            answer = self.utility(links, j, i) + self.c["link_asked"]
            agreed = 1 / (1 + math.exp(-min(answer, 700.0)))
            after[links | {pair(i, j)}] += chance * agreed
            after[links] += chance * (1 - agreed)
        return after

    def quarter(self, start: Links) -> dict[Links, float]:
        """Return the distribution after every country had its turn, in random order."""
        result: dict[Links, float] = defaultdict(float)
        orders = list(permutations(range(self.count)))
        for order in orders:
            reached = {start: 1.0 / len(orders)}
            for i in order:
                following: dict[Links, float] = defaultdict(float)
                for links, chance in reached.items():
                    for after, share in self.turn(links, i).items():
                        following[after] += chance * share
                reached = following
            for links, chance in reached.items():
                result[links] += chance
        return result


def assert_same_distribution(counts: Counter, probabilities: dict) -> None:
    """Chi-square, with outcomes that are too rare to be counted on their own taken together."""
    runs = sum(counts.values())
    assert sum(probabilities.values()) == pytest.approx(1.0, abs=1e-12)
    assert set(counts) <= {outcome for outcome, chance in probabilities.items() if chance > 0}
    common = [outcome for outcome, chance in probabilities.items() if chance * runs >= 5]
    observed = [counts[outcome] for outcome in common]
    expected = [runs * probabilities[outcome] for outcome in common]
    if runs - sum(expected) > 1e-6:
        observed.append(runs - sum(observed))
        expected.append(runs - sum(expected))
    assert len(expected) > 2
    assert stats.chisquare(observed, expected).pvalue > 1e-3


def world_of_partners(countries: int, held: str, links: Links) -> World:
    world = of_partners_without_options(synthetic_world(countries, 5), held)
    array = np.zeros_like(world.arrays.links)
    for i, j in links:
        array[i, j] = array[j, i] = 1
    return with_arrays(world, links=array)


def networks_after(world: World, scenario: Scenario, quarters: int, start: Links) -> Counter[Links]:
    """Return how many of the runs end in each network."""
    ensemble = simulate_ensemble(
        world, for_quarters(scenario, quarters), seed=11, replicates=RUNS, threads=1
    )
    made = ensemble.events[ensemble.events["event"] == "linked"]
    links = {replicate: set(start) for replicate in range(RUNS)}
    for replicate, i, j in zip(
        made["replicate"], made["iso3"].cat.codes, made["other"].cat.codes, strict=True
    ):
        links[replicate].add(pair(int(i), int(j)))
    return Counter(frozenset(network) for network in links.values())


@pytest.mark.parametrize("consent", ["certain", "by utility"])
@pytest.mark.parametrize(
    ("countries", "held", "start"),
    [
        (3, "DIGITAL_DIALOGUE", ()),
        (3, "DIGITAL_DIALOGUE", ((0, 1),)),
        (4, "DIGITAL_PARTNERSHIP_NETWORK", ()),
        (4, "DIGITAL_DIALOGUE", ((0, 1), (1, 2))),
    ],
)
def test_a_quarter_of_links_is_what_enumeration_says(
    scenario: Scenario, countries: int, held: str, start: Links, consent: str
) -> None:
    links = frozenset(start)
    world = world_of_partners(countries, held, links)
    scenario = with_choice_only(
        without_slow_change(without_shocks(scenario)),
        activity_rate=1.2,
        activity_size=0.5,
        link_asked=CERTAIN if consent == "certain" else 0.8,
        **LINK_COEFFICIENTS,
    )
    role = world.arrays.role[instrument(world, held)]
    programmes = 1 if role == 1 else 0
    expected = Enumeration(world, scenario, programmes).quarter(links)
    assert_same_distribution(networks_after(world, scenario, 1, links), expected)


def test_two_quarters_of_links_are_a_markov_chain(scenario: Scenario) -> None:
    world = world_of_partners(3, "DIGITAL_DIALOGUE", frozenset())
    scenario = with_choice_only(
        without_slow_change(without_shocks(scenario)),
        activity_rate=0.5,
        link_asked=0.0,
        **LINK_COEFFICIENTS,
    )
    enumeration = Enumeration(world, scenario, 0)
    expected: dict[Links, float] = defaultdict(float)
    for middle, chance in enumeration.quarter(frozenset()).items():
        for end, share in enumeration.quarter(middle).items():
            expected[end] += chance * share
    assert_same_distribution(networks_after(world, scenario, 2, frozenset()), expected)


#: One instrument of each path, none of them with prerequisites.
BY_PATH = {
    "political": "DIGITAL_DIALOGUE",
    "treaty": "FTA",
    "programme": "HORIZON",
    "project": "CYBER_CAPACITY",
}


@pytest.mark.parametrize("path", PATHS)
def test_one_instrument_goes_its_way_as_calculated(scenario: Scenario, path: str) -> None:
    """Activity, choice, consent and the hazards of the stages, as a chain of six quarters."""
    world = without_ties(synthetic_world(3, 2))
    k = instrument(world, BY_PATH[path])
    arrays = world.arrays
    assert PATHS[arrays.path[k]] == path
    assert (arrays.prerequisite[k] < 0).all()
    eligible = arrays.eligible.copy()
    eligible[1, k] = 1
    world = with_arrays(world, eligible=eligible, cost=0.0)
    negotiators = 20
    scenario = with_policy(scenario, negotiators=negotiators, openness=0.4)
    # Without money readiness stays; nothing costs any.
    scenario = with_offer(without_slow_change(without_shocks(scenario)), envelope=0.0)
    scenario = with_coefficients(
        scenario,
        **{"activity_rate": 0.9, "deepen": 0.5, "broaden": -0.5, "connect": 0.2},
        **{"strengthen": 0.3, "consent": 0.3},
    )
    c = scenario.behaviour.values()

    covered = arrays.area[k] == 1
    firm = arrays.binding[k] / 4
    threat = arrays.threat[1, covered]
    security = (arrays.role[k] == 2) | np.isin(np.flatnonzero(covered), [2, 3])
    direction = "strengthen" if arrays.role[k] == 2 else "broaden"
    utility = (
        c[direction]
        + c["need"] * arrays.need[1, covered].mean()
        + c["readiness"] * arrays.readiness[1, covered].mean()
        + c["alignment"] * (arrays.alignment[1] - 0.5) * firm
        + c["long_step"] * firm
        + c["economic_size"] * arrays.size[1]
        + c["rival"] * arrays.rival[1, covered].mean()
        + c["threat_security"] * (threat * security).mean()
        + c["threat_elsewhere"] * (threat * ~security).mean()
    )
    agreed = (
        c["consent"]
        + c["consent_size"] * arrays.size[1]
        + c["consent_alignment"] * (arrays.alignment[1] - 0.6)
    )
    active = 1 - math.exp(
        -c["activity_rate"] * math.exp(c["activity_size"] * (arrays.size[1] - 0.5))
    )
    logistic = [1 / (1 + math.exp(-value)) for value in (utility, agreed)]
    opens = active * logistic[0] * logistic[1]

    stages = [STAGES.index(name) for name in PATH_STAGES[path]]
    busy = arrays.effort[k] / negotiators
    moves = {}
    for name in PATH_STAGES[path][:-1]:
        hazard = c[f"hazard_{path}_{name}"] * math.exp(
            c["hazard_alignment"] * (arrays.alignment[1] - 0.5)
            + c["hazard_binding"] * (firm - 0.5)
            + c["hazard_threat"] * threat.mean()
            + c["hazard_busy"] * busy
        )
        moves[STAGES.index(name)] = 1 - math.exp(-hazard)

    chances = np.zeros(len(STAGES))
    chances[0] = 1.0
    for _ in range(QUARTERS):
        # Who opens a negotiation may see it advance in the same quarter.
        begins = chances[0] * opens
        chances[0] -= begins
        chances[stages[0]] += begins
        before = chances.copy()
        for stage, following in pairwise(stages):
            chances[stage] -= before[stage] * moves[stage]
            chances[following] += before[stage] * moves[stage]

    ensemble = simulate_ensemble(
        world, for_quarters(scenario, QUARTERS), seed=21, replicates=RUNS, threads=1
    )
    moved = ensemble.events[ensemble.events["event"].isin(["approached", "advanced"])]
    assert set(moved["instrument"]) == {BY_PATH[path]}
    reached = moved.groupby("replicate")["stage"].last().cat.codes
    counts = Counter(int(stage) for stage in reached)
    counts[0] = RUNS - len(reached)
    assert_same_distribution(counts, dict(enumerate(chances)))


def test_the_eu_without_free_negotiators_declines_everything(scenario: Scenario) -> None:
    world = synthetic_world(3, 2)
    scenario = with_policy(without_shocks(scenario), negotiators=0)
    scenario = with_choice_only(scenario, consent=CERTAIN, link=-CERTAIN)
    state = begun(world, scenario)
    for _ in range(20):
        play_quarter(state)
    log = state.events[: int(state.union["events"][0])]
    assert (log[:, 1] != 0).all(), "an approach was accepted"
    assert (log[:, 1] == 1).sum() > 10
