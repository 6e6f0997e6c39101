"""An experiment: how to run it, and the policies and climates that it compares."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import Field, ValidationError

from partnersim.errors import InputError
from partnersim.scenario.behaviour import Behaviour
from partnersim.scenario.geopolitics import Geopolitics
from partnersim.scenario.horizon import Horizon
from partnersim.scenario.policy import Policy
from partnersim.scenario.problems import problems_of
from partnersim.scenario.run_settings import RunSettings
from partnersim.scenario.scenario import Scenario
from partnersim.scenario.settings import Settings
from partnersim.scenario.shock import ShockType
from partnersim.scenario.world_choice import WorldChoice


@dataclass(frozen=True)
class Arm:
    """One policy in one climate.

    Attributes
    ----------
    policy, climate : str
        Names, unique among the policies and climates of an experiment.
    scenario : Scenario
        What is simulated.
    """

    policy: str
    climate: str
    scenario: Scenario


class Experiment(Settings):
    """Settings of a run, what all its scenarios share, and the policies and climates compared."""

    settings: RunSettings
    world: WorldChoice
    shocks: dict[str, ShockType]
    behaviour: Behaviour
    horizon: Horizon
    #: By name, the reference first.
    policy: dict[str, Policy] = Field(min_length=1)
    geopolitics: dict[str, Geopolitics] = Field(min_length=1)
    #: What the user should know before believing the results.
    notes: tuple[str, ...] = ()

    @cached_property
    def arms(self) -> tuple[Arm, ...]:
        """Every policy in every climate: climate by climate, the reference first in each."""
        shared = {name: getattr(self, name) for name in ("world", "shocks", "behaviour", "horizon")}
        return tuple(
            Arm(policy, climate, Scenario(policy=levers, geopolitics=conditions, **shared))
            for climate, conditions in self.geopolitics.items()
            for policy, levers in self.policy.items()
        )

    @property
    def policies(self) -> tuple[str, ...]:
        """Names of the policies, the reference first."""
        return tuple(self.policy)

    @property
    def climates(self) -> tuple[str, ...]:
        """Names of the climates."""
        return tuple(self.geopolitics)

    def configuration(self) -> dict[str, Any]:
        """Return all settings as plain data, ready for JSON: what a manifest keeps.

        The engine is left out: it decides how fast results come, not what they are.
        """
        tree = self.model_dump(mode="json", exclude={"settings": {"engine"}, "notes": True})
        settings = tree.pop("settings")
        if self.settings.design is None:
            del settings["design"]
        if not self.settings.cuts:
            del settings["cuts"]
        return {**settings, **tree}


def experiment_from(configuration: Mapping[str, Any]) -> Experiment:
    """Return the experiment of a stored configuration.

    Parameters
    ----------
    configuration : mapping
        What `Experiment.configuration` returned, with or without the settings of the run that
        decide no result.

    Raises
    ------
    InputError
        One line per problem, if somebody changed it or another version made it.
    """
    try:
        tree = dict(configuration)
        run = {name: tree.pop(name) for name in RunSettings.model_fields if name in tree}
        # The folder decides no result, and is therefore not kept.
        text = json.dumps({**tree, "settings": {"output": ".", **run}})
    except (TypeError, ValueError) as error:
        raise InputError(f"it is not as it was written ({error})") from None
    try:
        return Experiment.model_validate_json(text)
    except ValidationError as error:
        lines = problems_of(error, Experiment, "")
        raise InputError([line.removeprefix("settings.") for line in lines]) from None
