"""Generated parts about the model: coefficients, constants, metrics, shocks, policies, climates."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

from doc_tables import code, number, pairs, table
from partnersim.configuration import load_scenario
from partnersim.model.constants import AREAS, MODES, RELATIONS
from partnersim.model.instrument_utility import InstrumentTerms
from partnersim.model.metrics import Metric
from partnersim.model.metrics import metrics as table_of_metrics
from partnersim.model.shock_effects import EFFECTS
from partnersim.model.tables import read_table
from partnersim.scenario.config_files import options, read_option
from partnersim.scenario.shock import EffectsOn, ShockType
from partnersim.world.world import load_world


def coefficients() -> str:
    """Return every behavioural coefficient."""
    behaviour = load_scenario().behaviour
    rows = [
        (
            code(name),
            number(item.value),
            f"{number(item.low)} to {number(item.high)}",
            item.unit,
            item.origin,
            item.meaning,
        )
        for name, item in ((name, behaviour.coefficients[name]) for name in behaviour.values())
    ]
    return table(("name", "value", "plausible range", "unit", "origin", "meaning"), rows)


def utility_terms() -> str:
    """Return the terms of a country's utility of an instrument, as each is documented."""
    terms = ast.parse(inspect.getsource(InstrumentTerms)).body[0]
    texts = [ast.literal_eval(line.value) for line in terms.body[1:] if isinstance(line, ast.Expr)]
    assert len(texts) == len(InstrumentTerms._fields), "each term has its formula below it"
    signed = [text if text.startswith("- ") else f"+ {text}" for text in texts]
    for _, text in zip(InstrumentTerms._fields, signed, strict=True):
        assert len(text) > 2
    return _formulas(signed[0].replace("+", " ", 1), *signed[1:])


def package_claim() -> str:
    """Return the claim of a country on a package, principle by principle."""
    merits = [
        f"w_{row['name']}" + (f" * {row['formula']}" if row["formula"] else "")
        for row in read_table("targeting")
    ]
    return _formulas(
        "claim_i = P * (1 + package_bonus if the country has a partnership framework)",
        "          * (  " + "\n             + ".join(merits) + " )",
        "          * investment_unit_i / (investment_unit_i + sum_a recent_ia)",
    )


def disturbed_scores() -> str:
    """Return what shocks make of scores, effect by effect."""
    return _formulas(*(row["formula"] for row in EFFECTS))


def _formulas(*lines: str) -> str:
    return "\n".join(("```text", *lines, "```\n"))


def metrics() -> str:
    """Return every metric with its definition, those that differ only by a part in one row."""
    families: dict[str, list[Metric]] = {}
    for metric in table_of_metrics(load_world().regions).values():
        families.setdefault(metric.row, []).append(metric)
    rows = [
        (
            code(family),
            found[0].label.en if len(found) == 1 else f"{found[0].label.en}, ...",
            found[0].unit or "-",
            found[0].better or "-",
            len(found),
            found[0].definition,
        )
        for family, found in families.items()
    ]
    return table(("name", "title", "unit", "better", "columns", "definition"), rows)


def shocks() -> str:
    """Return the shock catalogue: how often, whom, how hard, how long."""
    rows = []
    for name, shock in load_scenario().shocks.items():
        severity = shock.severity
        spread = shock.spread
        rows.append(
            (
                code(name),
                shock.description,
                shock.scope,
                number(shock.rate),
                ", ".join(number(x) for x in (severity.low, severity.mode, severity.high)),
                number(shock.half_life),
                ", ".join(_source(name, shock) for name in shock.sources) or "-",
                "-" if spread.along == "none" else f"{spread.along} {number(spread.probability)}",
            )
        )
    header = ("type", "what happens", "scope", "rate", "severity", "half-life", "sources")
    return table((*header, "spread"), rows)


def _source(name: str, shock: ShockType) -> str:
    """Return a source with its weight, and where it is more or less likely."""
    where = shock.source_regions.get(name, {})
    return f"{name} {number(shock.sources[name])}" + (f" ({pairs(where)})" if where else "")


def shock_evidence() -> str:
    """Return what is known about the numbers of the shock catalogue, and what is assumed."""
    rows = [
        (
            code(name),
            code(path),
            *(number(x) for x in (max(shock.numbers(path) or [0.0], key=abs), row.low, row.high)),
            row.origin,
            row.basis,
        )
        for name, shock in load_scenario().shocks.items()
        for path, row in shock.evidence.items()
    ]
    return table(("type", "number", "value", "low", "high", "origin", "basis"), rows)


