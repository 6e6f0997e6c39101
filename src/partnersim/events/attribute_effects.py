"""Effects of attributes x of the two actors, or of the partners of one of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from partnersim.arrays import Floats
from partnersim.events.effect import Effect, Transform, transformed
from partnersim.events.state import State


@dataclass(frozen=True)
class _OfAttribute(Effect):
    """An effect of one attribute."""

    attributes_read: ClassVar[tuple[str, ...]] = ("attribute",)

    attribute: str

    def gap(self, state: State) -> Floats:
        """Return the distance of i and j, (n, n)."""
        values = state.attributes[self.attribute]
        return np.abs(values[:, None] - values[None, :])


@dataclass(frozen=True)
class Alter(_OfAttribute):
    """The attribute of the one who is chosen: x_j.

    Parameters
    ----------
    attribute : str
        Name of the attribute.
    ignore_repetitions : bool
        See Effect.
    """

    def statistic(self, state: State) -> Floats:
        """Return the statistic of j, the same for every i."""
        return state.attributes[self.attribute][None, :]


@dataclass(frozen=True)
class Difference(_OfAttribute):
    """How far i and j are apart: f(abs(x_i - x_j)).

    Parameters
    ----------
    attribute : str
        Name of the attribute.
    transform : callable, optional
        f, a function of an array.
    ignore_repetitions : bool
        See Effect.
    """

    transform: Transform | None = field(default=None, kw_only=True)

    def statistic(self, state: State) -> Floats:
        """Return the statistic for all pairs."""
        return transformed(self, self.gap(state))


@dataclass(frozen=True)
class Similarity(_OfAttribute):
    """How close i and j are: -abs(x_i - x_j).

    Parameters
    ----------
    attribute : str
        Name of the attribute.
    ignore_repetitions : bool
        See Effect.
    """

    def statistic(self, state: State) -> Floats:
        """Return the statistic for all pairs."""
        return -self.gap(state)


@dataclass(frozen=True)
class Same(_OfAttribute):
    """Whether i and j are alike: 1 if x_i = x_j, else 0; also for attributes of text.

    Parameters
    ----------
    attribute : str
        Name of the attribute.
    ignore_repetitions : bool
        See Effect.
    """

    of_numbers: ClassVar[bool] = False

    def statistic(self, state: State) -> Floats:
        """Return the statistic for all pairs."""
        values = state.attributes[self.attribute]
        return (values[:, None] == values[None, :]).astype(float)


@dataclass(frozen=True)
class Interaction(Effect):
    """An attribute of i times one of j: f(a_i b_j).

    Parameters
    ----------
    attribute : str
        a, of the one who chooses.
    second_attribute : str
        b, of the one who is chosen.
    transform : callable, optional
        f, a function of an array.
    ignore_repetitions : bool
        See Effect.
    """

    attributes_read: ClassVar[tuple[str, ...]] = ("attribute", "second_attribute")

    attribute: str
    second_attribute: str
    transform: Transform | None = field(default=None, kw_only=True)

    def statistic(self, state: State) -> Floats:
        """Return the statistic for all pairs."""
        chooser = state.attributes[self.attribute]
        chosen = state.attributes[self.second_attribute]
        return transformed(self, chooser[:, None] * chosen[None, :])


@dataclass(frozen=True)
class MeanOverPartners(Effect):
    """The mean of x over the partners of j.

    Who has no partner takes the mean of this quantity over those who have some, or 0 if nobody
    has any. In a rate model the partners of the actor who acts.

    Parameters
    ----------
    network : str
        Name of the network.
    attribute : str
        Name of the attribute.
    window : float, optional
        Count only ties made within this time; days, if times are dates.
    ignore_repetitions : bool
        See Effect.
    """

    networks_read: ClassVar[tuple[str, ...]] = ("network",)
    attributes_read: ClassVar[tuple[str, ...]] = ("attribute",)

    network: str
    attribute: str
    window: float | None = field(default=None, kw_only=True)

    def actor_statistic(self, state: State) -> Floats:
        """Return the statistic of every actor."""
        tied = state.tied(self.network, self.window)
        degree = tied.sum(axis=0)
        some = degree > 0
        if not some.any():
            return np.zeros(len(degree))
        means = tied @ state.attributes[self.attribute] / np.maximum(degree, 1.0)
        return np.where(some, means, means[some].mean())

    def statistic(self, state: State) -> Floats:
        """Return the statistic of j, the same for every i."""
        return self.actor_statistic(state)[None, :]


@dataclass(frozen=True)
class Ego(_OfAttribute):
    """The attribute of the actor who acts: x_i; for rate models only.

    In the choice of a partner it would be the same for every j and cancel.

    Parameters
    ----------
    attribute : str
        Name of the attribute.
    """

    def actor_statistic(self, state: State) -> Floats:
        """Return the statistic of every actor."""
        return state.attributes[self.attribute]
