"""The folder of a sweep: begun with its design, finished with its digest."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as parquet

from partnersim.errors import InputError
from partnersim.runs.digest import table_digest
from partnersim.runs.durable_file import write_whole
from partnersim.runs.json_file import json_digest
from partnersim.runs.manifest import configuration_hash, deciding
from partnersim.runs.staged_folder import told
from partnersim.runs.stored_part import StoredPart
from partnersim.runs.sweep_contents import read_contents
from partnersim.runs.sweep_layout import (
    DESIGN_NAME,
    FAILURES_NAME,
    MANIFEST_NAME,
    PARTS_NAME,
    POINTS_NAME,
    SIGNING_NAME,
    SWEEP_FORMAT,
    SweepLayout,
)
from partnersim.runs.tables import as_table
from partnersim.runs.versions import versions

#: So many digits of the configuration's hash name the folder.
HASH_DIGITS = 12


@dataclass(frozen=True)
class SweepFacts:
    """What a sweep is, told before its first run.

    Attributes
    ----------
    experiment : str
        Name of the experiment.
    configuration : mapping
        The whole composed configuration as plain data.
    design : mapping
        ``kind``, ``points``, ``seed`` of the design.
    seed, replicates : int
    reference : str
    world_digest : str
    assumed_coefficients : sequence of str
    layout : SweepLayout
    points : DataFrame
        ``point`` and one column per factor.
    factors : sequence of mapping
        Of each factor: ``factor, kind, low, high, unit, meaning, origin``.
    """

    experiment: str
    configuration: Mapping[str, Any]
    design: Mapping[str, Any]
    seed: int
    replicates: int
    reference: str
    world_digest: str
    assumed_coefficients: Sequence[str]
    layout: SweepLayout
    points: pd.DataFrame
    factors: Sequence[Mapping[str, Any]]

    @property
    def configuration_hash(self) -> str:
        """Hash of the settings that decide the results."""
        return configuration_hash(self.configuration)

    @property
    def whole_design(self) -> dict[str, Any]:
        """Kind, points and seed of the design, its factors, and the axes of the results."""
        return {
            **self.design,
            "layout": self.layout.as_json(),
            "factors": [dict(factor) for factor in self.factors],
        }

    def folder(self, output: Path) -> Path:
        """Return where the sweep lies below the folder of all results."""
        return output / self.experiment / self.configuration_hash[:HASH_DIGITS]

    def manifest(self) -> dict[str, Any]:
        """Return the manifest of a sweep that has not finished; holds no time and no place."""
        return {
            "format": SWEEP_FORMAT,
            "experiment": self.experiment,
            "versions": versions(),
            "seed": self.seed,
            "replicates": self.replicates,
            "reference": self.reference,
            "policies": list(self.layout.policies),
            "metrics": list(self.layout.metrics),
            "quarters": list(self.layout.quarters),
            "design": dict(self.design),
            "design_digest": json_digest(self.whole_design),
            "points_digest": points_digest(self.points),
            "world_digest": self.world_digest,
            "configuration_hash": self.configuration_hash,
            "runs_planned": self.layout.runs,
            "runs_done": 0,
            "runs_failed": 0,
            "digest": None,
            "assumed_coefficients": sorted(self.assumed_coefficients),
            "configuration": deciding(self.configuration),
        }


def points_digest(points: pd.DataFrame) -> str:
    """Return the digest of a sample of futures."""
    return table_digest(as_table(points))


def begin_sweep(folder: Path, facts: SweepFacts) -> None:
    """Write what a sweep is, before its first run.

    The manifest comes last: a folder with a manifest can be resumed.

    Raises
    ------
    InputError
        If the folder cannot be written or holds something else.
    """
    with told(folder):
        if folder.exists() and not folder.is_dir():
            raise InputError(f"{folder}: is a file, but results need a folder")
        (folder / PARTS_NAME).mkdir(parents=True, exist_ok=True)
        write_whole(folder / POINTS_NAME, partial(_compressed, as_table(facts.points)))
        write_json(folder / DESIGN_NAME, facts.whole_design)
        write_json(folder / MANIFEST_NAME, facts.manifest())


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write plain data as JSON, whole or not at all."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    write_whole(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def finish_sweep(
    folder: Path,
    manifest: Mapping[str, Any],
    layout: SweepLayout,
    points: pd.DataFrame,
    parts: Sequence[StoredPart],
) -> dict[str, Any]:
    """Write the digest, the failures and the counts over all parts, reading one at a time.

    Parameters
    ----------
    folder : Path
        The sweep's folder.
    manifest : mapping
        As begun.
    layout : SweepLayout
    points : DataFrame
        The futures.
    parts : sequence of StoredPart
        All runs, in order, without overlaps.

    Returns
    -------
    dict
        The finished manifest. Its digest depends on nothing but the results.
    """
    with told(folder):
        contents = read_contents(parts, layout, points)
        for name, table in ((SIGNING_NAME, contents.signing), (FAILURES_NAME, contents.failures)):
            write_whole(folder / name, partial(_compressed, table))
        finished = {
            **manifest,
            "runs_done": layout.runs - contents.failures.num_rows,
            "runs_failed": contents.failures.num_rows,
            "digest": contents.digest,
        }
        write_json(folder / MANIFEST_NAME, finished)
    return finished


def _compressed(table: pa.Table, path: Path) -> None:
    parquet.write_table(table, path, compression="zstd")
