"""Estimate how undirected networks of ties that both ends must want come about.

Dynamic network actor models for coordination ties: data, effects, fit, rate, simulation and
goodness of fit; see ``docs/events.md`` for formulas and limits.
"""

from partnersim.events.changes import (
    AttributeIncrements,
    AttributeReplacements,
    NetworkIncrements,
    NetworkReplacements,
    PresenceChanges,
)
from partnersim.events.choice import Fit, LogLikelihood, fit, log_likelihood
from partnersim.events.effects import (
    Alter,
    Degree,
    Difference,
    Ego,
    FourCycles,
    Interaction,
    MeanOverPartners,
    Product,
    Same,
    SharedPartners,
    Similarity,
    Tie,
    Triangles,
)
from partnersim.events.estimates import Estimates, LikelihoodRatio, likelihood_ratio
from partnersim.events.event_data import EventData
from partnersim.events.goodness import GoodnessOfFit, goodness_of_fit
from partnersim.events.maximum import Search
from partnersim.events.rate import RateFit, fit_rate
from partnersim.events.simulation import History, simulate

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
    "LikelihoodRatio",
    "LogLikelihood",
    "MeanOverPartners",
    "NetworkIncrements",
    "NetworkReplacements",
    "PresenceChanges",
    "Product",
    "RateFit",
    "Same",
    "Search",
    "SharedPartners",
    "Similarity",
    "Tie",
    "Triangles",
    "fit",
    "fit_rate",
    "goodness_of_fit",
    "likelihood_ratio",
    "log_likelihood",
    "simulate",
]
