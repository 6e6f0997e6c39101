"""A type of geopolitical shock: how often, whom, how hard, what it changes, how it fades."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, create_model

from partnersim.model.constants import RELATIONS
from partnersim.model.tables import read_table
from partnersim.scenario.names import NEIGHBOUR, NOBODY, Group, Region, known_as
from partnersim.scenario.settings import Area, Settings, number, setting, text
from partnersim.world.places import nearest_place

Scope = Literal["world", "region", "country", "pair", "eu"]
RegionMultiplier = Annotated[
    float, number("How much more often a region is struck; 1 is neutral", 0, 10)
]
GroupMultiplier = Annotated[
    float, number("How much more often its countries are struck; 1 is neutral", 0, 100)
]
SourceWeight = Annotated[float, number("How likely among the sources", 0, 1000)]
SourceMultiplier = Annotated[
    float, number("How much likelier behind strikes on the region; 1 is neutral", 0, 100)
]


def _source_hint(name: str, known: Collection[str]) -> str:
    how = f"write {NEIGHBOUR}, {NOBODY} or the code of a partner country such as CHN"
    return f"{nearest_place(name, known)} ({how})"


Source = Annotated[str, known_as("sources", "source", _source_hint)]


class Severity(Settings):
    """Triangular distribution of severity on 0..1."""

    low: float = number("Smallest severity", 0, 1)
    mode: float = number("Most likely severity", 0, 1)
    high: float = number("Largest severity", 0, 1)

    def _misfits(self) -> Iterator[str]:
        if not self.low <= self.mode <= self.high:
            yield "must rise: low <= mode <= high"


def _effect(row: Mapping[str, str]) -> Any:
    """Return type and declaration of an effect of the table."""
    low, high = float(row["low"]), float(row["high"])
    if row["on"] == "area":
        change = Annotated[float, number("Change at full intensity", low, high)]
        return dict[Area, change], Field(default_factory=dict, description=row["definition"])  # type: ignore[valid-type]
    return float, number(row["definition"], low, high, default=0.0)


_TABLE = read_table("shock_effects")
#: What acts on the EU, which stands in no relation to a shock but `struck`.
ON_EU = tuple(row["name"] for row in _TABLE if row["on"] == "EU")
_EFFECTS: Any = create_model(
    "_Effects", __base__=Settings, **{row["name"]: _effect(row) for row in _TABLE}
)


class EffectsOn(_EFFECTS):
    """What a shock changes at full intensity for one relation; fades with the half-life."""


class Effects(Settings):
    """What a shock changes, by the relation of a country to it."""

    struck: EffectsOn = setting(
        "On every country that is struck, or on the EU", default_factory=EffectsOn
    )
    candidate: EffectsOn = setting(
        "On struck candidates for accession, besides", default_factory=EffectsOn
    )
    source: EffectsOn = setting("On the country behind it", default_factory=EffectsOn)
    others: EffectsOn = setting(
        "On each country, by the mean intensity in all others, by shares of output",
        default_factory=EffectsOn,
    )

    def _misfits(self) -> Iterator[str]:
        for relation in RELATIONS[1:]:
            changes = getattr(self, relation)
            for effect in ON_EU:
                if effect in changes.model_fields_set and getattr(changes, effect) != 0.0:
                    yield f"{relation}.{effect} acts on the EU: write it below struck"


class Spread(Settings):
    """Whether a strike reaches neighbours a quarter later."""

    along: Literal["none", "borders", "links"] = setting(
        "What a strike spreads along: none, borders or links", "none"
    )
    probability: float = number("Chance that a neighbour is struck", 0, 1, default=0.0)


class Evidence(Settings):
    """What is known about a number of a shock type: its range, and where it comes from."""

    low: float = number("Low end of what is plausible", -40, 40)
    high: float = number("High end of what is plausible", -40, 40)
    origin: Literal["assumed", "record"] = setting(
        "assumed, or the record of shocks (shocks_history.csv) and of its sources"
    )
    basis: str = text("How the number comes about, one line")

    def _misfits(self) -> Iterator[str]:
        if self.low > self.high:
            yield "must rise: low <= high"


class ShockType(Settings):
    """One entry of the shock catalogue."""

    description: str = text("What happens, one line")
    scope: Scope = setting("Whom one strike hits: world, region, country, pair or eu")
    strikes: Literal["exposed", "fragile", "aligned"] = setting(
        "Which countries are struck more often: exposed (near a conflict, on the EU's"
        " rim, weak in cybersecurity), fragile (poor and undemocratic for their region) or aligned"
        " (exposed, and nearer to the EU than their region)",
        "exposed",
    )
    rate: float = number("Strikes a year and unit of the scope", 0, 10, unit="a year and unit")
    severity: Severity = setting("Triangular distribution of severity")
    half_life: float = number(
        "Time after which half the intensity is left", 0.25, 40, unit="quarters"
    )
    sources: dict[Source, SourceWeight] = setting(
        "Who may be behind it, by weight: codes of countries, neighbour (each by land,"
        " times its hostility), nobody",
        {},
    )
    source_regions: dict[Source, dict[Region, SourceMultiplier]] = setting(
        "How much likelier a country is behind strikes on a region; 1 where not named", {}
    )
    effects: Effects = setting(
        "What changes at full intensity, by relation to the shock", default_factory=Effects
    )
    spread: Spread = setting("Whether neighbours are struck later", default_factory=Spread)
    regions: dict[Region, RegionMultiplier] = setting(
        "How much more often a region is struck; 1 where not named", {}
    )
    groups: dict[Group, GroupMultiplier] = setting(
        "How much more often countries are struck, by code or group; 1 where not named", {}
    )
    spares: Literal["nobody", "friends", "foes"] = setting(
        "Whom a source never strikes: friends (bound to it by a pact), or foes (one"
        " restricts the other, or bans the vendors of a source of high risk)",
        "nobody",
    )
    turn: bool = setting(
        "Whether a country turns by it, towards the EU or away; none turns twice within a year",
        False,
    )
    evidence: dict[str, Evidence] = setting(
        "Range and origin of numbers above, by path such as effects.struck.pace;"
        " what is not named is assumed, within what is allowed",
        {},
    )

    def _misfits(self) -> Iterator[str]:
        if self.sources and self.scope not in ("country", "pair", "world"):
            yield f"sources: a shock of scope {self.scope} has none"
        if self.source_regions and self.scope not in ("country", "pair"):
            yield f"source_regions: a shock of scope {self.scope} has none"
        for name in (NEIGHBOUR, NOBODY):
            if name in self.source_regions:
                yield f"source_regions.{name}: only countries have regions of their own"
        if self.scope == "world" and NEIGHBOUR in self.sources:
            yield f"sources.{NEIGHBOUR}: the world has no neighbours"
        if self.sources and not any(self.sources.values()):
            yield "sources: one weight must be above 0"
        if self.strikes != "exposed" and self.scope not in ("country", "pair"):
            yield f"strikes: a shock of scope {self.scope} strikes no single countries"
        if self.groups and self.scope not in ("country", "pair"):
            yield f"groups: a shock of scope {self.scope} strikes no single countries"
        if self.spares != "nobody" and self.scope != "country":
            yield f"spares: a shock of scope {self.scope} spares nobody"
        if self.turn and self.scope != "country":
            yield f"turn: a shock of scope {self.scope} turns nobody"
        for path in self.evidence:
            if self.numbers(path) is None:
                yield f"evidence: {path} is no number of this shock type"

    def numbers(self, path: str) -> list[float] | None:
        """Return the numbers below a path such as ``effects.struck.pace``, None if it has none."""
        found: Any = self
        for name in path.split("."):
            found = found.get(name) if isinstance(found, dict) else getattr(found, name, None)
        values = list(found.values()) if isinstance(found, dict) else [found]
        return values if all(isinstance(value, float) for value in values) else None
