"""The manifest: what was run, as plain JSON beside the results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from partnersim.errors import InputError
from partnersim.runs.files import json_digest, json_writer, read_json_group

MANIFEST_NAME = "manifest.json"
#: Version of the layout of a folder of results.
FORMAT = "runs 1"
#: Kind of a design whose futures are listed one by one: the climates of an experiment.
LISTED = "listed"
#: Entries that tell what came out or who made it, not what was planned.
UNTOLD_BY_THE_PLAN = ("versions", "runs_done", "runs_failed", "digest")
#: Settings that decide where and how fast results appear, not what they are.
OUTSIDE_THE_HASH = ("output", "experiment", "threads", "figures", "engine")
#: So many digits of the configuration's hash name the folder.
HASH_DIGITS = 12
_OWN_DIGEST = "manifest_digest"


def configuration_hash(configuration: Mapping[str, Any]) -> str:
    """Return SHA-256 over the settings that decide the results, 64 hexadecimal digits."""
    return json_digest({k: v for k, v in configuration.items() if k not in OUTSIDE_THE_HASH})


def deciding(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that a manifest keeps: those that decide the results, and the name."""
    return {
        key: value
        for key, value in configuration.items()
        if key not in OUTSIDE_THE_HASH or key == "experiment"
    }


def manifest_writer(facts: Mapping[str, Any]) -> Callable[[Path], object]:
    """Return what writes a manifest, with a digest of itself, to a path."""
    return json_writer({**facts, _OWN_DIGEST: json_digest(facts)})


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a folder of results.

    Raises
    ------
    InputError
        If there is none, it was made in another format, or it was changed.
    """
    path = folder / MANIFEST_NAME
    try:
        facts = read_json_group(path)
    except FileNotFoundError:
        raise InputError(f"{folder}: holds no results (no {MANIFEST_NAME})") from None
    if facts.get("format") != FORMAT:
        _refuse_format(folder, facts)
    own = facts.pop(_OWN_DIGEST, None)
    if own != json_digest(facts):
        raise InputError(f"{path}: damaged or changed by hand (its digest differs)")
    if configuration_hash(facts["configuration"]) != facts["configuration_hash"]:
        raise InputError(f"{path}: damaged or changed by hand (configuration: its hash differs)")
    return facts


def _refuse_format(folder: Path, facts: Mapping[str, Any]) -> None:
    made = facts.get("versions")
    by = made.get("partnersim") if isinstance(made, Mapping) else None
    raise InputError(
        f"{folder}: holds results in format {facts.get('format')!r}, made with partnersim"
        f" {by or '(unknown)'}; this is {version('partnersim')} and reads format {FORMAT!r}: read"
        " them with the version that made them, or run the experiment again"
    )
