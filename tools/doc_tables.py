"""Names and numbers in Markdown, for the generated parts of the documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
#: Folders of results, if they were made here.
RESULTS = ROOT / "results"


def code(name: object) -> str:
    """Return a name as code."""
    return f"`{name}`"


def listed(names: Iterable[object]) -> str:
    """Return names as code, separated by commas."""
    return ", ".join(code(name) for name in names)


def number(value: float) -> str:
    """Return a number as short as it can be."""
    return f"{value:.6f}".rstrip("0").rstrip(".") if value else "0"


def pairs(values: Mapping[Any, float]) -> str:
    """Return names with their numbers."""
    return ", ".join(f"{name} {number(value)}" for name, value in values.items())


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table in Markdown; bars within cells are escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(
        "| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |\n" for line in lines
    )
