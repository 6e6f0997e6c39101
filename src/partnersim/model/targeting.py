"""The principles by which the Offer's money is divided among countries.

Each is one row of ``targeting.csv`` and one term of `package_claim`.
"""

from __future__ import annotations

from typing import Any

from partnersim.compiler.compiled import rule
from partnersim.model.constants import HALF_CONNECTED, MAXIMUM_DEPTH
from partnersim.model.tables import places_of, read_table

#: Names of the principles.
TARGETING = tuple(row["name"] for row in read_table("targeting"))
_WEIGHT: Any = places_of(dict.fromkeys(TARGETING, 1))


@rule
def package_claim(
    union: Any,
    coefficients: Any,
    country: Any,
    gain: float,
    framework: int,
    degree: int,
    worth: float,
    region_priority: float,
) -> float:
    """Return the claim of a country on a package under the targeting principles.

    Parameters
    ----------
    union, coefficients, country : records
    gain : float
        What the package is worth to the partner, 0..1.
    framework : int
        The partnership framework that the package would join, -1 if there is none.
    degree : int
        Links of the country.
    worth : float
        `partnersim.model.offer.union_gain` of the country.
    region_priority : float
        EU priority of the region, 1 = neutral.
    """
    depth = 0.0
    for area in range(country.depth.shape[0]):
        depth += country.depth[area]
    claim = (
        union.targeting[_WEIGHT.need] * gain
        + union.targeting[_WEIGHT.strategic] * worth
        + union.targeting[_WEIGHT.even]
        + union.targeting[_WEIGHT.depth] * depth / (country.depth.shape[0] * MAXIMUM_DEPTH)
        + union.targeting[_WEIGHT.connection] * degree / (degree + HALF_CONNECTED)
    )
    bonus = coefficients.package_bonus if framework >= 0 else 0.0
    return claim * region_priority * (1.0 + bonus)
