"""Tables and names in Markdown, for the generated parts of the documents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table in Markdown; bars within cells are escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(
        "| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |\n" for line in lines
    )


def code(name: object) -> str:
    """Return a name as code."""
    return f"`{name}`"


def listed(names: Iterable[object]) -> str:
    """Return names as code, separated by commas."""
    return ", ".join(code(name) for name in names)
