"""Plain data as JSON: its digest, and reading files that may be damaged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from partnersim.errors import InputError


def json_digest(content: Mapping[str, Any]) -> str:
    """Return SHA-256 over plain data, whatever the order of its keys, 64 hexadecimal digits."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


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
