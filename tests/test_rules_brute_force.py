"""Whole quarters enumerated by hand, in plain Python, against what the rules play.

One instrument alone, from first approach to entry into force.
"""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from partnersim import simulate_ensemble, synthetic_world
from partnersim.model.constants import PATH_STAGES, PATHS, STAGES
from partnersim.model.quarter import play_quarter
from partnersim.scenario.scenario import Scenario
from scenarios import (
    begun,
    for_quarters,
    instrument,
    with_arrays,
    with_coefficients,
    with_offer,
    with_policy,
    without_shocks,
    without_slow_change,
    without_ties,
)

RUNS = 10_000
QUARTERS = 6


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
            + c["hazard_busy"] * (busy - c["usual_busy"])
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
    scenario = with_coefficients(scenario, consent=1e6)
    state = begun(world, scenario)
    for _ in range(20):
        play_quarter(state)
    log = state.events[: int(state.union["events"][0])]
    assert (log[:, 1] != 0).all(), "an approach was accepted"
    assert (log[:, 1] == 1).sum() > 10
