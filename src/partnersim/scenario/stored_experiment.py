"""An experiment as it was: rebuilt from the configuration that a manifest keeps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from partnersim.scenario.behaviour import Behaviour
from partnersim.scenario.experiment import Arm, Experiment
from partnersim.scenario.geopolitics import Geopolitics
from partnersim.scenario.horizon import Horizon
from partnersim.scenario.policy import Policy
from partnersim.scenario.run_settings import RunSettings
from partnersim.scenario.scenario import Scenario
from partnersim.scenario.settings import Settings
from partnersim.scenario.shock import ShockType
from partnersim.scenario.world_choice import WorldChoice


def experiment_from(configuration: Mapping[str, Any]) -> Experiment:
    """Return the experiment of a stored configuration.

    Parameters
    ----------
    configuration : mapping
        What `Experiment.configuration` returned, with or without the settings of the run that
        decide no result.

    Raises
    ------
    pydantic.ValidationError or KeyError
        If somebody changed it.
    """
    settings = _valid(
        RunSettings,
        {
            "output": ".",  # decides no result, and is therefore not kept
            **{key: configuration[key] for key in RunSettings.model_fields if key in configuration},
        },
    )
    world = _valid(WorldChoice, configuration["world"])
    behaviour = _valid(Behaviour, configuration["behaviour"])
    horizon = _valid(Horizon, configuration["horizon"])
    shocks = {name: _valid(ShockType, shock) for name, shock in configuration["shocks"].items()}
    policies = {name: _valid(Policy, policy) for name, policy in configuration["policy"].items()}
    climates = {
        name: _valid(Geopolitics, climate) for name, climate in configuration["geopolitics"].items()
    }
    arms = tuple(
        Arm(
            policy,
            climate,
            Scenario(
                world=world,
                policy=policies[policy],
                geopolitics=climates[climate],
                shocks=shocks,
                behaviour=behaviour,
                horizon=horizon,
            ),
        )
        for climate in climates
        for policy in policies
    )
    return Experiment(settings, arms)


def _valid[Group: Settings](model: type[Group], data: Any) -> Group:
    return model.model_validate_json(json.dumps(data))
