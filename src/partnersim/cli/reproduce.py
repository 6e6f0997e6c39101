"""The verb ``reproduce``: run shipped experiments again and check what they are said to find."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from partnersim.cli.screen import Screen
from partnersim.configuration import load_experiment
from partnersim.errors import InputError, nearest
from partnersim.reproduction.checking import verdicts
from partnersim.reproduction.expected import Expected, read_expected
from partnersim.reproduction.experiment_folder import (
    ExperimentFolder,
    experiment_folders,
    experiments_folder,
    named_folders,
)
from partnersim.reproduction.results import Results
from partnersim.scenario.experiment import Experiment

ALL, LIST = "--all", "--list"
OUTPUT = "results/reproduced"
_SETTINGS = ("output", "threads", "engine")
DIFFERENT = 1
#: Digits of a digest that are told.
_DIGITS = 12


def help_text() -> str:
    """Return what ``partnersim reproduce --help`` prints."""
    return (
        "partnersim reproduce NAME ... [--all] [--list] [output=FOLDER] [threads=N] [engine=NAME]\n"
        "runs shipped experiments again and checks their findings.\n"
        "\n"
        "First the digest: equal means identical to the bit. If it differs, every finding is\n"
        "held against its tolerance, and told: expected, got, holds or not. --all takes all\n"
        "experiments, --list tells what they ask.\n"
        "\n"
        f"Results go to {OUTPUT}/NAME, or below output=FOLDER. What was interrupted there goes on\n"
        "where it was, if it is a sweep; what was finished is run anew.\n"
        "\n"
        "Exit status: 0 if every digest is equal or all findings hold, 1 otherwise, 2 if the\n"
        "words cannot be used."
    )


def main(words: Sequence[str]) -> int:
    """Reproduce the experiments that the words name.

    Returns
    -------
    int
        0 if all came out as expected, else 1.

    Raises
    ------
    InputError
        If a name or a setting is unknown, or results cannot be written.
    """
    if LIST in words:
        return _list(words)
    plans = planned(words)
    screen = _Quiet()
    began = time.monotonic()
    same = {plan.folder.name: _reproduce(plan, screen) for plan in plans}
    if len(same) > 1:
        differing = [name for name, as_expected in same.items() if not as_expected]
        print()
        print(
            f"{len(same)} experiments after {time.monotonic() - began:.0f} s: "
            + (f"NOT as expected: {', '.join(differing)}" if differing else "all as expected")
        )
    return 0 if all(same.values()) else DIFFERENT


@dataclass(frozen=True)
class Planned:
    """An experiment that will be reproduced.

    Attributes
    ----------
    folder : ExperimentFolder
        Where it stands.
    experiment : Experiment
        What will be run.
    expected : Expected
        What it is said to find.
    """

    folder: ExperimentFolder
    experiment: Experiment
    expected: Expected


def planned(words: Sequence[str]) -> list[Planned]:
    """Return what words would reproduce: everything is read and checked, nothing is run.

    Raises
    ------
    InputError
        If a name or a setting is unknown, or a file of an experiment cannot be used.
    """
    names, settings = _read(words)
    chosen = list(experiment_folders().values()) if ALL in words else named_folders(names)
    return [_planned(folder, settings) for folder in chosen]


def results_of(folder: ExperimentFolder, output: str | Path = OUTPUT) -> Path:
    """Return the folder in which the results of an experiment lie, or will lie."""
    return Path(output).expanduser() / folder.name


def _list(words: Sequence[str]) -> int:
    others = [word for word in words if word != LIST]
    if others:
        raise InputError(f"reproduce {LIST}: takes no other words ({' '.join(others)} given)")
    for name, folder in experiment_folders().items():
        print(f"{name:20s} {read_expected(folder.expected).question}")
    return 0


def _read(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return names and settings among the words, telling all that is wrong with them."""
    names = [word for word in words if "=" not in word and not word.startswith("-")]
    settings = [word for word in words if "=" in word]
    problems = [
        f"{word}: reproduce knows no such option{nearest(word, (ALL, LIST))} ({ALL}, {LIST})"
        for word in words
        if word.startswith("-") and "=" not in word and word != ALL
    ]
    for word in settings:
        key = word.partition("=")[0]
        if key.partition(".")[0] not in _SETTINGS:
            problems.append(
                f"{word}: reproduce takes no such setting{nearest(key, _SETTINGS)}"
                f" ({', '.join(_SETTINGS)}); run an experiment with other settings by"
                " scenario=FILE"
            )
    if names and ALL in words:
        problems.append(f"reproduce: names and {ALL} do not go together")
    if not names and ALL not in words:
        problems.append(
            f"reproduce: name an experiment, or {ALL} (there are: {', '.join(experiment_folders())}"
            f" in {experiments_folder()})"
        )
    try:
        named_folders(names)
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(problems)
    return names, settings


