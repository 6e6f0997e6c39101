"""What the network is worth: to partners, to the EU, and how evenly it falls."""

from __future__ import annotations

from typing import Any

import numpy as np

from partnersim.rules.compiled import allocating_rule, rule
from partnersim.rules.constants import MAXIMUM_DEPTH
from partnersim.rules.world_arrays import Floats


@rule
def tie_strength(coefficients: Any, country: Any, instrument: Any, pair: Any) -> float:
    """Return how much an instrument in force does: binding level times network effect.

    Texts without obligations change little, so strength grows with the square of the binding
    level: 0.04 for a meeting, 1 for a treaty. An instrument is worth more when linked partners
    hold it too.
    """
    shared = pair.linked_holders / country.degree if country.degree > 0 else 0.0
    strength = (1 + instrument.binding) / (1 + MAXIMUM_DEPTH)
    return strength * strength * (1.0 + coefficients.value_network * shared)


@rule
def partner_worth(country: Any, instrument: Any) -> float:
    """Return the worth to a partner at full strength: need met by readiness, mean over areas."""
    worth = 0.0
    for place in range(instrument.area_count):
        area = instrument.area_list[place]
        worth += country.need[area] * (0.5 + 0.5 * country.readiness[area])
    return worth / instrument.area_count


@rule
def union_worth(country: Any) -> float:
    """Return the worth to the EU of full strength in a country: market and alignment.

    Policies are judged by the same yardstick, so their own priorities do not count.
    """
    return 0.5 * country.economic_size + 0.5 * country.alignment


@allocating_rule
def gini(values: Floats) -> float:
    """Return the Gini coefficient of non-negative values, 0 if all are zero."""
    ordered = np.sort(values)
    count = ordered.shape[0]
    weighted = 0.0
    total = 0.0
    for place in range(count):
        weighted += (2 * place + 1 - count) * ordered[place]
        total += ordered[place]
    return weighted / (count * total) if total > 0.0 else 0.0
