"""A folder of a few tables and a manifest, which appears complete or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from partnersim.errors import InputError
from partnersim.runs.manifest import FORMAT, MANIFEST_NAME
from partnersim.runs.parquet_table import read_table
from partnersim.runs.staged_folder import FIGURES_NAME, StagedFolder, told
from partnersim.runs.versions import versions

#: Tables are written as text for people and as Parquet for programs.
_SUFFIXES = ("csv", "parquet")


def write_tables(
    folder: Path, tables: Mapping[str, pd.DataFrame], facts: Mapping[str, Any]
) -> Path:
    """Write tables and a manifest; the same content gives the same bytes.

    Parameters
    ----------
    folder : Path
        Is replaced if it holds such results already; a user's own files in it are kept.
    tables : mapping of str to DataFrame
        By name.
    facts : mapping
        What the manifest tells beside versions, rows and digests; plain JSON data.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If the folder cannot be written or holds something else.
    """
    names = [f"{name}.{suffix}" for name in tables for suffix in _SUFFIXES]
    staged = StagedFolder(folder, {MANIFEST_NAME, FIGURES_NAME, *names})
    try:
        with told(staged.target):
            digests = {}
            for name, frame in tables.items():
                text = frame.to_csv(index=False, lineterminator="\n")
                (staged.path / f"{name}.csv").write_text(text, "utf-8", newline="")
                frame.to_parquet(staged.path / f"{name}.parquet", index=False, compression="zstd")
                digests[name] = hashlib.sha256(text.encode()).hexdigest()
            content = {
                "format": FORMAT,
                "versions": versions(),
                **facts,
                "rows": {name: len(frame) for name, frame in tables.items()},
                "table_digests": digests,
            }
            (staged.path / MANIFEST_NAME).write_text(
                json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8"
            )
            (staged.path / FIGURES_NAME).mkdir()
            staged.publish()
    except BaseException:
        staged.discard()
        raise
    return staged.target


def read_tables(folder: Path, names: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return tables that `write_tables` wrote.

    Raises
    ------
    InputError
        If one is not there or damaged.
    """
    missing = [name for name in names if not (folder / f"{name}.parquet").is_file()]
    if missing:
        raise InputError(f"{folder}: no table {missing[0]}.parquet")
    return {name: read_table(folder / f"{name}.parquet").to_pandas() for name in names}
