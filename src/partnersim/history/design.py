"""The history played again through a state of the rules: what everybody could choose, and when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partnersim.history.cases import Cut
from partnersim.history.evidence import HistoryEvidence
from partnersim.history.history import LAST_QUARTER, places, positions, quarter_name, quarter_number
from partnersim.history.spells import Spell, decision_weights, spells
from partnersim.history.talks import TalkRecord, pauses, talk_record, talks_known, with_talks
from partnersim.history.terms import HAZARD, TERMS, read_terms
from partnersim.model.beginning import begin
from partnersim.model.constants import (
    CONCLUDED,
    DIRECTIONS,
    PATH_STAGES,
    PATHS,
    QUARTERS_PER_YEAR,
    STAGES,
)
from partnersim.model.stages import shortest_wait
from partnersim.model.state import State
from partnersim.model.world_arrays import Floats, Integers
from partnersim.scenario.compile import prepare
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World

#: The United Kingdom was a member state until 31 January 2020.
PARTNER_SINCE = {"GBR": "2020Q1"}

#: Columns of the utility of choosing: a constant per direction, then the other terms.
CHOICE_COLUMNS = (*DIRECTIONS, *TERMS[1:])
#: Coefficients that these columns belong to.
CHOICE_NAMES = tuple("economic_size" if name == "size" else name for name in CHOICE_COLUMNS)
#: Base hazards in the order of `HistoryDesign.base`.
BASE_NAMES = tuple(f"hazard_{path}_{stage}" for path in PATHS for stage in PATH_STAGES[path][:-1])
#: Coefficient of the pace at which all Member States come to sign.
UNANIMOUS = "hazard_mixed"
#: Position of talks that are under way on the path of a treaty.
_TALKING = positions("treaty")["negotiating"]


@dataclass(frozen=True, eq=False)
class HistoryDesign:
    """All numbers that the likelihood needs, for R options and S spells over T quarters.

    An option is a pair that a country could take up in a quarter. Options of one country and
    quarter stand together: they are a *turn*.
    """

    choice: Floats
    """(R, 19) terms of the utility, in the order of `CHOICE_COLUMNS`."""
    consent: Floats
    """(R, 11) terms of the EU's utility, in the order of ``terms.CONSENT``."""
    summit: Floats
    """(R,) 1 where the country has a summit with the EU in the quarter."""
    lighter: Integers
    """(R,) the option of the same turn that is one step lighter; -1 if there is none."""
    size: Floats
    wealth: Floats
    """(R,) economic size and wealth of the country, 0 to 1."""
    turn_start: Integers
    """(G,) first option of each turn."""
    turn: Integers
    """(R,) turn of each option."""
    quarter: Integers
    """(R,) quarter of each option."""
    country: Integers
    instrument: Integers
    free: NDArray[np.bool_]
    """(R,) options of pairs without any record: never taken."""
    spells: list[Spell]
    weight: Floats
    """(S,) spells of one decision share the weight of one."""
    option: Integers
    """(S, T) the option that opening a spell in a quarter would be; -1 if it could not."""
    hazard: Floats
    """(S, T, 4) terms of the log hazard, in the order of `HAZARD`."""
    base: Integers
    """(S, 6) base hazard of leaving each position; -1 where there is none."""
    unanimous: Floats
    """(S, 6) 1 where every Member State has to agree before a position is left."""
    low: Integers
    """(S, T) bounds of the position after each quarter."""
    high: Integers
    start: Floats
    """(S, 6) weights of the position before the first quarter."""
    active: NDArray[np.bool_]
    """(S, T) quarters that belong to the spell."""
    frozen: NDArray[np.bool_]
    """(S, T) quarters in which talks stood still."""
    talks: TalkRecord
    world: World
    """Countries, regions and instruments that the numbers above count in."""


MAX_POSITIONS = 6


