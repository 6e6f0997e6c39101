"""The world's tables beside results: names in words, and what was in force at the start."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow.parquet as parquet

from partnersim.errors import InputError
from partnersim.runs.durable_file import write_whole
from partnersim.runs.parquet_table import read_table
from partnersim.runs.tables import as_table


@dataclass(frozen=True)
class NamedWorld:
    """Names by code, and the pairs in force at the start.

    Attributes
    ----------
    country, instrument : dict of str to str
        Names in words by ISO 3166 code and by instrument.
    held : set of (iso3, instrument)
        Pairs in force on 5 June 2025.
    """

    country: dict[str, str]
    instrument: dict[str, str]
    held: set[tuple[str, str]]


def write_world(
    folder: Path, countries: pd.DataFrame, instruments: pd.DataFrame, network: pd.DataFrame
) -> None:
    """Write the world's tables as they were used, so that results can be read alone.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    tables = {"partners": countries, "instruments": instruments, "network": network}
    for name, frame in tables.items():
        write = partial(parquet.write_table, as_table(frame), compression="zstd")
        write_whole(folder / f"{name}.parquet", write)


def read_named_world(folder: Path) -> NamedWorld:
    """Read the world's tables beside the results of a sweep or an experiment.

    Raises
    ------
    InputError
        If one of them is not there or damaged.
    """
    names = ("partners", "instruments", "network")
    paths = {name: folder / f"{name}.parquet" for name in names}
    lacking = [path.name for path in paths.values() if not path.exists()]
    if lacking:
        raise InputError(f"{folder}: lacks the table {name}" for name in lacking)
    partners, instruments, network = (read_table(path).to_pandas() for path in paths.values())
    held = network[network["stage"] == "in_force"]
    return NamedWorld(
        dict(zip(partners["iso3"], partners["name"], strict=True)),
        dict(zip(instruments["instrument"], instruments["name"], strict=True)),
        set(zip(held["iso3"], held["instrument"], strict=True)),
    )
