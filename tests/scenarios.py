"""Small worlds and scenarios: the shipped ones, changed in what a test is about.

Changes go through the settings' own constructors, so that what a test plays is what a user may
write. Only coefficients may leave their plausible range.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from partnersim.model.beginning import begin
from partnersim.model.coefficients import GROUPS
from partnersim.model.constants import STAGES
from partnersim.model.state import State
from partnersim.scenario.compile import prepare
from partnersim.scenario.config_files import options
from partnersim.scenario.horizon import Horizon, quarter_label
from partnersim.scenario.scenario import Scenario
from partnersim.scenario.settings import Settings
from partnersim.scenario.shock import ShockType
from partnersim.world.arrays import select
from partnersim.world.tables import Row
from partnersim.world.world import World

#: Coefficients of the utilities that a country weighs.
CHOICE = tuple(name for name in GROUPS["instrument"] if name != "country_capacity")
#: Coefficients that move scores slowly.
SLOW_CHANGE = GROUPS["adaptation"]

#: A shock that does nothing but leave an intensity.
HARMLESS = {
    "description": "leaves an intensity and nothing else",
    "scope": "country",
    "rate": 0.0,
    "severity": {"low": 0.0, "mode": 0.5, "high": 1.0},
    "half_life": 4.0,
}


def changed[Part: Settings](part: Part, **values: Any) -> Part:
    """Return settings with some values changed, validated again."""
    return type(part)(**{**dict(part), **values})


def with_coefficients(scenario: Scenario, **values: float) -> Scenario:
    """Return a scenario with other values of some coefficients."""
    behaviour = scenario.behaviour
    coefficients = dict(behaviour.coefficients)
    for name, value in values.items():
        coefficients[name] = changed(coefficients[name], value=float(value))
    return changed(scenario, behaviour=changed(behaviour, coefficients=coefficients))


def with_choice_only(scenario: Scenario, **values: float) -> Scenario:
    """Return a scenario in which all utilities are zero but for some coefficients.

    The EU agrees to everything and turns to nobody.
    """
    certain = {"consent": 1e6, "initiative_rate": 0.0}
    return with_coefficients(scenario, **{**dict.fromkeys(CHOICE, 0.0), **certain, **values})


def with_policy(scenario: Scenario, **values: Any) -> Scenario:
    """Return a scenario with other levers."""
    return changed(scenario, policy=changed(scenario.policy, **values))


def with_offer(scenario: Scenario, **values: Any) -> Scenario:
    """Return a scenario with another Offer; targeting and mix as dictionaries of weights."""
    offer = scenario.policy.offer
    for name in ("targeting", "mix"):
        if isinstance(values.get(name), dict):
            kind = type(getattr(offer, name))
            weights = {**dict.fromkeys(kind.model_fields, 0.0), **values[name]}
            values[name] = kind(**{key: float(value) for key, value in weights.items()})
    return with_policy(scenario, offer=changed(offer, **values))


def with_climate(scenario: Scenario, **values: Any) -> Scenario:
    """Return a scenario in another climate."""
    return changed(scenario, geopolitics=changed(scenario.geopolitics, **values))


def with_shocks(scenario: Scenario, **shocks: dict[str, Any]) -> Scenario:
    """Return a scenario in which only these shock types exist, at the rates of the catalogue.

    Each is given by what differs from a harmless one.
    """
    catalogue = {name: ShockType(**{**HARMLESS, **fields}) for name, fields in shocks.items()}
    climate = changed(
        scenario.geopolitics, intensity=1.0, intensification=0.0, shocks={}, schedule=()
    )
    return changed(scenario, shocks=catalogue, geopolitics=climate)


def without_shocks(scenario: Scenario) -> Scenario:
    """Return a scenario in which no shock strikes."""
    return with_shocks(scenario)


def without_turns(scenario: Scenario) -> Scenario:
    """Return a scenario in which nobody acts: what was under way goes on, nothing begins."""
    return with_coefficients(scenario, activity_rate=0.0, initiative_rate=0.0)


def without_slow_change(scenario: Scenario) -> Scenario:
    """Return a scenario in which alignment, rival pull and reputation stay where they are."""
    still = with_coefficients(scenario, **dict.fromkeys(SLOW_CHANGE, 0.0))
    return with_climate(still, rival_drift=0.0)


def without_effects(scenario: Scenario) -> Scenario:
    """Return a scenario in which instruments have no effects of their own."""
    return with_coefficients(scenario, **dict.fromkeys(GROUPS["effect"], 0.0))


def for_quarters(scenario: Scenario, quarters: int) -> Scenario:
    """Return a scenario that ends after some quarters."""
    return changed(scenario, horizon=Horizon(start="2025Q3", end=quarter_label(quarters, "2025Q3")))


def with_arrays(world: World, **arrays: Any) -> World:
    """Return a world with other arrays; scalars fill the array."""
    fields = {}
    for name, values in arrays.items():
        old = getattr(world.arrays, name)
        fields[name] = np.ascontiguousarray(np.broadcast_to(values, old.shape), dtype=old.dtype)
    return dataclasses.replace(world, arrays=world.arrays._replace(**fields))


def part_of(world: World, chosen: np.ndarray) -> World:
    """Return some countries of a world as a world of their own, for any scenario."""
    countries = world.countries[chosen].reset_index(drop=True)
    return dataclasses.replace(
        world,
        name="part",
        countries=countries,
        network=world.network[world.network["iso3"].isin(countries["iso3"])].reset_index(drop=True),
        arrays=select(world.arrays, np.flatnonzero(chosen)),
        grounds=None,
        loaded={},
    )


def instrument(world: World, name: str) -> int:
    """Return the number of an instrument."""
    return list(world.instruments["instrument"]).index(name)


def link_step(
    date: str,
    pair: str,
    stage: str,
    agreement: str,
    decision: str = "",
    coding: str = "wide",
) -> Row:
    """Return a row of ``link_events.csv``: a step of two countries, such as ``AUS-JPN``."""
    one, other = pair.split("-")
    cells = {"date": date, "iso3_a": one, "iso3_b": other, "stage": stage}
    cells |= {"agreement": agreement, "decision": decision, "coding": coding}
    return Row("link_events.csv", 1, (), cells)


def without_ties(world: World) -> World:
    """Return a world in which nobody holds, has signed, may take or is linked to anything."""
    return with_arrays(world, stage=0, eligible=0, links=0, signed=0)


def without_rivals(world: World) -> World:
    """Return a world in which no rival supplies or wins anything."""
    return with_arrays(world, rival_supply=0.0, rival_rate=0.0)


def of_partners_without_options(world: World, name: str = "DIGITAL_DIALOGUE") -> World:
    """Return a world in which everybody holds one instrument, so that links are all there is."""
    bare = without_ties(world)
    stage = bare.arrays.stage.copy()
    stage[:, instrument(world, name)] = STAGES.index("in_force")
    return with_arrays(bare, stage=stage)


def begun(world: World, scenario: Scenario, *, seed: int = 1, replicate: int = 0) -> State:
    """Return a state at the observed network."""
    assert scenario.check(world) == []
    state = prepare(world, scenario, 50_000)
    begin(state, seed, replicate)
    return state


POLICIES = options("policy")
CLIMATES = options("geopolitics")
