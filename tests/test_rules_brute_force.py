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
from partnersim.model.constants import (
    EVENT_KIND,
    EVENTS,
    OPENINGS,
    PATH_STAGES,
    PATHS,
    ROLES,
    STAGES,
)
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
    without_rivals,
    without_shocks,
    without_slow_change,
    without_ties,
)

RUNS = 10_000
QUARTERS = 6
BEGUN = (*OPENINGS, "refused", "declined")


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
    assert stats.chisquare(observed, expected).pvalue > 1e-4


#: One instrument of each path, none of them with prerequisites.
BY_PATH = {
    "political": "DIGITAL_DIALOGUE",
    "treaty": "FTA",
    "programme": "HORIZON",
    "project": "CYBER_CAPACITY",
}


def chances_by_brute_force(
    opens: float,
    stages: list[int],
    advance: dict[int, float],
    stall: dict[int, float],
    resume: float,
    end: float,
    wait: int,
    retry: int,
    waits: dict[int, int],
) -> dict[tuple[str, int], float]:
    """Where a pair stands after six quarters, from hazards per quarter, as a chain.

    Whoever reaches a stage stays there for the quarters of ``waits`` at least.
    """
    never, waiting, moving = 1.0, Counter(), Counter()
    #: By stage and the quarter from which they may be resumed.
    stalled = Counter()
    #: Of those that move, the ones that cannot yet, by stage and the quarter from which they may.
    early = Counter()
    for quarter in range(1, QUARTERS + 1):
        # Who opens a negotiation may see it advance in the same quarter.
        again = waiting.pop(quarter, 0.0)
        moving[stages[0]] += opens * (never + again)
        never *= 1.0 - opens
        waiting[quarter + 1] += again * (1.0 - opens)
        before = Counter(stalled)
        # A stage a month may be passed: advancing and stalling compete at each.
        for _ in range(3):
            for stage, following in reversed(list(pairwise(stages))):
                total = advance[stage] + stall[stage]
                still = sum(of for (at, due), of in early.items() if at == stage and due > quarter)
                leaves = (moving[stage] - still) * (1.0 - math.exp(-total / 3))
                moving[stage] -= leaves
                moving[following] += leaves * advance[stage] / total
                early[following, quarter + waits[following]] += leaves * advance[stage] / total
                stalled[stage, quarter + wait] += leaves * stall[stage] / total
        for (stage, due), chance in before.items():
            resumes = resume if quarter >= due else 0.0
            # What is signed is not given up.
            ends = 0.0 if stage == STAGES.index("signed") else end
            leaves = chance * (1.0 - math.exp(-(resumes + ends)))
            if leaves > 0.0:
                stalled[stage, due] -= leaves
                moving[stage] += leaves * resumes / (resumes + ends)
                waiting[quarter + retry] += leaves * ends / (resumes + ends)
    return {
        ("never", 0): never,
        ("ended", 0): sum(waiting.values()),
        **{("moving", stage): moving[stage] for stage in stages},
        **{
            ("stalled", stage): sum(of for (at, _), of in stalled.items() if at == stage)
            for stage in stages[:-1]
        },
    }


