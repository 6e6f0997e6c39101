"""Simple forecasts that a model has to beat, from what was recorded in the years before.

- base rate: every case of a stage of a path is as likely as such cases were;
- pipeline: the same, apart for pairs under way and pairs not under way: "what is already under
  way moves next";
- popularity: as likely as the base rate on average, in proportion to how many ties the instrument
  and the country have already;
- instrument: the pipeline rule, in which each instrument has a rate of its own, pulled to that of
  its path (gamma-Poisson, Gelman et al. 2013, Bayesian Data Analysis, chapter 2.6).
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pandas as pd

from partnersim.arrays import Floats
from partnersim.history.cases import Cut, Moment
from partnersim.history.history import places, quarter_number
from partnersim.history.spells import stages_known
from partnersim.model.constants import PATH_STAGES, PLANNED, QUARTERS_PER_YEAR, STAGES
from partnersim.world.world import World

RULES = ("base_rate", "pipeline_rate", "popularity", "instrument_rate")
#: Years before the cut from which rates are taken.
YEARS = 5
#: Cases added to numerator and denominator, so that no rate is 0.
_PSEUDO = 0.5
#: How many moves the rate of the path is worth to an instrument's own.
_SHAPE = 1.0


def with_rules(table: pd.DataFrame, cut: Cut, moment: Moment) -> pd.DataFrame:
    """Return the cases of a forecast with the probabilities of the simple rules.

    Parameters
    ----------
    table : DataFrame
        ``iso3, instrument, stage, by`` and ``pipeline``.
    cut : Cut
        What was known.
    moment : Moment
        Where the forecast begins.
    """
    world = moment.world
    rates = _rates(cut)
    paths = table["instrument"].map(world.instruments.set_index("instrument")["path"])
    place, names = pd.factorize(paths + " " + table["stage"])
    way = table["pipeline"].to_numpy(bool).astype(int)
    counts = np.array([rates[name].sum(axis=0) for name in names])
    base = _rate(*counts.sum(axis=1).T)[place]
    by_way = _rate(*np.moveaxis(counts, -1, 0))[place, way]
    countries, instruments = places(world)
    country = table["iso3"].map(countries).to_numpy()
    number = table["instrument"].map(instruments).to_numpy()
    moved, at_risk = np.array([rates[name] for name in names])[place, number, way].T
    years = (_SHAPE + moved) / (_SHAPE / (QUARTERS_PER_YEAR * by_way) + at_risk)
    tied = world.arrays.stage > PLANNED
    popular = (tied.sum(axis=1) + 1.0)[country] * (tied.sum(axis=0) + 1.0)[number]
    mean = np.bincount(place, popular) / np.bincount(place)
    last = {by: quarter_number(by) - cut.quarter for by in set(table["by"])}
    horizon = table["by"].map(last).to_numpy()
    cases = table.assign(
        base_rate=-np.expm1(-base * horizon),
        pipeline_rate=-np.expm1(-by_way * horizon),
        popularity=-np.expm1(-base * popular / mean[place] * horizon),
        instrument_rate=-np.expm1(-years / QUARTERS_PER_YEAR * horizon),
    )
    # Whoever has reached a later stage has reached the earlier ones; stages stand in their order.
    pairs = cases.groupby(["iso3", "instrument", "by"], sort=False)
    return cases.assign(
        **{name: pairs[name].cummin() for name in ("popularity", "instrument_rate")}
    )


def _rates(cut: Cut) -> dict[str, Floats]:
    """Return moves and cases by path and stage: (K, 2, 2), not under way before under way."""
    world: World = cut.evidence.world
    paths = world.instruments["path"].to_numpy(str)
    counts: dict[str, Floats] = defaultdict(lambda: np.zeros((len(paths), 2, 2)))
    for year in range(YEARS):
        begin = cut.quarter + 1 - QUARTERS_PER_YEAR * (YEARS - year)
        if begin < 0:
            continue
        moment = cut.moment(begin)
        before, under_way = moment.recorded, moment.recorded > PLANNED
        after = stages_known(world, cut.found, begin + QUARTERS_PER_YEAR)
        for path, stages in PATH_STAGES.items():
            for stage in stages:
                number = STAGES.index(stage)
                missing = (moment.open_to | (under_way & moment.known)) & (before < number)
                for way in (0, 1):
                    at_risk = missing & (under_way == way) & (paths == path)
                    moved = at_risk & (after >= number)
                    sums = np.stack([moved.sum(axis=0), at_risk.sum(axis=0)], axis=1)
                    counts[f"{path} {stage}"][:, way] += sums
    return counts


def _rate(happened: Floats, cases: Floats) -> Floats:
    """Return the rates per quarter behind shares per year."""
    rates: Floats = -np.log1p(-(happened + _PSEUDO) / (cases + 2 * _PSEUDO)) / QUARTERS_PER_YEAR
    return rates
