"""When leaders of the EU meet those of a partner: a calendar out of ``summits.csv``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from partnersim.model.constants import SUMMIT_CYCLE
from partnersim.model.world_arrays import Flags
from partnersim.world.relations import FIRST_DAY, quarter_of
from partnersim.world.tables import Row


def summit_array(
    summits: Sequence[Row], members: Sequence[Row], codes: Sequence[str], start: str = FIRST_DAY
) -> Flags:
    """Return (N, SUMMIT_CYCLE) flags of the quarters in which a country has a summit with the EU.

    A summit with a bloc is one of all its members. In the past only summits that were held count;
    from June 2025 on those planned, and every rhythm, counted from the last summit of the partner.

    Parameters
    ----------
    start : str
        First day of quarter 1; the calendar begins anew after `SUMMIT_CYCLE` quarters.
    """
    place = {code: position for position, code in enumerate(codes)}
    of_bloc: dict[str, list[int]] = {}
    for row in members:
        if row["iso3"] in place:
            of_bloc.setdefault(row["bloc"], []).append(place[row["iso3"]])
    array = np.zeros((len(codes), SUMMIT_CYCLE), dtype=np.uint8)
    for row in summits:
        partner = row["partner"]
        countries = of_bloc.get(partner, [place[partner]] if partner in place else [])
        quarter = quarter_of(row["date"]) - quarter_of(start) + 1
        if 1 <= quarter < SUMMIT_CYCLE:
            array[countries, quarter] = 1
        if row["every"] and start >= FIRST_DAY:
            array[countries, quarter % int(row["every"]) :: int(row["every"])] = 1
    return array
