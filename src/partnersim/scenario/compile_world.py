"""What the rules read of a world and of the behavioural coefficients, whatever the policy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from partnersim.model.coefficients import NAMES
from partnersim.model.constants import (
    CENTS_PER_MILLION,
    CYBERSECURITY_AREA,
    HIGH_LEVEL_NETWORK,
    INFORMATION_AREA,
    JOINT_PROJECT,
    MIDDLING,
    NONE,
    PATH_STAGES,
    PATHS,
    PLANNED,
    SECURITY,
    SIGNED,
    SPARES_FOES,
    SPARES_FRIENDS,
    STAGES,
    TECHNICAL_EXCHANGE,
)
from partnersim.model.effect_kinds import FIRST_SHOCK, KINDS, OUTAGES, column_of, size_of
from partnersim.model.links import fill_fixed_pull
from partnersim.model.state import State
from partnersim.model.value import plain_strength
from partnersim.model.world_arrays import Integers
from partnersim.random.elementary import each_exp, each_log, each_power
from partnersim.random.keys import HOLDING_KEY, code_keys, name_keys
from partnersim.scenario.behaviour import Behaviour
from partnersim.world.world import World

#: Of more the exponential function is infinite.
_LARGEST_EXPONENT = 700.0
_SECURITY_AREAS = (CYBERSECURITY_AREA, INFORMATION_AREA)


def fill_world(
    state: State, world: World, switched_off: Sequence[str], shocks: Sequence[str]
) -> None:
    """Write countries, instruments and their effects, the network of June 2025, rivals, paths.

    Parameters
    ----------
    state : State
        Of N countries and K instruments.
    world : World
        The same.
    switched_off : sequence of str
        Instruments that nobody has or takes up.
    shocks : sequence of str
        Names of the shock types.
    """
    _fill_countries(state, world)
    _fill_instruments(state, world)
    _fill_effects(state, world, shocks)
    _fill_pairs(state, world, switched_off)
    _fill_dyads(state, world)
    arrays = world.arrays
    for name in ("key", "area", "weight", "builds", "high_risk", "vendor"):
        state.rivals[name] = getattr(arrays, f"rival_{name}")
    state.rivals["decay"] = each_power(2.0, -1.0 / arrays.rival_half_life)
    state.first_supply[:] = arrays.rival_supply
    state.rival_rate[:] = arrays.rival_rate
    state.option_keys[:] = np.append(state.instruments["key"], HOLDING_KEY)
    state.region_keys[:] = name_keys(world.regions)
    state.pooled_regional[:] = arrays.opening_by_region
    state.modules["trust"] = arrays.module_trust
    state.modules["area"] = arrays.module_area
    state.next_stage[:] = -1
    for row, path in enumerate(PATHS):
        stages = [STAGES.index(stage) for stage in PATH_STAGES[path]]
        state.next_stage[row, [NONE, PLANNED]] = stages[0]
        state.next_stage[row, stages[:-1]] = stages[1:]


def _fill_countries(state: State, world: World) -> None:
    """Write what is fixed about countries."""
    arrays = world.arrays
    countries = state.countries
    same = (
        *("gdp_share", "population_share", "region", "business", "exposure", "wealth"),
        *("need", "developing", "candidate", "joint_bodies", "ally", "power", "large"),
        *("handover", "term"),
    )
    for name in same:
        countries[name] = getattr(arrays, name)
    countries["key"] = code_keys(world.countries["iso3"].to_list())
    countries["economic_size"] = arrays.size
    for name in ("alignment", "readiness", "rival", "threat"):
        countries[f"first_{name}"] = getattr(arrays, name)
    # An explicit sum, see `_fill_pairs`.
    served = (arrays.need[:, :, None] * arrays.objective[None, :, :]).sum(axis=1)
    countries["objective_need"] = served / arrays.objective.sum(axis=0)
    countries["least_developed"] = arrays.ldc
    countries["pooled_opening"] = arrays.opening_by_country
    countries["first_kept_out"] = arrays.kept_out


def _fill_instruments(state: State, world: World) -> None:
    """Write what is fixed about instruments."""
    arrays = world.arrays
    instruments = state.instruments
    same = (
        *("binding", "role", "path", "effort", "offer_role", "prerequisite", "direct", "mixed"),
        *("lighter", "cable", "expires", "renews", "serves", "keeps_vendors_out"),
    )
    for name in same:
        instruments[name] = getattr(arrays, name)
    instruments["key"] = name_keys(world.instruments["instrument"].to_list())
    instruments["cost"] = np.round(arrays.cost * CENTS_PER_MILLION)
    instruments["pooled_opening"] = arrays.opening
    instruments["pooled_size"] = arrays.opening_by_size
    instruments["pooled_wealth"] = arrays.opening_by_wealth
    instruments["pooled_speed"] = arrays.speed
    covered = arrays.area.astype(bool)
    count = covered.sum(axis=1)
    # Covered areas in front, in their order.
    areas = np.argsort(~covered, axis=1, kind="stable")
    listed = np.arange(covered.shape[1]) < count[:, None]
    instruments["area_count"] = count
    instruments["area_list"] = np.where(listed, areas, -1)
    # Threat raises demand for what serves security: a security instrument in all its areas,
    # any other in cybersecurity and information.
    secures = (arrays.role == SECURITY)[:, None] | np.isin(areas, _SECURITY_AREAS)
    instruments["secures"] = listed & secures
    instruments["areas"] = (covered << np.arange(covered.shape[1])).sum(axis=1)
    instruments["strength"] = [plain_strength(binding) for binding in arrays.binding.tolist()]
    of_areas = (covered[:, :, None] * arrays.objective).sum(axis=1)
    instruments["objective"] = of_areas / count[:, None]
    instruments["weight"] = (instruments["objective"] * world.value_weights).sum(axis=1)
    state.objective_weight[:] = world.value_weights


def _fill_pairs(state: State, world: World, switched_off: Sequence[str]) -> None:
    """Write what is fixed about pairs of country and instrument."""
    arrays = world.arrays
    covered = arrays.area.astype(float)
    off = np.isin(world.instruments["instrument"].to_numpy(str), list(switched_off))
    # An explicit sum: a matrix product may differ in the last digit between machines.
    need = (arrays.need[:, None, :] * covered[None, :, :]).sum(axis=2)
    state.need[...] = need / covered.sum(axis=1)
    state.pairs["available"] = (arrays.eligible == 1) & ~off
    state.pairs["bloc"] = arrays.bloc
    state.pairs["text"] = arrays.text
    joint = arrays.bloc >= 0
    # Whoever decides together has the same number in the same column.
    numbers = (arrays.bloc + (1 + arrays.bloc.max()) * np.arange(len(off)))[joint]
    _, place, sizes = np.unique(numbers, return_inverse=True, return_counts=True)
    state.members[joint] = each_log(sizes)[place]
    state.excludes[:] = arrays.excludes
    state.precursor[:] = arrays.precursor
    state.supersedes[:] = arrays.supersedes
    state.pairs["first_halt"] = arrays.halt
    state.pairs["first_again"] = arrays.again
    state.pairs["first_stage"] = np.where(off, NONE, arrays.stage)
    state.pairs["old_contract"] = state.pairs["first_stage"] == SIGNED


def signed_pairs(signed: Integers) -> Integers:
    """Return the pairs with a signed agreement, (L, 2), in the order of the list."""
    return np.argwhere(np.triu(signed) > 0)


def _fill_dyads(state: State, world: World) -> None:
    """Write what is fixed about pairs of countries."""
    arrays = world.arrays
    for i, borders in enumerate(arrays.borders):
        near = np.flatnonzero(borders)
        state.neighbours[i, : len(near)] = near
    state.first_linked[:] = arrays.links
    state.spared[SPARES_FRIENDS] = arrays.pact
    barring = np.outer(arrays.kept_out == 1.0, arrays.power)
    state.spared[SPARES_FOES] = (arrays.restricted == 1) | barring
    for spared in state.spared:
        np.fill_diagonal(spared, 1)
    pairs = signed_pairs(arrays.signed)
    state.signed["one"], state.signed["other"] = pairs.T
    state.signed["agreement"] = arrays.signed[tuple(pairs.T)]
    state.summit[:] = arrays.summit
    state.grouping[:] = arrays.grouping
    state.first_agreement[:] = arrays.agreement
    state.may_join[:] = arrays.may_join
    state.agreement_key[:] = arrays.agreement_key
    state.common_grouping[:] = -1
    # From the largest to the smallest, which has the last word; of equals the first in the list.
    sizes = arrays.grouping.sum(axis=1)
    for g in np.argsort(sizes, kind="stable")[::-1]:
        state.common_grouping[np.outer(arrays.grouping[g], arrays.grouping[g]) == 1] = g
    np.fill_diagonal(state.common_grouping, -1)


def _fill_effects(state: State, world: World, shocks: Sequence[str]) -> None:
    """Write what each effect acts on and how fast it grows; on no shock type named it never is."""
    arrays, kinds = world.arrays, list(KINDS)
    place = {int(key): s for s, key in enumerate(name_keys(list(shocks)))}
    quarters = np.arange(state.effect_reached.shape[0] - 1)
    reached = {}
    for delay in set(arrays.effect_delay.tolist()):
        grown = 1.0 - each_power(2.0, -quarters / delay) if delay else np.ones(len(quarters))
        # After the last quarter, when it has grown, all of it is there.
        reached[delay] = np.append(grown, 1.0)
    columns = state.effects.column
    for e, (kind, target) in enumerate(
        zip(arrays.effect_kind.tolist(), arrays.effect_target.tolist(), strict=True)
    ):
        known = place.get(target, -1) if KINDS[kinds[kind]] == "shock" else target
        columns[e] = column_of(kinds[kind], max(known, 0), len(shocks))
        state.effect_reached[:, e] = reached[arrays.effect_delay[e]] if known >= 0 else 0.0
    every = np.arange(len(state.instruments))
    first, end = (np.searchsorted(arrays.effect_of, every, side) for side in ("left", "right"))
    state.instruments["first_effect"] = first
    state.instruments["effects"] = end - first
    state.instruments["saved"] = FIRST_SHOCK + len(shocks) + every
    state.shocks["outage"] = np.isin(list(shocks), OUTAGES)


def fill_behaviour(state: State, world: World, behaviour: Behaviour) -> None:
    """Write the coefficients, and what they make of countries, stages and links.

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
    for row, path in enumerate(PATHS):
        for stage in PATH_STAGES[path][:-1]:
            state.hazard[row, STAGES.index(stage)] = coefficients[f"hazard_{path}_{stage}"]
    _fill_sizes(state, world, coefficients)
    fill_fixed_pull(state, world.arrays.distance, world.arrays.restricted)


