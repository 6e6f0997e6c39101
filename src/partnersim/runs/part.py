"""One part of a sweep: the tables of a stretch of runs, with a checksum of their own.

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

from partnersim.runs.digest import table_digest
from partnersim.runs.durable_file import write_whole
from partnersim.runs.run_digest import RUN_DIGEST, SIZE, digest_column
from partnersim.runs.sweep_layout import SweepLayout

#: Key of what a part tells of itself, in the metadata of its file.
FACTS = b"partnersim"
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
        signing = signing_table(layout, self.in_force)
        return part_digest(sweep, (self.start, self.stop), self.failures, self.digests, signing)


def part_path(folder: Path, start: int, stop: int) -> Path:
    """Return where the metrics of a stretch of runs lie."""
    return folder / f"part-{start:012d}-{stop:012d}.parquet"


def signing_path(path: Path) -> Path:
    """Return where the counts of who signs what lie, beside the metrics."""
    return path.with_name(path.name.replace("part-", "signing-", 1))


def part_of_signing(path: Path) -> Path:
    """Return where the metrics lie that belong to a file of counts."""
    return path.with_name(path.name.replace("signing-", "part-", 1))


def write_part(folder: Path, sweep: str, layout: SweepLayout, part: Part) -> Path:
    """Write a part; it replaces one of the same stretch.

    Parameters
    ----------
    folder : Path
        The folder of the parts; it is made if it is gone.
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
    folder.mkdir(exist_ok=True)
    path = part_path(folder, part.start, part.stop)
    tables = part.tables(layout)
    facts: dict[str, Any] = {
        "sweep": sweep,
        "start": part.start,
        "stop": part.stop,
        "failures": [list(failure) for failure in part.failures],
        "digest": part.digest(sweep, layout),
    }
    signing = signing_table(layout, part.in_force)
    schema = tables[ENDING].schema.with_metadata({FACTS: json.dumps(facts).encode()})

    write_whole(signing_path(path), partial(_encode, [signing], signing.schema))
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


def _metrics_table(layout: SweepLayout, part: Part, quarters: slice) -> pa.Table:
    chosen = np.arange(len(layout.quarters))[quarters]
    columns = key_columns(layout, part.runs, chosen)
    for place, name in enumerate(layout.metrics):
        columns[name] = pa.array(part.metrics[place, :, quarters].ravel())
    return pa.table(columns)


def key_columns(
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


def part_digest(
    sweep: str,
    stretch: tuple[int, int],
    failures: Iterable[Failure],
    digests: Iterable[bytes],
    signing: pa.Table,
) -> str:
    """Return the digest over everything that a part of a sweep holds.

    Parameters
    ----------
    sweep : str
        Hash of the sweep.
    stretch : (int, int)
        Its runs: the first one, and the one behind the last.
    failures : iterable of Failure
        Those that failed.
    digests : iterable of bytes
        Of the others, in their order.
    signing : Table
        The counts of who signs what.
    """
    content = [
        sweep,
        *stretch,
        [list(failure) for failure in failures],
        hashlib.sha256(b"".join(digests)).hexdigest(),
        table_digest(signing),
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
