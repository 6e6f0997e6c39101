"""Generated parts about licences."""

from __future__ import annotations

from collections.abc import Iterable

from doc_tables import table
from licence_tables import Row, page_rows, python_rows


def _licences(rows: Iterable[Row]) -> str:
    return table(("package", "version", "licence"), rows)


def licences_of_the_program() -> str:
    """Return the licences of what the program needs."""
    return _licences(python_rows("run"))


def licences_of_extras() -> str:
    """Return the licences of what a user may add."""
    return _licences(python_rows("extras", without=("run",)))


def licences_of_tests_and_tools() -> str:
    """Return the licences of what builds, tests and keeps the program."""
    return _licences(python_rows("build", "test", "upkeep", without=("run", "extras")))


def licences_in_the_page() -> str:
    """Return the licences of what is part of the page."""
    return _licences(page_rows(bundled=True))


def licences_of_the_page() -> str:
    """Return the licences of what the page is built and checked with."""
    return _licences(page_rows(bundled=False))
