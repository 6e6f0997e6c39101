"""Estimate whom actors choose: the coordination model of dynamic network actors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from partnersim.arrays import Floats
from partnersim.errors import InputError
from partnersim.events.effect import Effect
from partnersim.events.estimates import Estimates, standard_errors
from partnersim.events.event_data import EventData
from partnersim.events.moments import check_choice_effects, check_effects, replay
from partnersim.events.probability import Batch, Evaluation, batches, evaluate
from partnersim.events.scoring import maximise

#: Statistics up to this size in bytes are kept; more are computed anew at every step.
_MOST_BYTES = 2**29


@dataclass(frozen=True)
class Fit(Estimates):
    """Estimates of the coordination model, and what they were made from."""

    event_log_likelihood: Floats
    """(events,) log P of every dependent event, in order."""
    data: EventData
    dependent: str
    effects: tuple[Effect, ...]


@dataclass(frozen=True)
class Likelihood:
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


class Choices:
    """What every dependent event had to choose from, to be gone through again and again."""

    def __init__(self, data: EventData, dependent: str, effects: Sequence[Effect]) -> None:
        check_effects(data, dependent, effects)
        check_choice_effects(effects)
        self._model = data, dependent, effects
        times = {change.time for change in data.changes if data.is_event(change, dependent)}
        size = 12 * len(times) * len(effects) * len(data.labels) ** 2
        self._kept = tuple(self._made()) if size <= _MOST_BYTES else None

    def __iter__(self) -> Iterator[Batch]:
        return self._made() if self._kept is None else iter(self._kept)

    def _made(self) -> Iterator[Batch]:
        return batches(replay(*self._model))

    def evaluate(self, coefficients: Floats) -> Evaluation:
        """Return the log-likelihood of every event, the score and the information."""
        parts = [evaluate(batch, coefficients) for batch in self]
        return Evaluation(
            np.concatenate([part.events for part in parts]),
            np.sum([part.score for part in parts], axis=0),
            np.sum([part.information for part in parts], axis=0),
        )

    def scale(self) -> Floats:
        """Return the largest absolute value of every statistic, (K,)."""
        return np.max([np.abs(batch.statistics).max(axis=(1, 2, 3)) for batch in self], axis=0)


def fit(data: EventData, dependent: str, effects: Sequence[Effect]) -> Fit:
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

    Returns
    -------
    Fit
        Estimates by Fisher scoring with analytic score and information. Standard errors come from
        the inverse information. ``converged`` is False if 200 steps did not suffice.

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
    choices = Choices(data, dependent, effects)
    names = tuple(effect.name for effect in effects)

    def objective(coefficients: Floats) -> tuple[float, Floats, Floats]:
        events, score, information = choices.evaluate(coefficients)
        return float(events.sum()), score, information

    end = maximise(objective, np.zeros(len(names)), names, choices.scale())
    events = choices.evaluate(end.coefficients).events
    return Fit(
        names=names,
        estimates=end.coefficients,
        standard_errors=standard_errors(end.information),
        log_likelihood=end.log_likelihood,
        score=end.score,
        information=end.information,
        events=len(events),
        converged=end.converged,
        steps=end.steps,
        event_log_likelihood=events,
        data=data,
        dependent=dependent,
        effects=tuple(effects),
    )


def log_likelihood(
    data: EventData, dependent: str, effects: Sequence[Effect], b: ArrayLike
) -> Likelihood:
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
    Likelihood
        In total and per event, with score and information.

    Raises
    ------
    InputError
        As in `fit`, or if the coefficients are not K finite numbers.
    """
    choices = Choices(data, dependent, effects)
    coefficients = as_coefficients(b)
    if coefficients.shape != (len(effects),) or not np.isfinite(coefficients).all():
        raise InputError(f"b: must be {len(effects)} finite numbers, one per effect")
    events, score, information = choices.evaluate(coefficients)
    return Likelihood(float(events.sum()), events, score, information)


def as_coefficients(given: ArrayLike) -> Floats:
    """Return coefficients as an array; of no use, and so of no right shape, if not numbers."""
    try:
        return np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        return np.empty((0, 0))
