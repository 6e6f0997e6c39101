"""Priors: what is believed about a coefficient before the history is looked at.

Normal around the value that was set by hand, with a quarter of the plausible range as standard
deviation, cut off at the ends of that range. Coefficients that must be positive have this prior on
their logarithm.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from partnersim.history.likelihood import LOGARITHMIC, PARAMETERS
from partnersim.model.world_arrays import Floats
from partnersim.scenario.behaviour import Behaviour


@dataclass(frozen=True)
class Priors:
    """Independent normal priors of the coefficients of the likelihood.

    Attributes
    ----------
    mean, deviation, low, high : (P,) array
        In the order of ``likelihood.PARAMETERS``, logarithms for those of ``LOGARITHMIC``.
    """

    mean: Floats
    deviation: Floats
    low: Floats
    high: Floats

    def log_density(self, theta: Floats) -> float:
        """Return the log density up to a constant."""
        return float(-0.5 * (((theta - self.mean) / self.deviation) ** 2).sum())

    def slope(self, theta: Floats) -> Floats:
        """Return the gradient of the log density."""
        return -(theta - self.mean) / self.deviation**2


def priors_of(behaviour: Behaviour, width: float) -> Priors:
    """Return the priors that a table of assumed coefficients implies.

    Parameters
    ----------
    behaviour : Behaviour
        Values and plausible ranges.
    width : float
        Prior standard deviations between the ends of a range.
    """
    rows = []
    for name in PARAMETERS:
        item = behaviour.coefficients[name]
        row = (item.value, item.low, item.high)
        rows.append(tuple(map(math.log, row)) if name in LOGARITHMIC else row)
    mean, low, high = np.array(rows).T
    return Priors(mean, (high - low) / width, low, high)
