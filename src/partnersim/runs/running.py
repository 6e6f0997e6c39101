"""Running what is missing: chunks are cut, handed to an engine, and counted as parts on disk."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from partnersim.configuration import load_experiment
from partnersim.errors import InputError
from partnersim.runs import folder as store
from partnersim.runs.chunk import Workbench, one_line_of, simulate_chunk
from partnersim.runs.digest import added, table_digest
from partnersim.runs.engines import open_engine
from partnersim.runs.manifest import MANIFEST_NAME, other_maker, write_beginning
from partnersim.runs.parts import Completeness, Stretch, completeness, encoded_size, write_part
from partnersim.runs.plan import Plan, missing_world_tables, plan_in, plan_of
from partnersim.runs.reader import Runs, read_runs
from partnersim.runs.tables import as_table
from partnersim.scenario.run_settings import Engine

#: Chunks per worker that wait for it, so that no worker waits for its next chunk.
_AHEAD = 2
#: Near the end chunks become smaller, so that all workers end together.
_LAST_CHUNKS, _SMALLEST_SHARE = 3, 8
#: Rounds in which nothing was added on disk before it is given up.
_ROUNDS = 2
#: Seconds between two looks at the clock.
_TICK = 1.0
#: Runs that are timed where how long all of them take is told.
_TRIAL_RUNS = 8
#: A trial weighs a part of so many runs, or of what can be run in so many seconds.
_WEIGHED_RUNS, _WEIGHED_SECONDS = 64, 2.0

#: Called with the runs on disk and all runs.
Progress = Callable[[int, int], None]
#: Called with what the user should know, one line each.
Note = Callable[[str], None]


def _silent(*_: object) -> None:
    """Say nothing."""


def run_sweep(*overrides: str, progress: Progress = _silent, note: Note = _silent) -> Runs:
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


def start(plan: Plan, engine: Engine, progress: Progress = _silent, note: Note = _silent) -> Runs:
    """Run a plan in its folder; see `run_sweep`."""
    folder = plan.folder().absolute()
    with store.locked(folder):
        if (folder / MANIFEST_NAME).exists():
            check_version(stored := read_runs(folder))
            if stored.manifest["futures_digest"] != table_digest(as_table(plan.futures)):
                raise InputError(f"{folder}: was begun with other futures: choose another output")
        else:
            begin(folder, plan)
        _plans.keep((str(folder), str(plan.manifest()["configuration_hash"])), plan)
        return _complete(folder, engine, plan.experiment.settings.threads, progress, note)


def resume_runs(
    folder: Path | str,
    engine: Engine,
    *,
    threads: int | None = None,
    progress: Progress = _silent,
    note: Note = _silent,
) -> Runs:
    """Run what is missing of runs on disk, whatever engine began them.

    Parameters
    ----------
    folder : Path or str
        Their folder.
    engine : Engine
        What does the work now.
    threads : int, optional
        Workers, if the engine names none; all processors by default.
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
    with store.locked(place):
        return _complete(place, engine, threads, progress, note)


def check_resumable(stored: Runs) -> None:
    """Refuse runs that this program cannot finish, before anything is said or done.

    Raises
    ------
    InputError
        If their rules, configuration, futures or data are others.
    """
    check_version(stored)
    _plans.get((str(stored.folder.absolute()), str(stored.manifest["configuration_hash"])))


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


def begin(folder: Path, plan: Plan) -> None:
    """Write what will be run, before the first run; see `write_beginning`."""
    tables = missing_world_tables(folder, plan.world)
    tables[store.FUTURES_NAME] = as_table(plan.futures)
    write_beginning(folder, tables, plan.manifest())


# What a worker does


class Kept[Name, Thing]:
    """The last of what takes long to read, kept for all threads of this process.

    Parameters
    ----------
    read : callable
        Reads it by its name.
    """

    def __init__(self, read: Callable[[Name], Thing]) -> None:
        self._read = read
        self._reading = threading.Lock()
        self._held: dict[Name, Thing] = {}

    def keep(self, name: Name, thing: Thing) -> None:
        """Keep something in place of the last one."""
        self._held = {name: thing}

    def get(self, name: Name) -> Thing:
        """Return what has a name; it is read once."""
        with self._reading:
            thing = self._held.get(name)
            if thing is None:
                thing = self._read(name)
                self.keep(name, thing)
            return thing


_own = threading.local()
#: The plan of this process, by folder and configuration hash.
_plans: Kept[tuple[str, str], Plan] = Kept(lambda place: plan_in(read_runs(place[0])))


def work(folder: str, of: str, start: int, stop: int) -> None:
    """Simulate the runs ``start`` .. ``stop - 1`` and write them as a part.

    Parameters
    ----------
    folder : str
        Folder of the results, which all workers see.
    of : str
        Hash of their configuration.
    start, stop : int
        Numbers of runs.

    Raises
    ------
    InputError
        If the part cannot be written.
    """
    plan = _plans.get((folder, of))
    if getattr(_own, "bench", None) is None or _own.bench.plan is not plan:
        _own.bench = Workbench(plan)
    part = simulate_chunk(_own.bench, start, stop)
    with store.writing_results(Path(folder)):
        write_part(Path(folder) / store.PARTS_NAME, of, plan.layout, part)


# What the coordinator does


