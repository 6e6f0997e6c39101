"""What the page has to know before it asks anything: names, ranges, defaults, the map."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from partnersim.configuration import scenario_of
from partnersim.page.futures import SHOWN_METRICS
from partnersim.page.request import LONGEST_HORIZON, MOST_FUTURES, MOST_SCHEDULED
from partnersim.page.run_view import TERM_NAMES
from partnersim.page.work import world_of
from partnersim.rules.constants import AREAS, DIRECTIONS, MODULES, STAGES, TARGETING
from partnersim.scenario.config_files import default_options, options, read_option
from partnersim.scenario.geopolitics import Geopolitics
from partnersim.scenario.offer import ModuleMix, Offer, Targeting
from partnersim.scenario.policy import Policy
from partnersim.scenario.scenario import Scenario
from partnersim.scenario.settings import (
    AreaPriorities,
    DirectionPriorities,
    Settings,
    notes_of,
)
from partnersim.store.wording import metric_label


def _scenario(**choices: str) -> Scenario:
    """Return a shipped scenario; of one world, since composing a configuration takes long."""
    usual = {"world": "named", "behaviour": default_options()["behaviour"]}
    return scenario_of({**usual, **choices}, {})


@cache
def facts() -> dict[str, Any]:
    """Return all of it, as plain data."""
    from partnersim import __version__

    default = _scenario()
    return {
        "version": __version__,
        "defaults": default_options(),
        "limits": {
            "futures": MOST_FUTURES,
            "quarters": LONGEST_HORIZON,
            "scheduled": MOST_SCHEDULED,
        },
        "areas": AREAS,
        "directions": DIRECTIONS,
        "modules": MODULES,
        "targeting": TARGETING,
        "stages": STAGES,
        "terms": TERM_NAMES,
        "metrics": {name: _metric(name) for name in SHOWN_METRICS},
        "worlds": {which: _world(which) for which in options("world")},
        "instruments": _instruments(),
        "levers": _levers(),
        "policies": _options("policy"),
        "climates": _options("geopolitics"),
        "behaviours": _behaviours(),
        "shocks": [
            {
                "name": name,
                "description": shock.description,
                "scope": shock.scope,
                "rate": shock.rate,
                "mode": shock.severity.mode,
                "half_life": shock.half_life,
            }
            for name, shock in default.shocks.items()
        ],
        "horizon": {"start": default.horizon.start, "end": default.horizon.end},
    }


def world_map() -> bytes:
    """Return the map's outlines as JSON."""
    return resources.files("partnersim").joinpath("data/world_map.json").read_bytes()


def facts_json() -> bytes:
    """Return `facts` as JSON."""
    return json.dumps(facts(), ensure_ascii=False, separators=(",", ":")).encode()


def _metric(name: str) -> dict[str, Any]:
    label = metric_label(name)
    return {
        "title": label.title,
        "unit": label.unit,
        "decimals": label.decimals,
        "better": label.better,
    }


def _world(which: str) -> dict[str, Any]:
    world = world_of(which)
    return {
        "countries": [
            [str(row.iso3), str(row.name), str(row.region)]
            for row in world.countries[["iso3", "name", "region"]].itertuples(index=False)
        ],
        "regions": list(world.regions),
    }


def _instruments() -> list[list[Any]]:
    world = world_of("named")
    table = world.instruments
    return [
        [str(code), str(name), int(binding)]
        for code, name, binding in zip(
            table["instrument"], table["name"], world.arrays.binding, strict=True
        )
    ]


def _levers() -> dict[str, dict[str, Any]]:
    """Return meaning, unit and range of every number that the page can change."""
    found: dict[str, dict[str, Any]] = {}
    groups: list[tuple[str, type[Settings]]] = [
        ("policy", Policy),
        ("policy.priorities", DirectionPriorities),
        ("policy.areas", AreaPriorities),
        ("policy.offer", Offer),
        ("policy.offer.mix", ModuleMix),
        ("policy.offer.targeting", Targeting),
        ("geopolitics", Geopolitics),
    ]
    for prefix, model in groups:
        for name, declared in model.model_fields.items():
            notes = notes_of(declared)
            if notes:
                found[f"{prefix}.{name}"] = {
                    "whole": declared.annotation is int,
                    **{key: notes[key] for key in ("meaning", "unit", "low", "high")},
                }
    return found


def _options(group: str) -> dict[str, Any]:
    """Return every option of a group with all its settings."""
    attribute = "policy" if group == "policy" else "geopolitics"
    return {
        option: getattr(_scenario(**{group: option}), attribute).model_dump(mode="json")
        for option in options(group)
    }


def _behaviours() -> dict[str, Any]:
    answer = {}
    for option in options("behaviour"):
        behaviour = _scenario(behaviour=option).behaviour
        answer[option] = {
            "description": behaviour.description
            or str(read_option("behaviour", option).get("description", "")),
            "coefficients": {
                name: item.model_dump(mode="json") for name, item in behaviour.coefficients.items()
            },
        }
    return answer
