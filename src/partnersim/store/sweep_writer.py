"""The folder of a sweep: begun with its design, finished with its digest."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as parquet

from partnersim.errors import InputError
from partnersim.store.digest import ContentDigest, combined
from partnersim.store.durable_file import write_whole
from partnersim.store.manifest import OUTSIDE_THE_HASH, configuration_hash
from partnersim.store.part import QUARTER_BLOCK, Failure, StoredPart, signing_table
from partnersim.store.staged_folder import told
from partnersim.store.sweep_layout import (
    DESIGN_NAME,
    FAILURES_NAME,
    MANIFEST_NAME,
    PARTS_NAME,
    POINTS_NAME,
    SIGNING_NAME,
    SWEEP_FORMAT,
    SweepLayout,
)
from partnersim.store.tables import as_table

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

    def folder(self, output: Path) -> Path:
        """Return where the sweep lies below the folder of all results."""
        return output / self.experiment / self.configuration_hash[:HASH_DIGITS]

    def manifest(self) -> dict[str, Any]:
        """Return the manifest of a sweep that has not finished; holds no time and no place."""
        deciding = {
            key: value
            for key, value in self.configuration.items()
            if key not in OUTSIDE_THE_HASH or key == "experiment"
        }
        return {
            "format": SWEEP_FORMAT,
            "experiment": self.experiment,
            "versions": {
                "partnersim": version("partnersim"),
                "python": platform.python_version(),
                "numpy": version("numpy"),
                "numba": version("numba"),
            },
            "seed": self.seed,
            "replicates": self.replicates,
            "reference": self.reference,
            "policies": list(self.layout.policies),
            "metrics": list(self.layout.metrics),
            "quarters": list(self.layout.quarters),
            "design": dict(self.design),
            "points_digest": points_digest(self.points),
            "world_digest": self.world_digest,
            "configuration_hash": self.configuration_hash,
            "runs_planned": self.layout.runs,
            "runs_done": 0,
            "runs_failed": 0,
            "digest": None,
            "assumed_coefficients": sorted(self.assumed_coefficients),
            "configuration": deciding,
        }


def points_digest(points: pd.DataFrame) -> str:
    """Return the digest of a sample of futures."""
    digest = ContentDigest(())
    digest.update(as_table(points))
    return digest.hexdigest()


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
        points = as_table(facts.points)
        write_whole(
            folder / POINTS_NAME, lambda path: parquet.write_table(points, path, compression="zstd")
        )
        design = {
            **facts.design,
            "layout": facts.layout.as_json(),
            "factors": [dict(factor) for factor in facts.factors],
        }
        write_json(folder / DESIGN_NAME, design)
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
    runs = ContentDigest(QUARTER_BLOCK)
    failures: list[Failure] = []
    in_force = no_counts(layout)
    with told(folder):
        for part in parts:
            for table in part.quarters():
                runs.update(table)
            failures.extend(part.failures)
            add_counts(in_force, layout, part.signing())
        signing = signing_table(layout, in_force)
        failed = as_table(failures_frame(failures, layout, points))
        digests = {"runs": runs.hexdigest()}
        for name, table in (("signing", signing), ("failures", failed)):
            digest = ContentDigest(())
            digest.update(table)
            digests[name] = digest.hexdigest()
        for name, table in ((SIGNING_NAME, signing), (FAILURES_NAME, failed)):
            write_whole(
                folder / name,
                lambda path, table=table: parquet.write_table(table, path, compression="zstd"),
            )
        finished = {
            **manifest,
            "runs_done": layout.runs - len(failures),
            "runs_failed": len(failures),
            "digest": combined(digests),
        }
        write_json(folder / MANIFEST_NAME, finished)
    return finished


def no_counts(layout: SweepLayout) -> npt.NDArray[np.int64]:
    """Return zeros, (policies, years, countries, instruments)."""
    return np.zeros(
        (len(layout.policies), len(layout.years), len(layout.iso3), len(layout.instruments)),
        np.int64,
    )


def add_counts(counts: npt.NDArray[np.int64], layout: SweepLayout, table: pa.Table) -> None:
    """Add the counts of one part's table to (policies, years, countries, instruments)."""
    if table.num_rows == 0:
        return
    places = [
        _positions(table.column("policy"), layout.policies),
        np.searchsorted(np.asarray(layout.years), table.column("year").to_numpy()),
        _positions(table.column("iso3"), layout.iso3),
        _positions(table.column("instrument"), layout.instruments),
    ]
    counts[tuple(places)] += table.column("in_force").to_numpy()


def _positions(column: pa.ChunkedArray, names: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return where the words of a column stand among names."""
    words = column.combine_chunks()
    if not pa.types.is_dictionary(words.type):
        words = words.dictionary_encode()
    place = {name: position for position, name in enumerate(names)}
    of_code = np.array([place[word] for word in words.dictionary.to_pylist()], np.int64)
    return of_code[words.indices.to_numpy()]


def failures_frame(
    failures: Sequence[Failure], layout: SweepLayout, points: pd.DataFrame
) -> pd.DataFrame:
    """Return the runs that failed with what went wrong and their inputs.

    Returns
    -------
    DataFrame
        ``policy, point, replicate, error``, then the factors.
    """
    runs = np.array([failure.run for failure in failures], np.int64)
    policy, point, replicate = layout.places(runs)
    frame = pd.DataFrame(
        {
            "policy": [layout.policies[place] for place in policy],
            "point": point,
            "replicate": replicate.astype(np.int32),
            "error": [failure.error for failure in failures],
        }
    ).astype({"policy": str, "error": str})
    inputs = points.drop(columns="point").iloc[point].reset_index(drop=True)
    return pd.concat([frame, inputs], axis=1)
