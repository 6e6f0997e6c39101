"""A part: the tables of a stretch of runs in a folder of its own, which appears whole.

A part is written into a hidden folder, forced to disk, and renamed. ``part.json`` says which runs
it holds, which of them failed, and the checksums of its tables: only a part whose checksums fit
counts as done.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as parquet

from partnersim.runs.digest import added, cells, float_cells, run_digest
from partnersim.runs.files import flush_to_disk, json_digest, read_table, remove
from partnersim.runs.layout import Integers, Layout

PART_NAME = "part.json"
#: Tables of a part; the last three, and counts by future, only where details are kept.
METRICS, IN_FORCE, EVENTS, COUNTRIES, LINKS = (
    "metrics",
    "in_force",
    "events",
    "countries",
    "links",
)
#: Columns that say which run a row belongs to.
RUN_KEYS = ("policy", "future", "replicate")
_NAME = re.compile(r"part-(\d{12})-(\d{12})")


class Failure(NamedTuple):
    """A run that failed."""

    run: int
    """Its number."""
    error: str
    """What went wrong, one line."""


@dataclass(frozen=True)
class Part:
    """The results of the runs ``start`` .. ``stop - 1``.

    Attributes
    ----------
    start, stop : int
    runs : (n,) int64 array
        Numbers of the runs that did not fail, ascending.
    metrics : (n, quarters, metrics) float64 array
    events : Table or None
        ``policy, future, replicate, quarter, ...``, run by run, if details are kept.
    counts : dict of str to Table
        The other tables, by name.
    failures : tuple of Failure
    """

    start: int
    stop: int
    runs: Integers
    metrics: npt.NDArray[np.float64]
    events: pa.Table | None
    counts: dict[str, pa.Table]
    failures: tuple[Failure, ...]

    def tables(self, layout: Layout) -> dict[str, pa.Table]:
        """Return all tables as they are kept."""
        tables = {METRICS: self._metrics_table(layout), **self.counts}
        if self.events is not None:
            tables[EVENTS] = self.events
        return tables

    def digest(self, layout: Layout) -> int:
        """Return the sum of the digests of its runs."""
        return runs_digest(layout, self.runs, self.metrics, self.events, self.failures)

    def _metrics_table(self, layout: Layout) -> pa.Table:
        """Return the metrics quarter by quarter, so that the last one can be read alone."""
        policy, future, replicate = layout.places(self.runs)
        quarters = len(layout.quarters)
        columns = {
            "policy": _codes(np.tile(policy, quarters), layout.policies),
            "future": pa.array(np.tile(future, quarters)),
            "replicate": pa.array(np.tile(replicate.astype(np.int32), quarters)),
            "quarter": _codes(np.repeat(np.arange(quarters), len(self.runs)), layout.quarters),
        }
        by_metric = np.ascontiguousarray(self.metrics.transpose(2, 1, 0))
        for place, name in enumerate(layout.metrics):
            columns[name] = pa.array(by_metric[place].ravel())
        return pa.table(columns)


def runs_digest(
    layout: Layout,
    runs: Integers,
    metrics: npt.NDArray[np.float64],
    events: pa.Table | None,
    failures: Sequence[Failure],
) -> int:
    """Return the sum of the digests of runs: of their metrics, their events, or their failure.

    Parameters
    ----------
    layout : Layout
    runs : (n,) int64 array
    metrics : (n, quarters, metrics) float64 array
    events : Table, optional
        In the order of the runs.
    failures : sequence of Failure
    """
    numbers = float_cells(metrics)
    logs = [b""] * len(runs)
    if events is not None:
        happened = cells(events.drop_columns(list(RUN_KEYS)))
        bounds = np.searchsorted(run_numbers(layout, events), [runs, runs + 1])
        logs = [happened[first:last].tobytes() for first, last in bounds.T]
    return added(
        [
            *(
                run_digest(int(run), own.tobytes(), log)
                for run, own, log in zip(runs, numbers, logs, strict=True)
            ),
            *(run_digest(run, b"", error.encode()) for run, error in failures),
        ]
    )


def run_numbers(layout: Layout, table: pa.Table) -> Integers:
    """Return the number of the run that each row of a table belongs to."""
    policy = positions(table.column("policy"), layout.policies)
    future = table.column("future").to_numpy()
    return layout.numbers(policy, future, table.column("replicate").to_numpy())


def positions(column: pa.ChunkedArray, names: Sequence[str]) -> Integers:
    """Return where the words of a column stand among names."""
    place = {name: position for position, name in enumerate(names)}
    codes = [np.zeros(0, np.int64)]
    for words in column.chunks:
        if not pa.types.is_dictionary(words.type):
            words = words.dictionary_encode()
        of_code = np.array([place.get(word, -1) for word in words.dictionary.to_pylist()], np.int64)
        codes.append(of_code[words.indices.to_numpy()])
    return np.concatenate(codes)


def as_table(frame: pd.DataFrame) -> pa.Table:
    """Return a frame as a table; categories stay codes, other text is plain, missing text empty."""
    columns = {}
    for name, values in frame.items():
        if isinstance(values.dtype, pd.CategoricalDtype):
            names = [str(word) for word in values.cat.categories]
            codes = values.cat.codes.to_numpy(dtype=np.int32)
            columns[str(name)] = _codes(np.where(codes < 0, len(names), codes), [*names, ""])
        elif pd.api.types.is_string_dtype(values) or values.dtype == object:
            text = ["" if pd.isna(value) else str(value) for value in values]
            columns[str(name)] = pa.array(text, type=pa.string())
        else:
            columns[str(name)] = pa.array(values.to_numpy())
    return pa.table(columns)


def _codes(codes: npt.NDArray[np.integer[Any]], names: Sequence[str]) -> pa.Array:
    words = pa.array(list(names), type=pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), words)


def write_part(folder: Path, of: str, layout: Layout, part: Part) -> Path:
    """Write a part; one of the same runs that is there already stays.

    Parameters
    ----------
    folder : Path
        The folder of the parts; it is made if it is gone.
    of : str
        Hash of the configuration that the runs belong to.
    layout : Layout
        Its axes.
    part : Part
        What to write.

    Raises
    ------
    OSError
        If the disk is full or the folder cannot be written; nothing is left behind then.
    """
    folder.mkdir(exist_ok=True)
    final = folder / name_of(part.start, part.stop)
    staged = folder / f".{final.name}.{secrets.token_hex(4)}"
    try:
        staged.mkdir()
        checksums = {}
        for name, table in part.tables(layout).items():
            path = staged / f"{name}.parquet"
            # Metrics lie quarter by quarter, each a row group of its own.
            rows = len(part.runs) if name == METRICS else table.num_rows
            _encode(table, path, max(1, rows))
            flush_to_disk(path)
            checksums[path.name] = _checksum(path)
        facts = {
            "of": of,
            "start": part.start,
            "stop": part.stop,
            "failures": [list(failure) for failure in part.failures],
            "digest": f"{part.digest(layout):064x}",
            "tables": checksums,
        }
        text = json.dumps({**facts, "checksum": json_digest(facts)}, ensure_ascii=False)
        (staged / PART_NAME).write_text(text, encoding="utf-8")
        flush_to_disk(staged / PART_NAME)
        flush_to_disk(staged)
        try:
            staged.rename(final)
        except OSError:
            # Whoever was quicker wrote the same.
            if not final.is_dir():
                raise
            remove(staged)
    except BaseException:
        with suppress(OSError):
            remove(staged)
        raise
    flush_to_disk(folder)
    return final


def _encode(table: pa.Table, sink: Any, row_group_size: int) -> None:
    parquet.write_table(
        table,
        sink,
        row_group_size=row_group_size,
        # Metrics as planes of bytes: as small as with zstd, in half the time.
        compression="lz4",
        use_dictionary=[f.name for f in table.schema if pa.types.is_dictionary(f.type)],
        use_byte_stream_split=[f.name for f in table.schema if pa.types.is_float64(f.type)],
        write_statistics=False,
    )


def encoded_size(layout: Layout, part: Part) -> int:
    """Return the bytes that a part takes on disk."""
    size = 0
    for table in part.tables(layout).values():
        sink = pa.BufferOutputStream()
        _encode(table, sink, max(1, table.num_rows))
        size += int(sink.getvalue().size)
    return size


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class StoredPart:
    """A part on disk.

    Attributes
    ----------
    path : Path
        Its folder.
    start, stop : int
        Its stretch of runs.
    of : str
        Hash of the configuration that it belongs to.
    failures : tuple of Failure
    digest : int
        Sum of the digests of its runs, as it tells.
    checksums : mapping of str to str
        SHA-256 of its files by name.
    """

    path: Path
    start: int
    stop: int
    of: str
    failures: tuple[Failure, ...]
    digest: int
    checksums: Mapping[str, str]

    def intact(self) -> bool:
        """Recompute the checksums of everything the part holds, and compare."""
        try:
            return all(
                _checksum(self.path / name) == digest for name, digest in self.checksums.items()
            )
        except OSError:
            return False

    def read(self, name: str, columns: Sequence[str] | None = None, **options: Any) -> pa.Table:
        """Read a table of the part; text columns as codes."""
        path = self.path / f"{name}.parquet"
        return read_table(path, columns=columns, use_threads=False, **options)

    def read_quarter(self, place: int, columns: Sequence[str]) -> pa.Table:
        """Read the metrics of one kept quarter, the place-th, run by run."""
        path = self.path / f"{METRICS}.parquet"
        with parquet.ParquetFile(path) as file:
            if file.num_row_groups == 0:
                return file.schema_arrow.empty_table().select(list(columns))
            return file.read_row_group(place, columns=list(columns), use_threads=False)

    def runs(self) -> Integers:
        """Return the numbers of the runs that did not fail."""
        failed = np.array([failure.run for failure in self.failures], np.int64)
        return np.setdiff1d(np.arange(self.start, self.stop), failed)

    def recomputed_digest(self, layout: Layout) -> int:
        """Return the sum of the digests of its runs, from its tables as they are now."""
        rows, runs = self.read(METRICS), self.runs()
        values = np.stack([rows.column(name).to_numpy() for name in layout.metrics], axis=-1)
        values = values.reshape(len(layout.quarters), len(runs), len(layout.metrics))
        events = self.read(EVENTS) if layout.detailed else None
        return runs_digest(layout, runs, values.transpose(1, 0, 2), events, self.failures)


def read_part(path: Path) -> StoredPart | None:
    """Return a part by what it tells of itself, None if that is damaged or of another stretch."""
    try:
        facts = json.loads((path / PART_NAME).read_text(encoding="utf-8"))
        if facts.pop("checksum") != json_digest(facts):
            return None
        if path.name != name_of(facts["start"], facts["stop"]):
            return None
        return StoredPart(
            path=path,
            start=facts["start"],
            stop=facts["stop"],
            of=facts["of"],
            failures=tuple(Failure(*failure) for failure in facts["failures"]),
            digest=int(facts["digest"], 16),
            checksums=facts["tables"],
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def name_of(start: int, stop: int) -> str:
    """Return the name of the folder of a part."""
    return f"part-{start:012d}-{stop:012d}"


def stretch_of(path: Path) -> tuple[int, int] | None:
    """Return the runs that the name of a part promises; None if it is not the name of one."""
    found = _NAME.fullmatch(path.name)
    return (int(found[1]), int(found[2])) if found else None
