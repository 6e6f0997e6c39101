"""The verbs of the program: what its first word may say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

#: Used when the first word is not a verb.
DEFAULT_VERB = "run"


class VerbModule(Protocol):
    """What the module of a verb offers."""

    def main(self, words: Sequence[str]) -> int:
        """Do it; return the exit status."""

    def help_text(self) -> str:
        """Return what ``partnersim VERB --help`` prints."""


@dataclass(frozen=True)
class Verb:
    """A verb: its name, what it does in one line, and the module that does it.

    The module is imported only when the verb is used, so that help starts at once.
    """

    name: str
    summary: str
    module: str

    def load(self) -> VerbModule:
        """Import the module of the verb."""
        return cast(VerbModule, import_module(f"partnersim.cli.{self.module}"))


VERBS = (
    Verb("run", "simulate an experiment and show what comes out (the default)", "run"),
    Verb("serve", "open the workshop page: move a lever, see what happens", "serve"),
    Verb("resume", "finish a sweep that was interrupted, on any engine", "resume"),
    Verb("verify", "run results again, a sample or all, and compare bit by bit", "verify"),
    Verb("reproduce", "run shipped experiments again and check their findings", "reproduce"),
    Verb("export", "write results as CSV, NetCDF or an Excel workbook", "export"),
    Verb("forecast", "how likely each partner takes each step, by quarter to 2030", "forecast"),
    Verb("score", "score a forecast against a list of later events", "score"),
    Verb("validate", "hold the model against stylised facts of the record", "validate"),
    Verb("report", "write one page about the results of a run or a sweep", "report"),
    Verb("completion", "print a script that completes words with the Tab key", "completion"),
)


def verb_named(name: str) -> Verb | None:
    """Return the verb of this name, None if there is none."""
    return next((verb for verb in VERBS if verb.name == name), None)
