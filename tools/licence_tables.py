"""Tables of licences for the documents: of what is pinned, in Python and in the page."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator

from requirement_files import ROOT, file_of, read_pins

LICENCES = ROOT / "requirements" / "licences.csv"
PAGE = ROOT / "page" / "package-lock.json"

#: Name, version, licence.
Row = tuple[str, str, str]


def licences() -> dict[tuple[str, str], str]:
    """Return the licence of every pinned package by its name and version."""
    with LICENCES.open(encoding="utf-8", newline="") as file:
        return {(row["package"], row["version"]): row["licence"] for row in csv.DictReader(file)}


def python_rows(*names: str, without: tuple[str, ...] = ()) -> list[Row]:
    """Return the packages of some files of requirements.

    Parameters
    ----------
    *names : str
        The files, as in `requirement_files.PURPOSES`.
    without : tuple of str
        Files whose packages another table names.

    Raises
    ------
    KeyError
        If a pinned package has no licence in the table.
    """
    known = licences()
    named = {(pin.name, pin.version) for name in without for pin in read_pins(file_of(name))}
    pinned = {(pin.name, pin.version) for name in names for pin in read_pins(file_of(name))}
    return [(*package, known[package]) for package in sorted(pinned - named)]


def _page_packages() -> Iterator[Row]:
    for path, entry in json.loads(PAGE.read_bytes())["packages"].items():
        if path:
            # A package that has a file for every system stands there once for each of them.
            name = re.sub(r"^(@esbuild|@rollup)/.*", r"\1/*", path.rpartition("node_modules/")[2])
            yield name, entry["version"], entry.get("license", "")


def page_rows(*, bundled: bool) -> list[Row]:
    """Return the packages that are part of the page, or those that build and check it."""
    parts = json.loads((PAGE.parent / "package.json").read_bytes())["dependencies"]
    return sorted({row for row in _page_packages() if (row[0] in parts) == bundled})
