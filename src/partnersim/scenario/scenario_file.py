"""Reading a user's scenario file: plain data, nothing that could run, every problem with its line.

The file never reaches Hydra or OmegaConf, which would resolve interpolations and load other
files. It is parsed as bare YAML: no tags, no aliases, bounded in size and depth.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from partnersim.errors import InputError, refuse
from partnersim.user_path import is_file_or_nothing

LARGEST_FILE = 1_000_000
#: Keys and values of a file: telling what is wrong with each of them must not take minutes.
MOST_VALUES = 20_000
DEEPEST = 20

_INDEX = re.compile(r"\[\d+\]")
_REASON_INTERPOLATION = "'${' is not allowed: a scenario file is plain data"


class _PlainLoader(yaml.SafeLoader):
    """YAML without tags, aliases and merges; numbers are read as on the command line."""


# YAML 1.1 would read 0600 in base 8, 1:30 in base 60, and 2027-01-01 as a date.
_NUMBERS = {
    "int": r"[-+]?(0|[1-9][0-9]*(_[0-9]+)*)",
    "float": r"[-+]?([0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+|[0-9]+\.[0-9]*|\.[0-9]+|\.inf)|\.nan",
}
_PlainLoader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0].endswith((":bool", ":null"))]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _kind, _pattern in _NUMBERS.items():
    _PlainLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_kind}", re.compile(f"({_pattern})$"), list("-+.0123456789")
    )


@dataclass(frozen=True)
class ScenarioFile:
    """A scenario file as plain data.

    Attributes
    ----------
    path : Path
        The file.
    tree : dict
        Texts, numbers, booleans, null, lists and dicts only; not yet validated.
    lines : dict of str to int
        Line of every key by its path, such as ``geopolitics.schedule[0].on``.
    """

    path: Path
    tree: dict[str, Any]
    lines: dict[str, int]

    def placed(self, key: str, problem: str) -> str:
        """Return a problem with the file and line of a key, unchanged if it is not in the file."""
        while key and key not in self.lines:
            key = key[: max(key.rfind("."), key.rfind("["), 0)]
        return f"{self.path}, line {self.lines[key]}: {problem}" if key else problem

    def beginning(self, key: str, value: Any) -> str:
        """Return file, line, key and value, the beginning of a problem."""
        written = value if isinstance(value, str) else repr(value)
        return self.placed(key, f"{key}: {written[:60]}")


class _Reader:
    """Builds plain data out of YAML nodes and collects what is wrong with them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[str] = []
        self.lines: dict[str, int] = {}
        self._loader = _PlainLoader("")

    def value(self, node: yaml.Node, path: str = "") -> Any:
        """Return the plain value of a node that stands at a dotted path."""
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        # Members of a list that have names are told by these alone.
        self.lines.setdefault(_INDEX.sub("", path), line)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, f"{path}[{place}]") for place, item in enumerate(node.value)]
        if "${" in node.value:
            self._refuse(node, _REASON_INTERPOLATION)
        try:
            return self._loader.construct_object(node)  # type: ignore[no-untyped-call]
        except (ValueError, yaml.YAMLError):
            self._refuse(node, f"'{node.value[:40]}' cannot be read as a value")
            return None

    def _refuse(self, node: yaml.Node, reason: str) -> None:
        self.problems.append(f"{self.path}, line {node.start_mark.line + 1}: {reason}")

    def _mapping(self, node: yaml.MappingNode, path: str) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else ""
            if reason := _refusal(key) or (f"'{key}' stands twice" if key in values else ""):
                self._refuse(key_node, reason)
            place = f"{path}.{key}" if path else key
            self.lines.setdefault(place, key_node.start_mark.line + 1)
            values[key] = self.value(value_node, place)
        return values


def _refusal(key: str) -> str:
    """Say why a key may not stand in a scenario file; nothing if it may."""
    if not key:
        return "a key must be a text"
    if "${" in key:
        return _REASON_INTERPOLATION
    if key.startswith("_") or key.endswith("_"):
        return f"'{key}' is not allowed: no setting begins or ends with an underscore"
    if "@" in key or key == "hydra" or key.startswith("hydra."):
        return f"'{key}' is not allowed: a scenario file holds settings only"
    if key == "defaults":
        return "'defaults' is not allowed: name an option instead, such as policy: deepen_first"
    return ""


def _check_events(path: Path, content: str) -> None:
    """Refuse tags, aliases, depth and several documents before anything is built."""
    problems: list[str] = []
    depth = documents = values = 0
    for event in yaml.parse(content, Loader=_PlainLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            problems.append(f"{path}, line {line}: anchors and aliases (&, *) are not allowed")
        elif tag := getattr(event, "tag", None):
            problems.append(f"{path}, line {line}: the tag {tag} is not allowed")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        values += isinstance(event, yaml.NodeEvent)
        if values > MOST_VALUES:
            problems.append(f"{path}, line {line}: more than {MOST_VALUES:,} keys and values")
            break
        if depth > DEEPEST:
            problems.append(f"{path}, line {line}: nested deeper than {DEEPEST} levels")
            break
        if len(problems) >= DEEPEST:
            break
    if documents > 1:
        problems.append(f"{path}: holds {documents} documents, one is allowed")
    for number, text in enumerate(content.splitlines(), start=1):
        if text.lstrip().startswith("#") and "@package" in text:
            problems.append(f"{path}, line {number}: '@package' is not allowed")
    refuse(problems)


def _content(path: Path) -> str:
    try:
        if path.is_dir():
            raise InputError(f"{path}: is a folder, not a file")
        if not is_file_or_nothing(path):
            raise InputError(f"{path}: is not a regular file")
        with path.open("rb") as stream:
            raw = stream.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except OSError as error:
        raise InputError(f"{path}: {(error.strerror or 'unreadable').lower()}") from None
    if len(raw) > LARGEST_FILE:
        raise InputError(f"{path}: larger than {LARGEST_FILE:,} bytes")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text (byte {error.start})") from None


def read_scenario_file(path: str | Path) -> ScenarioFile:
    """Read a scenario file as plain data.

    Parameters
    ----------
    path : path
        A YAML file with settings, at most 1 MB.

    Returns
    -------
    ScenarioFile

    Raises
    ------
    InputError
        One line per problem, with the line of the file.
    """
    path = Path(path)
    content = _content(path)
    try:
        _check_events(path, content)
        root = yaml.compose(content, Loader=_PlainLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise InputError(f"{path}{line}: {error.problem or 'cannot be read as YAML'}") from None
    except yaml.YAMLError:
        raise InputError(f"{path}: holds characters that YAML does not allow") from None
    if root is None:
        return ScenarioFile(path, {}, {})
    if not isinstance(root, yaml.MappingNode):
        raise InputError(f"{path}: must hold settings such as 'policy: deepen_first'")
    reader = _Reader(path)
    tree: dict[str, Any] = reader.value(root)
    refuse(reader.problems)
    return ScenarioFile(path, tree, reader.lines)
