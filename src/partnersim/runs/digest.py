"""A digest of what tables say, whatever the encoding, the arms' order or the chunks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.types as kinds

Key = tuple[str, ...]


class ContentDigest:
    """SHA-256 over the values of one table, fed in pieces.

    The rows of a block (the rows that share the values of `keys`, say one policy in one climate)
    count in their order; the blocks count as a set. So arms may be computed in any order and
    a block may be fed in any number of pieces.

    Parameters
    ----------
    keys : tuple of str
        Columns that name a block.
    """

    def __init__(self, keys: Key) -> None:
        self._keys = keys
        self._blocks: dict[Key, dict[str, hashlib._Hash]] = {}
        self._words: dict[str, np.uint64] = {}

    def update(self, table: pa.Table) -> None:
        """Take in the next rows."""
        for block, part in _blocks(table, self._keys):
            columns = self._blocks.setdefault(block, {})
            for name in part.column_names:
                if name in self._keys:
                    continue
                kind, values = self._numbers(part.column(name).combine_chunks())
                if name not in columns:
                    columns[name] = hashlib.sha256(f"{name}:{kind}:".encode())
                columns[name].update(np.ascontiguousarray(values).data)

    def hexdigest(self) -> str:
        """Return the digest of everything taken in so far, 64 hexadecimal digits."""
        whole = hashlib.sha256()
        for block in sorted(self._blocks):
            whole.update(("\x1f".join(block) + "\x1e").encode())
            columns = self._blocks[block]
            for name in sorted(columns):
                whole.update(columns[name].digest())
        return whole.hexdigest()

    def _numbers(self, column: pa.Array) -> tuple[str, np.ndarray]:
        """Return the kind of a column and its values as eight-byte little-endian numbers."""
        if kinds.is_floating(column.type):
            values = column.to_numpy(zero_copy_only=False).astype("<f8") + 0.0
            values[np.isnan(values)] = np.nan
            return "float", values
        if kinds.is_integer(column.type) or kinds.is_boolean(column.type):
            return "integer", column.to_numpy(zero_copy_only=False).astype("<i8")
        if not kinds.is_dictionary(column.type):
            column = column.cast(pa.string()).dictionary_encode()
        words = [self._word(value or "") for value in column.dictionary.to_pylist()]
        table = np.array([*words, self._word("")], dtype="<u8")
        codes = column.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
        return "text", table[codes]

    def _word(self, text: str) -> np.uint64:
        """Return 64 bits of the text's own digest, so that no shared code table is needed."""
        if text not in self._words:
            start = hashlib.sha256(text.encode()).digest()[:8]
            self._words[text] = np.uint64(int.from_bytes(start, "little"))
        return self._words[text]


def table_digest(table: pa.Table) -> str:
    """Return the digest of a table whose rows are one block."""
    digest = ContentDigest(())
    digest.update(table)
    return digest.hexdigest()


def _blocks(table: pa.Table, keys: Key) -> Iterator[tuple[Key, pa.Table]]:
    """Cut a table into the stretches of rows within which the key columns are constant."""
    if table.num_rows == 0:
        return
    present = [name for name in keys if name in table.column_names]
    changes = np.zeros(table.num_rows, dtype=bool)
    changes[0] = True
    for name in present:
        column = table.column(name).combine_chunks()
        if not kinds.is_dictionary(column.type):
            column = column.dictionary_encode()
        codes = column.indices.to_numpy(zero_copy_only=False)
        changes[1:] |= codes[1:] != codes[:-1]
    starts = np.flatnonzero(changes)
    for start, stop in zip(starts, [*starts[1:], table.num_rows], strict=True):
        part = table.slice(start, stop - start)
        yield tuple(str(part.column(name)[0].as_py()) for name in present), part


def combined(digests: Mapping[str, str]) -> str:
    """Return one digest for several named ones, whatever their order."""
    lines = "".join(f"{name}={digests[name]}\n" for name in sorted(digests))
    return hashlib.sha256(lines.encode()).hexdigest()
