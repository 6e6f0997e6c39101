"""A plan: everything that the runs of a sweep are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from partnersim.errors import InputError
from partnersim.model.constants import QUARTERS_PER_YEAR
from partnersim.model.metrics import metric_names
from partnersim.runs.sampling import CLIMATE, sample
from partnersim.runs.sweep_layout import SweepLayout
from partnersim.runs.sweep_reader import FACTOR_COLUMNS, StoredSweep
from partnersim.runs.sweep_writer import SweepFacts
from partnersim.runs.versions import made_elsewhere, reading_configuration
from partnersim.scenario.design import Design, Factor
from partnersim.scenario.experiment import Experiment, experiment_from
from partnersim.scenario.numeric_settings import NumericSetting, numeric_settings, varied
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World


@dataclass(frozen=True, eq=False)
class Plan:
    """The runs of a sweep.

    Attributes
    ----------
    experiment : Experiment
        With a design.
    world : World
    points : DataFrame
        The futures: ``point`` and one column per factor.
    """

    experiment: Experiment
    world: World
    points: pd.DataFrame

    @property
    def design(self) -> Design:
        """The design of the experiment."""
        design = self.experiment.settings.design
        assert design is not None
        return design

    @cached_property
    def layout(self) -> SweepLayout:
        """The axes of the results."""
        horizon = self.experiment.arms[0].scenario.horizon
        labels = horizon.labels[1:]
        ends = [label for label in labels if label.endswith(f"Q{QUARTERS_PER_YEAR}")]
        kept = {"years": ends, "end": [], "all": labels}
        chosen = self.design.quarters
        wanted = {*(kept[chosen] if isinstance(chosen, str) else chosen), labels[-1]}
        return SweepLayout(
            policies=self.experiment.policies,
            points=len(self.points),
            replicates=self.experiment.settings.replicates,
            metrics=self.design.metrics or tuple(metric_names(self.world.regions)),
            quarters=tuple(label for label in labels if label in wanted),
            iso3=tuple(map(str, self.world.countries["iso3"])),
            instruments=tuple(map(str, self.world.instruments["instrument"])),
            years=tuple(int(label[:4]) for label in ends),
        )

    @cached_property
    def settings(self) -> dict[str, NumericSetting]:
        """The settings that vary, by path, in the order of the design."""
        scenario = self.experiment.arms[0].scenario
        known = numeric_settings(scenario.names(self.world))
        return {path: known[path] for path in self.design.factors}

    @cached_property
    def _bases(self) -> dict[tuple[str, str], Scenario]:
        return {(arm.policy, arm.climate): arm.scenario for arm in self.experiment.arms}

    @cached_property
    def _values(self) -> dict[str, np.ndarray]:
        return {path: self.points[path].to_numpy() for path in self.design.factors}

    def climate(self, point: int) -> str:
        """Return the climate of a future."""
        if CLIMATE in self.points:
            return str(self.points[CLIMATE].iloc[point])
        return self.experiment.climates[0]

    def future(self, point: int) -> dict[str, Scenario]:
        """Return the scenario of every policy in one future.

        What the policies share is made once.

        Raises
        ------
        pydantic.ValidationError
            If the values of the future do not go together.
        """
        outside: dict[tuple[str, ...], float] = {}
        levers: dict[tuple[str, ...], float] = {}
        for path, setting in self.settings.items():
            value = self._values[path][point]
            group = levers if setting.keys[0] == "policy" else outside
            group[setting.keys] = int(value) if setting.whole else float(value)
        climate = self.climate(point)
        shared = varied(self._bases[self.experiment.policies[0], climate], outside)
        parts = {
            "world": shared.world,
            "geopolitics": shared.geopolitics,
            "shocks": shared.shocks,
            "behaviour": shared.behaviour,
        }
        return {
            policy: varied(self._bases[policy, climate].model_copy(update=parts), levers)
            for policy in self.experiment.policies
        }

    def facts(self) -> SweepFacts:
        """Return what the store keeps of the plan."""
        settings = self.experiment.settings
        return SweepFacts(
            experiment=settings.experiment,
            configuration=self.experiment.configuration(),
            design={
                "kind": self.design.kind,
                "points": self.design.points or len(self.points),
                "seed": self.design.seed,
            },
            seed=settings.seed,
            replicates=settings.replicates,
            reference=settings.reference,
            world_digest=self.world.digest,
            assumed_coefficients=self.experiment.arms[0].scenario.behaviour.named_by_origin(
                "assumed"
            ),
            layout=self.layout,
            points=self.points,
            factors=self._factor_rows(),
        )

    def _factor_rows(self) -> list[dict[str, Any]]:
        rows: list[tuple[Any, ...]] = []
        if CLIMATE in self.points:
            told = "Geopolitical climate"
            rows.append((CLIMATE, "choice", None, None, "", told, "setting"))
        for path, factor in self.design.factors.items():
            setting = self.settings[path]
            rows.append(
                (
                    path,
                    _kind(factor),
                    factor.low,
                    factor.high,
                    str(setting.notes.get("unit", "")),
                    str(setting.notes["meaning"]),
                    setting.origin,
                )
            )
        return [dict(zip(FACTOR_COLUMNS, row, strict=True)) for row in rows]


def _kind(factor: Factor) -> str:
    return "choice" if factor.values else factor.distribution


def plan_of(experiment: Experiment) -> Plan:
    """Return the plan of an experiment with a design.

    Raises
    ------
    InputError
        If the design is too large.
    """
    design = experiment.settings.design
    assert design is not None
    world = experiment.arms[0].scenario.world.load()
    scenario = experiment.arms[0].scenario
    known = numeric_settings(scenario.names(world))
    whole = [path for path in design.factors if known[path].whole]
    return Plan(experiment, world, sample(design, experiment.climates, whole, scenario.behaviour))


def plan_in(stored: StoredSweep) -> Plan:
    """Return the plan of a sweep on disk, with the futures that it holds.

    Raises
    ------
    InputError
        If its configuration, futures or data are not those that it was begun with.
    """
    manifest: Mapping[str, Any] = stored.manifest
    path = stored.folder / "manifest.json"
    with reading_configuration(path, manifest):
        experiment = experiment_from(manifest["configuration"])
    plan = Plan(experiment, experiment.arms[0].scenario.world.load(), stored.points())
    facts = plan.facts()
    problems = []
    if facts.configuration_hash != manifest["configuration_hash"]:
        problems.append(
            f"{path}: its configuration means something else to this version (its hash"
            f" differs){made_elsewhere(manifest)}"
        )
    if facts.world_digest != manifest["world_digest"]:
        problems.append(
            f"{stored.folder}: was made with other data on the world{made_elsewhere(manifest)}"
        )
    if plan.layout != stored.layout:
        problems.append(f"{stored.folder}: design.json does not fit the configuration")
    if problems:
        raise InputError(problems)
    return plan
