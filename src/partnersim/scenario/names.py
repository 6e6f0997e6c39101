"""Names in settings that must exist: shock types, countries, regions, instruments.

Works on plain settings, valid or not, so that every unknown name is told beside every other
problem.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from partnersim.errors import nearest
from partnersim.model.metrics import metric_names
from partnersim.scenario.geopolitics import EVERYWHERE
from partnersim.scenario.problems import shown

if TYPE_CHECKING:
    from partnersim.world.world import World


@dataclass(frozen=True)
class WorldNames:
    """The names that a world knows.

    Attributes
    ----------
    world : str
        Name of the world.
    countries : dict of str to str
        Name of each country by ISO3 code.
    regions, instruments : tuple of str
        All names.
    """

    world: str
    countries: dict[str, str]
    regions: tuple[str, ...]
    instruments: tuple[str, ...]


def names_of(world: World) -> WorldNames:
    """Return the names that a world knows."""
    codes = [str(code) for code in world.countries["iso3"]]
    return WorldNames(
        world=world.name,
        countries=dict(zip(codes, map(str, world.countries["name"]), strict=True)),
        regions=tuple(world.regions),
        instruments=tuple(str(name) for name in world.instruments["instrument"]),
    )


def short_name(region: str) -> str:
    """Return a region's name as it can be typed in a key, such as ``sub_saharan_africa``."""
    plain = unicodedata.normalize("NFKD", region).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def with_full_region_names(settings: Any, regions: Sequence[str], key: str = "") -> Any:
    """Return settings in which short names of regions are replaced by the full ones.

    Parameters
    ----------
    settings : mapping, list or value
        Settings, valid or not.
    regions : sequence of str
        Full names.
    key : str
        The key at which the settings stand; below ``regions`` and at ``where`` names are regions.
    """
    full = {short_name(region): region for region in regions}
    if isinstance(settings, Mapping):
        inside = key == "regions"
        return {
            full.get(name, name) if inside else name: with_full_region_names(value, regions, name)
            for name, value in settings.items()
        }
    if isinstance(settings, list):
        return [with_full_region_names(item, regions, key) for item in settings]
    return (
        full.get(settings, settings) if key == "where" and isinstance(settings, str) else settings
    )


def at(tree: Any, path: str) -> Any:
    """Return what stands at a dotted path, None where there is nothing."""
    for key in path.split("."):
        if not isinstance(tree, Mapping):
            return None
        tree = tree.get(key)
    return tree


def texts(value: Any) -> list[tuple[str, str]]:
    """Return the texts of a list with their places: ``[0]``, ``[1]``; one text has no place."""
    if isinstance(value, str):
        return [("", value)]
    if not isinstance(value, Sequence):
        return []
    return [(f"[{place}]", item) for place, item in enumerate(value) if isinstance(item, str)]


