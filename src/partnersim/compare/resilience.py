"""What the network withstands: what shocks take from it, and when it stands without its hub."""

from __future__ import annotations

import numpy as np
import pandas as pd

from partnersim.compare.factors import CLIMATE
from partnersim.runs.intervals import wilson
from partnersim.runs.reader import Runs

#: This share of the largest loss must be regained to count as half back.
HALF = 0.5
DEPENDENCE = "hub_dependence"
#: The factor that says how often two partners decide to link, a quarter.
LINK_RATE = "behaviour.coefficients.link_rate.value"
#: The network stands if no more than this share of partners is cut off when the EU falls away.
MOST_CUT_OFF = 0.5
#: A cell stands from the year on in which this share of its runs does.
MOST_RUNS = 0.5


def resilience(response: pd.DataFrame, measures: list[str]) -> pd.DataFrame:
    """Return losses after every shock, in percent of what there would be without it.

    The loss is the paired difference between runs with the shock and the same runs without it.

    Parameters
    ----------
    response : DataFrame
        The table ``response`` of an experiment: ``shock``, ``quarters_since``, ``metric``,
        ``difference``, ``low``, ``high``, ``unstruck``, of one policy in one climate.
    measures : list of str
        Metrics of which more is better.

    Returns
    -------
    DataFrame
        One row per shock and measure, shocks in the order of the table: ``shock``, ``measure``,
        ``loss`` (the largest mean loss; negative if a shock only ever adds) with its 95 % interval
        ``loss_low`` to ``loss_high``, ``worst_after`` (quarters until then), ``lost_at_end`` with
        ``end_low`` to ``end_high``, ``half_back`` (quarters after the shock until half of the
        largest loss is regained for good; NaN if that is never seen) and ``followed`` (quarters
        for which the network was watched).
    """
    struck = response[response["quarters_since"] >= 0]
    rows = []
    for (shock, measure), part in struck.groupby(["shock", "metric"], observed=True, sort=False):
        if measure not in measures:
            continue
        curve = part.sort_values("quarters_since")
        level = curve["unstruck"].to_numpy(dtype=np.float64)
        columns = curve[["difference", "low", "high"]].to_numpy(dtype=np.float64)
        loss, high, low = -100 * columns.T / level
        since = curve["quarters_since"].to_numpy(dtype=np.int64)
        worst = int(np.argmax(loss))
        row = {"shock": str(shock), "measure": str(measure), "worst_after": since[worst]}
        row |= {"loss": loss[worst], "loss_low": low[worst], "loss_high": high[worst]}
        row |= {"lost_at_end": loss[-1], "end_low": low[-1], "end_high": high[-1]}
        rows.append(row | {"half_back": half_back(loss, since), "followed": since[-1]})
    return pd.DataFrame(rows)


def half_back(loss: np.ndarray, since: np.ndarray) -> float:
    """Return the quarters after a shock from which at most half of the largest loss is left.

    NaN if there never was a loss, or more than half of it is left in the last quarter.
    """
    worst = int(np.argmax(loss))
    if loss[worst] <= 0:
        return np.nan
    above = np.flatnonzero(loss > HALF * loss[worst])
    last = int(above[-1])
    return float(since[last + 1]) if last + 1 < len(since) else np.nan


def standing_of(runs: Runs) -> pd.DataFrame:
    """Return from when the network stands, see `standing`; climates by name."""
    table = standing(runs.outcomes([DEPENDENCE], "all"), runs.futures, runs.replicates)
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
        stands=quarters[DEPENDENCE].to_numpy(dtype=np.float64) <= MOST_CUT_OFF,
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
