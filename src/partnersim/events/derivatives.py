"""The likelihood of the coordination model and its derivatives, compiled, event after event.

From one event to the next few statistics change: only what they touch is computed anew. Arrays
over pairs are [j, i], of i who chooses j, so that sums over j run through memory and keep their
order.

u(i, j) = sum_k b_k s_k(i, j); p(i->j) = exp u(i, j) / sum over h != i of exp u(i, h);
P(i, j) = p(i->j) p(j->i) / sum over k < l of p(k->l) p(l->k).

With e_k(i) = sum_h p(i->h) s_k(i, h) and d_k(i, j) = s_k(i, j) - e_k(i) + s_k(j, i) - e_k(j), the
score of an event is d_k(i, j) less its mean under P, the expected information the sum of the
covariance of d under P. The observed information has, beside it, the covariance C(i) of s(i, h)
under p(i->h) of both ends, less its mean under P.

Stadtfeld, Hollway and Block (2017), Dynamic network actor models: investigating coordination ties
through time. Sociological Methodology 47(1). doi:10.1177/0081175017709295
"""

from __future__ import annotations

import math

import numpy as np

from partnersim.arrays import Floats, Integers
from partnersim.compiler.compiled import rule
from partnersim.compiler.structure import Structure, part
from partnersim.events.replay import Stretch

#: A utility so far above the highest one seen before starts its actor anew.
_HIGHEST = 600.0
#: Sums below this have lost digits.
_LOWEST = 1e-250


class Choices(Structure):
    """What everybody has to choose from at a moment, and sums over moments."""

    coefficients: Floats = part(np.float64, "effects")
    present: Floats = part(np.float64, "actors")
    """1 if present, else 0."""
    statistics: Floats = part(np.float64, "effects", "actors", "actors")
    both_ways: Floats = part(np.float64, "effects", "actors", "actors")
    """s(i, j) + s(j, i)."""
    raised: Floats = part(np.float64, "actors", "actors")
    """exp(u(i, j) - highest(i)); 0 for who is absent and for i = j."""
    highest: Floats = part(np.float64, "actors")
    stale: Floats = part(np.float64, "actors")
    """1 if all that an actor chooses from has to be computed anew."""
    total: Floats = part(np.float64, "actors")
    chance: Floats = part(np.float64, "actors", "actors")
    """p(i->j)."""
    tie: Floats = part(np.float64, "actors", "actors")
    """P(i, j) for i < j."""
    expected: Floats = part(np.float64, "effects", "actors")
    """e(i), the mean statistic under p(i->h)."""
    middle: Floats = part(np.float64, "effects")
    """Mean of d under P."""
    part_in: Floats = part(np.float64, "actors")
    """How often an actor is an end of a tie under P; then, how much more often it was."""
    apart: Floats = part(np.float64, "effects", "actors")
    lanes: Floats = part(np.float64, "actors")
    information: Floats = part(np.float64, "products", "actors")
    """Sums over moments, spread over lanes; a product for each k >= l."""
    curvature: Floats = part(np.float64, "products", "actors")


def choices_of(effects: int, actors: int, coefficients: Floats) -> Choices:
    """Return what nobody has looked at yet."""
    products = effects * (effects + 1) // 2
    arrays = Choices.allocated({"effects": effects, "actors": actors, "products": products})
    arrays["coefficients"][:] = coefficients
    return Choices(**arrays)


def summed(choices: Choices) -> tuple[Floats, Floats]:
    """Return the expected information and what the observed one has beside it, (K, K) each."""
    count = len(choices.coefficients)
    found = []
    for lanes in (choices.information, choices.curvature):
        whole = np.zeros((count, count))
        whole[np.tril_indices(count)] = lanes.sum(axis=1)
        found.append(whole + np.tril(whole, -1).T)
    return found[0], found[1]


