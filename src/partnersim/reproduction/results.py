"""The results of one experiment, whatever its kind: read once, analysed when first asked."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from partnersim.compare.evidence import Evidence
from partnersim.compare.resilience import resilience
from partnersim.compare.standing import standing_of
from partnersim.compare.study import Study, holds_sweep, read_study, sweep_study
from partnersim.errors import InputError
from partnersim.runs.digest import combined
from partnersim.runs.experiment_reader import read_experiment
from partnersim.runs.json_file import read_json_group
from partnersim.runs.manifest import MANIFEST_NAME
from partnersim.runs.sweep_reader import StoredSweep, read_sweep
from partnersim.runs.table_folder import read_tables

#: Measures of which losses after shocks are told.
RESILIENT = ("instruments", "depth_mean", "links", "partner_value")


class Results:
    """Results of an experiment on disk.

    Parameters
    ----------
    folder : Path
        Folder of a finished experiment, a sweep or a backtest.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def sweep(self) -> StoredSweep | None:
        """The sweep, if it is one: its parts are opened and checked once."""
        return read_sweep(self.folder) if holds_sweep(self.folder) else None

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What was run."""
        if self.sweep is not None:
            return self.sweep.manifest
        try:
            return read_json_group(self.folder / MANIFEST_NAME)
        except FileNotFoundError as failure:
            raise InputError(f"{self.folder}: holds no results: {failure}") from None

    @property
    def digest(self) -> str:
        """One digest of everything that was found; empty if a sweep is unfinished."""
        facts = self.manifest
        if "digest" in facts:
            return str(facts["digest"] or "")
        return combined(facts["table_digests"])

    @cached_property
    def study(self) -> Study:
        """Policies compared over climates or futures."""
        return read_study(self.folder) if self.sweep is None else sweep_study(self.sweep)

    @cached_property
    def evidence(self) -> Evidence:
        """The analyses of the study."""
        return Evidence(self.study)

    @cached_property
    def losses(self) -> pd.DataFrame:
        """What shocks take, see `partnersim.compare.resilience`."""
        return resilience(read_experiment(self.folder).table("response"), list(RESILIENT))

    @cached_property
    def standing(self) -> pd.DataFrame:
        """When the network stands alone, see `partnersim.compare.standing`."""
        return standing_of(self.sweep or read_sweep(self.folder))

    @cached_property
    def scores(self) -> pd.DataFrame:
        """Scores of a backtest."""
        return read_tables(self.folder, ("scores",))["scores"]
