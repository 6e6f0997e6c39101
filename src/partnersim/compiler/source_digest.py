"""Digests of what source files say to rules: comments, docstrings, layout, labels do not count."""

from __future__ import annotations

import ast
import csv
import hashlib
import io
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
_DIGITS = 16
_IMPORT = re.compile(r"^from (\w[.\w]*) import (\([^)]*\)|[^\n]*)$", re.MULTILINE)
#: Columns of tables that no rule reads: what things are called and mean, what settings begin with.
_UNREAD = (
    *("en", "de", "fr", "definition", "definition_en", "definition_de", "definition_fr"),
    *("meaning", "meaning_de", "meaning_fr", "formula"),
    *("value", "unit", "low", "high", "origin", "source", "default"),
)
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def source_digest(paths: Iterable[Path], *salt: str) -> str:
    """Return a digest of files and of what else decides, 16 hexadecimal digits.

    Parameters
    ----------
    paths : iterable of Path
        Python files, whose syntax trees without docstrings count, and tables (CSV), whose cells
        count but for words and settings.
    *salt : str
        What else must be the same, such as the version of a compiler.
    """
    digest = hashlib.sha256("\n".join((*salt, "")).encode())
    for path in sorted(set(paths)):
        digest.update(f"{path.relative_to(PACKAGE).as_posix()}\n{_meaning(path)}\n".encode())
    return digest.hexdigest()[:_DIGITS]


def with_imports(path: Path) -> frozenset[Path]:
    """Return a Python file of the package and all files of it that it imports, directly or not.

    The table beside a file (``metrics.csv`` beside ``metrics.py``) belongs to it.
    """
    found: set[Path] = set()
    waiting = [path]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(_imports(one))
            found.update(beside for beside in (one.with_suffix(".csv"),) if beside.is_file())
    return frozenset(found)


@cache
def _meaning(path: Path) -> str:
    """Return a digest of what rules read of a table, or of a syntax tree without docstrings."""
    if path.suffix == ".csv":
        rows = csv.DictReader(io.StringIO(path.read_text("utf-8")))
        content = str([{key: row[key] for key in row if key not in _UNREAD} for row in rows])
    else:
        tree = ast.parse(path.read_bytes())
        for node in ast.walk(tree):
            # Also what stands below a field to say what it is.
            if isinstance(node, _DOCUMENTED):
                node.body = [each for each in node.body if not _is_text(each)]
        content = ast.dump(tree)
    return hashlib.sha256(content.encode()).hexdigest()


def _is_text(statement: ast.stmt) -> bool:
    """Tell whether a statement is nothing but a text."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


@cache
def _imports(path: Path) -> tuple[Path, ...]:
    """Return the files of the package that a file imports when it is loaded."""
    found = []
    for package, names in _IMPORT.findall(path.read_text("utf-8")):
        root, *folders = package.split(".")
        if root != PACKAGE.name:
            continue
        base = PACKAGE.joinpath(*folders)
        # A name imported from a package may be a module of it.
        places = [base, *(base / name for name in re.findall(r"\w+", names))]
        files = [
            file for place in places for file in (place.with_suffix(".py"), place / "__init__.py")
        ]
        found += [file for file in files if file.is_file()]
    return tuple(found)
