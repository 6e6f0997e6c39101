"""Reading runs: of an experiment or of a sweep, complete or not, in one shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as compute
import pyarrow.dataset as datasets

from partnersim.errors import InputError, nearest, refuse
from partnersim.runs import folder as store
from partnersim.runs.digest import read_unchanged
from partnersim.runs.intervals import RESPONSE, shock_response
from partnersim.runs.manifest import Layout, read_manifest, results_in
from partnersim.runs.parts import (
    COUNTRIES,
    EVENTS,
    IN_FORCE,
    LINKS,
    METRICS,
    RUN_KEYS,
    Completeness,
    StoredPart,
    completeness,
)
from partnersim.runs.tables import country_means
from partnersim.user_path import user_path

#: Columns of the table of what varies.
FACTOR_COLUMNS = ("factor", "kind", "low", "high", "unit", "meaning", "origin")
#: What is read of the tables of the world.
_WORLD_COLUMNS = {
    "partners": ("iso3", "name"),
    "instruments": ("instrument", "name"),
    "network": ("iso3", "instrument", "stage"),
}


@dataclass(frozen=True)
class WorldNames:
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


class Runs:
    """The runs of policies in futures, as they lie in a folder; tables are read when asked for.

    Tables have the columns ``policy`` (category, in the order of the design) and, where futures
    are told apart, ``future`` (whole number, see `futures`), and hold what is done so far.

    Attributes
    ----------
    folder : Path
        Where they lie.
    manifest : dict
        What was run: ``experiment``, ``seed``, ``reference``, ``configuration``,
        ``configuration_hash``, ``versions``, ``design`` (``kind, points, seed``), ``digest``
        (None until all runs are done) and more.
    layout : Layout
        The axes: policies, metrics, quarters and others.
    """

    def __init__(
        self, folder: Path, manifest: dict[str, Any], held: Completeness | None = None
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        self.layout = Layout.model_validate(manifest)
        self._held = held

    @property
    def policies(self) -> list[str]:
        """Policies, the reference first."""
        return list(self.layout.policies)

    @property
    def reference(self) -> str:
        """The policy that the others are compared with."""
        return str(self.manifest["reference"])

    @property
    def subject(self) -> str:
        """The policy that pictures of one policy show: what was run beside the reference."""
        others = [policy for policy in self.policies if policy != self.reference]
        return others[0] if len(others) == 1 else self.reference

    @property
    def metrics(self) -> list[str]:
        """Metrics that were kept."""
        return list(self.layout.metrics)

    @property
    def quarters(self) -> list[str]:
        """Quarters that were kept, such as ``2027Q4``; the last one ends the horizon."""
        return list(self.layout.quarters)

    @property
    def replicates(self) -> int:
        """Runs of every policy in every future."""
        return int(self.manifest["replicates"])

    @property
    def kind(self) -> str:
        """How the futures came about: ``listed``, or the kind of the design."""
        return str(self.manifest["design"]["kind"])

    @property
    def completeness(self) -> Completeness:
        """What is there when first asked; every part is opened and its checksums recomputed."""
        if self._held is None:
            of = str(self.manifest["configuration_hash"])
            self._held = completeness(self.folder / store.PARTS_NAME, of, self.layout.runs)
        return self._held

    @property
    def planned(self) -> int:
        """Runs of policies in futures, done or not; those of shock tests are left out."""
        return self.layout.compared * self.layout.replicates

    @property
    def loss(self) -> str:
        """What is not there, in words; empty if all runs are there."""
        return self.completeness.loss

    @property
    def warning(self) -> str:
        """What is not there and how to get it, in one line; empty if all runs are there."""
        held = self.completeness
        if held.complete:
            return ""
        number = f"only {held.done:,}" if held.done else "none"
        return (
            f"{self.folder}: {number} of {held.planned:,} runs are there ({held.loss}); run the"
            f" rest with: {store.resume_command(self.folder)}"
        )

    def outdated(self) -> list[str]:
        """Return the names of what was made of the runs before the last part was written."""
        parts = self.completeness.parts
        last = max((part.path.stat().st_mtime_ns for part in parts), default=0)
        made = {store.REPORT_NAME: store.REPORT_NAME, store.EXPORT_NAME: f"{store.EXPORT_NAME}/*"}
        return [
            name
            for name, pattern in made.items()
            if any(path.stat().st_mtime_ns < last for path in self.folder.glob(pattern))
        ]

    @cached_property
    def futures(self) -> pd.DataFrame:
        """The futures: ``future`` (0, 1, ...), then one column per factor.

        Raises
        ------
        InputError
            If they are not those that the runs were begun with.
        """
        return read_unchanged(self.folder / store.FUTURES_NAME, self.manifest["futures_digest"])

    @cached_property
    def factors(self) -> pd.DataFrame:
        """What varies: ``factor, kind, low, high, unit, meaning, origin``."""
        frame = pd.DataFrame(self.manifest["factors"], columns=list(FACTOR_COLUMNS))
        return frame.astype({"low": np.float64, "high": np.float64})

    def world_table(self, name: Literal["partners", "instruments", "network"]) -> pd.DataFrame:
        """Return a table of the world as it was used: every column that it has.

        Raises
        ------
        InputError
            If it is not there, damaged or another table.
        """
        if name not in _WORLD_COLUMNS:
            there = f"there are: {', '.join(_WORLD_COLUMNS)}"
            raise InputError(f"name = {name!r}: no table of the world ({there})")
        path = self.folder / f"{name}.parquet"
        table = store.read_table(path)
        for column in _WORLD_COLUMNS[name]:
            if column not in table.column_names:
                raise InputError(f"{path}: was changed (it has no column '{column}')")
        return table.to_pandas()

    @cached_property
    def world(self) -> WorldNames:
        """Names of countries and instruments, and what was in force at the start."""
        partners, instruments = self.world_table("partners"), self.world_table("instruments")
        network = self.world_table("network").query("stage == 'in_force'")
        return WorldNames(
            dict(zip(partners["iso3"], partners["name"], strict=True)),
            dict(zip(instruments["instrument"], instruments["name"], strict=True)),
            set(zip(network["iso3"], network["instrument"], strict=True)),
        )

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
            If a metric was not kept, there is no such policy or future, or no run is there.
        """
        if quarters not in ("end", "all"):
            raise InputError(f"quarters = {quarters!r}: 'end' or 'all'")
        if isinstance(metrics, str):
            raise InputError(f"metrics = {metrics!r}: a list of names, such as [{metrics!r}]")
        wanted = self.metrics if metrics is None else list(dict.fromkeys(metrics))
        refuse(
            f"{self.folder}: holds no metric '{name}'{nearest(name, self.layout.metrics)}"
            for name in wanted
            if name not in self.layout.metrics
        )
        keys = [*RUN_KEYS, *(["quarter"] if quarters == "all" else [])]
        rows = self._read(METRICS, [*keys, *wanted], policy, future, end=quarters == "end")
        return self._sorted(rows, keys)

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
        return self._sorted(self._read(EVENTS, None, policy, future), list(RUN_KEYS))

    def countries(self, *, policy: str | None = None, future: int | None = None) -> pd.DataFrame:
        """Return every partner at the ends of years, mean over replicates.

        Returns
        -------
        DataFrame
            ``policy, future, quarter, iso3``, ``depth_<area>`` and ``depth`` (0..4),
            ``instruments``, ``links`` (counts), ``invested`` (million EUR), ``alignment`` (0..1).

        Raises
        ------
        InputError
            If countries were not kept.
        """
        keys = ["policy", "future", "quarter", "iso3"]
        return country_means(self._summed(COUNTRIES, keys, policy, future))

    def links(self, *, policy: str | None = None, future: int | None = None) -> pd.DataFrame:
        """Return the share of runs in which two partners are linked at the end.

        Returns
        -------
        DataFrame
            ``policy, future, iso3_a, iso3_b, probability`` in (0, 1]; pairs that are linked in no
            run are left out.

        Raises
        ------
        InputError
            If links were not kept.
        """
        rows = self._summed(LINKS, ["policy", "future", "iso3_a", "iso3_b"], policy, future)
        share = rows.pop("linked") / self._runs_of(rows, ["policy", "future"])
        return rows.assign(probability=share)

    def in_force(
        self, *, by_future: bool = False, policy: str | None = None, future: int | None = None
    ) -> pd.DataFrame:
        """Return in how many runs a pair is in force at the end of a year.

        Parameters
        ----------
        by_future : bool
            Whether futures are told apart (listed futures only), or counted together.
        policy : str, optional
            Only the runs of this policy.
        future : int, optional
            Only the runs of this future; it counts as told apart.

        Returns
        -------
        DataFrame
            ``policy``, [``future``,] ``iso3``, ``instrument``, ``year``, ``in_force`` (runs),
            ``runs`` (of the policy, in the future); of listed futures also ``moved``, the runs in
            which the pair has reached at least one new stage by then. Pairs that are in force at
            the start are among them (see `world`); without any run they are left out.

        Raises
        ------
        InputError
            If futures are to be told apart, and were not, or there is no such policy or future.
        """
        apart = by_future or future is not None
        if apart and not self.layout.detailed:
            raise InputError(f"{self.folder}: counts who signs over all futures together")
        groups = ["policy", *(["future"] if apart else [])]
        rows = self._summed(IN_FORCE, [*groups, "iso3", "instrument", "year"], policy, future)
        return rows.assign(runs=self._runs_of(rows, groups))

    def shock_response(self, metrics: Sequence[str] | None = None) -> pd.DataFrame:
        """Return what every tested shock changes: runs with it minus the same without it.

        Parameters
        ----------
        metrics : sequence of str, optional
            Only these.

        Returns
        -------
        DataFrame
            ``shock``, ``policy``, ``future``, ``quarters_since``, ``metric``, ``difference`` with
            its 95 % t interval ``low``, ``high``; ``unstruck``, the mean without the shock, and
            ``runs``. Without shocks of which no run is there with its counterpart.
        """
        policy, found = self.policies[0], []
        if self.layout.shock_tests:
            unstruck = self.outcomes(metrics, "all", policy=policy, future=0)
        for place, shock in enumerate(self.layout.shock_tests):
            struck = self.outcomes(metrics, "all", future=self.layout.futures + place)
            both = np.intersect1d(struck["replicate"], unstruck["replicate"])
            if not len(both):
                continue  # not there yet
            pair = (runs[runs["replicate"].isin(both)] for runs in (struck, unstruck))
            found.append(shock_response(shock, self.manifest["test_quarter"], *pair))
        response = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=RESPONSE)
        response.insert(1, "policy", policy)
        response.insert(2, "future", 0)
        return response

    def failures(self) -> pd.DataFrame:
        """Return the runs that failed: ``policy, future, replicate, error``, then the factors."""
        failures = [failure for part in self.completeness.parts for failure in part.failures]
        policy, future, replicate = self.layout.places(np.array([f.run for f in failures], int))
        frame = pd.DataFrame(
            {
                "policy": [self.layout.policies[place] for place in policy],
                "future": future,
                "replicate": replicate.astype(np.int32),
                "error": [failure.error for failure in failures],
            }
        ).astype({"policy": str, "error": str})
        return frame.merge(self.futures, on="future", how="left")

    def _read(
        self,
        table: str,
        columns: list[str] | None = None,
        policy: str | None = None,
        future: int | None = None,
        *,
        end: bool = False,
    ) -> pa.Table:
        """Return rows of a table of all parts; of metrics at the end only the last row group."""
        wanted = self._wanted(table, policy, future)
        with store.reading_tables(self.folder / store.PARTS_NAME):
            files = [part.file(table) for part in self._parts_of(policy, future)]
            data: Any = datasets.dataset(files, format="parquet")
            if end:
                # The last kept quarter is a row group of its own.
                parts = [
                    part.subset(row_group_ids=[part.num_row_groups - 1])
                    for part in data.get_fragments()
                    if part.num_row_groups
                ]
                data = datasets.FileSystemDataset(parts, data.schema, data.format)
            return data.to_table(columns, wanted, use_threads=False)

    def _summed(
        self, table: str, keys: list[str], policy: str | None = None, future: int | None = None
    ) -> pd.DataFrame:
        """Return counts summed over parts, never many more rows at a time than there are sums."""
        wanted = self._wanted(table, policy, future)
        parts = self._parts_of(policy, future)
        read: list[pa.Table] = []
        most = 0
        for part in parts:
            rows = store.read_table(part.file(table), filters=wanted)
            columns = [*keys, *(c for c in rows.column_names if c not in (*keys, "future"))]
            read.append(rows.select(columns))
            if part is parts[-1] or sum(map(len, read)) > most:
                rows = pa.concat_tables(read).unify_dictionaries()
                groups = rows.group_by(keys, use_threads=False)
                sums = groups.aggregate([(name, "sum") for name in columns[len(keys) :]])
                read = [sums.rename_columns(columns)]
                most = 2 * len(sums)
        return self._sorted(read[0], keys)

    def _parts_of(self, policy: str | None, future: int | None) -> Sequence[StoredPart]:
        """Return the parts that may hold runs of a policy and a future; all parts if none does."""
        parts = self.completeness.parts
        if policy is None and future is None:
            return parts
        wanted = []
        for part in parts:
            policies, futures, _ = self.layout.places(np.arange(part.start, part.stop))
            named = np.take(self.layout.policies, policies)
            fits = (policy is None or named == policy) & (future is None or futures == future)
            if np.any(fits):
                wanted.append(part)
        return wanted or parts

    def _wanted(self, table: str, policy: str | None, future: int | None) -> Any:
        """Return which rows are wanted; without a future not those of the shock tests.

        Raises
        ------
        InputError
            If the table was not kept, there is no such policy or future, or no run is there.
        """
        known = self.layout.policies
        if policy is not None and policy not in known:
            there = f"there are: {', '.join(known)}"
            raise InputError(
                f"policy = {policy!r}: not here{nearest(str(policy), known)} ({there})"
            )
        last = self.layout.futures + len(self.layout.shock_tests) - 1
        if future is not None and future not in range(last + 1):
            raise InputError(f"future = {future!r}: 0 to {last} are here")
        if table not in (METRICS, IN_FORCE) and not self.layout.detailed:
            raise InputError(f"{self.folder}: keeps no {table}: its futures are sampled")
        if not self.completeness.done:
            raise InputError(self.warning)
        of_policy = None if policy is None else compute.field("policy") == policy
        if table == IN_FORCE and not self.layout.detailed:
            return of_policy
        number = compute.field("future")
        wanted = number < self.layout.futures if future is None else number == future
        return wanted if of_policy is None else wanted & of_policy

    def _runs_of(self, rows: pd.DataFrame, groups: list[str]) -> pd.Series:
        """Return how many runs that did not fail each row's policy (and future) has."""
        done = self.outcomes([]).groupby(groups, observed=True).size().rename("runs")
        return rows.join(done, on=groups)["runs"].fillna(0).astype(np.int64)

    def _sorted(self, rows: pa.Table, keys: list[str]) -> pd.DataFrame:
        """Return rows sorted by keys, in the order of the axes; text of axes as categories."""
        layout = self.layout
        iso3 = (*layout.iso3, "")
        axes: dict[str, Sequence[str]] = {
            "policy": layout.policies,
            "quarter": layout.quarters,
            "instrument": (*layout.instruments, ""),
            **dict.fromkeys(("iso3", "iso3_a", "iso3_b"), iso3),
        }
        frame = rows.unify_dictionaries().to_pandas()
        for name in frame.columns.intersection(list(axes)):
            frame[name] = frame[name].astype(pd.CategoricalDtype(list(axes[name])))
        return frame.sort_values(keys, kind="stable", ignore_index=True)


