"""A geopolitical climate: how often which shocks strike, how it develops, what is scheduled."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from partnersim.scenario.horizon import Quarter
from partnersim.scenario.names import Country, Places, ShockName
from partnersim.scenario.settings import Settings, number, text

RateMultiplier = Annotated[float, number("How much more often a shock strikes", 0, 20)]


class ScheduledShock(Settings):
    """A shock that strikes for certain."""

    shock: ShockName = text("Shock type, a name of the catalogue")
    quarter: Quarter = Field(description="When it strikes, such as 2027Q2")
    where: Places = Field(
        description="Whom it strikes: world, a region, an ISO3 code, or a list of these"
    )
    severity: float = number("How hard it strikes", 0, 1)
    by: Country | None = Field(
        default=None, description="Code of the country behind it; nobody if not named"
    )


class Geopolitics(Settings):
    """The climate in which a policy has to work (an exogenous uncertainty)."""

    name: str = text("Name of the climate")
    description: str = text("What it stands for, one line", default="")
    intensity: float = number("Multiplies the rates of all shocks", 0, 5)
    intensification: float = number(
        "How the rates of all shocks grow", -0.5, 0.5, unit="share a year"
    )
    shocks: dict[ShockName, RateMultiplier] = Field(
        default={}, description="Multiplies the rate of one shock type; 1 where not named"
    )
    rival_drift: float = number("Change of the pull of rival suppliers", -0.05, 0.05, unit="a year")
    schedule: Annotated[tuple[ScheduledShock, ...], Field(strict=False)] = Field(
        default=(),
        description="Shocks that strike for certain; those outside the horizon do not happen",
    )
