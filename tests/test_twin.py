"""The compiled rules and the Mesa twin, written apart, agree in distribution.

The twins (``benchmarks/mesa_twin.py``, ``benchmarks/agent_twin.py``) share no rule and no random
number with the package. Means
of the main metrics at the end are compared by z-tests, whole distributions by Kolmogorov-Smirnov
tests; the chance that one of a kind fails although both are the same is at most `FAMILY_LEVEL` for
each case (Bonferroni). Seeds are fixed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp

from partnersim import load_scenario, load_world, simulate_ensemble
from scenarios import part_of

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.agent_twin import AgentTwin
from benchmarks.mesa_twin import MesaTwin
from benchmarks.twin_tables import Tables

FAMILY_LEVEL = 0.001
MAIN_METRICS = [
    "instruments",
    "instruments_deepen",
    "instruments_broaden",
    "instruments_connect",
    "instruments_strengthen",
    "instruments_governance",
    "depth_mean",
    "new_ties",
    "lost_ties",
    "negotiations",
    "links",
    "clustering",
    "algebraic_connectivity",
    "modularity",
    "hub_dependence",
    "partner_value",
    "eu_value",
    "value_security",
    "value_gini",
    "offer_spent",
    "offer_mobilised",
    "readiness_mean",
    "alignment_mean",
    "threat_mean",
    "rival_share",
    "reputation",
]

#: Twin, part of the world, settings, runs of the twin, runs of the package.
CASES = {
    "named, links made often": (
        MesaTwin,
        "named",
        ["geopolitics=rivalry", "policy=connect_first", "horizon.end=2030Q4"],
        (60, 900),
    ),
    "named, many shocks": (
        AgentTwin,
        "named",
        ["geopolitics=coercion", "geopolitics.intensity=4", "horizon.end=2029Q4"],
        (60, 900),
    ),
    "full": (
        MesaTwin,
        "all",
        ["geopolitics=fragmentation", "policy=deepen_first", "horizon.end=2028Q2"],
        (24, 150),
    ),
}


@pytest.fixture(scope="module", params=list(CASES))
def ends(request: pytest.FixtureRequest) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the metrics at the end of the runs of the twin and of the package."""
    twin, which, settings, (twins, runs) = CASES[request.param]
    world, scenario = load_world(), load_scenario(*settings)
    if which == "named":
        world = part_of(world, world.countries["named"].to_numpy())
    tables = Tables(world, scenario)
    last = [twin(tables, [2025, number]).run().last_metrics for number in range(twins)]
    ensemble = simulate_ensemble(world, scenario, seed=2025, replicates=runs, threads=1)
    at_end = ensemble.metrics["quarter"] == scenario.horizon.end
    return pd.DataFrame(last), ensemble.metrics[at_end]


def test_means_agree_within_sampling_error(ends: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    twin, package = (table[MAIN_METRICS].astype(float) for table in ends)
    error = np.sqrt(twin.var() / len(twin) + package.var() / len(package))
    distance = (twin.mean() - package.mean()) / error
    bound = NormalDist().inv_cdf(1.0 - FAMILY_LEVEL / 2 / len(MAIN_METRICS))
    assert error.min() > 0.0, "a metric that never varies tests nothing"
    apart = distance[distance.abs() > bound]
    assert apart.empty, f"more than {bound:.2f} standard errors apart:\n{apart}"


def test_distributions_agree(ends: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    twin, package = (table[MAIN_METRICS].astype(float) for table in ends)
    chance = pd.Series({name: ks_2samp(twin[name], package[name]).pvalue for name in MAIN_METRICS})
    unlikely = chance[chance < FAMILY_LEVEL / len(MAIN_METRICS)]
    assert unlikely.empty, f"Kolmogorov-Smirnov:\n{unlikely}"


def test_starts_agree_exactly() -> None:
    world, scenario = load_world(), load_scenario("horizon.end=2025Q3")
    first = pd.Series(MesaTwin(Tables(world, scenario), 1).last_metrics).astype(float)
    ensemble = simulate_ensemble(world, scenario, replicates=1, threads=1)
    package = ensemble.metrics.iloc[0].drop(["replicate", "quarter"]).astype(float)
    pd.testing.assert_series_equal(first[package.index], package, check_names=False, rtol=1e-9)
