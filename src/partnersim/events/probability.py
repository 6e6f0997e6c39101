"""Probabilities of the coordination model, and the score and information of its coefficients.

u(i, j) = sum_k b_k s_k(i, j); p(i->j) = exp u(i, j) / sum over h != i of exp u(i, h);
P(i, j) = p(i->j) p(j->i) / sum over k < l of p(k->l) p(l->k).

Stadtfeld, Hollway and Block (2017), Dynamic network actor models: investigating coordination ties
through time. Sociological Methodology 47(1). doi:10.1177/0081175017709295
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from partnersim.arrays import Floats, Integers
from partnersim.events.replay import Moment

#: Statistics that are worked on at one time; a few fit into the cache of a processor.
_ELEMENTS = 400_000


class MomentBatch(NamedTuple):
    """Moments with the same number m of present actors."""

    statistics: Floats
    """(K, G, m, m) of G moments."""
    moment: Integers
    """(E,) moment of each event."""
    one: Integers
    """(E,) one end of each event, among present actors."""
    other: Integers
    """(E,) its other end."""


class Derivatives(NamedTuple):
    """Log-likelihood and its derivatives at some coefficients."""

    events: Floats
    """(E,) log P of every event, in order, times its weight."""
    scores: Floats
    """(K, E) derivative of each of them."""
    information: Floats
    """(K, K) expected information: sum over events of the covariance of d under P."""
    curvature: Floats
    """(K, K) observed information: the negative second derivative of the log-likelihood."""


def batches(moments: Iterable[Moment]) -> Iterator[MomentBatch]:
    """Put together following moments that have the same number of present actors."""
    group: list[Moment] = []
    for moment in moments:
        shape = moment.statistics.shape
        if group and (
            shape != group[0].statistics.shape
            or (len(group) + 1) * moment.statistics.size > _ELEMENTS
        ):
            yield _batch(group)
            group = []
        group.append(moment)
    if group:
        yield _batch(group)


def _batch(group: list[Moment]) -> MomentBatch:
    statistics = np.stack([moment.statistics for moment in group], axis=1)
    events = [(number, *ends) for number, moment in enumerate(group) for ends in moment.events]
    return MomentBatch(statistics, *np.array(events, np.int64).T)


def choice_logs(statistics: Floats, coefficients: Floats) -> Floats:
    """Return log p(i->j): (G, m, m) from (K, G, m, m); -infinity on the diagonal."""
    count, moments, actors, _ = statistics.shape
    utility = (coefficients @ statistics.reshape(count, -1)).reshape(moments, actors, actors)
    utility[:, np.arange(actors), np.arange(actors)] = -np.inf
    utility -= utility.max(axis=2, keepdims=True)
    utility -= np.log(np.exp(utility).sum(axis=2, keepdims=True))
    return utility


def tie_logs(choice: Floats) -> Floats:
    """Return log P(i, j), (G, m, m), the same for (j, i), from log p(i->j); -infinity for i = j."""
    both = choice + choice.swapaxes(1, 2)
    both -= both.max(axis=(1, 2), keepdims=True)
    both -= np.log(np.exp(both).sum(axis=(1, 2), keepdims=True) / 2)
    return both


def evaluate(batch: MomentBatch, coefficients: Floats, weights: Floats) -> Derivatives:
    """Return log-likelihood, scores and information of the events of a batch, (E,) weighted.

    With e_k(i) = sum_h p(i->h) s_k(i, h) and d_k(i, j) = s_k(i, j) - e_k(i) + s_k(j, i) - e_k(j),
    the score of an event is d_k(i, j) less its mean under P, the expected information the sum of
    the covariance of d under P. The observed information has, beside it, the covariance C(i) of
    s(i, h) under p(i->h) of both ends, less its mean under P.
    """
    logs = choice_logs(batch.statistics, coefficients)
    choice = np.exp(logs)
    tie = tie_logs(logs)
    chance = np.exp(tie)
    apart = batch.statistics - np.einsum("gij,kgij->kgi", choice, batch.statistics)[..., None]
    pull = apart + apart.swapaxes(2, 3)
    pull -= np.einsum("kgij,gij->kg", pull, chance)[:, :, None, None] / 2
    # Every pair stands in the matrices twice.
    events = np.bincount(batch.moment, weights, minlength=len(choice))
    information = _products(pull, chance * events[:, None, None]) / 2
    # How often each actor was an end of an event, less how often that was to be expected.
    surprise = -events[:, None] * chance.sum(axis=2)
    for ends in (batch.one, batch.other):
        np.add.at(surprise, (batch.moment, ends), weights)
    return Derivatives(
        weights * tie[batch.moment, batch.one, batch.other],
        weights * pull[:, batch.moment, batch.one, batch.other],
        information,
        information + _products(apart, surprise[:, :, None] * choice),
    )


def _products(values: Floats, weights: Floats) -> Floats:
    """Return the weighted sum of products of K values, (K, K)."""
    flat = values.reshape(len(values), -1)
    products = (flat * weights.ravel()) @ flat.T
    return (products + products.T) / 2
