"""A type of geopolitical shock: how often, whom, how hard, what it changes, how it fades."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, create_model, model_validator

from partnersim.model.tables import read_table
from partnersim.scenario.names import Region
from partnersim.scenario.settings import Area, Settings, number, text

Scope = Literal["world", "region", "country", "pair", "eu"]
RegionMultiplier = Annotated[
    float, number("How much more often a region is struck; 1 is neutral", 0, 10)
]


class Severity(Settings):
    """Triangular distribution of severity on 0..1."""

    low: float = number("Smallest severity", 0, 1)
    mode: float = number("Most likely severity", 0, 1)
    high: float = number("Largest severity", 0, 1)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low <= self.mode <= self.high:
            raise ValueError("must rise: low <= mode <= high")
        return self


def _effect(row: Mapping[str, str]) -> Any:
    """Return type and declaration of an effect of the table."""
    low, high = float(row["low"]), float(row["high"])
    if row["on"] == "area":
        change = Annotated[float, number("Change at full intensity", low, high)]
        return dict[Area, change], Field(default={}, description=row["definition"])  # type: ignore[valid-type]
    return float, number(row["definition"], low, high, default=0.0)


_EFFECTS: Any = create_model(
    "_Effects",
    __base__=Settings,
    **{row["name"]: _effect(row) for row in read_table("shock_effects")},
)


class Effects(_EFFECTS):
    """What a shock changes at full intensity, added to 0..1 scores; fades with the half-life."""


class Spread(Settings):
    """Whether a strike reaches neighbours a quarter later."""

    along: Literal["none", "borders", "links"] = Field(
        default="none", description="What a strike spreads along: none, borders or links"
    )
    probability: float = number("Chance that a neighbour is struck", 0, 1, default=0.0)


class ShockType(Settings):
    """One entry of the shock catalogue."""

    description: str = text("What happens, one line")
    scope: Scope = Field(description="Whom one strike hits: world, region, country, pair or eu")
    rate: float = number("Strikes a year and unit of the scope", 0, 10, unit="a year and unit")
    severity: Severity = Field(description="Triangular distribution of severity")
    half_life: float = number(
        "Time after which half the intensity is left", 0.25, 40, unit="quarters"
    )
    effects: Effects = Field(default=Effects(), description="What changes at full intensity")
    strain: float = number(
        "Hazard that a tie is suspended at full intensity", 0, 2, unit="a quarter", default=0.0
    )
    spread: Spread = Field(default=Spread(), description="Whether neighbours are struck later")
    regions: dict[Region, RegionMultiplier] = Field(
        default={}, description="How much more often a region is struck; 1 where not named"
    )
