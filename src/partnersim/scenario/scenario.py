"""A scenario: everything that a run depends on besides its world, seed and replicate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, model_validator

from partnersim.scenario.behaviour import Behaviour
from partnersim.scenario.geopolitics import Geopolitics
from partnersim.scenario.horizon import Horizon
from partnersim.scenario.names import names_of, shock_problems, world_problems
from partnersim.scenario.policy import Policy
from partnersim.scenario.settings import Settings
from partnersim.scenario.shock import ShockType
from partnersim.scenario.world_choice import WorldChoice

if TYPE_CHECKING:
    from partnersim.world.world import World


class Scenario(Settings):
    """World, policy, climate, shock catalogue, behaviour and horizon; immutable.

    Made by ``load_scenario``; another one that differs in some settings comes from
    ``model_copy(update=...)`` of its parts.
    """

    world: WorldChoice = Field(description="Which world")
    policy: Policy = Field(description="What the EU decides")
    geopolitics: Geopolitics = Field(description="The climate in which it has to work")
    shocks: dict[str, ShockType] = Field(description="The catalogue of shock types")
    behaviour: Behaviour = Field(description="How partners and the EU decide")
    horizon: Horizon = Field(description="First and last quarter")

    @model_validator(mode="after")
    def _shock_types_exist(self) -> Self:
        problems = shock_problems(self._names_in_use())
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _names_in_use(self) -> dict[str, Any]:
        """Return the settings that hold names, as plain data."""
        return {
            "world": self.world.model_dump(include={"switched_off", "added"}),
            "policy": self.policy.model_dump(include={"hubs", "regions", "switches"}),
            "geopolitics": self.geopolitics.model_dump(include={"shocks", "schedule"}),
            "shocks": {
                name: shock.model_dump(include={"regions"}) for name, shock in self.shocks.items()
            },
        }

    def check(self, world: World) -> list[str]:
        """Return the problems that only a world can tell: unknown names, one line each.

        Parameters
        ----------
        world : World
            From ``load_world``.

        Returns
        -------
        list of str
            Key path, given name, nearest name; empty if the scenario fits the world.
        """
        known = set(world.instruments["instrument"])
        left_out = [
            f"world.added.{name}: the world was loaded without it; load it with world_of(scenario)"
            for name in self.world.added
            if name not in known
        ]
        return left_out + world_problems(self._names_in_use(), names_of(world))


def world_of(scenario: Scenario) -> World:
    """Load the world that a scenario is about, with the instruments that it adds.

    Parameters
    ----------
    scenario : Scenario
        From ``load_scenario``.

    Raises
    ------
    InputError
        If an added instrument does not fit the world, one line per problem.
    """
    return scenario.world.load()
