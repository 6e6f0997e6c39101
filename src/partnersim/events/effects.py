"""Effects of networks and of attributes: what actors may look at.

Actor i chooses j. B are the weights of a network, or of its windowed copy, A = [B > 0], x an
attribute, f an optional transformation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from partnersim.arrays import Floats
from partnersim.errors import InputError, refuse
from partnersim.events.event_data import EventData
from partnersim.events.state import HistoryState, Source

Transform = Callable[[Floats], Any]
#: Options that effects may have, in the order in which names of effects show them.
_OPTIONS = ("ignore_repetitions", "weighted", "transform", "window")


@dataclass(frozen=True)
class Effect:
    """A statistic s(i, j) of actor i choosing j; its coefficient is estimated.

    Parameters
    ----------
    ignore_repetitions : bool
        Set the statistic to 0 on pairs that are tied in the network that is explained.
    """

    networks_read: ClassVar[tuple[str, ...]] = ()
    attributes_read: ClassVar[tuple[str, ...]] = ()
    of_numbers: ClassVar[bool] = True
    in_choice: ClassVar[bool] = True
    """Whether it may differ between partners, so that it can explain a choice."""
    in_rate: ClassVar[bool] = False
    """Whether it says something about one actor alone."""

    ignore_repetitions: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        refuse(self._problems())

    @property
    def name(self) -> str:
        """Name in tables: the class and every option that is not the default."""
        parts = [str(item) for item in self._given((*self.networks_read, *self.attributes_read))]
        for option in _OPTIONS:
            value = getattr(self, option, None)
            if value is True:
                parts.append(option)
            elif value is not None and value is not False:
                shown = getattr(value, "__name__", value) if callable(value) else value
                parts.append(f"{option}={shown}")
        return f"{type(self).__name__}({', '.join(parts)})"

    def statistic(self, state: HistoryState) -> Floats:
        """Return s(i, j), or what broadcasts to it, for all actors: (n, n)."""
        raise NotImplementedError

    def actor_statistic(self, state: HistoryState) -> Floats:
        """Return the statistic of every actor alone, (n,), where `in_rate`."""
        raise NotImplementedError

    def sources(self) -> tuple[Source | str, ...]:
        """Return what the statistic reads: networks, windowed copies, attributes."""
        window = getattr(self, "window", None)
        return (
            *((name, window) for name in self._given(self.networks_read)),
            *self._given(self.attributes_read),
        )

    def misfits(self, data: EventData) -> Iterator[str]:
        """Return what the effect reads but the data do not have."""
        wrong = [data.name_problem("network", name) for name in self._given(self.networks_read)]
        for name in self._given(self.attributes_read):
            wrong.append(data.name_problem("attribute", name))
            if self.of_numbers and name in data.texts:
                wrong.append(f"attribute '{name}' holds text; only Same can use it")
        yield from (f"{self.name}: {problem}" for problem in wrong if problem)

    def transformed(self, values: Floats) -> Floats:
        """Return f(values); a shape that f changed is an error."""
        transform: Transform | None = getattr(self, "transform", None)
        if transform is None:
            return values
        with np.errstate(all="ignore"):  # what is not finite is an error where it matters
            result = np.asarray(transform(values.copy()), dtype=float)
        if result.shape != values.shape:
            raise InputError(
                f"{self.name}: transform returns shape {result.shape} for shape {values.shape}; "
                "it must work on every element"
            )
        return result

    def _given(self, names: tuple[str, ...]) -> list[str]:
        return [getattr(self, name) for name in names if getattr(self, name) is not None]

    def _problems(self) -> Iterator[str]:
        kind = type(self).__name__
        for option in ("ignore_repetitions", "weighted"):
            value = getattr(self, option, False)
            if not isinstance(value, bool):
                yield f"{kind}: {option} {value!r} given, must be True or False"
        transform, window = getattr(self, "transform", None), getattr(self, "window", None)
        if transform is not None and not callable(transform):
            yield f"{kind}: transform {transform!r} given, must be a function of an array"
        number = isinstance(window, (int, float)) and not isinstance(window, bool)
        if window is not None and not (number and 0 < window < np.inf):
            yield (
                f"{kind}: window {window!r} given, must be a number above 0 "
                "(days, if times are dates)"
            )


@dataclass(frozen=True)
class _Transformed(Effect):
    """An effect whose statistic may be transformed."""

    transform: Transform | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class _OfNetwork(Effect):
    """An effect of one network."""

    networks_read: ClassVar[tuple[str, ...]] = ("network",)

    network: str
    window: float | None = field(default=None, kw_only=True)

    def tied(self, state: HistoryState) -> Floats:
        """Return A, (n, n)."""
        return state.tied(self.network, self.window)


@dataclass(frozen=True)
class _OfPartner(Effect):
    """An effect of one actor: of the partner in a choice, of the one who acts in a rate."""

    in_rate: ClassVar[bool] = True

    def statistic(self, state: HistoryState) -> Floats:
        """Return the statistic of j, the same for every i: (1, n)."""
        return self.actor_statistic(state)[None, :]


@dataclass(frozen=True)
class _OfAttribute(Effect):
    """An effect of one attribute."""

    attributes_read: ClassVar[tuple[str, ...]] = ("attribute",)

    attribute: str

    def gap(self, state: HistoryState) -> Floats:
        """Return the distance of i and j, (n, n)."""
        values = state.attributes[self.attribute]
        return np.abs(values[:, None] - values[None, :])


@dataclass(frozen=True)
class Tie(_OfNetwork, _Transformed):
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

    weighted: bool = field(default=False, kw_only=True)

    def statistic(self, state: HistoryState) -> Floats:
        """Return the statistic for all pairs."""
        if self.weighted:
            return self.transformed(state.weights(self.network, self.window))
        return self.tied(state)

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        if self.transform is not None and not self.weighted:
            yield "Tie: transform is for weights; add weighted=True"


@dataclass(frozen=True)
class Degree(_OfNetwork, _Transformed, _OfPartner):
    """How many ties j has: f(sum_h A_hj); weighted f(sum_h B_hj).

    In a rate model the ties of the actor who acts.

    Parameters
    ----------
    network : str
        Name of the network.
    weighted : bool
        Sum weights instead of counting ties.
    transform, window, ignore_repetitions
        See Tie.
    """

    weighted: bool = field(default=False, kw_only=True)

    def actor_statistic(self, state: HistoryState) -> Floats:
        """Return the statistic of every actor."""
        read = state.weights if self.weighted else state.tied
        return self.transformed(read(self.network, self.window).sum(axis=0))


@dataclass(frozen=True)
class Triangles(_OfNetwork, _Transformed, _OfPartner):
    """How embedded j is in triangles: f((AAA)_jj), twice the number of triangles that j is in.

    In a rate model the triangles of the actor who acts.

    Parameters
    ----------
    network : str
        Name of the network.
    transform, window, ignore_repetitions
        See Tie.
    """

    def actor_statistic(self, state: HistoryState) -> Floats:
        """Return the statistic of every actor."""
        walks = state.walks(self.network, self.network, self.window)
        return self.transformed((walks * self.tied(state)).sum(axis=0))


@dataclass(frozen=True)
class SharedPartners(_OfNetwork, _Transformed):
    """How many partners lead from i to j: f(sum_h A_ih A_hj).

    Over two networks, i is tied to h in the first and h to j in the second.

    Parameters
    ----------
    network : str
        Name of the network.
    second_network : str, optional
        Name of the network of the second step; the same if not given.
    transform, window, ignore_repetitions
        See Tie.
    """

    networks_read: ClassVar[tuple[str, ...]] = ("network", "second_network")

    second_network: str | None = None

    def statistic(self, state: HistoryState) -> Floats:
        """Return the statistic for all pairs."""
        second = self.network if self.second_network is None else self.second_network
        return self.transformed(state.walks(self.network, second, self.window))


@dataclass(frozen=True)
class FourCycles(_OfNetwork, _Transformed):
    """How many ways of three ties lead from i to j: f((AAA)_ij - d_i A_ij - A_ij d_j + A_ij).

    d is the degree. A tie between i and j would close as many cycles of four.

    Parameters
    ----------
    network : str
        Name of the network.
    transform, window, ignore_repetitions
        See Tie.
    """

    def statistic(self, state: HistoryState) -> Floats:
        """Return the statistic for all pairs."""
        tied = self.tied(state)
        degree = tied.sum(axis=0)
        walks = state.walks(self.network, self.network, self.window) @ tied
        return self.transformed(walks - degree[:, None] * tied - tied * degree[None, :] + tied)


@dataclass(frozen=True)
class MeanOverPartners(_OfNetwork, _OfPartner):
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

    attributes_read: ClassVar[tuple[str, ...]] = ("attribute",)

    attribute: str

    def actor_statistic(self, state: HistoryState) -> Floats:
        """Return the statistic of every actor."""
        tied = self.tied(state)
        degree = tied.sum(axis=0)
        some = degree > 0
        if not some.any():
            return np.zeros(len(degree))
        means = tied @ state.attributes[self.attribute] / np.maximum(degree, 1.0)
        return np.where(some, means, means[some].mean())


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

    def statistic(self, state: HistoryState) -> Floats:
        """Return the statistic of j, the same for every i: (1, n)."""
        return state.attributes[self.attribute][None, :]


@dataclass(frozen=True)
class Ego(_OfAttribute):
    """The attribute of the actor who acts: x_i; for rate models, and for a Product.

    Alone, in the choice of a partner, it would be the same for every j and cancel.

    Parameters
    ----------
    attribute : str
        Name of the attribute.
    """

    in_choice: ClassVar[bool] = False
    in_rate: ClassVar[bool] = True

    def statistic(self, state: HistoryState) -> Floats:
        """Return the statistic of i, the same for every j: (n, 1)."""
        return self.actor_statistic(state)[:, None]

    def actor_statistic(self, state: HistoryState) -> Floats:
        """Return the statistic of every actor."""
        return state.attributes[self.attribute]


@dataclass(frozen=True)
class Difference(_OfAttribute, _Transformed):
    """How far i and j are apart: f(abs(x_i - x_j)).

    Parameters
    ----------
    attribute : str
        Name of the attribute.
    transform, ignore_repetitions
        See Tie.
    """

    def statistic(self, state: HistoryState) -> Floats:
        """Return the statistic for all pairs."""
        return self.transformed(self.gap(state))


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

    def statistic(self, state: HistoryState) -> Floats:
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

    def statistic(self, state: HistoryState) -> Floats:
        """Return the statistic for all pairs."""
        values = state.attributes[self.attribute]
        return (values[:, None] == values[None, :]).astype(float)


@dataclass(frozen=True)
class Interaction(_Transformed):
    """An attribute of i times one of j: f(a_i b_j).

    Parameters
    ----------
    attribute : str
        a, of the one who chooses.
    second_attribute : str
        b, of the one who is chosen.
    transform, ignore_repetitions
        See Tie.
    """

    attributes_read: ClassVar[tuple[str, ...]] = ("attribute", "second_attribute")

    attribute: str
    second_attribute: str

    def statistic(self, state: HistoryState) -> Floats:
        """Return the statistic for all pairs."""
        chooser = state.attributes[self.attribute]
        chosen = state.attributes[self.second_attribute]
        return self.transformed(chooser[:, None] * chosen[None, :])


@dataclass(frozen=True)
class Product(Effect):
    """Two effects at work together: s1(i, j) s2(i, j), an interaction of any two effects.

    Parameters
    ----------
    first, second : Effect
        The two; neither may ignore repetitions, say so here instead.
    ignore_repetitions : bool
        See Effect.

    Examples
    --------
    >>> Product(Ego("wealth"), Tie("border")).name
    'Product(Ego(wealth), Tie(border))'
    """

    first: Effect
    second: Effect

    @property
    def name(self) -> str:
        """Name in tables."""
        more = ", ignore_repetitions" if self.ignore_repetitions else ""
        return f"Product({self.first.name}, {self.second.name}{more})"

    def statistic(self, state: HistoryState) -> Floats:
        """Return the statistic for all pairs."""
        return self.first.statistic(state) * self.second.statistic(state)

    def sources(self) -> tuple[Source | str, ...]:
        """Return what the two read."""
        return (*self.first.sources(), *self.second.sources())

    def misfits(self, data: EventData) -> Iterator[str]:
        """Return what the two read but the data do not have."""
        for part in (self.first, self.second):
            yield from part.misfits(data)

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        for place in ("first", "second"):
            part = getattr(self, place)
            if not isinstance(part, Effect):
                yield f"Product: {place} {part!r} given, must be an effect"
            elif part.ignore_repetitions:
                yield f"Product: {part.name}: give ignore_repetitions to the product"
