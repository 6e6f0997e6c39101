"""The hazard that a pair becomes a tie within a year, from the record alone.

A complementary log-log regression in discrete time (Prentice and Gloeckler 1978,
doi:10.2307/2529588) over pairs and years at risk. Instruments, regions, regions by instrument and
countries have random effects: few records pull them to their mean (Gelman and Hill 2006,
doi:10.1017/CBO9780511790942). It is fitted anew at each cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.sparse import csr_array, hstack, vstack
from threadpoolctl import threadpool_limits

from partnersim.arrays import Floats, Integers
from partnersim.history.cases import Cut, Moment
from partnersim.model.constants import PATHS, QUARTERS_PER_YEAR

#: Standard deviations believed in before the record is looked at, on the log of a hazard per year.
#: Pairs under way have effects of their own path and instrument only.
SPREADS = {
    **{"path": 2.0, "path, under way": 2.0, "feature": 1.0},
    **{"instrument": 0.7, "instrument, under way": 0.7},
    **{"region": 0.5, "region x instrument": 0.7, "country": 0.5},
}
#: Where the log hazard per year is centred: seven ties a year in a thousand pairs.
CENTRE = -5.0


@dataclass(frozen=True, eq=False)
class TieHazard:
    """A fitted hazard.

    Attributes
    ----------
    effects : (C,) array
        In units of their spreads.
    covariance : (C, C) array
        Of them (Laplace).
    """

    effects: Floats
    covariance: Floats

    def of(self, moment: Moment) -> tuple[Floats, Floats]:
        """Return log hazard per year and its deviation, (N, K).

        Of pairs that are no cases, and of instruments of which there is no dated record, it is
        -inf: nothing is known of them.
        """
        rows, columns = np.nonzero(moment.cases & moment.on_record)
        terms = _terms(moment, rows, columns)
        level, deviation = np.full(moment.cases.shape, -np.inf), np.zeros(moment.cases.shape)
        level[rows, columns] = CENTRE + terms @ self.effects
        variance = (terms @ self.covariance * terms.toarray()).sum(axis=1)
        deviation[rows, columns] = np.sqrt(variance)
        return level, deviation


def probability_of(log_hazard: Floats, quarters: Floats | int) -> Floats:
    """Return the probability that a pair becomes a tie within some quarters.

    Examples
    --------
    >>> probability_of(np.log(np.array([0.1])), 4).round(3).tolist()
    [0.095]
    """
    chance: Floats = -np.expm1(-np.exp(log_hazard) * quarters / QUARTERS_PER_YEAR)
    return chance


@lru_cache(maxsize=1)
def fit_hazard(cut: Cut) -> TieHazard:
    """Fit the hazard to the years before a cut; forecasts from the same cut share one.

    Ties of one decision share the weight of one.
    """
    parts, happened, weight = [], [], []
    for begin in range((cut.quarter + 1) % QUARTERS_PER_YEAR, cut.quarter, QUARTERS_PER_YEAR):
        moment = cut.moment(begin)
        rows, columns = np.nonzero(moment.cases)
        parts.append(_terms(moment, rows, columns))
        made = np.zeros(moment.cases.shape)
        share = np.ones(moment.cases.shape)
        ties, late = cut.first_ties(begin - 1), begin + QUARTERS_PER_YEAR
        new = {pair: tie for pair, tie in ties.items() if tie.last < late and moment.cases[pair]}
        sizes = pd.Series([tie.decision for tie in new.values()], dtype=str).value_counts()
        for pair, tie in new.items():
            made[pair] = 1.0
            share[pair] = 1.0 / sizes[tie.decision] if tie.decision else 1.0
        happened.append(made[rows, columns])
        weight.append(share[rows, columns])
    terms = csr_array(vstack(parts))
    y, w = np.concatenate(happened), np.concatenate(weight)

    def loss(effects: Floats) -> tuple[float, Floats]:
        hazard = np.exp(np.clip(CENTRE + terms @ effects, -30.0, 3.0))
        log_tie, slope = np.log(-np.expm1(-hazard)), hazard / np.expm1(hazard)
        value = w @ np.where(y > 0, log_tie, -hazard)
        gradient = terms.T @ (w * np.where(y > 0, slope, -hazard))
        return 0.5 * effects @ effects - value, effects - gradient

    # Sums that several threads share out end in other last digits.
    with threadpool_limits(limits=1, user_api="blas"):
        found = minimize(
            loss, np.zeros(terms.shape[1]), jac=True, method="L-BFGS-B", options={"maxcor": 30}
        )
        expected = w * np.exp(np.clip(CENTRE + terms @ found.x, -30.0, 3.0))
        information = (terms.T @ terms.multiply(expected[:, None])).toarray()
        return TieHazard(found.x, np.linalg.inv(information + np.eye(len(information))))


def _terms(moment: Moment, rows: Integers, columns: Integers) -> csr_array:
    """Return what the effects weigh for some pairs, (R, C), effects in units of their spreads."""
    arrays, regions = moment.world.arrays, len(moment.world.regions)
    countries, instruments = arrays.stage.shape
    way = moment.under_way[rows, columns].astype(float)
    novel = 1.0 - way
    tied = moment.recorded >= moment.ties
    features = [
        arrays.alignment[rows] - 0.5,
        arrays.size[rows] - 0.5,
        np.log1p(tied.sum(axis=1))[rows] - 1.0,
        np.log1p(tied.sum(axis=0))[columns] - 1.0,
        moment.prepared[rows, columns] - 1.0,
    ]
    path, region = arrays.path[columns].astype(int), arrays.region[rows].astype(int)

    def flags(kind: str, place: Integers, width: int, value: Floats) -> csr_array:
        at = np.arange(len(place)), place
        return csr_array((SPREADS[kind] * value, at), shape=(len(place), width))

    blocks = [
        flags("path", path, len(PATHS), novel),
        flags("path, under way", path, len(PATHS), way),
        csr_array(SPREADS["feature"] * np.stack(features, axis=1) * novel[:, None]),
        flags("instrument", columns, instruments, novel),
        flags("instrument, under way", columns, instruments, way),
        flags("region", region, regions, novel),
        flags("region x instrument", region * instruments + columns, regions * instruments, novel),
        flags("country", rows, countries, novel),
    ]
    return csr_array(hstack(blocks))
