"""The forecast of the rules pooled with popularity: what the rules do not know happens too.

Linear opinion pool: Stone (1961), doi:10.1214/aoms/1177704873.
"""

from __future__ import annotations

import pandas as pd

from partnersim.history.design import known_until
from partnersim.history.forecast import DECIMALS
from partnersim.history.outcomes import under_way
from partnersim.history.references import with_references
from partnersim.history.timeline import LAST_QUARTER, quarter_number
from partnersim.model.world_arrays import Floats
from partnersim.world.world import World

#: Share of popularity: the best of those tried on the history before 2023.
SHARE = 0.2


def pooled(probability: Floats, popularity: Floats, share: float = SHARE) -> Floats:
    """Return the linear pool of a forecast and popularity.

    Parameters
    ----------
    share : float
        Share of popularity, 0..1.
    """
    return (1.0 - share) * probability + share * popularity


def pool_forecast(
    table: pd.DataFrame, world: World, history: pd.DataFrame, share: float
) -> pd.DataFrame:
    """Return a forecast of June 2025 with a share of popularity in it.

    Parameters
    ----------
    table : DataFrame
        From `partnersim.history.forecast.forecast`.
    world : World
        Whose stages the forecast starts from.
    history : DataFrame
        Gives the rates of the years before.
    share : float
        Share of popularity, 0..1.
    """
    found, dateless, _ = known_until(world, history, LAST_QUARTER)
    open_to = (world.arrays.eligible == 1) & ~dateless
    cases = with_references(
        table.assign(pipeline=under_way(table)),
        found,
        world,
        open_to,
        quarter_number(LAST_QUARTER),
    )
    popularity = cases["popularity"].to_numpy()
    return table.assign(
        **{
            name: pooled(table[name].to_numpy(), popularity, share).round(DECIMALS)
            for name in ("probability", "low", "high")
        }
    )
