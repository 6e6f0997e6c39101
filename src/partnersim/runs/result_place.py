"""Whether a folder of results can be made, asked before any work is done for it."""

from __future__ import annotations

import os
from pathlib import Path

from partnersim.errors import InputError
from partnersim.user_path import user_path


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
