"""A plan: everything that the runs of an experiment or of a sweep are made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from partnersim.errors import InputError, nearest, refuse
from partnersim.model.constants import QUARTERS_PER_YEAR
from partnersim.model.metrics import metric_names
from partnersim.runs.digest import table_digest
from partnersim.runs.folder import read_table
from partnersim.runs.manifest import (
    FORMAT,
    LISTED,
    MANIFEST_NAME,
    UNTOLD_BY_THE_PLAN,
    Layout,
    configuration_hash,
    deciding,
    machine,
    made_elsewhere,
    reading_configuration,
    results_folder,
    versions,
)
from partnersim.runs.play import year_ends_of
from partnersim.runs.reader import FACTOR_COLUMNS, Runs
from partnersim.runs.sampling import CLIMATE, sample
from partnersim.runs.tables import as_table
from partnersim.scenario.design import Design, Factor
from partnersim.scenario.experiment import Experiment, experiment_from
from partnersim.scenario.geopolitics import ScheduledShock
from partnersim.scenario.horizon import Horizon, quarter_label
from partnersim.scenario.names import EVERYWHERE
from partnersim.scenario.numeric_settings import NumericSetting, numeric_settings, varied
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World

#: A shock test strikes two years after the start and is followed for at least a year.
_TEST_QUARTER = 8
_FOLLOWED = 4


@dataclass(frozen=True, eq=False)
class Plan:
    """All runs of an experiment: policies in futures, which are sampled or listed.

    Attributes
    ----------
    experiment : Experiment
        With a design, or without one: then its climates are the futures.
    world : World
    futures : DataFrame
        ``future`` and one column per factor.
    """

    experiment: Experiment
    world: World
    futures: pd.DataFrame

    @property
    def horizon(self) -> Horizon:
        """Start and end of every run."""
        return self.experiment.arms[0].scenario.horizon

    @cached_property
    def layout(self) -> Layout:
        """The axes of the results."""
        settings = self.experiment.settings
        design = settings.design
        labels = self.horizon.labels
        years = year_ends_of(self.horizon)[1]
        metrics = tuple(metric_names(self.world.regions))
        quarters = tuple(labels)
        if design is not None:
            year_ends = [f"{year}Q{QUARTERS_PER_YEAR}" for year in years]
            kept = {"years": year_ends, "end": [], "all": labels[1:]}
            chosen = design.quarters
            wanted = {*(kept[chosen] if isinstance(chosen, str) else chosen), labels[-1]}
            metrics = design.metrics or metrics
            quarters = tuple(label for label in labels[1:] if label in wanted)
        return Layout(
            policies=self.experiment.policies,
            futures=len(self.futures),
            replicates=settings.replicates,
            shock_tests=tuple(settings.shock_tests) if self.test_quarter else (),
            metrics=metrics,
            quarters=quarters,
            iso3=tuple(map(str, self.world.countries["iso3"])),
            instruments=tuple(map(str, self.world.instruments["instrument"])),
            years=years,
            detailed=design is None,
        )

    @property
    def test_quarter(self) -> str:
        """The quarter that shock tests strike; empty if none are wanted or time is too short."""
        settings = self.experiment.settings
        quarter = min(_TEST_QUARTER, self.horizon.quarters - _FOLLOWED)
        if settings.design is not None or not settings.shock_tests or quarter < 1:
            return ""
        return quarter_label(quarter, self.horizon.start)

    @cached_property
    def settings(self) -> dict[str, NumericSetting]:
        """The settings that vary, by path, in the order of the futures' columns."""
        paths = [str(path) for path in self.futures if path not in ("future", CLIMATE)]
        names = self.experiment.arms[0].scenario.names(self.world)
        known = numeric_settings(names) if paths else {}
        return {path: known[path] for path in paths if path in known}

    @cached_property
    def _bases(self) -> dict[tuple[str, str], Scenario]:
        return {(arm.policy, arm.climate): arm.scenario for arm in self.experiment.arms}

    def scenarios(self, future: int) -> dict[str, Scenario]:
        """Return the scenario of every policy in one future; of a shock test that of the first.

        What the policies share is made once.

        Raises
        ------
        pydantic.ValidationError
            If the values of the future do not go together.
        """
        if future >= len(self.futures):
            return self._struck(self.layout.shock_tests[future - len(self.futures)])
        outside: dict[tuple[str, ...], float] = {}
        levers: dict[tuple[str, ...], float] = {}
        for path, setting in self.settings.items():
            value = self.futures[path].to_numpy()[future]
            group = levers if setting.keys[0] == "policy" else outside
            group[setting.keys] = int(value) if setting.whole else float(value)
        climates = self.futures.get(CLIMATE)
        climate = self.experiment.climates[0] if climates is None else str(climates.iloc[future])
        shared = varied(self._bases[self.experiment.policies[0], climate], outside)
        groups = ("world", "geopolitics", "shocks", "behaviour")
        parts = {name: getattr(shared, name) for name in groups}
        return {
            policy: varied(self._bases[policy, climate].model_copy(update=parts), levers)
            for policy in self.experiment.policies
        }

    def _struck(self, shock: str) -> dict[str, Scenario]:
        """Return the first arm, struck everywhere by a shock at full strength."""
        base = self.experiment.arms[0].scenario
        strike = ScheduledShock(
            shock=shock, quarter=self.test_quarter, where=(EVERYWHERE,), severity=1.0
        )
        schedule = (*base.geopolitics.schedule, strike)
        climate = base.geopolitics.model_copy(update={"schedule": schedule})
        return {self.experiment.policies[0]: base.model_copy(update={"geopolitics": climate})}

    def folder(self) -> Path:
        """Return the folder in which the results lie, or will lie: one per configuration."""
        settings = self.experiment.settings
        return results_folder(settings.output, settings.experiment, self.experiment.configuration())

    def manifest(self) -> dict[str, Any]:
        """Return the manifest of runs that have not begun; it holds no time and no place."""
        settings = self.experiment.settings
        configuration = self.experiment.configuration()
        kind, points, seed = LISTED, None, 0
        if design := settings.design:
            kind, points, seed = design.kind, design.points, design.seed
        return {
            "format": FORMAT,
            "experiment": settings.experiment,
            "versions": versions(),
            "machine": machine(),
            "seed": settings.seed,
            "reference": settings.reference,
            **self.layout.model_dump(mode="json"),
            "test_quarter": self.test_quarter,
            "design": {"kind": kind, "points": points or len(self.futures), "seed": seed},
            "factors": self._factor_rows(),
            "futures_digest": table_digest(as_table(self.futures)),
            "world_digest": self.world.digest,
            "assumed_coefficients": sorted(
                self.experiment.arms[0].scenario.behaviour.named_by_origin("assumed")
            ),
            "configuration_hash": configuration_hash(configuration),
            "configuration": deciding(configuration),
            "runs_planned": self.layout.runs,
            "runs_done": 0,
            "runs_failed": 0,
            "digest": None,
        }

    def _factor_rows(self) -> list[dict[str, Any]]:
        rows: list[tuple[Any, ...]] = []
        if CLIMATE in self.futures:
            rows.append((CLIMATE, "choice", None, None, "", "Geopolitical climate", "setting"))
        design = self.experiment.settings.design
        factors: dict[str, Factor] = design.factors if design is not None else {}
        for path, setting in self.settings.items():
            unit, meaning = str(setting.notes.get("unit", "")), str(setting.notes["meaning"])
            kind, ends = "posterior", setting.plausible or (None, None)
            if design is not None and path in design.table:
                kind, ends = "table", (self.futures[path].min(), self.futures[path].max())
            if factor := factors.get(path):
                kind = "choice" if factor.values else factor.distribution
                ends = factor.low, factor.high
            rows.append((path, kind, *ends, unit, meaning, setting.origin))
        return [dict(zip(FACTOR_COLUMNS, row, strict=True)) for row in rows]


