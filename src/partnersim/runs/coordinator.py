"""The coordinator: cuts what is missing into chunks, hands them out, counts parts on disk."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from partnersim.errors import InputError
from partnersim.runs.durable_file import leftovers
from partnersim.runs.engines import Pool, open_pool
from partnersim.runs.engines.pool import Job
from partnersim.runs.plan import Plan
from partnersim.runs.staged_folder import told
from partnersim.runs.sweep_layout import PARTS_NAME
from partnersim.runs.sweep_parts import Stretch, missing, parts_on_disk, without_part
from partnersim.runs.sweep_reader import StoredSweep, read_sweep
from partnersim.runs.sweep_writer import finish_sweep
from partnersim.runs.trial import seconds_per_run
from partnersim.runs.work import plan_for, work
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

#: Is told the runs on disk and all runs.
Progress = Callable[[int, int], None]


def complete(
    folder: Path,
    engine: Engine,
    threads: int | None,
    progress: Progress,
    note: Callable[[str], None],
) -> StoredSweep:
    """Run what is missing of a sweep and finish it; the caller holds its lock.

    Parameters
    ----------
    folder : Path
        Of a sweep that has begun.
    engine : Engine
        What does the work.
    threads : int, optional
        Workers, if the engine names none; all processors by default.
    progress : callable
        Told the runs on disk and all runs, now and then.
    note : callable
        Told what the user should know, one line each.

    Raises
    ------
    InputError
        If results cannot be written, or runs are missing in the end.
    """
    stored = read_sweep(folder)
    sweep = str(stored.manifest["configuration_hash"])
    plan = plan_for(str(folder), sweep)
    _remove_damaged(stored, sweep, note)
    workers = engine.workers or threads or os.cpu_count() or 1
    rounds = 0
    gaps = _gaps(stored, sweep)
    if gaps:
        with open_pool(engine, workers) as pool:
            hands = _Hands(plan, str(folder), sweep, engine, workers, pool, progress)
            while gaps and rounds < _ROUNDS:
                before = _length(gaps)
                hands.work_off(gaps)
                gaps = _gaps(stored, sweep)
                rounds = 0 if _length(gaps) < before else rounds + 1
        if gaps:
            reason = f" ({hands.last_error})" if hands.last_error else ""
            raise InputError(
                f"{folder}: {_length(gaps):,} of {plan.layout.runs:,} runs are missing, workers"
                f" were lost{reason}; what is done is kept, continue with: partnersim resume"
                f" {folder}"
            )
    parts, useless = parts_on_disk(folder / PARTS_NAME, sweep, plan.layout, opened=False)
    for file in useless:
        _remove(file.path)
    for path in without_part(folder / PARTS_NAME):
        _remove(path)
    finish_sweep(folder, stored.manifest, plan.layout, plan.points, parts)
    progress(plan.layout.runs, plan.layout.runs)
    # Old parts were checked above, new ones are as they were written.
    return read_sweep(folder, whole=parts)


def _gaps(stored: StoredSweep, sweep: str) -> list[Stretch]:
    parts, _ = parts_on_disk(stored.folder / PARTS_NAME, sweep, stored.layout, opened=False)
    return missing((part.stretch for part in parts), stored.layout.runs)


def _length(stretches: Iterable[Stretch]) -> int:
    return sum(stop - start for start, stop in stretches)


def _remove_damaged(stored: StoredSweep, sweep: str, note: Callable[[str], None]) -> None:
    """Remove parts that are damaged, foreign or overlap, so that their runs are run again."""
    folder = stored.folder / PARTS_NAME
    _, useless = parts_on_disk(folder, sweep, stored.layout, opened=True)
    for file in useless:
        note(f"{file.path.name}: damaged, or not of this sweep; its runs are run again")
        _remove(file.path)
    for path in (*leftovers(stored.folder), *leftovers(folder)):
        _remove(path)


def _remove(path: Path) -> None:
    with told(path.parent.parent), suppress(FileNotFoundError):
        path.unlink()


@dataclass
class _Hands:
    """Hands chunks to a pool and adjusts their size to how long they take."""

    plan: Plan
    folder: str
    sweep: str
    engine: Engine
    workers: int
    pool: Pool
    progress: Progress
    last_error: str = ""
    _per_run: float = 0.0
    _at_work: dict[Job, Stretch] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._per_run = seconds_per_run(self.plan)

    def work_off(self, gaps: list[Stretch]) -> None:
        """Run stretches; a lost worker leaves a gap on disk, a full disk ends it all."""
        waiting = deque(gaps)
        left = _length(gaps)
        done = self.plan.layout.runs - left
        self.progress(done, self.plan.layout.runs)
        try:
            while waiting or self._at_work:
                while waiting and len(self._at_work) < _AHEAD * self.workers:
                    start, stop = self._next_chunk(waiting)
                    job = self.pool.submit(work, self.folder, self.sweep, start, stop)
                    self._at_work[job] = start, stop
                for job in self.pool.finished(self._at_work, _TICK):
                    start, stop = self._at_work.pop(job)
                    if self._took_in(job, stop - start):
                        done += stop - start
                self.progress(done, self.plan.layout.runs)
        finally:
            self.pool.cancel(self._at_work)
            self._at_work.clear()

    def _took_in(self, job: Job, runs: int) -> bool:
        try:
            seconds = float(job.result())
        except InputError:
            raise
        except Exception as error:
            self.last_error = f"{type(error).__name__}: {str(error).splitlines()[0][:200]}"
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
