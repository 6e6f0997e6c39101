"""Reading Parquet files that may be damaged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from partnersim.errors import InputError


@contextmanager
def legible(path: Path) -> Iterator[None]:
    """Turn what pyarrow raises on a damaged or missing file into one clear line."""
    try:
        yield
    except FileNotFoundError:
        raise InputError(f"{path}: is missing") from None
    except (OSError, UnicodeDecodeError, pa.ArrowException) as failure:
        reason = " ".join((str(failure).splitlines() or [""])[0].split()) or "not readable"
        raise InputError(f"{path}: damaged, cannot be read ({reason[:200]})") from None


def read_table(path: Path, **options: Any) -> pa.Table:
    """Read a table.

    Parameters
    ----------
    path : Path
        The file.
    **options
        Of `pyarrow.parquet.read_table`.

    Raises
    ------
    InputError
        If the file is not there or damaged.
    """
    with legible(path):
        return parquet.read_table(path, **options)
