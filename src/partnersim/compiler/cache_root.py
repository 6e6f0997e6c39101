"""Where compiled rules are kept: in the user's cache, or where that cannot be written.

A home that cannot be written (a service, a container, a locked-down machine) must not make every
start compile anew, nor leave compiled code beside the sources, where an edited rule would go
unnoticed.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from functools import cache
from pathlib import Path

import platformdirs

from partnersim.errors import InputError


def cache_root() -> Path:
    """Return the folder of the cache: ``PARTNERSIM_CACHE``, the user's, or a temporary one.

    Raises
    ------
    InputError
        If the folder that was asked for is none, or others may write there.
    """
    if asked := os.environ.get("PARTNERSIM_CACHE"):
        folder = Path(asked).expanduser()
        if folder.exists() and not folder.is_dir():
            raise InputError(f"PARTNERSIM_CACHE={asked}: is not a folder")
        if not may_be_trusted(folder):
            raise InputError(
                f"PARTNERSIM_CACHE={asked}: belongs to another user, or others may write there, and"
                " what lies there is run; name a folder of your own (chmod go-w)"
            )
        return folder
    usual = Path(platformdirs.user_cache_dir("partnersim"))
    filled = (usual / "compiled").is_dir()
    return usual if may_be_trusted(usual) and (filled or _writable(usual)) else _temporary_root()


def may_be_trusted(path: Path) -> bool:
    """Tell whether a file or folder is the user's own, or the system's, and nobody else's to write.

    What is not there yet may be trusted.
    """
    try:
        found = path.stat()
    except OSError:
        return True
    # Windows has no such bits; there the folders in question are the user's own.
    return os.name == "nt" or (
        found.st_uid in (0, os.getuid()) and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    )


def _writable(folder: Path) -> bool:
    """Tell whether files can be made in a folder, which is made if need be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


@cache
def _temporary_root() -> Path:
    """Return a folder for temporary files: the same at every start, but nobody else's.

    Compiled code is run as it is found, so a folder that others could have filled is not used.
    """
    owner = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir()) / f"partnersim-{owner}"
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    own = stat.S_ISDIR(found.st_mode) and found.st_uid == owner
    # Windows has no such bits; there the folder for temporary files is the user's own.
    if own and (os.name == "nt" or not found.st_mode & 0o077):
        return folder
    return Path(tempfile.mkdtemp(prefix="partnersim-"))
