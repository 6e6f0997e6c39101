"""A policy of the EU: priorities, capacity, openness and the Offer (the levers)."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from partnersim.scenario.levers import Negotiators, Openness, RegionPriority
from partnersim.scenario.offer import Offer
from partnersim.scenario.settings import (
    AreaPriorities,
    DirectionPriorities,
    Settings,
    text,
)
from partnersim.scenario.switch import Switch


class Policy(Settings):
    """What the EU decides."""

    name: str = text("Name of the policy")
    description: str = text("What it stands for, one line", default="")
    priorities: DirectionPriorities = Field(description="Weights of the four directions")
    areas: AreaPriorities = Field(
        default=AreaPriorities(), description="Priority of each area; 1 is neutral"
    )
    regions: dict[str, RegionPriority] = Field(
        default={}, description="Priority of each region; 1 where not named"
    )
    negotiators: Negotiators
    openness: Openness
    hubs: Annotated[tuple[str, ...], Field(strict=False)] = Field(
        default=(), description="ISO3 codes of partners where the EU opens a Digital Hub at once"
    )
    offer: Offer = Field(description="The Tech Business Offer")
    switches: Annotated[tuple[Switch, ...], Field(strict=False)] = Field(
        default=(), description="Changes of course held ready, each with its signpost"
    )

    @model_validator(mode="after")
    def _switches_have_names_of_their_own(self) -> Self:
        names = [switch.name for switch in self.switches]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"switches: the name '{twice[0]}' is given twice")
        return self
