"""What a user asked for: options chosen, settings changed, from the command line and a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from partnersim.errors import InputError, nearest
from partnersim.scenario.config_files import GROUPS, options
from partnersim.scenario.problems import shown
from partnersim.scenario.scenario_file import ScenarioFile, read_scenario_file
from partnersim.user_path import user_path

#: Keys whose value is a path, taken as typed.
PATH_KEYS = ("scenario", "output")


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
            return
        if group in self._typed:
            self.problems.append(f"{group}={option}: {group} is named twice")
            return
        self._typed.add(group)
        self._take_option(group, option, f"{group}={_bare(option)}")

    def _take_option(self, group: str, option: Any, told: str) -> None:
        allowed = options(group)
        if isinstance(option, str) and option in allowed:
            self.choices[group] = option
            return
        self.problems.append(
            f"{told}: unknown {group}{nearest(option, allowed)} (options: {', '.join(allowed)})"
        )

    def read_file(self, path: str) -> None:
        """Take options and settings from a scenario file; call before the command line's."""
        try:
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
                    self._take_option(
                        key, settings.pop("base"), self.file.told(f"{key}.base", value["base"])
                    )
                self.changes[key] = settings
            else:
                self._take_option(key, value, self.file.told(key, value))

    def placed(self, problem: str) -> str:
        """Return a problem with the file and line it comes from, if it comes from the file."""
        path = re.split(r"[\s=:\[]", problem, maxsplit=1)[0]
        if self.file is None or any(
            path == typed or path.startswith(f"{typed}.") for typed in self._typed
        ):
            return problem
        return self.file.placed(path, problem)


def _bare(option: Any) -> str:
    return option if isinstance(option, str) and option else shown(option)
