"""Levers that a policy sets and that its switches may set anew: meaning, unit and range of each."""

from __future__ import annotations

from typing import Annotated

from partnersim.scenario.settings import number

Negotiators = Annotated[
    int,
    number("Officials who negotiate; they limit how much runs at once", 0, 2000, unit="officials"),
]
Openness = Annotated[float, number("0 accepts like-minded partners only, 1 anybody", 0, 1)]
Envelope = Annotated[
    float, number("Public money of Team Europe for the Offer", 0, 20_000, unit="million EUR a year")
]
RegionPriority = Annotated[float, number("EU priority of a region; 1 is neutral, 0 none", 0, 3)]
