"""From a composed configuration and a request to validated scenarios and arms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from partnersim.errors import InputError, nearest
from partnersim.model.coefficients import NAMES
from partnersim.model.metrics import metric_names
from partnersim.scenario.behaviour import Behaviour
from partnersim.scenario.config_files import GROUPS, default_options
from partnersim.scenario.design import Design
from partnersim.scenario.design_check import (
    drop_climate,
    extreme_problems,
    factor_problems,
    kept_problems,
    merged_design,
)
from partnersim.scenario.geopolitics import Geopolitics
from partnersim.scenario.horizon import Horizon, quarter_index
from partnersim.scenario.names import (
    WorldNames,
    shock_problems,
    texts,
    with_full_region_names,
    world_problems,
)
from partnersim.scenario.numeric_settings import numeric_settings
from partnersim.scenario.policy import Policy
from partnersim.scenario.problems import fields_of, problems_of, shown
from partnersim.scenario.request import Request, merged
from partnersim.scenario.run_settings import RunSettings
from partnersim.scenario.scenario import Scenario
from partnersim.scenario.settings import Settings
from partnersim.scenario.shock import ShockType
from partnersim.scenario.variants import KEY as VARIANTS
from partnersim.scenario.variants import policy_variants
from partnersim.scenario.world_choice import WorldChoice

#: Groups that exist once per experiment, whatever the arm.
_COMMON: dict[str, type[Settings]] = {
    "world": WorldChoice,
    "behaviour": Behaviour,
    "horizon": Horizon,
}
_RUN_SETTINGS = tuple(name for name in RunSettings.model_fields if name != "experiment")
TOP_LEVEL = tuple(dict.fromkeys((*GROUPS, "horizon", *_RUN_SETTINGS, VARIANTS, "scenario")))


@dataclass
class Composed:
    """What Hydra composed.

    Attributes
    ----------
    tree : dict
        The configuration with the chosen or default options.
    policies, climates : dict
        The settings of every option of the groups ``policy`` and ``geopolitics``.
    experiment : str
        Name of the experiment's file.
    """

    tree: dict[str, Any]
    policies: dict[str, dict[str, Any]]
    climates: dict[str, dict[str, Any]]
    experiment: str


def every_path(model: type[Settings] = Scenario, prefix: str = "") -> list[str]:
    """Return the dotted paths of all settings below a group."""
    paths = []
    for name, declared in model.model_fields.items():
        path = f"{prefix}{name}"
        paths.append(path)
        if fields_of(declared.annotation):
            paths += every_path(declared.annotation, f"{path}.")  # type: ignore[arg-type]
    return paths


def label_of(name: str, *, changed: bool) -> str:
    """Return what a policy or climate is called: one with changed settings says so."""
    return f"{name}_changed" if changed else name


@dataclass
class Assembly:
    """Validates settings part by part, so that all problems are found before any is told."""

    composed: Composed
    request: Request
    names: Callable[[str], WorldNames]
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _design: Any = None

    def __post_init__(self) -> None:
        self.problems.extend(self.request.problems)
        self._check_keys()
        self._names = self.names(self._which())
        self.request.changes = with_full_region_names(self.request.changes, self._names.regions)
        common = {
            part: merged(self.composed.tree[part], self.request.changes.get(part, {}))
            for part in (*_COMMON, "shocks")
        }
        self._drop_unknown_coefficients(common["behaviour"])
        self._raw = common
        self._common = {
            part: self._valid(model, common[part], part) for part, model in _COMMON.items()
        }
        self._shocks = self._valid_shocks(common["shocks"])
        self._check_names({part: common[part] for part in ("world", "shocks")})
        self._note_implausible()
        self._add_variants()

    # What was asked for

    def _which(self) -> str:
        """Return which world is meant, whether or not its other settings are valid."""
        world = merged(self.composed.tree["world"], self.request.changes.get("world", {}))
        which = world.get("which") if isinstance(world, Mapping) else None
        return which if which in ("all", "named") else "all"

    def _check_keys(self) -> None:
        for key in self.request.changes:
            if key in TOP_LEVEL and key != "scenario":
                continue
            alike = [path for path in every_path() if path.rsplit(".", 1)[-1] == key]
            hint = f", did you mean '{alike[0]}'?" if alike else nearest(key, TOP_LEVEL)
            self.problems.append(f"{key}: unknown setting{hint} (allowed: {', '.join(TOP_LEVEL)})")
        if isinstance(self.request.changes.get("experiment"), Mapping):
            self.problems.append("experiment: must be the name of an experiment")

    def _add_variants(self) -> None:
        """Make options out of the variants and add them to the policies that are compared."""
        given = self.request.changes.get(VARIANTS)
        if given is None:
            return
        found = policy_variants(
            given, self.composed.policies, default_options()["policy"], self.problems.append
        )
        self.composed.policies.update(found)
        listed = self.request.changes.get("policies", [])
        if isinstance(listed, (list, tuple)):
            self.request.changes["policies"] = [*listed, *found]

    def _drop_unknown_coefficients(self, behaviour: Any) -> None:
        """Tell unknown coefficients once, by name, instead of as incomplete ones."""
        coefficients = behaviour.get("coefficients") if isinstance(behaviour, dict) else None
        if not isinstance(coefficients, dict):
            return
        for name in [name for name in coefficients if name not in NAMES]:
            del coefficients[name]
            self.problems.append(
                f"behaviour.coefficients.{name}: unknown coefficient{nearest(name, NAMES)}"
            )

    # Validation of the parts

    def _valid[Group: Settings](
        self, model: type[Group], settings: Any, prefix: str
    ) -> Group | None:
        try:
            return model.model_validate(settings)
        except ValidationError as error:
            self.problems.extend(problems_of(error, model, prefix))
            return None

    def _valid_shocks(self, catalogue: Any) -> dict[str, ShockType]:
        if not isinstance(catalogue, Mapping):
            self.problems.append(f"shocks = {shown(catalogue)}: must be a group of shock types")
            return {}
        known = self.composed.tree["shocks"]
        required = [name for name, item in ShockType.model_fields.items() if item.is_required()]
        valid = {}
        for name, settings in list(catalogue.items()):
            missing = (
                [key for key in required if key not in settings]
                if (isinstance(settings, Mapping))
                else required
            )
            if name not in known and missing:
                self.problems.append(
                    f"shocks.{name}: unknown shock type{nearest(name, known)}"
                    f" (a new one also needs {', '.join(missing)})"
                )
                del self._raw["shocks"][name]
                continue
            shock = self._valid(ShockType, settings, f"shocks.{name}")
            if shock is not None:
                valid[str(name)] = shock
        return valid

    def _check_names(self, tree: Mapping[str, Any]) -> None:
        self.problems.extend(world_problems(tree, self._names))

    def _note_implausible(self) -> None:
        behaviour = self._common["behaviour"]
        if isinstance(behaviour, Behaviour):
            self.notes.extend(
                f"behaviour.coefficients.{name}.value = {item.value:g} lies outside its plausible"
                f" range {item.low:g} to {item.high:g}"
                for name, item in behaviour.coefficients.items()
                if not item.plausible
            )

    # Policies and climates

    def policy(self, option: str, *, changed: bool = True) -> tuple[str, Policy | None]:
        """Return label and settings of a policy, with the request's changes or without."""
        change = self.request.changes.get("policy", {}) if changed else {}
        label, policy, raw = self._variant(
            Policy, "policy", option, self.composed.policies[option], change
        )
        self.problems.extend(shock_problems({"policy": raw, "shocks": self._raw["shocks"]}))
        self._check_names({"policy": raw})
        return label, policy

    def climate(self, option: str) -> tuple[str, Geopolitics | None]:
        """Return label and settings of a climate, with the request's changes."""
        label, climate, raw = self._variant(
            Geopolitics,
            "geopolitics",
            option,
            self.composed.climates[option],
            self.request.changes.get("geopolitics", {}),
        )
        self.problems.extend(shock_problems({"geopolitics": raw, "shocks": self._raw["shocks"]}))
        self._check_names({"geopolitics": raw})
        horizon = self._common["horizon"]
        if climate is not None and isinstance(horizon, Horizon):
            self.notes.extend(
                f"{label}: {strike.shock} in {strike.quarter} lies outside the horizon"
                for strike in climate.schedule
                if not 1 <= quarter_index(strike.quarter, horizon.start) <= horizon.quarters
            )
        return label, climate

    def _variant[Group: (Policy, Geopolitics)](
        self,
        model: type[Group],
        group: str,
        option: str,
        settings: Mapping[str, Any],
        change: Any,
    ) -> tuple[str, Group | None, Any]:
        """Validate an option with changes, and name it after what it is now."""
        try:
            original = model.model_validate(settings)
        except ValidationError as error:
            file = f"configs/{group}/{option}.yaml"
            self.problems.extend(f"{file}: {line}" for line in problems_of(error, model, group))
            return option, None, settings
        if not change and isinstance(change, Mapping):
            return option, original, settings
        raw = merged(settings, change)
        varied = self._valid(model, raw, group)
        if varied is None:
            return option, None, raw
        own_words = {"name": option, "description": ""}
        same = varied.model_copy(update=own_words) == original.model_copy(update=own_words)
        if "name" in change:
            shipped = self.composed.policies if group == "policy" else self.composed.climates
            if varied.name in shipped and (varied.name != option or not same):
                self.problems.append(
                    f"{group}.name = {shown(varied.name)}: the name of another {group}"
                )
            return varied.name, varied, raw
        label = label_of(option, changed=not same)
        return label, varied.model_copy(update={"name": label}), raw

    def scenario(self, policy: Policy | None, climate: Geopolitics | None) -> Scenario | None:
        """Return a scenario of validated parts, None if one of them is not valid."""
        parts = {**self._common, "policy": policy, "geopolitics": climate}
        if self.problems or any(part is None for part in parts.values()):
            return None
        return self._valid(Scenario, {**parts, "shocks": self._shocks}, "")

    def settings(self, name: str) -> RunSettings | None:
        """Return the settings of the run, with the name of the experiment."""
        known = {key: self.composed.tree[key] for key in _RUN_SETTINGS}
        changes = {
            key: value for key, value in self.request.changes.items() if key in _RUN_SETTINGS
        }
        settings = {
            **known,
            **changes,
            "experiment": name,
            "engine": merged(known["engine"], changes.get("engine", {})),
            "design": self._read_design(),
        }
        catalogue = self._raw["shocks"]
        self.problems.extend(
            f"shock_tests{place}: unknown shock type {shown(shock)}{nearest(shock, catalogue)}"
            for place, shock in texts(settings["shock_tests"])
            if shock not in catalogue
        )
        return self._valid(RunSettings, settings, "")

    def _read_design(self) -> Any:
        """Return the settings of the design, not yet validated; None without one."""
        behaviour = self._raw["behaviour"]
        self._design = merged_design(
            self.composed.tree["design"],
            self.request.changes.get("design"),
            behaviour.get("coefficients") if isinstance(behaviour, Mapping) else None,
        )
        self.problems.extend(drop_climate(self._design))
        return self._design

    def check_design(
        self, design: Design | None, policies: Iterable[Policy | None], climates: Iterable[Any]
    ) -> None:
        """Tell which factors, metrics and quarters of the design do not fit the scenarios.

        Parameters
        ----------
        design : Design or None
            The validated design, None if there is none or it is not valid.
        policies, climates : iterable
            The arms' settings, None where they are not valid.
        """
        raw = self._design
        behaviour, horizon = self._common["behaviour"], self._common["horizon"]
        policy = next(iter(policies), None)
        climate = next(iter(climates), None)
        if raw is None or policy is None or climate is None or behaviour is None:
            return
        assert isinstance(behaviour, Behaviour)
        settings = numeric_settings(policy, climate, self._shocks, behaviour, self._names.regions)
        self.problems.extend(factor_problems(raw, settings))
        if design is None or not isinstance(horizon, Horizon):
            return
        self.problems.extend(kept_problems(design, metric_names(self._names.regions), horizon))
        scenario = self.scenario(policy, climate)
        if scenario is not None:
            self.problems.extend(extreme_problems(design, scenario, settings))

    def refuse(self) -> None:
        """Raise all problems found so far, each once, with the file and line it comes from."""
        if self.problems:
            raise InputError(
                dict.fromkeys(self.request.placed(problem) for problem in self.problems)
            )
