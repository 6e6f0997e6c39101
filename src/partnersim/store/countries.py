"""State of every partner country at year ends, averaged over the runs of an arm."""

from __future__ import annotations

import pandas as pd

from partnersim.store.tables import Ensemble


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
    place = {iso3: position for position, iso3 in enumerate(ensemble.iso3)}
    rows = ensemble.countries.assign(
        quarter=ensemble.countries["quarter"].astype(str),
        iso3=ensemble.countries["iso3"].astype(str),
    )
    order = rows.assign(place=rows["iso3"].map(place)).sort_values(["quarter", "place"])
    return order.drop(columns="place").reset_index(drop=True)
