"""A digest of the text of some files of the package: tells apart states of one version."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
_DIGITS = 16


def source_digest(patterns: Iterable[str], *salt: str) -> str:
    """Return a digest of files and of what else decides, 16 hexadecimal digits.

    Parameters
    ----------
    patterns : iterable of str
        Of file names below the package, such as ``model/*.py``.
    *salt : str
        What else must be the same, such as the version of a compiler.
    """
    digest = hashlib.sha256("\n".join((*salt, "")).encode())
    for pattern in patterns:
        for path in sorted(_PACKAGE.glob(pattern)):
            digest.update(f"{path.relative_to(_PACKAGE).as_posix()}\n".encode())
            digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:_DIGITS]