@rule
def go_through(
    choices: Choices, stretch: Stretch, weights: Floats, logs: Floats, scores: Floats
) -> None:
    """Go through a stretch of the history.

    Parameters
    ----------
    choices : Choices
        As the stretch before left it.
    stretch : Stretch
        What happens.
    weights : (E,) array
        Of its events.
    logs : (E,) array
        Filled with log P of every event, times its weight.
    scores : (E, K) array
        Filled with its derivatives.
    """
    entry = 0
    event = 0
    for moment in range(len(stretch.until)):
        first = entry
        entry = stretch.until[moment, 0]
        _change(choices, stretch, first, entry)
        _weigh(choices, stretch.entries, first, entry)
        _expect(choices)
        total = _tie(choices)
        first = event
        event = stretch.until[moment, 1]
        weight = 0.0
        for number in range(first, event):
            weight += weights[number]
        _add_information(choices, weight)
        for i in range(len(choices.part_in)):
            choices.part_in[i] *= -weight
        for number in range(first, event):
            one, other = stretch.ends[number]
            log = _log_chance(choices, one, other) + _log_chance(choices, other, one)
            logs[number] = weights[number] * (log - total)
            choices.part_in[one] += weights[number]
            choices.part_in[other] += weights[number]
            for k in range(len(choices.middle)):
                pull = choices.both_ways[k, one, other]
                pull -= choices.expected[k, one] + choices.expected[k, other]
                scores[number, k] = weights[number] * (pull - choices.middle[k])
        _add_curvature(choices)


@rule
def _change(choices: Choices, stretch: Stretch, first: int, last: int) -> None:
    """Let statistics change and actors come and go."""
    effects = len(choices.statistics)
    for entry in range(first, last):
        k, i, j = stretch.entries[entry]
        value = stretch.values[entry]
        if k == effects:
            choices.present[i] = value
            choices.stale[:] = 1.0
            continue
        choices.statistics[k, j, i] = value
        both = value + choices.statistics[k, i, j]
        choices.both_ways[k, j, i] = both
        choices.both_ways[k, i, j] = both


@rule
def _utility(choices: Choices, i: int, j: int) -> float:
    utility = 0.0
    for k in range(len(choices.coefficients)):
        utility += choices.coefficients[k] * choices.statistics[k, j, i]
    return utility


@rule
def _log_chance(choices: Choices, i: int, j: int) -> float:
    """Return log p(i->j)."""
    return _utility(choices, i, j) - choices.highest[i] - math.log(choices.total[i])


@rule
def _weigh(choices: Choices, entries: Integers, first: int, last: int) -> None:
    """Raise utilities that have changed, and sum them for every actor."""
    actors = len(choices.present)
    total = choices.total
    for entry in range(first, last):
        if entries[entry, 0] < len(choices.statistics):
            _raise(choices, entries[entry, 1], entries[entry, 2])
    total[:] = 0.0
    for j in range(actors):
        row = choices.raised[j]
        for i in range(actors):
            total[i] += row[i]
    for i in range(actors):
        if choices.stale[i] > 0.0 or (choices.present[i] > 0.0 and not total[i] > _LOWEST):
            _start_anew(choices, i)


@rule
def _raise(choices: Choices, i: int, j: int) -> None:
    """Compute exp(u(i, j) - highest(i)) anew."""
    if i == j or choices.present[i] * choices.present[j] == 0.0:
        choices.raised[j, i] = 0.0
        return
    above = _utility(choices, i, j) - choices.highest[i]
    if above < _HIGHEST:
        choices.raised[j, i] = math.exp(above)
    else:
        choices.stale[i] = 1.0


@rule
def _start_anew(choices: Choices, i: int) -> None:
    """Compute all that an actor chooses from."""
    actors = len(choices.present)
    choices.stale[i] = 0.0
    highest = -math.inf
    for j in range(actors):
        if j != i and choices.present[j] > 0.0:
            highest = max(highest, _utility(choices, i, j))
    choices.highest[i] = highest
    choices.total[i] = 0.0
    for j in range(actors):
        _raise(choices, i, j)
        choices.total[i] += choices.raised[j, i]


