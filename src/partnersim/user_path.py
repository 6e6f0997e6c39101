"""Paths as users type them."""

from __future__ import annotations

import os
from pathlib import Path

from partnersim.errors import InputError


def user_path(typed: str) -> Path:
    """Return a path with the user's home filled in; nothing need be there.

    Parameters
    ----------
    typed : str
        Such as ``~/results/main``.

    Raises
    ------
    InputError
        If no file can have this name.
    """
    try:
        path = Path(typed).expanduser()
    except RuntimeError:
        raise InputError(f"{typed}: there is no such user") from None
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return path
    except (OSError, ValueError) as failure:
        reason = getattr(failure, "strerror", None) or str(failure)
        raise InputError(f"{typed[:80]}: cannot be the name of a file ({reason})") from None
    return path


def is_file_or_nothing(path: Path) -> bool:
    """Tell whether a path is a regular file or not there.

    Opening anything else, such as a pipe or a device, may wait or read for ever.
    """
    return path.is_file() or not path.exists()
