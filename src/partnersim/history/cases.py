"""Cases of a forecast: pairs that may become a tie, what was known of them, and what happened.

A *tie* is the first signature of a pair, or its entry into force where its path knows no signature.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from partnersim.arrays import Integers, Truths
from partnersim.history.evidence import HistoryEvidence
from partnersim.history.history import (
    FIRST_YEAR,
    LAST_QUARTER,
    Record,
    quarter_name,
    quarters_of_year,
    records,
    year_of,
)
from partnersim.history.spells import stages_known
from partnersim.model.constants import (
    IN_FORCE,
    PATH_STAGES,
    PLANNED,
    QUARTERS_PER_YEAR,
    SIGNED,
    STAGES,
)
from partnersim.world.world import World

#: Years of talks before a record; of half a year to a year where a text is signed directly
#: (`relations.csv`).
LEAD_YEARS, DIRECT_LEAD_YEARS = 2, 1
#: Columns that identify a case of a forecast.
KEYS = ("iso3", "instrument", "stage", "by")


def tie_stages(world: World) -> Integers:
    """Return the stage that makes a tie of each instrument, (K,), see ``constants.STAGES``."""
    paths = world.instruments["path"]
    return np.array([SIGNED if "signed" in PATH_STAGES[path] else IN_FORCE for path in paths])


@dataclass(frozen=True, eq=False)
class Moment:
    """What was known at the beginning of a quarter.

    Attributes
    ----------
    world : World
        Its arrays hold the stages of all pairs.
    recorded : (N, K) array of int
        Stages that dated records show.
    open_to : (N, K) array of bool
        Pairs that could be taken up: eligible, on offer, and not of unknown date.
    known : (N, K) array of bool
        Pairs that are no ties of unknown date.
    on_record : (K,) array of bool
        Instruments of which there is a dated record.
    """

    world: World
    recorded: Integers
    open_to: Truths
    known: Truths
    on_record: Truths

    @cached_property
    def ties(self) -> Integers:
        """Stage that makes a tie of each instrument, (K,)."""
        return tie_stages(self.world)

    @cached_property
    def under_way(self) -> Truths:
        """Pairs that are no tie yet and more than planned, (N, K)."""
        stage = self.world.arrays.stage
        return (stage > PLANNED) & (stage < self.ties) & self.known

    @cached_property
    def cases(self) -> Truths:
        """Pairs that may become a tie, (N, K)."""
        return (self.open_to & (self.world.arrays.stage < self.ties)) | self.under_way

    @cached_property
    def prepared(self) -> Truths:
        """Pairs whose prerequisites are in force, (N, K)."""
        there = self.world.arrays.stage == IN_FORCE
        met = np.ones(there.shape, bool)
        for k, groups in enumerate(self.world.arrays.prerequisite):
            for group in groups:
                if group[0] >= 0:
                    met[:, k] &= there[:, group[group >= 0]].any(axis=1)
        return met


@dataclass(frozen=True, eq=False)
class Cut:
    """What was known at the end of a quarter.

    Attributes
    ----------
    evidence : HistoryEvidence
        Of it only what came before the end of the quarter is used.
    quarter : int
        Counted from 2010Q1.
    """

    evidence: HistoryEvidence
    quarter: int

    @cached_property
    def found(self) -> list[Record]:
        """Records up to the cut."""
        return records(self.evidence.history, self.evidence.world, quarter_name(self.quarter))

    @cached_property
    def dateless(self) -> Truths:
        """(N, K) ties of June 2025 without any dated record: they are no cases."""
        world, until = self.evidence.world, max(quarter_name(self.quarter), LAST_QUARTER)
        dated = np.zeros(world.arrays.stage.shape, bool)
        for record in records(self.evidence.history, world, until):
            dated[record.country, record.instrument] = True
        return (world.arrays.stage > PLANNED) & ~dated

    @cached_property
    def first_years(self) -> dict[str, int]:
        """Year in which each instrument first shows, of those that show up to the cut."""
        year, first = year_of(self.quarter), _first_years(self.evidence.history)
        known = {name: begin for name, begin in first.items() if begin <= year}
        if quarter_name(self.quarter) >= LAST_QUARTER:
            # The document of June 2025 is the first record of whatever it names for the first time.
            known = dict.fromkeys(self.evidence.world.instruments["instrument"], year) | known
        return known

    def first_ties(self, after: int) -> dict[tuple[int, int], Record]:
        """Return the first record after a quarter that makes a tie of a pair, by pair."""
        ties = tie_stages(self.evidence.world)
        first: dict[tuple[int, int], Record] = {}
        for record in self.found:
            if record.last > after and STAGES.index(record.stage) >= ties[record.instrument]:
                first.setdefault((record.country, record.instrument), record)
        return first

    def on_offer(self, quarter: int, *, in_talks: bool = False, dated: bool = False) -> Truths:
        """Return (K,) flags of instruments that existed in a quarter, as far as the records show.

        Parameters
        ----------
        in_talks : bool
            Whether the years of talks before the first record count too, from the quarter on in
            which the EU introduced the instrument.
        dated : bool
            Whether to count dated records only, all of them.
        """
        world = self.evidence.world
        first = _first_years(self.evidence.history) if dated else self.first_years
        lead = in_talks * np.where(world.arrays.direct == 1, DIRECT_LEAD_YEARS, LEAD_YEARS)
        years = world.instruments["instrument"].map(first).to_numpy(np.float64) - lead
        begin = QUARTERS_PER_YEAR * np.maximum(years, FIRST_YEAR)
        # What is not on record has no year, and no comparison with that is true.
        since = np.maximum(begin, world.arrays.introduced)
        return since <= QUARTERS_PER_YEAR * FIRST_YEAR + quarter

    def world_at(self, quarter: int) -> World:
        """Return the world at the beginning of a quarter, with the stages recorded."""
        past = self.evidence.world_of(year_of(quarter))
        stage = stages_known(self.evidence.world, self.found, quarter)
        return replace(past, arrays=past.arrays._replace(stage=stage))

    def moment(self, quarter: int) -> Moment:
        """Return what was known at the beginning of a quarter up to the one after the cut."""
        world, offered = self.world_at(quarter), self.on_offer(quarter - 1)
        open_to = (world.arrays.eligible == 1) & ~self.dateless & offered
        recorded = world.arrays.stage.astype(np.int64)
        return Moment(world, recorded, open_to, ~self.dateless, offered)

    def now(self) -> Moment:
        """Return what is known after the cut of the world as it stands then."""
        world = self.evidence.world
        recorded = stages_known(world, self.found, self.quarter + 1).astype(np.int64)
        open_to = (world.arrays.eligible == 1) & ~self.dateless
        on_record = self.on_offer(self.quarter, dated=True)
        return Moment(world, recorded, open_to, np.ones_like(open_to), on_record)


def _first_years(history: pd.DataFrame) -> dict[str, int]:
    """Return the year in which each instrument first shows in the history."""
    years = history["year"].astype(int).groupby(history["instrument"]).min()
    return {str(name): int(year) for name, year in years.items()}


def quiet_share(cut: Cut) -> float:
    """Return the share of ties that no record foretold at the beginning of their year.

    One case is added on either side.
    """
    announced: dict[tuple[int, int], int] = {}
    for record in cut.found:
        announced.setdefault((record.country, record.instrument), record.last)
    ties = cut.first_ties(-1)
    quiet = sum(
        announced[pair] >= quarters_of_year(year_of(record.last))[0]
        for pair, record in ties.items()
    )
    return (quiet + 1.0) / (len(ties) + 2.0)


def with_outcomes(table: pd.DataFrame, found: Sequence[Record], cut: Cut) -> pd.DataFrame:
    """Return the cases of a forecast with what happened to them.

    Parameters
    ----------
    table : DataFrame
        ``iso3, instrument, stage, by`` and probabilities.
    found : sequence of Record
        All records; those up to the cut only say what was before.
    cut : Cut
        What the forecast knew.

    Returns
    -------
    DataFrame
        The same with ``happened`` (1 if the pair had reached the stage, or a later one of its
        path, by the quarter), ``decision`` that moved the pair (empty if nothing did) and
        ``cluster``: that decision if other pairs share it, else the country.
    """
    world = cut.evidence.world
    iso3, names = list(world.countries["iso3"]), list(world.instruments["instrument"])
    moves: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
    decision: dict[tuple[str, str], str] = {}
    for record in found:
        if record.last > cut.quarter and record.stage != "none":
            pair = iso3[record.country], names[record.instrument]
            moves[pair].append((quarter_name(record.last), STAGES.index(record.stage)))
            decision[pair] = record.decision or decision.get(pair, "")
    happened, made, cluster = [], [], []
    for code, name, stage, by in table[list(KEYS)].itertuples(index=False):
        wanted = STAGES.index(stage)
        done = any(when <= by and reached >= wanted for when, reached in moves[code, name])
        happened.append(int(done))
        made.append((decision[code, name] or f"{code} {name}") if done else "")
        cluster.append(decision.get((code, name)) or code)
    return table.assign(happened=happened, decision=made, cluster=cluster)


def groups(cases: pd.DataFrame, world: World) -> dict[str, Truths]:
    """Return the parts of the cases that are scored apart."""
    way = cases["pipeline"].to_numpy(bool)
    stages = dict(zip(world.instruments["instrument"], tie_stages(world), strict=True))
    number = cases["stage"].map(STAGES.index).to_numpy()
    tie = number == cases["instrument"].map(stages).to_numpy()
    return {
        "new ties": tie,
        "new ties, pipeline": tie & way,
        "new ties, novel": tie & ~way,
        "all": np.ones(len(cases), bool),
    }
