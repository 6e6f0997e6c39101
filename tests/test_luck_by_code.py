"""Luck by code: who joins a world leaves the luck of all others alone."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from partnersim import load_scenario, load_world, simulate
from partnersim.model.draws import NOBODY, draw
from partnersim.model.effect_kinds import KINDS
from partnersim.random.numbers import ACTIVITY, CHOICE, SHOCK_ARRIVAL, STAGE_ADVANCE
from partnersim.scenario.scenario import Scenario
from partnersim.scenario.shock import EffectsOn
from partnersim.world.world import World
from scenarios import (
    begun,
    changed,
    for_quarters,
    with_arrays,
    with_coefficients,
    with_offer,
    with_policy,
)

#: What ties the fates of countries together, by demand, consent, delay and the choice of links.
COUPLINGS = (
    *("diffusion_links", "diffusion_region", "reputation", "consent_busy", "hazard_busy"),
    *("recovery_links", "activity_size", "link_rate", "link_founding_rate", "link_accession_rate"),
)


def without_country(world: World, place: int) -> World:
    """Return a world that lacks one country."""
    kept = np.arange(len(world.countries)) != place
    many = len(kept)
    arrays = {}
    for name, values in world.arrays._asdict().items():
        for axis, length in enumerate(values.shape):
            if length == many:
                values = values.compress(kept, axis)
        arrays[name] = np.ascontiguousarray(values)
    return dataclasses.replace(
        world,
        countries=world.countries[kept].reset_index(drop=True),
        network=world.network[world.network["iso3"] != world.countries["iso3"][place]],
        arrays=world.arrays._replace(**arrays),
    )


def without_instrument(world: World, place: int) -> World:
    """Return a world that lacks one instrument, which nothing else needs."""
    many = len(world.instruments)
    kept = np.arange(many) != place
    arrays = {}
    for name, values in world.arrays._asdict().items():
        for axis, length in enumerate(values.shape):
            if length == many:
                values = values.compress(kept, axis)
        arrays[name] = np.ascontiguousarray(values)
    needed = world.arrays.prerequisite[kept]
    assert not (needed == place).any()
    arrays["prerequisite"] = needed - (needed > place)
    lighter = world.arrays.lighter[kept]
    assert not (lighter == place).any()
    arrays["lighter"] = lighter - (lighter > place)
    text = world.arrays.text.compress(kept, axis=1)
    assert not (text == place).any()
    arrays["text"] = text - (text > place)
    # What it does, and what is done to it, goes with it.
    on = np.array([KINDS[name] for name in np.array(list(KINDS))[world.arrays.effect_kind]])
    on_instrument, target = on == "instrument", world.arrays.effect_target
    left = (world.arrays.effect_of != place) & ~(on_instrument & (target == place))
    for effects in ("effect_of", "effect_kind", "effect_target", "effect_ends", "effect_delay"):
        arrays[effects] = getattr(world.arrays, effects)[left]
    arrays["effect_of"] = arrays["effect_of"] - (arrays["effect_of"] > place)
    arrays["effect_target"] = np.where(
        on_instrument[left] & (target[left] > place), target[left] - 1, target[left]
    )
    name = world.instruments["instrument"][place]
    return dataclasses.replace(
        world,
        instruments=world.instruments[kept].reset_index(drop=True),
        network=world.network[world.network["instrument"] != name],
        arrays=world.arrays._replace(**arrays),
    )


@pytest.fixture(scope="module")
def world() -> World:
    """The world without links: what passes along links couples."""
    return with_arrays(load_world(), links=0, effort=1)


@pytest.fixture(scope="module")
def uncoupled() -> Scenario:
    """A stormy scenario in which no country bears on another."""
    scenario = for_quarters(load_scenario("geopolitics=coercion"), 12)
    scenario = with_coefficients(scenario, **dict.fromkeys(COUPLINGS, 0.0))
    scenario = with_offer(with_policy(scenario, negotiators=2000), envelope=0.0)
    shocks = {
        name: changed(
            shock,
            spread=type(shock.spread)(),
            sources={},
            # One turn keeps others away for a year, whichever is first in the list.
            turn=False,
            # Who is nearer to the EU than its region depends on all of the region.
            strikes="exposed" if shock.strikes == "aligned" else shock.strikes,
            effects=changed(shock.effects, others=EffectsOn()),
        )
        for name, shock in scenario.shocks.items()
    }
    return changed(scenario, shocks=shocks)


def events_of(world: World, scenario: Scenario) -> pd.DataFrame:
    events = simulate(world, scenario, seed=3).events
    columns = ["quarter", "event", "iso3", "instrument", "stage", "shock", "severity"]
    return events[columns].astype(object).where(events[columns].notna(), "")


def those(events: pd.DataFrame, column: str, unlike: str) -> pd.DataFrame:
    """Return the events that are not about a thing, in an order of their own."""
    rows = events[events[column] != unlike]
    return rows.sort_values(list(rows.columns), ignore_index=True)


@pytest.mark.parametrize("place", [0, 57, 168])
def test_a_country_more_leaves_the_events_of_others_alone(
    world: World, uncoupled: Scenario, place: int
) -> None:
    with_it = events_of(world, uncoupled)
    without_it = events_of(without_country(world, place), uncoupled)
    code = world.countries["iso3"][place]
    pd.testing.assert_frame_equal(
        those(with_it, "iso3", code), those(without_it, "iso3", code), check_exact=True
    )
    assert (with_it["iso3"] == code).any()
    assert {"approached", "advanced", "suspended", "shock", "linked"} <= set(with_it["event"])


def test_an_instrument_more_leaves_what_others_do_alone(world: World, uncoupled: Scenario) -> None:
    """Nobody can take or has the new one: then not one event changes."""
    place = next(k for k in range(5, 60) if not (world.arrays.prerequisite == k).any())
    fewer = without_instrument(world, place)
    more = with_arrays(
        world,
        eligible=world.arrays.eligible * (np.arange(len(world.instruments)) != place),
        stage=world.arrays.stage * (np.arange(len(world.instruments)) != place),
    )
    pd.testing.assert_frame_equal(
        events_of(more, uncoupled), events_of(fewer, uncoupled), check_exact=True
    )


def test_a_shock_type_more_leaves_the_strikes_of_others_alone(
    world: World, uncoupled: Scenario
) -> None:
    names = list(uncoupled.shocks)
    fewer = changed(
        uncoupled,
        shocks={name: uncoupled.shocks[name] for name in reversed(names) if name != names[3]},
    )
    one, other = (
        those(
            simulate(world, scenario, seed=3)
            .events.query("event == 'shock'")[["quarter", "iso3", "shock", "severity"]]
            .astype(str),
            "shock",
            names[3],
        )
        for scenario in (uncoupled, fewer)
    )
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    assert len(one) > 100


@pytest.mark.parametrize("place", [0, 57, 168])
def test_draws_are_the_same_in_another_world(world: World, uncoupled: Scenario, place: int) -> None:
    whole, smaller = begun(world, uncoupled), begun(without_country(world, place), uncoupled)
    for other in range(len(smaller.countries)):
        mine = other + (other >= place)
        assert whole.countries[mine].key == smaller.countries[other].key
        for purpose in (CHOICE, STAGE_ADVANCE):
            own, same = (
                draw(state.clock[0], state.countries[i].key, state.instruments[5].key, purpose)
                for state, i in ((whole, mine), (smaller, other))
            )
            assert own == same
        for actor, purpose in ((NOBODY, ACTIVITY), (whole.shocks[2].key, SHOCK_ARRIVAL)):
            own, same = (
                draw(state.clock[0], actor, state.countries[i].key, purpose)
                for state, i in ((whole, mine), (smaller, other))
            )
            assert own == same
