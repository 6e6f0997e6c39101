"""Parts: the tables of a stretch of runs in a folder of its own, which appears whole.

A part is written into a hidden folder, forced to disk, and renamed. ``part.json`` says which runs
it holds, which of them failed, and the checksums of its tables: only a part whose checksums fit
counts as done.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as compute
import pyarrow.parquet as parquet

from partnersim.arrays import Integers
from partnersim.runs import folder as store
from partnersim.runs.digest import added, cells, float_cells, run_digest
from partnersim.runs.manifest import Layout

PART_NAME = "part.json"
#: Tables of a part; the last three, and counts by future, only where details are kept.
METRICS, IN_FORCE, EVENTS, COUNTRIES, LINKS = "metrics", "in_force", "events", "countries", "links"
#: Columns that say which run a row belongs to.
RUN_KEYS = ("policy", "future", "replicate")
#: First run, and the run behind the last.
Stretch = tuple[int, int]
#: Why a folder is of no use as a part, or runs are not there.
DAMAGED, MISSING = "damaged", "missing"
FOREIGN, OVERLAPPING = "of another configuration", "of runs that another part holds"
_NAME = re.compile(r"part-(\d{12})-(\d{12})")
#: So many losses are told one by one.
_SHOWN = 3


class Failure(NamedTuple):
    """A run that failed."""

    run: int
    """Its number."""
    error: str
    """What went wrong, one line."""


@dataclass(frozen=True)
class Chunk:
    """The results of the runs ``start`` .. ``stop - 1``.

    Attributes
    ----------
    start, stop : int
    tables : dict of str to Table
        `METRICS` (``policy, future, replicate, quarter`` and the metrics of the runs that did not
        fail, quarter by quarter), `IN_FORCE` and, where details are kept, `EVENTS` (run by run),
        `COUNTRIES` and `LINKS`.
    failures : tuple of Failure
    """

    start: int
    stop: int
    tables: dict[str, pa.Table]
    failures: tuple[Failure, ...]

    def digest(self, layout: Layout) -> int:
        """Return the sum of the digests of its runs: of metrics and events, or of the failure."""
        rows, events = self.tables[METRICS], self.tables.get(EVENTS)
        failed = [failure.run for failure in self.failures]
        runs = np.setdiff1d(np.arange(self.start, self.stop), failed)
        values = np.stack([rows.column(name).to_numpy() for name in layout.metrics], axis=-1)
        values = values.reshape(len(layout.quarters), len(runs), len(layout.metrics))
        logs = [b""] * len(runs)
        if events is not None:
            happened = cells(events.drop_columns(list(RUN_KEYS)))
            bounds = np.searchsorted(run_numbers(layout, events), [runs, runs + 1])
            logs = [happened[first:last].tobytes() for first, last in bounds.T]
        metrics = float_cells(values.transpose(1, 0, 2))
        held = zip(runs, metrics, logs, strict=True)
        done = [run_digest(int(run), own.tobytes(), log) for run, own, log in held]
        return added(done + [run_digest(run, b"", error.encode()) for run, error in self.failures])


def run_numbers(layout: Layout, table: pa.Table) -> Integers:
    """Return the number of the run that each row of a table belongs to."""
    policy = compute.index_in(table.column("policy"), pa.array(layout.policies)).to_numpy()
    return layout.numbers(policy, *(table.column(name).to_numpy() for name in RUN_KEYS[1:]))


@dataclass(frozen=True)
class StoredPart:
    """A part on disk, by what it tells of itself.

    Attributes
    ----------
    path : Path
        Its folder.
    of : str
        Hash of the configuration that it belongs to.
    start, stop : int
        Its stretch of runs.
    failures : tuple of Failure
    digest : str
        Sum of the digests of its runs, hexadecimal.
    checksums : dict of str to str
        SHA-256 of its tables by name.
    """

    path: Path
    of: str
    start: int
    stop: int
    failures: tuple[Failure, ...]
    digest: str
    checksums: dict[str, str]

    def file(self, table: str) -> Path:
        """Return where a table of the part lies."""
        return self.path / f"{table}.parquet"

    def intact(self) -> bool:
        """Recompute the checksums of everything the part holds, and compare."""
        try:
            return all(
                self.file(name).is_file() and _checksum(self.file(name)) == known
                for name, known in self.checksums.items()
            )
        except OSError:
            return False

    def read(self) -> Chunk:
        """Read all tables of the part.

        Raises
        ------
        InputError
            If one is not there or damaged.
        """
        tables = {name: store.read_table(self.file(name)) for name in self.checksums}
        return Chunk(self.start, self.stop, tables, self.failures)


def write_part(folder: Path, of: str, layout: Layout, part: Chunk) -> Path:
    """Write a part; one of the same runs that is there already stays.

    Parameters
    ----------
    folder : Path
        The folder of the parts; it is made if it is gone.
    of : str
        Hash of the configuration that the runs belong to.
    layout : Layout
        Its axes.
    part : Chunk
        What to write.

    Raises
    ------
    OSError
        If the disk is full or the folder cannot be written; nothing is left behind then.
    """
    folder.mkdir(exist_ok=True)
    final = folder / name_of(part.start, part.stop)
    staged = store.temporary(final)
    stored = StoredPart(
        staged, of, part.start, part.stop, part.failures, f"{part.digest(layout):064x}", {}
    )
    try:
        staged.mkdir()
        for name, table in part.tables.items():
            # Metrics lie quarter by quarter; the last one can be read alone.
            quarters = len(layout.quarters) if name == METRICS else 1
            _encode(table, stored.file(name), table.num_rows // quarters)
            store.flush_to_disk(stored.file(name))
            stored.checksums[name] = _checksum(stored.file(name))
        facts = asdict(stored)
        del facts["path"]
        store.facts_writer(facts)(staged / PART_NAME)
        store.flush_to_disk(staged / PART_NAME)
        store.flush_to_disk(staged)
        try:
            staged.rename(final)
        except OSError:
            # Whoever was quicker wrote the same.
            if not final.is_dir():
                raise
            store.remove(staged)
    except BaseException:
        with suppress(OSError):
            store.remove(staged)
        raise
    store.flush_to_disk(folder)
    return final


def encoded_size(part: Chunk) -> int:
    """Return the bytes that the tables of a part take on disk."""
    size = 0
    for table in part.tables.values():
        sink = pa.BufferOutputStream()
        _encode(table, sink, table.num_rows)
        size += int(sink.getvalue().size)
    return size


def _encode(table: pa.Table, sink: Any, last: int) -> None:
    """Write a table; its last rows, so many, are a row group of their own."""
    with parquet.ParquetWriter(
        sink,
        table.schema,
        # Metrics as planes of bytes: as small as with zstd, in half the time.
        compression="lz4",
        use_dictionary=[f.name for f in table.schema if pa.types.is_dictionary(f.type)],
        use_byte_stream_split=[f.name for f in table.schema if pa.types.is_float64(f.type)],
        write_statistics=["future"],
    ) as writer:
        for rows in (table[: table.num_rows - last], table[table.num_rows - last :]):
            if rows.num_rows:
                writer.write_table(rows, rows.num_rows)


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_part(path: Path) -> StoredPart | None:
    """Return a part by what it tells of itself, None if that is damaged or of another stretch."""
    try:
        facts = store.read_json_group(path / PART_NAME)
        if not store.is_sealed(facts) or path.name != name_of(facts["start"], facts["stop"]):
            return None
        failures = tuple(Failure(*failure) for failure in facts.pop("failures"))
        return StoredPart(path, failures=failures, **facts)
    except (OSError, KeyError, TypeError, ValueError):  # InputError is a ValueError
        return None


def name_of(start: int, stop: int) -> str:
    """Return the name of the folder of a part."""
    return f"part-{start:012d}-{stop:012d}"


def stretch_of(path: Path) -> Stretch | None:
    """Return the runs that the name of a part promises; None if it is not the name of one."""
    found = _NAME.fullmatch(path.name)
    return (int(found[1]), int(found[2])) if found else None


# Which runs are there: the parts on disk are opened and counted, nobody's word is taken


@dataclass(frozen=True)
class Completeness:
    """The runs of a design that are there.

    Attributes
    ----------
    parts : tuple of StoredPart
        Parts that are whole, in the order of their runs, without overlaps.
    unusable : dict of Path to str
        What cannot be used as a part, with the reason: `DAMAGED`, `FOREIGN` or `OVERLAPPING`.
    planned : int
        Runs of the whole design.
    """

    parts: tuple[StoredPart, ...]
    unusable: dict[Path, str]
    planned: int

    @property
    def done(self) -> int:
        """Runs that are there, those that failed included."""
        return sum(part.stop - part.start for part in self.parts)

    @property
    def failed(self) -> int:
        """Runs that are there and failed."""
        return sum(len(part.failures) for part in self.parts)

    @property
    def complete(self) -> bool:
        """Whether all runs are there."""
        return self.done == self.planned

    @property
    def gaps(self) -> list[Stretch]:
        """Stretches of runs that are not there."""
        return missing(((part.start, part.stop) for part in self.parts), self.planned)

    @cached_property
    def loss(self) -> str:
        """What is not there, in words; empty if all is."""
        if self.complete:
            return ""
        lost: dict[str, list[str]] = {reason: [] for reason in (DAMAGED, FOREIGN, MISSING)}
        promised = [(part.start, part.stop) for part in self.parts]
        for path, reason in self.unusable.items():
            # A part too many loses nothing.
            if reason != OVERLAPPING:
                lost[reason].append(path.name)
                promised += [stretch] if (stretch := stretch_of(path)) else []
        for start, stop in missing(sorted(promised), self.planned):
            one = stop - start == 1
            lost[MISSING].append(f"run {start}" if one else f"runs {start} to {stop - 1}")
        return "; ".join(f"{reason}: {_some(names)}" for reason, names in lost.items() if names)


def _some(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def completeness(folder: Path, of: str, planned: int, *, opened: bool = True) -> Completeness:
    """Look for the parts of a design.

    Parameters
    ----------
    folder : Path
        The folder of the parts.
    of : str
        Hash of the configuration; parts of another one are of no use.
    planned : int
        Runs of the whole design.
    opened : bool
        Whether all content is read and its checksums recomputed; otherwise what a part tells of
        itself is believed.
    """
    usable: list[StoredPart] = []
    unusable: dict[Path, str] = {}
    for path in sorted(path for path in folder.glob("*") if stretch_of(path)):
        part = read_part(path)
        if part is not None and part.of != of:
            unusable[path] = FOREIGN
        elif (
            part is None
            or not 0 <= part.start < part.stop <= planned
            or (opened and not part.intact())
        ):
            unusable[path] = DAMAGED
        elif usable and part.start < usable[-1].stop:
            # Two coordinators cut the runs differently; the same runs must not count twice.
            unusable[path] = OVERLAPPING
        else:
            usable.append(part)
    return Completeness(tuple(usable), unusable, planned)


def missing(done: Iterable[Stretch], runs: int) -> list[Stretch]:
    """Return the stretches of runs that are not done.

    Parameters
    ----------
    done : iterable of (int, int)
        Stretches in the order of their first runs.
    runs : int
        Number of runs of the design.
    """
    gaps: list[Stretch] = []
    reached = 0
    for start, stop in (*done, (runs, runs)):
        if start > reached:
            gaps.append((reached, start))
        reached = max(reached, stop)
    return gaps
