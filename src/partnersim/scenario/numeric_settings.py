"""Every number of a scenario by its dotted path: what it may be, and how to change it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from partnersim.scenario.behaviour import DIVISORS, Behaviour, Coefficient
from partnersim.scenario.geopolitics import Geopolitics
from partnersim.scenario.names import short_name
from partnersim.scenario.policy import Policy
from partnersim.scenario.problems import bare, fields_of, notes_in
from partnersim.scenario.scenario import Scenario
from partnersim.scenario.settings import Settings, notes_of
from partnersim.scenario.shock import ShockType


@dataclass(frozen=True)
class NumericSetting:
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
        Plausible range, of coefficients only.
    origin : str
        ``assumed``, ``estimated`` or ``literature`` of a coefficient; else ``setting``.
    """

    path: str
    keys: tuple[str, ...]
    notes: Mapping[str, Any]
    whole: bool = False
    plausible: tuple[float, float] | None = None
    origin: str = "setting"


def numeric_settings(
    policy: Policy,
    geopolitics: Geopolitics,
    shocks: Mapping[str, ShockType],
    behaviour: Behaviour,
    regions: Sequence[str],
) -> dict[str, NumericSetting]:
    """Return every number of a scenario's parts by path.

    Parameters
    ----------
    policy, geopolitics, shocks, behaviour
        The parts.
    regions : sequence of str
        Full names of the world's regions; in paths they are written short.
    """
    names = {"regions": tuple(regions), "shocks": tuple(shocks)}
    found = [
        *_walk(policy, type(policy), ("policy",), names),
        *_walk(geopolitics, type(geopolitics), ("geopolitics",), names),
        *(
            setting
            for name, shock in shocks.items()
            for setting in _walk(shock, ShockType, ("shocks", name), names)
        ),
        *(_coefficient(name, coefficient) for name, coefficient in behaviour.coefficients.items()),
    ]
    return {setting.path: setting for setting in found}


def _coefficient(name: str, coefficient: Coefficient) -> NumericSetting:
    keys = ("behaviour", "coefficients", name, "value")
    notes: dict[str, Any] = {"unit": coefficient.unit, "meaning": coefficient.meaning}
    if name in DIVISORS:
        notes["above"] = 0.0
    return NumericSetting(
        ".".join(keys),
        keys,
        notes,
        plausible=(coefficient.low, coefficient.high),
        origin=coefficient.origin,
    )


def _walk(
    value: Any, annotation: Any, keys: tuple[str, ...], names: Mapping[str, Sequence[str]]
) -> Iterator[NumericSetting]:
    """Yield the numbers below a group of settings."""
    for name, declared in fields_of(annotation).items():
        place = (*keys, name)
        kind = bare(declared.annotation)
        if kind in (int, float):
            yield NumericSetting(".".join(place), place, notes_of(declared), kind is int)
        elif fields_of(kind):
            yield from _walk(getattr(value, name), kind, place, names)
        elif get_origin(kind) is dict:
            key_type, inner = get_args(kind)
            known = get_args(key_type) if get_origin(key_type) is Literal else names[name]
            for key in known:
                path = ".".join((*place, short_name(key) if name == "regions" else key))
                yield NumericSetting(path, (*place, key), notes_in(inner), bare(inner) is int)


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
    changed: Scenario = _with(scenario, tree) if tree else scenario
    return changed


def _with(value: Any, tree: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        return {
            **value,
            **{
                key: _with(value[key], change) if isinstance(change, Mapping) else change
                for key, change in tree.items()
            },
        }
    groups = {
        key: _with(getattr(value, key), change)
        for key, change in tree.items()
        if isinstance(change, Mapping)
    }
    if len(groups) == len(tree):
        return value.model_copy(update=groups)
    kind: type[Settings] = type(value)
    return kind.model_validate({**dict(value), **tree, **groups})
