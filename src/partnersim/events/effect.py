"""What all effects share: their options, what they read, and how they are named."""

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
