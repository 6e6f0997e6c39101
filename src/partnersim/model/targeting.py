"""The principles by which the Offer's money is divided among countries.

Each is one row of ``targeting.csv`` and one term of `country_claim` or `module_claim`.
"""

from __future__ import annotations

from typing import Any

from partnersim.compiler.compiled import rule
from partnersim.model.constants import HALF_CONNECTED, MAXIMUM_DEPTH, PACKAGE
from partnersim.model.tables import places_of, read_table

#: Names of the principles.
TARGETING = tuple(row["name"] for row in read_table("targeting"))
_WEIGHT: Any = places_of(dict.fromkeys(TARGETING, 1))


@rule
def country_claim(union: Any, country: Any, degree: int, worth: float) -> float:
    """Return the part of a country's claim that is the same for all modules.

    Parameters
    ----------
    union, country : records
    degree : int
        Links of the country.
    worth : float
        `partnersim.model.offer.union_gain` of the country.
    """
    depth = 0.0
    for area in range(country.depth.shape[0]):
        depth += country.depth[area]
    return (
        union.targeting[_WEIGHT.strategic] * worth
        + union.targeting[_WEIGHT.even]
        + union.targeting[_WEIGHT.depth] * depth / (country.depth.shape[0] * MAXIMUM_DEPTH)
        + union.targeting[_WEIGHT.connection] * degree / (degree + HALF_CONNECTED)
    )


@rule
def module_claim(
    union: Any,
    coefficients: Any,
    country: Any,
    gain: float,
    country_part: float,
    region_priority: float,
) -> float:
    """Return the claim of a country on a module's budget under the targeting principles.

    Parameters
    ----------
    union, coefficients, country : records
    gain : float
        `partnersim.model.offer.partner_gain` of the country from the module.
    country_part : float
        `country_claim` of the country.
    region_priority : float
        EU priority of the region, 1 = neutral.
    """
    claim = union.targeting[_WEIGHT.need] * gain + country_part
    bonus = coefficients.package_bonus if country.offer_held[PACKAGE] > 0 else 0.0
    return claim * region_priority * (1.0 + bonus)
