"""Utilities in plain numpy, written from the documents, to compare the rules with."""

from __future__ import annotations

import numpy as np

from partnersim.model.constants import AREAS, CENTS_PER_MILLION, NETWORK, PATHS, PLANNED, SECURITY
from partnersim.model.state import State
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World
from recount import active, recounted

_SECURITY_AREAS = np.isin(AREAS, ["cybersecurity", "information"])


def values_of(scenario: Scenario) -> dict[str, float]:
    """Return the coefficients by name."""
    return scenario.behaviour.values()


def directions(state: State, world: World, i: int) -> list[str]:
    """Return the direction under which country i would take each instrument."""
    held = recounted(state, world)["held"][i]
    names = []
    for role, areas in zip(world.arrays.role, world.arrays.area.astype(bool), strict=True):
        if role == SECURITY:
            names.append("strengthen")
        elif role == NETWORK:
            names.append("connect")
        else:
            names.append("deepen" if held[areas].any() else "broaden")
    return names


def may_take(state: State, world: World, scenario: Scenario, i: int) -> np.ndarray:
    """Return which instruments are an option for country i."""
    ids = world.instruments["instrument"]
    available = (world.arrays.eligible[i] == 1) & ~ids.isin(scenario.world.switched_off)
    met = np.ones(len(ids), bool)
    for k, groups in enumerate(world.arrays.prerequisite):
        for group in groups:
            members = group[group >= 0]
            if len(members):
                met[k] &= active(state)[i, members].any()
    pairs = state.pairs[i]
    tied = pairs["stage"] > PLANNED
    arrays = world.arrays
    barred = (arrays.excludes == 1)[:, tied].any(axis=1)
    waits = (pairs["lapsed"] == 1) | (pairs["again"] > state.clock["quarter"][0])
    silent = (arrays.path == PATHS.index("political")) & (state.countries["silence"][i] == 1.0)
    return available.to_numpy() & met & ~tied & ~barred & ~waits & ~silent


def silence_of(state: State, world: World, i: int) -> np.ndarray:
    """Return what silence takes from country i's utility of every instrument."""
    political = world.arrays.path == PATHS.index("political")
    with np.errstate(divide="ignore"):
        return np.where(political, np.log1p(-state.countries["silence"][i]), 0.0)


def area_priorities(scenario: Scenario) -> np.ndarray:
    """Return the EU's priority of every area, with a mean of 1."""
    given = np.array([getattr(scenario.policy.areas, name) for name in AREAS])
    return given / given.mean()


def region_priority(world: World, scenario: Scenario, i: int) -> float:
    """Return the EU's priority of country i's region; the mean over countries is 1."""
    given = np.array([scenario.policy.regions.get(name, 1.0) for name in world.regions])
    by_country = given[world.arrays.region]
    return float(by_country[i] / by_country.mean())


def instrument_utilities(state: State, world: World, scenario: Scenario, i: int) -> np.ndarray:
    """Return country i's utility of every instrument."""
    return np.asarray(sum(instrument_terms(state, world, scenario, i).values()))


