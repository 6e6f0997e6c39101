"""Write `requirements/licences.csv`: the licence of every pinned package, from its own metadata.

Usage: ``make lock``. Needs a network: packages of other systems are not installed here.
"""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from requirement_files import PURPOSES, ROOT, file_of, read_pins

TARGET = ROOT / "requirements" / "licences.csv"

#: Packages that give the whole text instead of a name: a phrase of each text, and its name.
_TEXTS = {
    "Version 3, 29 June 2007": "GPL-3.0",
    "Redistribution and use in source and binary forms": "BSD",
    "Permission is hereby granted, free of charge": "MIT",
    "Apache License": "Apache",
}


def licence_of(metadata: dict[str, Any]) -> str:
    """Return the name of a package's licence.

    The expression counts first, then a name, then the classifiers, then the text.

    Raises
    ------
    ValueError
        If the package says nothing that is understood.
    """
    if expression := metadata.get("license_expression"):
        return str(expression)
    said = str(metadata.get("license") or "").strip()
    if said and said != "UNKNOWN" and len(said) < 40 and "\n" not in said:
        return said
    classifiers = [
        text.rpartition(" :: ")[2]
        for text in metadata.get("classifier", [])
        if text.startswith("License ::")
    ]
    if classifiers:
        return " and ".join(classifiers)
    for phrase, name in _TEXTS.items():
        if phrase in said:
            return f"{name} (by its text)"
    raise ValueError(f"{metadata['name']} {metadata['version']} names no licence: {said[:200]}")


def canonical(name: str) -> str:
    """Return a package's name as the files of requirements spell it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def metadata_of(packages: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return the metadata of packages, each a name and a version, without installing them."""
    with tempfile.TemporaryDirectory() as folder:
        wanted, report = Path(folder) / "wanted.txt", Path(folder) / "report.json"
        wanted.write_text("".join(f"{name}=={version}\n" for name, version in packages), "utf-8")
        words = ["install", "--quiet", "--dry-run", "--ignore-installed", "--no-deps"]
        subprocess.run(
            [sys.executable, "-m", "pip", *words, "--report", report, "--requirement", wanted],
            check=True,
        )
        return [entry["metadata"] for entry in json.loads(report.read_bytes())["install"]]


def main() -> int:
    """Write the table of all packages."""
    pinned = {(pin.name, pin.version) for name in PURPOSES for pin in read_pins(file_of(name))}
    # A name may have two versions, but not in one go.
    first = sorted({name: (name, version) for name, version in pinned}.values())
    rows = []
    for packages in filter(None, (first, sorted(pinned - set(first)))):
        found = {canonical(metadata["name"]): metadata for metadata in metadata_of(packages)}
        rows += [(name, version, licence_of(found[name])) for name, version in packages]
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("package", "version", "licence"))
        table.writerows(sorted(rows))
    print(f"{TARGET.relative_to(ROOT)}: {len(rows)} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
