"""An experiment as it was: rebuilt from the configuration that a manifest keeps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from partnersim.errors import InputError
from partnersim.scenario.behaviour import Behaviour
from partnersim.scenario.experiment import Arm, Experiment
from partnersim.scenario.geopolitics import Geopolitics
from partnersim.scenario.horizon import Horizon
from partnersim.scenario.policy import Policy
from partnersim.scenario.problems import problems_of
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
    InputError
        One line per problem, if somebody changed it or another version made it.
    """
    try:
        return _experiment(configuration)
    except KeyError as missing:
        raise InputError(f"{missing.args[0]} is missing") from None
    except (AttributeError, TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"it is not as it was written ({error})") from None


def _experiment(configuration: Mapping[str, Any]) -> Experiment:
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
    if not arms:
        raise InputError("it holds no policy or no climate")
    return Experiment(settings, arms)


def _valid[Group: Settings](model: type[Group], data: Any) -> Group:
    try:
        return model.model_validate_json(json.dumps(data))
    except ValidationError as error:
        raise InputError(problems_of(error, model, "")) from None
