"""From a composed configuration and a request to a validated scenario or experiment.

Which policies and climates an experiment compares, and what it is called:

- Nothing named: the experiment ``main``.
- A policy named (``policy=deepen_first``) or changed (``policy.negotiators=800``): that policy
  beside the untouched reference, in one climate (``calm`` unless named).
- Only a climate named: the policies of the experiment in that climate.
- An experiment named: its policies and climates; a policy or climate named beside it takes the
  place of its list, and changed settings of the policy hold for all of its policies.

The reference always runs, untouched. A policy or climate with changed settings is called
NAME_changed, unless ``policy.name`` or ``geopolitics.name`` gives it a name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

from pydantic import ValidationError

from partnersim.errors import InputError, nearest, refuse
from partnersim.scenario.behaviour import Behaviour, with_table
from partnersim.scenario.config_files import PLURALS, default_options, options
from partnersim.scenario.design import Design
from partnersim.scenario.design_check import (
    climate_problems,
    drop_wrong_factors,
    extreme_problems,
    merged_design,
    quarter_problems,
)
from partnersim.scenario.experiment import Experiment
from partnersim.scenario.geopolitics import Geopolitics, schedule_problems
from partnersim.scenario.horizon import Horizon, quarter_index
from partnersim.scenario.names import Names
from partnersim.scenario.numeric_settings import NumericSetting, numeric_settings
from partnersim.scenario.policy import Policy
from partnersim.scenario.problems import MOST_PROBLEMS, problems_of, shown
from partnersim.scenario.request import (
    RUN_SETTINGS,
    TOP_LEVEL,
    VARIANTS,
    Request,
    merged,
    of_options,
)
from partnersim.scenario.run_settings import RunSettings
from partnersim.scenario.scenario import Scenario
from partnersim.scenario.settings import ANY, Settings, below
from partnersim.scenario.shock import ShockType
from partnersim.scenario.variants import policy_variants
from partnersim.scenario.world_choice import WorldChoice
from partnersim.user_path import user_path

#: The experiment of one policy beside the reference.
SINGLE = "single"

#: Groups that exist once per experiment, whatever the policy and climate.
_SHARED: dict[str, type[Settings]] = {
    "world": WorldChoice,
    "behaviour": Behaviour,
    "horizon": Horizon,
}


#: What is compared, by group.
_COMPARED: dict[str, type[Settings]] = {"policy": Policy, "geopolitics": Geopolitics}


def experiment_of(request: Request) -> str:
    """Return which experiment a request is about."""
    if "experiment" in request.choices:
        return request.choices["experiment"]
    return SINGLE if request.names_a_policy else default_options()["experiment"]


def every_path(kind: Any = Scenario, prefix: str = "") -> Iterator[str]:
    """Yield the dotted paths of all settings below a group."""
    for name, declared in below(kind).items():
        if name != ANY:
            yield f"{prefix}{name}"
            yield from every_path(declared.kind, f"{prefix}{name}.")


def _group(value: Any) -> Mapping[str, Any]:
    """Return settings of a group; nothing if they are not written as one."""
    return value if isinstance(value, Mapping) else {}


def file_name(text: str) -> str:
    """Return a text as the name of a folder; letters of every script stay as they are."""
    composed = unicodedata.normalize("NFC", text)
    # Vowels of some scripts are marks on a letter.
    safe = {c for c in composed if c.isalnum() or c in "_.+-" or unicodedata.category(c)[0] == "M"}
    kept = (c if c in safe else " " for c in composed)
    name = "_".join("".join(kept).split()).strip("._")[:100]
    # No system takes more than 255 bytes.
    return name.encode()[:200].decode(errors="ignore") or "experiment"


class _Known:
    """Something that equals whatever reads the same."""

    def __init__(self, content: Any) -> None:
        self.content, self._text = content, repr(content)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


@lru_cache(maxsize=256)
def _validated[Group: Settings](model: type[Group], settings: _Known, names: _Known) -> Group:
    """Return a validated group; what many scenarios have in common is validated once."""
    return model.model_validate(settings.content, context=names.content)


@dataclass
class Assembly:
    """Validates settings part by part, so that all problems are found before any is shown.

    Parameters
    ----------
    tree : dict
        The shipped configuration, with the chosen or default options, as Hydra composed it.
    every : dict
        By group, ``policy`` and ``geopolitics``: the settings of every option.
    experiment_name : str
        Name of the experiment's file.
    request : Request
        What differs from it.
    world_names : Names
        Those that the world knows.
    """

    tree: dict[str, Any]
    every: dict[str, dict[str, dict[str, Any]]]
    experiment_name: str
    request: Request
    world_names: Names
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.problems.extend(self.request.problems)
        self._check_keys()
        raw = {
            part: merged(self.tree[part], self.request.changes.get(part, {}))
            for part in (*_SHARED, "shocks")
        }
        self._drop_unknown_shocks(raw)
        self.names = self._names_in(raw)
        first = self._begin_after_data(raw)
        self.shared: dict[str, Any] = {
            part: self._valid(model, raw[part], part) for part, model in _SHARED.items()
        }
        self.shared["shocks"] = {
            str(name): self._valid(ShockType, shock, f"shocks.{name}")
            for name, shock in raw["shocks"].items()
        }
        horizon, behaviour = self.shared["horizon"], self.shared["behaviour"]
        if first and horizon and horizon.start != first:
            self.problems.append(
                f"horizon.start = {horizon.start}: runs from {raw['world']['data']} begin in"
                f" {first}, the quarter after the last that its network knows of; leave it out"
            )
        self.notes += behaviour.implausible() if behaviour else []
        self._add_variants()

    def _check_keys(self) -> None:
        unknown = [key for key in self.request.changes if key not in TOP_LEVEL or key == "scenario"]
        paths = list(every_path()) if unknown else []
        for key in unknown[:MOST_PROBLEMS]:
            alike = [path for path in paths if path.rsplit(".", 1)[-1] == key]
            hint = f", did you mean '{alike[0]}'?" if alike else nearest(key, TOP_LEVEL)
            self.problems.append(f"{key}: unknown setting{hint} (allowed: {', '.join(TOP_LEVEL)})")
        if len(unknown) > MOST_PROBLEMS:
            self.problems.append(f"{len(unknown) - MOST_PROBLEMS:,} more unknown settings")
        if isinstance(self.request.changes.get("experiment"), Mapping):
            self.problems.append("experiment: must be the name of an experiment")

    def _drop_unknown_shocks(self, raw: dict[str, Any]) -> None:
        """Tell a misspelt shock type once, instead of as a new one that lacks settings."""
        known, catalogue = self.tree["shocks"], raw["shocks"]
        if not isinstance(catalogue, Mapping):
            self.problems.append(f"shocks = {shown(catalogue)}: must be a group of shock types")
            raw["shocks"] = known
            return
        required = [name for name, item in ShockType.model_fields.items() if item.is_required()]
        for name in [name for name in catalogue if name not in known]:
            missing = [key for key in required if key not in _group(catalogue[name])]
            if missing:
                self.problems.append(
                    f"shocks.{name}: unknown shock type{nearest(name, known)}"
                    f" (a new one also needs {', '.join(missing)})"
                )
                del raw["shocks"][name]

    def _begin_after_data(self, raw: dict[str, Any]) -> str:
        """Let runs from a folder of data begin in the quarter after it; return that, if any."""
        data = _group(raw["world"]).get("data")
        if not isinstance(data, str) or not data:
            return ""
        # Reading settings must not wait for the tables of the world.
        from partnersim.world.world import known_until_of, quarter_after

        try:
            first = quarter_after(known_until_of(user_path(data)))
        except InputError as error:
            self.problems.extend(f"world.data: {problem}" for problem in error.problems)
            return ""
        typed = self.request.changes.get("horizon", {})
        if isinstance(typed, Mapping) and "start" not in typed:
            raw["horizon"] = {**raw["horizon"], "start": first}
        return first

    def _names_in(self, raw: Mapping[str, Any]) -> Names:
        """Return the names that settings may use, whether or not the settings are valid."""
        added = _group(_group(raw["world"]).get("added"))
        coefficients = _group(raw["behaviour"]).get("coefficients", {})
        return replace(
            self.world_names,
            instruments=(*self.world_names.instruments, *added),
            shocks=tuple(raw["shocks"]),
            coefficients=_group(with_table(coefficients)),
        )

    def _add_variants(self) -> None:
        """Make options out of the variants and add them to the policies that are compared."""
        given = self.request.changes.get(VARIANTS)
        if given is None:
            return
        found = policy_variants(
            given,
            self.every["policy"],
            default_options()["policy"],
            check=lambda settings, place: self._valid(Policy, settings, place) is not None,
            tell=self.problems.append,
        )
        self.every["policy"].update(found)
        listed = self.request.changes.get("policies", [])
        if isinstance(listed, (list, tuple)):
            added = (name for name in found if name not in listed)
            self.request.changes["policies"] = [*listed, *added]

    def _valid[Group: Settings](
        self, model: type[Group], settings: Any, prefix: str
    ) -> Group | None:
        try:
            return _validated(model, _Known(settings), self._known_names)
        except ValidationError as error:
            self.problems.extend(problems_of(error, model, prefix))
            return None

    @cached_property
    def _known_names(self) -> _Known:
        return _Known(self.names)

    # Policies and climates

    def variant(self, group: str, option: str, *, changed: bool = True) -> tuple[str, Any]:
        """Return an option with the request's changes, and what it is called now.

        Parameters
        ----------
        group : str
            ``policy`` or ``geopolitics``.
        option : str
            One of the group's options.
        changed : bool
            Whether the request's changes apply.
        """
        shipped, model = self.every[group], _COMPARED[group]
        file = f"configs/{group}/{option}.yaml: " if option in options(group) else ""
        original: Any = self._valid(model, shipped[option], f"{file}{group}")
        change = self.request.changes.get(group, {}) if changed else {}
        if original is None or (not change and isinstance(change, Mapping)):
            return option, original
        varied: Any = self._valid(model, merged(shipped[option], change), group)
        if varied is None:
            return option, None
        own_words = {"name": option, "description": ""}
        same = varied.model_copy(update=own_words) == original.model_copy(update=own_words)
        if "name" not in change:
            label = option if same else f"{option}_changed"
            return label, varied.model_copy(update={"name": label})
        name = varied.name
        if name in shipped and (name != option or not same):
            self.problems.append(f"{group}.name = {shown(name)}: the name of another {group}")
        return name, varied

    def _selected(self, group: str, *, alone: bool) -> list[str]:
        """Return the options of a group that are compared, telling unknown ones."""
        request, known, plural = self.request, self.every[group], PLURALS[group]
        chosen = request.choices.get(group)
        if chosen is not None and plural in request.changes:
            self.problems.append(
                f"{group}={chosen} and {plural}=...: name either one {group} or several {plural}"
            )
        default = chosen or default_options()[group]
        listed = request.changes.get(plural, self.tree[plural])
        # The settings of the run tell what is not a list.
        if chosen is not None or alone or not isinstance(listed, (list, tuple)):
            return [default]
        named = {name: place for place, name in enumerate(listed) if isinstance(name, str)}
        self.problems.extend(
            f"{plural}[{place}] = {shown(name)}: unknown {group}{of_options(name, known)}"
            for name, place in named.items()
            if name not in known
        )
        self.problems.extend(
            f"{plural}: {shown(name)} stands there more than once"
            for name in named
            if listed.count(name) > 1
        )
        return [name for name in named if name in known] or [default]

    def _variants(self, group: str, *, alone: bool = False) -> dict[str, Any]:
        """Return what is compared of a group by label, telling names that stand for two things."""
        variants: dict[str, Any] = {}
        for name in self._selected(group, alone=alone):
            label, settings = self.variant(group, name)
            if label in variants:
                self.problems.append(
                    f"{group}.name = {shown(label)}: several would have this name; change only one"
                )
            variants[label] = settings
        return variants

    def _with_reference(self, policies: dict[str, Any]) -> dict[str, Any]:
        """Return the policies with the reference first, telling one that does not exist."""
        reference = self.request.changes.get("reference", self.tree["reference"])
        if not isinstance(reference, str) or not reference:
            return policies
        if reference in policies:
            return {reference: policies[reference], **policies}
        if reference in self.every["policy"]:
            _, untouched = self.variant("policy", reference, changed=False)
            return {reference: untouched, **policies}
        known = dict.fromkeys((*self.every["policy"], *policies))
        self.problems.append(
            f"reference = {shown(reference)}: unknown policy{of_options(reference, known)}"
        )
        return policies

    # The run

    @cached_property
    def _numbers(self) -> dict[str, NumericSetting]:
        """Every number that a factor of a design may vary."""
        return numeric_settings(self.names)

    def settings(self, name: str) -> RunSettings | None:
        """Return the settings of the run, with the name of the experiment."""
        changes = {key: value for key, value in self.request.changes.items() if key in RUN_SETTINGS}
        tree = self.tree
        design = None
        if tree["design"] is not None or changes.get("design") is not None:
            design = self._design(tree["design"], changes.get("design"))
        settings = {
            **{key: tree[key] for key in RUN_SETTINGS},
            **changes,
            "experiment": name,
            "engine": merged(tree["engine"], changes.get("engine", {})),
            "design": design,
        }
        return self._valid(RunSettings, settings, "")

    def _design(self, base: Any, change: Any) -> Any:
        """Return the settings of a design; note what is wrong with its factors or points."""
        try:
            design = merged_design(base, change, self._numbers)
        except InputError as error:
            self.problems.extend(error.problems)
            return None
        self.problems.extend(drop_wrong_factors(design, self._numbers))
        return design

    def _name(self, policies: Iterable[str], climates: Iterable[str]) -> str:
        """Return the name of the experiment, which is that of its results folder."""
        request, experiment = self.request, self.experiment_name
        parts = [experiment]
        if "experiment" not in request.choices and request.file is not None:
            parts = [request.file.path.stem]
        elif experiment == SINGLE:
            parts = [*policies, *climates]
        elif "experiment" not in request.choices and "geopolitics" in request.choices:
            parts = [experiment, *climates]
        return file_name("_".join(parts))

    def refuse(self) -> None:
        """Raise all problems found so far, each once, with the file and line it comes from."""
        refuse(dict.fromkeys(map(self.request.placed, self.problems)))

    def scenario(self) -> Scenario:
        """Return the one scenario that is described.

        Raises
        ------
        InputError
            All problems, one line each.
        """
        chosen = {**default_options(), **self.request.choices}
        _, policy = self.variant("policy", chosen["policy"])
        label, climate = self.variant("geopolitics", chosen["geopolitics"])
        self.settings("scenario")
        self._check_climates({label: climate}, None)
        self.refuse()
        return Scenario(policy=policy, geopolitics=climate, **self.shared)

    def experiment(self, suffix: str = "") -> Experiment:
        """Return the experiment that is described.

        Parameters
        ----------
        suffix : str
            Appended to the name of the experiment: one job of several.

        Raises
        ------
        InputError
            All problems, one line each.
        """
        one = self.request.names_a_policy and "policies" not in self.request.changes
        policies = self._variants("policy", alone=one)
        climates = self._variants("geopolitics")
        settings = self.settings(self._name(policies, climates) + suffix)
        policies = self._with_reference(policies)
        self._check_climates(climates, settings.design if settings else None)
        self.refuse()
        if settings is None:
            raise AssertionError("settings without a problem must be valid")
        if len(policies) == 1 and len(climates) == 1:
            self.notes.append(
                f"{settings.reference} is the reference itself: nothing to compare it with"
            )
        experiment = Experiment(
            settings=settings,
            policy=policies,
            geopolitics=climates,
            notes=tuple(dict.fromkeys(self.notes)),
            **self.shared,
        )
        if settings.design is not None:
            scenario = experiment.arms[0].scenario
            self.problems.extend(extreme_problems(settings.design, scenario, self._numbers))
            self.refuse()
        return experiment

    def _check_climates(
        self, climates: Mapping[str, Geopolitics | None], design: Design | None
    ) -> None:
        """Tell scheduled shocks, and quarters and climates of a design, that make no sense."""
        horizon: Horizon | None = self.shared["horizon"]
        if design is not None and horizon is not None:
            self.problems.extend(quarter_problems(design, horizon))
        for label, climate in climates.items():
            if climate is None:
                continue
            self.problems.extend(schedule_problems(climate, self.shared["shocks"]))
            self.notes.extend(
                f"{label}: {strike.shock} in {strike.quarter} lies outside the horizon"
                for strike in climate.schedule
                if horizon is not None
                and not 1 <= quarter_index(strike.quarter, horizon.start) <= horizon.quarters
            )
        if design is not None and design.table:
            self.problems.extend(climate_problems(design.table, list(climates)))
