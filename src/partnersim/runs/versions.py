"""What made results: versions of the program, its rules and the libraries below it."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from partnersim.compiler.source_digest import PACKAGE, source_digest
from partnersim.errors import InputError

#: What turns a scenario into a run, as patterns below the package.
_RULES = (
    *("random/*.py", "actor_oriented/tie.py", "model/*.py", "model/*.csv", "runs/replicate.py"),
    *("scenario/compile*.py", "runs/chunk.py"),
)


@cache
def rules_fingerprint() -> str:
    """Return a digest of the rules, 16 hexadecimal digits.

    It tells apart states of the program that bear the same version; comments, docstrings and
    labels do not count.
    """
    return source_digest(path for pattern in _RULES for path in PACKAGE.glob(pattern))


def versions() -> dict[str, str]:
    """Return the versions that a manifest keeps."""
    return {
        "partnersim": version("partnersim"),
        "rules": rules_fingerprint(),
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "numba": version("numba"),
    }


def other_maker(manifest: Mapping[str, Any]) -> str | None:
    """Say who made results, and who this is, if their rules may differ; else None."""
    told, own = manifest["versions"], versions()
    if told["partnersim"] != own["partnersim"]:
        return f"made with partnersim {told['partnersim']}, this is {own['partnersim']}"
    if told.get("rules") != own["rules"]:
        theirs = told.get("rules", "not recorded")
        return (
            f"made with partnersim {own['partnersim']} and other rules (fingerprint {theirs}),"
            f" this is {own['partnersim']} with {own['rules']}"
        )
    return None


def made_elsewhere(manifest: Mapping[str, Any]) -> str:
    """Return what to put behind a problem of results whose rules may differ; else nothing."""
    other = other_maker(manifest)
    return f"; it was {other}: use the version that made it" if other else ""


@contextmanager
def reading_configuration(place: Path, manifest: Mapping[str, Any]) -> Iterator[None]:
    """Say of whose results it is that a configuration cannot be used, and who made them.

    Parameters
    ----------
    place : Path
        Where it stands.
    manifest : mapping
        The manifest that holds it.

    Raises
    ------
    InputError
        One line per problem that is raised within.
    """
    try:
        yield
    except InputError as error:
        other = made_elsewhere(manifest)
        raise InputError(
            f"{place}: its configuration cannot be used: {problem}{other}"
            for problem in error.problems
        ) from None


def check_format(place: Path, manifest: Mapping[str, Any], reads: int | str) -> None:
    """Refuse results of a format that this version does not read.

    Parameters
    ----------
    place : Path
        Where they lie.
    manifest : mapping
        As read; nothing is known of it yet.
    reads : int or str
        The format that is read.

    Raises
    ------
    InputError
        One line that names both versions and says what to do.
    """
    given = manifest.get("format")
    if given == reads and type(given) is type(reads):
        return
    told = manifest.get("versions")
    by = told.get("partnersim") if isinstance(told, Mapping) else None
    raise InputError(
        f"{place}: holds results in format {given!r}, made with partnersim {by or '(unknown)'};"
        f" this is {version('partnersim')} and reads format {reads!r}: read them with the version"
        " that made them, or run the experiment again"
    )
