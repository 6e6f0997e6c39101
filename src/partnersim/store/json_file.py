"""Reading JSON files that may be damaged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from partnersim.errors import InputError


def read_json_group(path: Path) -> dict[str, Any]:
    """Return the group of entries that a JSON file holds.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    InputError
        If it cannot be read, or holds something else.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise
    except (OSError, ValueError, RecursionError) as failure:
        raise InputError(f"{path}: cannot be read: {failure}") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: must hold a group of entries")
    return content
