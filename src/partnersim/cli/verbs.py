"""The verbs of the program: what its first word may say, and what may follow it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from partnersim.shipped_folder import rows_of

#: Used when the first word is not a verb.
DEFAULT_VERB = "run"
#: Kinds of words that may follow a verb: ``KEY=VALUE``, paths, shipped experiments.
SETTINGS, PATHS, EXPERIMENTS = "KEY=VALUE", "PATH", "EXPERIMENT"
#: What follows an option.
CHOICES = {"--to": ("csv", "netcdf", "xlsx", "graphml")}


class VerbModule(Protocol):
    """What the module of a verb offers."""

    def main(self, words: Sequence[str]) -> int:
        """Do it; return the exit status."""


@dataclass(frozen=True)
class Verb:
    """A verb: its name, what it does in one line, and the words that may follow it.

    The module of the same name is imported only when the verb is used, so that help starts at
    once.
    """

    name: str
    summary: str
    words: tuple[str, ...] = ()

    def load(self) -> VerbModule:
        """Import the module of the verb."""
        return cast(VerbModule, import_module(f"partnersim.cli.{self.name}"))


#: All verbs, one row each in ``verbs.csv``.
VERBS = tuple(
    Verb(row["name"], row["summary"], tuple(row["words"].split()))
    for row in rows_of(Path(__file__).with_name("verbs.csv"))
)


def verb_named(name: str) -> Verb | None:
    """Return the verb of this name, None if there is none."""
    return next((verb for verb in VERBS if verb.name == name), None)
