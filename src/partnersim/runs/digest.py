"""Digests of what tables say, whatever their encoding, and of runs, whatever their order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.types as kinds

from partnersim.errors import InputError
from partnersim.runs.folder import read_table

Words64 = npt.NDArray[np.uint64]


def cells(table: pa.Table) -> Words64:
    """Return every cell of a table as 64 bits, shape (rows, columns).

    Numbers are their own bits (all zeros are one, all missing values are one), text is the
    beginning of its SHA-256; missing text is empty text.
    """
    found = np.empty((table.num_rows, table.num_columns), "<u8")
    for place, column in enumerate(table.columns):
        found[:, place] = _cells_of(column.combine_chunks())
    return found


def _cells_of(column: pa.Array) -> Words64:
    if kinds.is_floating(column.type):
        return float_cells(column.to_numpy(zero_copy_only=False))
    if kinds.is_integer(column.type) or kinds.is_boolean(column.type):
        return column.to_numpy(zero_copy_only=False).astype("<i8").view("<u8")
    if not kinds.is_dictionary(column.type):
        column = column.cast(pa.string()).dictionary_encode()
    words = [_word(value or "") for value in column.dictionary.to_pylist()]
    codes = column.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
    return np.array([*words, _word("")], "<u8")[codes]


def float_cells(values: npt.NDArray[np.floating[Any]]) -> Words64:
    """Return numbers as 64 bits each; all zeros are one, all missing values are one."""
    clean = np.add(values, 0.0, dtype="<f8", order="C")
    clean[np.isnan(clean)] = np.nan
    return clean.view("<u8")


@cache
def _word(text: str) -> int:
    """Return 64 bits of the text's own digest, so that no shared code table is needed."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")


def table_digest(table: pa.Table) -> str:
    """Return SHA-256 over names and cells of a table, 64 hexadecimal digits."""
    digest = hashlib.sha256("\x1f".join(table.column_names).encode())
    digest.update(np.ascontiguousarray(cells(table)).data)
    return digest.hexdigest()


def read_unchanged(path: Path, digest: object) -> pd.DataFrame:
    """Read a table and hold it against its digest.

    Raises
    ------
    InputError
        If it is missing, cannot be read or was changed.
    """
    table = read_table(path)
    if table_digest(table) != digest:
        raise InputError(f"{path}: was changed (its digest differs)")
    return table.to_pandas()


def run_digest(run: int, metrics: bytes, events: bytes = b"") -> int:
    """Return the digest of one run as a number: of its place in the design and all it holds."""
    content = run.to_bytes(8, "little") + len(metrics).to_bytes(8, "little") + metrics + events
    return int.from_bytes(hashlib.sha256(content).digest(), "little")


def added(digests: Iterable[int]) -> int:
    """Return the sum of digests, 256 bits: that of a set of runs, in any order and any parts."""
    return sum(digests) % (1 << 256)


def combined(digests: dict[str, str]) -> str:
    """Return one digest for several named ones, whatever their order."""
    lines = "".join(f"{name}={digests[name]}\n" for name in sorted(digests))
    return hashlib.sha256(lines.encode()).hexdigest()
