"""Who signs what by when: a probability per partner, instrument and year end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from partnersim.runs.intervals import wilson
from partnersim.runs.tables import Ensemble


def signing(ensemble: Ensemble) -> pd.DataFrame:
    """Return the share of runs in which a pair not in force at the start is so at a year end.

    Parameters
    ----------
    ensemble : Ensemble
        The runs of one arm.

    Returns
    -------
    DataFrame
        ``iso3``, ``instrument``, ``by`` (year), ``probability``, ``low``, ``high`` (95 % Wilson
        interval), ``share_moving`` (share of runs in which the pair reached at least one new
        stage by then). Pairs that never move in any run are left out: their probability is 0.
    """
    counts = np.asarray(ensemble.in_force_by_year, dtype=np.int64)
    moving = moved_by_year(ensemble)
    known = ((counts > 0) | (moving > 0)).any(axis=0) & ~np.asarray(ensemble.initially_in_force)
    partner, instrument = np.nonzero(known)
    years = len(ensemble.years)
    in_force = counts[:, partner, instrument].T.reshape(-1)
    low, high = wilson(in_force, ensemble.replicates)
    return pd.DataFrame(
        {
            "iso3": pd.Categorical.from_codes(np.repeat(partner, years), list(ensemble.iso3)),
            "instrument": pd.Categorical.from_codes(
                np.repeat(instrument, years), list(ensemble.instruments)
            ),
            "by": np.tile(np.asarray(ensemble.years, dtype=np.int32), len(partner)),
            "probability": in_force / ensemble.replicates,
            "low": low,
            "high": high,
            "share_moving": moving[:, partner, instrument].T.reshape(-1) / ensemble.replicates,
        }
    )


def moved_by_year(ensemble: Ensemble) -> npt.NDArray[np.int64]:
    """Count the runs in which a pair has reached at least one new stage by each year end.

    Returns
    -------
    ndarray of int64, shape (years, partners, instruments)
    """
    years = np.asarray(ensemble.years, dtype=np.int64)
    partners, instruments = len(ensemble.iso3), len(ensemble.instruments)
    events = ensemble.events
    steps = events[(events["event"] == "advanced").to_numpy()]
    pair = _positions(steps["iso3"], ensemble.iso3) * instruments
    pair += _positions(steps["instrument"], ensemble.instruments)
    year = _years(steps["quarter"])
    runs, run = np.unique(steps["replicate"].to_numpy(dtype=np.int64), return_inverse=True)
    one_per_run = pair * max(len(runs), 1) + run
    order = np.lexsort((year, one_per_run))
    sorted_keys = one_per_run[order]
    first = order[np.r_[True, sorted_keys[1:] != sorted_keys[:-1]]] if len(order) else order
    counts = np.zeros((len(years), partners * instruments), dtype=np.int64)
    slot = np.searchsorted(years, year[first])
    within = slot < len(years)
    np.add.at(counts, (slot[within], pair[first][within]), 1)
    return counts.cumsum(axis=0).reshape(len(years), partners, instruments)


def _positions(column: pd.Series, names: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return where each name of a column stands in `names`."""
    place = {name: position for position, name in enumerate(names)}
    codes, labels = pd.factorize(column)
    return np.array([place[str(label)] for label in labels], dtype=np.int64)[codes]


def _years(quarters: pd.Series) -> npt.NDArray[np.int64]:
    """Return the years of quarters such as ``2027Q3``."""
    codes, labels = pd.factorize(quarters)
    return np.array([int(str(label)[:4]) for label in labels], dtype=np.int64)[codes]
