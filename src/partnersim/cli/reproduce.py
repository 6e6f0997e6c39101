"""The verb ``reproduce``: run experiments again and check what they are said to find."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from partnersim.cli.screen import Screen
from partnersim.cli.streams import line
from partnersim.compare.words import counted
from partnersim.configuration import load_experiment
from partnersim.errors import InputError, nearest, with_problems_of
from partnersim.reproduction.experiments import (
    Expected,
    ExperimentFolder,
    experiment_folders,
    experiments_folder,
    named_folders,
    read_expected,
)
from partnersim.reproduction.findings import verdicts
from partnersim.reproduction.numbers import Results, digest_of_results
from partnersim.runs.folder import read_json_group, writing_results
from partnersim.runs.manifest import MANIFEST_NAME, reading_configuration
from partnersim.runs.reader import read_runs
from partnersim.scenario.experiment import Experiment, experiment_from

ALL, LIST = "--all", "--list"
OUTPUT = "results/reproduced"
_SETTINGS = ("output", "threads", "engine")
DIFFERENT = 1
#: Digits of a digest that are shown.
_DIGITS = 12


@dataclass(frozen=True)
class Planned:
    """An experiment that will be reproduced.

    Attributes
    ----------
    name : str
        What it is called.
    experiment : Experiment
        What will be run.
    digest : str
        What is expected to come out.
    expected : Expected or None
        What it is said to find; None for results that say nothing.
    """

    name: str
    experiment: Experiment
    digest: str
    expected: Expected | None


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
    same = {plan.name: _reproduce(plan, screen) for plan in plans}
    if len(same) > 1:
        differing = [name for name, as_expected in same.items() if not as_expected]
        outcome = f"NOT as expected: {', '.join(differing)}" if differing else "all as expected"
        line(f"\n{len(same)} experiments after {time.monotonic() - began:.0f} s: {outcome}")
    return 0 if all(same.values()) else DIFFERENT


def planned(words: Sequence[str]) -> list[Planned]:
    """Return what words would reproduce: everything is read and checked, nothing is run.

    Raises
    ------
    InputError
        If a name or a setting is unknown, or a file of an experiment cannot be used.
    """
    manifests = [word for word in words if Path(word).name == MANIFEST_NAME]
    others = [word for word in words if word not in manifests]
    names = [word for word in others if "=" not in word and not word.startswith("-")]
    settings = [word for word in others if "=" in word]
    problems = [
        f"{word}: reproduce knows no such option{nearest(word, (ALL, LIST))} ({ALL}, {LIST})"
        for word in others
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
    if (names or manifests) and ALL in words:
        problems.append(f"reproduce: names and {ALL} do not go together")
    if not names and not manifests and ALL not in words:
        problems.append(
            f"reproduce: name an experiment, or {ALL} (there are: {', '.join(experiment_folders())}"
            f" in {experiments_folder()})"
        )
    chosen = with_problems_of(lambda: named_folders(names), problems)
    if ALL in words:
        chosen = list(experiment_folders().values())
    shipped = [_of_folder(folder, settings) for folder in chosen]
    return shipped + [_of_manifest(Path(name).expanduser(), settings) for name in manifests]


def _list(words: Sequence[str]) -> int:
    others = [word for word in words if word != LIST]
    if others:
        raise InputError(f"reproduce {LIST}: takes no other words ({' '.join(others)} given)")
    for name, folder in experiment_folders().items():
        line(f"{name:20s} {read_expected(folder.expected).question}")
    return 0


def _changed(what: Experiment, **changes: Any) -> Experiment:
    settings = what.settings.model_copy(update=changes)
    return what.model_copy(update={"settings": settings})


def _of_folder(folder: ExperimentFolder, settings: list[str]) -> Planned:
    """Read settings and expectations of a shipped experiment."""
    own = [] if any(word.startswith("output=") for word in settings) else [f"output={OUTPUT}"]
    # Only the experiment's own figure is drawn, at the end.
    words = [f"scenario={folder.configuration}", "figures=false", *own, *settings]
    experiment = _changed(load_experiment(words), experiment=folder.name)
    expected = read_expected(folder.expected)
    return Planned(folder.name, experiment, expected.digest, expected)


def _of_manifest(path: Path, settings: list[str]) -> Planned:
    """Read what is described by the manifest of results."""
    try:
        manifest = read_json_group(path)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file") from None
    if not manifest.get("digest"):
        raise InputError(f"{path}: holds no digest to compare with: these results are not finished")
    configuration = manifest.get("configuration")
    if isinstance(configuration, dict) and configuration.get("kind") == "forecast":
        raise InputError(f"{path}: is of a forecast: use partnersim verify FOLDER --all")
    with reading_configuration(path.parent, manifest):
        experiment = experiment_from(manifest["configuration"])
    own = load_experiment([f"output={OUTPUT}", *settings]).settings
    place = {"output": own.output, "threads": own.threads, "engine": own.engine}
    experiment = _changed(experiment, figures=False, **place)
    return Planned(path.as_posix(), experiment, digest_of_results(manifest), None)


class _Quiet(Screen):
    """A screen that shows notes and progress, but no tables: the findings are what matters."""

    def line(self, text: str = "") -> None:
        """Leave out a line of a table."""


def _reproduce(plan: Planned, screen: Screen) -> bool:
    """Run one experiment and say whether it came out as expected."""
    began = time.monotonic()
    expected = plan.expected
    line(f"\n{plan.name}: {expected.question if expected else 'the same again?'}")
    place = _run(plan.experiment, screen)
    results = Results(place)
    where = f"results in {place}"
    if expected:
        from partnersim.show.figures import draw_figures

        where = f"figure in {draw_figures(place, [expected.figure])[0]}"
    same = results.digest == plan.digest
    found = verdicts(results, expected) if expected else []
    failing = sum(bool(one.problem) for one in found)
    digest = f"identical to the bit, digest {results.digest[:_DIGITS]}"
    if not same:
        digest = (
            f"not identical to the bit (digest {results.digest[:_DIGITS]}, expected"
            f" {plan.digest[:_DIGITS] or 'none yet'})"
        )
    if failing or not same:
        for one in found:
            line(f"  {one.line}")
    if found:
        verb = "DOES NOT HOLD" if failing == 1 else "DO NOT HOLD"
        all_of = counted(len(found), "finding")
        holds = f"{all_of} holds" if len(found) == 1 else f"all {all_of} hold"
        digest += f"; {failing} of {all_of} {verb}" if failing else f"; {holds}"
    line(f"{plan.name}: {digest}; {where}, after {time.monotonic() - began:.0f} s")
    return not failing if expected else same


def _run(experiment: Experiment, screen: Screen) -> Path:
    """Run an experiment anew, or what is missing of a sweep; return the folder of its results."""
    from partnersim.cli.backtest import run_backtest
    from partnersim.cli.experiment import run_experiment
    from partnersim.runs.plan import plan_of

    if experiment.settings.kind == "backtest":
        return run_backtest(experiment.settings, screen)
    place = plan_of(experiment).folder()
    begun = (place / MANIFEST_NAME).exists()
    if begun and read_runs(place).manifest["digest"] is not None:
        # Finished: what is done already would not be run again. First out of the way, whole.
        away = place.with_name(f".{place.name}.replaced")
        with writing_results(place):
            shutil.rmtree(away, ignore_errors=True)
            place.rename(away)
            shutil.rmtree(away)
    return run_experiment(experiment, screen)
