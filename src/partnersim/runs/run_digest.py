"""The digest of one run: whatever the parts that runs are kept in, it stays the same."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

#: Column that holds the digest of a run.
RUN_DIGEST = "run_digest"
SIZE = 32


def run_digest(values: npt.NDArray[np.float64]) -> bytes:
    """Return SHA-256 over the kept metrics of a run, (quarters, metrics); all zeros are one."""
    clean = np.add(values, 0.0, dtype="<f8", order="C")
    missing = np.isnan(clean)
    if missing.any():
        clean[missing] = np.nan
    return hashlib.sha256(clean.data).digest()


def digest_column(digests: Sequence[bytes]) -> pa.Array:
    """Return digests as a column."""
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(SIZE), len(digests), [None, pa.py_buffer(b"".join(digests))]
    )


def digests_of(ending: pa.Table, earlier: pa.Table, metrics: Sequence[str]) -> list[bytes]:
    """Recompute the digests of runs from the tables of a part."""
    runs = ending.num_rows
    if runs == 0:
        return []
    last = np.stack([ending.column(name).to_numpy() for name in metrics])
    before = np.stack([earlier.column(name).to_numpy() for name in metrics])
    values = np.concatenate(
        [before.reshape(len(metrics), runs, -1), last.reshape(len(metrics), runs, 1)], axis=2
    )
    return [run_digest(values[:, run].T) for run in range(runs)]
