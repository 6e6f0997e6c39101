"""Verifying a sweep: its runs are run again and compared bit by bit."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa

from partnersim.runs.chunk import Workbench, simulate_chunk
from partnersim.runs.coordinator import Progress
from partnersim.runs.part import EARLIER, ENDING
from partnersim.runs.plan import Plan, plan_in
from partnersim.runs.stored_part import StoredPart
from partnersim.runs.sweep_reader import StoredSweep


def differences(
    stored: StoredSweep, *, runs: int | None, threads: int | None, progress: Progress
) -> list[str]:
    """Run a sweep's runs again and tell where the stored results differ.

    Parameters
    ----------
    stored : StoredSweep
        Finished or not; what is there is verified.
    runs : int or None
        How many runs, evenly spread over those that are done; None for all.
    threads : int, optional
        How many run at once; all processors by default.
    progress : callable
        Told the runs verified and all runs to verify.

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
    problems = [f"{file.path}: {file.reason}" for file in stored.held.unusable]
    digest = stored.manifest["digest"]
    if stored.warning:
        problems.append(stored.warning)
    elif digest is not None and stored.recomputed_digest() != digest:
        return [f"{stored.folder}: the stored tables do not have the digest of the manifest"]
    check = _Check(plan, str(stored.manifest["configuration_hash"]))
    tasks: list[tuple[StoredPart, Sequence[int]]]
    if runs is None:
        tasks = [(part, range(part.start, part.stop)) for part in stored.parts]
        function: Callable[[StoredPart, Sequence[int]], list[str]] = check.whole_part
    else:
        tasks = _spread(stored.parts, runs)
        function = check.single_runs
    total = sum(len(chosen) for _, chosen in tasks)
    done = 0
    pool = ThreadPoolExecutor(threads)
    try:
        for (_, chosen), found in zip(
            tasks, pool.map(lambda task: function(*task), tasks), strict=True
        ):
            problems += found
            done += len(chosen)
            progress(done, total)
    finally:
        pool.shutdown(cancel_futures=True)
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

    def __init__(self, plan: Plan, sweep: str) -> None:
        self._plan = plan
        self._sweep = sweep
        self._own = threading.local()

    def _bench(self) -> Workbench:
        if not hasattr(self._own, "bench"):
            self._own.bench = Workbench(self._plan)
        bench: Workbench = self._own.bench
        return bench

    def whole_part(self, part: StoredPart, runs: Sequence[int]) -> list[str]:
        """Run a whole part again; look closer only if its digest differs."""
        again = simulate_chunk(self._bench(), part.start, part.stop)
        if again.digest(self._sweep, self._plan.layout) == part.digest:
            return []
        return self.single_runs(part, runs) or [
            f"{part.path}: the counts of who signs what differ when its runs are run again"
        ]

    def single_runs(self, part: StoredPart, runs: Sequence[int]) -> list[str]:
        """Run some runs of a part again."""
        layout = self._plan.layout
        stored = part.read(ENDING), part.read(EARLIER)
        kept = len(layout.quarters)
        failed = {failure.run: failure.error for failure in part.failures}
        held = np.array([run for run in range(part.start, part.stop) if run not in failed])
        problems = []
        for run in runs:
            again = simulate_chunk(self._bench(), run, run + 1)
            policy, point, replicate = (int(x[0]) for x in layout.places(np.array([run])))
            name = f"{layout.policies[policy]}, future {point}, replicate {replicate}"
            if run in failed or again.failures:
                now = again.failures[0].error if again.failures else "no failure"
                if failed.get(run) != now:
                    problems.append(f"{name}: {failed.get(run, 'no failure')} stored, {now} now")
                continue
            place = int(np.searchsorted(held, run))
            for table, fresh, rows in zip(stored, again.tables(layout), (1, kept - 1), strict=True):
                own = table.slice(place * rows, rows)
                problems += [f"{name}, {told}" for told in _differing(own, fresh, layout.metrics)]
        return problems


def _differing(stored: pa.Table, fresh: pa.Table, metrics: Sequence[str]) -> list[str]:
    """Tell quarter, metric and both values where two tables differ; missing equals missing."""
    told = []
    for metric in metrics:
        was, now = stored.column(metric).to_numpy(), fresh.column(metric).to_numpy()
        same = (was == now) | (np.isnan(was) & np.isnan(now))
        told += [
            f"{fresh.column('quarter')[row].as_py()}: {metric} {was[row]} stored, {now[row]} now"
            for row in np.flatnonzero(~same)
        ]
    return told
