"""What the page has to know before it asks anything: names, ranges, defaults, the map."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any, get_args

from pydantic.fields import FieldInfo

from partnersim.model.constants import AREAS, DIRECTIONS, MODULES, STAGES
from partnersim.model.metrics import Metric, metrics
from partnersim.model.targeting import TARGETING
from partnersim.page.futures import HEADLINES, SHOWN_METRICS
from partnersim.page.request import (
    LONGEST_HORIZON,
    MOST_FUTURES,
    MOST_SCHEDULED,
    usual_scenario,
)
from partnersim.page.run_view import TERM_NAMES
from partnersim.page.work import shipped_world
from partnersim.scenario.behaviour import Behaviour
from partnersim.scenario.config_files import default_options, options, read_option
from partnersim.scenario.geopolitics import Geopolitics
from partnersim.scenario.levers import (
    AreaPriorities,
    DirectionPriorities,
    ModuleMix,
    RegionPriority,
    Targeting,
)
from partnersim.scenario.policy import Offer, Policy
from partnersim.scenario.settings import Settings, notes_of


@cache
def facts() -> dict[str, Any]:
    """Return all of it, as plain data."""
    from partnersim import __version__

    default = usual_scenario()
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
        "metrics": {
            name: _metric(metric) for name, metric in metrics().items() if name in SHOWN_METRICS
        },
        "headlines": HEADLINES,
        **_world(),
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
        "quarters": default.horizon.labels,
    }


def world_map() -> bytes:
    """Return the map's outlines as JSON."""
    return resources.files("partnersim").joinpath("data/world_map.json").read_bytes()


def facts_json() -> bytes:
    """Return `facts` as JSON."""
    return json.dumps(facts(), ensure_ascii=False, separators=(",", ":")).encode()


def _metric(metric: Metric) -> dict[str, Any]:
    return {name: getattr(metric, name) for name in ("label", "unit", "decimals", "better")}


def _world() -> dict[str, Any]:
    """Return countries (whether the document names them too), regions and instruments."""
    world = shipped_world()
    return {
        "countries": [
            [str(row.iso3), str(row.name), str(row.region), bool(row.named)]
            for row in world.countries[["iso3", "name", "region", "named"]].itertuples(index=False)
        ],
        "regions": list(world.regions),
        "instruments": [
            [str(code), str(name), int(binding)]
            for code, name, binding in zip(
                world.instruments["instrument"],
                world.instruments["name"],
                world.arrays.binding,
                strict=True,
            )
        ],
    }


def _levers() -> dict[str, dict[str, Any]]:
    """Return meaning, unit and range of every number that the page can change."""
    found: dict[str, dict[str, Any]] = {}
    fields: dict[str, FieldInfo] = {}
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
            fields[f"{prefix}.{name}"] = declared
    # One lever a region: what a value means stands in its type.
    fields["policy.regions"] = get_args(RegionPriority)[1]
    for path, declared in fields.items():
        notes = notes_of(declared)
        if notes:
            found[path] = {
                "whole": declared.annotation is int,
                **{key: notes[key] for key in ("meaning", "unit", "low", "high")},
            }
    return found


def _options(group: str) -> dict[str, Any]:
    """Return every option of a group with all its settings."""
    return {
        option: getattr(usual_scenario(**{group: option}), group).model_dump(mode="json")
        for option in options(group)
    }


def _behaviours() -> dict[str, Any]:
    answer = {}
    for option in options("behaviour"):
        content = read_option("behaviour", option)
        # A file that stands for itself need not be composed, which takes twenty times longer.
        behaviour = (
            usual_scenario(behaviour=option).behaviour
            if "defaults" in content
            else Behaviour.model_validate(content)
        )
        answer[option] = {
            "description": behaviour.description,
            "coefficients": {
                name: item.model_dump(mode="json") for name, item in behaviour.coefficients.items()
            },
        }
    return answer
