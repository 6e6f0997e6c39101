"""What shocks change: scores of countries, area by area or as a whole, and the EU.

Each effect is one row of ``shock_effects.csv``. A score is its undisturbed value plus the effects
of all shock types, each times the intensity of the type, clipped to 0..1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from partnersim.arrays import Floats
from partnersim.compiler.compiled import rule
from partnersim.model.constants import AREAS
from partnersim.model.draws import clipped
from partnersim.model.tables import places_of, read_table

if TYPE_CHECKING:
    from partnersim.model.state import State

#: The table: name, what the effect acts on (each ``area`` of a country, the ``country`` or the
#: ``EU``), range, label, definition.
EFFECTS = read_table("shock_effects")
_WIDTH = {"area": len(AREAS), "country": 1}
_ROWS_OF = {row["name"]: _WIDTH[row["on"]] for row in EFFECTS if row["on"] != "EU"}
#: First row of each effect on countries in ``State.disturbed``.
_ROW: Any = places_of(_ROWS_OF)
#: Rows of ``State.disturbed``.
DISTURBED_ROWS = sum(_ROWS_OF.values())
#: Effects on the EU: fields of a shock type's record.
EFFECTS_ON_EU = tuple(row["name"] for row in EFFECTS if row["on"] == "EU")


def changes_of(effects: Any) -> Iterator[tuple[int, float]]:
    """Yield the rows of ``State.disturbed`` that a shock type changes, each with its change.

    Parameters
    ----------
    effects : object
        One attribute per row of the table: changes by area, or one number, at full intensity.
    """
    for name in _ROWS_OF:
        effect, row = getattr(effects, name), getattr(_ROW, name)
        by_area = effect if isinstance(effect, dict) else {AREAS[0]: effect}
        for area, change in by_area.items():
            if change != 0.0:
                yield row + AREAS.index(area), change


@rule
def apply_shocks(state: State) -> None:
    """Set threat, alignment, rival pull, readiness and the budget to what shocks make of them.

    Row by row and type by type over all countries at once, which the compiler turns into vector
    instructions.
    """
    _note_undisturbed(state)
    shocks = state.shocks
    factor = 1.0
    for s in range(len(shocks)):
        for place in range(shocks[s].changes):
            change = state.shock_changes[s, place]
            _disturb(state.disturbed[change.row], state.intensity[s], change.change)
        factor += shocks[s].budget * shocks[s].union_intensity
    _take_over(state)
    state.union[0].budget_factor = max(0.0, factor)


@rule
def _disturb(score: Floats, intensity: Floats, change: float) -> None:
    """Add one change of a shock type to a score of every country."""
    for i in range(len(score)):
        score[i] += change * intensity[i]


@rule
def _note_undisturbed(state: State) -> None:
    """Write what scores would be without shocks into ``state.disturbed``.

    Undisturbed readiness grows with investment, with diminishing returns:
    ``1 - (1 - r0) exp(-effect invested / unit)``.
    """
    effect = state.coefficients[0].investment_effect
    countries = state.countries
    score = state.disturbed
    for i in range(len(countries)):
        country = countries[i]
        for area in range(len(AREAS)):
            left = 1.0 - country.first_readiness[area]
            if country.invested[area] > 0.0:
                left *= math.exp(-effect * country.invested[area] / country.investment_unit)
            score[_ROW.readiness + area, i] = 1.0 - left
            score[_ROW.rival + area, i] = country.rival_base[area]
            score[_ROW.threat + area, i] = country.first_threat[area]
        score[_ROW.alignment, i] = country.alignment_base


@rule
def _take_over(state: State) -> None:
    """Give every country its scores as shocks leave them, kept in 0..1."""
    countries = state.countries
    score = state.disturbed
    for i in range(len(countries)):
        country = countries[i]
        for area in range(len(AREAS)):
            country.readiness[area] = clipped(score[_ROW.readiness + area, i])
            country.rival[area] = clipped(score[_ROW.rival + area, i])
            country.threat[area] = clipped(score[_ROW.threat + area, i])
        state.alignment[i] = clipped(score[_ROW.alignment, i])