def read_runs(folder: Path | str, *, held: Completeness | None = None) -> Runs:
    """Open the results of an experiment or of a sweep, complete or not.

    Parameters
    ----------
    folder : Path or str
        Its folder, such as ``results/main/1f0c94a27b3e``, or the folder above it if that holds
        only one.
    held : Completeness, optional
        What is there, if the caller knows; otherwise parts are checked when first needed.

    Returns
    -------
    Runs

    Raises
    ------
    InputError
        If the folder holds no results, those of another format, or broken ones.
    """
    if not isinstance(folder, str | Path):
        raise InputError(f"folder: {type(folder).__name__} given, a path is needed")
    place = the_one_in(user_path(str(folder)))
    manifest = read_manifest(place)
    if "policies" not in manifest:
        kind = manifest.get("kind") or manifest["configuration"].get("experiment")
        raise InputError(f"{place}: holds tables{f' of a {kind}' if kind else ''}, not runs")
    return Runs(place, manifest, held)


def the_one_in(folder: Path) -> Path:
    """Return the folder itself, or the one folder of results that it holds.

    Raises
    ------
    InputError
        If it holds several, or is a file.
    """
    if folder.is_file():
        raise InputError(f"{folder}: is a file; name the folder of the results")
    inside = results_in(folder)
    if len(inside) > 1:
        names = ", ".join(path.name for path in inside)
        raise InputError(
            f"{folder}: holds results of several configurations, name one of them ({names})"
        )
    return inside[0] if inside else folder