def missing_world_tables(folder: Path, world: World) -> dict[str, pa.Table]:
    """Return by file name the tables of the world that a folder lacks, or holds otherwise.

    They lie beside results, so that these can be read alone.
    """
    tables = {"partners": world.countries, "instruments": world.instruments}
    missing = {}
    for name, frame in {**tables, "network": world.network}.items():
        file, table = f"{name}.parquet", as_table(frame)
        try:
            there = table_digest(read_table(folder / file))
        except InputError:  # not there, or damaged
            there = ""
        if there != table_digest(table):
            missing[file] = table
    return missing


def plan_of(experiment: Experiment) -> Plan:
    """Return the plan of an experiment.

    Raises
    ------
    InputError
        If the design is too large, or the experiment does not fit the data on its world.
    """
    settings, scenario = experiment.settings, experiment.arms[0].scenario
    design = settings.design
    world = scenario.world.load()
    refuse(
        f"{place}: target '{name}' is not a shock of the catalogue{nearest(name, scenario.shocks)}"
        for name, place in world.damped.items()
        if name not in scenario.shocks
    )
    if design is None:
        climates = list(experiment.climates)
        futures = pd.DataFrame({"future": range(len(climates)), CLIMATE: climates})
        return Plan(experiment, world, futures)
    return Plan(experiment, world, sampled(experiment, world, design))


def sampled(experiment: Experiment, world: World, design: Design) -> pd.DataFrame:
    """Return the futures of a design, see `sample`.

    Raises
    ------
    InputError
        If they are too many.
    """
    scenario = experiment.arms[0].scenario
    known = numeric_settings(scenario.names(world))
    whole = [path for path in design.factors if known[path].whole]
    return sample(design, experiment.climates, whole, scenario.behaviour)


def plan_in(runs: Runs) -> Plan:
    """Return the plan of runs on disk, with the futures that are kept there.

    Raises
    ------
    InputError
        If its configuration, futures or data are not those that it was begun with, or the
        manifest tells of another configuration than it holds.
    """
    manifest = runs.manifest
    path = runs.folder / MANIFEST_NAME
    with reading_configuration(path, manifest):
        experiment = experiment_from(dict(manifest["configuration"]))
    world = experiment.arms[0].scenario.world.load()
    plan = Plan(experiment, world, runs.futures)
    now = plan.manifest()
    other = made_elsewhere(manifest)
    if now["configuration_hash"] != manifest["configuration_hash"]:
        raise InputError(
            f"{path}: its configuration means something else to this version (its hash"
            f" differs){other}"
        )
    if now["world_digest"] != manifest["world_digest"]:
        raise InputError(f"{runs.folder}: was made with other data on the world{other}")
    refuse(
        f"{path}: {name} does not fit the configuration{other}"
        for name in now
        if name not in UNTOLD_BY_THE_PLAN and now[name] != manifest.get(name)
    )
    return plan
