"""All settings with meaning, range, unit and default, read from their declarations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args, get_origin

from partnersim.model.coefficients import NAMES
from partnersim.model.constants import AREAS
from partnersim.scenario.config_files import default_options, read_option
from partnersim.scenario.problems import allowed_range, shown
from partnersim.scenario.run_settings import RunSettings
from partnersim.scenario.scenario import Scenario, setting_at
from partnersim.scenario.settings import ANY, Declared, below
from partnersim.shipped_folder import rows_of, shipped_folder
from partnersim.world.places import short_name

#: What stands in a path for a name that the user fills in, by the group that it belongs to.
_PLACEHOLDERS = {
    **{"regions": "REGION", "instruments": "INSTRUMENT", "shocks": "SHOCK"},
    **{"coefficients": "COEFFICIENT", "added": "INSTRUMENT"},
    **{"weights": "WEIGHT", "factors": "SETTING"},
    **{"threat": "AREA", "rival": "AREA", "readiness": "AREA"},
}
#: Names and descriptions are told with the options, not as settings.
_WITH_OPTIONS = ("name", "description")
_RUN = [name for name in RunSettings.model_fields if name != "experiment"]
_SCENARIO = ("policy", "geopolitics", "world", "horizon", "shocks", "behaviour")


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
    chosen = default_options()
    # The big tables are left out: their values are per name and not defaults of a setting.
    groups = ("world", "policy", "geopolitics", "engine")
    main = read_option("", "config")
    defaults = {**main, **{name: read_option(name, chosen[name]) for name in groups}}
    return tuple(
        setting
        for name in (*_RUN, *_SCENARIO)
        for setting in _listed(name, setting_at(name), defaults.get(name))
    )


def _below(key: str, kind: Any) -> Mapping[str, Declared]:
    """Return what stands below a key by name, by a placeholder for any name."""
    found = below(kind)
    if ANY not in found:
        return found
    named = get_origin(kind) is dict and key in _PLACEHOLDERS
    return {_PLACEHOLDERS[key]: found[ANY]} if named else {}


def _listed(path: str, declared: Declared, default: Any) -> Iterator[ListedSetting]:
    inside = _below(path.rpartition(".")[2], declared.kind)
    for name, inner in inside.items():
        if name not in _WITH_OPTIONS:
            value = default.get(name) if isinstance(default, dict) else None
            yield from _listed(f"{path}.{name}", inner, value)
    if not inside:
        written = "" if default is None else _written(default)
        allowed = _allowed(declared.kind, declared.notes)
        yield ListedSetting(path, declared.meaning, allowed, written)


def _allowed(kind: Any, notes: Mapping[str, Any]) -> str:
    if kind in (int, float):
        return allowed_range(kind, notes)
    if kind is bool:
        return "true or false"
    return ", ".join(get_args(kind)) if get_origin(kind) is Literal else ""


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
    inside = _below(path.rpartition(".")[2], setting_at(path).kind)
    return tuple(name for key in inside for name in (_names(key) if key.isupper() else (key,)))


def choices_at(path: str) -> tuple[str, ...]:
    """Return the values of a setting that is chosen from a few, empty for any other."""
    kind = setting_at(path).kind
    if kind is bool:
        return ("true", "false")
    return get_args(kind) if get_origin(kind) is Literal else ()


def _names(placeholder: str) -> tuple[str, ...]:
    """Return the names that can stand for a placeholder, as far as they are known."""
    if placeholder == "SHOCK":
        return tuple(read_option("shocks", default_options()["shocks"]))
    if placeholder == "COEFFICIENT":
        return NAMES
    if placeholder == "AREA":
        return AREAS
    if placeholder == "REGION":
        return tuple(sorted({short_name(row["region"]) for row in _rows("countries")}))
    if placeholder == "WEIGHT":
        parts = ((row["score"], row["area"], row["part"]) for row in _rows("scores"))
        return tuple(short_name("_".join(filter(None, names))) for names in parts)
    return ()


def _rows(table: str) -> list[dict[str, str]]:
    """Return a table of the package, read without pandas: completion must not wait for it."""
    return rows_of(shipped_folder("data") / f"{table}.csv")
