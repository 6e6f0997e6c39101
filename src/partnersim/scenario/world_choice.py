"""Which world is simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from partnersim.scenario.instrument import Instrument
from partnersim.scenario.names import InstrumentName, WeightName
from partnersim.scenario.settings import Settings, number

if TYPE_CHECKING:
    from partnersim.world.world import World


ScoreWeight = Annotated[float, number("Weight, only proportions count", 0, 100_000)]


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
    added: dict[str, Instrument] = Field(
        default={}, description="Instruments added to the catalogue, by id"
    )
    weights: dict[WeightName, ScoreWeight] = Field(
        default={}, description="Weights behind the scores of countries, by name"
    )
    switched_off: Annotated[tuple[InstrumentName, ...], Field(strict=False)] = Field(
        default=(), description="Instruments left out, held or not, by catalogue id"
    )

    def load(self) -> World:
        """Load this world, with the instruments added to it.

        Raises
        ------
        InputError
            If an added instrument does not fit the world, one line per problem.
        """
        # Reading settings must not wait for the tables of the world.
        from partnersim.world.world import load_world

        return load_world(**self.arguments())  # type: ignore[arg-type]

    def arguments(self) -> dict[str, object]:
        """Return with what `load_world` loads this world; the weights come when it is compiled."""
        added = {name: instrument.cells() for name, instrument in self.added.items()}
        return {
            **{name: getattr(self, name) for name in ("which", "bloc_expansions", "history")},
            "added": added,
        }
