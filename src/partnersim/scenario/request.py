"""What a user asked for: options chosen, settings changed, from the command line and a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from partnersim.errors import InputError, nearest
from partnersim.scenario.config_files import GROUPS, options
from partnersim.scenario.problems import shown
from partnersim.scenario.run_settings import RunSettings
from partnersim.scenario.scenario_file import DEEPEST, ScenarioFile, read_scenario_file
from partnersim.user_path import user_path

#: A longer word of the command line is refused before it is read.
LONGEST_WORD = 20_000
#: Keys whose value is a path, taken as typed.
PATH_KEYS = ("scenario", "output")
#: Policies of a scenario file beside the options, see `partnersim.scenario.variants`.
VARIANTS = "variants"
#: Settings of the run by which a user may change it.
RUN_SETTINGS = tuple(name for name in RunSettings.model_fields if name != "experiment")
TOP_LEVEL = tuple(dict.fromkeys((*GROUPS, "horizon", *RUN_SETTINGS, VARIANTS, "scenario")))

#: What is told to who asks for another world.
ONE_WORLD = (
    "there is one world, of all 169 partners; which of them are shown is a filter of the page"
)

_KEY_VALUE = re.compile(r"(\+{0,2})([^=]*)=(.*)", re.DOTALL)


def refusal(token: object) -> str | None:
    """Say why a word of the command line cannot be an override, None if it may be one."""
    if not isinstance(token, str):
        return f"{shown(token)}: settings are written as texts, such as 'policy.openness=0.7'"
    if len(token) > LONGEST_WORD:
        return (
            f"{token[:60]}...: longer than {LONGEST_WORD:,} characters; write it into a file and"
            " name that with scenario=FILE.yaml"
        )
    if token.startswith("-"):
        return (
            f"{token}: unknown option (known: -m, --multirun, --dry-run, --yes, --help, --version)"
        )
    if "${" in token:
        return f"{token}: '${{' is not allowed, settings are plain values"
    if token.startswith("~"):
        return f"{token}: settings cannot be removed, set them to another value"
    match = _KEY_VALUE.fullmatch(token)
    if match is None:
        meant = [f"{group}={token}" for group in GROUPS if token in options(group)]
        hint = f", did you mean '{meant[0]}'?" if meant else nearest(token, TOP_LEVEL)
        return f"{token}: not a setting, write KEY=VALUE{hint}"
    plus, key = match[1], match[2]
    if "@" in key:
        return f"{token}: '@' is not allowed, options cannot be moved elsewhere"
    if re.match(r"hydra(\W|$)", key):
        return f"{token}: Hydra itself cannot be configured here"
    if key.count(".") > DEEPEST:
        return f"{token[:60]}...: nested deeper than {DEEPEST} levels"
    if any(part.startswith("_") or part.endswith("_") for part in key.split(".")):
        return f"{token}: no setting begins or ends with an underscore"
    if plus and key in (*GROUPS, *PATH_KEYS):
        return f"{token}: write {key}={match[3]} without '{plus}'"
    return None


def unquoted(value: str) -> str:
    """Return a value without the quotes around it."""
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value


def merged(base: Any, change: Any) -> Any:
    """Return settings with changes laid over them; groups merge, anything else is replaced."""
    if isinstance(base, Mapping) and isinstance(change, Mapping):
        result = dict(base)
        for key, value in change.items():
            result[key] = merged(base[key], value) if key in base else value
        return result
    if isinstance(base, list) and isinstance(change, Mapping) and change:
        places = {key: int(key) for key in change if str(key).isdecimal()}
        if len(places) == len(change) and max(places.values()) < len(base):
            items = list(base)
            for key, place in places.items():
                items[place] = merged(items[place], change[key])
            return items
    return change


@dataclass
class Request:
    """Options and settings that differ from the defaults, and what is wrong with them.

    Attributes
    ----------
    choices : dict of str to str
        Option by group, only where one was named.
    changes : dict
        Settings, nested as in the configuration.
    problems : list of str
        One line each.
    file : ScenarioFile or None
        The scenario file, if there is one.
    """

    choices: dict[str, str] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    file: ScenarioFile | None = None
    _typed: set[str] = field(default_factory=set)

    @property
    def names_a_policy(self) -> bool:
        """Whether one policy is meant: by name, or by changing settings of it."""
        lists = {"policies", VARIANTS} & set(self.changes) or "experiment" in self.choices
        return "policy" in self.choices or ("policy" in self.changes and not lists)

    def change(self, path: str, value: Any) -> None:
        """Note a setting from the command line; it wins over the scenario file."""
        self._typed.add(path)
        tree = value
        for key in reversed(path.split(".")):
            tree = {key: tree}
        self.changes = merged(self.changes, tree)

    def choose(self, group: str, option: Any) -> None:
        """Note an option from the command line; it wins over the scenario file."""
        if isinstance(option, Mapping):
            self.change(group, dict(option))
        elif group in self._typed:
            self.problems.append(f"{group}={option}: {group} is named twice")
        else:
            self._typed.add(group)
            bare = option if isinstance(option, str) and option else shown(option)
            self.take_option(group, option, f"{group}={bare}")

    def take_option(self, group: str, option: Any, place: str) -> None:
        """Note an option, or a problem that begins with where the option was named."""
        if isinstance(option, str) and option in options(group):
            self.choices[group] = option
        elif group == "world" and isinstance(option, str):
            self.problems.append(f"{place}: {ONE_WORLD}")
        else:
            self.problems.append(f"{place}: unknown {group}{of_options(option, options(group))}")

    def read_file(self, path: str) -> None:
        """Take options and settings from a scenario file; call before the command line's."""
        try:
            if not path:
                raise InputError("scenario=: name a file, such as scenario=mine.yaml")
            self.file = read_scenario_file(user_path(path))
        except InputError as error:
            self.problems.extend(error.problems)
            return
        for key, value in self.file.tree.items():
            if key not in GROUPS:
                self.changes[key] = value
            elif isinstance(value, Mapping):
                settings = dict(value)
                if key != "experiment" and "base" in settings:
                    base = settings.pop("base")
                    self.take_option(key, base, self.file.beginning(f"{key}.base", base))
                self.changes[key] = settings
            else:
                self.take_option(key, value, self.file.beginning(key, value))

    def placed(self, problem: str) -> str:
        """Return a problem with the file and line it comes from, if it comes from the file."""
        path = re.split(r"[\s=:]", problem, maxsplit=1)[0]
        if self.file is None or any(
            path == typed or path.startswith((f"{typed}.", f"{typed}[")) for typed in self._typed
        ):
            return problem
        return self.file.placed(path, problem)


def of_options(name: object, allowed: Iterable[str]) -> str:
    """Return the nearest option and all options, the end of a problem."""
    known = tuple(allowed)
    return f"{nearest(name, known)} (options: {', '.join(known)})"
