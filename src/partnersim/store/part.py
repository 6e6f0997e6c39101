"""One part of a sweep on disk: the tables of a stretch of runs, with a checksum of their own.

A part is two files. ``signing-START-STOP.parquet`` is written first; ``part-START-STOP.parquet``
holds the metrics in two row groups, the last quarter and the earlier ones, and in its metadata
what it is part of, the runs that failed, and a digest of both files. Only a part whose digest fits
counts as done.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as parquet

from partnersim.store.digest import table_digest
from partnersim.store.durable_file import write_whole
from partnersim.store.run_digest import RUN_DIGEST, SIZE, digest_column, digests_of
from partnersim.store.sweep_layout import SweepLayout

_FACTS = b"partnersim"
#: Row groups of the file of metrics.
ENDING, EARLIER = 0, 1
_WORDS = ("policy", "quarter", "iso3", "instrument")


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
    metrics : (metrics, n, quarters) float64 array
    in_force : (policies, years, countries, instruments) int64 array
        Runs in which a pair is in force at the end of a year.
    digests : tuple of bytes
        Of each run that did not fail, see `run_digest`.
    failures : tuple of Failure
    """

    start: int
    stop: int
    runs: npt.NDArray[np.int64]
    metrics: npt.NDArray[np.float64]
    digests: tuple[bytes, ...]
    in_force: npt.NDArray[np.int64]
    failures: tuple[Failure, ...]

    def tables(self, layout: SweepLayout) -> list[pa.Table]:
        """Return the metrics of the last quarter, and of the earlier ones, run by run."""
        last = len(layout.quarters) - 1
        ending = _metrics_table(layout, self, slice(last, None))
        earlier = _metrics_table(layout, self, slice(0, last))
        return [
            ending.append_column(RUN_DIGEST, digest_column(self.digests)),
            earlier.append_column(RUN_DIGEST, pa.nulls(earlier.num_rows, pa.binary(SIZE))),
        ]

    def digest(self, sweep: str, layout: SweepLayout) -> str:
        """Return the digest that the part has on disk as part of a sweep."""
        return _digest(sweep, self, self.digests, signing_table(layout, self.in_force))


