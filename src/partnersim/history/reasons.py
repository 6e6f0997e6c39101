"""Why a pair is as likely as a forecast says, in a few words that anybody can check."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

from partnersim.history.cases import Cut, Moment, first_ties
from partnersim.model.constants import NONE, PLANNED, QUARTERS_PER_YEAR, STAGES, SUMMIT_CYCLE

#: In this order; where talks stand.
_STANDING = {
    "planned": "the strategy plans it",
    "announced": "announced",
    "negotiating": "talks are under way",
    "concluded": "talks are concluded",
    "signed": "signed, not in force yet",
}


def with_reasons(table: pd.DataFrame, cut: Cut, moment: Moment) -> pd.DataFrame:
    """Return rows of a forecast with a column ``reason``.

    Parameters
    ----------
    table : DataFrame
        ``iso3, instrument`` and more.
    cut : Cut
        What is known.
    moment : Moment
        Where the forecast begins.
    """
    world, arrays = moment.world, moment.world.arrays
    lately = Counter(
        pair[1]
        for pair in first_ties(cut.evidence.world, cut.found, cut.quarter - QUARTERS_PER_YEAR)
    )
    thirds = np.quantile(arrays.alignment, [1 / 3, 2 / 3])
    meets = arrays.summit[:, [1 + q % SUMMIT_CYCLE for q in range(QUARTERS_PER_YEAR)]].any(axis=1)
    has = arrays.stage >= moment.ties
    country = {code: i for i, code in enumerate(world.countries["iso3"])}
    instrument = {name: k for k, name in enumerate(world.instruments["instrument"])}
    reasons = []
    for code, name in table[["iso3", "instrument"]].itertuples(index=False):
        i, k = country[code], instrument[name]
        stage = int(arrays.stage[i, k])
        near = int((has[:, k] & (arrays.region == arrays.region[i])).sum())
        parts = [_STANDING[STAGES[stage]]] if stage > NONE else []
        if stage <= PLANNED and not moment.prepared[i, k]:
            parts.append("what it needs first is not in force")
        parts.append(f"{lately[k] or 'none'} made with others in the last year")
        has_it = "have it" if near > 1 else "has it"
        parts.append(f"{near or 'nobody'} in its region {has_it}")
        level = ("low", "middling", "high")[int(np.searchsorted(thirds, arrays.alignment[i]))]
        parts.append(f"alignment {level}")
        parts.append("a summit is due within a year" if meets[i] else "no summit is known")
        reasons.append("; ".join(parts))
    return table.assign(reason=reasons)
