"""Everything the rules count as they go, counted again from scratch in plain numpy."""

from __future__ import annotations

from typing import Any

import numpy as np

from partnersim.model.constants import ANNOUNCED, DIRECTIONS, IN_FORCE, OFFER_ROLES, PLANNED, SIGNED
from partnersim.model.state import State
from partnersim.world.world import World


def active(state: State) -> np.ndarray:
    """(N, K) instruments in force and not suspended."""
    return (state.pairs["stage"] == IN_FORCE) & (state.pairs["suspended"] == 0)


def under_way(state: State) -> np.ndarray:
    """(N, K) negotiations at work."""
    stage = state.pairs["stage"]
    return (stage >= ANNOUNCED) & (stage <= SIGNED) & (state.pairs["suspended"] == 0)


def recounted(state: State, world: World) -> dict[str, np.ndarray]:
    """Return every count by name, from stages, suspensions and links alone."""
    arrays = world.arrays
    in_force = active(state).astype(np.int64)
    area = arrays.area.astype(np.int64)
    links = state.linked.astype(np.int64)
    binding_by_area = arrays.binding[:, None] * area
    region = np.eye(len(world.regions), dtype=np.int64)[arrays.region]
    off_diagonal = 1 - np.eye(len(links), dtype=np.int64)
    directions = np.eye(len(DIRECTIONS), dtype=np.int64)[state.pairs["direction"]]
    present = (state.pairs["stage"] > PLANNED).astype(np.int64)
    leads = state.pairs["lead"] == np.arange(len(links))[:, None]
    roles = np.eye(len(OFFER_ROLES), dtype=np.int64)[arrays.offer_role]
    return {
        "in_force": in_force.sum(axis=1),
        "load": under_way(state).sum(axis=1),
        "degree": links.sum(axis=1),
        "depth": (in_force[:, :, None] * binding_by_area[None]).max(axis=1),
        "held": in_force @ area,
        "areas_held": ((in_force @ area > 0) << np.arange(area.shape[1])).sum(axis=1),
        "entered": (in_force[:, :, None] * directions).sum(axis=1),
        "offer_held": in_force @ roles,
        "region_holders": region.T @ in_force,
        "linked_holders": links @ in_force,
        "shared_partners": (links @ links) * off_diagonal,
        "precursors": in_force @ state.precursor.T.astype(np.int64),
        "barred": present @ state.excludes.T.astype(np.int64),
        "union_load": np.array((under_way(state) * leads * arrays.effort).sum()),
    }


def counted(state: State) -> dict[str, Any]:
    """Return the same counts as the rules keep them."""
    countries = state.countries
    return {
        **{
            name: countries[name]
            for name in ("load", "depth", "held", "areas_held", "entered", "offer_held")
        },
        "in_force": state.in_force,
        "degree": state.degree,
        "region_holders": state.region_holders,
        "linked_holders": state.pairs["linked_holders"],
        "shared_partners": state.shared_partners,
        "barred": state.pairs["barred"],
        "union_load": state.union["load"][0],
    }


def assert_counts(state: State, world: World) -> None:
    """Fail unless the rules' own counts are right."""
    expected = recounted(state, world)
    for name, values in counted(state).items():
        np.testing.assert_array_equal(values, expected[name], err_msg=name)
