"""The event log played again in plain Python, which refuses whatever the rules do not allow."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from partnersim.model.constants import NETWORK, PATH_STAGES, PATHS, SECURITY, STAGES
from partnersim.model.effect_kinds import KINDS
from partnersim.model.state import State
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World

UNDER_WAY = ("announced", "negotiating", "concluded", "signed")
PRESENT = (*UNDER_WAY, "in_force")


class Replay:
    """The network as the log tells it, from the observed one on.

    Parameters
    ----------
    world, scenario : World, Scenario
    state : State
        Only for the strength of the administrations.
    """

    def __init__(self, world: World, scenario: Scenario, state: State) -> None:
        self.world = world
        self.policy = scenario.policy
        self.phases = scenario.geopolitics.by_phase
        self.iso3 = list(world.countries["iso3"])
        self.ids = list(world.instruments["instrument"])
        off = set(scenario.world.switched_off)
        self.available = {
            (country, name)
            for i, country in enumerate(self.iso3)
            for k, name in enumerate(self.ids)
            if world.arrays.eligible[i, k] and name not in off
        }
        self.stage = {
            (country, name): "none" if name in off else STAGES[world.arrays.stage[i, k]]
            for i, country in enumerate(self.iso3)
            for k, name in enumerate(self.ids)
        }
        self.suspended: set[tuple[str, str]] = set()
        self.links = {
            frozenset((self.iso3[i], self.iso3[j])) for i, j in np.argwhere(world.arrays.links)
        }
        self.banned = {
            code for code, out in zip(self.iso3, world.arrays.kept_out, strict=True) if out == 1.0
        }
        # Instruments let some carry more: at most what all of them together may add.
        ends = world.arrays.effect_ends[world.arrays.effect_kind == list(KINDS).index("capacity")]
        strength = state.countries["administration"] + ends[:, 2].sum()
        most = 1 + np.floor(scenario.behaviour.values()["country_capacity"] * strength)
        self.capacity = dict(zip(self.iso3, most, strict=True))
        self.of_bloc = {
            (self.iso3[i], self.ids[k]): int(world.arrays.bloc[i, k])
            for i, k in np.argwhere(world.arrays.bloc >= 0)
        }
        self.excludes = {
            (self.ids[a], self.ids[b]) for a, b in np.argwhere(world.arrays.excludes == 1)
        }
        self.mixed = dict(zip(self.ids, world.arrays.mixed, strict=True))
        self.effort = dict(zip(self.ids, world.arrays.effort, strict=True))
        self.areas = {name: np.flatnonzero(world.arrays.area[k]) for k, name in enumerate(self.ids)}
        self.order = {
            name: PATH_STAGES[PATHS[path]]
            for name, path in zip(self.ids, world.arrays.path, strict=True)
        }

    def active(self, country: str, name: str) -> bool:
        """Tell whether an instrument is in force and not suspended."""
        pair = (country, name)
        return self.stage[pair] == "in_force" and pair not in self.suspended

    def at_work(self, country: str) -> list[str]:
        """Return the negotiations of a country."""
        pairs = [(country, name) for name in self.ids]
        return [
            pair[1]
            for pair in pairs
            if self.stage[pair] in UNDER_WAY and pair not in self.suspended
        ]

    def direction(self, country: str, name: str) -> str:
        """Return the direction under which a country would take an instrument now."""
        role = self.world.arrays.role[self.ids.index(name)]
        if role == SECURITY:
            return "strengthen"
        if role == NETWORK:
            return "connect"
        held = [self.areas[other] for other in self.ids if self.active(country, other)]
        overlaps = any(np.isin(areas, self.areas[name]).any() for areas in held)
        return "deepen" if overlaps else "broaden"

    def play(self, events: pd.DataFrame) -> None:
        """Follow a log to its end; fail at the first thing that may not happen."""
        turns: Counter[tuple[str, str]] = Counter()
        for event in events.itertuples(index=False):
            country, name = event.iso3, event.instrument
            # What a bloc decides opens for all its members, whoever's turn it is.
            alone = event.event in ("refused", "declined") or (country, name) not in self.of_bloc
            if event.event in ("approached", "refused") and alone:
                turns[event.quarter, country] += 1
            if event.event in ("approached", "refused", "proposed", "declined") and alone:
                load = self.at_work(country)
                assert len(load) < self.capacity[country], f"{country} has its hands full"
            getattr(self, f"_{event.event}")(country, name, event)
        assert all(count == 1 for count in turns.values()), "two turns in a quarter"

    def _asked(self, country: str, name: str, event: Any) -> None:
        pair = (country, name)
        assert pair in self.available, f"{pair} is not eligible"
        assert self.stage[pair] in ("none", "planned"), f"{pair} is under way"
        for group in self.world.arrays.prerequisite[self.ids.index(name)]:
            members = [self.ids[k] for k in group if k >= 0]
            met = [member for member in members if self.active(country, member)]
            assert met or not members, f"{pair} lacks one of {members}"
        for other in self.ids:
            barred = (name, other) in self.excludes and self.stage[country, other] in PRESENT
            assert not barred, f"{country} has {other}, which bars {name}"
        assert event.direction == self.direction(country, name)

    def _approached(self, country: str, name: str, event: Any) -> None:
        self._asked(country, name, event)
        if (country, name) not in self.of_bloc:
            at_work = {
                (self.of_bloc.get((each, other), each), other)
                for each in self.iso3
                for other in self.at_work(each)
            }
            busy = sum(self.effort[other] for _, other in at_work)
            assert busy + self.effort[name] <= self.policy.negotiators, "no negotiators free"
        assert event.stage == self.order[name][0]
        self.stage[country, name] = event.stage

    def _refused(self, country: str, name: str, event: Any) -> None:
        self._asked(country, name, event)

    def _proposed(self, country: str, name: str, event: Any) -> None:
        self._approached(country, name, event)

    def _countered(self, country: str, name: str, event: Any) -> None:
        self._approached(country, name, event)

    def _declined(self, country: str, name: str, event: Any) -> None:
        self._asked(country, name, event)

    def _advanced(self, country: str, name: str, event: Any) -> None:
        pair = (country, name)
        stages = self.order[name]
        assert pair not in self.suspended, f"{pair} is on ice"
        assert event.stage == stages[stages.index(self.stage[pair]) + 1], "a stage was jumped"
        self.stage[pair] = event.stage

    def _suspended(self, country: str, name: str, event: Any) -> None:
        pair = (country, name)
        assert pair not in self.suspended
        assert self.stage[pair] in (*UNDER_WAY, "in_force")
        assert event.stage == self.stage[pair]
        self.suspended.add(pair)

    def _stalled(self, country: str, name: str, event: Any) -> None:
        assert self.stage[country, name] in UNDER_WAY
        self._suspended(country, name, event)

    def _blocked(self, country: str, name: str, event: Any) -> None:
        stage = self.stage[country, name]
        assert stage in ("concluded", "signed")
        assert STAGES.index(stage) <= self.mixed[name], f"{name} does not need all Member States"
        self._suspended(country, name, event)

    def _resumed(self, country: str, name: str, event: Any) -> None:
        self._recovered(country, name, event)

    def _ended(self, country: str, name: str, event: Any) -> None:
        assert (country, name) in self.suspended, "talks end after they have stalled"
        assert event.stage == self.stage[country, name]
        self._gone(country, name)

    def _expired(self, country: str, name: str, event: Any) -> None:
        assert event.stage == self.stage[country, name]
        if event.stage == "in_force":
            self._gone(country, name)
        else:
            assert event.stage in ("concluded", "signed")
            self.stage[country, name] = "negotiating"

    def _superseded(self, country: str, name: str, event: Any) -> None:
        assert event.stage == self.stage[country, name]
        self._gone(country, name)

    def _renewed(self, country: str, name: str, event: Any) -> None:
        assert self.stage[country, name] == "none"
        self.stage[country, name] = "in_force"

    def _gone(self, country: str, name: str) -> None:
        self.stage[country, name] = "none"
        self.suspended.discard((country, name))

    def _recovered(self, country: str, name: str, event: Any) -> None:
        assert event.stage == self.stage[country, name]
        self.suspended.remove((country, name))

    def _linked(self, country: str, name: str, event: Any) -> None:
        assert country != event.other
        assert frozenset((country, event.other)) not in self.links
        self.links.add(frozenset((country, event.other)))

    def _climate(self, country: str, name: str, event: Any) -> None:
        assert event.other.removeprefix("climate ") in self.phases

    def _rival_won(self, country: str, name: str, event: Any) -> None:
        assert event.other in self.world.rival_offers
        assert not event.other.startswith(country), "nobody wins itself"

    def _vendor_banned(self, country: str, name: str, event: Any) -> None:
        assert country not in self.banned, "one ban is enough"
        self.banned.add(country)

    def _shock(self, country: str, name: str, event: Any) -> None:
        assert 0.0 <= event.severity <= 1.0

    def _package(self, country: str, name: object, event: Any) -> None:
        assert event.million_eur > 0
        if isinstance(name, str):
            assert self.active(country, name), "a package joins a framework in force"

    def assert_ends_as(self, state: State) -> None:
        """Fail unless the log leads to the stages, suspensions and links of the state."""
        for i, country in enumerate(self.iso3):
            for k, name in enumerate(self.ids):
                pair = (country, name)
                assert self.stage[pair] == STAGES[state.pairs["stage"][i, k]]
                assert (pair in self.suspended) == bool(state.pairs["suspended"][i, k])
        tied = {frozenset((self.iso3[i], self.iso3[j])) for i, j in np.argwhere(state.linked == 1)}
        assert tied == self.links
