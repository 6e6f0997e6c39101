"""An instrument that a strategist adds to the catalogue."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from partnersim.model.constants import DIRECTIONS
from partnersim.scenario.settings import Area, Settings, number, text

Names = Annotated[tuple[str, ...], Field(strict=False)]

#: Direction under which instruments of a role are entered; a bilateral one deepens or broadens.
_DIRECTIONS_OF = {
    "bilateral": ("deepen", "broaden"),
    "network": ("connect",),
    "security": ("strengthen",),
}


class Instrument(Settings):
    """What can be signed: areas, role, path, how binding it is, who may take it."""

    name: str = text("Name of the instrument")
    areas: Annotated[tuple[Area, ...], Field(strict=False, min_length=1)] = Field(
        description="Areas of cooperation that it covers"
    )
    binding: int = number("How binding it is: 0 a meeting, 2 a signed text, 4 a treaty", 0, 4)
    role: Literal["bilateral", "network", "security"] = Field(
        default="bilateral", description="Whether it ties partners to each other, or serves defence"
    )
    path: Literal["political", "treaty", "programme", "project"] = Field(
        default="political", description="By which stages it comes about"
    )
    effort: int = number(
        "EU negotiators that one negotiation occupies", 1, 1000, unit="officials", default=4
    )
    funded: bool = Field(default=False, description="Whether it needs EU money")
    regions: Names = Field(default=(), description="Regions that may take it; all if nobody named")
    groups: Names = Field(default=(), description="Organisations whose members may take it")
    countries: Names = Field(default=(), description="ISO3 codes of partners that may take it")
    excluded: Names = Field(default=(), description="Countries and organisations that may not")
    prerequisites: Annotated[tuple[Names, ...], Field(strict=False)] = Field(
        default=(),
        description="What must be in force before: one of each list, as in [[TTC, SDP], [HPC]]",
    )

    def cells(self) -> dict[str, str]:
        """Return it as a row of ``instruments.csv``."""
        directions = [name for name in DIRECTIONS if name in _DIRECTIONS_OF[self.role]]
        return {
            "name": self.name,
            "description": "",
            "directions": ";".join(directions),
            "areas": ";".join(self.areas),
            "binding": str(self.binding),
            "role": self.role,
            "path": self.path,
            "effort": str(self.effort),
            "funded": "yes" if self.funded else "no",
            "offer_role": "none",
            "eligible_regions": ";".join(self.regions),
            "eligible_groups": ";".join(self.groups),
            "eligible_enlargement": "",
            "eligible_countries": ";".join(self.countries),
            "developing_only": "no",
            "excluded": ";".join(self.excluded),
            "prerequisites": ";".join("|".join(group) for group in self.prerequisites),
            "open_with": "",
            "seed_ref": "",
            "source": "added in a configuration",
            "confidence": "assumed",
        }
