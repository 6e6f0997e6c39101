"""Three simple forecasts that a model has to beat, from the records before the cut.

- base rate: every case of a stage is as likely as cases of that stage were;
- pipeline: the same, apart for pairs under way and pairs not under way: "what is already under
  way moves next";
- popularity: as likely as the base rate on average, in proportion to how many ties the instrument
  and the country have already.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partnersim.calibration.coding import positions
from partnersim.calibration.history import Record
from partnersim.calibration.spells import stages_known
from partnersim.calibration.timeline import quarter_number
from partnersim.rules.constants import QUARTERS_PER_YEAR, STAGES
from partnersim.world.world import World

REFERENCES = ("base_rate", "pipeline_rate", "popularity")
#: Years before the cut from which rates are taken.
YEARS = 5
#: Cases added to numerator and denominator, so that no rate is 0.
_PSEUDO = 0.5
_NONE, _PLANNED = STAGES.index("none"), STAGES.index("planned")


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
    horizon = np.array([quarter_number(label) - cut for label in table["by"]], dtype=np.float64)
    stage = table["stage"].to_numpy(str)
    under_way = table["pipeline"].to_numpy(bool)
    pooled = np.array([rates[name, None] for name in stage])
    split = np.array([rates[name, bool(way)] for name, way in zip(stage, under_way, strict=True)])
    popular = _popularity(table, world)
    hazard = pooled.copy()
    for name in dict.fromkeys(stage):
        chosen = stage == name
        hazard[chosen] *= popular[chosen] / popular[chosen].mean()
    return table.assign(
        base_rate=-np.expm1(-pooled * horizon),
        pipeline_rate=-np.expm1(-split * horizon),
        popularity=-np.expm1(-hazard * horizon),
    )


def _rates(
    world: World, found: list[Record], open_to: NDArray[np.bool_], cut: int
) -> dict[tuple[str, bool | None], float]:
    """Return the rate per quarter of reaching each stage: pooled, under way, not under way."""
    happened: dict[tuple[str, bool], float] = {}
    cases: dict[tuple[str, bool], float] = {}
    paths = list(world.instruments["path"])
    for year in range(YEARS):
        begin = cut + 1 - QUARTERS_PER_YEAR * (YEARS - year)
        before = stages_known(world, found, begin)
        after = stages_known(world, found, begin + QUARTERS_PER_YEAR)
        under_way = before > _PLANNED
        for column, path in enumerate(paths):
            for name in positions(path):
                if name == "none":
                    continue
                number = STAGES.index(name)
                missing = open_to[:, column] & (before[:, column] < number)
                for way in (False, True):
                    at_risk = missing & (under_way[:, column] == way)
                    moved = at_risk & (after[:, column] >= number)
                    cases[name, way] = cases.get((name, way), 0.0) + at_risk.sum()
                    happened[name, way] = happened.get((name, way), 0.0) + moved.sum()
    rates: dict[tuple[str, bool | None], float] = {}
    for name in STAGES[_PLANNED + 1 :]:
        found_by = {way: (happened[name, way], cases[name, way]) for way in (False, True)}
        pooled = tuple(sum(part) for part in zip(*found_by.values(), strict=True))
        rates[name, None] = _rate(*pooled)
        for way, (events, at_risk) in found_by.items():
            rates[name, way] = _rate(events, at_risk)
    return rates


def _rate(happened: float, cases: float) -> float:
    """Return the rate per quarter behind a share per year."""
    share = (happened + _PSEUDO) / (cases + 2 * _PSEUDO)
    return float(-np.log1p(-share) / QUARTERS_PER_YEAR)


def _popularity(table: pd.DataFrame, world: World) -> NDArray[np.float64]:
    """Return (ties of the instrument + 1) (ties of the country + 1) of every case."""
    tied = world.arrays.stage > _PLANNED
    of_country = dict(zip(world.countries["iso3"], tied.sum(axis=1) + 1.0, strict=True))
    of_instrument = dict(zip(world.instruments["instrument"], tied.sum(axis=0) + 1.0, strict=True))
    return table["iso3"].map(of_country).to_numpy(np.float64) * table["instrument"].map(
        of_instrument
    ).to_numpy(np.float64)
