"""Files that are there whole, or not at all, even if the power fails."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

#: A temporary name, see `write_whole`.
_UNFINISHED = re.compile(r"\..+\.[0-9a-f]{8}")


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file under a temporary name, force it to disk, and let it take its name.

    Parameters
    ----------
    path : Path
        The file; one that is there is replaced.
    write : callable
        Writes the content to the path that it is given.

    Raises
    ------
    OSError
        If the disk is full or the folder cannot be written; nothing is left behind then.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        write(temporary)
        flush_to_disk(temporary)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    flush_to_disk(path.parent)


def leftovers(folder: Path) -> list[Path]:
    """Return the files of a folder that a killed process had not finished writing."""
    return [path for path in folder.glob(".*") if _UNFINISHED.fullmatch(path.name)]


def flush_to_disk(path: Path) -> None:
    """Force a file or folder to disk where the system can do so."""
    with suppress(PermissionError, IsADirectoryError):  # Windows opens no folders
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
