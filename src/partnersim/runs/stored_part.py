"""One part of a sweep as it lies on disk: what it tells of itself, and whether that is true."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as parquet

from partnersim.runs.parquet_table import legible, read_table
from partnersim.runs.part import (
    EARLIER,
    ENDING,
    FACTS,
    Failure,
    key_columns,
    part_digest,
    part_path,
    signing_path,
)
from partnersim.runs.run_digest import RUN_DIGEST, digests_of
from partnersim.runs.sweep_layout import SweepLayout

#: What pyarrow raises on files that are damaged, or made by something else.
_DAMAGE = (OSError, ValueError, KeyError, TypeError, IndexError, pa.ArrowException)


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
    def stretch(self) -> tuple[int, int]:
        """Its runs: the first one, and the one behind the last."""
        return self.start, self.stop

    @property
    def rows(self) -> int:
        """Runs that did not fail."""
        return self.stop - self.start - len(self.failures)

    def read(self, group: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Read the metrics of the last quarter (`ENDING`) or of the `EARLIER` ones, run by run."""
        with (
            legible(self.path),
            parquet.ParquetFile(self.path, page_checksum_verification=True) as file,
        ):
            return file.read_row_group(group, columns=columns, use_threads=False)

    def run_digests(self) -> list[bytes]:
        """Read the digests of the runs."""
        digests: list[bytes] = self.read(ENDING, [RUN_DIGEST]).column(RUN_DIGEST).to_pylist()
        return digests

    def signing(self) -> pa.Table:
        """Read the counts of who signs what."""
        return read_table(self.signing_path, use_threads=False, page_checksum_verification=True)

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
                keys = pa.table(key_columns(layout, self.runs(), np.array(places, np.int64)))
                if not _same(table.select(keys.column_names), keys):
                    return False
            digests = digests_of(ending, earlier, layout.metrics)
            stored = ending.column(RUN_DIGEST).to_pylist()
            signing = self.signing()
            found = part_digest(self.sweep, self.stretch, self.failures, digests, signing)
            return digests == stored and found == self.digest
        except _DAMAGE:
            return False


def _same(table: pa.Table, other: pa.Table) -> bool:
    """Compare two tables; in a file the words of a column may have other codes."""
    plain = pa.schema(
        (field.name, pa.string() if pa.types.is_dictionary(field.type) else field.type)
        for field in other.schema
    )
    return bool(table.cast(plain).equals(other.cast(plain)))


def read_part(path: Path) -> StoredPart | None:
    """Return a part by what its metadata tell, None if they cannot be read or name another part."""
    try:
        facts = json.loads(parquet.read_schema(path).metadata[FACTS])
        part = StoredPart(
            path=path,
            signing_path=signing_path(path),
            start=int(facts["start"]),
            stop=int(facts["stop"]),
            sweep=str(facts["sweep"]),
            failures=tuple(Failure(int(run), str(error)) for run, error in facts["failures"]),
            digest=str(facts["digest"]),
        )
    except _DAMAGE:
        return None
    return part if path.name == part_path(path.parent, part.start, part.stop).name else None
