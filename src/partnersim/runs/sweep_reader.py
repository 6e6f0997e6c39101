"""Reading a sweep, finished or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from partnersim.errors import InputError, nearest
from partnersim.runs.digest import table_digest
from partnersim.runs.holdings import Holdings, read_holdings
from partnersim.runs.json_file import json_digest, read_json_group
from partnersim.runs.manifest_check import check_manifest
from partnersim.runs.parquet_table import read_table
from partnersim.runs.part import EARLIER, ENDING
from partnersim.runs.staged_folder import EXPORT_NAME, REPORT_NAME
from partnersim.runs.stored_part import StoredPart
from partnersim.runs.sweep_contents import (
    failures_frame,
    positions,
    read_contents,
    signing_sum,
)
from partnersim.runs.sweep_layout import (
    DESIGN_NAME,
    MANIFEST_NAME,
    PARTS_NAME,
    POINTS_NAME,
    SWEEP_FORMAT,
    SweepLayout,
)
from partnersim.runs.versions import check_format

#: Columns that say which run a row belongs to.
RUN_KEYS = ("policy", "point", "replicate")
FACTOR_COLUMNS = ("factor", "kind", "low", "high", "unit", "meaning", "origin")


@dataclass(frozen=True)
class StoredSweep:
    """A sweep on disk; tables are read when asked for, and hold what is done so far.

    Attributes
    ----------
    folder : Path
        Where it lies.
    manifest : dict
        What was run: ``experiment, configuration, configuration_hash, digest`` (None until all
        runs are done), ``seed, replicates, reference, versions, design`` (``kind, points,
        seed``), ``assumed_coefficients, runs_planned, runs_done, runs_failed`` (both as at the end
        of the sweep; `held` tells what is there now).
    layout : SweepLayout
        Policies, metrics, quarters and other axes.
    factors : DataFrame
        ``factor`` (path), ``kind``, ``low``, ``high``, ``unit``, ``meaning``, ``origin``.
    whole : tuple of StoredPart, optional
        Its parts, if who opened it knows that they are whole.
    """

    folder: Path
    manifest: dict[str, Any]
    layout: SweepLayout
    factors: pd.DataFrame
    whole: tuple[StoredPart, ...] | None = None

    @property
    def policies(self) -> list[str]:
        """Policies, the reference first."""
        return list(self.layout.policies)

    @property
    def reference(self) -> str:
        """The policy that the others are compared with."""
        return str(self.manifest["reference"])

    @property
    def metrics(self) -> list[str]:
        """Metrics that were kept."""
        return list(self.layout.metrics)

    @cached_property
    def held(self) -> Holdings:
        """What is there when first asked; every part is opened and its digest recomputed."""
        if self.whole is not None:
            return Holdings(self.whole, (), self.layout.runs)
        sweep = str(self.manifest["configuration_hash"])
        return read_holdings(self.folder / PARTS_NAME, sweep, self.layout)

    @property
    def parts(self) -> tuple[StoredPart, ...]:
        """The parts that are whole, in the order of their runs."""
        return self.held.parts

    @property
    def warning(self) -> str:
        """What is not there and how to get it, in one line; empty if all runs are there."""
        held = self.held
        if held.complete:
            return ""
        number = f"only {held.there:,}" if held.there else "none"
        return (
            f"{self.folder}: {number} of {held.planned:,} runs are there ({held.loss}); run the"
            f" rest with: partnersim resume {self.folder}"
        )

    def outdated(self) -> list[str]:
        """Return the names of what was made of the sweep before its last part was written."""
        if not self.parts:
            return []
        last = max(part.path.stat().st_mtime_ns for part in self.parts)
        made = {REPORT_NAME: REPORT_NAME, EXPORT_NAME: f"{EXPORT_NAME}/*"}
        return [
            name
            for name, pattern in made.items()
            if any(path.stat().st_mtime_ns < last for path in self.folder.glob(pattern))
        ]

    def points(self) -> pd.DataFrame:
        """Return the futures: ``point``, then one column per factor.

        Raises
        ------
        InputError
            If they are not those that the sweep was begun with.
        """
        return self._points.copy()

    @cached_property
    def _points(self) -> pd.DataFrame:
        table = read_table(self.folder / POINTS_NAME)
        if table_digest(table) != self.manifest["points_digest"]:
            raise InputError(f"{self.folder}: {POINTS_NAME} was changed (its digest differs)")
        return table.to_pandas()

    def runs(self, metrics: Sequence[str] | None = None) -> pd.DataFrame:
        """Return one row per run: the metrics at the end of the horizon.

        Parameters
        ----------
        metrics : sequence of str, optional
            Only these.

        Returns
        -------
        DataFrame
            ``policy`` (category), ``point``, ``replicate``, then the metrics; sorted by policy
            in the order of the design, point, replicate. Failed runs are absent.

        Raises
        ------
        InputError
            If a metric was not kept.
        """
        names = self._known(metrics)
        return self._rows([ENDING], names).drop(columns="quarter")

    def quarters(self, metrics: Sequence[str] | None = None) -> pd.DataFrame:
        """Return one row per run and kept quarter; columns as in `runs`, with ``quarter``.

        Raises
        ------
        InputError
            If a metric was not kept.
        """
        return self._rows([ENDING, EARLIER], self._known(metrics))

    def signing(self) -> pd.DataFrame:
        """Return in how many runs of a policy, over all futures, a pair is in force.

        Returns
        -------
        DataFrame
            ``policy, iso3, instrument, year, in_force, runs``: runs in which the pair is in
            force at the end of the year, and runs of the policy; pairs never in force are left
            out.
        """
        frame = signing_sum(self.parts, self.layout).to_pandas()
        done = self.runs([])["policy"].value_counts()
        frame["runs"] = frame["policy"].map(done).astype(np.int64)
        return frame

    def failures(self) -> pd.DataFrame:
        """Return the runs that failed: ``policy, point, replicate, error``, then the factors."""
        return failures_frame(self.parts, self.layout, self.points())

    def recomputed_digest(self) -> str:
        """Return the digest of the tables as they are now, reading a part at a time.

        It equals ``manifest["digest"]`` as long as nobody changed a value.
        """
        return read_contents(self.parts, self.layout, self.points(), recompute=True).digest

    def _known(self, metrics: Sequence[str] | None) -> list[str]:
        if metrics is None:
            return self.metrics
        unknown = [name for name in metrics if name not in self.layout.metrics]
        if unknown:
            raise InputError(
                f"{self.folder}: holds no metric '{name}'{nearest(name, self.layout.metrics)}"
                for name in unknown
            )
        return list(dict.fromkeys(metrics))

    def _rows(self, groups: Sequence[int], metrics: list[str]) -> pd.DataFrame:
        columns = [*RUN_KEYS, "quarter", *metrics]
        tables = [part.read(group, columns) for part in self.parts for group in groups]
        if not tables:
            raise InputError(self.warning)
        rows = pa.concat_tables(tables).select(columns)
        words = {"policy": self.layout.policies, "quarter": self.layout.quarters}
        codes = {name: positions(rows.column(name), known) for name, known in words.items()}
        order = np.lexsort(
            (
                codes["quarter"],
                rows["replicate"].to_numpy(),
                rows["point"].to_numpy(),
                codes["policy"],
            )
        )
        for name, known in words.items():
            column = pa.DictionaryArray.from_arrays(pa.array(codes[name]), pa.array(list(known)))
            rows = rows.set_column(rows.column_names.index(name), name, column)
        return rows.take(pa.array(order)).to_pandas()


def is_sweep(folder: Path) -> bool:
    """Tell whether a folder holds a sweep, finished or not."""
    try:
        facts = read_json_group(folder / MANIFEST_NAME)
    except (FileNotFoundError, InputError):
        return False
    return str(facts.get("format", "")).startswith("sweep")


def read_sweep(folder: Path | str, *, whole: Sequence[StoredPart] | None = None) -> StoredSweep:
    """Open a sweep.

    Parameters
    ----------
    folder : Path or str
        Its folder, such as ``results/robustness/1f0c94a27b3e``, or the folder above it if that
        holds only one sweep.
    whole : sequence of StoredPart, optional
        Its parts, if they are known to be whole; otherwise they are checked when first needed.

    Returns
    -------
    StoredSweep

    Raises
    ------
    InputError
        If the folder holds no sweep, one of another format, or a broken one.
    """
    place = _sweep_in(Path(folder).expanduser())
    try:
        facts = read_json_group(place / MANIFEST_NAME)
        if not str(facts.get("format", "")).startswith("sweep"):
            raise InputError(f"{place}: holds no sweep")
        check_format(place, facts, SWEEP_FORMAT)
        check_manifest(place / MANIFEST_NAME, facts, sweep=True)
        design = read_json_group(place / DESIGN_NAME)
        # The first sweeps of version 0.1.0 kept no digest of it.
        if facts.get("design_digest") not in (None, json_digest(design)):
            told = "damaged or changed by hand (its digest differs)"
            raise InputError(f"{place / DESIGN_NAME}: {told}")
    except FileNotFoundError as failure:
        missing = Path(str(failure.filename)).name
        raise InputError(f"{place}: holds no sweep (no {missing})") from None
    if not (place / POINTS_NAME).is_file():
        raise InputError(f"{place}: lacks {POINTS_NAME}")
    try:
        layout = SweepLayout.from_json(design["layout"])
        factors = pd.DataFrame(design["factors"], columns=list(FACTOR_COLUMNS))
    except (KeyError, TypeError, ValueError) as failure:
        first = str(failure).splitlines()[0]
        raise InputError(f"{place / DESIGN_NAME}: damaged, cannot be read ({first})") from None
    if (layout.replicates, layout.runs) != (facts["replicates"], facts["runs_planned"]):
        raise InputError(f"{place}: {MANIFEST_NAME} and {DESIGN_NAME} do not fit each other")
    return StoredSweep(place, facts, layout, factors, None if whole is None else tuple(whole))


def _sweep_in(folder: Path) -> Path:
    """Return the folder itself, or the one sweep that it holds."""
    if (folder / MANIFEST_NAME).exists() or not folder.is_dir():
        return folder
    inside = sorted(path.parent for path in folder.glob(f"*/{DESIGN_NAME}"))
    if len(inside) > 1:
        names = ", ".join(path.name for path in inside)
        raise InputError(f"{folder}: holds several sweeps, name one of them ({names})")
    return inside[0] if inside else folder
