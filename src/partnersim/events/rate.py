"""Estimate when somebody acts: exponential waiting times, some of them cut short.

An actor i acts at rate lambda_i = exp(sum_k a_k r_k(i)), r_0 = 1. The log-likelihood is

    sum over events of log lambda - sum over intervals of length x total rate

Every change of the state cuts an interval, and so does the end of the observation: such waiting
times are right-censored, they count as exposure without an event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from partnersim.arrays import Floats
from partnersim.errors import InputError, nearest, refuse
from partnersim.events.choice import DEFAULT_SEARCH
from partnersim.events.effects import Effect
from partnersim.events.estimates import Estimates
from partnersim.events.event_data import EventData
from partnersim.events.maximum import Point, Search, fixed_among, maximise
from partnersim.events.progress import Progress
from partnersim.events.replay import check_model, dependent_events
from partnersim.events.state import HistoryState

WHO = ("process", "sender")
INTERCEPT = "intercept"


@dataclass(frozen=True)
class RateFit(Estimates):
    """Estimates of a rate model."""

    exposure: float
    """Time under observation, summed over present actors if the sender acts."""
    who: str
    effects: tuple[Effect, ...]


def fit_rate(
    data: EventData,
    dependent: str,
    effects: Sequence[Effect] = (),
    *,
    start: Any,
    end: Any,
    who: str = "process",
    fixed: Mapping[Effect, float] | None = None,
    search: Search = DEFAULT_SEARCH,
) -> RateFit:
    """Estimate the rate of dependent events by maximum likelihood.

    Parameters
    ----------
    data : EventData
        The history.
    dependent : str
        Network whose increments of +1 are the events.
    effects : sequence of Effect
        What the rate depends on besides the intercept: Ego, Degree, Triangles, MeanOverPartners.
    start, end : number or date
        Observation: events after the start, up to and including the end, are counted. What
        changes before it sets the state.
    who : str
        ``sender``: every present actor acts at a rate of its own, and the sender of an event is
        the one who acted. ``process``: one rate for all events together; effects are averaged over
        present actors. Use it where the order of the two ends means nothing.
    fixed, search
        See `fit`.

    Returns
    -------
    RateFit
        With the intercept first; exp(intercept) is events per unit of time (per day, if times are
        dates) where all effects are 0.

    Raises
    ------
    InputError
        If the model does not fit the data, or effects are constant, collinear or without a finite
        estimate.
    """
    check_model(data, dependent, effects, rate=True)
    if who not in WHO:
        raise InputError(f"who: unknown {who!r}{nearest(who, WHO)}; allowed are {', '.join(WHO)}")
    first, last = observation(data, start, end)
    progress = Progress(search.progress)
    design, exposure, happened = intervals(data, dependent, effects, first, last, who, progress)
    if not happened.any():
        raise InputError("start, end: no dependent event lies in the observation")
    if not exposure.any():
        raise InputError("start, end: nobody is present during the observation")
    names = (INTERCEPT, *(effect.name for effect in effects))
    at = np.zeros(len(names))
    at[0] = np.log(happened.sum() / exposure.sum())
    free, at[1:] = fixed_among(effects, fixed)

    def objective(coefficients: Floats) -> Point:
        with np.errstate(over="ignore", invalid="ignore"):
            logs = design @ coefficients
            expected = np.exp(logs) * exposure
            value = float(happened @ logs - expected.sum())
            information = (design.T * expected) @ design
            return Point(value, design.T @ (happened - expected), information, information)

    scale = np.abs(design).max(axis=0)
    return RateFit(
        **maximise(objective, names, at, np.r_[True, free], scale, search, progress),
        events=int(happened.sum()),
        exposure=float(exposure.sum()),
        who=who,
        effects=tuple(effects),
    )


def rate_statistics(state: HistoryState, effects: Sequence[Effect], who: str) -> Floats:
    """Return r of every actor, (n, 1 + K), or of the process, (1, 1 + K)."""
    columns = np.ones((len(state.present), 1 + len(effects)))
    for place, effect in enumerate(effects):
        columns[:, place + 1] = effect.actor_statistic(state)
    if who == "sender":
        return columns
    here = columns[state.present]
    return here.mean(axis=0, keepdims=True) if len(here) else np.eye(1, columns.shape[1])


def intervals(
    data: EventData,
    dependent: str,
    effects: Sequence[Effect],
    first: float,
    last: float,
    who: str,
    progress: Progress,
) -> tuple[Floats, Floats, Floats]:
    """Return statistics (rows, 1 + K), exposure (rows,) and events (rows,).

    A row is an interval in which nothing changes, or an instant with an event, of an actor or of
    the process.
    """
    events = [event for event in dependent_events(data, dependent) if first < event.time <= last]
    state = HistoryState(data, data.changes, effects)
    state.advance(np.nextafter(first, np.inf))
    parts: list[tuple[Floats, Floats, Floats]] = []
    waiting = list(reversed(events))
    now = first
    while now < last:
        after = min(state.next_time(), last)
        rows = rate_statistics(state, effects, who)
        at_risk = state.present if who == "sender" else np.array([state.present.sum() > 1])
        parts.append((rows, np.where(at_risk, after - now, 0.0), np.zeros(len(rows))))
        if waiting and waiting[-1].time == after:
            state.admit(after)
            rows = rate_statistics(state, effects, who)
            count = np.zeros(len(rows))
            while waiting and waiting[-1].time == after:
                event = waiting.pop()
                count[event.one if who == "sender" else 0] += 1
            parts.append((rows, np.zeros(len(rows)), count))
            progress.within(f"{len(events) - len(waiting):,} of {len(events):,} events")
        state.advance(np.nextafter(after, np.inf))
        now = after
    design, exposure, happened = map(np.concatenate, zip(*parts, strict=True))
    kept = (exposure > 0) | (happened > 0)
    return design[kept], exposure[kept], happened[kept]


def observation(data: EventData, start: Any, end: Any) -> tuple[float, float]:
    """Return start and end of an observation as numbers, in that order."""
    times, problems = [], []
    for name, given in (("start", start), ("end", end)):
        time, wrong, _ = data.clock.read(pd.Series([given]))
        times.append(float(time[0]))
        problems += [f"{name}: {wrong if isinstance(wrong, str) else wrong[0]}"] if wrong else []
    if not problems and times[0] >= times[1]:
        problems.append(f"end: {end!r} given, must be after the start, {start!r}")
    refuse(problems)
    return times[0], times[1]
