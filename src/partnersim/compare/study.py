"""One shape for sweeps and for experiments: policies compared over futures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from partnersim.compare.factors import CLIMATE
from partnersim.errors import InputError
from partnersim.runs.experiment_reader import StoredExperiment, read_experiment
from partnersim.runs.intervals import wilson
from partnersim.runs.manifest import MANIFEST_NAME
from partnersim.runs.named_world import read_named_world
from partnersim.runs.sweep_layout import DESIGN_NAME
from partnersim.runs.sweep_reader import StoredSweep, is_sweep, read_sweep
from partnersim.runs.wording import MAIN_METRICS, number, runs_each


@dataclass(frozen=True)
class Study:
    """Outcomes of policies in futures.

    Attributes
    ----------
    folder : Path
        Where the results lie.
    manifest : dict
        What was run.
    policies : list of str
        In the order of the design.
    reference : str
        The policy that the others are compared with.
    factors : DataFrame
        ``factor``, ``kind``, ``low``, ``high``, ``unit``, ``meaning``, ``origin``.
    futures : DataFrame
        ``point`` and one column per factor.
    runs : DataFrame
        ``policy``, ``point``, ``replicate`` and the metrics at the end of the horizon.
    failures : DataFrame
        ``policy``, ``point``, ``replicate``, ``error`` of every run that failed.
    signing : DataFrame
        ``policy``, ``iso3``, ``instrument``, ``year``, ``probability``, ``low``, ``high`` of the
        pairs that were not in force at the start.
    country, instrument : dict
        Names in words by code.
    planned : int
        Runs that the study was to have.
    loss : str
        Which parts of a sweep are not there, in words; empty if all are.
    """

    folder: Path
    manifest: dict[str, Any]
    policies: list[str]
    reference: str
    factors: pd.DataFrame
    futures: pd.DataFrame
    runs: pd.DataFrame
    failures: pd.DataFrame
    signing: pd.DataFrame
    country: dict[str, str]
    instrument: dict[str, str]
    planned: int
    loss: str = ""

    @property
    def lacking(self) -> int:
        """Runs that are not there; one that failed is."""
        return self.planned - len(self.runs) - len(self.failures)

    @property
    def extent(self) -> str:
        """How many runs stand behind the study, in words."""
        unit = "future" if "design" in self.manifest else "climate"
        each = runs_each(self.manifest["replicates"], unit)
        if "design" not in self.manifest:
            return each
        failed = f", {number(len(self.failures))} failed" if len(self.failures) else ""
        done = number(len(self.runs))
        if self.lacking:
            return f"only {done} of {number(self.planned)} runs ({each} planned){failed}"
        return f"{done} runs: {each}{failed}"

    @property
    def kind(self) -> str:
        """Kind of the design; the climates of an experiment are a grid."""
        return str(self.manifest.get("design", {"kind": "grid"})["kind"])

    @property
    def sampled(self) -> bool:
        """Whether the futures were drawn from ranges, rather than listed one by one."""
        return self.kind in ("latin_hypercube", "sobol", "sobol_indices")

    @property
    def others(self) -> list[str]:
        """The policies except the reference."""
        return [policy for policy in self.policies if policy != self.reference]

    @property
    def end(self) -> str:
        """Last year of the horizon."""
        return str(self.manifest["configuration"]["horizon"]["end"])[:4]


def read_study(folder: Path | str) -> Study:
    """Open the folder of a finished experiment, or of a sweep, finished or not.

    Raises
    ------
    InputError
        If it is neither.
    """
    place = Path(folder)
    if not place.is_dir():
        raise InputError(f"{place}: is not a folder of results")
    if holds_sweep(place):
        return sweep_study(read_sweep(place))
    return climate_study(read_experiment(place))


def holds_sweep(folder: Path) -> bool:
    """Say whether a folder is that of a sweep, or holds folders of sweeps."""
    if (folder / MANIFEST_NAME).exists():
        return is_sweep(folder)
    return any(folder.glob(f"*/{DESIGN_NAME}"))


def climate_study(stored: StoredExperiment) -> Study:
    """Return an experiment as a study whose futures are its climates."""
    world = read_named_world(stored.folder)
    climates = stored.climates
    metrics = stored.manifest["metrics"]
    rows = stored.table("metrics", metrics)
    rows = rows[rows["quarter"].astype(str) == stored.manifest["quarters"][-1]]
    place = {climate: point for point, climate in enumerate(climates)}
    runs = pd.DataFrame(
        {
            "policy": rows["policy"].astype(str).to_numpy(),
            "point": rows["climate"].astype(str).map(place).to_numpy(dtype=np.int64),
            "replicate": rows["replicate"].to_numpy(dtype=np.int64),
        }
    ).join(rows[metrics].reset_index(drop=True))
    factor = {
        "factor": CLIMATE,
        "kind": "choice",
        "low": np.nan,
        "high": np.nan,
        "unit": "",
        "meaning": f"Climate: {', '.join(climates)}",
        "origin": "setting",
    }
    return Study(
        folder=stored.folder,
        manifest=stored.manifest,
        policies=stored.policies,
        reference=reference_of(stored.manifest["reference"], stored.policies),
        factors=pd.DataFrame([factor]),
        futures=pd.DataFrame({"point": range(len(climates)), CLIMATE: climates}),
        runs=in_order(runs, stored.policies),
        failures=pd.DataFrame(columns=["policy", "point", "replicate", "error"]),
        signing=pooled_signing(stored),
        country=world.country,
        instrument=world.instrument,
        planned=len(runs),
    )


def sweep_study(stored: StoredSweep) -> Study:
    """Return a sweep as a study; only the main metrics are read.

    Raises
    ------
    InputError
        If no run succeeded.
    """
    judged = [metric for metric in MAIN_METRICS if metric in stored.metrics]
    policies = list(stored.policies)
    runs = with_words(stored.runs(judged))
    if runs.empty:
        raise InputError(f"{stored.folder}: no run succeeded, there is nothing to compare")
    world = read_named_world(stored.folder)
    signing = with_words(stored.signing())
    pairs = zip(signing["iso3"], signing["instrument"], strict=True)
    new = signing[[pair not in world.held for pair in pairs]].reset_index(drop=True)
    return Study(
        folder=stored.folder,
        manifest=stored.manifest,
        policies=policies,
        reference=reference_of(stored.reference, policies),
        factors=stored.factors,
        futures=stored.points(),
        runs=runs,
        failures=stored.failures(),
        signing=with_chances(new, stored.manifest["replicates"]),
        country=world.country,
        instrument=world.instrument,
        planned=stored.held.planned,
        loss=stored.held.loss,
    )


def reference_of(named: str, policies: list[str]) -> str:
    """Return the reference, or the first policy if the named one was not run."""
    return named if named in policies else policies[0]


def in_order(runs: pd.DataFrame, policies: list[str]) -> pd.DataFrame:
    """Sort runs by policy (order of the design), point and replicate."""
    place = runs["policy"].map({policy: order for order, policy in enumerate(policies)})
    order = np.lexsort((runs["replicate"], runs["point"], place))
    return runs.iloc[order].reset_index(drop=True)


def pooled_signing(stored: StoredExperiment) -> pd.DataFrame:
    """Return the signing table with the runs of all climates taken together."""
    rows = stored.table("signing")
    runs = stored.manifest["replicates"]
    climates = {
        policy: sum(name == policy for name, _ in stored.arms) for policy in stored.policies
    }
    rows = rows.assign(in_force=np.rint(rows["probability"] * runs).astype(np.int64))
    rows = with_words(rows)
    keys = ["policy", "iso3", "instrument", "by"]
    pooled = rows.groupby(keys, sort=True)["in_force"].sum().reset_index()
    pooled["runs"] = pooled["policy"].map(climates) * runs
    return with_chances(pooled.rename(columns={"by": "year"}), runs)


def with_words(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with plain text in place of categories."""
    names = [name for name in ("policy", "iso3", "instrument") if name in table]
    return table.astype(dict.fromkeys(names, str))


def with_chances(counts: pd.DataFrame, replicates: int) -> pd.DataFrame:
    """Add ``probability`` and its 95 % Wilson interval to counts of runs.

    The runs of a replicate share their luck in all futures, so the interval counts each replicate
    once: it is too wide rather than too narrow.
    """
    some = counts[counts["in_force"] > 0].reset_index(drop=True)
    share = (some["in_force"] / some["runs"]).to_numpy()
    low, high = wilson(share * replicates, replicates)
    return some.assign(probability=share, low=low, high=high)
