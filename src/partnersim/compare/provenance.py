"""What a configuration changes against what is shipped: provenance by differences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from partnersim.compare.words import called, listed, some
from partnersim.configuration import load_experiment
from partnersim.scenario.config_files import options

#: Settings that say nothing of what was run.
_SILENT = ("name", "description", "evidence", "meaning", "source", "unit", "origin", "low", "high")
#: Groups whose members have names: one that is not shipped was added.
_NAMED = ("added", "shocks")
#: So many changes of one policy are named.
_MOST = 8
#: More policies or climates of one's own are only counted.
_FEW = 3
#: What is compared with the shipped one that is nearest, with its word for several.
KINDS = {"policy": "policies", "geopolitics": "climates"}


class Differing(NamedTuple):
    """A setting that differs between two configurations; None where one lacks it."""

    path: str
    first: Any
    second: Any

    @property
    def against(self) -> str:
        """The first value, and the second one that it stands in place of."""
        before = "" if self.second in (None, [], {}) else f" instead of {shown(self.second)}"
        return f"{shown(self.first)}{before}"

    @property
    def words(self) -> str:
        """The setting and `against`."""
        return f"{self.path} {self.against}"


@dataclass(frozen=True)
class Derived:
    """A policy or a climate as a change of a shipped one.

    Attributes
    ----------
    name : str
    base : str
        The shipped one that it is nearest to.
    changes : tuple of Differing
        Empty if it is that one.
    """

    name: str
    base: str
    changes: tuple[Differing, ...]

    @property
    def words(self) -> str:
        """What it is, in words; empty if it is as shipped."""
        if not self.changes:
            return "" if self.name == self.base else f"As {called(self.base)}"
        return f"As {called(self.base)}, but {some([one.words for one in self.changes], _MOST)}"


def derived(configuration: Mapping[str, Any], kind: str) -> list[Derived]:
    """Return every policy or climate of a configuration as a change of a shipped one.

    Parameters
    ----------
    configuration : mapping
        Of a manifest.
    kind : {"policy", "geopolitics"}
    """
    own = configuration.get(kind, {})
    own = {str(own["name"]): own} if "name" in own else own
    shipped = _shipped()[kind]
    found = []
    for name, settings in own.items():
        near = {base: tuple(_changes(settings, tree)) for base, tree in shipped.items()}
        base = min(near, key=lambda one: (_levers(near[one]), len(near[one]), one != name))
        found.append(Derived(name, base, near[base]))
    return found


def _levers(found: Sequence[Differing]) -> int:
    """Return in how many levers changes lie."""
    return len({one.path.partition(".")[0] for one in found})


def changes(configuration: Mapping[str, Any]) -> list[Differing]:
    """Return what is not as shipped of world, shocks, behaviour and horizon."""
    found: list[Differing] = []
    for group in ("world", "shocks", "behaviour", "horizon"):
        if group in configuration:
            found += _changes(configuration[group], _shipped()[group], f"{group}.")
    return found


def summary(configuration: Mapping[str, Any]) -> list[str]:
    """Return all that is not as shipped, in words."""
    lines = []
    for kind, several in KINDS.items():
        own = [one for one in derived(configuration, kind) if one.changes]
        if len(own) > _FEW:
            lines.append(f"{len(own)} {several} of its own")
        else:
            lines += [f"{called(one.name)} is {one.words[0].lower()}{one.words[1:]}" for one in own]
    return [*lines, *(one.words for one in changes(configuration))]


@cache
def _shipped() -> dict[str, Any]:
    words = [f"{several}=[{','.join(options(kind))}]" for kind, several in KINDS.items()]
    return load_experiment(words).configuration()


def _changes(
    own: Mapping[str, Any], shipped: Mapping[str, Any], prefix: str = ""
) -> Iterator[Differing]:
    for path, value, before in differing(own, shipped, prefix):
        keys = path.split(".")
        # What an older configuration does not know yet is not changed.
        if not set(keys).isdisjoint(_SILENT) or (value is None and not before):
            continue
        added = isinstance(value, Mapping) and keys[-2:-1] in ([name] for name in _NAMED)
        yield Differing(path, "added", None) if added else Differing(path, value, before)


def differing(
    first: Mapping[str, Any], second: Mapping[str, Any], prefix: str = ""
) -> Iterator[Differing]:
    """Yield what differs; a group that one lacks as a whole."""
    for key in dict.fromkeys((*first, *second)):
        path, one, two = f"{prefix}{key}", first.get(key), second.get(key)
        if isinstance(one, Mapping) and isinstance(two, Mapping):
            yield from differing(one, two, f"{path}.")
        elif one != two:
            yield Differing(path, one, two)


def shown(value: Any) -> str:
    """Return a value as people read it: a scheduled shock as what, when, by whom, on whom."""
    if isinstance(value, Mapping):
        if "shock" in value:
            where = listed([str(place) for place in value.get("where") or ()])
            by = f" by {value['by']}" if value.get("by") else ""
            return f"{value['shock']} {value.get('quarter', '')}{by} on {where}"
        return listed(
            [f"{key} {shown(one)}" for key, one in value.items() if one not in (None, [])]
        )
    if isinstance(value, Sequence) and not isinstance(value, str):
        return listed([shown(one) for one in value]) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value is None else str(value)
