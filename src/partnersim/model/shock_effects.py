"""What shocks change: scores of countries, area by area or as a whole, and the EU.

Each effect is one row of ``shock_effects.csv``. An effect depends on the relation of a country to
the shock: struck, struck as a candidate, its source, or one of the others. A score is its
undisturbed value plus the effects of all shock types and relations, each times what the country
feels of the type in that relation, clipped to 0..1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from partnersim.arrays import Floats
from partnersim.compiler.compiled import rule
from partnersim.model.constants import AREAS, CANDIDATE, OTHERS, RELATIONS, SOURCE, STRUCK
from partnersim.model.draws import clipped
from partnersim.model.effect_kinds import COLUMN, FIRST_SHOCK, gained
from partnersim.model.tables import places_of, read_table
from partnersim.random.elementary import exp

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
#: Those of what is measured or estimated in years of usual shocks.
SCORES = frozenset(
    getattr(_ROW, name) + place
    for name, width in _ROWS_OF.items()
    if name != "silence"
    for place in range(width)
)
#: Effects on the EU: fields of a shock type's record.
EFFECTS_ON_EU = tuple(row["name"] for row in EFFECTS if row["on"] == "EU")


def changes_of(effects: Any) -> Iterator[tuple[int, float]]:
    """Yield the rows of ``State.disturbed`` that a shock type changes, each with its change.

    Parameters
    ----------
    effects : object
        Of one relation; one attribute per row of the table: changes by area, or one number, at
        full intensity.
    """
    for name in _ROWS_OF:
        effect, row = getattr(effects, name), getattr(_ROW, name)
        by_area = effect if isinstance(effect, dict) else {AREAS[0]: effect}
        for area, change in by_area.items():
            if change != 0.0:
                yield row + AREAS.index(area), change


@rule
def apply_shocks(state: State) -> None:
    """Set scores of countries, their drive, pace, silence and rupture, and the EU's budget.

    Type by type, relation by relation and row by row over all countries at once, which the
    compiler turns into vector instructions.
    """
    _note_undisturbed(state)
    shocks = state.shocks
    factor = 1.0
    state.union[0].lost = 0.0
    state.union[0].spared = 0.0
    for s in range(len(shocks)):
        for relation in range(len(RELATIONS)):
            changes = shocks[s].changes[relation]
            if changes > 0:
                _feel(state, s, relation)
                for place in range(changes):
                    change = state.shock_changes[s, relation, place]
                    _disturb(state.disturbed[change.row], state.reach, change.change)
                    is_loss = relation == STRUCK and change.change < 0.0
                    if is_loss and _ROW.readiness <= change.row < _ROW.readiness + len(AREAS):
                        _count_losses(state, s, change.change)
        factor += shocks[s].budget * shocks[s].union_intensity
    _take_over(state)
    state.union[0].budget_factor = max(0.0, factor)


@rule
def _feel(state: State, s: int, relation: int) -> None:
    """Write how much reaches every country of a shock type in a relation, 0..1, to ``state.reach``.

    Who is struck feels what instruments in force do not damp. Others see of it the mean intensity
    in all other countries, by their shares of output.
    """
    reach = state.reach
    countries = state.countries
    intensity = state.source_intensity[s] if relation == SOURCE else state.intensity[s]
    for i in range(len(reach)):
        reach[i] = intensity[i]
    if relation in (STRUCK, CANDIDATE):
        column = FIRST_SHOCK + s
        for i in range(len(reach)):
            reach[i] *= state.effects_left[i, column]
        if state.shocks[s].outage == 1:
            _shorten(state, s)
    if relation == CANDIDATE:
        for i in range(len(reach)):
            reach[i] *= countries[i].candidate
    elif relation == OTHERS:
        everywhere = 0.0
        for i in range(len(reach)):
            everywhere += countries[i].gdp_share * intensity[i]
        for i in range(len(reach)):
            reach[i] = clipped(everywhere - countries[i].gdp_share * intensity[i])


@rule
def _shorten(state: State, s: int) -> None:
    """Let a second route spare what it spares of an outage; the larger of it and damping counts."""
    reach = state.reach
    for i in range(len(reach)):
        reach[i] = min(reach[i], state.intensity[s, i] * state.effects_left[i, COLUMN.redundancy])


@rule
def _count_losses(state: State, s: int, change: float) -> None:
    """Count the readiness that a shock type would cost in an area, and what is spared of it."""
    union = state.union[0]
    for i in range(len(state.reach)):
        union.lost -= change * state.intensity[s, i]
        union.spared -= change * (state.intensity[s, i] - state.reach[i])


@rule
def _disturb(score: Floats, intensity: Floats, change: float) -> None:
    """Add one change of a shock type to a score of every country."""
    for i in range(len(score)):
        score[i] += change * intensity[i]


@rule
def _note_undisturbed(state: State) -> None:
    """Write what scores would be without any shocks into ``state.disturbed``."""
    share = state.coefficients[0].usual_shocks
    countries = state.countries
    score = state.disturbed
    # What is measured and estimated holds usual shocks already.
    for row in range(len(score)):
        _take_off(score[row], state.usual[row], share)
    for i in range(len(countries)):
        country = countries[i]
        for area in range(len(AREAS)):
            risen = gained(state, i, COLUMN.raises_readiness + area)
            score[_ROW.readiness + area, i] += 1.0 - country.unready[area] + risen
            lowered = gained(state, i, COLUMN.lowers_rival + area)
            score[_ROW.rival + area, i] += country.rival_base[area] - lowered
            score[_ROW.threat + area, i] += country.first_threat[area]
        risen = gained(state, i, COLUMN.raises_alignment)
        score[_ROW.alignment, i] += country.alignment_base + risen


@rule
def _take_off(score: Floats, usual: Floats, share: float) -> None:
    """Begin a score of every country with what shocks usually change of it, taken off."""
    for i in range(len(score)):
        score[i] = 0.0 - share * usual[i]


@rule
def fill_unready(coefficients: Any, country: Any) -> None:
    """Write what investment leaves of what readiness lacked in June 2025, with diminishing returns.

    ``(1 - r0) exp(-effect invested / unit)``; what rivals build counts alike.
    """
    for area in range(len(AREAS)):
        left = 1.0 - country.first_readiness[area]
        if country.invested[area] > 0.0:
            effect = coefficients.investment_effect
            left *= exp(-effect * country.invested[area] / country.investment_unit)
        if country.built[area] > 0.0:
            left *= exp(-coefficients.rival_readiness * country.built[area])
        country.unready[area] = left


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
            country.drive[area] = score[_ROW.drive + area, i]
            country.pace[area] = score[_ROW.pace + area, i]
        country.silence = clipped(score[_ROW.silence, i])
        country.breach = max(0.0, score[_ROW.rupture, i] - country.rupture)
        country.rupture = score[_ROW.rupture, i]
        state.alignment[i] = clipped(score[_ROW.alignment, i])
