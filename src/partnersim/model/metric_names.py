"""The names of what is measured each quarter, in the order in which it is written."""

from __future__ import annotations

import re
from collections.abc import Sequence

from partnersim.model.constants import AREAS, DIRECTIONS, MAXIMUM_DEPTH, OBJECTIVES

_TIES = (
    "instruments",
    "partners",
    *(f"instruments_{direction}" for direction in DIRECTIONS),
    *(f"partners_{direction}" for direction in DIRECTIONS),
    *(f"instruments_{area}" for area in AREAS),
    *(f"partners_depth_{depth}" for depth in range(1, MAXIMUM_DEPTH + 1)),
    "depth_mean",
    "new_ties",
    "deeper_ties",
    "lost_ties",
    "negotiations",
)
_LINKS = (
    "links",
    "link_density",
    "clustering",
    "algebraic_connectivity",
    "modularity",
    "hub_dependence",
)
_VALUE = (
    "partner_value",
    "eu_value",
    *(f"value_{objective}" for objective in OBJECTIVES),
    "value_gini",
    "value_ldc_share",
    "covered_gdp",
    "covered_population",
    "drawdown",
    "quarters_below_peak",
)
_MONEY = (
    "offer_envelope",
    "offer_spent",
    "offer_carried",
    "offer_lapsed",
    "offer_mobilised",
    "offer_absorbed",
)
_CLIMATE = (
    "readiness_mean",
    "alignment_mean",
    "threat_mean",
    "rival_share",
    "reputation",
)


FIRST_LINKS = len(_TIES)
FIRST_VALUE = FIRST_LINKS + len(_LINKS)
FIRST_MONEY = FIRST_VALUE + len(_VALUE)
FIRST_CLIMATE = FIRST_MONEY + len(_MONEY)
FIRST_REGION = FIRST_CLIMATE + len(_CLIMATE)


def slug(name: str) -> str:
    """Turn a region's name into the end of a column name."""
    plain = name.casefold().replace("ü", "u")
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def metric_names(regions: Sequence[str]) -> tuple[str, ...]:
    """Return the names of all metrics, in the order in which `observe` writes them.

    Parameters
    ----------
    regions : sequence of str
        Names of the world's regions; each adds ``instruments_<region>`` and ``value_<region>``.
    """
    return (
        *_TIES,
        *_LINKS,
        *_VALUE,
        *_MONEY,
        *_CLIMATE,
        *(f"instruments_{slug(region)}" for region in regions),
        *(f"value_{slug(region)}" for region in regions),
    )
