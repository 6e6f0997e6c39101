"""The scenario as the rules see it: policy, climate and behaviour as arrays."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from partnersim.rules.world_arrays import Flags, Floats, Integers

LEVERS_DTYPE = np.dtype(
    [
        ("negotiators", np.int64),
        ("openness", np.float64),  # 0 like-minded only .. 1 anybody
        ("envelope", np.int64),  # cents a quarter
        ("private", np.float64),  # EUR mobilised per public EUR, at best
        ("development_finance", np.float64),
        ("export_credit", np.float64),
        ("carry_over", np.int64),  # cents that may stay in the purse
        ("reservation_partner", np.float64),  # gain below which a partner declines, 0..1
        ("reservation_union", np.float64),  # gain below which the EU declines, 0..1
        ("rival_drift", np.float64),  # change of rival pull a quarter
    ],
    align=True,
)

SCOPES = ("world", "region", "country", "pair", "eu")
SCOPE_WORLD, SCOPE_REGION, SCOPE_COUNTRY, SCOPE_PAIR, SCOPE_UNION = range(5)

SPREADS = ("none", "borders", "links")
SPREAD_NONE, SPREAD_BORDERS, SPREAD_LINKS = range(3)


class ShockCatalogue(NamedTuple):
    """S shock types and the Q strikes that the scenario schedules."""

    scope: Integers
    """(S,) see `SCOPES`."""
    rate: Floats
    """(S, T + 1) strikes per quarter and unit, by quarter."""
    region_multiplier: Floats
    """(S, R) how much more often a region is struck."""
    severity: Floats
    """(S, 3) low, mode, high of a triangular distribution on 0..1."""
    decay: Floats
    """(S,) share left after a quarter: 2 ** (-1 / half-life)."""
    threat: Floats
    """(S, 8) change of perceived threat at full intensity."""
    alignment: Floats
    """(S,) change of alignment at full intensity."""
    rival: Floats
    """(S, 8) change of rival pull at full intensity."""
    readiness: Floats
    """(S, 8) change of readiness at full intensity."""
    budget: Floats
    """(S,) relative change of the envelope at full intensity."""
    strain: Floats
    """(S,) hazard of suspension a quarter at full intensity."""
    cut: Floats
    """(S,) hazard a quarter that a link is cut at full intensity."""
    spread: Integers
    """(S,) see `SPREADS`."""
    spread_probability: Floats
    """(S,) that a neighbour is struck a quarter later."""
    scheduled_quarter: Integers
    """(Q,)"""
    scheduled_type: Integers
    """(Q,)"""
    scheduled_severity: Floats
    """(Q,)"""
    scheduled_target: Flags
    """(Q, N)"""


class Parameters(NamedTuple):
    """One scenario for N countries, K instruments, R regions, T quarters."""

    coefficients: NDArray[Any]
    """(1,) record, see ``coefficients.py``."""
    levers: NDArray[Any]
    """(1,) record of the EU's policy, see `LEVERS_DTYPE`."""
    hazard: Floats
    """(4, 7) chance per quarter of leaving a stage, as a hazard, by path and stage."""
    next_stage: NDArray[np.int8]
    """(4, 7) the stage that follows on a path; -1 where none."""
    available: Flags
    """(N, K) eligible and not switched off."""
    area_list: Integers
    """(K, 8) areas of each instrument, padded with -1."""
    area_count: Integers
    """(K,)"""
    need: Floats
    """(N, K) mean need over the instrument's areas."""
    area_priority: Floats
    """(K,) mean EU priority over the instrument's areas, 1 = neutral."""
    direction_priority: Floats
    """(4,) EU priority of each direction, 1 = neutral."""
    region_priority: Floats
    """(R,) EU priority of each region, 1 = neutral."""
    mix: Floats
    """(6,) share of the Offer by module."""
    targeting: Floats
    """(5,) weight of each targeting principle."""
    hubs: Flags
    """(N,) 1 where the policy opens a Digital Hub."""
    activity: Floats
    """(N,) chance a quarter that a country acts."""
    capacity: Integers
    """(N,) negotiations that a country's administration can carry."""
    region_size: Integers
    """(R,) countries of each region."""
    link_fixed: Floats
    """(N, N) the part of a link's utility that never changes."""
    shocks: ShockCatalogue
