"""From indicators to scores: how every score of a country is made.

All scores are in 0..1 and rounded to six decimals. The weights stand in ``scores.csv``; they are
our own and assumed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from partnersim.errors import refuse
from partnersim.model.constants import AREAS, OBJECTIVES
from partnersim.model.world_arrays import Floats
from partnersim.random.elementary import each_exp, each_log
from partnersim.world.affinity import DECIMALS, great_circle
from partnersim.world.countries import Organisations
from partnersim.world.layouts import ENLARGEMENT, read_rows
from partnersim.world.places import short_name
from partnersim.world.tables import Reader

#: Weighted means by score and area: weight of each part.
Means = Mapping[tuple[str, str], Mapping[str, float]]

PARTS = (
    *("size", "wealth", "telecom", "internet", "service", "education", "cyber", "democracy"),
    *("near_eu", "vote_eu", "vote_china", "vote_russia", "vote_other", "trade_china", "contested"),
    *("institutions", "conflict", "rim", "coast"),
    *("unconnected", "no_service", "no_telecom", "no_cyber", "undemocratic", "poor"),
)
_BY_AREA = ("readiness", "demand", "rival", "threat")
_WHOLE = ("alignment", "business", "exposure", "fragility")
#: What weighs objectives instead of parts of countries' scores.
_VALUE = "value"
#: Numbers beside the weighted means, as score and part.
_NUMBERS = (
    *(("need", "gap"), ("exposure_base", "everybody"), ("conflict", "reach"), ("capacity", "size")),
)

WEALTH_RANGE = (300.0, 60_000.0)
_ROUNDING = 1e-9


@dataclass(frozen=True)
class ScoreWeight:
    """One number behind the scores of countries; assumed, so that a sweep may vary it.

    Attributes
    ----------
    score, area, part : str
        Which mean it belongs to (area empty for scores without areas), and which part it weighs.
    value, low, high : float
        Value in use and plausible range.
    unit, meaning : str
        Empty unit for a weight; one sentence.
    """

    score: str
    area: str
    part: str
    value: float
    low: float
    high: float
    unit: str
    meaning: str

    @property
    def name(self) -> str:
        """The name as typed, such as ``readiness_trade_wealth``."""
        return short_name("_".join(filter(None, (self.score, self.area, self.part))))


def read_weights(
    reader: Reader, regions: Collection[str], organisations: Collection[str]
) -> dict[str, ScoreWeight]:
    """Return the weights of ``scores.csv`` by name.

    Parameters
    ----------
    regions, organisations : collection of str
        Parts of the scores ``rim`` and ``institutions``.
    """
    parts: dict[str, Collection[str]] = {
        **dict.fromkeys((*_BY_AREA, *_WHOLE), PARTS),
        "demand": (*PARTS, "threat"),
        "institutions": (*organisations, *ENLARGEMENT[1:]),
        "rim": regions,
        _VALUE: OBJECTIVES,
        **{score: (part,) for score, part in _NUMBERS},
    }
    weights = {}
    known_problems = len(reader.problems)
    for row in read_rows(reader, "scores.csv"):
        if not reader.known(row, "score", parts, "a score"):
            continue
        reader.choice(row, "area", AREAS if row["score"] in _BY_AREA else ("",))
        reader.known(row, "part", parts[row["score"]], f"a part of {row['score']}")
        value, low, high = (row.values[name] for name in ("value", "low", "high"))
        if not low <= value <= high:
            reader.problem(row, f"value {value:g} must lie between low {low:g} and high {high:g}")
        texts = {name: row[name] for name in ("score", "area", "part", "unit", "meaning")}
        weight = ScoreWeight(value=value, low=low, high=high, **texts)
        weights[weight.name] = weight
    if len(reader.problems) == known_problems:
        held = {(weight.score, weight.area) for weight in weights.values()}
        needed = [(score, area) for score in _BY_AREA for area in AREAS]
        needed += [(score, "") for score in (*_WHOLE, _VALUE, *(score for score, _ in _NUMBERS))]
        reader.problems.extend(
            f"scores.csv: no row for {' '.join(filter(None, mean))}"
            for mean in needed
            if mean not in held
        )
    return weights


def means_of(weights: Mapping[str, ScoreWeight], changes: Mapping[str, float]) -> Means:
    """Return the weighted means, some weights replaced by name.

    Raises
    ------
    InputError
        If a mean would be left without any weight.
    """
    means: dict[tuple[str, str], dict[str, float]] = {}
    for name, weight in weights.items():
        mean = means.setdefault((weight.score, weight.area), {})
        mean[weight.part] = changes.get(name, weight.value)
    refuse(
        f"world.weights: one of {short_name('_'.join(filter(None, mean)))}_... must be above 0"
        for mean, parts in means.items()
        if mean[0] in (*_BY_AREA, *_WHOLE, _VALUE) and sum(parts.values()) <= 0
    )
    return means


def value_weights(means: Means) -> tuple[float, ...]:
    """Return the weight of each objective in value, relative: their mean is 1."""
    weights = [means[_VALUE, ""].get(objective, 0.0) for objective in OBJECTIVES]
    return tuple(weight * len(OBJECTIVES) / sum(weights) for weight in weights)


@dataclass(frozen=True, eq=False)
class Grounds:
    """What the scores of a world are worked out from.

    Attributes
    ----------
    countries : DataFrame
        All countries of the data (scales and shares refer to them), imputed.
    organisations : Organisations
        Members of the institutions shared with the EU.
    hotspots : list of (latitude, longitude, weight)
        Centres of conflict, in radians.
    weights : dict of str to ScoreWeight
    """

    countries: pd.DataFrame
    organisations: Organisations
    hotspots: list[tuple[float, float, float]]
    weights: dict[str, ScoreWeight]


def scores_of(grounds: Grounds, means: Means) -> dict[str, Any]:
    """Return all scores of N countries, by their names in `WorldArrays`.

    Parameters
    ----------
    means : mapping
        From `means_of`.
    """
    countries = grounds.countries
    gdp = countries["gdp_usd"].to_numpy(np.float64)
    population = countries["population"].to_numpy(np.float64)
    parts = _parts(grounds, means)
    readiness = _by_area(means, "readiness", parts)
    threat = _by_area(means, "threat", parts)
    threats = zip(AREAS, threat.T, strict=True)
    demand = np.stack(
        [_mean(means["demand", area], {**parts, "threat": own}) for area, own in threats], axis=1
    )
    exposure = means["exposure_base", ""]["everybody"] + _mean(means["exposure", ""], parts)
    gap = means["need", ""]["gap"]
    # By their mean over the region; 1 where that is 0.
    fragility = _mean(means["fragility", ""], parts)
    by_region = pd.Series(fragility).groupby(countries["region"].to_numpy())
    usual = by_region.transform("mean").to_numpy()
    fragility = np.divide(fragility, usual, out=np.ones(len(usual)), where=usual > 0)
    shares = {"gdp_share": gdp / gdp.sum(), "population_share": population / population.sum()}
    scores = {
        "size": parts["size"],
        "wealth": parts["wealth"],
        "gdp": gdp / 1e6,
        "population": population / 1e6,
        "alignment": _mean(means["alignment", ""], parts),
        "readiness": readiness,
        "need": gap * (1 - readiness) + (1 - gap) * demand,
        "rival": _by_area(means, "rival", parts),
        "threat": threat,
        "business": _mean(means["business", ""], parts),
        "exposure": exposure / exposure.mean(),
        "fragility": fragility,
    }
    return shares | {name: values.round(DECIMALS) for name, values in scores.items()}


def _parts(grounds: Grounds, means: Means) -> dict[str, Floats]:
    """Return the parts that the weighted means are made of, each (N,) in 0..1."""
    countries = grounds.countries

    def column(name: str) -> Floats:
        return countries[name].to_numpy(np.float64)

    china = (countries["iso3"] == "CHN").to_numpy()
    # China trades with itself, so to speak: no other supplier pulls it.
    trade_china = (column("exports_china") + column("imports_china")) / 2 / 40
    rim, shared = (means.get((name, ""), {}) for name in ("rim", "institutions"))
    libdem = column("liberal_democracy")
    parts = {
        "size": _min_max(each_log(column("gdp_usd"))),
        "wealth": _range(each_log(column("gdp_per_person")), *each_log(WEALTH_RANGE)),
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
        "institutions": _institutions(grounds, shared),
        "conflict": _conflict(grounds, means["conflict", ""]["reach"]),
        "rim": np.array([rim.get(region, 0.0) for region in countries["region"]]),
        "coast": (~countries["landlocked"].to_numpy(bool)).astype(np.float64),
    }
    # Votes of 2021-2023, which those on the war against Ukraine mark; vote_eu ends in 2019.
    parts["vote_other"] = 1 - parts["vote_russia"]
    lacking = {"unconnected": "internet", "undemocratic": "democracy", "poor": "wealth"}
    lacking |= {f"no_{part}": part for part in ("service", "telecom", "cyber")}
    for name, part in lacking.items():
        parts[name] = 1 - parts[part]
    return parts


def _institutions(grounds: Grounds, weights: Mapping[str, float]) -> Floats:
    countries = grounds.countries
    total = np.zeros(len(countries))
    for name, weight in weights.items():
        members = grounds.organisations.members.get(name, frozenset())
        total += weight * np.array([code in members for code in countries["iso3"]])
        total += weight * (countries["enlargement"] == name).to_numpy()
    return total.clip(0.0, 1.0)


def _conflict(grounds: Grounds, reach: float) -> Floats:
    """Return nearness to the nearest centre of conflict: weight x exp(-distance / reach in km).

    A reach below a kilometre counts as one.
    """
    latitude = np.radians(grounds.countries["latitude"].to_numpy(np.float64))
    longitude = np.radians(grounds.countries["longitude"].to_numpy(np.float64))
    nearness = []
    for phi, theta, weight in grounds.hotspots:
        distance = great_circle(latitude, longitude, np.float64(phi), np.float64(theta))
        nearness.append(weight * each_exp(-distance / max(reach, 1.0)))
    return np.max(nearness, axis=0) if nearness else np.zeros(len(latitude))


def _by_area(means: Means, score: str, parts: Mapping[str, Floats]) -> Floats:
    return np.stack([_mean(means[score, area], parts) for area in AREAS], axis=1)


def _mean(weights: Mapping[str, float], parts: Mapping[str, Floats]) -> Floats:
    """Return a weighted mean; weights that sum to 1 are taken as they are, to the bit."""
    total = np.zeros(len(next(iter(parts.values()))))
    for name, weight in weights.items():
        total += weight * parts[name]
    whole = sum(weights.values())
    return total if abs(whole - 1) <= _ROUNDING else total / whole


def _range(values: Floats, low: float, high: float) -> Floats:
    return ((values - low) / (high - low)).clip(0.0, 1.0)


def _min_max(values: Floats) -> Floats:
    return (values - values.min()) / (np.ptp(values) or 1.0)
