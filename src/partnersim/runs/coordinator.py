"""The coordinator: cuts what is missing into chunks, hands them out, counts parts on disk."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from partnersim.errors import InputError
from partnersim.runs.chunk import Workbench, simulate_chunk
from partnersim.runs.completeness import Completeness, Stretch, completeness
from partnersim.runs.engines import open_engine
from partnersim.runs.files import leftovers, remove, write_whole, writing_results
from partnersim.runs.folder import PARTS_NAME, resume_command
from partnersim.runs.manifest import MANIFEST_NAME, manifest_writer
from partnersim.runs.part import write_part
from partnersim.runs.plan import Plan, plan_in
from partnersim.runs.reader import Runs, digest_of, read_runs
from partnersim.scenario.engine import Engine

#: Chunks per worker that wait for it, so that no worker waits for its next chunk.
_AHEAD = 2
#: Near the end chunks become smaller, so that all workers end together.
_LAST_CHUNKS = 3
_SMALLEST_SHARE = 8
#: Rounds in which nothing was added on disk before it is given up.
_ROUNDS = 2
#: Seconds between two looks at the clock.
_TICK = 1.0
#: A trial plays one run of so many, but no more than so many runs.
_TRIAL_SHARE, _TRIAL_RUNS = 100, 8

#: Is told the runs on disk and all runs.
Progress = Callable[[int, int], None]

_own = threading.local()
_reading = threading.Lock()


@lru_cache(maxsize=1)
def _plan(folder: str, of: str) -> Plan:
    return plan_in(read_runs(folder))


def plan_for(folder: str, of: str) -> Plan:
    """Return the plan in a folder, read once per process.

    Parameters
    ----------
    folder : str
        Folder of the results.
    of : str
        Hash of their configuration.
    """
    with _reading:
        return _plan(folder, of)


def work(folder: str, of: str, start: int, stop: int) -> float:
    """Simulate the runs ``start`` .. ``stop - 1`` and write them as a part: what a worker does.

    Parameters
    ----------
    folder : str
        Folder of the results, which all workers see.
    of : str
        Hash of their configuration.
    start, stop : int
        Numbers of runs.

    Returns
    -------
    float
        Seconds spent on it.

    Raises
    ------
    InputError
        If the part cannot be written.
    """
    plan = plan_for(folder, of)
    if getattr(_own, "bench", None) is None or _own.bench.plan is not plan:
        _own.bench = Workbench(plan)
    began = time.perf_counter()
    part = simulate_chunk(_own.bench, start, stop)
    with writing_results(Path(folder)):
        write_part(Path(folder) / PARTS_NAME, of, plan.layout, part)
    return time.perf_counter() - began


def seconds_per_run(plan: Plan, trials: int = _TRIAL_RUNS) -> float:
    """Return how long a run takes, compiling the rules first if need be."""
    bench = Workbench(plan)
    simulate_chunk(bench, 0, 1)
    step = max(1, plan.layout.runs // trials)
    runs = range(0, plan.layout.runs, step)[:trials]
    began = time.perf_counter()
    for run in runs:
        simulate_chunk(bench, run, run + 1)
    return (time.perf_counter() - began) / len(runs)


def complete(
    folder: Path,
    engine: Engine,
    threads: int | None,
    progress: Progress,
    note: Callable[[str], None],
) -> Runs:
    """Run what is missing in a folder and finish it; the caller holds its lock.

    Parameters
    ----------
    folder : Path
        Of runs that have begun.
    engine : Engine
        What does the work.
    threads : int, optional
        Workers, if the engine names none; all processors by default.
    progress : callable
        Called with the runs on disk and all runs, now and then.
    note : callable
        Called with what the user should know, one line each.

    Raises
    ------
    InputError
        If results cannot be written, or runs are missing in the end.
    """
    manifest = read_runs(folder).manifest
    of = str(manifest["configuration_hash"])
    plan = plan_for(str(folder), of)
    planned = plan.layout.runs

    def held(*, opened: bool = False) -> Completeness:
        return completeness(folder / PARTS_NAME, of, planned, opened=opened)

    with writing_results(folder):
        for path in held(opened=True).unusable:
            note(f"{path.name}: damaged, or not of this configuration; its runs are run again")
            remove(path)
        for path in (*leftovers(folder), *leftovers(folder / PARTS_NAME)):
            remove(path)
    gaps = held().gaps
    if gaps:
        workers = engine.workers or threads or os.cpu_count() or 1
        hands = _Hands(plan, str(folder), of, engine, workers, progress)
        rounds = 0
        while gaps and rounds < _ROUNDS:
            before = _length(gaps)
            # A worker that was killed takes its pool with it: every round opens a new one.
            with open_engine(engine, workers) as executor:
                hands.work_off(gaps, executor)
            gaps = held().gaps
            rounds = 0 if _length(gaps) < before else rounds + 1
        if gaps:
            reason = f" ({hands.last_error})" if hands.last_error else ""
            raise InputError(
                f"{folder}: {_length(gaps):,} of {planned:,} runs are missing, workers were"
                f" lost{reason}; what is done is kept, continue with: {resume_command(folder)}"
            )
    there = held()
    with writing_results(folder):
        for path in there.unusable:
            remove(path)
        finished = {
            **manifest,
            "runs_done": there.done - there.failed,
            "runs_failed": there.failed,
            "digest": digest_of(part.digest for part in there.parts),
        }
        write_whole(folder / MANIFEST_NAME, manifest_writer(finished))
    progress(planned, planned)
    # Old parts were checked above, new ones are as they were written.
    return read_runs(folder, held=there)


def _length(stretches: list[Stretch] | deque[Stretch]) -> int:
    return sum(stop - start for start, stop in stretches)


@dataclass
class _Hands:
    """Hands chunks to an engine and adjusts their size to how long they take."""

    plan: Plan
    folder: str
    of: str
    engine: Engine
    workers: int
    progress: Progress
    last_error: str = ""
    _per_run: float = 0.0
    _at_work: dict[Future[float], Stretch] = field(default_factory=dict)

    def __post_init__(self) -> None:
        trials = min(_TRIAL_RUNS, 1 + self.plan.layout.runs // _TRIAL_SHARE)
        self._per_run = seconds_per_run(self.plan, trials)

    def work_off(self, gaps: list[Stretch], executor: Executor) -> None:
        """Run stretches; a lost worker leaves a gap on disk, a full disk ends it all."""
        waiting = deque(gaps)
        planned = self.plan.layout.runs
        done = planned - _length(gaps)
        self.progress(done, planned)
        try:
            while waiting or self._at_work:
                while waiting and len(self._at_work) < _AHEAD * self.workers:
                    start, stop = self._next_chunk(waiting)
                    job = executor.submit(work, self.folder, self.of, start, stop)
                    self._at_work[job] = start, stop
                for job in wait(self._at_work, _TICK, FIRST_COMPLETED).done:
                    start, stop = self._at_work.pop(job)
                    if self._took_in(job, stop - start):
                        done += stop - start
                self.progress(done, planned)
        except BrokenProcessPool as error:
            self.last_error = _in_short(error)
        finally:
            for job in self._at_work:
                job.cancel()
            self._at_work.clear()

    def _took_in(self, job: Future[float], runs: int) -> bool:
        try:
            seconds = float(job.result())
        except InputError:
            raise
        except Exception as error:
            self.last_error = _in_short(error)
            return False
        self._per_run = 0.5 * (self._per_run + seconds / runs)
        return True

    def _next_chunk(self, waiting: deque[Stretch]) -> Stretch:
        """Take the next stretch of about the wanted length off the queue."""
        start, stop = waiting.popleft()
        left = stop - start + _length(waiting)
        wanted = int(self.engine.chunk_seconds / max(self._per_run, 1e-9))
        share = -(-left // (_LAST_CHUNKS * self.workers))
        size = max(1, min(wanted, max(share, wanted // _SMALLEST_SHARE)))
        # Runs that differ in their replicate only share their preparation.
        replicates = self.plan.layout.replicates
        if size > replicates:
            size -= size % replicates
        cut = min(stop, start + size)
        if cut < stop:
            waiting.appendleft((cut, stop))
        return start, cut


def _in_short(error: Exception) -> str:
    return f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')[:200]}"