def _planned(folder: ExperimentFolder, settings: list[str]) -> Planned:
    """Read settings and expectations of one experiment."""
    own = [] if any(word.startswith("output=") for word in settings) else [f"output={OUTPUT}"]
    # Only the experiment's own figure is drawn, at the end.
    words = [f"scenario={folder.configuration}", "figures=false", *own, *settings]
    experiment = load_experiment(words)
    named = experiment.settings.model_copy(update={"experiment": folder.name})
    return Planned(
        folder, experiment.model_copy(update={"settings": named}), read_expected(folder.expected)
    )


class _Quiet(Screen):
    """A screen that shows notes and progress, but no tables: the findings are what is told."""

    def line(self, text: str = "") -> None:
        """Leave out a line of a table."""


def _reproduce(plan: Planned, screen: Screen) -> bool:
    """Run one experiment, tell whether it came out as expected."""
    began = time.monotonic()
    name, expected = plan.folder.name, plan.expected
    print(f"\n{name}: {expected.question}", flush=True)
    place = _run(plan.experiment, screen)
    results = Results(place)
    from partnersim.show.figure_of import figure_of

    figure = figure_of(place, expected.figure)
    after = f"figure in {figure}, after {time.monotonic() - began:.0f} s"
    if results.digest == expected.digest:
        print(f"{name}: identical to the bit, digest {results.digest[:_DIGITS]}; {after}")
        return True
    print(
        f"{name}: not identical to the bit (digest {results.digest[:_DIGITS]}, expected"
        f" {expected.digest[:_DIGITS] or 'none yet'}); finding by finding:"
    )
    told = verdicts(results, expected)
    for one in told:
        print(f"  {one.line}")
    failing = sum(bool(one.problem) for one in told)
    verdict = (
        f"{failing} of {len(told)} findings DO NOT HOLD"
        if failing
        else f"all {len(told)} findings hold"
    )
    print(f"{name}: {verdict}; {after}")
    return not failing


def _run(experiment: Experiment, screen: Screen) -> Path:
    """Run an experiment anew, or what is missing of a sweep; return the folder of its results."""
    from partnersim.cli import run, sweep

    if experiment.settings.kind == "backtest":
        from partnersim.cli.backtest import run_backtest

        return run_backtest(experiment, screen)
    if experiment.settings.design is None:
        return run.run_experiment(experiment, screen)
    from partnersim.runs.plan import plan_of
    from partnersim.runs.running import folder_of
    from partnersim.runs.staged_folder import told
    from partnersim.runs.sweep_reader import is_sweep, read_sweep

    place = folder_of(plan_of(experiment))
    if is_sweep(place) and read_sweep(place).manifest["digest"] is not None:
        # Finished: what is done already would not be run again. First out of the way, whole.
        away = place.with_name(f".{place.name}.replaced")
        with told(place):
            shutil.rmtree(away, ignore_errors=True)
            place.rename(away)
            shutil.rmtree(away)
    return sweep.run(experiment, screen)
