"""What happened in many runs, as plain tables: all that a pattern may be measured on.

The tables hold names, never positions in arrays, so that they stay the same however the rules of
the model change. Quarters are whole numbers counted from the first quarter of 2010.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from partnersim.model.constants import AREAS, OPENINGS, QUARTERS_PER_YEAR, STAGES, STALLS

#: Events that end a tie, or a negotiation.
ENDS = ("ended", "expired", "superseded")
GAINS, LOSSES = ("advanced", "recovered", "renewed"), ("suspended", *ENDS)
PAIR = ["run", "iso3", "instrument"]
LINK = ["run", "iso3", "other"]
#: Stages of a negotiation before it comes into force.
UNDER_WAY = STAGES[STAGES.index("announced") : STAGES.index("in_force")]


@dataclass(frozen=True, eq=False)
class Background:
    """What is known of partners, instruments, organisations and shocks, whatever a run does.

    Attributes
    ----------
    partners : DataFrame
        Index ``iso3``; the columns of the table of countries, flags as ``yes`` or ``no``.
    instruments : DataFrame
        Index ``instrument``; ``path, role, binding`` (0 to 4), ``funded`` (``yes`` or ``no``),
        ``area`` (frozenset of names).
    members : dict of str to frozenset
        Members of each organisation.
    shocks : dict of str to str
        Scope of each type of shock: ``world, region, country, pair`` or ``eu``.
    metrics : tuple of str
        Names of what the model itself measures each quarter.
    """

    partners: pd.DataFrame
    instruments: pd.DataFrame
    members: dict[str, frozenset[str]]
    shocks: dict[str, str]
    metrics: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Plays:
    """Many runs from the same network at the start.

    Attributes
    ----------
    known : Background
    first, last : int
        The quarter observed before the runs begin, and their last one.
    climates : DataFrame
        ``run, climate``.
    events : DataFrame
        ``run, quarter, event, iso3, instrument, other, stage, shock, severity``, in the order in
        which they happened.
    ties : DataFrame
        ``iso3, instrument, stage`` at the start.
    links : DataFrame
        ``iso3, other`` at the start, each link once.
    money : DataFrame
        ``climate, quarter, iso3, invested``: million euros mobilised since the start, mean over
        the runs of a climate; at the ends of years.
    metrics : DataFrame
        ``run, quarter`` and the metrics of the model.
    """

    known: Background
    first: int
    last: int
    climates: pd.DataFrame
    events: pd.DataFrame
    ties: pd.DataFrame
    links: pd.DataFrame
    money: pd.DataFrame
    metrics: pd.DataFrame

    def of_climate(self, climate: str) -> Plays:
        """Return the runs of one climate only."""
        chosen = self.climates[self.climates["climate"] == climate]
        return replace(
            self,
            climates=chosen,
            events=self.events[self.events["run"].isin(chosen["run"])],
            money=self.money[self.money["climate"] == climate],
            metrics=self.metrics[self.metrics["run"].isin(chosen["run"])],
        )

    @cached_property
    def requests(self) -> pd.DataFrame:
        """What partners asked for; ``event``: ``approached`` if the EU agreed, else ``refused``."""
        return self._happened("approached", "refused")

    @cached_property
    def shocks(self) -> pd.DataFrame:
        """Every shock once, whomever it strikes, the EU itself included."""
        return self._happened("shock")

    @cached_property
    def steps(self) -> pd.DataFrame:
        """Every step of a negotiation: its opening and each later stage, as it is reached."""
        return self._happened(*OPENINGS, "advanced")

    @cached_property
    def new_ties(self) -> pd.DataFrame:
        """Instruments that come into force for the first time in a run."""
        return self.steps[self.steps["stage"] == "in_force"]

    @cached_property
    def openings(self) -> pd.DataFrame:
        """Negotiations opened in a run."""
        return self._happened(*OPENINGS)

    def _happened(self, *events: str) -> pd.DataFrame:
        return self.events[self.events["event"].isin(events)]

    @cached_property
    def spells(self) -> pd.DataFrame:
        """Times in force: ``run, iso3, instrument, begin, end``, the first quarter after it.

        A tie still in force at the end of a run ends one quarter after it; ``lapsed`` tells
        whether it ended or expired, rather than being suspended.
        """
        return self._in_force(*GAINS, *LOSSES)

    @cached_property
    def held(self) -> pd.DataFrame:
        """Times in force, suspensions included: ``run, iso3, instrument, begin, end``."""
        return self._in_force("advanced", "renewed", *ENDS)

    def _in_force(self, *events: str) -> pd.DataFrame:
        moves = self._happened(*events)
        moves = moves[moves["stage"] == "in_force"]
        return self._spells(moves, moves["event"].isin(GAINS), PAIR, self._at_start("in_force"))

    @cached_property
    def suspensions(self) -> pd.DataFrame:
        """Suspensions, of ties in force and of negotiations, with ``stage``.

        ``suspended`` and ``resumed`` are quarters; ``resumed`` is missing if the run ended first.
        """
        return self._halts(["suspended"], ["recovered"])

    @cached_property
    def pauses(self) -> pd.DataFrame:
        """Suspensions and stalls of negotiations, with ``stage``, as `suspensions` tells them."""
        halts = self._halts(["suspended", *STALLS], ["recovered", "resumed"])
        return halts[halts["stage"] != "in_force"]

    def _halts(self, begin: list[str], end: list[str]) -> pd.DataFrame:
        moves = self._happened(*begin, *end, *ENDS)
        # What is negotiated anew for the next programme stands still as it did.
        moves = moves[(moves["event"] != "expired") | (moves["stage"] == "in_force")]
        found = self._spells(moves, moves["event"].isin(begin), PAIR, None)
        resumed = found["end"].where((found["end"] <= self.last) & ~found["lapsed"])
        return found.assign(quarter=found["begin"], suspended=found["begin"], resumed=resumed)

    @cached_property
    def link_spells(self) -> pd.DataFrame:
        """Times of links: ``run, iso3, other, begin, end``."""
        moves = self._links("linked", "link_cut")
        start = self._for_all_runs(self.links.assign(quarter=self.first))
        return self._spells(moves, moves["event"] == "linked", LINK, start)

    @cached_property
    def new_links(self) -> pd.DataFrame:
        """Links made in a run, the two countries in alphabetical order."""
        return self._links("linked")

    @cached_property
    def link_cuts(self) -> pd.DataFrame:
        """Links cut in a run."""
        return self._links("link_cut")

    @cached_property
    def link_ends(self) -> pd.DataFrame:
        """Both ends of the links made in a run, a row each."""
        return _both_ends(self.new_links)

    @cached_property
    def talks(self) -> pd.DataFrame:
        """Negotiations, opened in a run or under way at its start (``origin``: run or start).

        One column of quarters for ``opened``, each stage and ``ended``; ``paused`` is the longest
        suspension or stall before force in quarters, ``took`` the years from opening to force.
        ``quarter`` is that of the opening, or of the start.
        """
        start = self._at_start(*UNDER_WAY)
        found = pd.concat([self.openings.assign(origin="run"), start.assign(origin="start")])
        talks = found.drop_duplicates(PAIR)[[*PAIR, "quarter", "origin"]]
        talks["opened"] = talks["quarter"].where(talks["origin"] == "run")
        moments = self.events["stage"].where(self.events["event"].isin([*OPENINGS, "advanced"]))
        moments = moments.where(self.events["event"] != "ended", "ended")
        reached = (
            self.events.assign(moment=moments)
            .dropna(subset=["moment"])
            .groupby([*PAIR, "moment"], observed=True)["quarter"]
            .min()
            .unstack("moment")
            .reindex(columns=[*UNDER_WAY, "in_force", "ended"])
        )
        pauses = self.pauses
        longest = (pauses["end"] - pauses["begin"]).groupby([pauses[key] for key in PAIR]).max()
        talks = talks.join(reached, on=PAIR).join(longest.rename("paused"), on=PAIR)
        talks["took"] = (talks["in_force"] - talks["opened"]) / QUARTERS_PER_YEAR
        return talks.fillna({"paused": 0}).reset_index(drop=True)

    @cached_property
    def strikes(self) -> pd.DataFrame:
        """Shocks as they strike partners: one on a region or on the world strikes all of its own.

        ``direct`` tells whether the partner itself was struck. Shocks on the EU strike no partner.
        """
        columns = ["run", "quarter", "iso3", "shock", "severity"]
        struck = self.shocks[[*columns, "other"]]
        named = struck[struck["iso3"].notna()]
        wide = struck[struck["iso3"].isna()].drop(columns="iso3")
        scope = wide["shock"].map(self.known.shocks)
        partners = self.known.partners.reset_index()[["iso3", "region"]]
        regional = wide[scope == "region"].merge(partners, left_on="other", right_on="region")
        worldwide = wide[scope == "world"].merge(partners[["iso3"]], how="cross")
        found = [each[columns] for each in (named, regional, worldwide)]
        direct = np.arange(sum(map(len, found))) < len(named)
        return pd.concat(found, ignore_index=True).assign(direct=direct)

    def ties_at(self, quarter: int) -> pd.DataFrame:
        """Return the ties in force at the end of a quarter, one row per run and tie."""
        return _at(self.spells, PAIR, quarter)

    def held_ties_at(self, quarter: int) -> pd.DataFrame:
        """Return the same with those that are suspended."""
        return _at(self.held, PAIR, quarter)

    def links_at(self, quarter: int) -> pd.DataFrame:
        """Return the links at the end of a quarter, one row per run and link."""
        return _at(self.link_spells, LINK, quarter)

    def linked_ends_at(self, quarter: int) -> pd.DataFrame:
        """Return both ends of the links at the end of a quarter, a row each."""
        return _both_ends(self.links_at(quarter))

    def metrics_at(self, quarter: int) -> pd.DataFrame:
        """Return what the model measured at the end of a quarter, one row per run."""
        return self.metrics[self.metrics["quarter"] == quarter]

    def partners_at(self, quarter: int) -> pd.DataFrame:
        """Return ``run, iso3, quarter, ties, links, depth`` (mean over areas, 0..4), ``invested``.

        ``invested`` is that of the last year end, a mean over the runs of a climate.
        """
        key = ["run", "iso3"]
        ties = self.ties_at(quarter)
        covered = ties.join(self.known.instruments[["binding", "area"]], "instrument")
        covered = covered.assign(area=covered["area"].map(list)).explode("area")
        deepest = covered.groupby([*key, "area"])["binding"].max()
        table = self.climates.merge(self.known.partners.reset_index()[["iso3"]], how="cross")
        for name, values in (
            ("ties", ties.groupby(key).size()),
            ("links", self.linked_ends_at(quarter).groupby(key).size()),
            ("depth", deepest.groupby(key).sum() / len(AREAS)),
        ):
            table = table.join(values.rename(name).astype(float), on=key)
        year_end = self.money[self.money["quarter"] <= quarter]["quarter"].max()
        money = self.money[self.money["quarter"] == year_end].drop(columns="quarter")
        table = table.merge(money, how="left", on=["climate", "iso3"]).assign(quarter=quarter)
        return table.fillna({"ties": 0.0, "links": 0.0, "depth": 0.0, "invested": 0.0})

    def _links(self, *events: str) -> pd.DataFrame:
        found = self._happened(*events)[["run", "quarter", "event", "iso3", "other"]]
        ends = np.sort(found[["iso3", "other"]].to_numpy(str), axis=1)
        return found.assign(iso3=ends[:, 0], other=ends[:, 1])

    def _at_start(self, *stages: str) -> pd.DataFrame:
        start = self.ties[self.ties["stage"].isin(stages)]
        return self._for_all_runs(start.assign(quarter=self.first))

    def _for_all_runs(self, table: pd.DataFrame) -> pd.DataFrame:
        return self.climates[["run"]].merge(table, how="cross")

    def _spells(
        self, moves: pd.DataFrame, gain: pd.Series, key: list[str], start: pd.DataFrame | None
    ) -> pd.DataFrame:
        """Return the times between a gain and what follows it, one row each."""
        columns = [name for name in (*key, "quarter", "stage", "event") if name in moves]
        moves = moves[columns].assign(gain=gain)
        if start is not None:
            moves = pd.concat([start.assign(gain=True), moves], ignore_index=True)
        moves = moves.sort_values(key, kind="stable")
        following = moves.groupby(key, observed=True, sort=False)
        moves["end"] = following["quarter"].shift(-1).fillna(self.last + 1)
        moves["lapsed"] = following["event"].shift(-1).isin(ENDS)
        moves = moves[moves["gain"].astype(bool)].rename(columns={"quarter": "begin"})
        return moves.drop(columns=["gain", "event"]).reset_index(drop=True)


def _both_ends(links: pd.DataFrame) -> pd.DataFrame:
    """Return links a second time, by their other ends."""
    return pd.concat([links, links.assign(iso3=links["other"])], ignore_index=True)


def _at(spells: pd.DataFrame, keys: list[str], quarter: int) -> pd.DataFrame:
    """Return the spells that last at the end of a quarter."""
    inside = (spells["begin"] <= quarter) & (spells["end"] > quarter)
    return spells.loc[inside, keys].assign(quarter=quarter)
