"""Writing an experiment, arm by arm, so that memory holds one arm at a time."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Self

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as parquet
import pyarrow.types as kinds

from partnersim.errors import InputError
from partnersim.runs.countries import country_means
from partnersim.runs.digest import ContentDigest, combined
from partnersim.runs.experiment_reader import StoredExperiment, read_experiment
from partnersim.runs.links import link_probabilities
from partnersim.runs.manifest import MANIFEST_NAME, ExperimentFacts, manifest
from partnersim.runs.response import shock_response
from partnersim.runs.signing import signing
from partnersim.runs.staged_folder import StagedFolder, told
from partnersim.runs.summary import last_quarter, summary
from partnersim.runs.tables import (
    BLOCK_KEYS,
    METRIC_KEYS,
    Ensemble,
    as_table,
    events_table,
    labelled,
    metrics_table,
)

COMPRESSION = "zstd"


class ExperimentWriter:
    """Write the results of an experiment into a folder that appears only when it is complete.

    Use it as a context: leaving the block without `finish` removes what was written and leaves
    earlier results as they were.

    Parameters
    ----------
    folder : Path
        Folder of the experiment, such as ``results/default``.
    facts : ExperimentFacts
        Configuration, seed and the like, for the manifest.
    countries, instruments, network : DataFrame
        The world's tables as used, kept beside the results so that they can be read alone.

    Raises
    ------
    InputError
        If the folder cannot be written, or holds something that is not an experiment.
    """

    def __init__(
        self,
        folder: Path,
        facts: ExperimentFacts,
        *,
        countries: pd.DataFrame,
        instruments: pd.DataFrame,
        network: pd.DataFrame,
    ) -> None:
        self._facts = facts
        self._world = {"partners": countries, "instruments": instruments, "network": network}
        self._endings: dict[tuple[str, str], tuple[str, pd.DataFrame]] = {}
        self._files: dict[str, parquet.ParquetWriter] = {}
        self._digests: dict[str, ContentDigest] = {}
        self._rows: dict[str, int] = {}
        self._quarters: list[str] = []
        self._metrics: list[str] = []
        self._finished = False
        self._stage = StagedFolder(folder)

    def __enter__(self) -> Self:
        """Return the writer itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Discard what was written unless it was finished."""
        if not self._finished:
            for file in self._files.values():
                try:
                    file.close()
                except OSError:
                    continue  # on a full disk closing fails as well; the folder goes anyway
            self._stage.discard()

    def add_arm(self, policy: str, climate: str, ensemble: Ensemble) -> None:
        """Write the runs of one policy in one climate.

        Parameters
        ----------
        policy, climate : str
            Names of the arm; each pair once.
        ensemble : Ensemble
            Its runs.

        Raises
        ------
        InputError
            If the arm is there already, its metrics differ from those of the first arm, or the
            disk is full.
        """
        if (policy, climate) in self._endings:
            raise InputError(f"policy '{policy}' in climate '{climate}': given twice")
        metrics = metrics_table(policy, climate, ensemble.metrics)
        names = [name for name in metrics.column_names if name not in METRIC_KEYS]
        if self._endings and names != self._metrics:
            raise InputError(f"policy '{policy}' in climate '{climate}': has other metrics")
        self._metrics = names
        self._quarters = sorted(set(self._quarters) | set(metrics["quarter"].unique().to_pylist()))
        self._append("metrics", metrics)
        self._append("events", events_table(policy, climate, ensemble.events))
        self._endings[policy, climate] = last_quarter(ensemble.metrics)
        for name, frame in (
            ("countries", country_means(ensemble)),
            ("signing", signing(ensemble)),
            ("links", link_probabilities(ensemble)),
        ):
            self._append(name, as_table(labelled(policy, climate, frame)))

    def add_response(
        self,
        shock: str,
        policy: str,
        climate: str,
        *,
        struck_at: str,
        struck: pd.DataFrame,
        unstruck: pd.DataFrame,
    ) -> None:
        """Add what a scheduled shock changes under one policy in one climate.

        Parameters
        ----------
        shock : str
            Type of the shock.
        policy, climate : str
            The arm.
        struck_at : str
            Quarter of the shock, such as ``2027Q1``.
        struck, unstruck : DataFrame
            Metrics of the same replicates with and without it.
        """
        response = labelled(policy, climate, shock_response(shock, struck_at, struck, unstruck))
        self._append("response", as_table(response))

    def finish(self) -> StoredExperiment:
        """Write what rests on all arms and the manifest, and let the folder appear.

        Returns
        -------
        StoredExperiment
            The experiment as read back from its folder.
        """
        if not self._endings:
            raise InputError(f"{self._stage.target}: an experiment needs at least one arm")
        self._append("summary", as_table(summary(self._endings, self._facts.reference)))
        for name, frame in self._world.items():
            self._append(name, as_table(frame))
        with told(self._stage.target):
            for file in self._files.values():
                file.close()
            digests = {name: digest.hexdigest() for name, digest in sorted(self._digests.items())}
            facts = manifest(
                self._facts,
                arms=list(self._endings),
                quarters=self._quarters,
                metrics=self._metrics,
                rows=dict(sorted(self._rows.items())),
                table_digests=digests,
                digest=combined(digests),
            )
            text = json.dumps(facts, indent=1, ensure_ascii=False) + "\n"
            (self._stage.path / MANIFEST_NAME).write_text(text, encoding="utf-8")
        self._stage.publish()
        self._finished = True
        return read_experiment(self._stage.target)

    def _append(self, name: str, table: pa.Table) -> None:
        """Write rows to a table's file and take them into its digest."""
        with told(self._stage.target):
            if name not in self._files:
                words = [
                    column.name
                    for column in table.schema
                    if kinds.is_dictionary(column.type) or kinds.is_string(column.type)
                ]
                self._files[name] = parquet.ParquetWriter(
                    self._stage.path / f"{name}.parquet",
                    table.schema,
                    compression=COMPRESSION,
                    use_dictionary=words,
                )
                self._digests[name] = ContentDigest(BLOCK_KEYS.get(name, ()))
                self._rows[name] = 0
            self._files[name].write_table(table)
        self._digests[name].update(table)
        self._rows[name] += table.num_rows
