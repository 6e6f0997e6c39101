"""Invented studies whose answers are known, and a small real sweep."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from partnersim.runs.reader import Runs, WorldNames
from partnersim.runs.running import run_sweep

MEASURES = ("instruments", "links", "partner_value", "eu_value")
INTENSITY, NEED = "geopolitics.intensity", "behaviour.coefficients.need.value"

SWEEP = """\
policies: [balanced, deepen_first, connect_first]
climates: [calm, coercion]
replicates: 2
horizon: {end: 2027Q4}
design:
  kind: latin_hypercube
  points: 32
  factors:
    geopolitics.intensity: {low: 0.25, high: 3}
    behaviour.coefficients.consent.value: {}
    behaviour.coefficients.readiness.value: {}
"""


def small_sweep(folder: Path) -> Runs:
    """Run three policies in 32 futures up to 2027, twice each."""
    scenario = folder / "small.yaml"
    scenario.write_text(SWEEP, encoding="utf-8")
    return run_sweep(f"scenario={scenario}", f"output={folder}", "threads=1", "figures=false")


def saltelli_design(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return the futures of a Saltelli design: both samples, then one with each column mixed in."""
    mixed = [first.assign(**{factor: second[factor]}) for factor in first.columns]
    futures = pd.concat([first, second, *mixed], ignore_index=True)
    futures.insert(0, "future", range(len(futures)))
    return futures


class InventedRuns(Runs):
    """Runs that nobody ran: tables are given instead of read."""

    policies: Any = None
    metrics: Any = None
    planned: Any = 0
    loss: Any = ""
    warning: Any = ""

    def __init__(
        self,
        folder: Path,
        manifest: dict[str, Any],
        policies: list[str],
        tables: dict[str, pd.DataFrame],
        world: WorldNames,
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        self.tables = tables
        self.policies = policies
        self.metrics = list(MEASURES)
        self.planned = len(tables["outcomes"])
        self.futures = tables["futures"]
        self.factors = tables["factors"]
        self.world = world

    @property
    def rows(self) -> pd.DataFrame:
        """The table of runs."""
        return self.tables["outcomes"]

    def but(self, **tables: pd.DataFrame) -> InventedRuns:
        """Return the same with other tables."""
        policies, world = self.policies, self.world
        other = InventedRuns(self.folder, self.manifest, policies, self.tables | tables, world)
        other.planned = self.planned
        return other

    def outcomes(self, *args: object, **kwargs: object) -> pd.DataFrame:
        return self.tables["outcomes"]

    def in_force(self, **kwargs: object) -> pd.DataFrame:
        return self.tables["in_force"]

    def failures(self) -> pd.DataFrame:
        return self.tables["failures"]


def invented(
    gains: Mapping[str, Mapping[str, float] | float],
    *,
    futures: int = 40,
    replicates: int = 12,
    kind: str = "latin_hypercube",
    noise: float = 0.3,
    crash: float = 0.0,
    folder: Path = Path("nowhere"),
    **manifest: Any,
) -> InventedRuns:
    """Invent runs: 100, less where shocks are intense, plus luck, plus what a policy gains.

    Parameters
    ----------
    gains : mapping
        What every policy gains, on all measures or by measure; the first is the reference.
    futures, replicates : int
        Futures, and runs per policy and future.
    kind : str
        Kind of the design; ``listed`` for futures that differ by climate alone.
    noise : float
        Standard deviation of what luck no two policies share.
    crash : float
        Value lost by all policies where intensity is above 0.75.
    """
    random = np.random.default_rng(5)
    count = futures
    intensity, need = random.permutation(count) / count, random.random(count)
    table = pd.DataFrame({"future": range(count), INTENSITY: intensity, NEED: need})
    if kind == "listed":
        table = table[["future"]].assign(geopolitics=["calm", "rivalry", "coercion"][:count])
    factors = pd.DataFrame(
        {
            "factor": list(table.columns[1:]),
            "kind": "uniform",
            "low": 0.0,
            "high": 1.0,
            "unit": "",
            "meaning": "invented",
            "origin": "assumed",
        }
    )
    luck = random.normal(size=(len(MEASURES), replicates))
    future = -20.0 * intensity[:, None] - crash * (intensity[:, None] > 0.75)
    pieces = []
    for policy, gain in gains.items():
        piece = pd.DataFrame(
            {
                "policy": policy,
                "future": np.repeat(np.arange(count), replicates),
                "replicate": np.tile(np.arange(replicates), count),
            }
        )
        for place, measure in enumerate(MEASURES):
            own = noise * random.normal(size=(count, replicates))
            extra = gain if isinstance(gain, int | float) else gain.get(measure, 0.0)
            piece[measure] = (100 + future + luck[place] + own + extra).reshape(-1)
        pieces.append(piece)
    policies = list(gains)
    coefficient = {"unit": "utility", "low": 0.0, "high": 2.0, "meaning": "Need <counts> & more."}
    facts: dict[str, Any] = {
        "experiment": "invented",
        "versions": {"partnersim": "0.0.1"},
        "seed": 7,
        "replicates": replicates,
        "reference": policies[0],
        "configuration_hash": "c" * 64,
        "digest": "d" * 64,
        "assumed_coefficients": ["need"],
        "design": {"kind": kind, "points": count, "seed": 1},
        "configuration": {
            "experiment": "invented",
            "horizon": {"start": "2025Q3", "end": "2027Q4"},
            "world": {"links": "wide"},
            "policy": {policy: {"description": f"All about {policy}."} for policy in policies},
            "behaviour": {
                "coefficients": {
                    "need": {**coefficient, "value": 1.25, "origin": "assumed"},
                    "offer": {**coefficient, "value": 0.5, "origin": "literature"},
                }
            },
        },
    }
    runs = count * replicates
    in_force = pd.DataFrame(
        [
            (policy, iso3, "DTA", year, round(chance * runs), runs)
            for policy in policies
            for iso3, last in (("JPN", 0.9), ("KEN", 0.4), ("FRA", 1.0))
            for year, chance in ((2025, 0.1), (2026, last / 2), (2027, last))
        ],
        columns=["policy", "iso3", "instrument", "year", "in_force", "runs"],
    )
    failures = pd.DataFrame(columns=["policy", "future", "replicate", "error"])
    tables = {
        "outcomes": pd.concat(pieces, ignore_index=True),
        "futures": table,
        "factors": factors,
        "in_force": in_force,
        "failures": failures,
    }
    world = WorldNames(
        {"JPN": "Japan", "KEN": "Kenya"},
        {"DTA": "Digital Trade Agreement (digital rules)"},
        {("FRA", "DTA")},
    )
    return InventedRuns(folder, facts | manifest, policies, tables, world)
