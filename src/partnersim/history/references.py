"""Three simple forecasts that a model has to beat, from the records before the cut.

- base rate: every case of a stage of a path is as likely as such cases were;
- pipeline: the same, apart for pairs under way and pairs not under way: "what is already under
  way moves next";
- popularity: as likely as the base rate on average, in proportion to how many ties the instrument
  and the country have already.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partnersim.history.history import Record
from partnersim.history.spells import stages_known
from partnersim.history.timeline import quarter_number
from partnersim.model.constants import PATH_STAGES, QUARTERS_PER_YEAR, STAGES
from partnersim.model.world_arrays import Floats
from partnersim.world.world import World

REFERENCES = ("base_rate", "pipeline_rate", "popularity")
#: Years before the cut from which rates are taken.
YEARS = 5
#: Cases added to numerator and denominator, so that no rate is 0.
_PSEUDO = 0.5
_PLANNED = STAGES.index("planned")


def with_references(
    table: pd.DataFrame,
    found: list[Record],
    world: World,
    open_to: NDArray[np.bool_],
    cut: int,
) -> pd.DataFrame:
    """Return the cases of a forecast with the probabilities of the three references.

    Parameters
    ----------
    table : DataFrame
        ``iso3, instrument, stage, by`` and ``pipeline``.
    found : list of Record
        Records up to the cut.
    world : World
        Its arrays hold the stages at the cut.
    open_to : (N, K) array of bool
        Pairs that count as cases.
    cut : int
        Last quarter known, counted from 2010Q1.
    """
    rates = _rates(world, found, open_to, cut)
    path_of = dict(zip(world.instruments["instrument"], world.instruments["path"], strict=True))
    group = [
        f"{path} {stage}"
        for path, stage in zip(table["instrument"].map(path_of), table["stage"], strict=True)
    ]
    names, place = np.unique(group, return_inverse=True)
    under_way = table["pipeline"].to_numpy(bool)
    pooled = np.array([rates[name, None] for name in names])[place]
    split = np.where(
        under_way,
        np.array([rates[name, True] for name in names])[place],
        np.array([rates[name, False] for name in names])[place],
    )
    popular = _popularity(table, world)
    mean = np.bincount(place, popular) / np.bincount(place)
    labels, number = np.unique(table["by"].to_numpy(str), return_inverse=True)
    horizon = np.array([quarter_number(label) - cut for label in labels], np.float64)[number]
    told = table.assign(
        base_rate=-np.expm1(-pooled * horizon),
        pipeline_rate=-np.expm1(-split * horizon),
        popularity=-np.expm1(-pooled * popular / mean[place] * horizon),
    )
    # Whoever has reached a later stage has reached the earlier ones; stages stand in their order.
    pairs = told.groupby(["iso3", "instrument", "by"], sort=False)["popularity"]
    return told.assign(popularity=pairs.cummin())


def _rates(
    world: World, found: list[Record], open_to: NDArray[np.bool_], cut: int
) -> dict[tuple[str, bool | None], float]:
    """Return the rate per quarter by path and stage: pooled, under way, not under way."""
    happened: dict[tuple[str, bool], float] = {}
    cases: dict[tuple[str, bool], float] = {}
    paths = list(world.instruments["path"])
    for year in range(YEARS):
        begin = cut + 1 - QUARTERS_PER_YEAR * (YEARS - year)
        before = stages_known(world, found, begin)
        after = stages_known(world, found, begin + QUARTERS_PER_YEAR)
        under_way = before > _PLANNED
        for column, path in enumerate(paths):
            for stage in PATH_STAGES[path]:
                number = STAGES.index(stage)
                missing = open_to[:, column] & (before[:, column] < number)
                for way in (False, True):
                    key = f"{path} {stage}", way
                    at_risk = missing & (under_way[:, column] == way)
                    moved = at_risk & (after[:, column] >= number)
                    cases[key] = cases.get(key, 0.0) + at_risk.sum()
                    happened[key] = happened.get(key, 0.0) + moved.sum()
    rates: dict[tuple[str, bool | None], float] = {}
    for name in dict.fromkeys(name for name, _ in cases):
        found_by = {way: (happened[name, way], cases[name, way]) for way in (False, True)}
        rates[name, None] = _rate(*(sum(part) for part in zip(*found_by.values(), strict=True)))
        for way, (events, at_risk) in found_by.items():
            rates[name, way] = _rate(events, at_risk)
    return rates


def _rate(happened: float, cases: float) -> float:
    """Return the rate per quarter behind a share per year."""
    share = (happened + _PSEUDO) / (cases + 2 * _PSEUDO)
    return float(-np.log1p(-share) / QUARTERS_PER_YEAR)


def _popularity(table: pd.DataFrame, world: World) -> Floats:
    """Return (ties of the instrument + 1) (ties of the country + 1) of every case."""
    tied = world.arrays.stage > _PLANNED
    of_country = dict(zip(world.countries["iso3"], tied.sum(axis=1) + 1.0, strict=True))
    of_instrument = dict(zip(world.instruments["instrument"], tied.sum(axis=0) + 1.0, strict=True))
    return table["iso3"].map(of_country).to_numpy(np.float64) * table["instrument"].map(
        of_instrument
    ).to_numpy(np.float64)
