"""Simulate event histories from fitted models."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import log_softmax, softmax

from partnersim.arrays import Floats
from partnersim.errors import InputError, refuse
from partnersim.events.changes import TIE_INCREMENT, TIE_REPLACEMENT, Change
from partnersim.events.choice import Fit
from partnersim.events.event_data import EventData
from partnersim.events.maximum import as_coefficients
from partnersim.events.rate import RateFit, observation, rate_statistics
from partnersim.events.replay import Statistics, dependent_events
from partnersim.events.state import HistoryState
from partnersim.events.tables import count_problems

#: A rate that explodes would never end.
_MOST_EVENTS = 100_000


@dataclass(frozen=True)
class History:
    """One history, observed or simulated, for statistics written by users."""

    events: pd.DataFrame
    """Dependent events: time, sender, receiver, value."""
    weights: Floats
    """(n, n) weights of the dependent network at the end."""
    labels: tuple[Any, ...]
    """Labels of the n actors, in the order of the weights."""
    data: EventData
    """The history as data, to be fitted again."""


def simulate(
    fit: Fit,
    *,
    histories: int,
    seed: int,
    rate: RateFit | None = None,
    start: Any = None,
    end: Any = None,
    coefficients: ArrayLike | None = None,
) -> Iterator[History]:
    """Simulate histories from a fitted model, one after another.

    Every other change happens as it was observed. What lowers a tie of the dependent network takes
    away only what is there.

    Parameters
    ----------
    fit : Fit
        Whom actors choose.
    histories : int
        How many histories, 1 or more.
    seed : int
        Seed, 0 to 2**63 - 1. History h is drawn from Philox with seed and h as its key: it is
        the same however many are asked for.
    rate : RateFit, optional
        When somebody acts; only of the process. Without it, events happen at the times observed.
    start, end : number or date, optional
        Observation to simulate; needed with a rate, and only then. What was observed up to the
        start stays, dependent events included.
    coefficients : (K,) array, optional
        Of the effects, instead of the estimates: what if?

    Yields
    ------
    History
        In each, the first end of a simulated tie is the actor listed first in the data: the model
        does not say who began.

    Raises
    ------
    InputError
        If anything given cannot be used.
    """
    if not isinstance(fit, Fit):
        raise InputError(f"fit: {type(fit).__name__} given, must be the result of fit()")
    problems = [*count_problems("histories", histories, 1), *count_problems("seed", seed, 0)]
    if rate is None:
        if start is not None or end is not None:
            problems.append("start, end: only with a rate; else events keep their times")
    else:
        if not isinstance(rate, RateFit) or rate.who != "process":
            problems.append("rate: must be the result of fit_rate(..., who='process')")
        if start is None or end is None:
            problems.append("start, end: needed with a rate")
    refuse(problems)
    b = fit.estimates
    if coefficients is not None:
        b = as_coefficients(coefficients, len(fit.effects), "coefficients")
    between = None if rate is None else observation(fit.data, start, end)
    return (_history(fit, b, rate, between, seed, number) for number in range(histories))


def observed(fit: Fit) -> History:
    """Return what a model was fitted to, in the form of a simulated history."""
    events = dependent_events(fit.data, fit.dependent)
    state = HistoryState(fit.data, fit.data.changes)
    state.advance(math.inf)
    return History(
        fit.data.table_of(events), state.weights(fit.dependent), fit.data.labels, fit.data
    )


class _Recorder(HistoryState):
    """A state that keeps what happened, and takes no more from a tie than is there."""

    def __init__(self, fit: Fit, changes: list[Change], rate: RateFit | None) -> None:
        super().__init__(fit.data, changes, fit.effects + (rate.effects if rate else ()))
        self.dependent = fit.dependent
        self.happened: list[Change] = []

    def apply(self, change: Change) -> None:
        if change.kind == TIE_INCREMENT and change.name == self.dependent:
            there = self.weights(change.name)[change.one, change.other]
            change = change._replace(value=max(change.value, min(-there, 0.0)))
        super().apply(change)
        if change.kind in (TIE_INCREMENT, TIE_REPLACEMENT) and change.name == self.dependent:
            self.happened.append(change)


def _history(
    fit: Fit,
    coefficients: Floats,
    rate: RateFit | None,
    between: tuple[float, float] | None,
    seed: int,
    number: int,
) -> History:
    generator = np.random.Generator(np.random.Philox(key=[seed, number]))
    data, dependent = fit.data, fit.dependent
    kept = [
        change
        for change in data.changes
        if not data.is_event(change, dependent) or (between and change.time <= between[0])
    ]
    state = _Recorder(fit, kept, rate)
    watch = Statistics(data, dependent, fit.effects)
    if rate is None or between is None:
        times: Iterator[float] = iter([event.time for event in dependent_events(data, dependent)])
    else:
        times = _waiting(rate, state, between, generator)
    events: list[Change] = []
    for time, instant in groupby(times):
        state.advance(time)
        state.admit(time)
        here = np.flatnonzero(state.present)
        statistics = [each[np.ix_(here, here)] for each in watch.look(state, time)]
        one, other = np.triu_indices(len(here), 1)
        chances = _tie_chances(np.stack(statistics), coefficients)[one, other]
        # All of one instant are drawn before any of them happens.
        drawn = [_draw(chances, generator) for _ in instant]
        for pair in drawn:
            ends = int(here[one[pair]]), int(here[other[pair]])
            events.append(Change(time, TIE_INCREMENT, dependent, *ends, 1.0))
            state.apply(events[-1])
    state.advance(math.inf)
    others = [
        change
        for change in kept
        if change.name != dependent or change.kind not in (TIE_INCREMENT, TIE_REPLACEMENT)
    ]
    changes = sorted([*state.happened, *others], key=lambda change: change.time)
    history = data.with_changes(changes)
    return History(data.table_of(events), state.weights(dependent), data.labels, history)


def _tie_chances(statistics: Floats, coefficients: Floats) -> Floats:
    """Return P(i, j), (m, m), from s(i, j), (K, m, m)."""
    utility = np.tensordot(coefficients, statistics, 1)
    np.fill_diagonal(utility, -np.inf)
    choice = log_softmax(utility, axis=1)
    return softmax(choice + choice.T)


def _draw(chances: Floats, generator: np.random.Generator) -> int:
    """Return a pair drawn by its chance, by inversion."""
    sums = np.cumsum(chances)
    place = int(np.searchsorted(sums, generator.random() * sums[-1], side="right"))
    return min(place, len(chances) - 1)


def _waiting(
    rate: RateFit, state: HistoryState, between: tuple[float, float], generator: np.random.Generator
) -> Iterator[float]:
    """Return the times of events; the caller lets each happen before asking for the next."""
    now, last = between
    for _ in range(_MOST_EVENTS):
        to_go = generator.standard_exponential()
        while True:
            state.advance(np.nextafter(now, np.inf))
            total = 0.0
            if state.present.sum() > 1:
                statistics = rate_statistics(state, rate.effects, rate.who)
                total = float(np.exp(statistics @ rate.estimates).sum())
            after = min(state.next_time(), last)
            if to_go < total * (after - now):
                now += to_go / total
                break
            if after >= last:
                return
            to_go -= total * (after - now)
            now = after
        yield now
    raise InputError(f"rate: more than {_MOST_EVENTS} events in one history; the rate explodes")
