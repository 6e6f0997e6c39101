"""The only place where the page touches a run's state: small readings and small nudges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from partnersim.model import choice, instrument_utility
from partnersim.model.metrics import metric_names
from partnersim.model.state import State, copied, with_event_capacity
from partnersim.runs.replicate import new_year_ends, run_replicate
from partnersim.scenario.compile import alike, prepare, prepare_again
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World

_EVENT_CAPACITY = 4096


def prepared_run(world: World, scenario: Scenario) -> State:
    """Return a run that nobody has played yet; `own_copy` gives a thread its own."""
    return prepare(world, scenario, _EVENT_CAPACITY)


def prepared_like(
    state: State, world: World, before: Scenario, after: Scenario
) -> tuple[State, Scenario] | None:
    """Return a run of a scenario made from that of another, several times faster than anew.

    Parameters
    ----------
    state : State
        From `prepared_run` of ``before``.
    before, after : Scenario

    Returns
    -------
    State, Scenario
        The run, and ``after`` with the very parts of ``before`` where both are equal. None where
        the two differ in what decides the size of a run.
    """
    if not alike(before, after):
        return None
    same = {
        name: getattr(before, name)
        for name in type(after).model_fields
        if getattr(before, name) == getattr(after, name)
    }
    after = after.model_copy(update=same)
    state = own_copy(state)
    prepare_again(state, world, before, after)
    return state, after


def own_copy(state: State) -> State:
    """Return a run of its own for another thread."""
    return copied(state)


def expected_strikes(state: State) -> float:
    """Return how many random strikes a future holds on average, without those that spread."""
    exposure = state.shock_exposure.sum(axis=1)
    return float((state.shock_rate[:, 1:].sum(axis=1) * exposure).sum())


class Played(NamedTuple):
    """One future: what its quarters were like, and what happened."""

    metrics: NDArray[np.float64]
    """(T + 1, M)"""
    in_force: NDArray[Any]
    """(T, N, K) 1 where the pair is in force at the end of a quarter."""
    depth: NDArray[Any]
    """(T, N, 8)"""
    events: NDArray[np.int32]
    """(E, 9) event log."""


class Player:
    """Plays futures of one scenario in one thread, reusing its memory."""

    def __init__(self, state: State, world: World, quarters: int) -> None:
        self.state = own_copy(state)
        self._metrics = np.zeros((quarters + 1, len(metric_names(world.regions))))
        # Every quarter is noted, as the ensemble notes the ends of years.
        self._rows = np.arange(-1, quarters).astype(np.int64)
        self._notes = new_year_ends(quarters, *state.pairs.shape)

    def play(self, seed: int, replicate: int) -> Played:
        """Play one future; its arrays are overwritten by the next, except the events."""
        while True:
            run_replicate(self.state, seed, replicate, self._rows, self._metrics, self._notes)
            happened = int(self.state.union[0].events)
            if happened <= len(self.state.events):
                break
            self.state = with_event_capacity(self.state, 2 * happened)
        return Played(
            self._metrics,
            self._notes.in_force,
            self._notes.depth,
            self.state.events[:happened].copy(),
        )


def stages(state: State, i: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return stage and suspension of every instrument of country i."""
    return np.asarray(state.pairs["stage"][i]), np.asarray(state.pairs["suspended"][i])


def weighed(state: State, i: int) -> NDArray[np.float64]:
    """Return the utility of every option of country i: instruments, links, holding still."""
    choice.weigh_options(state, i)
    options = state.pairs.shape[1] + state.pairs.shape[0] + 1
    return np.asarray(state.utilities[:options]).copy()


def terms(state: State, i: int, k: int) -> tuple[float, ...]:
    """Return the terms of country i's utility of instrument k, in the order of their names."""
    return tuple(float(term) for term in choice.terms_of(state, i, k))


TERM_NAMES: tuple[str, ...] = instrument_utility.InstrumentTerms._fields


def standing(state: State, i: int) -> dict[str, float]:
    """Return alignment, negotiations under way and at most, and chance of a turn of country i."""
    country = state.countries[i]
    return {
        "alignment": float(state.alignment[i]),
        "load": float(country["load"]),
        "capacity": float(country["capacity"]),
        "activity": float(country["activity"]),
    }


#: What could change a mind: changes one thing that country i sees, by some amount.
Nudge = Callable[[State, int, float], None]


def _areas(field: str) -> Nudge:
    def nudge(state: State, i: int, by: float) -> None:
        scores = state.countries[field]
        scores[i] = np.clip(scores[i] + by, 0.0, 1.0)

    return nudge


def _offer(state: State, i: int, by: float) -> None:
    state.countries["recent"][i] *= by


def _alignment(state: State, i: int, by: float) -> None:
    state.alignment[i] = min(1.0, state.alignment[i] + by)


def _reputation(state: State, i: int, by: float) -> None:
    state.union["reputation"] = np.minimum(1.0, state.union["reputation"] + by)


def _holders(state: State, i: int, by: float) -> None:
    holders = state.pairs["linked_holders"]
    holders[i] = np.minimum(state.degree[i], holders[i] + int(by))


NUDGES: dict[str, tuple[Nudge, float]] = {
    "offer": (_offer, 2.0),
    "alignment": (_alignment, 0.1),
    "readiness": (_areas("readiness"), 0.1),
    "rival": (_areas("rival"), -0.2),
    "threat": (_areas("threat"), 0.2),
    "reputation": (_reputation, 0.1),
    "linked_holders": (_holders, 1.0),
}


def weighed_after(state: State, i: int, nudge: str) -> NDArray[np.float64]:
    """Return what country i would weigh if one thing were different; the run stays as it is."""
    change, by = NUDGES[nudge]
    parts = (state.countries, state.pairs, state.union, state.alignment)
    before = [part.copy() for part in parts]
    try:
        change(state, i, by)
        return weighed(state, i)
    finally:
        for part, old in zip(parts, before, strict=True):
            part[:] = old
