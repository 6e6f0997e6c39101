"""Verifying results: runs are run again and compared bit by bit, facts are derived again."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa

from partnersim.runs.chunk import Workbench, simulate_chunk
from partnersim.runs.completeness import OVERLAPPING
from partnersim.runs.coordinator import Progress
from partnersim.runs.digest import cells, table_digest
from partnersim.runs.files import read_table
from partnersim.runs.folder import world_tables
from partnersim.runs.part import EVENTS, METRICS, StoredPart, as_table, run_numbers
from partnersim.runs.plan import Plan, plan_in, plan_of
from partnersim.runs.reader import Runs


def differences(
    stored: Runs, *, runs: int | None, threads: int | None, progress: Progress
) -> list[str]:
    """Run stored runs again and tell where results differ.

    Parameters
    ----------
    stored : Runs
        Finished or not; what is there is verified.
    runs : int or None
        How many runs, evenly spread over those that are done; None for all, and then also the
        counts over runs that are kept.
    threads : int, optional
        How many run at once; all processors by default.
    progress : callable
        Called with the runs verified and all runs to verify.

    Returns
    -------
    list of str
        One line per difference, and per part that is damaged or not there; empty if all is as
        stored.

    Raises
    ------
    InputError
        If the plan cannot be read.
    """
    plan = plan_in(stored)
    held = stored.completeness
    problems = [f"{p}: {why}" for p, why in held.unusable.items() if why != OVERLAPPING]
    problems += _facts_differing(stored, plan)
    if stored.warning:
        problems.append(stored.warning)
    check = _Check(plan)
    tasks: list[tuple[StoredPart, Sequence[int]]]
    if runs is None:
        tasks = [(part, range(part.start, part.stop)) for part in held.parts]
    else:
        tasks = _spread(held.parts, runs)
    function = check.whole_part if runs is None else check.single_runs
    total = sum(len(chosen) for _, chosen in tasks)
    done = 0
    pool = ThreadPoolExecutor(threads)
    try:
        checked = pool.map(lambda task: function(*task), tasks)
        for (_, chosen), found in zip(tasks, checked, strict=True):
            problems += found
            done += len(chosen)
            progress(done, total)
    finally:
        pool.shutdown(cancel_futures=True)
    return problems


def _facts_differing(stored: Runs, plan: Plan) -> list[str]:
    """Tell where digests, counts of runs, futures and tables of the world are not as derived."""
    problems = []
    manifest, held = stored.manifest, stored.completeness
    for part in held.parts:
        if part.recomputed_digest(stored.layout) != part.digest:
            problems.append(f"{part.path}: its runs do not have the digest that it tells")
    if manifest["digest"] is not None and held.complete:
        now = {
            "digest": stored.recomputed_digest(),
            "runs_done": held.done - held.failed,
            "runs_failed": held.failed,
        }
        problems += [
            f"{stored.folder}: {name} of the manifest is {manifest[name]}, that of the stored runs"
            f" {value}"
            for name, value in now.items()
            if manifest[name] != value
        ]
    futures = table_digest(as_table(plan_of(plan.experiment).futures))
    if futures != manifest["futures_digest"]:
        problems.append(f"{stored.folder}: its futures are not those of its design")
    for name, frame in world_tables(plan.world).items():
        path = stored.folder / f"{name}.parquet"
        if table_digest(read_table(path)) != table_digest(as_table(frame)):
            problems.append(f"{path}: differs from the data of the world")
    return problems


def _spread(parts: Sequence[StoredPart], runs: int) -> list[tuple[StoredPart, Sequence[int]]]:
    """Choose runs evenly spread over parts, with the part that holds each."""
    held = sum(part.stop - part.start for part in parts)
    places = np.unique(np.linspace(0, max(held - 1, 0), min(runs, held)).astype(np.int64))
    chosen: list[tuple[StoredPart, Sequence[int]]] = []
    before = 0
    for part in parts:
        length = part.stop - part.start
        own = [part.start + int(p) - before for p in places if before <= p < before + length]
        before += length
        if own:
            chosen.append((part, own))
    return chosen


class _Check:
    """Runs things again, in threads that keep their states."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._own = threading.local()

    def _bench(self) -> Workbench:
        if not hasattr(self._own, "bench"):
            self._own.bench = Workbench(self._plan)
        bench: Workbench = self._own.bench
        return bench

    def whole_part(self, part: StoredPart, runs: Sequence[int]) -> list[str]:
        """Run a whole part again and compare all of its tables; look closer where they differ."""
        layout = self._plan.layout
        again = simulate_chunk(self._bench(), part.start, part.stop)
        same_runs = again.digest(layout) == part.digest
        problems = [] if same_runs else self.single_runs(part, runs)
        for name, fresh in again.tables(layout).items():
            was = part.read(name)
            if was.column_names == fresh.column_names and np.array_equal(cells(was), cells(fresh)):
                continue
            if name not in (METRICS, EVENTS) or not problems:
                problems.append(
                    f"{part.path}: the table {name} differs when its runs are run again"
                )
        return problems

    def single_runs(self, part: StoredPart, runs: Sequence[int]) -> list[str]:
        """Run some runs of a part again."""
        layout = self._plan.layout
        names = [METRICS, *([EVENTS] if layout.detailed else [])]
        stored = {name: part.read(name) for name in names}
        numbers = {name: run_numbers(layout, table) for name, table in stored.items()}
        failed = {failure.run: failure.error for failure in part.failures}
        problems = []
        for run in runs:
            again = simulate_chunk(self._bench(), run, run + 1)
            policy, future, replicate = layout.place(run)
            title = f"{policy}, future {future}, replicate {replicate}"
            if run in failed or again.failures:
                now = again.failures[0].error if again.failures else "no failure"
                if failed.get(run) != now:
                    problems.append(f"{title}: {failed.get(run, 'no failure')} stored, {now} now")
                continue
            for name, fresh in again.tables(layout).items():
                if name in stored:
                    own = stored[name].filter(pa.array(numbers[name] == run))
                    problems += [f"{title}, {line}" for line in _differing(name, own, fresh)]
        return problems


def _differing(name: str, stored: pa.Table, fresh: pa.Table) -> list[str]:
    """Tell where two tables of a run differ: quarter, column and both values."""
    if stored.num_rows != fresh.num_rows:
        return [f"{name}: {stored.num_rows} rows stored, {fresh.num_rows} now"]
    if stored.column_names != fresh.column_names:
        return [f"{name}: other columns are stored"]
    found = np.argwhere(cells(stored) != cells(fresh))
    lines = []
    for row, column in found:
        title = fresh.column_names[column]
        was, now = (table.column(title)[row].as_py() for table in (stored, fresh))
        quarter = fresh.column("quarter")[row].as_py()
        lines.append(f"{quarter}: {title} {was} stored, {now} now")
    return lines
