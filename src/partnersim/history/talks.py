"""Trade talks of the EU: how often they stall, are resumed, or end.

While talks run they may stall; stalled ones are resumed or given up. All three are competing risks
with constant hazards (Prentice et al. 1978, doi:10.2307/2530374); a stall is resumed after some
quarters at the earliest, what comes back sooner was none. Nobody notes the day on which talks are
given up: of talks known to be dead only that is used.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from partnersim.arrays import Floats, Integers, Truths
from partnersim.history.history import FIRST_YEAR, LAST_QUARTER, places, quarter_number
from partnersim.history.spells import Spell
from partnersim.model.constants import QUARTERS_PER_YEAR
from partnersim.world.layouts import read_rows
from partnersim.world.network import bloc_members
from partnersim.world.tables import PACKAGE_DATA, Reader
from partnersim.world.world import World

#: Hazards per quarter, in this order, as logarithms in the likelihood.
TALKS = ("hazard_treaty_stall", "hazard_concluded_stall", "hazard_resume", "hazard_end")
#: Instruments that the talks are about.
TRADE = ("FTA", "FTA_DIGITAL", "DCFTA")
_DATES = ("opened", "concluded", "signed", "in_force", "stalled", "resumed")


@dataclass(frozen=True, eq=False)
class TalkRecord:
    """What the talks tell of the four hazards. Durations are in quarters.

    Attributes
    ----------
    stalls, running : (2,) array
        Stalls, and time at risk, before conclusion and from then to signature.
    resumed : (R,) array
        How long talks that were resumed had been stalled.
    ended : (E,) array
        How long ago talks stalled that are known to be dead.
    stalled : (C,) array
        How long ago other talks stalled that were not resumed.
    least : float
        How long a stall lasts at least before it is resumed.
    """

    stalls: Floats
    running: Floats
    resumed: Floats
    ended: Floats
    stalled: Floats
    least: float

    def value_and_gradient(self, log_hazards: Floats) -> tuple[float, Floats]:
        """Return the log-likelihood of four log hazards, and its gradient."""
        hazards = np.exp(log_hazards)
        stall, (resume, end) = hazards[:2], hazards[2:]
        value = float((self.stalls * log_hazards[:2] - stall * self.running).sum())
        gradient = np.concatenate([self.stalls - stall * self.running, np.zeros(2)])
        stood = np.concatenate([self.resumed, self.stalled])
        late = np.maximum(0.0, stood - self.least)
        value += len(self.resumed) * log_hazards[2] - float((end * stood + resume * late).sum())
        gone, by_resume, by_end = _gone(self.ended, self.least, resume, end)
        value += float(np.log(gone).sum())
        by_resume_all = float((by_resume / gone).sum()) - late.sum()
        by_end_all = float((by_end / gone).sum()) - stood.sum()
        gradient[2] = len(self.resumed) + resume * by_resume_all
        gradient[3] = end * by_end_all
        return value, gradient


def _gone(ago: Floats, least: float, resume: float, end: float) -> tuple[Floats, Floats, Floats]:
    """Return the probability that talks stalled so long ago were given up, and its slopes."""
    early, late = np.minimum(ago, least), np.maximum(0.0, ago - least)
    total = resume + end
    waits = math.exp(-least * end) / total
    left = np.exp(-total * late)
    gone = -np.expm1(-end * early) + end * waits * (1.0 - left)
    by_total = end * waits * (late * left - (1.0 - left) / total)
    by_end = early * np.exp(-end * early) + (1.0 - least * end) * waits * (1.0 - left)
    return gone, by_total, by_end + by_total


def read_talks(folder: Path = PACKAGE_DATA) -> pd.DataFrame:
    """Return the talks: partner, its members if it is a bloc, agreement, dates, state.

    Dates are quarters since the beginning of 2010, NaN if there is none.
    """
    table = pd.read_csv(folder / "trade_talks.csv", dtype=str, keep_default_na=False)
    for name in _DATES:
        table[name] = table[name].map(_quarters)
    blocs = blocs_of(folder)
    table["members"] = [blocs.get(partner, [partner]) for partner in table["partner"]]
    return table[["partner", "members", "agreement", *_DATES, "state"]]


def blocs_of(folder: Path) -> dict[str, list[str]]:
    """Return the members of every bloc that a data folder knows, by all that it is called."""
    reader = Reader(folder)
    return bloc_members(*(read_rows(reader, name) for name in ("blocs.csv", "bloc_members.csv")))


def _quarters(date: str) -> float:
    """Return a date in quarters since the beginning of 2010, NaN of an empty text."""
    if not date:
        return np.nan
    year, month, day = (*map(int, date.split("-")), 1, 1)[:3]
    return QUARTERS_PER_YEAR * (year - FIRST_YEAR + (month - 1) / 12 + (day - 1) / 365)


def talks_known(talks: pd.DataFrame, least: float, until: str = LAST_QUARTER) -> pd.DataFrame:
    """Return the talks with the dates that were known at the end of a quarter.

    Talks that were taken up again within `least` quarters did not stall.
    """
    cut = float(quarter_number(until) + 1)
    known = talks[talks["opened"] < cut].copy()
    dates = list(_DATES)
    known[dates] = known[dates].where(known[dates] < cut)
    known.loc[known["resumed"] - known["stalled"] < least, ["stalled", "resumed"]] = np.nan
    return known


def talk_record(
    known: pd.DataFrame, least: float, waits: Sequence[float], until: str = LAST_QUARTER
) -> TalkRecord:
    """Return what talks, from `talks_known`, had shown by the end of a quarter.

    Under the rules they cannot stall for some quarters from their opening and from their conclusion
    on, the two `waits`, nor once they are signed. Which talks are dead is known at the end of the
    facts only; before, they count as stalled.
    """
    cut = float(quarter_number(until) + 1)
    stalls, running = np.zeros(2), np.zeros(2)
    resumed, ended, stalled = [], [], []
    for talk in known.itertuples(index=False):
        over = np.nanmin([talk.in_force, cut])
        signed = np.nanmin([talk.signed, over])
        concluded = np.nanmin([talk.concluded, signed])
        pause, back = talk.stalled, talk.resumed
        begun, text = talk.opened + waits[0], concluded + waits[1]
        runs = [(begun, over)]
        if pause == pause:
            runs = [(begun, pause)] + ([(back, over)] if back == back else [])
            stalls[int(pause >= concluded)] += 1
            if back == back:
                resumed.append(back - pause)
            elif talk.state == "ended" and until == LAST_QUARTER:
                ended.append(cut - pause)
            else:
                stalled.append(cut - pause)
        for begin, end in runs:
            running[0] += max(0.0, min(end, concluded) - begin)
            running[1] += max(0.0, min(end, signed) - max(begin, text))
    stood = np.array(resumed), np.array(ended), np.array(stalled)
    return TalkRecord(stalls, running, *stood, least)


def pauses(talks: pd.DataFrame, world: World, quarters: int) -> dict[tuple[int, int], Truths]:
    """Return when the trade talks of a country stood still, by country and instrument.

    Parameters
    ----------
    talks : DataFrame
        From `talks_known`.
    world : World
    quarters : int
        How many, from 2010 on.

    Returns
    -------
    dict of (int, int) to array
        (quarters,) flags of quarters that a pause covers.
    """
    country, instrument = places(world)
    found = {}
    still = np.arange(quarters)
    for talk in talks[talks["stalled"].notna()].itertuples(index=False):
        # Nothing is later than the end of a stall that has none.
        covered = (still >= talk.stalled) & ~(still + 1 > talk.resumed)
        for code in country.keys() & set(talk.members):
            for name in TRADE:
                found[country[code], instrument[name]] = covered
    return found


def with_talks(talks: pd.DataFrame, world: World, made: list[Spell], quarters: int) -> list[Spell]:
    """Return spells with what the talks tell: exact dates, and talks that the history leaves out.

    Most of those left out failed: without them treaties would look faster than they are. They are
    at risk of moving on from their opening to their first stall.

    Parameters
    ----------
    talks : DataFrame
        From `talks_known`.
    world : World
    made : list of Spell
        Those of the history.
    quarters : int
        How many, from 2010 on.
    """
    countries, instruments = places(world)
    trade = [instruments[name] for name in TRADE]
    by_pair = {(spell.country, spell.instrument): place for place, spell in enumerate(made)}
    spells = list(made)
    for number, talk in enumerate(talks[~talks["agreement"].isin(_OTHER)].itertuples(index=False)):
        decision = f"talks {number}" if len(talk.members) > 1 else ""
        for country in (countries[code] for code in talk.members if code in countries):
            known = [by_pair[country, k] for k in trade if (country, k) in by_pair]
            for place in known:
                spells[place] = _dated(spells[place], talk)
            begin = max(0, math.ceil(talk.opened))
            stopped = quarters if np.isnan(talk.stalled) else math.floor(talk.stalled)
            end = min(quarters, stopped) - 1
            if not known and end >= begin:
                span = np.arange(begin, end + 1)
                stage = _stage_at(talk, span)
                start = (int(stage[0]),) * 2
                made_here = (country, trade[0], begin, end, start, stage, stage, False, decision)
                spells.append(Spell(*made_here))
    return spells


#: Agreements of the table that are no trade agreements.
_OTHER = ("DTA", "Data flow protocol", "SIFA", "CAI", "Institutional framework agreement")
_OPENED, _TOP = 2, 5


def _stage_at(talk: Any, span: Integers) -> Integers:
    """Return the position of talks on their path at the end of quarters: 2 negotiating .. 5."""
    stage = np.full(len(span), _OPENED, np.int64)
    for position, date in enumerate((talk.concluded, talk.signed, talk.in_force), _OPENED + 1):
        stage[span + 1 > date] = position
    return stage


def _dated(spell: Spell, talk: Any) -> Spell:
    """Return a spell whose bounds are those of exact dates, as far as they do not contradict."""
    span = np.arange(spell.begin, spell.end + 1)
    dated = _stage_at(talk, span)
    runs = span + 1 > talk.opened
    low = np.where(runs, np.maximum(spell.low, dated), spell.low)
    high = np.minimum(spell.high, np.where(runs, dated, _OPENED - 1))
    if (low > high).any() or (np.isnan(talk.signed) and (dated == _TOP).any()):
        return spell
    return replace(spell, low=low, high=high)