def _complete(
    folder: Path, engine: Engine, threads: int | None, progress: Progress, note: Note
) -> Runs:
    """Run what is missing in a folder and finish it; the caller holds its lock."""
    manifest = read_runs(folder).manifest
    of = str(manifest["configuration_hash"])
    plan = _plans.get((str(folder), of))
    planned = plan.layout.runs

    def held(*, opened: bool = False) -> Completeness:
        return completeness(folder / store.PARTS_NAME, of, planned, opened=opened)

    with store.writing_results(folder):
        for path in held(opened=True).unusable:
            note(f"{path.name}: damaged, or not of this configuration; its runs are run again")
            store.remove(path)
        for path in store.leftovers(folder):
            store.remove(path)
        missing = missing_world_tables(folder, plan.world)
        for name in missing:
            note(f"{name}: damaged, or not of this configuration; it is written again")
            store.remove(folder / name)
        store.write_files(
            folder, {name: store.table_writer(table) for name, table in missing.items()}
        )
    gaps, rounds, lost = held().gaps, 0, ""
    workers = engine.workers or threads or os.cpu_count() or 1
    per_run = seconds_per_run(plan) if gaps else 0.0
    while gaps and rounds < _ROUNDS:
        before = _length(gaps)
        chunks = _cut(gaps, engine.chunk_seconds / max(per_run, 1e-9), workers, plan)
        # A worker that was killed takes its pool with it: every round opens a new one.
        with open_engine(engine, workers) as executor:
            done = planned - before
            progress(done, planned)
            for size, error in _worked_off(executor, _AHEAD * workers, str(folder), of, chunks):
                done, lost = done + size, error or lost
                progress(done, planned)
        gaps = held().gaps
        rounds = 0 if _length(gaps) < before else rounds + 1
    if gaps:
        raise InputError(
            f"{folder}: {_length(gaps):,} of {planned:,} runs are missing, workers were"
            f" lost{f' ({lost})' if lost else ''}; what is done is kept, continue with:"
            f" {store.resume_command(folder)}"
        )
    there = held()
    with store.writing_results(folder):
        for path in there.unusable:
            store.remove(path)
        finished = {
            **manifest,
            "runs_done": there.done - there.failed,
            "runs_failed": there.failed,
            "digest": f"{added(int(part.digest, 16) for part in there.parts):064x}",
        }
        store.write_whole(folder / MANIFEST_NAME, store.facts_writer(finished))
    progress(planned, planned)
    # Old parts were checked above, new ones are as they were written.
    return read_runs(folder, held=there)


def _length(stretches: list[Stretch]) -> int:
    return sum(stop - start for start, stop in stretches)


def _cut(gaps: list[Stretch], wanted: float, workers: int, plan: Plan) -> Iterator[Stretch]:
    """Yield chunks of about the wanted number of runs, smaller ones near the end."""
    left, replicates = _length(gaps), plan.layout.replicates
    for start, stop in gaps:
        at = start
        while at < stop:
            share = -(-left // (_LAST_CHUNKS * workers))
            size = max(1, int(min(wanted, max(share, wanted / _SMALLEST_SHARE))))
            # Runs that differ in their replicate only share their preparation.
            size -= size % replicates if size > replicates else 0
            end = min(stop, at + size)
            yield at, end
            left, at = left - (end - at), end


def _worked_off(
    executor: Executor, most: int, folder: str, of: str, chunks: Iterator[Stretch]
) -> Iterator[tuple[int, str]]:
    """Hand out chunks, so many at once; yield the runs that are done, or why they are not.

    A lost worker leaves a gap on disk; a full disk ends it all.
    """
    at_work: dict[Future[None], int] = {}
    try:
        while True:
            while len(at_work) < most and (chunk := next(chunks, None)):
                at_work[executor.submit(work, folder, of, *chunk)] = chunk[1] - chunk[0]
            if not at_work:
                return
            yield 0, ""
            for job in wait(at_work, _TICK, FIRST_COMPLETED).done:
                size = at_work.pop(job)
                try:
                    job.result()
                    yield size, ""
                except (InputError, BrokenProcessPool):
                    raise
                except Exception as error:
                    yield 0, one_line_of(error)
    except BrokenProcessPool as error:
        yield 0, one_line_of(error)
    finally:
        for job in at_work:
            job.cancel()


# What a run costs


def seconds_per_run(plan: Plan, trials: int = 1) -> float:
    """Return how long a run takes, compiling the rules first if need be."""
    bench = Workbench(plan)
    runs = range(0, plan.layout.runs, max(1, plan.layout.runs // trials))[:trials]
    # In earnest, states are prepared once for many runs: what the first pass costs does not count.
    for _ in range(2):
        began = time.perf_counter()
        for run in runs:
            simulate_chunk(bench, run, run + 1)
    return (time.perf_counter() - began) / len(runs)


def trial(plan: Plan) -> tuple[float, float]:
    """Return the seconds of one worker and the bytes on disk that a run takes; nothing is written.

    Some runs are timed, and their part is weighed.
    """
    seconds = seconds_per_run(plan, _TRIAL_RUNS)
    stop = min(plan.layout.runs, _WEIGHED_RUNS, max(1, int(_WEIGHED_SECONDS / seconds)))
    return seconds, encoded_size(simulate_chunk(Workbench(plan), 0, stop)) / stop
