"""Invented studies whose answers are known, and a small real sweep."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from partnersim.compare.study import Study
from partnersim.runs.running import run_sweep
from partnersim.runs.sweep_reader import StoredSweep

MEASURES = ("instruments", "links", "partner_value", "eu_value")
INTENSITY, NEED = "geopolitics.intensity", "behaviour.coefficients.need.value"

SWEEP = """\
policies: [balanced, deepen_first, no_offer]
climates: [calm, coercion]
replicates: 2
horizon: {end: 2027Q4}
world: named
design:
  kind: latin_hypercube
  points: 32
  factors:
    geopolitics.intensity: {low: 0.25, high: 3}
    behaviour.coefficients.consent.value: {}
    behaviour.coefficients.offer.value: {}
"""


def small_sweep(folder: Path) -> StoredSweep:
    """Run three policies in 32 futures up to 2027, twice each."""
    scenario = folder / "small.yaml"
    scenario.write_text(SWEEP, encoding="utf-8")
    return run_sweep(f"scenario={scenario}", f"output={folder}", "threads=1", "figures=false")


def invented(
    gains: Mapping[str, Mapping[str, float] | float],
    *,
    points: int = 40,
    replicates: int = 12,
    kind: str = "latin_hypercube",
    noise: float = 0.3,
    crash: float = 0.0,
    folder: Path = Path("nowhere"),
    **manifest: Any,
) -> Study:
    """Invent runs: 100, less where shocks are intense, plus luck, plus what a policy gains.

    Parameters
    ----------
    gains : mapping
        What every policy gains, on all measures or by measure; the first is the reference.
    points, replicates : int
        Futures, and runs per policy and future.
    kind : str
        Kind of the design; ``climates`` for futures that differ by climate alone.
    noise : float
        Standard deviation of what luck no two policies share.
    crash : float
        Value lost by all policies where intensity is above 0.75.
    """
    random = np.random.default_rng(5)
    intensity, need = random.permutation(points) / points, random.random(points)
    futures = pd.DataFrame({"point": range(points), INTENSITY: intensity, NEED: need})
    if kind == "climates":
        futures = futures[["point"]].assign(geopolitics=["calm", "rivalry", "coercion"][:points])
    factors = pd.DataFrame(
        {
            "factor": list(futures.columns[1:]),
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
    tables = []
    for policy, gain in gains.items():
        table = pd.DataFrame(
            {
                "policy": policy,
                "point": np.repeat(np.arange(points), replicates),
                "replicate": np.tile(np.arange(replicates), points),
            }
        )
        for place, measure in enumerate(MEASURES):
            own = noise * random.normal(size=(points, replicates))
            extra = gain if isinstance(gain, int | float) else gain.get(measure, 0.0)
            table[measure] = (100 + future + luck[place] + own + extra).reshape(-1)
        tables.append(table)
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
        "design": {"kind": kind, "points": points, "seed": 1},
        "configuration": {
            "experiment": "invented",
            "horizon": {"start": "2025Q3", "end": "2027Q4"},
            "world": {"which": "named"},
            "policy": {policy: {"description": f"All about {policy}."} for policy in policies},
            "behaviour": {
                "coefficients": {
                    "need": {**coefficient, "value": 1.25, "origin": "assumed"},
                    "offer": {**coefficient, "value": 0.5, "origin": "literature"},
                }
            },
        },
    }
    signing = pd.DataFrame(
        [
            (policy, iso3, "DTA", year, chance, chance - 0.1, min(1.0, chance + 0.1))
            for policy in policies
            for iso3, last in (("JPN", 0.9), ("KEN", 0.4))
            for year, chance in ((2025, 0.1), (2026, last / 2), (2027, last))
        ],
        columns=["policy", "iso3", "instrument", "year", "probability", "low", "high"],
    )
    return Study(
        folder=folder,
        manifest=facts | manifest,
        policies=policies,
        reference=policies[0],
        factors=factors,
        futures=futures,
        runs=pd.concat(tables, ignore_index=True),
        failures=pd.DataFrame(columns=["policy", "point", "replicate", "error"]),
        signing=signing,
        country={"JPN": "Japan", "KEN": "Kenya"},
        instrument={"DTA": "Digital Trade Agreement (digital rules)"},
        planned=points * replicates * len(policies),
    )
