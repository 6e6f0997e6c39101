"""What a pattern may measure: counts, rates, shares, hazards, durations, and shapes of networks.

Every measure is a function of one pattern and of runs (`Plays`) and returns one number, taken over
all runs together; not-a-number if no run has a case to measure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import networkx as nx
import numpy as np
import pandas as pd

from partnersim.history.pattern_conditions import PAIR_FLOWS, Conditions, about, meeting
from partnersim.history.pattern_tables import PAIR, Plays
from partnersim.model.constants import QUARTERS_PER_YEAR

#: Tables of what is there at a quarter, and of what happens.
STOCKS = ("ties", "held_ties", "links", "linked_ends", "partners", "metrics")
FLOWS = (*PAIR_FLOWS, "strikes", "shocks", "new_links", "link_ends", "link_cuts")
COUNTED = (*FLOWS, *STOCKS[:-1])


@dataclass(frozen=True)
class Definition:
    """How the number of a pattern is worked out.

    Attributes
    ----------
    measure : str
        One of `MEASURES`.
    table : str
        One of `FLOWS` or `STOCKS`.
    where, meeting : Conditions
        Which rows count; for a share or a difference, which of them stand on the other side.
    options : mapping of str to str
        What the measure needs besides.
    window : tuple of int
        First and last quarter; for a table of what is there, the quarters at which it is looked at.
        Empty for the whole run, or its end.
    """

    measure: str
    table: str
    where: Conditions = ()
    meeting: Conditions = ()
    options: Mapping[str, str] = field(default_factory=dict)
    window: tuple[int, ...] = ()

    def number(self, name: str, default: float = math.nan) -> float:
        """Return an option that is a number."""
        return float(self.options.get(name, default))

    def names(self, name: str) -> list[str]:
        """Return an option that is a list of names."""
        return [part.strip() for part in self.options.get(name, "").split(",") if part.strip()]

    def span(self, plays: Plays) -> tuple[int, int]:
        """Return the first and the last quarter in which things that happen count."""
        first, last = self.window or (plays.first + 1, plays.last)
        return max(first, plays.first), min(last, plays.last)

    def moments(self, plays: Plays) -> tuple[int, ...]:
        """Return the quarters at which things that are there are looked at."""
        return self.window or (plays.last,)

    def per_run(self, plays: Plays, total: float) -> float:
        """Return what of a total falls to one run; of what is there, at one moment."""
        moments = len(self.moments(plays)) if self.table in STOCKS else 1
        return total / len(plays.climates) / moments

    def partners(self, plays: Plays) -> int:
        """Return the number of partners that the conditions on partners allow."""
        partners = plays.known.partners.reset_index()[["iso3"]]
        return len(meeting(partners, about(self.where, "partner"), plays))

    def rows(self, plays: Plays) -> pd.DataFrame:
        """Return the rows of the table that count."""
        if self.table in STOCKS:
            look = getattr(plays, f"{self.table}_at")
            found = pd.concat([look(quarter) for quarter in self.moments(plays)])
        else:
            found = getattr(plays, self.table)
            if self.window or self.table != "talks":
                found = found[found["quarter"].between(*self.span(plays))]
        found = meeting(found.reset_index(drop=True), self.where, plays)
        return self._once(found, plays)

    def _once(self, rows: pd.DataFrame, plays: Plays) -> pd.DataFrame:
        """Count each partner once in a run, or each bloc once by instrument."""
        once = self.names("once")
        if not once:
            return rows
        if once == ["country"]:
            return rows.drop_duplicates(["run", "iso3"])
        unit = {code: bloc for bloc in once for code in plays.known.members[bloc]}
        named = rows.assign(unit=[unit.get(code, code) for code in rows["iso3"]])
        return named.drop_duplicates(["run", "instrument", "unit"])


def _ratio(above: float, below: float) -> float:
    return above / below if below else math.nan


def count(pattern: Definition, plays: Plays) -> float:
    """Rows of a run; of what is there, at one moment. ``each=partner``: for one partner."""
    return pattern.per_run(plays, len(pattern.rows(plays))) / _each(pattern, plays)


def rate(pattern: Definition, plays: Plays) -> float:
    """Rows a year, or in ``per=decade``. ``each=partner``: for one partner."""
    first, last = pattern.span(plays)
    # A window may begin after the horizon.
    years = max(0.0, (last - first + 1) / QUARTERS_PER_YEAR)
    decade = 10 if pattern.options.get("per") == "decade" else 1
    rows = pattern.rows(plays)
    if "country" in pattern.names("once_a_year"):
        year = rows["quarter"] // QUARTERS_PER_YEAR
        rows = rows.assign(year=year).drop_duplicates(["run", "iso3", "year"])
    each = _each(pattern, plays)
    return _ratio(decade * len(rows) / len(plays.climates), years) / each


def _each(pattern: Definition, plays: Plays) -> int:
    """Return the number of partners that a number is divided by."""
    return max(1, pattern.partners(plays)) if pattern.options.get("each") == "partner" else 1


def share(pattern: Definition, plays: Plays) -> float:
    """Share of the rows that also meet ``meeting``; weighted by a column, ``weight=invested``."""
    rows = pattern.rows(plays)
    chosen = meeting(rows, pattern.meeting, plays)
    weight = pattern.options.get("weight")
    if weight:
        return _ratio(float(chosen[weight].sum()), float(rows[weight].sum()))
    return _ratio(len(chosen), len(rows))


def mean(pattern: Definition, plays: Plays) -> float:
    """Mean of the column ``value`` over the rows, such as a metric of the model."""
    return float(pattern.rows(plays)[pattern.options["value"]].mean())


def change(pattern: Definition, plays: Plays) -> float:
    """Mean of ``value`` at the last quarter of the window minus that at the first."""
    first, *_, last = pattern.window or (plays.first, plays.last)
    ends = [mean(replace(pattern, window=(quarter,)), plays) for quarter in (first, last)]
    return ends[1] - ends[0]


def gap(pattern: Definition, plays: Plays) -> float:
    """Mean of ``value`` over the rows of ``where`` minus that over those of ``meeting``."""
    return mean(pattern, plays) - mean(replace(pattern, where=pattern.meeting), plays)


def hazard(pattern: Definition, plays: Plays) -> float:
    """Suspensions of ties in force by tie-years, or links cut by link-years."""
    links = pattern.table == "link_cuts"
    spells = plays.link_spells if links else plays.spells
    first, last = pattern.span(plays)
    at_risk = meeting(spells, about(pattern.where, "partner", "pair", "link"), plays)
    begin, end = at_risk["begin"].clip(lower=first), at_risk["end"].clip(upper=last + 1)
    exposure = float((end - begin).clip(lower=0).sum()) / QUARTERS_PER_YEAR
    rows = pattern.rows(plays)
    if not links:
        rows = rows[rows["stage"] == "in_force"]
    return _ratio(len(rows), exposure)


def median_years(pattern: Definition, plays: Plays) -> float:
    """Median of the years ``from`` one moment ``to`` another, of rows that reach both."""
    rows = pattern.rows(plays)
    passed = rows[pattern.options["to"]] - rows[pattern.options["from"]]
    return float(passed.median()) / QUARTERS_PER_YEAR


def median_wait(pattern: Definition, plays: Plays) -> float:
    """Years ``from`` one moment after which half have got ``to`` another, by Kaplan and Meier.

    Unlike in `median_years`, those that never get there count too; infinite if fewer than half do.
    """
    return next((time for time, left in _waiting(pattern, plays) if left <= 0.5), math.inf)


def reached(pattern: Definition, plays: Plays) -> float:
    """Share that gets ``from`` one moment ``to`` another within ``years``, by Kaplan and Meier.

    Where a run ends first, it counts as long as it lasts; what ended without result never gets
    there. Kaplan and Meier (1958), doi:10.1080/01621459.1958.10501452.
    """
    waiting = _waiting(pattern, plays)
    if not waiting:
        return math.nan
    return 1 - [left for time, left in waiting if time <= pattern.number("years")][-1]


def _waiting(pattern: Definition, plays: Plays) -> list[tuple[float, float]]:
    """Return times in years and the share that has not got there after each; none without rows."""
    rows = pattern.rows(plays).dropna(subset=[pattern.options["from"]])
    begin, end = rows[pattern.options["from"]], rows[pattern.options["to"]]
    known = end.fillna(plays.last) - begin
    if "ended" in rows:
        known = known.where(rows["ended"].isna() | end.notna(), math.inf)
    times, arrived = known.to_numpy(), end.notna().to_numpy()
    left, found = 1.0, [(0.0, 1.0)] if len(rows) else []
    for moment in np.unique(times[arrived]):
        left *= 1 - (arrived & (times == moment)).sum() / (times >= moment).sum()
        found.append((float(moment) / QUARTERS_PER_YEAR, left))
    return found


def batches(pattern: Definition, plays: Plays) -> float:
    """Share of rows in batches of ``size`` and more.

    Of ties: partners that take the same instrument in the same quarter, or with ``by=year`` in the
    same year. Of links: links of one quarter that hang together by their ends.
    """
    rows = pattern.rows(plays)
    if pattern.table == "new_links":
        size = _together(rows)
    else:
        length = QUARTERS_PER_YEAR if pattern.options.get("by") == "year" else 1
        period = rows["quarter"] // length
        size = rows["iso3"].groupby([rows["run"], rows["instrument"], period]).transform("nunique")
    return _ratio(float((size >= pattern.number("size")).sum()), len(rows))


def _together(links: pd.DataFrame) -> pd.Series:
    """Return for each link how many links of its run and quarter hang together with it."""
    one, other = (
        list(zip(links["run"], links["quarter"], links[end], strict=True))
        for end in ("iso3", "other")
    )
    parts = nx.connected_components(nx.Graph(zip(one, other, strict=True)))
    group = {end: number for number, part in enumerate(parts) for end in part}
    groups = pd.Series([group[end] for end in one], dtype=int)
    return groups.groupby(groups).transform("size")


def apart(pattern: Definition, plays: Plays) -> float:
    """Mean quarters between the first and the last partner that reach ``to``, in runs where all do.

    Partners under way at the start count; a run in which not all get there does not.
    """
    rows = pattern.rows(plays).dropna(subset=[pattern.options["to"]])
    moments = rows.groupby("run")[pattern.options["to"]]
    complete = rows.groupby("run")["iso3"].nunique() == pattern.partners(plays)
    return float((moments.max() - moments.min())[complete].mean())


def gini(pattern: Definition, plays: Plays) -> float:
    """Gini coefficient of ``value`` over partners, mean over runs."""

    def of_one(rows: pd.DataFrame) -> float:
        ordered, count = np.sort(rows[pattern.options["value"]].to_numpy(float)), len(rows)
        places = 2 * np.arange(1, count + 1) - count - 1
        return _ratio(float((places * ordered).sum()), float(count * ordered.sum()))

    return _over_runs(pattern, plays, of_one)


def top_share(pattern: Definition, plays: Plays) -> float:
    """Share of all ``value`` that the ``top`` partners have who have most, mean over runs."""

    def of_one(rows: pd.DataFrame) -> float:
        values = rows[pattern.options["value"]].to_numpy(float)
        top = np.sort(values)[-int(pattern.number("top")) :]
        return _ratio(float(top.sum()), values.sum())

    return _over_runs(pattern, plays, of_one)


def _over_runs(
    pattern: Definition, plays: Plays, work_out: Callable[[pd.DataFrame], float]
) -> float:
    """Return the mean over runs and quarters that have rows of what these come to."""
    parts = pattern.rows(plays).groupby(["run", "quarter"])
    return float(pd.Series([work_out(part) for _, part in parts], dtype=float).mean())


def density(pattern: Definition, plays: Plays) -> float:
    """Share of the pairs of partners of ``both_country`` or ``both_group`` that are linked."""
    codes = plays.known.partners.index.to_numpy(str)
    one, other = np.triu_indices(len(codes), 1)
    pairs = pd.DataFrame({"iso3": codes[one], "other": codes[other]})
    possible = len(meeting(pairs, about(pattern.where, "partner", "pair", "link"), plays))
    return _ratio(pattern.per_run(plays, len(pattern.rows(plays))), possible)


def transitivity(pattern: Definition, plays: Plays) -> float:
    """Share of paths of two links that a third link closes, mean over runs with such a path."""

    def of_one(links: pd.DataFrame) -> float:
        graph = nx.from_pandas_edgelist(links, "iso3", "other")
        paths = sum(degree * (degree - 1) for _, degree in graph.degree)
        return _ratio(2 * sum(nx.triangles(graph).values()), paths)

    return _over_runs(pattern, plays, of_one)


def largest_group(pattern: Definition, plays: Plays) -> float:
    """Share of the linked partners that hang together in the largest group, mean over runs."""

    def of_one(links: pd.DataFrame) -> float:
        graph = nx.from_pandas_edgelist(links, "iso3", "other")
        return max(map(len, nx.connected_components(graph))) / len(graph)

    return _over_runs(pattern, plays, of_one)


def overlaps(pattern: Definition, plays: Plays) -> float:
    """Pairs of the instruments that one partner has in force together, of a run."""
    held = pattern.rows(plays).groupby(["run", "iso3", "quarter"]).size()
    return pattern.per_run(plays, float((held * (held - 1) / 2).sum()))


def renewed(pattern: Definition, plays: Plays) -> float:
    """Share of the ties in force at the first quarter that lapse and are in force at the last."""
    first, last = pattern.window
    there = meeting(plays.ties_at(first).reset_index(drop=True), pattern.where, plays)
    lapsed = plays.spells[plays.spells["lapsed"] & plays.spells["end"].between(first + 1, last)]
    back = there.merge(lapsed[PAIR].drop_duplicates(), on=PAIR)
    back = back.merge(plays.ties_at(last)[PAIR], on=PAIR)
    return _ratio(len(back), len(there))


def after_strike(pattern: Definition, plays: Plays) -> float:
    """Rows of the struck partner within ``quarters`` of a strike of ``shock``, per strike."""
    counts, struck = _around(pattern, plays)
    length = int(pattern.number("quarters"))
    followed = struck[struck["quarter"] + length - 1 <= plays.last]
    return _ratio(_within(counts, followed, 0, length), len(followed))


def strike_ratio(pattern: Definition, plays: Plays) -> float:
    """Rows in the ``quarters`` after a strike by those before it, by the same of the other runs.

    One if a strike changes nothing. The other runs are looked at in the same partner and quarter.
    Only strikes of at least ``severity`` count.
    """
    counts, struck = _around(pattern, plays)
    length = int(pattern.number("quarters"))
    whole = struck["quarter"].between(plays.first + 1 + length, plays.last - length + 1)
    struck = struck[whole & (struck["severity"] >= pattern.number("severity", 0))]
    others = (counts.sum(axis=0, keepdims=True) - counts) / max(len(counts) - 1, 1)
    ratios = [
        _ratio(_within(table, struck, 0, length), _within(table, struck, -length, 0))
        for table in (counts, others)
    ]
    return _ratio(*ratios)


def _around(pattern: Definition, plays: Plays) -> tuple[np.ndarray, pd.DataFrame]:
    """Return rows counted by run, partner and quarter, and the strikes that are looked at."""
    runs, partners = pd.Index(plays.climates["run"]), plays.known.partners.index
    rows = pattern.rows(plays)
    counts = np.zeros((len(runs), len(partners), plays.last - plays.first + 1))
    quarter = rows["quarter"].to_numpy(int) - plays.first
    np.add.at(
        counts, (runs.get_indexer(rows["run"]), partners.get_indexer(rows["iso3"]), quarter), 1
    )
    strikes = plays.strikes[plays.strikes["shock"].isin(pattern.names("shock"))]
    strikes = meeting(strikes, about(pattern.where, "partner"), plays)
    return counts, strikes.assign(
        row=runs.get_indexer(strikes["run"]),
        column=partners.get_indexer(strikes["iso3"]),
        place=strikes["quarter"] - plays.first,
    )


def _within(counts: np.ndarray, strikes: pd.DataFrame, begin: int, end: int) -> float:
    """Return how many rows lie from ``begin`` to before ``end`` quarters from the strikes."""
    summed = np.concatenate([np.zeros((*counts.shape[:2], 1)), counts.cumsum(axis=2)], axis=2)
    place = strikes["place"].to_numpy(int)
    at = strikes["row"].to_numpy(int), strikes["column"].to_numpy(int)
    return float((summed[(*at, place + end)] - summed[(*at, place + begin)]).sum())


@dataclass(frozen=True)
class Measure:
    """A measure: its function, the tables it takes, and its options, needed ones first."""

    work_out: Callable[[Definition, Plays], float]
    tables: tuple[str, ...]
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


_AFTER = PAIR_FLOWS[:6]
MEASURES = {
    "count": Measure(count, COUNTED, (), ("each", "once")),
    "rate": Measure(rate, FLOWS, (), ("each", "once", "once_a_year", "per")),
    "share": Measure(share, COUNTED, (), ("weight", "once")),
    "mean": Measure(mean, ("partners", "metrics"), ("value",)),
    "change": Measure(change, ("partners", "metrics"), ("value",)),
    "gap": Measure(gap, ("partners",), ("value",)),
    "hazard": Measure(hazard, ("suspensions", "link_cuts")),
    "median_years": Measure(median_years, ("talks", "suspensions", "pauses"), ("from", "to")),
    "median_wait": Measure(median_wait, ("talks", "suspensions", "pauses"), ("from", "to")),
    "reached": Measure(reached, ("talks", "suspensions", "pauses"), ("from", "to", "years")),
    "batches": Measure(batches, ("openings", "new_ties", "new_links"), ("size",), ("by",)),
    "apart": Measure(apart, ("talks",), ("to",)),
    "gini": Measure(gini, ("partners",), ("value",)),
    "top_share": Measure(top_share, ("partners",), ("value", "top")),
    "density": Measure(density, ("links",)),
    "transitivity": Measure(transitivity, ("links",)),
    "largest_group": Measure(largest_group, ("links",)),
    "overlaps": Measure(overlaps, ("ties", "held_ties")),
    "renewed": Measure(renewed, ("ties",)),
    "after_strike": Measure(after_strike, _AFTER, ("shock", "quarters")),
    "strike_ratio": Measure(strike_ratio, _AFTER, ("shock", "quarters"), ("severity",)),
}
