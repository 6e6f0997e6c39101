"""The files of pinned requirements: which package, which version, on which system, which hashes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

#: What each file is for; `tools/lock` writes them.
PURPOSES = {
    "build": "builds the package",
    "run": "runs the program",
    "extras": "adds what a user may ask for: dask, modeller, mpi, netcdf, slurm, xlsx",
    "test": "runs the program, its checks and its tests",
    "node": "brings Node to machines that have none, to build the page",
    "browser": "tests the page in a browser",
    "site": "makes the documentation site",
    "slow": "adds what slow tests use",
    "upkeep": "pins requirements and asks for known holes",
}

_PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)(?: ; (?P<marker>.*))?")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Pin:
    """One requirement of one version.

    Parameters
    ----------
    name, version : str
        The package; its name in lower case, with hyphens.
    marker : str
        Where it is needed; empty for everywhere.
    hashes : tuple of str
        SHA-256 of every file that may be installed.
    """

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def file_of(name: str) -> Path:
    """Return where the requirements of a purpose are pinned."""
    return ROOT / "requirements" / f"{name}.txt"


def read_pins(path: Path) -> list[Pin]:
    """Read a file of pinned requirements.

    Raises
    ------
    ValueError
        If a line is anything else than a pinned package and its hashes: an option, an address.
    """
    lines = [line for line in path.read_text("utf-8").splitlines() if not re.match(r"\s*#", line)]
    pins = []
    for entry in "\n".join(lines).replace("\\\n", " ").splitlines():
        requirement, *rest = entry.split(" --hash=")
        found = _PIN.fullmatch(requirement.strip())
        hashes = [_HASH.fullmatch(f"--hash={word.strip()}") for word in rest]
        if found is None or not hashes or None in hashes:
            raise ValueError(f"{path.name}: not a pinned package with its hashes: {entry[:80]}")
        name, version, marker = found["name"], found["version"], found["marker"] or ""
        pins.append(Pin(name, version, marker, tuple(one[1] for one in hashes if one)))
    return pins
