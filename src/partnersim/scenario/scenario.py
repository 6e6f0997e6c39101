"""A scenario: everything that a run depends on besides its world, seed and replicate."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import ValidationError

from partnersim.errors import refuse
from partnersim.scenario.behaviour import Behaviour
from partnersim.scenario.geopolitics import Geopolitics
from partnersim.scenario.horizon import Horizon
from partnersim.scenario.names import Names, names_of
from partnersim.scenario.policy import Policy
from partnersim.scenario.problems import problems_of, shown
from partnersim.scenario.run_settings import RunSettings, kind_problems
from partnersim.scenario.settings import Declared, Settings, declared_at, setting
from partnersim.scenario.shock import ShockType
from partnersim.scenario.world_choice import WorldChoice

if TYPE_CHECKING:
    from partnersim.world.world import World


class Scenario(Settings):
    """World, policy, climate, shock catalogue, behaviour and horizon; immutable.

    Made by ``load_scenario``; another one that differs in some settings comes from
    ``model_copy(update=...)`` of its parts.
    """

    world: WorldChoice = setting("Which world")
    policy: Policy = setting("What the EU decides")
    geopolitics: Geopolitics = setting("The climate in which it has to work")
    shocks: dict[str, ShockType] = setting("The catalogue of shock types")
    behaviour: Behaviour = setting("How partners and the EU decide")
    horizon: Horizon = setting("First and last quarter")

    def names(self, world: World) -> Names:
        """Return the names that settings beside these may use in a world."""
        return replace(
            names_of(world),
            shocks=tuple(self.shocks),
            coefficients=self.behaviour.model_dump()["coefficients"],
        )

    def check(self, world: World) -> list[str]:
        """Return what keeps this scenario from being simulated in a world, one line each.

        Parameters
        ----------
        world : World
            From ``load_world`` or ``world_of``.

        Returns
        -------
        list of str
            Key path, given name, nearest name; empty if the scenario fits the world.
        """
        known = set(world.instruments["instrument"])
        problems = [
            f"world.added.{name}: the world was loaded without it; load it with world_of(scenario)"
            for name in self.world.added
            if name not in known
        ]
        asked = self.world.arguments()
        problems += [
            f"world.{name} = {shown(asked[name])}: the world was loaded with {shown(used)};"
            " load it with world_of(scenario)"
            for name, used in world.loaded.items()
            if used != asked[name]
        ]
        if asked.get("data_dir", world.folder) != world.folder:
            problems.append(
                f"world.data = {self.world.data}: the world was loaded from {world.folder}; load"
                " it with world_of(scenario)"
            )
        if self.horizon.start < (first := world.first_quarter):
            problems.append(
                f"horizon.start = {self.horizon.start}: the network is that of"
                f" {world.known_until}; start after it, horizon.start={first}"
            )
        try:
            type(self).model_validate(self.model_dump(), context=self.names(world))
        except ValidationError as error:
            problems += problems_of(error, type(self), "")
        return problems


def setting_at(path: str) -> Declared:
    """Return what a run or a scenario declares at a dotted path, see `declared_at`."""
    model = RunSettings if path.partition(".")[0] in RunSettings.model_fields else Scenario
    return declared_at(model, path.split("."))


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
    refuse(kind_problems(scenario=(scenario, Scenario)))
    from partnersim.world.world import load_world

    # A world of its own: whoever asks may change its tables.
    return load_world(**scenario.world.arguments())
