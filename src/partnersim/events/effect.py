"""What all effects share: their options, what they read, and how they are named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

import numpy as np

from partnersim.arrays import Floats
from partnersim.errors import InputError
from partnersim.events.event_data import EventData, unknown_attribute, unknown_network
from partnersim.events.state import Source, State

Transform = Callable[[Floats], Any]


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

    ignore_repetitions: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise InputError(problems)

    @property
    def name(self) -> str:
        """Name in tables: the class and every option that is not the default."""
        read = (*self.networks_read, *self.attributes_read)
        parts = [str(name) for name in self._given(read)]
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name in read:
                continue
            if value is True:
                parts.append(item.name)
            elif value is not None and value is not False:
                shown = getattr(value, "__name__", value) if callable(value) else value
                parts.append(f"{item.name}={shown}")
        return f"{type(self).__name__}({', '.join(parts)})"

    def statistic(self, state: State) -> Floats:
        """Return s(i, j), or what broadcasts to it, for all actors: (n, n)."""
        raise NotImplementedError

    def actor_statistic(self, state: State) -> Floats | None:
        """Return the statistic of every actor alone, (n,), or None if it takes a pair."""
        return None

    def sources(self) -> tuple[Source | str, ...]:
        """Return what the statistic reads: networks, windowed copies, attributes."""
        window = getattr(self, "window", None)
        return (
            *((name, window) for name in self._given(self.networks_read)),
            *self._given(self.attributes_read),
        )

    def misfits(self, data: EventData) -> Iterator[str]:
        """Return what the effect reads but the data do not have."""
        wrong = [unknown_network(data, name) for name in self._given(self.networks_read)]
        for name in self._given(self.attributes_read):
            problem = unknown_attribute(data, name)
            if problem is None and self.of_numbers and name in data.texts:
                problem = f"attribute '{name}' holds text; only Same can use it"
            wrong.append(problem)
        yield from (f"{self.name}: {problem}" for problem in wrong if problem)

    def _given(self, names: tuple[str, ...]) -> list[str]:
        return [getattr(self, name) for name in names if getattr(self, name) is not None]

    def _problems(self) -> Iterator[str]:
        kind = type(self).__name__
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name in ("ignore_repetitions", "weighted"):
                if not isinstance(value, bool):
                    yield f"{kind}: {item.name} {value!r} given, must be True or False"
            elif item.name == "transform":
                if value is not None and not callable(value):
                    yield f"{kind}: transform {value!r} given, must be a function of an array"
            elif item.name == "window":
                number = isinstance(value, (int, float)) and not isinstance(value, bool)
                if value is not None and not (number and 0 < value < np.inf):
                    yield (
                        f"{kind}: window {value!r} given, must be a number above 0 "
                        "(days, if times are dates)"
                    )


def transformed(effect: Effect, values: Floats) -> Floats:
    """Return f(values); a shape that f changed is an error."""
    transform: Transform | None = getattr(effect, "transform", None)
    if transform is None:
        return values
    with np.errstate(all="ignore"):  # what is not finite is told where it matters
        result = np.asarray(transform(values.copy()), dtype=float)
    if result.shape != values.shape:
        raise InputError(
            f"{effect.name}: transform returns shape {result.shape} for shape {values.shape}; "
            "it must work on every element"
        )
    return result
