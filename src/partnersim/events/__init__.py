"""Estimate how undirected networks of ties that both ends must want come about.

Dynamic network actor models for coordination ties: data, effects, fit, rate, simulation and
goodness of fit; see ``docs/estimation.md`` for formulas and limits.
"""

from partnersim.events.attribute_effects import (
    Alter,
    Difference,
    Ego,
    Interaction,
    MeanOverPartners,
    Same,
    Similarity,
)
from partnersim.events.changes import (
    AttributeIncrements,
    AttributeReplacements,
    NetworkIncrements,
    NetworkReplacements,
    PresenceChanges,
)
from partnersim.events.estimates import Estimates
from partnersim.events.event_data import EventData
from partnersim.events.fitting import Fit, Likelihood, fit, log_likelihood
from partnersim.events.goodness import GoodnessOfFit, goodness_of_fit
from partnersim.events.rate import RateFit, fit_rate
from partnersim.events.simulation import History, simulate
from partnersim.events.tie_effects import Degree, FourCycles, SharedPartners, Tie

__all__ = [
    "Alter",
    "AttributeIncrements",
    "AttributeReplacements",
    "Degree",
    "Difference",
    "Ego",
    "Estimates",
    "EventData",
    "Fit",
    "FourCycles",
    "GoodnessOfFit",
    "History",
    "Interaction",
    "Likelihood",
    "MeanOverPartners",
    "NetworkIncrements",
    "NetworkReplacements",
    "PresenceChanges",
    "RateFit",
    "Same",
    "SharedPartners",
    "Similarity",
    "Tie",
    "fit",
    "fit_rate",
    "goodness_of_fit",
    "log_likelihood",
    "simulate",
]
