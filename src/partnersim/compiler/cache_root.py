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


def cache_root() -> Path:
    """Return the folder of the cache: ``PARTNERSIM_CACHE``, the user's, or a temporary one."""
    if asked := os.environ.get("PARTNERSIM_CACHE"):
        return Path(asked)
    usual = Path(platformdirs.user_cache_dir("partnersim"))
    return usual if _writable(usual) else _temporary_root()


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
