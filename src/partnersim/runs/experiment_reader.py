"""Reading a finished experiment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as parquet

from partnersim.errors import InputError, nearest
from partnersim.runs.digest import ContentDigest, combined
from partnersim.runs.json_file import read_json_group
from partnersim.runs.manifest import FORMAT, MANIFEST_NAME
from partnersim.runs.manifest_check import check_manifest
from partnersim.runs.parquet_table import legible, read_table
from partnersim.runs.tables import BLOCK_KEYS, METRIC_KEYS, TABLES
from partnersim.runs.versions import check_format
from partnersim.runs.wording import runs_each


@dataclass(frozen=True)
class StoredExperiment:
    """A finished experiment on disk; tables are read when asked for.

    Attributes
    ----------
    folder : Path
        Where it lies.
    manifest : dict
        What was run (see `partnersim.runs.manifest`).
    """

    folder: Path
    manifest: dict[str, Any]

    @property
    def arms(self) -> list[tuple[str, str]]:
        """Pairs of policy and climate in the order of the experiment."""
        return [(arm["policy"], arm["climate"]) for arm in self.manifest["arms"]]

    @property
    def policies(self) -> list[str]:
        """Policies in the order of the experiment, each once."""
        return list(dict.fromkeys(policy for policy, _ in self.arms))

    @property
    def climates(self) -> list[str]:
        """Climates in the order of the experiment, each once."""
        return list(dict.fromkeys(climate for _, climate in self.arms))

    @property
    def extent(self) -> str:
        """How many runs stand behind the tables, in words."""
        return runs_each(self.manifest["replicates"], "climate")

    def has(self, table: str) -> bool:
        """Say whether the experiment holds a table."""
        return self._path(table).exists()

    def table(
        self,
        name: str,
        columns: Sequence[str] | None = None,
        *,
        arm: tuple[str, str] | None = None,
    ) -> pd.DataFrame:
        """Read a table.

        Parameters
        ----------
        name : str
            One of ``metrics``, ``events``, ``countries``, ``summary``, ``signing``, ``links``,
            ``response``, ``partners``, ``instruments``, ``network``.
        columns : sequence of str, optional
            Only these columns; for the metrics the columns that name a row come along.
        arm : (policy, climate), optional
            Only the rows of this arm; nothing else is read from disk.

        Returns
        -------
        DataFrame

        Raises
        ------
        InputError
            If there is no such table or column.
        """
        path = self._path(name)
        if not path.exists():
            here = [known for known in TABLES if self.has(known)]
            raise InputError(
                f"{self.folder}: has no table '{name}'{nearest(name, here)} "
                f"(it has {', '.join(here)})"
            )
        rows = None
        if arm is not None:
            rows = [("policy", "==", arm[0]), ("climate", "==", arm[1])]
        if columns is None:
            return read_table(path, filters=rows).to_pandas()
        with legible(path):
            known = parquet.read_schema(path).names
        missing = [column for column in columns if column not in known]
        if missing:
            raise InputError(
                f"{path}: has no column '{column}'{nearest(column, known)}" for column in missing
            )
        wanted = [*METRIC_KEYS, *columns] if name == "metrics" else list(columns)
        wanted = list(dict.fromkeys(wanted))
        return read_table(path, columns=wanted, filters=rows).to_pandas()

    def recomputed_digest(self) -> str:
        """Return the digest of the tables as they are now, reading a piece at a time.

        It equals ``manifest["digest"]`` as long as nobody changed a value.
        """
        digests = {}
        for name in self.manifest["table_digests"]:
            digest = ContentDigest(BLOCK_KEYS.get(name, ()))
            path = self._path(name)
            with legible(path), parquet.ParquetFile(path) as file:
                for piece in range(file.num_row_groups):
                    digest.update(file.read_row_group(piece))
            digests[name] = digest.hexdigest()
        return combined(digests)

    def _path(self, table: str) -> Path:
        return self.folder / f"{table}.parquet"


def read_experiment(folder: Path | str) -> StoredExperiment:
    """Open a finished experiment.

    Parameters
    ----------
    folder : Path or str
        Its folder, such as ``results/default``.

    Returns
    -------
    StoredExperiment

    Raises
    ------
    InputError
        If the folder holds no finished experiment, a broken manifest or lacks a table.
    """
    place = Path(folder)
    path = place / MANIFEST_NAME
    try:
        facts = read_json_group(path)
    except FileNotFoundError:
        raise InputError(f"{place}: holds no finished experiment (no {MANIFEST_NAME})") from None
    check_format(place, facts, FORMAT)
    check_manifest(path, facts, sweep=False)
    lacking = [name for name in facts["table_digests"] if not (place / f"{name}.parquet").exists()]
    if lacking:
        raise InputError(f"{place}: lacks the table {name}.parquet" for name in lacking)
    return StoredExperiment(place, facts)