def shock_effects() -> str:
    """Return what each shock type changes, and where it strikes more or less often."""
    rows = [
        (
            code(name),
            _effects(shock),
            pairs(shock.regions | shock.groups) or "-",
        )
        for name, shock in load_scenario().shocks.items()
    ]
    return table(("type", "change at full intensity", "who is struck more or less often"), rows)


def effect_kinds() -> str:
    """Return the kinds of effects of instruments, and how many rows of the data are of each."""
    kinds = load_world().arrays.effect_kind.tolist()
    rows = [
        (code(row["name"]), row["on"], str(kinds.count(place)), row["definition"])
        for place, row in enumerate(read_table("instrument_effects"))
    ]
    return table(("kind", "acts on", "effects", "size of an effect"), rows)


def connection_modes() -> str:
    """Return the modes of connection: what they cost and which instruments are of each."""
    world = load_world()
    arrays, names = world.arrays, world.instruments["instrument"]
    rows = [
        (
            mode.replace("_", " "),
            number(round(float(arrays.effort[arrays.mode == place].mean()), 1)),
            number(round(float(arrays.cost[arrays.mode == place].mean()), 1)),
            ", ".join(code(name) for name in names[arrays.mode == place]),
        )
        for place, mode in enumerate(MODES)
    ]
    return table(("mode", "EU negotiators", "million EUR", "instruments"), rows)


def _effects(shock: ShockType) -> str:
    return "; ".join(
        f"**{relation}** {listed}"
        for relation in RELATIONS
        if (listed := _effects_on(getattr(shock.effects, relation)))
    )


def _effects_on(effects: EffectsOn) -> str:
    given = {row["name"]: getattr(effects, row["name"]) for row in EFFECTS}
    by_area = {kind: changes for kind, changes in given.items() if isinstance(changes, dict)}
    parts = [f"{kind}: {_areas(changes)}" for kind, changes in by_area.items() if changes]
    parts += [
        f"{kind} {number(change)}"
        for kind, change in given.items()
        if kind not in by_area and change
    ]
    return "; ".join(parts)


def _areas(changes: Mapping[str, float]) -> str:
    """Return changes by area, short where all areas change alike."""
    if len(changes) == len(AREAS) and len(set(changes.values())) == 1:
        return f"all areas {number(next(iter(changes.values())))}"
    return pairs(changes)


def policies() -> str:
    """Return the shipped policies by what they set otherwise than the reference."""
    return _variants("policy")


def climates() -> str:
    """Return the shipped climates by what they set."""
    return _variants("geopolitics")


def _variants(group: str) -> str:
    rows = []
    for name in options(group):
        settings = read_option(group, name)
        own = {key: settings[key] for key in settings if key not in ("name", "description")}
        own.pop("defaults", None)
        changes = "; ".join(_flat(own)) if name != "balanced" else "the reference, see its file"
        rows.append((code(name), settings["description"], changes))
    return table(("name", "what it stands for", "settings"), rows)


def _flat(settings: Mapping[str, Any], prefix: str = "") -> Iterable[str]:
    """Return settings as ``path value``; a group of plain numbers stays together."""
    for key, value in settings.items():
        if isinstance(value, Mapping):
            if value and not any(isinstance(item, (Mapping, list)) for item in value.values()):
                yield f"{prefix}{key}: {pairs(value)}"
            else:
                yield from _flat(value, f"{prefix}{key}.")
        elif isinstance(value, list):
            for item in value:
                yield f"{key}: {', '.join(str(part) for part in item.values())}"
        else:
            yield f"{prefix}{key} {value}"


#: Numbers that stand in the rules: module, name, meaning.
CONSTANTS = (
    ("model.constants", "MAXIMUM_DEPTH", "most binding level"),
    ("model.constants", "QUARTERS_PER_YEAR", "quarters of a year"),
    ("model.constants", "CENTS_PER_MILLION", "cents of a million EUR"),
    ("model.beginning", "INITIAL_REPUTATION", "reputation of the EU at the start"),
    ("model.shocks", "SPREAD_SHARE", "share of its severity with which a shock spreads"),
    ("model.constants", "HALF_CONNECTED", "links at which a country is half connected"),
    (
        "model.instrument_utility",
        "HALF_COMPLEMENTARY",
        "instruments per area at which H is half felt",
    ),
    ("model.adaptation", "HALF_DELIVERED", "stage transitions at which delivery is one half"),
    ("world.instruments", "HIGH_INCOME", "GDP per person of high income, USD"),
    ("world.affinity", "EARTH_RADIUS_KM", "radius of the Earth, km"),
)


def constants() -> str:
    """Return the numbers that stand in the rules."""
    rows = [
        (code(name), code(module), getattr(import_module(f"partnersim.{module}"), name), meaning)
        for module, name, meaning in CONSTANTS
    ]
    return table(("name", "module", "value", "meaning"), rows)