def _scheduled(tree: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    schedule = at(tree, "geopolitics.schedule")
    if isinstance(schedule, Sequence) and not isinstance(schedule, str):
        for place, strike in enumerate(schedule):
            if isinstance(strike, Mapping):
                yield f"geopolitics.schedule[{place}]", strike


def _switches(tree: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    switches = at(tree, "policy.switches")
    if isinstance(switches, Sequence) and not isinstance(switches, str):
        for place, switch in enumerate(switches):
            if isinstance(switch, Mapping):
                yield f"policy.switches[{place}]", switch


def shock_problems(tree: Mapping[str, Any]) -> list[str]:
    """Return one line for every shock type that is named but not in the catalogue.

    Parameters
    ----------
    tree : mapping
        Settings with ``shocks`` and any of ``geopolitics``, ``policy``.
    """
    catalogue = at(tree, "shocks")
    if not isinstance(catalogue, Mapping):
        return []
    multipliers = at(tree, "geopolitics.shocks")
    named = []
    if isinstance(multipliers, Mapping):
        named += [(f"geopolitics.shocks.{name}", name) for name in multipliers]
    for path, strike in _scheduled(tree):
        if isinstance(strike.get("shock"), str):
            named.append((f"{path}.shock", strike["shock"]))
    for path, switch in _switches(tree):
        if isinstance(at(switch, "when.shock"), str):
            named.append((f"{path}.when.shock", at(switch, "when.shock")))
    return [
        f"{path}: unknown shock type {shown(name)}{nearest(name, catalogue)}"
        for path, name in named
        if name not in catalogue
    ]


def world_problems(tree: Mapping[str, Any], names: WorldNames) -> list[str]:
    """Return one line for every country, region or instrument that the world does not know.

    Parameters
    ----------
    tree : mapping
        Settings with any of ``policy``, ``geopolitics``, ``shocks``, ``world``.
    names : WorldNames
        What the world knows.
    """
    problems = [
        *_country_problems("policy.hubs", at(tree, "policy.hubs"), names),
        *_region_problems("policy.regions", at(tree, "policy.regions"), names),
    ]
    for path, switch in _switches(tree):
        problems += _region_problems(f"{path}.then.regions", at(switch, "then.regions"), names)
        problems += _metric_problems(f"{path}.when.metric", at(switch, "when.metric"), names)
    catalogue = at(tree, "shocks")
    if isinstance(catalogue, Mapping):
        for name, shock in catalogue.items():
            path = f"shocks.{name}.regions"
            problems += _region_problems(path, at(shock, "regions"), names)
    for path, strike in _scheduled(tree):
        problems += _place_problems(f"{path}.where", strike.get("where"), names)
    added = at(tree, "world.added")
    instruments = (*names.instruments, *(added if isinstance(added, Mapping) else ()))
    for place, name in texts(at(tree, "world.switched_off")):
        if name not in instruments:
            problems.append(
                f"world.switched_off{place}: unknown instrument {shown(name)}"
                f"{nearest(name, instruments)}"
            )
    return problems


def _country_hint(given: str, names: WorldNames) -> str:
    """Return the nearest country, whether a code or a name was given."""
    by_name = {name.casefold(): code for code, name in names.countries.items()}
    code = by_name.get(given.casefold()) or (
        given.upper() if given.upper() in names.countries else None
    )
    if code is None:
        hint = nearest(given, names.countries if len(given) <= 3 else by_name)
        if not hint:
            return "; write an ISO 3166 code of three letters such as KEN"
        guess = hint.split("'", 1)[1].rsplit("'", 1)[0]
        code = by_name.get(guess, guess)
    return f", did you mean '{code}' ({names.countries[code]})?"


def _country_problems(path: str, value: Any, names: WorldNames) -> list[str]:
    return [
        f"{path}{place}: unknown country {shown(given)}{_country_hint(given, names)}"
        for place, given in texts(value)
        if given not in names.countries
    ]


def _region_problems(path: str, value: Any, names: WorldNames) -> list[str]:
    if not isinstance(value, Mapping):
        return []
    return [
        f"{path}: unknown region {shown(name)}{nearest(name, names.regions)}"
        f" (regions: {', '.join(names.regions)})"
        for name in value
        if name not in names.regions
    ]


def _metric_problems(path: str, value: Any, names: WorldNames) -> list[str]:
    if not isinstance(value, str):
        return []
    known = metric_names(names.regions)
    return (
        [] if value in known else [f"{path}: unknown metric {shown(value)}{nearest(value, known)}"]
    )


def _place_problems(path: str, value: Any, names: WorldNames) -> list[str]:
    problems = []
    for place, given in texts(value):
        if given == EVERYWHERE or given in names.regions or given in names.countries:
            continue
        hint = nearest(given, (EVERYWHERE, *names.regions)) or _country_hint(given, names)
        problems.append(
            f"{path}{place}: {shown(given)} is neither {EVERYWHERE}, nor a region, nor a country"
            f"{hint}"
        )
    return problems
