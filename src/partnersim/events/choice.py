"""Estimate whom actors choose: the coordination model of dynamic network actors."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from partnersim.arrays import Floats
from partnersim.errors import InputError, refuse
from partnersim.events.derivatives import choices_of, go_through, summed
from partnersim.events.effects import Effect
from partnersim.events.estimates import Estimates, sandwich
from partnersim.events.event_data import EventData
from partnersim.events.maximum import Point, Search, as_coefficients, fixed_among, maximise
from partnersim.events.progress import Progress
from partnersim.events.replay import Stretch, check_model, dependent_events, stretches
from partnersim.events.tables import count_problems

#: Statistics up to this size in bytes are kept; more are computed anew at every step.
_MOST_BYTES = 2**29
DEFAULT_SEARCH = Search()


@dataclass(frozen=True)
class Fit(Estimates):
    """Estimates of the coordination model, and what they were made from."""

    event_log_likelihood: Floats
    """(events,) log P of every dependent event, in order, times its weight."""
    event_scores: Floats
    """(K, events) derivative of each of them."""
    data: EventData
    dependent: str
    effects: tuple[Effect, ...]

    def robust_errors(self, clusters: Sequence[Any] | None = None) -> Floats:
        """Return standard errors that hold even if events of one cluster depend on each other.

        See `partnersim.events.estimates.sandwich`.

        Parameters
        ----------
        clusters : sequence, optional
            A label of each event, in order, such as a year or a decision; every event is a
            cluster of its own if left out.

        Returns
        -------
        (K,) array
            NaN for fixed coefficients.

        Raises
        ------
        InputError
            If there is not one label per event, or only one cluster.
        """
        labels = list(range(self.events)) if clusters is None else list(clusters)
        if len(labels) != self.events:
            raise InputError(f"clusters: {len(labels)} labels for {self.events} events")
        if pd.Series(labels).nunique(dropna=False) < 2:
            raise InputError("clusters: give two or more")
        variance = np.diag(sandwich(self.covariance, self.event_scores.T, labels))
        return np.where(self.free, np.sqrt(variance), np.nan)

    def explained(self) -> tuple[Any, ...]:
        """Return which events the model explains."""
        return self.data.labels, dependent_events(self.data, self.dependent)

    def outliers(self, count: int = 10) -> pd.DataFrame:
        """Return the events that the model expected least, the least expected first.

        Returns
        -------
        DataFrame
            ``time, sender, receiver, value`` and ``log_likelihood``, by number of the event.
        """
        refuse(count_problems("count", count, 1))
        return self._explained_table().nsmallest(count, "log_likelihood")

    def change_points(self, least: int = 10) -> pd.DataFrame:
        """Return the events from which on the model explains better, or worse, than before.

        Stretches of events differ in their mean log P: the partition with the smallest sum of
        squares / v + 2 log(events) per change, v the variance that neighbouring events show.

        Parameters
        ----------
        least : int, default 10
            Events in a stretch, 2 or more.

        Returns
        -------
        DataFrame
            The first event of every stretch but the first one, as `outliers` shows events, with
            ``mean_before`` and ``mean_after``.

        References
        ----------
        Killick, Fearnhead and Eckley (2012), Optimal detection of changepoints with a linear
        computational cost. doi:10.1080/01621459.2012.737745
        """
        refuse(count_problems("least", least, 2))
        logs = self.event_log_likelihood
        variance = max(float(np.diff(logs).var() / 2), 1e-12)
        sums, squares = (np.r_[0.0, np.cumsum((logs - logs.mean()) ** power)] for power in (1, 2))
        best = np.full(len(logs) + 1, np.inf)
        best[0] = -2 * math.log(len(logs))
        last = np.zeros(len(logs) + 1, np.int64)
        for end in range(least, len(logs) + 1):
            start = np.arange(end - least + 1)
            within = squares[end] - squares[start] - (sums[end] - sums[start]) ** 2 / (end - start)
            cost = best[start] + within / variance + 2 * math.log(len(logs))
            last[end] = int(cost.argmin())
            best[end] = cost[last[end]]
        ends = [len(logs)]
        while ends[-1] > 0:
            ends.append(int(last[ends[-1]]))
        means = [logs[a:b].mean() for b, a in pairwise(ends)][::-1]
        table = self._explained_table().iloc[ends[-2:0:-1]]
        return table.assign(mean_before=means[:-1], mean_after=means[1:])

    def _explained_table(self) -> pd.DataFrame:
        table = self.data.table_of(dependent_events(self.data, self.dependent))
        return table.assign(log_likelihood=self.event_log_likelihood)


@dataclass(frozen=True)
class LogLikelihood:
    """The likelihood of given coefficients; ``float()`` of it is the log-likelihood."""

    log_likelihood: float
    event_log_likelihood: Floats
    """(events,) log P of every dependent event, in order."""
    score: Floats
    """(K,) derivative of the log-likelihood."""
    information: Floats
    """(K, K) sum over events of the covariance of d under P."""

    def __float__(self) -> float:
        return self.log_likelihood


class _Occasions:
    """What every dependent event had to choose from, to be gone through again and again."""

    def __init__(
        self,
        data: EventData,
        dependent: str,
        effects: Sequence[Effect],
        progress: Progress,
        weights: ArrayLike | None = None,
    ) -> None:
        check_model(data, dependent, effects)
        self._model = data, dependent, effects
        self._progress = progress
        self._total = sum(data.is_event(change, dependent) for change in data.changes)
        self._weights = np.ones(self._total)
        if weights is not None:
            self._weights = as_coefficients(weights, self._total, "weights", "event")
            if not (self._weights > 0).all():
                raise InputError(f"weights: must be {self._total} numbers above 0, one per event")
        self._kept: list[Stretch] | None = []
        self.scale: Floats = np.zeros(len(effects))
        """(K,) largest absolute value of every statistic."""
        for stretch in self._stretches():
            choosing = stretch.entries[:, 0] < len(effects)
            np.maximum.at(
                self.scale, stretch.entries[choosing, 0], np.abs(stretch.values[choosing])
            )
            if self._kept is not None:
                self._kept.append(stretch)
                if sum(each.nbytes for one in self._kept for each in one) > _MOST_BYTES:
                    self._kept = None

    def _stretches(self) -> Iterator[Stretch]:
        """Yield the history bit by bit; say now and then how many events have been gone through."""
        done = 0
        for stretch in self._kept or stretches(*self._model):
            yield stretch
            done += len(stretch.ends)
            self._progress.within(f"{done:,} of {self._total:,} events")

    def evaluate(self, coefficients: Floats) -> tuple[Point, Floats, Floats]:
        """Return the likelihood, and log P (E,) and score (K, E) of every event."""
        data, _, effects = self._model
        choices = choices_of(len(effects), len(data.labels), coefficients)
        logs, scores = np.empty(self._total), np.empty((self._total, len(effects)))
        done = 0
        for stretch in self._stretches():
            here = slice(done, done + len(stretch.ends))
            go_through(choices, stretch, self._weights[here], logs[here], scores[here])
            done = here.stop
        information, more = summed(choices)
        scores = np.ascontiguousarray(scores.T)
        whole = Point(float(logs.sum()), scores.sum(axis=1), information, information + more)
        return whole, logs, scores


def fit(
    data: EventData,
    dependent: str,
    effects: Sequence[Effect],
    *,
    fixed: Mapping[Effect, float] | None = None,
    weights: ArrayLike | None = None,
    search: Search = DEFAULT_SEARCH,
) -> Fit:
    """Estimate the coordination model by maximum likelihood.

    Two actors agree on a tie: P(i, j) = p(i->j) p(j->i) / sum over present k < l of
    p(k->l) p(l->k), with p(i->j) the multinomial logit of i among the other present actors.

    Parameters
    ----------
    data : EventData
        The history.
    dependent : str
        Network whose increments of +1 are explained.
    effects : sequence of Effect
        What actors look at.
    fixed : mapping of Effect to float, optional
        Coefficients that are not estimated but have this value.
    weights : (events,) array, optional
        How much each dependent event counts, in order of time and, within an instant, as given;
        1 if left out. Events of one decision may share the weight of one.
    search : Search
        Where to start, when to end, whether to show progress.

    Returns
    -------
    Fit
        Estimates by Newton's method with analytic derivatives. Standard errors come from the
        inverse of the expected information. ``converged`` is False if the steps did not suffice.

    Raises
    ------
    InputError
        If the model does not fit the data, an absent actor takes part in an event, or effects are
        constant, collinear or without a finite estimate.

    References
    ----------
    Stadtfeld, Hollway and Block (2017), Dynamic network actor models: investigating coordination
    ties through time. Sociological Methodology 47(1). doi:10.1177/0081175017709295
    """
    progress = Progress(search.progress)
    occasions = _Occasions(data, dependent, effects, progress, weights)
    free, values = fixed_among(effects, fixed)
    names = [effect.name for effect in effects]

    def likelihood(coefficients: Floats) -> Point:
        return occasions.evaluate(coefficients)[0]

    found = maximise(likelihood, names, values, free, occasions.scale, search, progress)
    _, logs, scores = occasions.evaluate(found["estimates"])
    return Fit(
        **found,
        events=len(logs),
        event_log_likelihood=logs,
        event_scores=scores,
        data=data,
        dependent=dependent,
        effects=tuple(effects),
    )


def log_likelihood(
    data: EventData, dependent: str, effects: Sequence[Effect], b: ArrayLike
) -> LogLikelihood:
    """Return the log-likelihood of the coordination model at given coefficients.

    Parameters
    ----------
    data : EventData
        The history.
    dependent : str
        Network whose increments of +1 are explained.
    effects : sequence of Effect
        What actors look at.
    b : (K,) array
        Coefficients, in the order of the effects.

    Returns
    -------
    LogLikelihood
        In total and per event, with score and information.

    Raises
    ------
    InputError
        As in `fit`, or if the coefficients are not K finite numbers.
    """
    occasions = _Occasions(data, dependent, effects, Progress())
    whole, logs, _ = occasions.evaluate(as_coefficients(b, len(effects), "b"))
    return LogLikelihood(whole.log_likelihood, logs, whole.score, whole.information)
