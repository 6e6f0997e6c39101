"""What countries and the EU feel of shocks.

Threat, alignment, rival pull and readiness are their undisturbed values plus effect times
intensity, clipped to 0..1.
"""

from __future__ import annotations

import math

from partnersim.compiler.compiled import rule
from partnersim.model.constants import (
    AREAS,
    SHOCKED,
    SHOCKED_READINESS,
    SHOCKED_RIVAL,
    SHOCKED_THREAT,
)
from partnersim.model.draws import clipped
from partnersim.model.state import State
from partnersim.model.world_arrays import Floats

_AREAS = len(AREAS)
#: Row of ``state.felt`` behind the scores that shocks change area by area.
_ALIGNMENT_ROW = len(SHOCKED) * _AREAS


@rule
def feel_shocks(state: State) -> None:
    """Set threat, alignment, rival pull, readiness and the budget to what shocks leave of them.

    Area by area and type by type over all countries at once, which the compiler turns into vector
    instructions.
    """
    _note_undisturbed(state)
    shocks = state.shocks
    for s in range(len(shocks)):
        shock = shocks[s]
        if shock.alignment != 0.0:
            _disturb(state.felt[_ALIGNMENT_ROW], state.intensity[s], shock.alignment)
        for place in range(shock.changes):
            change = state.shock_changes[s, place]
            row = change.score * _AREAS + change.area
            _disturb(state.felt[row], state.intensity[s], change.change)
    _take_over(state)
    factor = 1.0
    for s in range(len(shocks)):
        factor += shocks[s].budget * shocks[s].union_intensity
    state.union[0].budget_factor = max(0.0, factor)


@rule
def _disturb(score: Floats, intensity: Floats, change: float) -> None:
    """Let one change of a shock type be felt in every country."""
    for i in range(len(score)):
        score[i] += change * intensity[i]


@rule
def _note_undisturbed(state: State) -> None:
    """Write what scores would be without shocks into ``state.felt``.

    Undisturbed readiness grows with investment, with diminishing returns:
    ``1 - (1 - r0) exp(-effect invested / unit)``.
    """
    effect = state.coefficients[0].investment_effect
    countries = state.countries
    felt = state.felt
    for i in range(len(countries)):
        country = countries[i]
        for area in range(_AREAS):
            left = 1.0 - country.first_readiness[area]
            if country.invested[area] > 0.0:
                left *= math.exp(-effect * country.invested[area] / country.investment_unit)
            felt[SHOCKED_READINESS * _AREAS + area, i] = 1.0 - left
            felt[SHOCKED_RIVAL * _AREAS + area, i] = country.rival_base[area]
            felt[SHOCKED_THREAT * _AREAS + area, i] = country.first_threat[area]
        felt[_ALIGNMENT_ROW, i] = country.alignment_base


@rule
def _take_over(state: State) -> None:
    """Give every country its scores as shocks leave them, kept in 0..1."""
    countries = state.countries
    felt = state.felt
    for i in range(len(countries)):
        country = countries[i]
        for area in range(_AREAS):
            country.readiness[area] = clipped(felt[SHOCKED_READINESS * _AREAS + area, i])
            country.rival[area] = clipped(felt[SHOCKED_RIVAL * _AREAS + area, i])
            country.threat[area] = clipped(felt[SHOCKED_THREAT * _AREAS + area, i])
        state.alignment[i] = clipped(felt[_ALIGNMENT_ROW, i])
