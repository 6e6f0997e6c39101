"""NSGA-II: the search itself, asked for points and given what they are worth.

Deb, K., Pratap, A., Agarwal, S. and Meyarivan, T. (2002). A fast and elitist multiobjective genetic
algorithm: NSGA-II. IEEE Transactions on Evolutionary Computation 6, 182-197.
doi:10.1109/4235.996017. Constraints by its rule of dominance; simulated binary crossover and
polynomial mutation by Deb and Agrawal (1995), Complex Systems 9, 115-148.
"""

from __future__ import annotations

import numpy as np

from partnersim.arrays import Floats, Integers, Truths

#: Distribution indices of crossover and mutation, and the chance that parents are crossed.
_ETA_CROSSOVER, _ETA_MUTATION, _CROSSED = 15.0, 20.0, 0.9


def dominates(one: Floats, others: Floats) -> Truths:
    """Tell which of several points a point dominates: nowhere larger, somewhere smaller.

    Parameters
    ----------
    one : (m,) array
        Objectives of a point, less is better.
    others : (n, m) array

    Returns
    -------
    (n,) bool array
    """
    return np.asarray((one <= others).all(axis=1) & (one < others).any(axis=1))


def front_of(objectives: Floats) -> Truths:
    """Tell which of n points no other dominates; of equal ones the first counts.

    Parameters
    ----------
    objectives : (n, m) array
        Less is better.
    """
    kept = np.ones(len(objectives), dtype=bool)
    for place, one in enumerate(objectives):
        if kept[place]:
            later = np.arange(len(objectives)) > place
            kept &= ~(dominates(one, objectives) | (later & (objectives == one).all(axis=1)))
    return kept


def ranks(objectives: Floats, violation: Floats) -> Integers:
    """Return the front on which each of n points lies, the best one 0.

    A point that breaks constraints less dominates one that breaks them more; of those that break
    none, the objectives decide.

    Parameters
    ----------
    objectives : (n, m) array
    violation : (n,) array
        Sum of shortfalls, 0 if all constraints hold.
    """
    ahead = np.less.outer(violation, violation)
    for place, one in enumerate(objectives):
        ahead[place] |= (violation[place] == violation) & dominates(one, objectives)
    found = np.full(len(objectives), -1)
    left, rank = ahead.sum(axis=0), 0
    while (found < 0).any():
        front = (found < 0) & (left == 0)
        found[front] = rank
        left = left - ahead[front].sum(axis=0)
        rank += 1
    return found


def crowding(objectives: Floats) -> Floats:
    """Return how far the neighbours of each point of one front are, the ends infinitely far."""
    distance = np.zeros(len(objectives))
    for values in objectives.T:
        order = np.argsort(values, kind="stable")
        reach = values[order[-1]] - values[order[0]]
        distance[order[[0, -1]]] = np.inf
        if reach > 0 and len(order) > 2:
            distance[order[1:-1]] += (values[order[2:]] - values[order[:-2]]) / reach
    return distance


class Nsga2:
    """The population, generation by generation.

    Parameters
    ----------
    first : (n, d) array
        The first population: points of the unit cube, n even.
    seed : int
        Of all that is drawn later.
    """

    def __init__(self, first: Floats, seed: int) -> None:
        self._draw = np.random.Generator(np.random.PCG64(seed))
        self._size = len(first)
        self._asked = first
        self._points = np.empty((0, first.shape[1]))
        self._rank = np.empty(0, np.int64)
        self._crowding = np.empty(0)
        self._worth: tuple[Floats, Floats] | None = None

    def ask(self) -> Floats:
        """Return the points of the next generation, (n, d)."""
        if self._worth is not None:
            self._asked = self._children()
        return self._asked

    def tell(self, objectives: Floats, violation: Floats) -> None:
        """Take in what the points that were asked for are worth, and keep the best.

        Parameters
        ----------
        objectives : (n, m) array
            Less is better; finite.
        violation : (n,) array
            See `ranks`.
        """
        points = np.concatenate([self._points, self._asked])
        if self._worth is not None:
            objectives = np.concatenate([self._worth[0], objectives])
            violation = np.concatenate([self._worth[1], violation])
        rank = ranks(objectives, violation)
        distance = np.zeros(len(points))
        for front in range(int(rank.max()) + 1):
            distance[rank == front] = crowding(objectives[rank == front])
        kept = np.lexsort((np.arange(len(points)), -distance, rank))[: self._size]
        self._points, self._rank, self._crowding = points[kept], rank[kept], distance[kept]
        self._worth = objectives[kept], violation[kept]

    def _children(self) -> Floats:
        mothers, fathers = self._chosen(), self._chosen()
        spread = self._draw.random(mothers.shape)
        power = 1.0 / (_ETA_CROSSOVER + 1.0)
        beta = np.where(
            spread <= 0.5, (2 * spread) ** power, (1.0 / (2.0 * (1.0 - spread))) ** power
        )
        # Half of the coordinates of a crossed pair are mixed, the others are handed on.
        mixed = self._draw.random(mothers.shape) < 0.5
        mixed &= self._draw.random((len(mothers), 1)) < _CROSSED
        middle, half = (mothers + fathers) / 2.0, beta * (mothers - fathers) / 2.0
        pair = [np.where(mixed, middle + half, mothers), np.where(mixed, middle - half, fathers)]
        children = np.clip(np.concatenate(pair), 0.0, 1.0)
        # Last digits, in which machines may differ, must not decide what comes later.
        return np.round(np.clip(self._mutated(children), 0.0, 1.0), 6)

    def _chosen(self) -> Floats:
        """Return half a population of parents, each the better of two drawn at random."""
        rivals = self._draw.integers(self._size, size=(2, self._size // 2))
        one, other = rivals
        rank, distance = self._rank, self._crowding
        tied = (rank[one] == rank[other]) & (distance[one] >= distance[other])
        return self._points[np.where((rank[one] < rank[other]) | tied, one, other)]

    def _mutated(self, points: Floats) -> Floats:
        chance = self._draw.random(points.shape)
        size = self._draw.random(points.shape)
        power = 1.0 / (_ETA_MUTATION + 1.0)
        below = (2.0 * size + (1.0 - 2.0 * size) * (1.0 - points) ** (_ETA_MUTATION + 1.0)) ** power
        above = (2.0 * (1.0 - size) + (2.0 * size - 1.0) * points ** (_ETA_MUTATION + 1.0)) ** power
        step = np.where(size < 0.5, below - 1.0, 1.0 - above)
        return np.where(chance < 1.0 / points.shape[1], points + step, points)