def build_design(
    evidence: HistoryEvidence, scenario: Scenario, until: str = LAST_QUARTER
) -> HistoryDesign:
    """Play the history again and collect the terms of every option and of every spell.

    Parameters
    ----------
    evidence : HistoryEvidence
        From `partnersim.history.evidence.read_evidence`.
    scenario : Scenario
        Levers of the EU: priorities, openness, negotiators.
    until : str
        Last quarter; nothing later is looked at.
    """
    world = evidence.world
    cut = Cut(evidence, quarter_number(until))
    quarters = cut.quarter + 1
    made = spells(world, cut.found, cut.quarter)
    stall_quarters = scenario.behaviour.values()["stall_quarters"]
    talks = talks_known(evidence.talks, stall_quarters, until)
    made = with_talks(talks, world, made, quarters)
    pairs = [(spell.country, spell.instrument) for spell in made]
    where = tuple(np.array(pairs, np.int64).T)
    chosen = np.array([spell.chosen for spell in made])
    recorded = np.zeros(world.arrays.stage.shape, bool)
    recorded[where] = True
    since = world.countries["iso3"].map(PARTNER_SINCE).fillna(quarter_name(0))
    partner_since = since.map(quarter_number).to_numpy()
    option = np.full((len(made), quarters), -1, np.int64)
    hazard = np.zeros((len(made), quarters, len(HAZARD)))
    parts: list[dict[str, np.ndarray]] = []
    total = 0
    for quarter in range(quarters):
        now = cut.world_at(quarter)
        state = prepare(now, scenario, 1)
        begin(state, 0, 0)
        # In the history the EU had the money that its instruments needed.
        state.union.yearly_envelope = 10**15
        # How busy it was nobody knows: as usual, which is where the coefficients count from.
        state.union.load = 0
        terms = read_terms(state)
        hazard[:, quarter] = terms.hazard[where]
        rows, columns = np.nonzero(
            (terms.admissible == 1)
            & ~cut.dateless
            & cut.on_offer(quarter, in_talks=True)
            & (partner_since <= quarter)[:, None]
        )
        direction = np.eye(len(DIRECTIONS))[terms.direction[rows, columns]]
        number = np.full((recorded.shape[0], recorded.shape[1] + 1), -1, np.int64)
        number[rows, columns] = total + np.arange(len(rows))
        total += len(rows)
        # Of what has nothing lighter the last column, -1, is taken.
        lighter = number[rows, now.arrays.lighter[columns]]
        parts.append(
            {
                "choice": np.hstack([direction, terms.utility[rows, columns, 1:]]),
                "consent": terms.consent[rows, columns],
                "summit": now.arrays.summit[rows, 1 + quarter % QUARTERS_PER_YEAR].astype(float),
                "lighter": lighter,
                "size": now.arrays.size[rows],
                "wealth": now.arrays.wealth[rows],
                "country": rows,
                "instrument": columns,
                "quarter": np.full(len(rows), quarter),
            }
        )
        option[chosen, quarter] = number[where][chosen]
    merged = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    group = merged["quarter"] * len(recorded) + merged["country"]
    new_turn = np.r_[True, group[1:] != group[:-1]]
    still = pauses(talks, world, quarters)
    frozen = np.array([still.get(pair, np.zeros(quarters, bool)) for pair in pairs])
    # Of a fresh state: reading the terms has made all coefficients ones.
    waits = _waits(prepare(world, scenario, 1), world)
    # Of talks that have begun, and of concluded ones.
    before_stalls = [*waits[places(world)[1]["FTA"], _TALKING : _TALKING + 2]]
    return HistoryDesign(
        **merged,
        turn_start=np.flatnonzero(new_turn),
        turn=np.cumsum(new_turn) - 1,
        free=~recorded[merged["country"], merged["instrument"]],
        spells=made,
        weight=decision_weights(made),
        option=option,
        hazard=hazard,
        **_ways(world, made, quarters),
        frozen=frozen | _young(made, waits, quarters),
        talks=talk_record(talks, stall_quarters, before_stalls, until),
        world=world,
    )


def _waits(state: State, world: World) -> Integers:
    """Return the quarters that instruments stay at least at each position, (K, 6)."""
    waits = np.zeros((len(world.instruments), MAX_POSITIONS), np.int64)
    for k, path in enumerate(world.instruments["path"]):
        for stage, position in positions(path).items():
            waits[k, position] = shortest_wait(state, k, STAGES.index(stage))
    return waits


def _young(made: list[Spell], waits: Integers, quarters: int) -> NDArray[np.bool_]:
    """Return the quarters in which pairs had come to their stage too lately to move, (S, T).

    Only of those whose arrival is on record, up to the next move on record.
    """
    young = np.zeros((len(made), quarters), bool)
    for row, spell in zip(young, made, strict=True):
        window = slice(spell.begin, spell.end + 1)
        for position, wait in enumerate(waits[spell.instrument]):
            recorded = (spell.low[1:] == position) & (spell.high[:-1] < position)
            arrivals = [*(spell.begin + 1 + np.flatnonzero(recorded))]
            # Talks that the history leaves out become a spell in the quarter after they began.
            if spell.begin > 0 and spell.start[0] == position == _TALKING:
                arrivals.append(spell.begin - 1)
            for quarter in arrivals:
                still = np.zeros(quarters, bool)
                still[quarter + 1 : quarter + wait] = True
                row[window] |= still[window] & (spell.low == position)
    return young


def _ways(world: World, made: list[Spell], quarters: int) -> dict[str, np.ndarray]:
    """Return the arrays of a design that describe the way of each spell through its stages."""
    count = len(made)
    base = np.full((count, MAX_POSITIONS), -1, np.int64)
    unanimous = np.zeros((count, MAX_POSITIONS))
    low = np.zeros((count, quarters), np.int64)
    high = np.full((count, quarters), MAX_POSITIONS - 1, np.int64)
    start = np.zeros((count, MAX_POSITIONS))
    active = np.zeros((count, quarters), bool)
    paths = list(world.instruments["path"])
    for row, spell in enumerate(made):
        path = paths[spell.instrument]
        for stage, position in positions(path).items():
            if stage not in ("none", "in_force"):
                base[row, position] = BASE_NAMES.index(f"hazard_{path}_{stage}")
                last = world.arrays.mixed[spell.instrument]
                unanimous[row, position] = CONCLUDED <= STAGES.index(stage) <= last
        window = slice(spell.begin, spell.end + 1)
        low[row, window] = spell.low
        high[row, window] = spell.high
        active[row, window] = True
        start[row, spell.start[0] : spell.start[1] + 1] = 1.0
    ways = {"base": base, "unanimous": unanimous, "low": low, "high": high}
    return {**ways, "start": start, "active": active}
