"""An experiment: how to run it, and the arms that it compares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from partnersim.scenario.run_settings import RunSettings
from partnersim.scenario.scenario import Scenario


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


@dataclass(frozen=True)
class Experiment:
    """Settings of a run and the arms it compares.

    Attributes
    ----------
    settings : RunSettings
        Replicates, seed, reference, folder.
    arms : tuple of Arm
        Climate by climate, the reference first in each.
    notes : tuple of str
        What the user should know before believing the results.
    """

    settings: RunSettings
    arms: tuple[Arm, ...]
    notes: tuple[str, ...] = ()

    @property
    def policies(self) -> tuple[str, ...]:
        """Names of the policies, the reference first."""
        return tuple(dict.fromkeys(arm.policy for arm in self.arms))

    @property
    def climates(self) -> tuple[str, ...]:
        """Names of the climates."""
        return tuple(dict.fromkeys(arm.climate for arm in self.arms))

    def configuration(self) -> dict[str, Any]:
        """Return all settings as plain data, ready for JSON: what a manifest keeps.

        The engine is left out: it decides how fast results come, not what they are.
        """
        first = self.arms[0].scenario.model_dump(mode="json")
        policies = {arm.policy: arm.scenario.policy for arm in self.arms}
        climates = {arm.climate: arm.scenario.geopolitics for arm in self.arms}
        settings = self.settings.model_dump(mode="json")
        del settings["engine"]
        if self.settings.design is None:
            del settings["design"]
        return {
            **settings,
            **{part: first[part] for part in ("world", "shocks", "behaviour", "horizon")},
            "policy": {name: policy.model_dump(mode="json") for name, policy in policies.items()},
            "geopolitics": {
                name: climate.model_dump(mode="json") for name, climate in climates.items()
            },
        }
