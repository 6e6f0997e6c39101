"""What the network is worth: to partners, to the EU, and how evenly it falls."""

from __future__ import annotations

from typing import Any

from partnersim.compiler.compiled import rule
from partnersim.model.constants import MAXIMUM_DEPTH
from partnersim.model.world_arrays import Floats, Integers


@rule
def plain_strength(binding: int) -> float:
    """Return how much an instrument of a binding level does by itself.

    Texts without obligations change little, so strength grows with the square of the binding
    level: 0.04 for a meeting, 1 for a treaty.
    """
    strength = (1 + binding) / (1 + MAXIMUM_DEPTH)
    return strength * strength


@rule
def tie_strength(coefficients: Any, instrument: Any, linked_share: float) -> float:
    """Return how much an instrument in force does: plain strength times network effect.

    An instrument is worth more when linked partners hold it too.

    Parameters
    ----------
    coefficients, instrument : records
    linked_share : float
        Share of the country's linked partners that have it in force, 0..1.
    """
    return instrument.strength * (1.0 + coefficients.value_network * linked_share)


@rule
def fill_worth(worth: Floats, country: Any) -> None:
    """Write what full strength in each area is worth to a partner: need met by readiness."""
    for area in range(len(worth)):
        worth[area] = country.need[area] * (0.5 + 0.5 * country.readiness[area])


@rule
def partner_worth(worth: Floats, instrument: Any) -> float:
    """Return the worth to a partner at full strength, the mean over the instrument's areas."""
    total = 0.0
    for place in range(instrument.area_count):
        total += worth[instrument.area_list[place]]
    return total / instrument.area_count


@rule
def union_worth(economic_size: float, alignment: float) -> float:
    """Return the worth to the EU of full strength in a country: market and alignment.

    Policies are judged by the same yardstick, so their own priorities do not count.
    """
    return 0.5 * economic_size + 0.5 * alignment


@rule
def share_exposed(coefficients: Any, country: Any, instrument: Any) -> float:
    """Return the share of an instrument's security value to the EU that is lost to risk.

    Where high-risk rivals supply its areas, they may listen, stop or disturb.
    """
    exposed = 0.0
    for place in range(instrument.area_count):
        exposed += country.high_risk[instrument.area_list[place]]
    return coefficients.value_high_risk * (exposed / instrument.area_count)


@rule
def gini(values: Floats, order: Integers) -> float:
    """Return the Gini coefficient of non-negative values, 0 if all are zero.

    Parameters
    ----------
    values : (N,) float64 array
    order : (N,) int64 array
        Their places in any order; put in rising order of values, for which little is left to do if
        it was so a moment before.
    """
    count = len(values)
    for end in range(1, count):
        chosen = order[end]
        place = end
        while place > 0 and values[order[place - 1]] > values[chosen]:
            order[place] = order[place - 1]
            place -= 1
        order[place] = chosen
    weighted = 0.0
    total = 0.0
    for place in range(count):
        value = values[order[place]]
        weighted += (2 * place + 1 - count) * value
        total += value
    return weighted / (count * total) if total > 0.0 else 0.0
