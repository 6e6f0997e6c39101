"""The bare actor-oriented model: links only, on any undirected network.

What RSiena simulates for non-directed networks with one-sided initiative; see
``docs/actor_oriented.md`` for the formulas and the correspondence.
"""

from partnersim.actor_oriented.probabilities import transition_probabilities
from partnersim.actor_oriented.simulation import Simulation, simulate

__all__ = ["Simulation", "simulate", "transition_probabilities"]
