"""From behavioural coefficients to what the rules read of them, in a state that holds a world."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from partnersim.model.coefficients import NAMES
from partnersim.model.constants import PATH_STAGES, PATHS, STAGES
from partnersim.model.links import fill_fixed_utility
from partnersim.model.state import State
from partnersim.scenario.behaviour import Behaviour

if TYPE_CHECKING:
    from partnersim.world.world import World

#: Economic size of a country of middling activity.
MIDDLING_SIZE = 0.5
#: Of more the exponential function is infinite.
_LARGEST_EXPONENT = 700.0


def fill_behaviour(state: State, world: World, behaviour: Behaviour) -> None:
    """Write the coefficients, and what they make of countries, stages and possible links.

    Parameters
    ----------
    state : State
        Of N countries; holds what is fixed about them.
    world : World
        Those countries.
    behaviour : Behaviour
        The coefficients.
    """
    coefficients = behaviour.values()
    state.coefficients[0] = tuple(coefficients[name] for name in NAMES)
    _fill_activity(state, world, coefficients)
    _fill_hazards(state, coefficients)
    fill_fixed_utility(state, world.arrays.affinity, world.arrays.distance)


@np.errstate(over="ignore")  # beyond what is plausible a country acts always, or never
def _fill_activity(state: State, world: World, coefficients: dict[str, float]) -> None:
    """Write how often countries act, what they can carry and what money does to them."""
    arrays = world.arrays
    countries = state.countries
    # No rate at all times an infinite one would be no number.
    exponent = np.minimum(
        coefficients["activity_size"] * (arrays.size - MIDDLING_SIZE), _LARGEST_EXPONENT
    )
    rate = coefficients["activity_rate"] * np.exp(exponent)
    countries["activity"] = 1.0 - np.exp(-rate)
    # Money per area grows with the root of GDP: large economies need more to be moved.
    countries["investment_unit"] = coefficients["investment_scale"] * np.sqrt(arrays.gdp)
    strength = 0.5 * (arrays.size + arrays.readiness.mean(axis=1))
    countries["capacity"] = 1 + np.floor(coefficients["country_capacity"] * strength)


def _fill_hazards(state: State, coefficients: dict[str, float]) -> None:
    """Write the hazard of leaving each stage of each path."""
    for row, path in enumerate(PATHS):
        for stage in PATH_STAGES[path][:-1]:
            state.hazard[row, STAGES.index(stage)] = coefficients[f"hazard_{path}_{stage}"]
