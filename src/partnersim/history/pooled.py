"""Effects of single instruments and countries, pooled: few records pull an effect to its mean.

Each instrument has an effect on the utility of opening it and one on the log hazard of its stages;
each country has an effect on the utility of anything. They are normal around the mean of the
instrument's path (of all countries), with a spread that the history tells (a random effect, Gelman
and Hill (2006), doi:10.1017/CBO9780511790942): what has no record keeps mean and spread of its
path. Each instrument also has slopes by economic size and by wealth around those of its path, and
each region an effect on whatever ties one partner alone to the EU.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from partnersim.arrays import Floats, Integers
from partnersim.history.likelihood import PARAMETERS, HistoryLikelihood, Slopes
from partnersim.model.constants import MIDDLING, NETWORK, PATHS
from partnersim.world.pooled import AROUND, SLOPES

#: Kinds of effects, with the spread believed in before the history is looked at. Slopes: 2.5 by two
#: standard deviations among the partners, .36 of size and .5 of wealth (Gelman et al. 2008,
#: doi:10.1214/08-AOAS191). In the order in which `PooledLikelihood` writes its gradient.
KINDS = {
    **{"path": 1.0, "path_size": 7.0, "path_wealth": 5.0},
    **{"opening": 1.0, "size": 7.0, "wealth": 5.0},
    **{"country": 0.5, "region": 0.5, "speed": 0.5},
}
#: Kinds whose spread is not estimated: four paths are too few for that.
OF_PATHS = tuple(AROUND.values())
#: How many well-known effects the spread believed in before is worth. Without it, few records
#: drive the estimate to zero (Chung et al. 2013, doi:10.1007/s11336-013-9328-2).
BELIEVED = 2.0


class PooledLikelihood:
    """Log-likelihood of coefficients and effects together.

    Parameters
    ----------
    likelihood : HistoryLikelihood

    Attributes
    ----------
    names : dict of str to tuple of str
        What each kind has effects of: paths, instruments, countries or regions.
    places : dict of str to slice
        Where each kind stands in a vector of effects.
    count : int
        Number of effects.
    """

    def __init__(self, likelihood: HistoryLikelihood) -> None:
        self.likelihood = likelihood
        design = likelihood.design
        world, arrays = design.world, design.world.arrays
        own = {"country": tuple(world.countries["iso3"]), "region": world.regions}
        own |= dict.fromkeys(OF_PATHS, PATHS)
        instruments = tuple(world.instruments["instrument"])
        self.names = {kind: own.get(kind, instruments) for kind in KINDS}
        self.places: dict[str, slice] = {}
        self.count = 0
        for kind, members in self.names.items():
            self.places[kind] = slice(self.count, self.count + len(members))
            self.count += len(members)
        self._by = {name: getattr(design, name) - MIDDLING for name in SLOPES}
        self._path: Integers = arrays.path.astype(np.int64)[design.instrument]
        self._region: Integers = arrays.region.astype(np.int64)[design.country]
        self._alone: Floats = 1.0 - (arrays.role == NETWORK)[design.instrument]
        self._spell: Integers = np.array([spell.instrument for spell in design.spells], np.int64)

    def parts(self, theta: Floats) -> dict[str, Floats]:
        """Return the effects by kind, from coefficients and effects, (P + E,)."""
        effects = theta[len(PARAMETERS) :]
        return {kind: effects[place] for kind, place in self.places.items()}

    def spread_of_each(self, by_kind: dict[str, float]) -> Floats:
        """Return the spread of every effect, from that of its kind, (E,)."""
        sizes = list(map(len, self.names.values()))
        return np.repeat([by_kind[kind] for kind in self.names], sizes)

    def added(self, theta: Floats) -> Floats:
        """Return what effects add to the utility of each option, (R,)."""
        design, part = self.likelihood.design, self.parts(theta)
        return (
            part["path"][self._path]
            + part["opening"][design.instrument]
            + sum(
                (part[f"path_{kind}"][self._path] + part[kind][design.instrument]) * by
                for kind, by in self._by.items()
            )
            + part["country"][design.country]
            + part["region"][self._region] * self._alone
        )

    def slopes(self, theta: Floats) -> Slopes:
        """Return the slopes of the log-likelihood at coefficients and effects, (P + E,)."""
        faster = self.parts(theta)["speed"][self._spell]
        return self.likelihood.slopes(theta[: len(PARAMETERS)], self.added(theta), faster)

    def value_and_gradient(self, theta: Floats) -> tuple[float, Floats]:
        """Return the log-likelihood and its gradient by coefficients and effects, (P + E,)."""
        slopes = self.slopes(theta)
        by_speed = np.bincount(self._spell, slopes.by_log_hazard, len(self.names["speed"]))
        by_utility = self._of_utility(slopes.by_utility, power=1)
        return slopes.value, np.concatenate([slopes.gradient, *by_utility, by_speed])

    def _of_utility(self, values: Floats, power: int) -> list[Floats]:
        """Return sums of values of options (R,) by effect, times what each acts by to a power."""
        design, names = self.likelihood.design, self.names
        weighed = [values, *(values * by**power for by in self._by.values())]
        count = len(names["opening"])
        return [
            *(np.bincount(self._path, each, len(PATHS)) for each in weighed),
            *(np.bincount(design.instrument, each, count) for each in weighed),
            np.bincount(design.country, values, len(names["country"])),
            np.bincount(self._region, values * self._alone, len(names["region"])),
        ]

    def information(self, theta: Floats) -> Floats:
        """Return about how many decisions tell of each effect, (E,).

        The second derivative of a Poisson count by its log rate is the expected count: that of
        openings for effects on the utility, that of moves seen for effects on hazards.
        """
        design = self.likelihood.design
        opened = self.likelihood.opening(theta[: len(PARAMETERS)], self.added(theta)).probability
        moves = design.weight * np.maximum(0, design.low[:, -1] - 1)
        by_speed = np.bincount(self._spell, moves, len(self.names["speed"]))
        return np.concatenate([*self._of_utility(opened, power=2), by_speed])

    def spreads(self, theta: Floats, by_kind: dict[str, float]) -> dict[str, float]:
        """Return the spread of each kind of effects that the mode at the last spreads implies.

        The sum of squares over the number of effects that the history tells (MacKay 1992,
        doi:10.1162/neco.1992.4.3.415), what was believed counting as `BELIEVED` effects more.
        """
        known, part = self.information(theta), self.parts(theta)
        found = dict(by_kind)
        for kind in KINDS:
            if kind not in OF_PATHS:
                precision = known[self.places[kind]] * by_kind[kind] ** 2
                well_determined = float((precision / (1.0 + precision)).sum())
                squares = float((part[kind] ** 2).sum())
                squares += BELIEVED * KINDS[kind] ** 2
                found[kind] = math.sqrt(squares / (well_determined + BELIEVED))
        return found

    def _known_of_sums(self, covariance: Floats) -> tuple[Floats, Floats, Floats]:
        """Return deviations, and correlations with opening and slope by size, (E,).

        Of an instrument what counts is the sum of its effect and that of its path.
        """
        deviations = np.sqrt(np.diag(covariance))
        correlations = np.zeros((2, self.count))
        paths = self.likelihood.design.world.arrays.path
        for k, path in enumerate(paths):
            adds = np.zeros((len(AROUND), self.count))
            for row, (kind, of_path) in enumerate(AROUND.items()):
                adds[row, self.places[kind].start + k] = 1.0
                adds[row, self.places[of_path].start + path] = 1.0
            block = adds @ covariance @ adds.T
            spread = np.sqrt(np.diag(block))
            for row, kind in enumerate(AROUND):
                place = self.places[kind].start + k
                deviations[place] = spread[row]
                for other in range(row):
                    correlations[other, place] = block[row, other] / (spread[row] * spread[other])
        return deviations, correlations[0], correlations[1]

    def table(self, theta: Floats, covariance: Floats, by_kind: dict[str, float]) -> pd.DataFrame:
        """Return the effects as a table.

        Parameters
        ----------
        theta : (P + E,) array
        covariance : (E, E) array
            Of the effects, given the coefficients.
        by_kind : dict of str to float
            Spread of each kind among those of which nothing is known.

        Returns
        -------
        DataFrame
            kind, name, mean, deviation, and the number of decisions that tell of it.
        """
        deviations, with_opening, with_size = self._known_of_sums(covariance)
        return pd.DataFrame(
            {
                "kind": [kind for kind, names in self.names.items() for _ in names],
                "name": [name for names in self.names.values() for name in names],
                "mean": theta[len(PARAMETERS) :],
                "deviation": deviations,
                "spread": self.spread_of_each(by_kind),
                "decisions": self.information(theta),
                "with_opening": with_opening,
                "with_size": with_size,
            }
        )
