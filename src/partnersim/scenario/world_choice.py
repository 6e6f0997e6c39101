"""Which world is simulated."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from partnersim.scenario.settings import Settings


class WorldChoice(Settings):
    """Which partners, and which instruments are switched off."""

    which: Literal["all", "named"] = Field(
        description="all: every partner country; named: only those the strategy names"
    )
    bloc_expansions: bool = Field(
        description="Count ties with a bloc as ties with each of its members"
    )
    history: bool = Field(
        default=True,
        description="Count ties that dated events show but the strategy does not mention",
    )
    switched_off: Annotated[tuple[str, ...], Field(strict=False)] = Field(
        default=(), description="Instruments left out, held or not, by catalogue id"
    )
