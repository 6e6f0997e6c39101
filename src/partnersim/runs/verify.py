"""Verifying results: runs are run again and compared bit by bit, facts are derived again."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa

from partnersim.runs.chunk import Workbench, simulate_chunk
from partnersim.runs.digest import added, cells, table_digest
from partnersim.runs.manifest import Layout
from partnersim.runs.parts import EVENTS, METRICS, OVERLAPPING, Chunk, StoredPart, run_numbers
from partnersim.runs.plan import Plan, missing_world_tables, plan_in, plan_of
from partnersim.runs.reader import Runs
from partnersim.runs.running import Progress
from partnersim.runs.tables import as_table

#: At the end of a difference that another processor or library of mathematics may make.
ROUNDING = ", as of rounding"


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
    own = threading.local()

    def check(part: StoredPart, chosen: list[int]) -> list[str]:
        if not hasattr(own, "bench"):
            own.bench = Workbench(plan)
        was, layout = part.read(), plan.layout
        if runs is None:
            again = simulate_chunk(own.bench, part.start, part.stop)
            return list(_differing(layout, was, again, part.path.name))
        lines: list[str] = []
        for run in chosen:
            again = _one_run(layout, simulate_chunk(own.bench, run, run + 1), run)
            lines += _differing(layout, _one_run(layout, was, run), again, part.path.name)
        return lines

    numbers = np.concatenate([np.arange(part.start, part.stop) for part in held.parts])
    wanted = len(numbers) if runs is None else min(runs, len(numbers))
    chosen = numbers[np.unique(np.linspace(0, len(numbers) - 1, wanted).astype(np.int64))]
    tasks = [(p, chosen[(chosen >= p.start) & (chosen < p.stop)].tolist()) for p in held.parts]
    done = 0
    with ThreadPoolExecutor(threads) as pool:
        try:
            checked = pool.map(lambda task: check(*task), tasks)
            for (_, own_runs), found in zip(tasks, checked, strict=True):
                problems += found
                done += len(own_runs)
                progress(done, wanted)
        finally:
            pool.shutdown(cancel_futures=True)
    return problems


def _facts_differing(stored: Runs, plan: Plan) -> Iterator[str]:
    """Tell where digests, counts of runs, futures and tables of the world are not as derived."""
    manifest, held = stored.manifest, stored.completeness
    own = [part.read().digest(stored.layout) for part in held.parts]
    for part, digest in zip(held.parts, own, strict=True):
        if digest != int(part.digest, 16):
            yield f"{part.path}: its runs do not have the digest that it tells"
    if manifest["digest"] is not None and held.complete:
        done = {"runs_done": held.done - held.failed, "runs_failed": held.failed}
        for name, value in {"digest": f"{added(own):064x}", **done}.items():
            if manifest[name] != value:
                said = f"{name} of the manifest is {manifest[name]}"
                yield f"{stored.folder}: {said}, that of the stored runs {value}"
    futures = table_digest(as_table(plan_of(plan.experiment).futures))
    if futures != manifest["futures_digest"]:
        yield f"{stored.folder}: its futures are not those of its design"
    for name in missing_world_tables(stored.folder, plan.world):
        yield f"{stored.folder / name}: differs from the data of the world, or cannot be read"


def _one_run(layout: Layout, part: Chunk, run: int) -> Chunk:
    """Return what a part holds of one run alone."""
    tables = {
        name: table.filter(pa.array(run_numbers(layout, table) == run))
        for name, table in part.tables.items()
        if name in (METRICS, EVENTS)
    }
    return Chunk(run, run + 1, tables, tuple(f for f in part.failures if f.run == run))


def _differing(layout: Layout, stored: Chunk, fresh: Chunk, name: str) -> Iterator[str]:
    """Tell where the tables of the same runs differ: run, quarter, column and both values."""

    def title(run: int) -> str:
        policy, future, replicate = layout.place(run)
        return f"{policy}, future {future}, replicate {replicate}"

    failed, failing = dict(stored.failures), dict(fresh.failures)
    for run in sorted(failed.keys() | failing.keys()):
        was, now = failed.get(run, "no failure"), failing.get(run, "no failure")
        if was != now:
            yield f"{title(run)}: {was} stored, {now} now"
    for table, after in fresh.tables.items():
        before = stored.tables.get(table)
        if before is None or before.column_names != after.column_names:
            yield f"{name}, {table}: other columns are stored"
        elif before.num_rows != after.num_rows:
            yield f"{name}, {table}: {before.num_rows} rows stored, {after.num_rows} now"
        else:
            for row, column in np.argwhere(cells(before) != cells(after)):
                label = after.column_names[column]
                was, now = (rows.column(label)[int(row)].as_py() for rows in (before, after))
                place = f"{name}, {table}"
                if table in (METRICS, EVENTS):
                    run = run_numbers(layout, after.slice(row, 1))[0]
                    place = f"{title(run)}, {after.column('quarter')[int(row)].as_py()}"
                yield f"{place}: {label} {was} stored, {now} now{_as_of_rounding(was, now)}"


def _as_of_rounding(was: object, now: object) -> str:
    """Return `ROUNDING` if two values are numbers that differ in their last digits only."""
    if not (isinstance(was, float) and isinstance(now, float)):
        return ""
    return ROUNDING if math.isclose(was, now, rel_tol=1e-9, abs_tol=1e-12) else ""
