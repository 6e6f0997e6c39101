"""What the rules read of the effects of instruments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from partnersim.arrays import Floats, Integers
from partnersim.model.constants import HIGH_LEVEL_NETWORK, JOINT_PROJECT, TECHNICAL_EXCHANGE
from partnersim.model.effect_kinds import FIRST_SHOCK, KINDS, OUTAGES, column_of, size_of
from partnersim.model.state import State
from partnersim.random.elementary import each_power
from partnersim.random.keys import name_keys

if TYPE_CHECKING:
    from partnersim.world.world import World


def fill_effects(state: State, world: World, shocks: Sequence[str]) -> None:
    """Write what each effect acts on, and how fast it grows.

    Parameters
    ----------
    state : State
        Of K instruments and S shock types.
    world : World
    shocks : sequence of str
        Names of the S shock types; an effect on any other is never there.
    """
    arrays, kinds = world.arrays, list(KINDS)
    place = {int(key): s for s, key in enumerate(name_keys(list(shocks)))}
    quarters = np.arange(state.effect_reached.shape[1] - 1)
    reached = {delay: _reached(delay, quarters) for delay in set(arrays.effect_delay.tolist())}
    for e, (kind, target) in enumerate(
        zip(arrays.effect_kind.tolist(), arrays.effect_target.tolist(), strict=True)
    ):
        known = target
        if KINDS[kinds[kind]] == "shock":
            known = place.get(target, -1)
        state.effects.column[e] = column_of(kinds[kind], max(known, 0), len(shocks))
        state.effect_reached[e] = reached[arrays.effect_delay[e]] if known >= 0 else 0.0
    every = np.arange(len(state.instruments))
    first, end = (np.searchsorted(arrays.effect_of, every, side) for side in ("left", "right"))
    state.instruments["first_effect"] = first
    state.instruments["effects"] = end - first
    state.instruments["saved"] = FIRST_SHOCK + len(shocks) + every
    state.shocks["outage"] = np.isin(list(shocks), OUTAGES)


def _reached(delay: float, quarters: Integers) -> Floats:
    """Return the share of an effect that is reached after some quarters, and when it has grown."""
    grown = 1.0 - each_power(2.0, -quarters / delay) if delay else np.ones(len(quarters))
    return np.append(grown, 1.0)


def fill_sizes(state: State, world: World, coefficients: Mapping[str, float]) -> None:
    """Write how large each effect is, by the coefficient of its kind and the mode of connection."""
    scales = [coefficients[f"effect_{name}"] for name in KINDS]
    arrays = world.arrays
    names = np.array(list(KINDS))[arrays.effect_kind]
    mode = arrays.mode[arrays.effect_of]
    learns = (mode == TECHNICAL_EXCHANGE) & (names == "raises_readiness")
    speaks = (mode == HIGH_LEVEL_NETWORK) & (names == "coalition_weight")
    state.effects["by_links"] = (
        learns * coefficients["connection_exchange"] + speaks * coefficients["connection_network"]
    )
    builds = (mode == JOINT_PROJECT) & np.isin(names, ("raises_readiness", "lowers_rival"))
    state.effects["abroad"] = builds * coefficients["connection_third"]
    state.instruments["abroad"] = 0
    state.instruments["abroad"][arrays.effect_of[builds]] = 1
    state.effects["full"] = [
        size_of(scales[kind], ends)
        for kind, ends in zip(arrays.effect_kind, arrays.effect_ends, strict=True)
    ]
