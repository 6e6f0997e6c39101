"""The folder of results: what lies in it, who works in it, files that are whole or not there."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from partnersim.errors import InputError
from partnersim.user_path import is_file_or_nothing, user_path

FIGURES_NAME = "figures"
EXPORT_NAME = "export"
REPORT_NAME = "report.html"
PARTS_NAME = "parts"
FUTURES_NAME = "futures.parquet"
LOCK_NAME = ".lock"
#: A temporary name, see `write_files`.
_UNFINISHED = re.compile(r"\..+\.[0-9a-f]{8}")
#: The entry of a file of facts that holds the digest of the others.
_SEAL = "digest_of_this_file"


# Writing: a file is there whole, or not at all, even if the power fails


def temporary(path: Path) -> Path:
    """Return a hidden name beside a path, under which it is written before it appears."""
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}")


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
    staged = {temporary(folder / name): folder / name for name in files}
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


def write_bytes(path: Path, content: bytes) -> None:
    """Write bytes to a file, whole or not at all."""
    write_whole(path, partial(Path.write_bytes, data=content))


def table_writer(table: pa.Table) -> Callable[[Path], object]:
    """Return what writes a small table to a path."""
    return lambda path: parquet.write_table(table, path, compression="zstd")


def facts_writer(facts: Mapping[str, Any]) -> Callable[[Path], object]:
    """Return what writes plain data as JSON, with a digest of itself, to a path."""
    content = {**facts, _SEAL: json_digest(facts)}
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    return lambda path: path.write_text(text, encoding="utf-8", newline="\n")


def json_digest(content: Mapping[str, Any]) -> str:
    """Return SHA-256 over plain data, whatever the order of its keys, 64 hexadecimal digits."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


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


def leftovers(folder: Path) -> list[Path]:
    """Return what a killed process had not finished writing, of a folder and of its parts."""
    found = (path for place in (folder, folder / PARTS_NAME) for path in place.glob(".*"))
    return [path for path in found if _UNFINISHED.fullmatch(path.name)]


def remove(path: Path) -> None:
    """Remove a file, or a folder and everything in it, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


# Reading: what is damaged is one clear line


def read_json_group(path: Path) -> dict[str, Any]:
    """Return the group of entries that a JSON file holds.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    InputError
        If it cannot be read, or holds something else.
    """
    if not is_file_or_nothing(path):
        raise InputError(f"{path}: cannot be read: is not a regular file")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise
    except (OSError, ValueError, RecursionError) as failure:
        raise InputError(f"{path}: cannot be read: {failure}") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: must hold a group of entries")
    return content


def is_sealed(facts: dict[str, Any]) -> bool:
    """Take the digest out of facts that `facts_writer` wrote; tell whether it is theirs."""
    return bool(facts.pop(_SEAL, None) == json_digest(facts))


@contextmanager
def reading_tables(path: Path) -> Iterator[None]:
    """Turn a table that is not there or damaged into one clear line.

    Raises
    ------
    InputError
        In place of any error of reading within.
    """
    try:
        yield
    except FileNotFoundError:
        raise InputError(f"{path}: is missing") from None
    except (OSError, UnicodeDecodeError, pa.ArrowException) as failure:
        reason = " ".join((str(failure).splitlines() or [""])[0].split()) or "not readable"
        raise InputError(f"{path}: damaged, cannot be read ({reason[:200]})") from None


def read_table(path: Path, filters: Any = None) -> pa.Table:
    """Read a Parquet file, or those of its rows that an expression of pyarrow names.

    Raises
    ------
    InputError
        If the file is not there or damaged.
    """
    if not is_file_or_nothing(path):
        raise InputError(f"{path}: damaged, cannot be read (is not a regular file)")
    with reading_tables(path):
        return parquet.read_table(path, filters=filters, use_threads=False)


# The place of results, and who works in it


def check_place(output: str, *below: str) -> Path:
    """Return the folder of some results; write nothing.

    Parameters
    ----------
    output : str
        The folder of all results, as the user gave it.
    *below : str
        Names of the folders below it.

    Raises
    ------
    InputError
        If a file stands where a folder is needed, or the place may not be written.
    """
    folder = user_path(output).joinpath(*below)
    there = next(path for path in (folder, *folder.absolute().parents) if os.path.lexists(path))
    if not there.is_dir():
        raise InputError(f"output={output}: {there} is not a folder, but results need one")
    if not _writable(there):
        raise InputError(f"output={output}: {there} may not be written")
    return folder


def check_folder(folder: Path) -> None:
    """See to it that a folder that is there may be written.

    Raises
    ------
    InputError
        If it may not.
    """
    if not _writable(folder):
        raise InputError(f"{folder}: results cannot be written: the folder may not be written")


def _writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK)


def resume_command(folder: Path) -> str:
    """Return what to type to finish the runs in a folder."""
    return f"partnersim resume {shlex.quote(str(folder))}"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder of results; the system frees it when the process ends.

    Raises
    ------
    InputError
        If another process holds it, or the folder cannot be written.
    """
    with writing_results(folder):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _taken(handle):
            raise InputError(
                f"{folder}: another program is at work in this folder; wait for it, or end it and"
                f" then use: {resume_command(folder)}"
            )
        yield
    finally:
        os.close(handle)


def _taken(handle: int) -> bool:
    """Take the lock if it is free."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
