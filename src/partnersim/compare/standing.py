"""When the network stands without its hub: most partners hang together by links of their own."""

from __future__ import annotations

import numpy as np
import pandas as pd

from partnersim.compare.factors import CLIMATE
from partnersim.runs.intervals import wilson
from partnersim.runs.reader import Runs

METRIC = "hub_dependence"
#: The factor that says how ready partners are to link.
RELUCTANCE = "behaviour.coefficients.link_rate.value"
#: The network stands if no more than this share of partners is cut off when the EU falls away.
MOST_CUT_OFF = 0.5
#: A cell stands from the year on in which this share of its runs does.
MOST_RUNS = 0.5


def standing_of(runs: Runs) -> pd.DataFrame:
    """Return from when the network stands, see `standing`; climates by name."""
    table = standing(runs.outcomes([METRIC], "all"), runs.futures, runs.replicates)
    if CLIMATE not in table:
        # With a single climate it is no factor.
        table[CLIMATE] = next(iter(runs.manifest["configuration"]["geopolitics"]))
    return table


def standing(quarters: pd.DataFrame, futures: pd.DataFrame, replicates: int) -> pd.DataFrame:
    """Return from when the network stands, by policy and future.

    Parameters
    ----------
    quarters : DataFrame
        ``policy``, ``future``, ``replicate``, ``quarter`` and ``hub_dependence``, one row per run
        and kept quarter.
    futures : DataFrame
        ``future`` and one column per factor.
    replicates : int
        Runs per policy and future.

    Returns
    -------
    DataFrame
        ``policy``, the factors, ``share`` of runs that stand in the last quarter with its 95 %
        Wilson interval ``low`` to ``high``, and ``year``: the first year at whose end more than
        half of the runs stand, and do so ever after; NaN if there is none.
    """
    stands = quarters.assign(
        stands=quarters[METRIC].to_numpy(dtype=np.float64) <= MOST_CUT_OFF,
        quarter=quarters["quarter"].astype(str),
        policy=quarters["policy"].astype(str),
    )
    shares = stands.pivot_table(
        index=["policy", "future"], columns="quarter", values="stands", aggfunc="mean", sort=False
    )
    shares = shares[sorted(shares.columns)]
    years = np.array([int(name[:4]) for name in shares.columns])
    most = shares.to_numpy() > MOST_RUNS
    # From the end backwards: how many of the last quarters stand without a break.
    unbroken = np.logical_and.accumulate(most[:, ::-1], axis=1).sum(axis=1)
    first = np.where(unbroken > 0, years[np.minimum(len(years) - unbroken, len(years) - 1)], np.nan)
    last = shares.iloc[:, -1].to_numpy()
    low, high = wilson(np.rint(last * replicates), replicates)
    table = shares.index.to_frame(index=False).assign(share=last, low=low, high=high, year=first)
    return table.merge(futures, on="future", how="left")
