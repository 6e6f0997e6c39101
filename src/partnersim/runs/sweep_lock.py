"""One coordinator at a time works on the folder of a sweep."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from partnersim.errors import InputError

LOCK_NAME = ".lock"


@contextmanager
def sweep_lock(folder: Path) -> Iterator[None]:
    """Hold the lock of a sweep's folder; the system frees it when the process ends.

    Raises
    ------
    InputError
        If another process holds it.
    """
    handle = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _taken(handle):
            raise InputError(
                f"{folder}: another sweep is at work in this folder; wait for it, or end it and"
                " then use: partnersim resume"
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