@np.errstate(over="ignore")  # beyond what is plausible a country acts always, or never
def _fill_activity(state: State, world: World, coefficients: dict[str, float]) -> None:
    """Write how often countries act, what they can carry and what money does to them."""
    arrays = world.arrays
    countries = state.countries
    # No rate at all times an infinite one would be no number.
    exponent = np.minimum(
        coefficients["activity_size"] * (arrays.size - MIDDLING), _LARGEST_EXPONENT
    )
    rate = coefficients["activity_rate"] * each_exp(exponent)
    countries["activity"] = 1.0 - each_exp(-rate)
    # Programmes grow with the root of the population, and the poorer the larger they are.
    poverty = np.maximum(0.0, 1.0 - arrays.gdp / arrays.population / arrays.income_line)
    countries["programme"] = np.sqrt(arrays.population) * poverty * poverty
    # Money per area grows with the root of GDP: large economies need more to be moved.
    countries["investment_unit"] = coefficients["investment_scale"] * np.sqrt(arrays.gdp)
    share = world.capacity_size
    strength = share * arrays.size + (1.0 - share) * arrays.readiness.mean(axis=1)
    countries["administration"] = strength
    countries["capacity"] = 1 + np.floor(coefficients["country_capacity"] * strength)


def _fill_sizes(state: State, world: World, coefficients: dict[str, float]) -> None:
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
