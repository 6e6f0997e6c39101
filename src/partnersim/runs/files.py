"""Files that are there whole, or not at all, even if the power fails; and reading damaged ones."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from partnersim.errors import InputError

#: A temporary name, see `write_files`.
_UNFINISHED = re.compile(r"\..+\.[0-9a-f]{8}")


def write_files(folder: Path, files: Mapping[str, Callable[[Path], object]]) -> None:
    """Write files of a folder under temporary names, force them to disk, then let them appear.

    Parameters
    ----------
    folder : Path
        It is there; other files in it stay as they are.
    files : mapping of str to callable
        By name: what writes the content to the path that it is given. The last one appears last.

    Raises
    ------
    OSError
        If the disk is full or the folder cannot be written; nothing has changed then.
    """
    mark = secrets.token_hex(4)
    staged = {folder / f".{name}.{mark}": folder / name for name in files}
    try:
        for path, write in zip(staged, files.values(), strict=True):
            write(path)
            flush_to_disk(path)
        for path, final in staged.items():
            os.replace(path, final)
    except BaseException:
        for path in staged:
            with suppress(OSError):
                path.unlink()
        raise
    flush_to_disk(folder)


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write one file, whole or not at all; see `write_files`."""
    write_files(path.parent, {path.name: write})


def json_writer(content: Mapping[str, Any]) -> Callable[[Path], object]:
    """Return what writes plain data as JSON to a path."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    return lambda path: path.write_text(text, encoding="utf-8", newline="\n")


def table_writer(table: pa.Table) -> Callable[[Path], object]:
    """Return what writes a small table to a path."""
    return lambda path: parquet.write_table(table, path, compression="zstd")


def leftovers(folder: Path) -> list[Path]:
    """Return the files and folders that a killed process had not finished writing."""
    return [path for path in folder.glob(".*") if _UNFINISHED.fullmatch(path.name)]


def remove(path: Path) -> None:
    """Remove a file, or a folder and everything in it, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def flush_to_disk(path: Path) -> None:
    """Force a file or folder to disk where the system can do so."""
    with suppress(PermissionError, IsADirectoryError):  # Windows opens no folders
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def writing_results(place: Path) -> Iterator[None]:
    """Turn a failure of the disk or of permissions into one clear line.

    Raises
    ------
    InputError
        In place of any OSError within.
    """
    try:
        yield
    except OSError as failure:
        reason = failure.strerror or str(failure)
        if failure.filename and Path(os.fsdecode(failure.filename)) != place:
            reason = f"{os.fsdecode(failure.filename)}: {reason}"
        raise InputError(f"{place}: results cannot be written: {reason}") from failure


def json_digest(content: Mapping[str, Any]) -> str:
    """Return SHA-256 over plain data, whatever the order of its keys, 64 hexadecimal digits."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read_json_group(path: Path) -> dict[str, Any]:
    """Return the group of entries that a JSON file holds.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    InputError
        If it cannot be read, or holds something else.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise
    except (OSError, ValueError, RecursionError) as failure:
        raise InputError(f"{path}: cannot be read: {failure}") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: must hold a group of entries")
    return content


def read_table(path: Path, **options: Any) -> pa.Table:
    """Read a Parquet file.

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
    try:
        return parquet.read_table(path, **options)
    except FileNotFoundError:
        raise InputError(f"{path}: is missing") from None
    except (OSError, UnicodeDecodeError, pa.ArrowException) as failure:
        reason = " ".join((str(failure).splitlines() or [""])[0].split()) or "not readable"
        raise InputError(f"{path}: damaged, cannot be read ({reason[:200]})") from None
