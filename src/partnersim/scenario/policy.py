"""A policy of the EU: its levers, the Offer, and the switches that it holds ready.

On switches see Haasnoot et al. (2013), Dynamic adaptive policy pathways,
doi:10.1016/j.gloenvcha.2012.12.006.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import create_model, field_validator

from partnersim.model.constants import AREAS
from partnersim.model.tables import read_table
from partnersim.scenario.horizon import Quarter
from partnersim.scenario.names import (
    BuyerRegion,
    Country,
    MetricName,
    OpenInstrument,
    OpenRegion,
    Recipients,
    ShockName,
)
from partnersim.scenario.settings import Settings, Several, Shares, number, setting, text, weight

Negotiators = Annotated[
    int,
    number("Officials who negotiate; they limit how much runs at once", 0, 2000, unit="officials"),
]
Openness = Annotated[float, number("0 accepts like-minded partners only, 1 anybody", 0, 1)]
Envelope = Annotated[
    float, number("Public money of Team Europe for the Offer", 0, 20_000, unit="million EUR a year")
]
RegionPriority = Annotated[float, number("EU priority of a region; 1 is neutral, 0 none", 0, 3)]
InstrumentPriority = Annotated[
    float, number("EU priority of an instrument; 1 is neutral, 0 none, 3 promotes it", 0, 3)
]
RegionShare = Annotated[float, number("Share that a region has first claim to", 0, 1)]

# A number for every name of a table.
_BY_AREA: dict[str, Any] = {
    area: (float, number(f"EU priority of {area}; 1 is neutral, 0 none", 0, 3, default=1.0))
    for area in AREAS
}
_BY_WAY: dict[str, Any] = {
    row["name"]: (float, weight(row["meaning"], float(row["default"]) if row["default"] else ...))
    for row in read_table("targeting")
}
_AREAS: Any = create_model("_Areas", __base__=Settings, **_BY_AREA)
_TARGETING: Any = create_model("_Targeting", __base__=Shares, **_BY_WAY)


class AreaPriorities(_AREAS):
    """How much the EU cares about each area: 1 is neutral, 0 not at all, 3 three times as much."""


class DirectionPriorities(Shares):
    """Weights of the four directions; only their proportions count."""

    deepen: float = weight("Deepen existing partnerships")
    broaden: float = weight("Begin new partnerships or enter new areas")
    connect: float = weight("Tie partners to each other")
    strengthen: float = weight("Strengthen security and defence partnerships")


class ModuleMix(Shares):
    """Weights of the six modules of the Offer; only their proportions count."""

    connectivity: float = weight("Secure and trusted connectivity")
    public_infrastructure: float = weight("Digital public infrastructure")
    ai_software: float = weight("Artificial intelligence and software")
    skills: float = weight("Skills and capacity building")
    cybersecurity: float = weight("Cybersecurity")
    green: float = weight("Energy- and resource-efficient digital solutions")


class Targeting(_TARGETING):
    """Weights of the ways to divide the money among countries; only their proportions count."""


#: What sums of shares may miss 1 by.
_ROUNDING = 1e-9


class Offer(Settings):
    """The EU Tech Business Offer (JOIN(2025) 140 final, section 3)."""

    envelope: Envelope
    mix: ModuleMix = setting("Weights of the modules")
    targeting: Targeting = setting("Weights of the ways to divide the money")
    regions: dict[BuyerRegion, RegionShare] = setting(
        "Share of the money for packages that a region has first claim to", {}
    )
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
    recipients: Recipients = setting(
        "Who alone may buy packages: regions, groups such as candidate, ldc, low_income"
        " or asean, ISO3 codes; [] for all developing countries",
        (),
    )
    reservation_partner: float = number(
        "Gain below which a partner declines; 0 takes anything", 0, 1
    )
    reservation_eu: float = number("Gain below which the EU declines; 0 gives anything", 0, 1)

    def _misfits(self) -> Iterator[str]:
        total = sum(self.regions.values())
        if total > 1.0 + _ROUNDING:
            yield f"regions: shares sum to {total:g}, more than 1"


class Signpost(Settings):
    """What is watched: a metric that passes a value, or a shock that strikes."""

    metric: MetricName | None = setting("Metric watched, such as covered_gdp", None)
    below: float | None = setting("Met when the metric is below this", None)
    above: float | None = setting("Met when the metric is above this", None)
    shock: ShockName | None = setting("Shock type watched, instead of a metric", None)
    severity: float = number("Met when a strike is at least this hard", 0, 1, default=0.0)
    since: Quarter | None = setting(
        "First quarter in which it is looked at; the first one if null", None
    )

    def _misfits(self) -> Iterator[str]:
        if (self.metric is None) == (self.shock is None):
            yield "a signpost watches either a metric or a shock"
        if self.metric is not None and (self.below is None) == (self.above is None):
            yield "a metric is watched with either below or above"
        if self.shock is not None and not (self.below is None and self.above is None):
            yield "below and above go with a metric, a shock has a severity"


class LeverSettings(Settings):
    """The levers that a switch sets anew; what is left out stays as it is."""

    priorities: DirectionPriorities | None = setting("Weights of the four directions", None)
    areas: AreaPriorities | None = setting("Priority of each area", None)
    regions: dict[OpenRegion, RegionPriority] | None = setting(
        "Priority of each region; 1 where not named", None
    )
    negotiators: Negotiators | None = None
    openness: Openness | None = None
    envelope: Envelope | None = None
    mix: ModuleMix | None = setting("Weights of the modules", None)
    targeting: Targeting | None = setting("Weights of the ways to divide the money", None)

    def _misfits(self) -> Iterator[str]:
        names = tuple(type(self).model_fields)
        if all(getattr(self, name) is None for name in names):
            yield f"sets nothing: name one of {', '.join(names)}"


class Switch(Settings):
    """A change of levers that a policy holds ready; it is made once, when its signpost is met."""

    name: str = text("Name of the switch: small letters, digits and underscores")
    when: Signpost = setting("The signpost")
    then: LeverSettings = setting("The levers it sets anew")

    @field_validator("name")
    @classmethod
    def _name_is_plain(cls, name: str) -> str:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise ValueError("must be made of small letters, digits and underscores")
        return name


class Policy(Settings):
    """What the EU decides."""

    name: str = text("Name of the policy")
    description: str = text("What it stands for, one line", default="")
    priorities: DirectionPriorities = setting("Weights of the four directions")
    areas: AreaPriorities = setting("Priority of each area; 1 is neutral", AreaPriorities())
    regions: dict[OpenRegion, RegionPriority] = setting(
        "Priority of each region; 1 where not named", {}
    )
    instruments: dict[OpenInstrument, InstrumentPriority] = setting(
        "Priority of each instrument, by catalogue id; 1 where not named", {}
    )
    negotiators: Negotiators
    openness: Openness
    hubs: Several[Country] = setting(
        "ISO3 codes of partners where the EU opens a Digital Hub at once", ()
    )
    offer: Offer = setting("The Tech Business Offer")
    switches: Several[Switch] = setting("Changes of levers held ready, each with its signpost", ())

    def _misfits(self) -> Iterator[str]:
        names = [switch.name for switch in self.switches]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            yield f"switches: the name '{twice[0]}' is given twice"
