"""Running and resuming sweeps, for programs and notebooks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from partnersim.configuration import load_experiment
from partnersim.errors import InputError
from partnersim.runs.coordinator import Progress, complete
from partnersim.runs.named_world import write_world
from partnersim.runs.plan import Plan, plan_of
from partnersim.runs.staged_folder import told
from partnersim.runs.sweep_layout import MANIFEST_NAME
from partnersim.runs.sweep_lock import sweep_lock
from partnersim.runs.sweep_reader import StoredSweep, read_sweep
from partnersim.runs.sweep_writer import begin_sweep
from partnersim.runs.versions import other_maker
from partnersim.runs.work import plan_for
from partnersim.scenario.engine import Engine


def _silent(*told: object) -> None:
    """Say nothing."""


def run_sweep(
    *overrides: str,
    progress: Progress = _silent,
    note: Callable[[str], None] = _silent,
) -> StoredSweep:
    """Run a sweep; what is on disk of it already is not run again.

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
    StoredSweep
        With the tables ``points()``, ``runs()``, ``quarters()``, ``signing()``, ``failures()``.

    Raises
    ------
    InputError
        If anything is wrong with the words, or results cannot be written.

    Examples
    --------
    >>> sweep = run_sweep("experiment=robustness", "design.points=16")  # doctest: +SKIP
    >>> sweep.runs(["instruments", "links"])  # doctest: +SKIP
    """
    experiment = load_experiment(overrides)
    if experiment.settings.design is None:
        raise InputError("design: this experiment has none; name one such as experiment=robustness")
    plan = plan_of(experiment)
    return start(plan, experiment.settings.engine, progress, note)


def folder_of(plan: Plan) -> Path:
    """Return the folder in which the results of a plan lie, or will lie."""
    return plan.facts().folder(Path(plan.experiment.settings.output).expanduser())


def start(
    plan: Plan, engine: Engine, progress: Progress, note: Callable[[str], None]
) -> StoredSweep:
    """Run a plan in its folder; see `run_sweep`."""
    folder = folder_of(plan).absolute()
    with told(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with sweep_lock(folder):
        if (folder / MANIFEST_NAME).exists():
            _check_version(read_sweep(folder))
        else:
            with told(folder):
                world = plan.world
                write_world(folder, world.countries, world.instruments, world.network)
            begin_sweep(folder, plan.facts())
        return complete(folder, engine, plan.experiment.settings.threads, progress, note)


def resume_sweep(
    folder: Path | str,
    engine: Engine,
    *,
    threads: int | None = None,
    progress: Progress = _silent,
    note: Callable[[str], None] = _silent,
) -> StoredSweep:
    """Run what is missing of a sweep on disk, whatever engine began it.

    Parameters
    ----------
    folder : Path or str
        Its folder.
    engine : Engine
        What does the work now.
    threads : int, optional
        Workers, if the engine names none.
    progress, note : callable, optional
        See `run_sweep`.

    Raises
    ------
    InputError
        If the folder holds no sweep, one of another version, or cannot be written.
    """
    stored = read_sweep(folder)
    check_resumable(stored)
    place = stored.folder.absolute()
    with told(place), sweep_lock(place):
        return complete(place, engine, threads, progress, note)


def check_resumable(stored: StoredSweep) -> None:
    """Refuse a sweep that this program cannot finish, before anything is told or done.

    Raises
    ------
    InputError
        If its rules, configuration, futures or data are others.
    """
    _check_version(stored)
    plan_for(str(stored.folder.absolute()), str(stored.manifest["configuration_hash"]))


def _check_version(stored: StoredSweep) -> None:
    other = other_maker(stored.manifest)
    if other is not None:
        raise InputError(
            f"{stored.folder}: was {other}; their results must not be mixed: choose another"
            " output, or run it again from the start in an empty folder"
        )
