"""A policy of the EU: priorities, capacity, openness and the Offer (the levers)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from partnersim.scenario.offer import Offer
from partnersim.scenario.settings import AreaPriorities, Settings, Shares, number, text, weight

RegionPriority = Annotated[float, number("EU priority of a region; 1 is neutral, 0 none", 0, 3)]


class DirectionPriorities(Shares):
    """Weights of the four directions; only their proportions count."""

    deepen: float = weight("Deepen existing partnerships")
    broaden: float = weight("Begin new partnerships or enter new areas")
    connect: float = weight("Tie partners to each other")
    strengthen: float = weight("Strengthen security and defence partnerships")


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
    negotiators: int = number(
        "Officials who negotiate; they limit how much runs at once", 0, 2000, unit="officials"
    )
    openness: float = number("0 accepts like-minded partners only, 1 anybody", 0, 1)
    hubs: Annotated[tuple[str, ...], Field(strict=False)] = Field(
        default=(), description="ISO3 codes of partners where the EU opens a Digital Hub at once"
    )
    offer: Offer = Field(description="The Tech Business Offer")
