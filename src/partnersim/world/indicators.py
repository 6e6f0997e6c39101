"""From indicators to scores: how every score of a country is made.

All scores are in 0..1 and rounded to six decimals. Symbols: clip(x) cuts to 0..1; a weighted mean
names its parts and weights in the tables below, which are our own and assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from partnersim.model.constants import AREAS
from partnersim.model.world_arrays import Floats
from partnersim.world.affinity import DECIMALS, great_circle
from partnersim.world.countries import Organisations

#: A weighted mean: weight of each part. The weights of one mean sum to 1.
Mean = Mapping[str, float]

READINESS: dict[str, Mean] = {
    "infrastructure": {"telecom": 0.5, "internet": 0.5},
    "technology": {"education": 0.4, "wealth": 0.4, "telecom": 0.2},
    "cybersecurity": {"cyber": 1.0},
    "information": {"democracy": 0.5, "education": 0.3, "cyber": 0.2},
    "identity": {"service": 0.7, "telecom": 0.3},
    "platforms": {"internet": 0.4, "service": 0.3, "democracy": 0.3},
    "trade": {"wealth": 0.4, "internet": 0.3, "service": 0.3},
    "governance": {"service": 0.3, "democracy": 0.4, "vote_eu": 0.3},
}
"""Readiness of an area: what a country can already do there."""

NEED_GAP = 0.6
"""Weight of the gap 1 - readiness in need; the rest is what drives demand."""

DEMAND: dict[str, Mean] = {
    "infrastructure": {"unconnected": 1.0},
    "technology": {"wealth": 0.5, "size": 0.5},
    "cybersecurity": {"threat": 1.0},
    "information": {"threat": 1.0},
    "identity": {"no_service": 1.0},
    "platforms": {"internet": 1.0},
    "trade": {"size": 1.0},
    "governance": {"internet": 0.5, "size": 0.5},
}
"""What drives demand in an area beside the gap."""

RIVAL: dict[str, Mean] = {
    "infrastructure": {"trade_china": 0.7, "vote_china": 0.3},
    "technology": {"trade_china": 0.6, "vote_china": 0.4},
    "cybersecurity": {"trade_china": 0.4, "vote_china": 0.3, "vote_russia": 0.3},
    "information": {"vote_china": 0.4, "vote_russia": 0.6},
    "identity": {"trade_china": 0.5, "vote_china": 0.5},
    "platforms": {"trade_china": 0.5, "vote_china": 0.5},
    "trade": {"trade_china": 0.8, "vote_china": 0.2},
    "governance": {"vote_china": 0.6, "vote_russia": 0.4},
}
"""Pull of rival suppliers in an area."""

THREAT: dict[str, Mean] = {
    "infrastructure": {"conflict": 0.4, "coast": 0.2, "no_telecom": 0.2, "rim": 0.2},
    "technology": {"conflict": 0.3, "wealth": 0.4, "size": 0.3},
    "cybersecurity": {"conflict": 0.35, "no_cyber": 0.25, "internet": 0.2, "rim": 0.2},
    "information": {"conflict": 0.35, "contested": 0.25, "internet": 0.1, "rim": 0.3},
    "identity": {"conflict": 0.3, "no_cyber": 0.4, "service": 0.3},
    "platforms": {"contested": 0.4, "internet": 0.4, "rim": 0.2},
    "trade": {"conflict": 0.3, "trade_china": 0.4, "size": 0.3},
    "governance": {"conflict": 0.3, "contested": 0.4, "rim": 0.3},
}
"""Perceived threat in an area."""

ALIGNMENT: Mean = {
    "democracy": 0.3,
    "near_eu": 0.2,
    "vote_eu": 0.15,
    "vote_other": 0.15,
    "institutions": 0.2,
}
BUSINESS: Mean = {"wealth": 0.6, "service": 0.4}
EXPOSURE: Mean = {"conflict": 0.5, "rim": 0.3, "no_cyber": 0.2}

INSTITUTIONS = {
    "OECD": 0.3,
    "COUNCIL_OF_EUROPE": 0.3,
    "NATO": 0.2,
    "EEA_EFTA": 0.2,
    "candidate": 0.4,
    "potential candidate": 0.4,
}
"""What each shared institution, or the way into the EU, adds to ``institutions`` (at most 1)."""

RIM = {
    "Eastern Partnership": 1.0,
    "Western Balkans": 0.8,
    "Southern Neighbourhood": 0.7,
    "Türkiye (enlargement)": 0.7,
}
"""Special exposure of the enlargement and neighbourhood countries (section 4 of the document)."""

CONFLICT_REACH_KM = 1500.0
WEALTH_RANGE = (300.0, 60_000.0)


class Scores(NamedTuple):
    """Scores of N countries, as in :class:`partnersim.model.world_arrays.WorldArrays`."""

    size: Floats
    gdp_share: Floats
    population_share: Floats
    gdp: Floats
    population: Floats
    alignment: Floats
    readiness: Floats
    need: Floats
    rival: Floats
    threat: Floats
    business: Floats
    exposure: Floats


def score(
    countries: pd.DataFrame,
    organisations: Organisations,
    hotspots: list[tuple[float, float, float]],
) -> Scores:
    """Return all scores of the full set of countries.

    Parameters
    ----------
    countries : DataFrame
        The full world (scales and shares refer to it), imputed.
    organisations : Organisations
        Members of the institutions shared with the EU.
    hotspots : list of tuple
        Latitude, longitude (radians) and weight of centres of conflict.
    """
    gdp = countries["gdp_usd"].to_numpy(np.float64)
    population = countries["population"].to_numpy(np.float64)
    parts = _parts(countries, organisations, hotspots)
    readiness = _by_area(READINESS, parts)
    threat = _by_area(THREAT, parts)
    demand = np.stack(
        [
            _mean(DEMAND[area], {**parts, "threat": threat[:, position]})
            for position, area in enumerate(AREAS)
        ],
        axis=1,
    )
    exposure = 0.5 + _mean(EXPOSURE, parts)
    return Scores(
        size=parts["size"].round(DECIMALS),
        gdp_share=gdp / gdp.sum(),
        population_share=population / population.sum(),
        gdp=(gdp / 1e6).round(DECIMALS),
        population=(population / 1e6).round(DECIMALS),
        alignment=_mean(ALIGNMENT, parts).round(DECIMALS),
        readiness=readiness.round(DECIMALS),
        need=(NEED_GAP * (1 - readiness) + (1 - NEED_GAP) * demand).round(DECIMALS),
        rival=_by_area(RIVAL, parts).round(DECIMALS),
        threat=threat.round(DECIMALS),
        business=_mean(BUSINESS, parts).round(DECIMALS),
        exposure=(exposure / exposure.mean()).round(DECIMALS),
    )


def _parts(
    countries: pd.DataFrame,
    organisations: Organisations,
    hotspots: list[tuple[float, float, float]],
) -> dict[str, Floats]:
    """Return the parts that the weighted means are made of, each (N,) in 0..1."""

    def column(name: str) -> Floats:
        return countries[name].to_numpy(np.float64)

    codes = list(countries["iso3"])
    china = np.array([code == "CHN" for code in codes])
    # China trades with itself, so to speak: no other supplier pulls it.
    trade_china = (column("exports_china") + column("imports_china")) / 2 / 40
    libdem = column("liberal_democracy")
    parts = {
        "size": _min_max(np.log(column("gdp_usd"))),
        "wealth": _range(np.log(column("gdp_per_person")), *np.log(WEALTH_RANGE)),
        "telecom": column("telecom"),
        "internet": column("internet_users") / 100,
        "service": column("online_service"),
        "education": column("human_capital"),
        "cyber": column("cybersecurity_index") / 100,
        "democracy": _range(libdem, 0.0, 0.85),
        "near_eu": _range(-column("un_distance_eu"), -3.3, 0.0),
        "vote_eu": _range(column("un_agreement_eu"), 0.3, 1.0),
        "vote_china": _range(column("un_agreement_china"), 0.3, 0.9),
        "vote_russia": _range(column("un_agreement_russia"), 0.2, 0.8),
        "trade_china": np.where(china, 1.0, trade_china.clip(0.0, 1.0)),
        # Campaigns work where politics are neither closed nor settled.
        "contested": 1 - (np.abs(libdem - 0.45) / 0.45).clip(0.0, 1.0),
        "institutions": _institutions(countries, organisations),
        "conflict": _conflict(countries, hotspots),
        "rim": np.array([RIM.get(region, 0.0) for region in countries["region"]]),
        "coast": (~countries["landlocked"].to_numpy(bool)).astype(np.float64),
    }
    # Votes of 2021-2023, which those on the war against Ukraine mark; vote_eu ends in 2019.
    parts["vote_other"] = 1 - parts["vote_russia"]
    parts["unconnected"] = 1 - parts["internet"]
    parts["no_service"] = 1 - parts["service"]
    parts["no_telecom"] = 1 - parts["telecom"]
    parts["no_cyber"] = 1 - parts["cyber"]
    return parts


def _institutions(countries: pd.DataFrame, organisations: Organisations) -> Floats:
    total = np.zeros(len(countries))
    for name, weight in INSTITUTIONS.items():
        members = organisations.members.get(name, frozenset())
        total += weight * np.array([code in members for code in countries["iso3"]])
        total += weight * (countries["enlargement"] == name).to_numpy()
    return total.clip(0.0, 1.0)


def _conflict(countries: pd.DataFrame, hotspots: list[tuple[float, float, float]]) -> Floats:
    """Return nearness to the nearest centre of conflict: weight x exp(-distance / 1,500 km)."""
    latitude = np.radians(countries["latitude"].to_numpy(np.float64))
    longitude = np.radians(countries["longitude"].to_numpy(np.float64))
    nearness = [
        weight
        * np.exp(
            -great_circle(latitude, longitude, np.float64(phi), np.float64(theta))
            / CONFLICT_REACH_KM
        )
        for phi, theta, weight in hotspots
    ]
    return np.max(nearness, axis=0) if nearness else np.zeros(len(countries))


def _by_area(means: dict[str, Mean], parts: dict[str, Floats]) -> Floats:
    return np.stack([_mean(means[area], parts) for area in AREAS], axis=1)


def _mean(weights: Mean, parts: Mapping[str, Floats]) -> Floats:
    total = np.zeros(len(next(iter(parts.values()))))
    for name, weight in weights.items():
        total += weight * parts[name]
    return total


def _range(values: Floats, low: float, high: float) -> Floats:
    return ((values - low) / (high - low)).clip(0.0, 1.0)


def _min_max(values: Floats) -> Floats:
    return (values - values.min()) / (np.ptp(values) or 1.0)
