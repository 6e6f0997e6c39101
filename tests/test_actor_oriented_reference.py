"""The bare actor-oriented mode against an independent simulator in plain Python, on 8 actors."""

import math
import random

import numpy as np
import pytest

from partnersim.actor_oriented import simulate

ACTORS = 8
REPLICATES = 1500
RATE, PERIOD = 6.0, 1.0
DENSITY, CLOSURE, POPULARITY, WEALTH_EFFECT, CULTURE_EFFECT = -0.9, 0.35, 0.08, 0.5, 0.7
WEALTH = [0.9, -0.4, 0.1, -1.1, 0.6, 0.0, 1.3, -0.8]
CULTURE = [[float((i + j) % 3 == 0 and i != j) for j in range(ACTORS)] for i in range(ACTORS)]
START = [(0, 1), (1, 2), (0, 2), (3, 4), (5, 6), (2, 7)]


def value_of_tie(friends: list[set[int]], i: int, j: int) -> float:
    degree = len(friends[j] | {i})
    return (
        DENSITY
        + CLOSURE * len(friends[i] & friends[j])
        + POPULARITY * degree
        + WEALTH_EFFECT * WEALTH[j]
        + CULTURE_EFFECT * CULTURE[i][j]
    )


def play(confirmation: bool, generator: random.Random) -> tuple[list[set[int]], int]:
    """One run: exponential waiting times, one uniform per choice, sets of friends."""
    friends: list[set[int]] = [set() for _ in range(ACTORS)]
    for i, j in START:
        friends[i].add(j)
        friends[j].add(i)
    changes = 0
    time = generator.expovariate(ACTORS * RATE)
    while time < PERIOD:
        i = generator.randrange(ACTORS)
        gains = [
            0.0 if j == i else value_of_tie(friends, i, j) * (-1 if j in friends[i] else 1)
            for j in range(ACTORS)
        ]
        (j,) = generator.choices(range(ACTORS), [math.exp(gain) for gain in gains])
        if j in friends[i]:
            friends[i].remove(j)
            friends[j].remove(i)
            changes += 1
        elif j != i:
            odds = math.exp(value_of_tie(friends, j, i))
            if not confirmation or generator.random() < odds / (1.0 + odds):
                friends[i].add(j)
                friends[j].add(i)
                changes += 1
        time += generator.expovariate(ACTORS * RATE)
    return friends, changes


def described(networks: np.ndarray, changes: np.ndarray) -> dict[str, np.ndarray]:
    """Statistics of every replicate."""
    wide = networks.astype(int)
    degrees = wide.sum(axis=2)
    statistics = {
        "changes": changes.astype(float),
        "ties": degrees.sum(axis=1) / 2,
        "triangles": np.trace(wide @ wide @ wide, axis1=1, axis2=2) / 6,
        "squared degrees": (degrees**2).sum(axis=1).astype(float),
        "wealth": (degrees * np.array(WEALTH)).sum(axis=1),
        "culture": (wide * np.array(CULTURE)).sum(axis=(1, 2)),
    }
    for degree in range(ACTORS):
        statistics[f"degree {degree}"] = (degrees == degree).sum(axis=1).astype(float)
    for actor in range(ACTORS):
        statistics[f"degree of actor {actor}"] = degrees[:, actor].astype(float)
    return statistics


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
@pytest.mark.parametrize("tie_model", ["forcing", "confirmation"])
def test_same_distribution_as_the_plain_simulator(tie_model: str) -> None:
    generator = random.Random(2025)
    plain_networks = np.zeros((REPLICATES, ACTORS, ACTORS), int)
    plain_changes = np.zeros(REPLICATES, int)
    for replicate in range(REPLICATES):
        friends, plain_changes[replicate] = play(tie_model == "confirmation", generator)
        for actor in range(ACTORS):
            plain_networks[replicate, actor, sorted(friends[actor])] = 1

    start = np.zeros((ACTORS, ACTORS), int)
    for i, j in START:
        start[i, j] = start[j, i] = 1
    result = simulate(
        start,
        coefficients={
            "density": DENSITY,
            "shared_partners": CLOSURE,
            "degree_of_alter": POPULARITY,
            "alter.wealth": WEALTH_EFFECT,
            "dyadic.culture": CULTURE_EFFECT,
        },
        alter={"wealth": WEALTH},
        dyadic={"culture": CULTURE},
        rate=RATE,
        period=PERIOD,
        tie_model=tie_model,
        seed=77,
        replicates=4 * REPLICATES,
    )
    plain = described(plain_networks, plain_changes)
    ours = described(result.networks, result.changes)
    for name, values in plain.items():
        error = math.sqrt(values.var() / len(values) + ours[name].var() / len(ours[name]))
        difference = ours[name].mean() - values.mean()
        assert abs(difference) <= 4.0 * error, f"{name}: {difference / error:.1f} standard errors"
