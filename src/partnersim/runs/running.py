"""Running and resuming experiments and sweeps, for programs and notebooks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from partnersim.configuration import load_experiment
from partnersim.errors import InputError
from partnersim.runs.chunk import Workbench, simulate_chunk
from partnersim.runs.coordinator import Progress, complete, plan_for, seconds_per_run
from partnersim.runs.folder import begin, locked
from partnersim.runs.manifest import MANIFEST_NAME
from partnersim.runs.part import encoded_size
from partnersim.runs.plan import Plan, plan_of
from partnersim.runs.reader import Runs, read_runs
from partnersim.runs.versions import other_maker
from partnersim.scenario.engine import Engine

#: A trial weighs a part of so many runs, or of what can be run in so many seconds.
_TRIAL_RUNS = 64
_TRIAL_SECONDS = 2.0


def _silent(*_: object) -> None:
    """Say nothing."""


def run_sweep(
    *overrides: str,
    progress: Progress = _silent,
    note: Callable[[str], None] = _silent,
) -> Runs:
    """Run an experiment or a sweep; what is on disk of it already is not run again.

    Parameters
    ----------
    *overrides : str
        As on the command line: ``"experiment=robustness"``, ``"design.points=64"``,
        ``"replicates=5"``, ``"engine=processes"``, ``"output=FOLDER"``, ``"scenario=FILE.yaml"``.
    progress : callable, optional
        Called with the runs done and all runs, now and then.
    note : callable, optional
        Called with what the user should know, one line each.

    Returns
    -------
    Runs
        With the tables ``outcomes()``, ``futures``, ``in_force()``, ``failures()`` and others.

    Raises
    ------
    InputError
        If anything is wrong with the words, or results cannot be written.

    Examples
    --------
    >>> runs = run_sweep("experiment=robustness", "design.points=16")  # doctest: +SKIP
    >>> runs.outcomes(["instruments", "links"])  # doctest: +SKIP
    """
    experiment = load_experiment(overrides)
    return start(plan_of(experiment), experiment.settings.engine, progress, note)


def start(
    plan: Plan, engine: Engine, progress: Progress = _silent, note: Callable[[str], None] = _silent
) -> Runs:
    """Run a plan in its folder; see `run_sweep`."""
    folder = plan.folder().absolute()
    with locked(folder):
        if (folder / MANIFEST_NAME).exists():
            check_version(read_runs(folder))
        else:
            begin(folder, plan.manifest(), plan.futures, plan.world)
        return complete(folder, engine, plan.experiment.settings.threads, progress, note)


def resume_runs(
    folder: Path | str,
    engine: Engine,
    *,
    threads: int | None = None,
    progress: Progress = _silent,
    note: Callable[[str], None] = _silent,
) -> Runs:
    """Run what is missing of runs on disk, whatever engine began them.

    Parameters
    ----------
    folder : Path or str
        Their folder.
    engine : Engine
        What does the work now.
    threads : int, optional
        Workers, if the engine names none.
    progress, note : callable, optional
        See `run_sweep`.

    Raises
    ------
    InputError
        If the folder holds no runs, those of another version, or cannot be written.
    """
    stored = read_runs(folder)
    check_resumable(stored)
    place = stored.folder.absolute()
    with locked(place):
        return complete(place, engine, threads, progress, note)


def check_resumable(stored: Runs) -> None:
    """Refuse runs that this program cannot finish, before anything is said or done.

    Raises
    ------
    InputError
        If their rules, configuration, futures or data are others.
    """
    check_version(stored)
    plan_for(str(stored.folder.absolute()), str(stored.manifest["configuration_hash"]))


def check_version(stored: Runs) -> None:
    """Refuse runs that other rules have made.

    Raises
    ------
    InputError
        One line that names both.
    """
    other = other_maker(stored.manifest)
    if other is not None:
        raise InputError(
            f"{stored.folder}: was {other}; their results must not be mixed: choose another"
            " output, or run it again from the start in an empty folder"
        )


@dataclass(frozen=True)
class Trial:
    """What a trial found.

    Attributes
    ----------
    seconds : float
        Of one worker, per run.
    bytes : float
        On disk, per run.
    """

    seconds: float
    bytes: float


def trial(plan: Plan) -> Trial:
    """Time some runs and weigh their part; nothing is written."""
    seconds = seconds_per_run(plan)
    stop = min(plan.layout.runs, _TRIAL_RUNS, max(1, int(_TRIAL_SECONDS / seconds)))
    part = simulate_chunk(Workbench(plan), 0, stop)
    return Trial(seconds, encoded_size(plan.layout, part) / stop)