def instrument_terms(
    state: State, world: World, scenario: Scenario, i: int
) -> dict[str, np.ndarray]:
    """Return the terms of country i's utility of every instrument by name."""
    c, arrays, counts = values_of(scenario), world.arrays, recounted(state, world)
    country = state.countries[i]
    area = arrays.area.astype(float)
    each = area / area.sum(axis=1, keepdims=True)
    security = (arrays.role == SECURITY)[:, None] | _SECURITY_AREAS
    direction = directions(state, world, i)
    steps = np.maximum(0, arrays.binding[:, None] - counts["depth"][i])
    held = each @ counts["held"][i]
    recent = each @ country["recent"]
    linked = state.linked[i] == 1
    offered = recent / (recent + c["investment_scale"] * np.sqrt(arrays.gdp[i]))
    offered = offered - c["usual_offer"] * arrays.developing[i]
    held_by_linked = active(state)[linked].mean(axis=0) if linked.any() else 0.0
    neighbours = arrays.region == arrays.region[i]
    return {
        "direction": np.array([c[name] for name in direction]),
        "need": c["need"] * (each @ arrays.need[i]),
        "readiness": c["readiness"] * (each @ country["readiness"]),
        "offer": c["offer"] * offered,
        "alignment": c["alignment"] * (state.alignment[i] - 0.5) * arrays.binding / 4,
        "long_step": c["long_step"] * (each * steps).sum(axis=1) / 4,
        "complementarity": c["complementarity"] * held / (held + 2),
        "precursor": c["precursor"] * (active(state)[i] @ arrays.precursor.T > 0),
        "diffusion_links": c["diffusion_links"] * held_by_linked,
        "diffusion_region": c["diffusion_region"] * active(state)[neighbours].mean(axis=0),
        "size": c["economic_size"] * arrays.size[i],
        "rival": c["rival"] * (each @ country["supplied"])
        - c["rival_pull"] / 2 * (each @ (country["rival"] - country["first_rival"])),
        "threat_security": c["threat_security"] * ((each * security) @ country["threat"]),
        "threat_elsewhere": c["threat_elsewhere"] * ((each * ~security) @ country["threat"]),
        "announced": c["announced"] * (state.pairs["stage"][i] == PLANNED),
        "reputation": c["reputation"] * (state.union["reputation"][0] + country["trust"] - 0.5),
        "pooled": c["pooled_effects"] * state.opening[i],
        "drive": each @ country["drive"] + silence_of(state, world, i),
        "alliance": c["vendor_alliance"] * arrays.ally[i] * arrays.keeps_vendors_out,
        "bloc": -np.log(decided_together(world, i)),
        "consent": consent_logs(state, world, scenario, i),
    }


def decided_together(world: World, i: int) -> np.ndarray:
    """Return for how many countries the bloc of country i decides each instrument; 1 if none."""
    bloc = world.arrays.bloc
    return np.where(bloc[i] >= 0, (bloc == bloc[i]).sum(axis=0), 1)


def consent_chances(state: State, world: World, scenario: Scenario, i: int) -> np.ndarray:
    """Return the chance that the EU agrees to each instrument with country i."""
    free = scenario.policy.negotiators - recounted(state, world)["union_load"]
    chance = 1.0 / (1.0 + np.exp(-consent_utilities(state, world, scenario, i)))
    return np.where(world.arrays.effort <= free, chance, 0.0)


def consent_logs(state: State, world: World, scenario: Scenario, i: int) -> np.ndarray:
    """Return what the EU's answer takes from country i's utility of asking for every instrument."""
    with np.errstate(divide="ignore"):
        return np.log(consent_chances(state, world, scenario, i))


def consent_utilities(state: State, world: World, scenario: Scenario, i: int) -> np.ndarray:
    """Return the EU's utility of opening a negotiation with country i on every instrument."""
    c, arrays, policy = values_of(scenario), world.arrays, scenario.policy
    area = arrays.area.astype(float)
    each = area / area.sum(axis=1, keepdims=True)
    union = state.union[0]
    load = recounted(state, world)["union_load"]
    busy = min(1.0, load / policy.negotiators) if policy.negotiators else 1.0
    due = union["owed"] / CENTS_PER_MILLION + arrays.cost
    unpaid = np.maximum(
        0.0, 1.0 - union["yearly_envelope"] / CENTS_PER_MILLION / np.maximum(due, 1e-9)
    )
    direction = [getattr(policy.priorities, name) for name in directions(state, world, i)]
    return (
        c["consent"]
        + c["consent_size"] * arrays.size[i]
        + c["consent_area"] * (each @ area_priorities(scenario) - 1.0)
        + c["consent_direction"] * (4.0 * np.array(direction) - 1.0)
        + c["consent_region"] * (region_priority(world, scenario, i) - 1.0)
        + c["consent_announced"] * (state.pairs["stage"][i] == PLANNED)
        + c["consent_alignment"] * (state.alignment[i] - (1.0 - policy.openness))
        + c["consent_busy"] * (busy - c["usual_busy"])
        + c["consent_value"]
        * ((1 + arrays.binding) / 5) ** 2
        * (0.5 * arrays.size[i] + 0.5 * state.alignment[i])
        + c["consent_money"] * np.where(arrays.cost > 0, unpaid, 0.0) * arrays.developing[i]
    )


def softmax(utilities: np.ndarray) -> np.ndarray:
    """Return the probabilities of a multinomial logit."""
    weights = np.exp(utilities - utilities.max())
    return weights / weights.sum()
