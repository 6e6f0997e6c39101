"""A policy of the EU: priorities, capacity, openness and the Offer (the levers)."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from partnersim.scenario.levers import (
    AreaPriorities,
    DirectionPriorities,
    Envelope,
    ModuleMix,
    Negotiators,
    Openness,
    RegionPriority,
    Targeting,
)
from partnersim.scenario.names import Country, Region
from partnersim.scenario.settings import Settings, number, text
from partnersim.scenario.switch import Switch


class Offer(Settings):
    """The EU Tech Business Offer (JOIN(2025) 140 final, section 3)."""

    envelope: Envelope
    mix: ModuleMix = Field(description="Weights of the modules")
    targeting: Targeting = Field(description="Weights of the ways to divide the money")
    private: float = number("Private money that follows, at best", 0, 5, unit="EUR per public EUR")
    development_finance: float = number(
        "Money of development banks that follows, at best", 0, 5, unit="EUR per public EUR"
    )
    export_credit: float = number(
        "Money of export credit agencies that follows, at best", 0, 5, unit="EUR per public EUR"
    )
    carry_over: float = number(
        "Share of a year's envelope that may be carried over; the rest lapses", 0, 1
    )
    reservation_partner: float = number(
        "Gain below which a partner declines; 0 takes anything", 0, 1
    )
    reservation_eu: float = number("Gain below which the EU declines; 0 gives anything", 0, 1)


class Policy(Settings):
    """What the EU decides."""

    name: str = text("Name of the policy")
    description: str = text("What it stands for, one line", default="")
    priorities: DirectionPriorities = Field(description="Weights of the four directions")
    areas: AreaPriorities = Field(
        default=AreaPriorities(), description="Priority of each area; 1 is neutral"
    )
    regions: dict[Region, RegionPriority] = Field(
        default={}, description="Priority of each region; 1 where not named"
    )
    negotiators: Negotiators
    openness: Openness
    hubs: Annotated[tuple[Country, ...], Field(strict=False)] = Field(
        default=(), description="ISO3 codes of partners where the EU opens a Digital Hub at once"
    )
    offer: Offer = Field(description="The Tech Business Offer")
    switches: Annotated[tuple[Switch, ...], Field(strict=False)] = Field(
        default=(), description="Changes of levers held ready, each with its signpost"
    )

    @model_validator(mode="after")
    def _switches_have_names_of_their_own(self) -> Self:
        names = [switch.name for switch in self.switches]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"switches: the name '{twice[0]}' is given twice")
        return self
