"""What every shock takes from the network, how soon half of it is back, what stays lost."""

from __future__ import annotations

import numpy as np
import pandas as pd

#: This share of the largest loss must be regained to count as half back.
HALF = 0.5


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