@pytest.mark.parametrize("initiative", [0.0, 0.4])
@pytest.mark.parametrize("path", PATHS)
def test_one_instrument_goes_its_way_as_calculated(
    scenario: Scenario, path: str, initiative: float
) -> None:
    """Activity, proposals, choice, consent, stages, stalls and ends, as a chain of six quarters."""
    world = without_rivals(without_ties(synthetic_world(3, 2)))
    k = instrument(world, BY_PATH[path])
    arrays = world.arrays
    assert PATHS[arrays.path[k]] == path
    assert (arrays.prerequisite[k] < 0).all()
    eligible = arrays.eligible.copy()
    eligible[1, k] = 1
    # Effects of instruments and countries are known: no luck of the run in them.
    known = {
        name: getattr(arrays, name) * np.eye(getattr(arrays, name).shape[1])[0]
        for name in (
            *("opening", "opening_by_size", "opening_by_wealth", "opening_by_country"),
            *("opening_by_region", "speed"),
        )
    }
    world = with_arrays(world, eligible=eligible, cost=0.0, **known)
    negotiators, wait, retry = 20, 3, 2
    scenario = with_policy(scenario, negotiators=negotiators, openness=0.4)
    # Without money readiness stays; nothing costs any.
    scenario = with_offer(without_slow_change(without_shocks(scenario)), envelope=0.0)
    scenario = with_coefficients(
        scenario,
        **{"activity_rate": 0.9, "deepen": 0.5, "broaden": -0.5, "connect": 0.2},
        **{"strengthen": 0.3, "consent": 0.3, "hazard_concluded_stall": 0.25},
        **{"hazard_resume": 0.4, "hazard_end": 0.3, "retry_quarters": retry + 0.9},
        stall_quarters=wait + 0.5,
        **{"talks_quarters": 0.5, "treaty_quarters": 2.5},
        **{f"hazard_{path}_stall": 0.15, "initiative_rate": initiative, "acceptance": 2.0},
        **{"initiative_summit": 0.0, "usual_offer": 0.0},
    )
    c = scenario.behaviour.values()

    covered = arrays.area[k] == 1
    firm = arrays.binding[k] / 4
    threat = arrays.threat[1, covered]
    security = (arrays.role[k] == 2) | np.isin(np.flatnonzero(covered), [2, 3])
    direction = "strengthen" if arrays.role[k] == 2 else "broaden"
    pooled = (
        arrays.opening[k, 0]
        + arrays.opening_by_size[k, 0] * (arrays.size[1] - 0.5)
        + arrays.opening_by_wealth[k, 0] * (arrays.wealth[1] - 0.5)
        + arrays.opening_by_country[1, 0]
    )
    # What ties groups of partners is not a matter of one partner alone.
    if arrays.role[k] != ROLES.index("network"):
        pooled += arrays.opening_by_region[arrays.region[1], 0]
    utility = (
        c[direction]
        + c["need"] * arrays.need[1, covered].mean()
        + c["readiness"] * arrays.readiness[1, covered].mean()
        + c["alignment"] * (arrays.alignment[1] - 0.5) * firm
        + c["long_step"] * firm
        + c["economic_size"] * arrays.size[1]
        + c["threat_security"] * (threat * security).mean()
        + c["threat_elsewhere"] * (threat * ~security).mean()
        + c["pooled_effects"] * pooled
    )
    worth = c["consent_size"] * arrays.size[1] + c["consent_alignment"] * (
        arrays.alignment[1] - 0.6
    )
    # Nobody else negotiates: no negotiator is at work.
    worth -= c["consent_busy"] * c["usual_busy"]
    value = ((1 + arrays.binding[k]) / 5) ** 2 * (arrays.size[1] + arrays.alignment[1]) / 2
    agreed = worth + c["consent"] + c["consent_value"] * value
    active = 1 - math.exp(
        -c["activity_rate"] * math.exp(c["activity_size"] * (arrays.size[1] - 0.5))
    )
    consent, accepted = (
        1 / (1 + math.exp(-value)) for value in (agreed, utility + c["acceptance"])
    )
    asks, offers = math.exp(utility) * consent, math.exp(agreed) * accepted
    asked = active * asks / (1 + asks) * consent
    visit = initiative * math.exp(worth - 0.5 * c["consent_size"])
    proposed = (1 - math.exp(-visit)) * offers / (1 + offers) * accepted
    opens = 1 - (1 - asked) * (1 - proposed)

    stages = [STAGES.index(name) for name in PATH_STAGES[path]]
    busy = arrays.effort[k] / negotiators
    faster = math.exp(
        c["hazard_alignment"] * (arrays.alignment[1] - 0.5)
        + c["hazard_binding"] * (firm - 0.5)
        + c["hazard_threat"] * threat.mean()
        + c["hazard_busy"] * (busy - c["usual_busy"])
        + c["hazard_direct"] * arrays.direct[k]
        + c["pooled_effects"] * arrays.speed[k, 0]
    )
    advance, stall = {}, {}
    for name in PATH_STAGES[path][:-1]:
        advance[STAGES.index(name)] = c[f"hazard_{path}_{name}"] * faster
        late = name in ("concluded", "signed")
        text = late and path != "project"
        stall[STAGES.index(name)] = c["hazard_concluded_stall" if text else f"hazard_{path}_stall"]
        if name == "signed" and path == "treaty":
            stall[STAGES.index(name)] = 0.0
        if name == "concluded" and path == "treaty":
            assert arrays.mixed[k] == STAGES.index("concluded")
            stall[STAGES.index(name)] += c["hazard_signature_block"]
            advance[STAGES.index(name)] *= math.exp(c["hazard_mixed"])
        if arrays.cable[k]:
            advance[STAGES.index(name)] *= math.exp(c["hazard_cable"])
    # What is under contract is built before it serves; treaties wait for signature and force.
    late = {"treaty": {"concluded": 2, "signed": 2}, "project": {"signed": 1}}.get(path, {})
    waits = Counter({STAGES.index(name): wait for name, wait in late.items()})
    # Nothing else is negotiated within the quarter in which talks begin.
    waits[STAGES.index("negotiating")] = 0 if path == "treaty" else 1
    chances = chances_by_brute_force(
        opens, stages, advance, stall, c["hazard_resume"], c["hazard_end"], wait, retry, waits
    )

    ensemble = simulate_ensemble(
        world, for_quarters(scenario, QUARTERS), seed=22, replicates=RUNS, threads=1
    )
    kinds = ["approached", "proposed", "advanced", "stalled", "blocked", "resumed", "ended"]
    moved = ensemble.events[ensemble.events["event"].isin(kinds)]
    assert set(moved["instrument"]) == {BY_PATH[path]}
    last = moved.groupby("replicate").last()
    stage = last["stage"].cat.codes
    counts = Counter(
        ("ended", 0)
        if event == "ended"
        else ("stalled" if event in ("stalled", "blocked") else "moving", at)
        for event, at in zip(last["event"], stage, strict=True)
    )
    counts["never", 0] = RUNS - len(last)
    assert_same_distribution(counts, chances)


def test_nobody_asks_an_eu_without_free_negotiators(scenario: Scenario) -> None:
    world = synthetic_world(3, 2)
    scenario = with_policy(without_shocks(scenario), negotiators=0)
    scenario = with_coefficients(scenario, consent=1e6)
    state = begun(world, scenario)
    for _ in range(20):
        play_quarter(state)
    log = state.events[: int(state.union["events"][0])]
    assert not np.isin(log[:, EVENT_KIND], [EVENTS.index(name) for name in BEGUN]).any()
