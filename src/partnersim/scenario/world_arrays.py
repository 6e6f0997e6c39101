"""From a world to the arrays that the rules read: what no policy and no behaviour changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from partnersim.model.constants import (
    CYBERSECURITY_AREA,
    INFORMATION_AREA,
    NONE,
    PATH_STAGES,
    PATHS,
    PLANNED,
    SECURITY,
    STAGES,
)
from partnersim.model.state import State
from partnersim.model.value import plain_strength

if TYPE_CHECKING:
    from partnersim.world.world import World

_SECURITY_AREAS = (CYBERSECURITY_AREA, INFORMATION_AREA)


def fill_world(state: State, world: World, switched_off: Sequence[str]) -> None:
    """Write countries, instruments, the network of June 2025, borders, modules and paths.

    Parameters
    ----------
    state : State
        Of N countries and K instruments.
    world : World
        The same.
    switched_off : sequence of str
        Instruments that nobody has or takes up.
    """
    _fill_countries(state, world)
    _fill_instruments(state, world)
    _fill_pairs(state, world, switched_off)
    _fill_dyads(state, world)
    state.modules["trust"] = world.arrays.module_trust
    state.modules["area"] = world.arrays.module_area
    _fill_paths(state)


def _fill_countries(state: State, world: World) -> None:
    """Write what is fixed about countries."""
    arrays = world.arrays
    countries = state.countries
    for name in ("gdp", "gdp_share", "population_share", "region", "business", "exposure"):
        countries[name] = getattr(arrays, name)
    countries["economic_size"] = arrays.size
    for name in ("alignment", "readiness", "rival", "threat"):
        countries[f"first_{name}"] = getattr(arrays, name)
    countries["need"] = arrays.need
    countries["least_developed"] = arrays.ldc


def _fill_instruments(state: State, world: World) -> None:
    """Write what is fixed about instruments."""
    arrays = world.arrays
    instruments = state.instruments
    for name in ("binding", "role", "path", "effort", "funded", "offer_role", "prerequisite"):
        instruments[name] = getattr(arrays, name)
    instruments["area_list"] = -1
    for k, covered in enumerate(arrays.area.astype(bool)):
        areas = np.flatnonzero(covered)
        instruments["area_count"][k] = len(areas)
        instruments["area_list"][k, : len(areas)] = areas
        # Threat raises demand for what serves security: a security instrument in all its areas,
        # any other in cybersecurity and information.
        secures = (arrays.role[k] == SECURITY) | np.isin(areas, _SECURITY_AREAS)
        instruments["secures"][k, : len(areas)] = secures
        instruments["areas"][k] = (1 << areas).sum()
        instruments["strength"][k] = plain_strength(int(arrays.binding[k]))
        instruments["objective"][k] = arrays.objective[areas].mean(axis=0)


def _fill_pairs(state: State, world: World, switched_off: Sequence[str]) -> None:
    """Write what is fixed about pairs of country and instrument."""
    arrays = world.arrays
    covered = arrays.area.astype(float)
    off = np.isin(world.instruments["instrument"].to_numpy(str), list(switched_off))
    # An explicit sum: a matrix product may differ in the last digit between machines.
    need = (arrays.need[:, None, :] * covered[None, :, :]).sum(axis=2)
    state.pairs["need"] = need / covered.sum(axis=1)
    state.pairs["available"] = (arrays.eligible == 1) & ~off
    state.pairs["first_stage"] = np.where(off, NONE, arrays.stage)


def _fill_dyads(state: State, world: World) -> None:
    """Write what is fixed about pairs of countries."""
    arrays = world.arrays
    for i, borders in enumerate(arrays.borders):
        near = np.flatnonzero(borders)
        state.neighbours[i, : len(near)] = near
    state.first_linked[:] = arrays.links


def _fill_paths(state: State) -> None:
    """Write the order of stages on each path."""
    state.next_stage[:] = -1
    for row, path in enumerate(PATHS):
        stages = [STAGES.index(stage) for stage in PATH_STAGES[path]]
        state.next_stage[row, [NONE, PLANNED]] = stages[0]
        state.next_stage[row, stages[:-1]] = stages[1:]
