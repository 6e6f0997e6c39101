"""What the page has to know before it asks anything: names, ranges, defaults, the map."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any, get_args

from partnersim.model.coefficients import COEFFICIENTS
from partnersim.model.constants import AREAS, DIRECTIONS, MODULES, STAGES
from partnersim.model.metrics import metrics
from partnersim.model.tables import Label, label, read_table
from partnersim.model.targeting import TARGETING
from partnersim.page import request
from partnersim.page.country import TERM_NAMES
from partnersim.page.futures import HEADLINES, SHOWN_METRICS, world_of
from partnersim.scenario.config_files import default_options, options
from partnersim.scenario.names import Names, names_of
from partnersim.scenario.numeric_settings import numeric_settings
from partnersim.scenario.policy import RegionPriority
from partnersim.scenario.settings import Settings, Shares, notes_of


@cache
def facts() -> dict[str, Any]:
    """Return all of it, as plain data."""
    from partnersim import __version__

    default = request.usual_scenario()
    world = world_of(default.world)
    instruments = world.instruments[["instrument", "name"]]
    return {
        "version": __version__,
        "defaults": default_options(),
        "limits": {
            "futures": request.MOST_FUTURES,
            "scheduled": request.MOST_SCHEDULED,
            "goals": request.MOST_GOALS,
            "saved": request.MOST_SAVED,
            "annotations": request.MOST_ANNOTATIONS,
            "scoreboard": request.SCOREBOARD_FUTURES,
        },
        "areas": AREAS,
        "directions": DIRECTIONS,
        "modules": MODULES,
        "targeting": TARGETING,
        "stages": STAGES,
        "terms": TERM_NAMES,
        "metrics": {
            name: {key: getattr(metrics()[name], key) for key in ("unit", "decimals", "better")}
            for name in SHOWN_METRICS
        },
        "labels": _labels(),
        "headlines": HEADLINES,
        # The last says whether the document names the country.
        "countries": world.countries[["iso3", "name", "region", "named"]].to_numpy().tolist(),
        "regions": list(world.regions),
        "openers": names_of(world).openers,
        "instruments": instruments.assign(binding=world.arrays.binding).to_numpy().tolist(),
        "levers": _levers(),
        "policies": _options("policy"),
        "climates": _options("geopolitics"),
        "behaviours": _options("behaviour"),
        "shocks": [
            {"name": name, "description": shock.description, "scope": shock.scope}
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


def _labels() -> dict[str, Label]:
    """Return what stands in the tables of the model by the name that the page gives it.

    A name that begins with ``?`` is that of an explanation.
    """
    lever = "policy.offer.targeting"
    terms = {row["name"]: row for row in read_table("utility_terms")}
    return {
        **{f"metric.{name}": metrics()[name].label for name in SHOWN_METRICS},
        **{f"effect.{row['name']}": label(row) for row in read_table("shock_effects")},
        **{f"coefficient.{name}": label(row) for name, row in COEFFICIENTS.items()},
        **{
            f"?coefficient.{name}": Label(row["meaning"], row["meaning_de"], row["meaning_fr"])
            for name, row in COEFFICIENTS.items()
        },
        # A term that has no words of its own is called as its coefficient.
        **{f"term.{name}": label(terms.get(name) or COEFFICIENTS[name]) for name in TERM_NAMES},
        **{f"{lever}.{row['name']}": label(row) for row in read_table("targeting")},
        **{
            f"?{lever}.{row['name']}": Label(*(row[f"definition_{code}"] for code in Label._fields))
            for row in read_table("targeting")
        },
    }


def _levers() -> dict[str, dict[str, Any]]:
    """Return meaning, unit and range of every number that the page can change."""
    nameless = Names(
        countries={}, regions=(), buyers=(), openers=(), instruments=(), settled=(), metrics=()
    )
    found = {path: (one.whole, one.notes) for path, one in numeric_settings(nameless).items()}
    # One lever a region: what a value means stands in its type.
    found["policy.regions"] = False, notes_of(get_args(RegionPriority)[1])
    return {
        path: {"whole": whole, **{key: notes[key] for key in ("meaning", "unit", "low", "high")}}
        for path, (whole, notes) in found.items()
    }


def _options(group: str) -> dict[str, Any]:
    """Return every option of a group with all its settings, weights as shares that sum to 1."""
    return {
        option: _with_shares(getattr(request.usual_scenario(**{group: option}), group))
        for option in options(group)
    }


def _with_shares(settings: Settings) -> dict[str, Any]:
    dumped = settings.model_dump(mode="json")
    for name in type(settings).model_fields:
        below = getattr(settings, name)
        if isinstance(below, Shares):
            dumped[name] = dict(below)
        elif isinstance(below, Settings):
            dumped[name] = _with_shares(below)
    return dumped
