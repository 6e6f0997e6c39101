"""Rival powers: what they offer, what they supply on a day, how often they won, who keeps them out.

All of it is counted from dated rows: ``rivals.csv`` says who won what where, ``rival_kinds.csv``
what a kind of move is worth and how long it ties, ``rival_powers.csv`` who is high-risk. A power
or a kind that is added to these tables acts without a line of code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partnersim.arrays import Truths
from partnersim.model.constants import AREAS, QUARTERS_PER_YEAR
from partnersim.model.world_arrays import Flags, Floats
from partnersim.random.elementary import power
from partnersim.random.keys import name_keys
from partnersim.world.countries import Organisations
from partnersim.world.layouts import LAST_DAY
from partnersim.world.tables import Row

#: Years before a day that tell how often rivals win.
RECORD_YEARS = 10
#: A region's rate is read as if five average countries more had been watched all these years.
AVERAGE_YEARS = 5 * RECORD_YEARS
#: Word of ``allies.csv`` for candidates for membership of the EU.
CANDIDATE = "candidate"


def offer_names(moves: Sequence[Row], kinds: Sequence[Row]) -> tuple[str, ...]:
    """Return the offers of rivals, such as ``CHN cable_built``, in alphabetical order."""
    supplying = {row["kind"] for row in kinds if row["supplies"] == "yes"}
    return tuple(
        sorted({f"{row['rival']} {row['kind']}" for row in moves if row["kind"] in supplying})
    )


def rival_arrays(
    moves: Sequence[Row],
    kinds: Sequence[Row],
    powers: Sequence[Row],
    countries: pd.DataFrame,
    organisations: Organisations,
    sanctioned: Flags,
    restricted: Flags,
    pact: Flags,
    war: Flags,
    day: str,
) -> dict[str, np.ndarray]:
    """Return what rivals offer and supply on a day, and who keeps high-risk vendors out.

    Parameters
    ----------
    organisations : Organisations
        To which some kinds are open alone.
    sanctioned : (N,) array of uint8
        1 for states under restrictive measures of the EU, which keep nobody out at its side.
    restricted : (N, N) array of uint8
        1 where one of two countries restricts trade in technology with the other: no rival wins.
    pact : (N, N) array of uint8
        1 where a pact binds two: nobody bans the vendors of a friend.
    war : (N,) array of uint8
        1 where nothing is built for war; satellites serve there too.
    """
    codes = list(countries["iso3"])
    offers = offer_names(moves, kinds)
    kind = {row["kind"]: row for row in kinds}
    parts = [name.split(" ") for name in offers]
    area_of = {row["kind"]: AREAS.index(row["area"]) for row in moves}
    area = np.array([area_of[what] for _, what in parts], np.int64)
    high_risk = {row["rival"] for row in powers if row["high_risk"] == "yes"}
    risky = np.array([rival in high_risk for rival, _ in parts], bool)
    offered = [kind[what] for _, what in parts]
    half_years = np.array([float(row["half_years"]) for row in offered])
    # Nobody is a partner of itself.
    others = np.array([[code != rival for rival, _ in parts] for code in codes], bool)
    place = {code: position for position, code in enumerate(codes)}
    inland = countries["landlocked"].to_numpy(bool)
    gdp = countries["gdp_usd"].to_numpy(np.float64)
    had = [row for row in moves if row["effect"] == "+" and row["date"] <= day]
    builds = [row["builds"] == "yes" for row in offered]
    closed = np.zeros((len(codes), len(offers)), bool)
    for o, (rival, what) in enumerate(parts):
        if rival in place:
            closed[:, o] = restricted[:, place[rival]] == 1
        if builds[o] and what != "satellite":
            closed[:, o] |= war == 1
        # A cable needs a coast.
        if what == "cable_built":
            closed[:, o] |= inland
        # Who is smaller than the smallest economy that had it gets none.
        sizes = gdp[np.isin(codes, [row["iso3"] for row in had if row["kind"] == what])]
        closed[:, o] |= gdp < min(sizes, default=0.0)
        # Some texts are open to a circle only.
        if circle := kind[what].items("who"):
            closed[:, o] |= ~np.isin(codes, list(organisations.countries_of(*circle)))
    last, offer = _years(LAST_DAY), {name: o for o, name in enumerate(offers)}
    dated = []
    for row in moves:
        year, o = min(_years(row["date"]), last), offer.get(f"{row['rival']} {row['kind']}", -1)
        dated.append((year, place[row["iso3"]], o, row))
    record = _Record(sorted(dated, key=itemgetter(0)), half_years, closed)
    befriended = pact[:, np.isin(codes, list(high_risk))].any(axis=1)
    now = _years(day)
    return {
        "rival_key": name_keys(list(offers)),
        "rival_area": area,
        "rival_weight": np.array([float(row["lock_in"]) for row in offered]),
        "rival_half_life": QUARTERS_PER_YEAR * half_years,
        "rival_builds": np.array(builds, np.uint8),
        "rival_high_risk": risky.astype(np.uint8),
        "rival_vendor": (risky & [row["vendor"] == "yes" for row in offered]).astype(np.uint8),
        "rival_supply": record.supplied(now) * others,
        "rival_rate": record.rates(countries["region"].to_numpy(str), now) * others,
        "kept_out": record.kept_out(kind, now),
        "power": np.isin(codes, list(high_risk)) | befriended | sanctioned,
    }


@dataclass(frozen=True)
class _Record:
    """The dated moves of rivals in the countries of a world.

    Attributes
    ----------
    moves : list of (year, place of the country, place of the offer or -1, row)
        Of ``rivals.csv``, the oldest first.
    half_years : (O,) array
        After which half of an offer's hold is left.
    closed : (N, O) array of bool
        Where there is nothing to win.
    """

    moves: list[tuple[float, int, int, Row]]
    half_years: Floats
    closed: Truths

    def supplied(self, year: float) -> Floats:
        """Return (N, O) what is left of each offer in each country at a time, 0..1."""
        left = np.zeros(self.closed.shape)
        for since, i, o, row in self.moves:
            if o >= 0 and since <= year:
                # What was won again counts as new; what was lost is gone.
                won = row["effect"] == "+"
                left[i, o] = power(2.0, -(year - since) / self.half_years[o]) if won else 0.0
        return left

    def rates(self, regions: NDArray[np.str_], year: float) -> Floats:
        """Return (N, O) wins per quarter of each offer in a country that it does not supply.

        Wins of a region in the ten years before, over the country-years in which there was
        something to win, drawn to the mean of the whole world as far as the region is small.
        """
        wins, free = np.zeros(self.closed.shape), np.zeros(self.closed.shape)
        for since, i, o, row in self.moves:
            if o >= 0 and row["effect"] == "+" and year - RECORD_YEARS < since <= year:
                wins[i, o] += 1.0
        for before in range(RECORD_YEARS):
            free += (1.0 - self.supplied(year - before - 0.5)) * ~self.closed
        mean = wins.sum(axis=0) / free.sum(axis=0)
        rate = np.zeros(wins.shape)
        for region in np.unique(regions):
            here = regions == region
            won = wins[here].sum(axis=0) + mean * AVERAGE_YEARS
            rate[here] = won / (free[here].sum(axis=0) + AVERAGE_YEARS)
        return rate * ~self.closed / QUARTERS_PER_YEAR

    def kept_out(self, kinds: Mapping[str, Row], year: float) -> Floats:
        """Return (N,) how far each country keeps high-risk vendors out, 1 by a ban.

        Parameters
        ----------
        kinds : mapping of str to Row
            Of ``rival_kinds.csv``, which say how far each kind of move keeps them out.
        """
        out = np.zeros(len(self.closed))
        for since, i, _, row in self.moves:
            if since <= year:
                out[i] = max(out[i], float(kinds[row["kind"]]["keeps_out"]))
        return out


def ally_array(
    allies: Sequence[Row], countries: pd.DataFrame, organisations: Organisations
) -> Flags:
    """Return (N,) flags of allies and candidates, who keep high-risk vendors out more often."""
    named = organisations.countries_of(*(row["ally"] for row in allies))
    candidate = (countries["enlargement"] == CANDIDATE).to_numpy() & (CANDIDATE in named)
    return (np.isin(list(countries["iso3"]), list(named)) | candidate).astype(np.uint8)


def _years(date: str) -> float:
    """Return a date as a year with a fraction; the middle of a year or month that has no day."""
    year, month, day = (*date.split("-"), "", "")[:3]
    if not month:
        return int(year) + 0.5
    return int(year) + (int(month) - 1) / 12 + (float(day or 15) - 1) / 365
