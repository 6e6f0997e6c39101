"""What is shipped: folders that lie in a checkout or in the package, and tables."""

from __future__ import annotations

import csv
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped_folder(name: str, holding: str = "") -> Path:
    """Return a shipped folder: the checkout's if there is one, for there it is edited.

    Parameters
    ----------
    name : str
        Such as ``configs``.
    holding : str
        A file or folder by which the checkout's is known; by default it must only be there.
    """
    checkout = _PACKAGE.parent.parent / name
    if _PACKAGE.parent.name == "src" and (checkout / holding).exists():
        return checkout
    return _PACKAGE / name


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a shipped CSV file by column, read at once and without pandas.

    Raises
    ------
    ValueError
        If a row has more cells than the head, or fewer: a comma without quotes.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        head, *rows = csv.reader(stream, strict=True)
    return [dict(zip(head, row, strict=True)) for row in rows]
