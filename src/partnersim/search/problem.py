"""A search: what is sought, with which levers, in which futures, and how it lies on disk."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from partnersim.arrays import Floats
from partnersim.compare.cost import COST, PAY, SPENT, cost_of
from partnersim.errors import InputError, refuse
from partnersim.model.constants import QUARTERS_PER_YEAR
from partnersim.model.metrics import metric_names
from partnersim.runs import folder as store
from partnersim.runs.digest import read_unchanged, table_digest
from partnersim.runs.manifest import (
    HASH_DIGITS,
    MANIFEST_NAME,
    deciding,
    other_maker,
    versions,
    write_beginning,
)
from partnersim.runs.plan import Plan, sampled
from partnersim.runs.tables import as_table
from partnersim.scenario.experiment import Experiment, experiment_from
from partnersim.scenario.numeric_settings import NumericSetting, numeric_settings, varied
from partnersim.scenario.policy import Policy
from partnersim.scenario.settings import Settings, number, setting
from partnersim.search.goals import Constraint, Objective, Quantity, constraints_of, objectives_of
from partnersim.search.lever_range import LeverRange, lever_ranges, value_of
from partnersim.user_path import user_path
from partnersim.world.world import World

#: Name of the folder of all searches, and the format of what lies in one.
SEARCH, FORMAT = "search", "search 1"
FRESH_NAME = "fresh_futures.parquet"


class Budget(NamedTuple):
    """How far a search goes, and the words with which it was asked for."""

    runs: int
    minutes: int = 0
    words: tuple[str, ...] = ()


class SearchSettings(Settings):
    """What is sought and how; whatever decides what a search finds, its budget left out."""

    minimise: str = setting("Objectives that should be small", "")
    maximise: str = setting("Objectives that should be large", "")
    constraints: str = setting("What must hold", "")
    levers: str = setting("Levers that are moved", "")
    futures: int = number("Futures in which each mix is tried", 1, 10_000, default=20)
    fresh: int = number("Fresh futures, for what is found", 1, 10_000, default=100)
    population: int = number("Mixes in a generation, an even number", 4, 10_000, default=40)
    official_cost: float = number(
        "Cost of an official", 0, 10, unit="million EUR a year", default=PAY
    )


#: What a mix whose runs fail is worth.
WORST = 1e9
#: What always stands beside the goals: money, and what of it lapses.
BESIDE = (COST, "offer_envelope", "offer_lapsed")

#: What is tried in futures: values of the levers, or the name of a policy as it is.
Tried = tuple[float, ...] | str


@dataclass(frozen=True, eq=False)
class Problem:
    """A search problem.

    Attributes
    ----------
    settings : SearchSettings
    experiment : Experiment
        With a design; its first policy is the one whose levers are moved, the others stand
        beside the mixes that are found.
    world : World
    futures, fresh : DataFrame
        Those in which mixes are tried, and those in which what is found is tried again.
    """

    settings: SearchSettings
    experiment: Experiment
    world: World
    futures: pd.DataFrame
    fresh: pd.DataFrame

    @property
    def base(self) -> Policy:
        """The policy whose levers are moved."""
        return self.experiment.arms[0].scenario.policy

    @cached_property
    def numbers(self) -> dict[str, NumericSetting]:
        """Every number of a scenario."""
        return numeric_settings(self.experiment.arms[0].scenario.names(self.world))

    @cached_property
    def levers(self) -> list[LeverRange]:
        """The levers that are moved."""
        return lever_ranges(self.settings.levers, self.numbers, self.base)

    @cached_property
    def _known(self) -> tuple[str, ...]:
        paths = [path for path, setting in self.numbers.items() if setting.keys[0] == "policy"]
        return (COST, *metric_names(self.world.regions), *paths)

    @cached_property
    def objectives(self) -> list[Objective]:
        """What should be small, then what should be large."""
        return objectives_of(self.settings.minimise, self.settings.maximise, self._known)

    @cached_property
    def constraints(self) -> list[Constraint]:
        """What must hold."""
        return constraints_of(self.settings.constraints, self._known)

    @property
    def goals(self) -> list[Objective | Constraint]:
        """Objectives, then constraints."""
        return [*self.objectives, *self.constraints]

    @cached_property
    def metrics(self) -> list[str]:
        """Metrics that the goals rest on, and those of the cost, which always stands beside."""
        named = {SPENT, *BESIDE, *(goal.quantity.name for goal in self.goals)}
        return [name for name in metric_names(self.world.regions) if name in named]

    def problems(self) -> list[str]:
        """Return what is wrong with it, one line each."""
        found: list[str] = []
        for part in ("levers", "objectives", "constraints"):
            try:
                getattr(self, part)
            except InputError as error:
                found.extend(error.problems)
        if not any(text.strip("[], ") for text in (self.settings.minimise, self.settings.maximise)):
            found.append("minimise, maximise: name what is sought, such as minimise=cost")
        if not found:
            sought = [goal.quantity for goal in self.objectives]
            twice = dict.fromkeys(one.name for one in sought if sought.count(one) > 1)
            found += [f"minimise, maximise: {name} is named twice" for name in twice]
        if self.settings.population % 2:
            found.append(f"population={self.settings.population}: must be an even number")
        design = self.experiment.settings.design
        found += [
            f"design.factors.{path}: a lever is chosen, not uncertain; name it among levers=..."
            for path in (design.factors if design else ())
            if path.startswith("policy.")
        ]
        return found

    # Mixes

    def policy(self, tried: Tried) -> Policy:
        """Return a policy by its name, or the one that values of the levers make.

        Raises
        ------
        pydantic.ValidationError
            If they do not go together, such as weights that are all 0.
        """
        if isinstance(tried, str):
            return self.experiment.policy[tried]
        scenario = self.experiment.arms[0].scenario
        changes = {
            lever.keys: int(value) if lever.whole else float(value)
            for lever, value in zip(self.levers, tried, strict=True)
        }
        return varied(scenario, changes).policy

    def worth_of(self, tried: Tried, outcomes: Floats) -> Floats:
        """Return the value of every goal, then the level of every constraint, then `BESIDE`.

        See `Objective.of`, `Constraint.of` and `Constraint.level`.

        Parameters
        ----------
        tried : values of the levers, or the name of a policy
        outcomes : (F, M) array
            Metrics at the end of the horizon, in the order of `metrics`; NaN where runs failed.
        """
        if not np.isfinite(outcomes).all():
            return np.full(len(self.goals) + len(self.constraints) + len(BESIDE), np.nan)
        policy = self.policy(tried)
        sample = dict(zip(self.metrics, outcomes.T, strict=True))
        years = self.experiment.horizon.quarters / QUARTERS_PER_YEAR
        pay = self.settings.official_cost
        sample[COST] = cost_of(sample[SPENT], policy.negotiators, years, pay)
        for goal in self.goals:
            name = goal.quantity.name
            if name not in sample:
                value = value_of(policy, self.numbers[name].keys)
                sample[name] = np.full(len(outcomes), value)
        values = [goal.of(sample) for goal in self.goals]
        values += [constraint.level(sample) for constraint in self.constraints]
        return np.array([*values, *(Quantity(name).of(sample) for name in BESIDE)])

    def compared(self, goals: Floats) -> tuple[Floats, Floats]:
        """Return objectives, less is better, and by how much constraints are missed.

        How often a constraint holds is an objective of its own: who asks for nine of ten futures
        wants to see what the tenth costs.

        Parameters
        ----------
        goals : (n, C) array
            Of n mixes, see `worth_of`.
        """
        failed = ~np.isfinite(goals).all(axis=1)
        filled = np.where(failed[:, None], WORST, goals)
        count = len(self.objectives)
        columns = [goal.sign * filled[:, g] for g, goal in enumerate(self.objectives)]
        violation = np.zeros(len(goals))
        for place, constraint in enumerate(self.constraints, start=count):
            levels = filled[:, place + len(self.constraints)]
            violation += [constraint.shortfall(level) for level in levels]
            if constraint.share is not None:
                columns.append(-filled[:, place])
        violation[failed] = WORST
        return np.column_stack(columns), violation

    # On disk

    def configuration(self) -> dict[str, Any]:
        """Return all settings that decide what is found, as plain data."""
        return {**deciding(self.experiment.configuration()), SEARCH: self.settings.model_dump()}

    def folder(self) -> Path:
        """Return the folder of this search: one per configuration."""
        output = user_path(self.experiment.settings.output)
        return output / SEARCH / store.json_digest(self.configuration())[:HASH_DIGITS]

    def plan(self, *, fresh: bool) -> Plan:
        """Return the plan of one of the two sets of futures."""
        return Plan(self.experiment, self.world, self.fresh if fresh else self.futures)

    def begin(self, folder: Path, budget: Budget) -> None:
        """Write what is sought, and how far, before the first run; the manifest comes last.

        Raises
        ------
        InputError
            If the folder cannot be written.
        """
        tables = {store.FUTURES_NAME: as_table(self.futures), FRESH_NAME: as_table(self.fresh)}
        manifest = {
            "format": FORMAT,
            "versions": versions(),
            "world_digest": self.world.digest,
            "digests": {name: table_digest(table) for name, table in tables.items()},
            "configuration": self.configuration(),
            "budget": {**budget._asdict(), "words": list(budget.words)},
        }
        write_beginning(folder, tables, manifest)


def problem_of(settings: SearchSettings, experiment: Experiment) -> Problem:
    """Return a search problem and draw its futures.

    Raises
    ------
    InputError
        One line per thing that is wrong with it.
    """
    design = experiment.settings.design
    if design is None:
        raise InputError("experiment: a search needs one with a design, which says what varies")
    if design.table:
        raise InputError("design.table: a search samples futures; name factors with ranges")
    world = experiment.arms[0].scenario.world.load()
    drawn = []
    for count, more in ((settings.futures, 0), (settings.fresh, 1)):
        kind = {"kind": "latin_hypercube", "points": count, "seed": design.seed + more}
        drawn.append(sampled(experiment, world, design.model_copy(update=kind)))
    found = Problem(settings, experiment, world, *drawn)
    refuse(found.problems())
    return found


def is_search(folder: Path) -> bool:
    """Tell whether a folder holds a search."""
    try:
        return bool(store.read_json_group(folder / MANIFEST_NAME).get("format") == FORMAT)
    except (OSError, InputError):
        return False


def stored_budget(folder: Path) -> Budget:
    """Return the budget that a search in a folder was last given."""
    kept = store.read_json_group(folder / MANIFEST_NAME)["budget"]
    return Budget(int(kept["runs"]), int(kept["minutes"]), tuple(kept["words"]))


def stored_problem(folder: Path) -> Problem:
    """Return the search problem in a folder.

    Raises
    ------
    InputError
        If the folder holds no search, or one of other rules, or it was changed.
    """
    path = folder / MANIFEST_NAME
    try:
        manifest = store.read_json_group(path)
    except FileNotFoundError:
        raise InputError(f"{folder}: holds no search (no {MANIFEST_NAME})") from None
    if manifest.get("format") != FORMAT:
        raise InputError(f"{folder}: holds no search (format {manifest.get('format')!r})")
    if not store.is_sealed(manifest):
        raise InputError(f"{path}: damaged or changed by hand (its digest differs)")
    if other := other_maker(manifest):
        raise InputError(f"{folder}: was {other}; begin it again in another output")
    digests = manifest["digests"].items()
    tables = {name: read_unchanged(folder / name, digest) for name, digest in digests}
    configuration = dict(manifest["configuration"])
    settings = SearchSettings.model_validate(configuration.pop(SEARCH))
    experiment = experiment_from(configuration)
    world = experiment.arms[0].scenario.world.load()
    if world.digest != manifest["world_digest"]:
        raise InputError(f"{folder}: was made with other data on the world")
    return Problem(settings, experiment, world, tables[store.FUTURES_NAME], tables[FRESH_NAME])