@rule
def _expect(choices: Choices) -> None:
    """Compute p(i->j) and the mean statistics under it."""
    actors = len(choices.present)
    inverse = choices.lanes
    for i in range(actors):
        inverse[i] = 1.0 / choices.total[i] if choices.total[i] > 0.0 else 0.0
    choices.expected[:] = 0.0
    for j in range(actors):
        raised = choices.raised[j]
        chance = choices.chance[j]
        for i in range(actors):
            chance[i] = raised[i] * inverse[i]
        for k in range(len(choices.expected)):
            statistic = choices.statistics[k, j]
            expected = choices.expected[k]
            for i in range(actors):
                expected[i] += chance[i] * statistic[i]


@rule
def _tie(choices: Choices) -> float:
    """Compute P(i, j), its sums and the mean of d under it; return log of sum p(i->j) p(j->i)."""
    actors = len(choices.present)
    total = 0.0
    shift = 0.0
    for j in range(actors):
        for i in range(j):
            choices.tie[j, i] = choices.chance[j, i] * choices.chance[i, j]
            total += choices.tie[j, i]
    if not total > _LOWEST:
        shift, total = _tie_by_logs(choices)
    choices.part_in[:] = 0.0
    for j in range(actors):
        row = choices.tie[j]
        here = 0.0
        for i in range(j):
            row[i] /= total
            here += row[i]
        choices.part_in[j] += here
        for i in range(j):
            choices.part_in[i] += row[i]
    lanes = choices.lanes
    for k in range(len(choices.middle)):
        lanes[:] = 0.0
        for j in range(actors):
            row = choices.tie[j]
            both = choices.both_ways[k, j]
            for i in range(j):
                lanes[i] += row[i] * both[i]
        choices.middle[k] = 0.0
        for i in range(actors):
            choices.middle[k] += lanes[i] - choices.part_in[i] * choices.expected[k, i]
    return shift + math.log(total)


@rule
def _tie_by_logs(choices: Choices) -> tuple[float, float]:
    """Compute p(i->j) p(j->i) where all are too small to be written; return log of the unit."""
    actors = len(choices.present)
    shift = -math.inf
    for j in range(actors):
        for i in range(j):
            if choices.present[i] * choices.present[j] > 0.0:
                shift = max(shift, _log_chance(choices, i, j) + _log_chance(choices, j, i))
    total = 0.0
    for j in range(actors):
        for i in range(j):
            if choices.present[i] * choices.present[j] > 0.0:
                log = _log_chance(choices, i, j) + _log_chance(choices, j, i)
                choices.tie[j, i] = math.exp(log - shift)
                total += choices.tie[j, i]
    return shift, total


@rule
def _add_information(choices: Choices, weight: float) -> None:
    """Add the covariance of d under P."""
    apart = choices.apart
    for j in range(len(choices.present)):
        row = choices.tie[j]
        for k in range(len(apart)):
            both = choices.both_ways[k, j]
            expected = choices.expected[k]
            middle = expected[j] + choices.middle[k]
            for i in range(j):
                apart[k, i] = both[i] - expected[i] - middle
        _add_products(choices.information, apart, row, weight, choices.lanes, j)


@rule
def _add_curvature(choices: Choices) -> None:
    """Add the covariance of s(i, h) under p(i->h), weighted by how surprising i was."""
    actors = len(choices.present)
    apart = choices.apart
    surprise = choices.part_in
    for j in range(actors):
        chance = choices.chance[j]
        for k in range(len(apart)):
            statistic = choices.statistics[k, j]
            expected = choices.expected[k]
            for i in range(actors):
                apart[k, i] = statistic[i] - expected[i]
        for i in range(actors):
            chance[i] *= surprise[i]
        _add_products(choices.curvature, apart, chance, 1.0, choices.lanes, actors)


@rule
def _add_products(
    products: Floats, apart: Floats, shares: Floats, weight: float, lanes: Floats, count: int
) -> None:
    """Add the weighted products of all effects, lane by lane."""
    place = 0
    for k in range(len(apart)):
        one = apart[k]
        for i in range(count):
            lanes[i] = weight * shares[i] * one[i]
        for other in range(k + 1):
            row = products[place]
            two = apart[other]
            for i in range(count):
                row[i] += lanes[i] * two[i]
            place += 1
