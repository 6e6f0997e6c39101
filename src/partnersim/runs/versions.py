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
    *("scenario/compile*.py", "runs/play.py", "runs/chunk.py"),
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
    theirs, own = manifest["versions"], versions()
    if theirs["partnersim"] != own["partnersim"]:
        return f"made with partnersim {theirs['partnersim']}, this is {own['partnersim']}"
    if theirs.get("rules") != own["rules"]:
        given = theirs.get("rules", "not recorded")
        return (
            f"made with partnersim {own['partnersim']} and other rules (fingerprint {given}),"
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
