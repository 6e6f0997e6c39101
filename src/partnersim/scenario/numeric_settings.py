"""Every number of a scenario by its dotted path: what it may be, and how to change it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal, NamedTuple, get_args, get_origin

from partnersim.scenario.behaviour import DIVISORS
from partnersim.scenario.geopolitics import Geopolitics
from partnersim.scenario.names import NEIGHBOUR, NOBODY, Names
from partnersim.scenario.policy import Policy
from partnersim.scenario.problems import allowed_range
from partnersim.scenario.scenario import Scenario
from partnersim.scenario.settings import ANY, Settings, Shares, below
from partnersim.scenario.shock import ON_EU, ShockType
from partnersim.world.places import short_name


class NumericSetting(NamedTuple):
    """A number that a factor can vary.

    Attributes
    ----------
    path : str
        As users write it.
    keys : tuple of str
        Where it stands in a `Scenario`.
    notes : dict
        ``low`` and ``high`` allowed (absent where any number is), ``unit``, ``meaning``.
    whole : bool
        Whether only whole numbers are allowed.
    plausible : (low, high) or None
        Plausible range, of coefficients and of weights behind scores.
    origin : str
        ``assumed``, ``estimated`` or ``literature`` of these; else ``setting``.
    """

    path: str
    keys: tuple[str, ...]
    notes: Mapping[str, Any]
    whole: bool = False
    plausible: tuple[float, float] | None = None
    origin: str = "setting"

    def wrong(self, value: Any) -> str:
        """Return what is wrong with a value, as the end of a problem; nothing if it may be used."""
        low, high = self.notes.get("low", -math.inf), self.notes.get("high", math.inf)
        number = isinstance(value, (int, float)) and low <= value <= high
        if not number or (self.whole and value != int(value)):
            return f"must be {allowed_range(int if self.whole else float, self.notes)}"
        above = self.notes.get("above", -math.inf)
        return f"must be above {above:g}" if value <= above else ""


def numeric_settings(names: Names) -> dict[str, NumericSetting]:
    """Return every number of scenarios by path.

    Parameters
    ----------
    names : Names
        The regions, instruments, shock types and coefficients that the scenarios know.
    """
    known = {
        "regions": names.regions,
        "policy.regions": names.openers,
        "policy.offer.regions": names.buyers,
        "instruments": names.still_open,
        "shocks": names.shocks or (),
        "sources": (*names.countries, NEIGHBOUR, NOBODY),
    }
    found = [
        *_of_groups(tuple(known.items()), names.shocks or ()),
        *(
            _coefficient(name, coefficient)
            for name, coefficient in (names.coefficients or {}).items()
            if isinstance(coefficient, Mapping)
        ),
        *(
            NumericSetting(
                f"world.weights.{name}",
                ("world", "weights", name),
                {"unit": weight.unit, "meaning": weight.meaning, "low": 0, "high": 100_000},
                plausible=(weight.low, weight.high),
                origin="assumed",
            )
            for name, weight in (names.weights or {}).items()
        ),
    ]
    return {setting.path: setting for setting in found}


@lru_cache(maxsize=4)
def _of_groups(
    known: tuple[tuple[str, tuple[str, ...]], ...], shocks: tuple[str, ...]
) -> tuple[NumericSetting, ...]:
    """Return the numbers of policies, climates and shock types: thousands, often asked for."""
    names = dict(known)
    levers, climate = _walk(Policy, ("policy",), names), _walk(Geopolitics, ("geopolitics",), names)
    of_shocks = (each for shock in shocks for each in _walk(ShockType, ("shocks", shock), names))
    sensible = (one for one in of_shocks if one.keys[-1] not in ON_EU or "struck" in one.keys)
    return (*levers, *climate, *sensible)


def _coefficient(name: str, coefficient: Mapping[str, Any]) -> NumericSetting:
    keys = ("behaviour", "coefficients", name, "value")
    notes = {key: coefficient.get(key) for key in ("unit", "meaning")}
    if name in DIVISORS:
        notes["above"] = 0.0
    has_range = {"low", "high"} <= set(coefficient)
    plausible = (coefficient["low"], coefficient["high"]) if has_range else None
    origin = str(coefficient.get("origin"))
    return NumericSetting(".".join(keys), keys, notes, plausible=plausible, origin=origin)


def _walk(
    kind: type[Settings], keys: tuple[str, ...], names: Mapping[str, tuple[str, ...]]
) -> Iterator[NumericSetting]:
    """Yield the numbers below a group of settings."""
    for name, declared in below(kind).items():
        place, inside = (*keys, name), declared.kind
        if inside in (int, float):
            yield NumericSetting(".".join(place), place, declared.notes, inside is int)
        elif get_origin(inside) is dict:
            key_type, number = get_args(inside)[0], below(inside)[ANY]
            known = names.get(".".join(place), names.get(name, ()))
            known = get_args(key_type) if get_origin(key_type) is Literal else known
            for key in known:
                path = ".".join((*place, short_name(key) if name == "regions" else key))
                yield NumericSetting(path, (*place, key), number.notes, number.kind is int)
        elif get_origin(inside) is None:
            yield from _walk(inside, place, names)


def varied(scenario: Scenario, changes: Mapping[tuple[str, ...], float]) -> Scenario:
    """Return a scenario with some numbers replaced.

    Groups of settings whose numbers change are validated again; everything else is shared with
    the given scenario.

    Parameters
    ----------
    scenario : Scenario
        What to start from.
    changes : mapping of keys to float
        New value by `NumericSetting.keys`.

    Raises
    ------
    pydantic.ValidationError
        If numbers do not go together, such as a low above a high.
    """
    tree: dict[str, Any] = {}
    for keys, value in changes.items():
        below = tree
        for key in keys[:-1]:
            below = below.setdefault(key, {})
        below[keys[-1]] = value
    return _with(scenario, tree) if tree else scenario


def _with(value: Any, tree: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        changed = {
            key: _with(value[key], change) if isinstance(change, Mapping) else change
            for key, change in tree.items()
        }
        return {**value, **changed}
    groups = {
        key: _with(getattr(value, key), change)
        for key, change in tree.items()
        if isinstance(change, Mapping)
    }
    # Numbers in a mapping, such as weights of sources, are checked by the settings that hold it.
    held = (
        isinstance(getattr(value, key), Mapping)
        and not all(isinstance(number, Mapping) for number in tree[key].values())
        for key in groups
    )
    if len(groups) == len(tree) and not any(held):
        return value.model_copy(update=groups)
    kind: type[Settings] = type(value)
    # A weight is changed among the weights as they were written, as on a command line.
    before = value.written() if isinstance(value, Shares) else dict(value)
    return kind.model_validate({**before, **tree, **groups})
