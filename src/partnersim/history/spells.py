"""Spells: what the history says about the way of a pair through the stages of its path.

A spell bounds, quarter by quarter, how far a pair may have come. Dates that are good for a year
leave the quarter open; stages that nobody recorded are passed through unseen.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partnersim.history.history import Record, positions, quarter_number
from partnersim.model.constants import STAGES
from partnersim.world.world import World

#: Pairs first recorded before this quarter may have been under way in 2010 already.
MAYBE_BEFORE = quarter_number("2013Q1")


@dataclass
class Spell:
    """One pair from 2010, or from its return, to its end or the last quarter.

    Attributes
    ----------
    country, instrument : int
        Places in the lists of the world.
    begin, end : int
        First and last quarter looked at.
    start : tuple of int
        Lowest and highest position before ``begin``; 0 is none.
    low, high : array of int
        (end - begin + 1,) bounds of the position at the end of each quarter.
    chosen : bool
        Whether the choice to open it is part of the spell.
    decision : str
        The decision that brought it about, shared with other pairs; empty if its own.
    """

    country: int
    instrument: int
    begin: int
    end: int
    start: tuple[int, int]
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    chosen: bool
    decision: str


def spells(world: World, found: list[Record], until: int) -> list[Spell]:
    """Return the spells of all pairs with records.

    Parameters
    ----------
    world : World
    found : list of Record
        In order of date.
    until : int
        Last quarter.
    """
    by_pair: dict[tuple[int, int], list[Record]] = {}
    for record in found:
        by_pair.setdefault((record.country, record.instrument), []).append(record)
    paths = list(world.instruments["path"])
    made = []
    for pair, history in sorted(by_pair.items()):
        parts: list[list[Record]] = [[]]
        for record in history:
            parts[-1].append(record)
            if record.stage == "none":
                parts.append([])
        for number, part in enumerate(parts):
            spell = _spell(pair, part, paths[pair[1]], until, back=number > 0)
            if spell is not None:
                made.append(spell)
    return made


def _spell(
    pair: tuple[int, int], part: list[Record], path: str, until: int, *, back: bool
) -> Spell | None:
    """Return one spell, None if the records say nothing of it."""
    place = positions(path)
    reached: list[tuple[int, int, int]] = []
    end, decision = until, ""
    for record in part:
        position = place[record.stage]
        if position == 0:
            end = record.first - 1
        elif not reached or position > reached[-1][2]:
            reached.append((record.first, record.last, position))
            decision = record.decision or decision
    if not reached:
        return None
    top = len(place) - 1
    first = reached[0]
    if back or first[1] < 0:
        # A return after a suspension is no new choice; what was there in 2010 neither.
        begin, chosen = max(0, first[1] + 1), False
        there = max(position for _, latest, position in reached if latest < begin)
        start = (there, there)
    else:
        begin, chosen = 0, True
        start = (0, first[2] - 1) if first[1] < MAYBE_BEFORE else (0, 0)
    if end < begin:
        return None
    low = np.zeros(end - begin + 1, np.int64)
    high = np.full(end - begin + 1, top, np.int64)
    quarters = np.arange(begin, end + 1)
    for earliest, latest, position in reached:
        low[quarters >= latest] = position
        high[quarters < earliest] = np.minimum(high[quarters < earliest], position - 1)
    last = reached[-1]
    # A programme operates from its signature, whether or not entry into force is recorded.
    free = int(path == "programme" and last[2] == top - 1)
    high[quarters >= last[0]] = last[2] + free
    return Spell(*pair, begin, end, start, low, high, chosen, decision)


def decision_weights(made: list[Spell]) -> NDArray[np.float64]:
    """Return the weight of each spell: spells of one decision share the weight of one."""
    sizes = Counter(spell.decision for spell in made)
    return np.array([1.0 / sizes[spell.decision] if spell.decision else 1.0 for spell in made])


def stages_known(world: World, found: list[Record], quarter: int) -> NDArray[np.int8]:
    """Return the stage of every pair as recorded before a quarter, (N, K).

    A date good for the year counts from the next year on. A signed programme operates.
    """
    stages = np.zeros(world.arrays.stage.shape, np.int8)
    paths = list(world.instruments["path"])
    for record in found:
        if record.last >= quarter:
            continue
        stage = STAGES.index(record.stage)
        if record.stage == "signed" and paths[record.instrument] == "programme":
            stage = STAGES.index("in_force")
        pair = record.country, record.instrument
        if record.stage == "none" or stage > stages[pair]:
            stages[pair] = stage
    return stages
