"""Kinds of effects of instruments, each one row of ``instrument_effects.csv``, and their columns.

Effects of one kind on one thing combine like independent shares: what one instrument has removed
another cannot remove again. ``State.effects_left`` holds what they leave over, the product of
1 - size over the instruments in force; one less that is their joint effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from partnersim.compiler.compiled import rule
from partnersim.model.constants import AREAS, OBJECTIVES
from partnersim.model.tables import places_of, read_table

if TYPE_CHECKING:
    from partnersim.model.state import State

#: Kinds of effects: name, what one acts on (the holding ``country``, an ``area`` or ``objective``
#: of it, a ``shock`` type, another ``instrument``), label, definition.
KINDS = {row["name"]: row["on"] for row in read_table("instrument_effects")}
_WIDTH = {"country": 1, "area": len(AREAS), "objective": len(OBJECTIVES)}
_WIDTHS = {name: _WIDTH[on] for name, on in KINDS.items() if on in _WIDTH}
#: First column of each kind in ``State.effects_left``; shock types and instruments follow.
COLUMN: Any = places_of(_WIDTHS)
FIRST_SHOCK = sum(_WIDTHS.values())
#: Shock types that are outages, which a second route shortens.
OUTAGES = ("cable_cut",)


def column_of(kind: str, target: int, shock_types: int) -> int:
    """Return the column of ``State.effects_left`` that an effect acts on.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    target : int
        Place of the area, objective, shock type or instrument; 0 of a country.
    shock_types : int
        S.
    """
    first = {"shock": FIRST_SHOCK, "instrument": FIRST_SHOCK + shock_types}
    on = KINDS[kind]
    return (first[on] if on in first else int(getattr(COLUMN, kind))) + target


def size_of(scale: float, ends: Sequence[float]) -> float:
    """Return the size of an effect: none at scale 0, low at 1/2, mode at 1, high at 2.

    Parameters
    ----------
    scale : float
        The coefficient of its kind.
    ends : sequence of 3 float
        Low, mode, high; 0..1.
    """
    low, mode, high = ends
    if scale <= 0.5:
        size = 2.0 * scale * low
    elif scale <= 1.0:
        size = low + (2.0 * scale - 1.0) * (mode - low)
    else:
        size = mode + (scale - 1.0) * (high - mode)
    return min(1.0, max(0.0, size))


@rule
def gained(state: State, i: int, column: int) -> float:
    """Return what the effects on country i have gained since the start; below 0 if they lost.

    What was in force in June 2025 is in the scores of June 2025 already.
    """
    return state.first_effects_left[i, column] - state.effects_left[i, column]


@rule
def duration_left(state: State, i: int, k: int) -> float:
    """Return the share of the duration of country i's talks on instrument k that is not saved."""
    return state.effects_left[i, state.instruments[k].saved]
