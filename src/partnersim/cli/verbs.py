"""The verbs of the program: what its first word may say, and what may follow it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

#: Used when the first word is not a verb.
DEFAULT_VERB = "run"
#: Kinds of words that may follow a verb: ``KEY=VALUE``, paths, shipped experiments.
SETTINGS, PATHS, EXPERIMENTS = "KEY=VALUE", "PATH", "EXPERIMENT"
#: What follows an option.
CHOICES = {"--to": ("csv", "netcdf", "xlsx", "graphml")}


class VerbModule(Protocol):
    """What the module of a verb offers."""

    HELP: str
    """What ``partnersim VERB --help`` prints; of the default verb see `partnersim.cli.help`."""

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


_SIZES = ("--dry-run", "--yes")
_RUN = (SETTINGS, "-m", "--multirun", *_SIZES)
_ENGINE = ("engine=", "threads=")
VERBS = (
    Verb("run", "simulate an experiment and show what comes out (the default)", _RUN),
    Verb(
        "serve",
        "open the workshop page: move a lever, see what happens",
        ("--host", "--port", "--open"),
    ),
    Verb(
        "resume",
        "finish a sweep that was interrupted, on any engine",
        (PATHS, *_ENGINE, "figures="),
    ),
    Verb(
        "verify",
        "run results again, a sample or all, and compare bit by bit",
        (PATHS, "--all", "threads="),
    ),
    Verb(
        "reproduce",
        "run shipped experiments again and check their findings",
        (EXPERIMENTS, "--all", "--list", "output=", *_ENGINE),
    ),
    Verb(
        "search",
        "find the mixes of levers that are best over many futures",
        (
            *("minimise=", "maximise=", "constraints=", "levers=", "futures=", "fresh="),
            *("population=", "runs=", "minutes=", "official_cost=", SETTINGS, *_SIZES),
        ),
    ),
    Verb(
        "signposts",
        "find early signs that tell to change the policy",
        (PATHS, "stay=", "take=", "metric="),
    ),
    Verb(
        "study",
        "answer the questions of a file, all in one report",
        (PATHS, "output=", *_ENGINE, *_SIZES),
    ),
    Verb("compare", "set two stored results beside each other", (PATHS, "output=")),
    Verb("export", "write results as CSV, NetCDF, GraphML or an Excel workbook", (PATHS, *CHOICES)),
    Verb(
        "forecast",
        "who signs next, how likely and why, by quarter to 2030",
        ("instrument=", "partner=", "region=", "stage=", "by=", "record=", SETTINGS, *_SIZES),
    ),
    Verb(
        "score",
        "score a forecast against a list of later events",
        (PATHS, "until=", "output=", "data="),
    ),
    Verb(
        "update",
        "take network and history on to a later day, from a list of events",
        (PATHS, "output=", "until=", "data="),
    ),
    Verb(
        "validate",
        "hold the model against stylised facts of the record",
        ("patterns=", "runs=", "replays=", SETTINGS),
    ),
    Verb(
        "report",
        "write one page about the results of a run or a sweep",
        (PATHS, "fails=", "drivers="),
    ),
    Verb("completion", "print a script that completes words with the Tab key", ("bash", "zsh")),
)


def verb_named(name: str) -> Verb | None:
    """Return the verb of this name, None if there is none."""
    return next((verb for verb in VERBS if verb.name == name), None)
