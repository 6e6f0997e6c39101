"""Folders of results gone wrong: not there, not a folder, or with a manifest that is none."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

from campaign.yaml_mutants import STRANGE, places_in

#: Names that are no folder of results.
NAMES = (
    *("nowhere", "", ".", "/", "/dev/null", "/etc/passwd", "a" * 300, "a/" * 2000, "nul\x00l"),
    *("~nobody/x", "ünï", "\udcff", "*", "..", "file", "empty", "-", "a b", "$HOME", "loop"),
)
#: JSON that is no manifest.
_TEXTS = (
    *("", "{", "[]", "null", "1", '"x"', "{}", '{"format": 1}', '{"format": "sweep 1"}'),
    *('{"format": null}', "[" * 100_000, '{"format": NaN}', "\ufeff{}", '{"a": 1, "a": 2}'),
    *('{"format": "sweep 0"}', '{"format": 0}', '{"format": 99, "versions": {}}', "9" * 5000),
)


def mutated_folder(draw: random.Random, sources: dict[str, Path], room: Path) -> str:
    """Return the name of a folder that holds no results, or damaged ones, made below a room.

    Parameters
    ----------
    draw : Random
    sources : dict of str to Path
        Folders of real results.
    room : Path
        The current folder.
    """
    if draw.random() < 0.15:
        return draw.choice(NAMES)
    folder = room / "folder"
    shutil.copytree(sources[draw.choice(sorted(sources))], folder)
    json_files = sorted(path for path in folder.rglob("*.json"))
    path = draw.choice(json_files)
    kind = draw.randrange(5)
    if kind == 0:
        path.unlink()
    elif kind == 1:
        path.write_text(draw.choice(_TEXTS), "utf-8")
    elif kind == 2:
        content = path.read_bytes()
        place = draw.randrange(len(content))
        path.write_bytes(
            draw.choice((content[:place], content[:place] + b"\xff" + content[place:]))
        )
    else:
        facts = json.loads(path.read_text("utf-8"))
        _change(draw, facts)
        path.write_text(json.dumps(facts), "utf-8")
    return "folder"


def _change(draw: random.Random, facts: dict[str, Any]) -> None:
    """Remove or replace one entry, near the top more often than far below."""
    places = [path for path in places_in(facts) if len(path) <= draw.choice((1, 1, 2, 3, 9))]
    path = draw.choice(places)
    holder: Any = facts
    for key in path[:-1]:
        holder = holder[key]
    if draw.random() < 0.4:
        del holder[path[-1]]
    else:
        holder[path[-1]] = draw.choice([value for value in STRANGE if _fits_json(value)])


def _fits_json(value: Any) -> bool:
    return value == value
