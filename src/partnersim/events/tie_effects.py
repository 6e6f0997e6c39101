"""Effects of networks: ties, degrees, shared partners, four-cycles.

B are the weights of a network, or of its windowed copy, and A = [B > 0].
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from partnersim.arrays import Floats
from partnersim.events.effect import Effect, Transform, transformed
from partnersim.events.state import State


@dataclass(frozen=True)
class Tie(Effect):
    """Whether i and j are tied: A_ij; weighted f(B_ij).

    On the network that is explained this is inertia.

    Parameters
    ----------
    network : str
        Name of the network.
    weighted : bool
        Use the weight of the tie.
    transform : callable, optional
        f, a function of an array, such as numpy.log1p; only with weighted.
    window : float, optional
        Count only what happened within this time; days, if times are dates.
    ignore_repetitions : bool
        See Effect.
    """

    networks_read: ClassVar[tuple[str, ...]] = ("network",)

    network: str
    weighted: bool = field(default=False, kw_only=True)
    transform: Transform | None = field(default=None, kw_only=True)
    window: float | None = field(default=None, kw_only=True)

    def statistic(self, state: State) -> Floats:
        """Return the statistic for all pairs."""
        if self.weighted:
            return transformed(self, state.weights(self.network, self.window))
        return state.tied(self.network, self.window)

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        if self.transform is not None and not self.weighted:
            yield "Tie: transform is for weights; add weighted=True"


@dataclass(frozen=True)
class Degree(Effect):
    """How many ties j has: f(sum_h A_hj); weighted f(sum_h B_hj).

    In a rate model the ties of the actor who acts.

    Parameters
    ----------
    network : str
        Name of the network.
    weighted : bool
        Sum weights instead of counting ties.
    transform : callable, optional
        f, a function of an array.
    window : float, optional
        Count only what happened within this time; days, if times are dates.
    ignore_repetitions : bool
        See Effect.
    """

    networks_read: ClassVar[tuple[str, ...]] = ("network",)

    network: str
    weighted: bool = field(default=False, kw_only=True)
    transform: Transform | None = field(default=None, kw_only=True)
    window: float | None = field(default=None, kw_only=True)

    def actor_statistic(self, state: State) -> Floats:
        """Return the statistic of every actor."""
        read = state.weights if self.weighted else state.tied
        return transformed(self, read(self.network, self.window).sum(axis=0))

    def statistic(self, state: State) -> Floats:
        """Return the statistic of j, the same for every i."""
        return self.actor_statistic(state)[None, :]


@dataclass(frozen=True)
class SharedPartners(Effect):
    """How many partners lead from i to j: f(sum_h A_ih A_hj).

    Over two networks, i is tied to h in the first and h to j in the second.

    Parameters
    ----------
    network : str
        Name of the network.
    second_network : str, optional
        Name of the network of the second step; the same if not given.
    transform : callable, optional
        f, a function of an array.
    window : float, optional
        Count only what happened within this time; days, if times are dates.
    ignore_repetitions : bool
        See Effect.
    """

    networks_read: ClassVar[tuple[str, ...]] = ("network", "second_network")

    network: str
    second_network: str | None = None
    transform: Transform | None = field(default=None, kw_only=True)
    window: float | None = field(default=None, kw_only=True)

    def statistic(self, state: State) -> Floats:
        """Return the statistic for all pairs."""
        first = state.tied(self.network, self.window)
        second = self.second_network
        then = first if second is None else state.tied(second, self.window)
        return transformed(self, first @ then)


@dataclass(frozen=True)
class FourCycles(Effect):
    """How many ways of three ties lead from i to j: f((AAA)_ij - d_i A_ij - A_ij d_j + A_ij).

    d is the degree. A tie between i and j would close as many cycles of four.

    Parameters
    ----------
    network : str
        Name of the network.
    transform : callable, optional
        f, a function of an array.
    window : float, optional
        Count only what happened within this time; days, if times are dates.
    ignore_repetitions : bool
        See Effect.
    """

    networks_read: ClassVar[tuple[str, ...]] = ("network",)

    network: str
    transform: Transform | None = field(default=None, kw_only=True)
    window: float | None = field(default=None, kw_only=True)

    def statistic(self, state: State) -> Floats:
        """Return the statistic for all pairs."""
        tied = state.tied(self.network, self.window)
        degree = tied.sum(axis=0)
        walks = tied @ tied @ tied
        paths = walks - degree[:, None] * tied - tied * degree[None, :] + tied
        return transformed(self, paths)
