"""What PRIM and CART share: failures beside points, checked."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from partnersim.compare.points import aligned
from partnersim.compare.runs import checked_share
from partnersim.errors import InputError

#: Fewer points cannot tell where failures lie from where they happen to lie.
FEWEST_POINTS = 20


def checked_failures(
    points: pd.DataFrame, fails: pd.Series | npt.ArrayLike, smallest_mass: float
) -> tuple[pd.DataFrame, npt.NDArray[np.bool_]]:
    """Return factors and failures of the points that have both.

    Raises
    ------
    InputError
        With fewer than 20 points, or values other than true and false (0 and 1).
    """
    checked_share(smallest_mass, "smallest_mass")
    if "point" in points.columns and isinstance(fails, pd.Series):
        # The order of the rows then decides nothing.
        points = points.sort_values("point")
    factors, values = aligned(points, fails)
    known = ~np.isnan(values)
    if not np.isin(values[known], (0.0, 1.0)).all():
        raise InputError("fails: only true and false are allowed; compare with a threshold first")
    if known.sum() < FEWEST_POINTS:
        raise InputError(
            f"fails: {known.sum()} points given, at least {FEWEST_POINTS} are needed to find boxes"
        )
    return factors[known].reset_index(drop=True), values[known] == 1.0
