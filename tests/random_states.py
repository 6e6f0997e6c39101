"""States at random: any stages, links and scores that the rules may meet."""

from __future__ import annotations

import numpy as np

from partnersim.model.coefficients import NAMES
from partnersim.model.constants import (
    AREAS,
    DIRECTIONS,
    NONE,
    PATH_STAGES,
    PATHS,
    PLANNED,
    STAGES,
)
from partnersim.model.quarter import play_quarter
from partnersim.model.state import State
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World
from scenarios import begun, changed, with_arrays, with_climate, with_coefficients, with_policy

SCORES = ("alignment", "readiness", "need", "rival", "threat", "business", "size")


def random_world(world: World, draw: np.random.Generator) -> World:
    """Return a world with random scores, stages and links."""
    stage = np.full(world.arrays.stage.shape, NONE)
    for k, path in enumerate(world.arrays.path):
        own = [NONE, PLANNED, *(STAGES.index(name) for name in PATH_STAGES[PATHS[path]])]
        stage[:, k] = draw.choice(own, len(stage), p=_mostly_none(len(own)))
    links = np.triu(draw.random(world.arrays.links.shape) < draw.random(), 1)
    scores = {name: draw.random(getattr(world.arrays, name).shape) for name in SCORES}
    return with_arrays(
        world,
        stage=stage * (world.arrays.eligible == 1),
        links=links | links.T,
        **scores,
    )


def _mostly_none(count: int) -> np.ndarray:
    shares = np.full(count, 0.5 / (count - 2))
    shares[0], shares[-1] = 0.4, 0.1
    return shares / shares.sum()


def random_coefficients(scenario: Scenario, draw: np.random.Generator) -> Scenario:
    """Return a scenario with coefficients from all over their plausible ranges."""
    table = scenario.behaviour.coefficients
    return with_coefficients(
        scenario, **{name: draw.uniform(table[name].low, table[name].high) for name in NAMES}
    )


def random_policy(scenario: Scenario, world: World, draw: np.random.Generator) -> Scenario:
    """Return a scenario with other priorities, capacity and openness."""
    policy = scenario.policy
    return with_policy(
        scenario,
        priorities=changed(
            policy.priorities, **{name: draw.uniform(0.1, 5.0) for name in DIRECTIONS}
        ),
        areas=changed(policy.areas, **{name: draw.uniform(0.0, 3.0) for name in AREAS}),
        regions={name: draw.uniform(0.0, 3.0) for name in draw.choice(world.regions, 5)},
        negotiators=int(draw.integers(0, 2000)),
        openness=draw.random(),
    )


def random_state(world: World, scenario: Scenario, number: int) -> tuple[World, Scenario, State]:
    """Return a state some quarters into a stormy run from a random start."""
    draw = np.random.default_rng(number)
    world = random_world(world, draw)
    scenario = random_policy(random_coefficients(scenario, draw), world, draw)
    scenario = with_climate(scenario, intensity=float(draw.uniform(0.0, 5.0)))
    state = begun(world, scenario, seed=number)
    for _ in range(draw.integers(0, 6)):
        play_quarter(state)
    return world, scenario, state
