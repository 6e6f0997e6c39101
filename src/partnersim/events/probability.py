"""Probabilities of the coordination model, and the score and information of its coefficients.

u(i, j) = sum_k b_k s_k(i, j); p(i->j) = exp u(i, j) / sum over h != i of exp u(i, h);
P(i, j) = p(i->j) p(j->i) / sum over k < l of p(k->l) p(l->k).

Stadtfeld, Hollway and Block (2017), Dynamic network actor models: investigating coordination ties
through time. Sociological Methodology 47(1). doi:10.1177/0081175017709295
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

import numpy as np

from partnersim.arrays import Floats, Integers
from partnersim.events.replay import Moment

#: Statistics that are worked on at one time; a few fit into the cache of a processor.
_ELEMENTS = 400_000


class MomentBatch(NamedTuple):
    """Moments with the same number m of present actors, P = m (m - 1) / 2 pairs."""

    statistics: Floats
    """(K, G, m, m) of G moments."""
    sums: Floats
    """(K, G, P) s_k(i, j) + s_k(j, i)."""
    moment: Integers
    """(E,) moment of each event."""
    pair: Integers
    """(E,) pair of each event."""


class Derivatives(NamedTuple):
    """Log-likelihood and its derivatives at some coefficients."""

    events: Floats
    """(E,) log P of every event, in order."""
    scores: Floats
    """(K, E) derivative of each of them."""
    information: Floats
    """(K, K) expected information: sum over events of the covariance of d under P."""
    curvature: Floats
    """(K, K) observed information: the negative second derivative of the log-likelihood."""


@cache
def pairs(count: int) -> tuple[Integers, Integers]:
    """Return the two ends of all pairs i < j of `count` actors."""
    one, other = np.triu_indices(count, 1)
    return one, other


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
    count = statistics.shape[-1]
    one, other = pairs(count)
    sums = statistics[:, :, one, other] + statistics[:, :, other, one]
    numbers, chosen = [], []
    for number, moment in enumerate(group):
        for ends in moment.events:
            low, high = min(ends), max(ends)
            numbers.append(number)
            chosen.append(low * count - low * (low + 1) // 2 + high - low - 1)
    return MomentBatch(statistics, sums, np.array(numbers), np.array(chosen))


def choice_logs(statistics: Floats, coefficients: Floats) -> Floats:
    """Return log p(i->j): (G, m, m) from (K, G, m, m); -infinity on the diagonal."""
    count, moments, actors, _ = statistics.shape
    utility = (coefficients @ statistics.reshape(count, -1)).reshape(moments, actors, actors)
    utility[:, np.arange(actors), np.arange(actors)] = -np.inf
    utility -= utility.max(axis=2, keepdims=True)
    utility -= np.log(np.exp(utility).sum(axis=2, keepdims=True))
    return utility


def pair_logs(choice: Floats) -> Floats:
    """Return log P of all pairs i < j, (G, P), from log p(i->j)."""
    one, other = pairs(choice.shape[-1])
    both = choice[:, one, other] + choice[:, other, one]
    both -= both.max(axis=1, keepdims=True)
    both -= np.log(np.exp(both).sum(axis=1, keepdims=True))
    return both


def evaluate(batch: MomentBatch, coefficients: Floats) -> Derivatives:
    """Return log-likelihood, scores and information of the events of a batch.

    With e_k(i) = sum_h p(i->h) s_k(i, h) and d_k(i, j) = s_k(i, j) - e_k(i) + s_k(j, i) - e_k(j),
    the score of an event is d_k(i, j) less its mean under P, the expected information the sum of
    the covariance of d under P. The observed information has, beside it, the covariance C(i) of
    s(i, h) under p(i->h) of both ends, less its mean under P.
    """
    _, moments, actors, _ = batch.statistics.shape
    one, other = pairs(actors)
    logs = choice_logs(batch.statistics, coefficients)
    choice = np.exp(logs)
    pair = pair_logs(logs)
    chance = np.exp(pair)
    expected = np.einsum("gij,kgij->kgi", choice, batch.statistics)
    pull = batch.sums - expected[:, :, one]
    pull -= expected[:, :, other]
    pull -= np.einsum("kgp,gp->kg", pull, chance)[:, :, None]
    events = np.bincount(batch.moment, minlength=moments)
    information = _products(pull, chance * events[:, None])
    # How often each actor was an end of an event, less how often that was to be expected.
    surprise = np.zeros((moments, actors))
    for ends in (one, other):
        np.add.at(surprise, (batch.moment, ends[batch.pair]), 1.0)
    mutual = np.zeros((moments, actors, actors))
    mutual[:, one, other] = mutual[:, other, one] = chance
    surprise -= events[:, None] * mutual.sum(axis=2)
    apart = batch.statistics - expected[:, :, :, None]
    return Derivatives(
        pair[batch.moment, batch.pair],
        pull[:, batch.moment, batch.pair],
        information,
        information + _products(apart, surprise[:, :, None] * choice),
    )


def _products(values: Floats, weights: Floats) -> Floats:
    """Return the weighted sum of products of K values, (K, K)."""
    flat = values.reshape(len(values), -1)
    products = (flat * weights.ravel()) @ flat.T
    return (products + products.T) / 2
