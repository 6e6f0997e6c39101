"""The levers of a policy that its switches may set anew: meaning, unit and range of each."""

from __future__ import annotations

from typing import Annotated, Any

from partnersim.model.constants import AREAS
from partnersim.model.tables import read_table
from partnersim.scenario.settings import Settings, Shares, number, weight, with_numbers

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

_DIRECTIONS = {
    "deepen": "Deepen existing partnerships",
    "broaden": "Begin new partnerships or enter new areas",
    "connect": "Tie partners to each other",
    "strengthen": "Strengthen security and defence partnerships",
}
_MODULES = {
    "connectivity": "Secure and trusted connectivity",
    "public_infrastructure": "Digital public infrastructure",
    "ai_software": "Artificial intelligence and software",
    "skills": "Skills and capacity building",
    "cybersecurity": "Cybersecurity",
    "green": "Energy- and resource-efficient digital solutions",
}


def _shares(meanings: dict[str, str]) -> Any:
    return with_numbers(Shares, {name: weight(meaning) for name, meaning in meanings.items()})


_AREAS: Any = with_numbers(
    Settings,
    {
        area: number(f"EU priority of {area}; 1 is neutral, 0 none", 0, 3, default=1.0)
        for area in AREAS
    },
)
_OF_DIRECTIONS: Any = _shares(_DIRECTIONS)
_OF_MODULES: Any = _shares(_MODULES)
_OF_TARGETING: Any = with_numbers(
    Shares,
    {
        row["name"]: weight(row["meaning"], float(row["default"]) if row["default"] else ...)
        for row in read_table("targeting")
    },
)


class AreaPriorities(_AREAS):
    """How much the EU cares about each area: 1 is neutral, 0 not at all, 3 three times as much."""


class DirectionPriorities(_OF_DIRECTIONS):
    """Weights of the four directions; only their proportions count."""


class ModuleMix(_OF_MODULES):
    """Weights of the six modules of the Offer; only their proportions count."""


class Targeting(_OF_TARGETING):
    """Weights of the ways to divide the money among countries; only their proportions count."""
