"""By how much common random numbers cut the variance of the difference between two policies.

    python -m benchmarks.common_random_numbers

Named world, climate of rivalry, every shipped policy against the balanced one, 200 replicates, last
quarter. Shown is the variance of a difference with luck of its own for each policy, divided by that
with the same luck: how many times fewer runs give the same precision.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from partnersim import load_scenario, load_world, simulate_ensemble
from partnersim.compare.differences import paired_differences
from partnersim.compare.tables import end_of_horizon
from partnersim.scenario.config_files import options

REFERENCE = "balanced"
METRICS = (
    "instruments",
    "partners",
    "links",
    "depth_mean",
    "partner_value",
    "eu_value",
    "covered_gdp",
    "value_gini",
    "hub_dependence",
    "rival_share",
    "readiness_mean",
    "alignment_mean",
)


def reductions(replicates: int, climate: str) -> pd.DataFrame:
    """Return the variance reduction by metric (rows) and policy (columns)."""
    world = load_world()
    runs = end_of_horizon(
        {
            (policy, 0): simulate_ensemble(
                world,
                load_scenario(f"policy={policy}", f"geopolitics={climate}"),
                seed=1,
                replicates=replicates,
            ).metrics
            for policy in [REFERENCE, *(name for name in options("policy") if name != REFERENCE)]
        }
    )
    tables = {metric: paired_differences(runs, metric, REFERENCE) for metric in METRICS}
    return pd.DataFrame(
        {
            metric: table.set_index("policy")["variance_reduction"]
            for metric, table in tables.items()
        }
    ).T


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replicates", type=int, default=200)
    parser.add_argument("--climate", default="rivalry")
    given = parser.parse_args()
    table = reductions(given.replicates, given.climate)
    print(
        f"variance of the difference to {REFERENCE}, luck of its own / same luck; "
        f"{given.climate}, {given.replicates} replicates"
    )
    print(table.assign(median=table.median(axis=1)).round(1).to_string())
    several = table.stack()
    several = several[np.isfinite(several)]
    print("inf: the difference never varies, left out below")
    print(
        f"median over all {several.median():.1f}; at least 5 in {(several >= 5).mean():.0%} of "
        f"{len(several)} comparisons, at least 2 in {(several >= 2).mean():.0%}"
    )


if __name__ == "__main__":
    main()
