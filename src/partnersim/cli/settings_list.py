"""All settings with meaning, range, unit and default, read from their declarations."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from partnersim.model.constants import AREAS
from partnersim.scenario.config_files import default_options, default_settings, read_option
from partnersim.scenario.names import short_name
from partnersim.scenario.problems import allowed_range, bare, fields_of, notes_in, shown
from partnersim.scenario.run_settings import RunSettings
from partnersim.scenario.scenario import Scenario
from partnersim.scenario.settings import Settings, notes_of

#: What stands in a path for a name that the user fills in.
PLACEHOLDERS = {
    "policy.regions": "REGION",
    "geopolitics.shocks": "SHOCK",
    "shocks": "SHOCK",
    "shocks.SHOCK.regions": "REGION",
    "shocks.SHOCK.effects.threat": "AREA",
    "shocks.SHOCK.effects.rival": "AREA",
    "shocks.SHOCK.effects.readiness": "AREA",
    "behaviour.coefficients": "COEFFICIENT",
    "world.added": "INSTRUMENT",
    "design.factors": "SETTING",
}
#: Names and descriptions are told with the options, not as settings.
_UNTOLD = ("name", "description")


@dataclass(frozen=True)
class ListedSetting:
    """One setting as shown to users.

    Attributes
    ----------
    path : str
        Dotted path, with capitals for a name to fill in.
    meaning, allowed, default : str
        In words; empty where there is nothing to say.
    """

    path: str
    meaning: str
    allowed: str
    default: str


@cache
def listed_settings() -> tuple[ListedSetting, ...]:
    """Return every setting: first those of a run, then those of the scenario."""
    run = {
        name: declared
        for name, declared in RunSettings.model_fields.items()
        if name != "experiment"
    }
    scenario = dict(Scenario.model_fields)
    order = ("policy", "geopolitics", "world", "horizon", "shocks", "behaviour")
    return (
        *_listed(run, "", default_settings()),
        *_listed({name: scenario[name] for name in order}, "", _defaults()),
    )


@cache
def _defaults() -> dict[str, Any]:
    """Return the settings of the default options that stand in their own files."""
    chosen = default_options()
    # The big tables are left out: their values are per name and not defaults of a setting.
    groups = {group: read_option(group, chosen[group]) for group in ("world", "policy")}
    groups["geopolitics"] = read_option("geopolitics", chosen["geopolitics"])
    groups["engine"] = read_option("engine", chosen["engine"])
    return {**default_settings(), **groups}


def _listed(
    fields: dict[str, FieldInfo], prefix: str, defaults: dict[str, Any]
) -> Iterator[ListedSetting]:
    for name, declared in fields.items():
        path = f"{prefix}{name}"
        if name in _UNTOLD and prefix:
            continue
        yield from _below(path, declared.annotation, declared, defaults)


def _below(
    path: str, annotation: Any, declared: FieldInfo | None, defaults: dict[str, Any]
) -> Iterator[ListedSetting]:
    kind = bare(annotation)
    if fields_of(kind):
        yield from _listed(fields_of(kind), f"{path}.", defaults)
        return
    if get_origin(kind) is dict and path in PLACEHOLDERS:
        inner = get_args(kind)[1]
        below = f"{path}.{PLACEHOLDERS[path]}"
        if fields_of(bare(inner)):
            yield from _below(below, inner, None, defaults)
            return
        notes = notes_in(inner)
        yield ListedSetting(below, notes["meaning"], allowed_range(bare(inner), notes), "")
        return
    meaning = (declared.description or "") if declared else ""
    notes = notes_of(declared) if declared else {}
    value = _at(defaults, path)
    default = "" if value is None else _written(value)
    yield ListedSetting(path, meaning, _allowed(kind, notes), default)


def _at(tree: Any, path: str) -> Any:
    """Return what stands at a dotted path, None where there is nothing."""
    for key in path.split("."):
        tree = tree.get(key) if isinstance(tree, Mapping) else None
    return tree


def _allowed(kind: Any, notes: dict[str, Any]) -> str:
    if kind in (int, float):
        return allowed_range(kind, notes)
    if kind is bool:
        return "true or false"
    if get_origin(kind) is Literal:
        return ", ".join(get_args(kind))
    return ""


def _written(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(str(item) for item in value)}]"
    return value if isinstance(value, str) else shown(value)


def keys_below(path: str) -> tuple[str, ...]:
    """Return the names that may follow a dotted path, empty if it is not a group.

    Parameters
    ----------
    path : str
        Such as ``policy.offer``; empty for the top level.
    """
    if not path:
        return (*RunSettings.model_fields, *Scenario.model_fields, "scenario")
    kind: Any = Scenario
    reached = ""
    for key in path.split("."):
        kind, reached = _step(kind, key, reached)
        if kind is None:
            return ()
    if fields_of(kind):
        return tuple(fields_of(kind))
    return names_for(PLACEHOLDERS.get(reached, ""))


def _step(kind: type[Settings] | Any, key: str, reached: str) -> tuple[Any, str]:
    if key in fields_of(kind):
        return bare(fields_of(kind)[key].annotation), f"{reached}.{key}".removeprefix(".")
    if get_origin(kind) is dict and reached in PLACEHOLDERS:
        return bare(get_args(kind)[1]), f"{reached}.{PLACEHOLDERS[reached]}"
    return None, reached


def names_for(placeholder: str) -> tuple[str, ...]:
    """Return the names that can stand for ``SHOCK``, ``AREA``, ``REGION`` or ``COEFFICIENT``."""
    if placeholder == "SHOCK":
        return tuple(read_option("shocks", default_options()["shocks"]))
    if placeholder == "COEFFICIENT":
        return tuple(read_option("behaviour", default_options()["behaviour"])["coefficients"])
    if placeholder == "AREA":
        return AREAS
    if placeholder == "REGION":
        return _regions()
    return ()


def _regions() -> tuple[str, ...]:
    """Return the short names of all regions."""
    table = Path(__file__).resolve().parent.parent / "data" / "countries.csv"
    with table.open(encoding="utf-8", newline="") as stream:
        return tuple(sorted({short_name(row["region"]) for row in csv.DictReader(stream)}))
