"""State of every partner country at year ends, averaged over the runs of an arm."""

from __future__ import annotations

import pandas as pd

from partnersim.runs.tables import Ensemble


def country_means(ensemble: Ensemble) -> pd.DataFrame:
    """Return the year-end means of an arm with the partners in the order of the world.

    Parameters
    ----------
    ensemble : Ensemble
        The runs of one arm.

    Returns
    -------
    DataFrame
        ``quarter``, ``iso3``, ``depth_<area>`` and ``depth`` (0..4), ``instruments``, ``links``
        (counts), ``invested`` (million EUR), ``alignment`` (0..1); sorted by quarter and partner.
    """
    rows = ensemble.countries
    quarters = sorted({str(quarter) for quarter in rows["quarter"].unique()})
    ordered = rows.assign(
        quarter=pd.Categorical(rows["quarter"].astype(str), quarters, ordered=True),
        iso3=pd.Categorical(rows["iso3"].astype(str), list(ensemble.iso3), ordered=True),
    )
    return ordered.sort_values(["quarter", "iso3"], ignore_index=True)
