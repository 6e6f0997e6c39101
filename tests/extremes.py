"""Scenarios from all over the ranges of their settings, the ends included, for hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from partnersim.model.coefficients import NAMES
from partnersim.model.constants import AREAS, DIRECTIONS, MODULES, RELATIONS
from partnersim.model.shock_effects import EFFECTS
from partnersim.model.targeting import TARGETING
from partnersim.scenario.geopolitics import Geopolitics, Phase
from partnersim.scenario.policy import Offer, Policy
from partnersim.scenario.scenario import Scenario
from partnersim.scenario.settings import Settings, notes_of
from partnersim.scenario.shock import Effects, EffectsOn, Severity, ShockType, Spread
from scenarios import (
    changed,
    for_quarters,
    with_climate,
    with_coefficients,
    with_offer,
    with_policy,
)

REGIONS = ("LAC", "Indo-Pacific", "Western Balkans")
PLACES = ("world", *REGIONS)


def between(low: float, high: float) -> st.SearchStrategy[float]:
    """Either end, or anything between."""
    return st.one_of(
        st.sampled_from([float(low), float(high)]), st.floats(low, high, allow_subnormal=False)
    )


def numbers_of(kind: type[Settings]) -> dict[str, st.SearchStrategy[Any]]:
    """Return a strategy for every number of some settings, from the range it declares."""
    ranges: dict[str, st.SearchStrategy[Any]] = {}
    for name, field in kind.model_fields.items():
        notes = notes_of(field)
        if "low" in notes and "high" in notes:
            if field.annotation is int:
                ranges[name] = st.integers(notes["low"], notes["high"])
            else:
                ranges[name] = between(notes["low"], notes["high"])
    return ranges


@st.composite
def weights(draw: st.DrawFn, names: tuple[str, ...]) -> dict[str, float]:
    """Weights of which one at least is not zero."""
    any_weight = st.one_of(st.just(0.0), st.floats(1e-6, 1000.0))
    drawn = draw(st.fixed_dictionaries(dict.fromkeys(names, any_weight)))
    return {**drawn, draw(st.sampled_from(names)): draw(st.floats(1e-6, 1000.0))}


@st.composite
def effects_on(draw: st.DrawFn, relation: str) -> EffectsOn:
    """Any changes of what the table of effects names."""
    changes = {}
    for row in EFFECTS:
        change = between(float(row["low"]), float(row["high"]))
        if row["on"] == "area":
            changes[row["name"]] = draw(st.dictionaries(st.sampled_from(AREAS), change, max_size=3))
        elif row["on"] == "country" or relation == "struck":
            changes[row["name"]] = draw(change)
    return EffectsOn(**changes)


@st.composite
def sources(draw: st.DrawFn, scope: str) -> dict[str, float]:
    """Any countries, neighbours or nobody behind a shock of a scope that may have them."""
    names = {"world": ["CHN", "XAA", "nobody"], "country": ["CHN", "XAB", "neighbour", "nobody"]}
    weight = st.floats(1e-6, 1000.0)
    return draw(
        st.dictionaries(
            st.sampled_from(names.get(scope, ["-"])), weight, max_size=3 * (scope in names)
        )
    )


@st.composite
def shock_types(draw: st.DrawFn) -> ShockType:
    """Any shock type."""
    low, mode, high = sorted(draw(between(0.0, 1.0)) for _ in range(3))
    numbers = draw(st.fixed_dictionaries(numbers_of(ShockType)))
    scope = draw(st.sampled_from(["world", "region", "country", "pair", "eu"]))
    return ShockType(
        description="any",
        scope=scope,
        severity=Severity(low=low, mode=mode, high=high),
        effects=Effects(**{relation: draw(effects_on(relation)) for relation in RELATIONS}),
        sources=draw(sources(scope)),
        spread=Spread(
            along=draw(st.sampled_from(["none", "borders", "links"])),
            probability=draw(between(0.0, 1.0)),
        ),
        regions=draw(st.dictionaries(st.sampled_from(REGIONS), between(0.0, 10.0), max_size=2)),
        **numbers,
    )


def phases() -> st.SearchStrategy[Phase]:
    """Any phase of a climate."""
    return st.builds(Phase, **numbers_of(Phase))


@st.composite
def any_scenario(draw: st.DrawFn, scenario: Scenario, quarters: int) -> Scenario:
    """Any scenario that the settings allow."""
    table = scenario.behaviour.coefficients
    chosen = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=len(NAMES)))
    scenario = with_coefficients(
        scenario, **{name: draw(between(table[name].low, table[name].high)) for name in chosen}
    )
    scenario = with_policy(
        scenario,
        priorities=changed(scenario.policy.priorities, **draw(weights(DIRECTIONS))),
        areas=changed(
            scenario.policy.areas,
            **draw(st.dictionaries(st.sampled_from(AREAS), between(0.0, 3.0))),
        ),
        regions=draw(st.dictionaries(st.sampled_from(REGIONS), between(0.0, 3.0))),
        **draw(st.fixed_dictionaries({}, optional=numbers_of(Policy))),
    )
    scenario = with_offer(
        scenario,
        mix=draw(weights(MODULES)),
        targeting=draw(weights(TARGETING)),
        **draw(st.fixed_dictionaries({}, optional=numbers_of(Offer))),
    )
    shocks = {f"shock_{number}": draw(shock_types()) for number in range(draw(st.integers(0, 3)))}
    scenario = changed(
        scenario, shocks=shocks, geopolitics=changed(scenario.geopolitics, shocks={}, schedule=())
    )
    names = st.sampled_from(sorted(shocks)) if shocks else st.nothing()
    strikes = st.fixed_dictionaries(
        {
            "shock": names,
            "quarter": st.sampled_from(["2025Q3", "2026Q2", "2026Q3"]),
            "where": st.sampled_from(PLACES),
            "severity": between(0.0, 1.0),
        }
    )
    scenario = with_climate(
        scenario,
        shocks=draw(st.dictionaries(names, between(0.0, 20.0))),
        schedule=draw(st.lists(strikes, max_size=2 if shocks else 0)),
        phases=draw(st.dictionaries(st.sampled_from("abc"), phases(), min_size=1)),
        **draw(st.fixed_dictionaries({}, optional=numbers_of(Geopolitics))),
    )
    return for_quarters(scenario, quarters)
