"""The folder of results: where it is, what lies in it, who works in it."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from partnersim.errors import InputError
from partnersim.runs.digest import combined, table_digest
from partnersim.runs.files import (
    leftovers,
    read_table,
    remove,
    table_writer,
    write_files,
    writing_results,
)
from partnersim.runs.manifest import (
    FORMAT,
    MANIFEST_NAME,
    configuration_hash,
    manifest_writer,
    read_manifest,
)
from partnersim.runs.part import as_table
from partnersim.runs.versions import versions
from partnersim.user_path import user_path
from partnersim.world.world import World

FIGURES_NAME = "figures"
EXPORT_NAME = "export"
REPORT_NAME = "report.html"
PARTS_NAME = "parts"
FUTURES_NAME = "futures.parquet"
LOCK_NAME = ".lock"


def check_place(output: str, *below: str) -> Path:
    """Return the folder of some results; write nothing.

    Parameters
    ----------
    output : str
        The folder of all results, as the user gave it.
    *below : str
        Names of the folders below it.

    Raises
    ------
    InputError
        If a file stands where a folder is needed, or the place may not be written.
    """
    folder = user_path(output).joinpath(*below)
    there = next(path for path in (folder, *folder.absolute().parents) if os.path.lexists(path))
    if not there.is_dir():
        raise InputError(f"output={output}: {there} is not a folder, but results need one")
    if not _writable(there):
        raise InputError(f"output={output}: {there} may not be written")
    return folder


def check_folder(folder: Path) -> None:
    """See to it that a folder that is there may be written.

    Raises
    ------
    InputError
        If it may not.
    """
    if not _writable(folder):
        raise InputError(f"{folder}: results cannot be written: the folder may not be written")


def _writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK)


def resume_command(folder: Path) -> str:
    """Return what to type to finish the runs in a folder."""
    return f"partnersim resume {shlex.quote(str(folder))}"


def world_tables(world: World) -> dict[str, pd.DataFrame]:
    """Return the tables of the world that lie beside results, so that they can be read alone."""
    return {
        "partners": world.countries,
        "instruments": world.instruments,
        "network": world.network,
    }


def begin(folder: Path, manifest: Mapping[str, Any], futures: pd.DataFrame, world: World) -> None:
    """Write what will be run, before the first run.

    The manifest comes last: a folder with a manifest can be resumed.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    with writing_results(folder):
        (folder / PARTS_NAME).mkdir(parents=True, exist_ok=True)
        tables = {f"{name}.parquet": frame for name, frame in world_tables(world).items()}
        tables[FUTURES_NAME] = futures
        files = {name: table_writer(as_table(frame)) for name, frame in tables.items()}
        write_files(folder, {**files, MANIFEST_NAME: manifest_writer(manifest)})


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder of results; the system frees it when the process ends.

    Raises
    ------
    InputError
        If another process holds it, or the folder cannot be written.
    """
    with writing_results(folder):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _taken(handle):
            raise InputError(
                f"{folder}: another program is at work in this folder; wait for it, or end it and"
                f" then use: {resume_command(folder)}"
            )
        yield
    finally:
        os.close(handle)


def _taken(handle: int) -> bool:
    """Take the lock if it is free."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def write_tables(
    folder: Path, tables: Mapping[str, pd.DataFrame], facts: Mapping[str, Any]
) -> Path:
    """Write results that are a few tables (a forecast, a backtest), and their manifest.

    Each table is written as text for people and as Parquet for programs; the same content gives
    the same text. All appear together, or none; other files of the folder are left alone.

    Parameters
    ----------
    folder : Path
        Results of that name in it are replaced.
    tables : mapping of str to DataFrame
        By name.
    facts : mapping
        What the manifest tells beside versions and digests; plain JSON data.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    with locked(folder), writing_results(folder):
        for path in leftovers(folder):
            remove(path)
        files: dict[str, Callable[[Path], object]] = {}
        digests = {}
        for name, frame in tables.items():
            table = as_table(frame)
            files[f"{name}.csv"] = partial(frame.to_csv, index=False, lineterminator="\n")
            files[f"{name}.parquet"] = table_writer(table)
            digests[name] = table_digest(table)
        configuration = facts.get("configuration", {})
        content = {
            "format": FORMAT,
            "versions": versions(),
            **facts,
            "configuration": configuration,
            "configuration_hash": configuration_hash(configuration),
            "tables": digests,
            "digest": combined(digests),
        }
        write_files(folder, {**files, MANIFEST_NAME: manifest_writer(content)})
    return folder


def read_tables(folder: Path, names: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return tables that `write_tables` wrote.

    Raises
    ------
    InputError
        If one is not there, damaged or changed.
    """
    digests = read_manifest(folder)["tables"]
    found = {}
    for name in names:
        path = folder / f"{name}.parquet"
        table = read_table(path)
        if table_digest(table) != digests.get(name):
            raise InputError(f"{path}: was changed (its digest differs)")
        found[name] = table.to_pandas()
    return found
