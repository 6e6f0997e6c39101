"""Reading runs: of an experiment or of a sweep, complete or not, in one shape."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from partnersim.errors import InputError
from partnersim.runs.experiment_reader import StoredExperiment, read_experiment
from partnersim.runs.named_world import NamedWorld, read_named_world
from partnersim.runs.sweep_layout import DESIGN_NAME, MANIFEST_NAME
from partnersim.runs.sweep_reader import FACTOR_COLUMNS, StoredSweep, is_sweep, read_sweep

#: The factor of a design whose futures are listed: the geopolitical climate.
CLIMATE = "geopolitics"


class Runs:
    """The runs of policies in futures, as they lie in a folder; tables are read when asked for.

    Every table has the columns ``policy`` (category, in the order of the design) and ``future``
    (whole number, see `futures`).

    Attributes
    ----------
    folder : Path
        Where they lie.
    manifest : dict
        What was run: ``experiment``, ``seed``, ``configuration``, ``digest`` and more.
    """

    def __init__(self, stored: StoredExperiment | StoredSweep) -> None:
        self._stored = stored
        self.folder: Path = stored.folder
        self.manifest: dict[str, Any] = stored.manifest

    @property
    def policies(self) -> list[str]:
        """Policies, the reference first."""
        return self._stored.policies

    @property
    def reference(self) -> str:
        """The policy that the others are compared with."""
        return str(self.manifest["reference"])

    @property
    def metrics(self) -> list[str]:
        """Metrics that were kept."""
        return list(self.manifest["metrics"])

    @property
    def quarters(self) -> list[str]:
        """Quarters that were kept, such as ``2027Q4``; the last one ends the horizon."""
        return list(self.manifest["quarters"])

    @property
    def replicates(self) -> int:
        """Runs of every policy in every future."""
        return int(self.manifest["replicates"])

    @property
    def kind(self) -> str:
        """How the futures came about: ``listed``, or the kind of the design."""
        return str(self.manifest.get("design", {"kind": "listed"})["kind"])

    @property
    def planned(self) -> int:
        """Runs of the whole design, done or not."""
        if isinstance(self._stored, StoredSweep):
            return self._stored.held.planned
        return len(self._stored.arms) * self.replicates

    @property
    def loss(self) -> str:
        """What is not there, in words; empty if all runs are there."""
        return self._stored.held.loss if isinstance(self._stored, StoredSweep) else ""

    @property
    def warning(self) -> str:
        """What is not there and how to get it, in one line; empty if all runs are there."""
        return self._stored.warning if isinstance(self._stored, StoredSweep) else ""

    @cached_property
    def futures(self) -> pd.DataFrame:
        """The futures: ``future`` (0, 1, ...), then one column per factor."""
        if isinstance(self._stored, StoredSweep):
            return self._stored.points().rename(columns={"point": "future"})
        climates = self._stored.climates
        return pd.DataFrame({"future": range(len(climates)), CLIMATE: climates})

    @cached_property
    def factors(self) -> pd.DataFrame:
        """What varies: ``factor, kind, low, high, unit, meaning, origin``."""
        if isinstance(self._stored, StoredSweep):
            return self._stored.factors
        row = (CLIMATE, "choice", np.nan, np.nan, "", "Geopolitical climate", "setting")
        return pd.DataFrame([row], columns=list(FACTOR_COLUMNS))

    @cached_property
    def world(self) -> NamedWorld:
        """Names of countries and instruments, and what was in force at the start."""
        return read_named_world(self.folder)

    def world_table(self, name: Literal["partners", "instruments", "network"]) -> pd.DataFrame:
        """Return a table of the world as it was used: every column that it has."""
        return pd.read_parquet(self.folder / f"{name}.parquet")

    def outcomes(
        self,
        metrics: Sequence[str] | None = None,
        quarters: Literal["end", "all"] = "end",
        *,
        policy: str | None = None,
        future: int | None = None,
    ) -> pd.DataFrame:
        """Return the metrics of every run at the end of the horizon, or in all kept quarters.

        Parameters
        ----------
        metrics : sequence of str, optional
            Only these.
        quarters : {"end", "all"}
            One row per run, or one per run and quarter.
        policy : str, optional
            Only the runs of this policy.
        future : int, optional
            Only the runs of this future.

        Returns
        -------
        DataFrame
            ``policy``, ``future``, ``replicate``, [``quarter``,] then the metrics; sorted by
            these. Failed runs are absent.

        Raises
        ------
        InputError
            If a metric was not kept.
        """
        stored = self._stored
        if isinstance(stored, StoredSweep):
            rows = stored.runs(metrics) if quarters == "end" else stored.quarters(metrics)
            rows = rows.rename(columns={"point": "future"})
        else:
            names = self.metrics if metrics is None else list(dict.fromkeys(metrics))
            rows = self._by_future(stored.table("metrics", names))
            if quarters == "end":
                rows = rows[rows["quarter"].astype(str) == self.quarters[-1]]
                rows = rows.drop(columns="quarter")
        return _only(rows, policy, future)

    def events(self, *, policy: str | None = None, future: int | None = None) -> pd.DataFrame:
        """Return the event logs, in the order in which things happened.

        Returns
        -------
        DataFrame
            ``policy, future, replicate, quarter, event, iso3, instrument, other, stage,
            direction, shock`` (empty where it does not apply), ``severity``.

        Raises
        ------
        InputError
            If no events were kept.
        """
        return self._kept("events", policy, future)

    def countries(self, *, policy: str | None = None, future: int | None = None) -> pd.DataFrame:
        """Return every partner at the ends of years, mean over replicates.

        Returns
        -------
        DataFrame
            ``policy, future, quarter, iso3``, ``depth_<area>`` and ``depth`` (0..4),
            ``instruments``, ``links`` (counts), ``invested`` (million EUR), ``alignment`` (0..1).
        """
        return self._kept("countries", policy, future)

    def links(self, *, policy: str | None = None, future: int | None = None) -> pd.DataFrame:
        """Return the share of runs in which two partners are linked at the end.

        Returns
        -------
        DataFrame
            ``policy, future, iso3_a, iso3_b, probability`` in (0, 1]; pairs that are linked in no
            run are left out.
        """
        return self._kept("links", policy, future)

    def in_force(self, *, by_future: bool = False) -> pd.DataFrame:
        """Return in how many runs a pair is in force at the end of a year.

        Parameters
        ----------
        by_future : bool
            Whether futures are told apart (listed futures only), or counted together.

        Returns
        -------
        DataFrame
            ``policy``, [``future``,] ``iso3``, ``instrument``, ``year``, ``in_force`` (runs),
            ``runs`` (of the policy, in the future). Pairs that are never in force are left out.
        """
        if isinstance(self._stored, StoredSweep):
            if by_future:
                raise InputError(f"{self.folder}: holds no counts by future")
            return self._stored.signing()
        rows = self._kept("signing", None, None).rename(columns={"by": "year"})
        rows["in_force"] = np.rint(rows["probability"] * self.replicates).astype(np.int64)
        keys = ["policy", *(["future"] if by_future else []), "iso3", "instrument", "year"]
        summed = rows.groupby(keys, observed=True)["in_force"].sum().reset_index()
        summed["runs"] = self.replicates * (1 if by_future else len(self.futures))
        return summed[summed["in_force"] > 0].reset_index(drop=True)

    def shock_response(self) -> pd.DataFrame:
        """Return what every tested shock changes: runs with it minus the same without it.

        Returns
        -------
        DataFrame
            ``shock``, ``policy``, ``future``, ``quarters_since``, ``metric``, ``difference`` with
            its 95 % t interval ``low``, ``high``; ``unstruck``, the mean without the shock, and
            ``runs``. Empty if no shock was tested.
        """
        if isinstance(self._stored, StoredSweep) or not self._stored.has("response"):
            names = "shock policy future quarters_since metric difference low high unstruck runs"
            return pd.DataFrame(columns=names.split())
        return self._kept("response", None, None)

    def failures(self) -> pd.DataFrame:
        """Return the runs that failed: ``policy, future, replicate, error``, then the factors."""
        if isinstance(self._stored, StoredSweep):
            return self._stored.failures().rename(columns={"point": "future"})
        return pd.DataFrame(columns=["policy", "future", "replicate", "error", CLIMATE])

    def _kept(self, name: str, policy: str | None, future: int | None) -> pd.DataFrame:
        if isinstance(self._stored, StoredSweep):
            raise InputError(f"{self.folder}: holds no {name}")
        return _only(self._by_future(self._stored.table(name)), policy, future)

    def _by_future(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Replace the name of the climate by the number of its future."""
        assert isinstance(self._stored, StoredExperiment)
        place = {climate: number for number, climate in enumerate(self._stored.climates)}
        rows = rows.assign(
            policy=pd.Categorical(rows["policy"].astype(str), self.policies, ordered=True),
            climate=rows["climate"].astype(str).map(place).astype(np.int64),
        ).rename(columns={"climate": "future"})
        return rows.sort_values(["policy", "future"], kind="stable", ignore_index=True)


def _only(rows: pd.DataFrame, policy: str | None, future: int | None) -> pd.DataFrame:
    """Return the rows of one policy, one future."""
    if policy is not None:
        rows = rows[rows["policy"] == policy]
    if future is not None:
        rows = rows[rows["future"] == future]
    return rows.reset_index(drop=True)


def read_runs(folder: Path | str) -> Runs:
    """Open the results of an experiment or of a sweep, complete or not.

    Parameters
    ----------
    folder : Path or str
        Its folder, or the folder above it if that holds only one.

    Returns
    -------
    Runs

    Raises
    ------
    InputError
        If the folder holds no results, those of another format, or broken ones.
    """
    place = Path(folder).expanduser()
    if not (place / MANIFEST_NAME).exists():
        if any(place.glob(f"*/{DESIGN_NAME}")):
            return Runs(read_sweep(place))
        inside = sorted(path.parent for path in place.glob(f"*/{MANIFEST_NAME}"))
        if len(inside) == 1:
            place = inside[0]
    return Runs(read_sweep(place) if is_sweep(place) else read_experiment(place))