@dataclass(frozen=True)
class StoredPart:
    """A part on disk.

    Attributes
    ----------
    path, signing_path : Path
    start, stop : int
        Its stretch of runs.
    sweep : str
        Hash of the sweep that it belongs to.
    failures : tuple of Failure
    digest : str
        Of its content, as told in its metadata.
    """

    path: Path
    signing_path: Path
    start: int
    stop: int
    sweep: str
    failures: tuple[Failure, ...]
    digest: str

    @property
    def rows(self) -> int:
        """Runs that did not fail."""
        return self.stop - self.start - len(self.failures)

    def read(self, group: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Read the metrics of the last quarter (`ENDING`) or of the `EARLIER` ones, run by run."""
        with parquet.ParquetFile(self.path, page_checksum_verification=True) as file:
            return file.read_row_group(group, columns=columns, use_threads=False)

    def run_digests(self) -> list[bytes]:
        """Read the digests of the runs."""
        digests: list[bytes] = self.read(ENDING, [RUN_DIGEST]).column(RUN_DIGEST).to_pylist()
        return digests

    def signing(self) -> pa.Table:
        """Read the counts of who signs what."""
        return parquet.read_table(self.signing_path, use_threads=False)

    def recomputed_run_digests(self, layout: SweepLayout) -> list[bytes]:
        """Recompute the digests of the runs from their metrics."""
        return digests_of(self.read(ENDING), self.read(EARLIER), layout.metrics)

    def runs(self) -> npt.NDArray[np.int64]:
        """Return the numbers of the runs that did not fail."""
        failed = [failure.run for failure in self.failures]
        return np.setdiff1d(np.arange(self.start, self.stop), np.array(failed, np.int64))

    def intact(self, layout: SweepLayout) -> bool:
        """Recompute the digests of everything the part holds, and compare."""
        try:
            ending, earlier = self.read(ENDING), self.read(EARLIER)
            last = len(layout.quarters) - 1
            for table, places in ((ending, [last]), (earlier, list(range(last)))):
                keys = pa.table(_keys(layout, self.runs(), np.array(places, np.int64)))
                # In a file the words of a column may have other codes.
                if table.select(keys.column_names).to_pydict() != keys.to_pydict():
                    return False
            digests = digests_of(ending, earlier, layout.metrics)
            return (
                digests == ending.column(RUN_DIGEST).to_pylist()
                and _digest(self.sweep, self, digests, self.signing()) == self.digest
            )
        except (OSError, ValueError, KeyError):  # what pyarrow raises on damaged files
            return False


def part_path(folder: Path, start: int, stop: int) -> Path:
    """Return where the metrics of a stretch of runs lie."""
    return folder / f"part-{start:012d}-{stop:012d}.parquet"


def _signing_path(path: Path) -> Path:
    return path.with_name(path.name.replace("part-", "signing-", 1))


def write_part(folder: Path, sweep: str, layout: SweepLayout, part: Part) -> Path:
    """Write a part; it replaces one of the same stretch.

    Parameters
    ----------
    folder : Path
        The folder of the parts.
    sweep : str
        Hash of the sweep.
    layout : SweepLayout
        Its axes.
    part : Part
        What to write.

    Raises
    ------
    OSError
        If the disk is full or the folder cannot be written.
    """
    path = part_path(folder, part.start, part.stop)
    tables = part.tables(layout)
    signing = signing_table(layout, part.in_force)
    facts: dict[str, Any] = {
        "sweep": sweep,
        "start": part.start,
        "stop": part.stop,
        "failures": [list(failure) for failure in part.failures],
        "digest": _digest(sweep, part, part.digests, signing),
    }
    schema = tables[ENDING].schema.with_metadata({_FACTS: json.dumps(facts).encode()})

    write_whole(_signing_path(path), partial(_encode, [signing], signing.schema))
    write_whole(path, partial(_encode, tables, schema))
    return path


def _encode(tables: Sequence[pa.Table], schema: pa.Schema, sink: Any) -> None:
    """Write tables as the row groups of one file."""
    with parquet.ParquetWriter(
        sink,
        schema,
        # Metrics as planes of bytes: as small as with zstd, in half the time.
        compression="lz4",
        use_dictionary=[name for name in _WORDS if name in schema.names],
        use_byte_stream_split=[field.name for field in schema if pa.types.is_float64(field.type)],
        write_statistics=False,
        write_page_checksum=True,
    ) as file:
        for table in tables:
            file.write_table(table, row_group_size=max(1, table.num_rows))


def encoded_size(layout: SweepLayout, part: Part) -> int:
    """Return the bytes that the metrics of a part take on disk."""
    tables = part.tables(layout)
    sink = pa.BufferOutputStream()
    _encode(tables, tables[0].schema, sink)
    return int(sink.getvalue().size)


def read_part(path: Path) -> StoredPart | None:
    """Return a part by what its metadata tell, None if they cannot be read."""
    try:
        facts = json.loads(parquet.read_schema(path).metadata[_FACTS])
        part = StoredPart(
            path=path,
            signing_path=_signing_path(path),
            start=int(facts["start"]),
            stop=int(facts["stop"]),
            sweep=str(facts["sweep"]),
            failures=tuple(Failure(int(run), str(error)) for run, error in facts["failures"]),
            digest=str(facts["digest"]),
        )
    except (OSError, ValueError, KeyError, TypeError):  # damaged, or made by something else
        return None
    return part if path.name == part_path(path.parent, part.start, part.stop).name else None


def _metrics_table(layout: SweepLayout, part: Part, quarters: slice) -> pa.Table:
    chosen = np.arange(len(layout.quarters))[quarters]
    columns = _keys(layout, part.runs, chosen)
    for place, name in enumerate(layout.metrics):
        columns[name] = pa.array(part.metrics[place, :, quarters].ravel())
    return pa.table(columns)


def _keys(
    layout: SweepLayout, runs: npt.NDArray[np.int64], quarters: npt.NDArray[np.int64]
) -> dict[str, pa.Array]:
    """Return the columns that name run and quarter, quarter by quarter within each run."""
    policy, point, replicate = (np.repeat(place, len(quarters)) for place in layout.places(runs))
    return {
        "policy": _codes(policy, layout.policies),
        "point": pa.array(point),
        "replicate": pa.array(replicate.astype(np.int32)),
        "quarter": _codes(np.tile(quarters, len(runs)), layout.quarters),
    }


def _codes(codes: npt.NDArray[np.integer[Any]], names: Sequence[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(list(names)))


def signing_table(layout: SweepLayout, in_force: npt.NDArray[np.int64]) -> pa.Table:
    """Return the counts of who signs what as a table, without the zeros.

    Parameters
    ----------
    in_force : (policies, years, countries, instruments) int64 array

    Returns
    -------
    Table
        ``policy``, ``iso3``, ``instrument``, ``year``, ``in_force``; in this order.
    """
    counts = in_force.transpose(0, 2, 3, 1)
    policy, country, instrument, year = np.nonzero(counts)
    return pa.table(
        {
            "policy": _codes(policy, layout.policies),
            "iso3": _codes(country, layout.iso3),
            "instrument": _codes(instrument, layout.instruments),
            "year": pa.array(np.asarray(layout.years, np.int32)[year]),
            "in_force": pa.array(counts[policy, country, instrument, year]),
        }
    )


def _digest(
    sweep: str, part: Part | StoredPart, digests: Iterable[bytes], signing: pa.Table
) -> str:
    content = [
        sweep,
        part.start,
        part.stop,
        [list(failure) for failure in part.failures],
        hashlib.sha256(b"".join(digests)).hexdigest(),
        table_digest(signing),
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
