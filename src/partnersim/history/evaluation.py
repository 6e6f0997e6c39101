"""Scoring a forecast against events that somebody collected after it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from partnersim.errors import InputError, nearest, refuse, separator_problem
from partnersim.history.cases import KEYS, Cut, groups, with_outcomes
from partnersim.history.evidence import HistoryEvidence
from partnersim.history.history import (
    HELPERS,
    STAGE_OF_EVENT,
    Record,
    places,
    quarter_name,
    quarter_number,
    quarters_of_year,
    stage_entered,
)
from partnersim.history.scores import calibration_table, score_table
from partnersim.history.simple_rules import RULES, with_rules
from partnersim.history.talks import blocs_of
from partnersim.model.constants import STAGES
from partnersim.world.places import nearest_place
from partnersim.world.tables import Reader, Row
from partnersim.world.world import World

REQUIRED = ("date", "iso3", "instrument", "event")
#: Codes of blocs as a whole, which name no country.
BLOC = "BLOC_"

_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)
#: Fates of events. A scored event has moved a case of the forecast.
SCORED = "scored"
#: Beginning of the fate of what happened to a bloc, beside its members.
BLOC_FATE = "a bloc"


@dataclass(frozen=True)
class LaterEvent:
    """What became of one event: that of a bloc stands once, and once for each member.

    Attributes
    ----------
    row : int
        Of the file.
    date, iso3, instrument, event : str
        As written, the member of a bloc in place of the bloc.
    fate : str
        `SCORED`, or why not.
    record : Record or None
        What it makes of the pair, if it may move one.
    """

    row: int
    date: str
    iso3: str
    instrument: str
    event: str
    fate: str = ""
    record: Record | None = None


def read_later_events(path: Path, world: World) -> list[LaterEvent]:
    """Return the events of a file, see `later_events`; columns beyond `REQUIRED` do not matter."""
    reader = Reader(path.parent)
    return later_events(reader, reader.read(path.name, REQUIRED, ()), world)


def later_events(reader: Reader, rows: Sequence[Row], world: World) -> list[LaterEvent]:
    """Return events with what each makes of its pair, or why it makes nothing of any.

    Parameters
    ----------
    reader : Reader
        That collects problems.
    rows : sequence of Row
        With at least ``date, iso3, instrument, event``. Dates are years, months or days; a year
        counts as its last quarter, a month as its quarter. What happened to a bloc happened to each
        of its members.
    world : World
        Countries and catalogue of the forecast; what happened up to the day that it knows of is
        known already.

    Raises
    ------
    InputError
        One line per problem, if a date or an event cannot be read, or no row can be used.
    """
    kinds = tuple(STAGE_OF_EVENT)
    several = f"; and so on, none of the {len(rows):,} rows can be used"
    for column, fine, rule, allowed in (
        ("date", _is_date, "must be YYYY, YYYY-MM or YYYY-MM-DD", ()),
        ("event", kinds.__contains__, f"must be one of {', '.join(kinds)}", kinds),
    ):
        wrong = [row for row in rows if not fine(row[column])]
        whole = len(rows) > 2 and len(wrong) == len(rows)
        for row in wrong[:1] if whole else wrong:
            hint = nearest_place(row[column], allowed)
            reader.problem(row, f"{column} '{row[column]}' {rule}{hint}{several if whole else ''}")
    reader.refuse()
    blocs = blocs_of(world.folder)
    expanded = _without_repeats([event for row in rows for event in _expanded(row, world, blocs)])
    together = Counter(
        (event.instrument, event.event, event.date) for event in expanded if not event.fate
    )
    found = [_placed(event, world, together) for event in expanded]
    unusable = [event for event in found if event.record is None]
    if found and len(unusable) == len(found):
        alone = [event for event in unusable if not event.fate.startswith(BLOC_FATE)] or unusable
        lines = dict.fromkeys(f"{rows[0].file}, row {event.row}: {event.fate}" for event in alone)
        raise InputError([*lines][:8])
    return found


def _is_date(text: str) -> bool:
    """Tell whether a text is a year, a month or a day of the calendar."""
    try:
        return bool(_DATE.fullmatch(text)) and bool(date.fromisoformat(f"{text}-01-01"[:10]))
    except ValueError:
        return False


def _without_repeats(events: list[LaterEvent]) -> list[LaterEvent]:
    """Return events of which those that stand twice, of a bloc and of a member too, say so."""
    first: dict[tuple[str, ...], int] = {}
    found = []
    for event in events:
        key = event.date, event.iso3, event.instrument, event.event
        row = event.row if event.fate else first.setdefault(key, event.row)
        found.append(event if row == event.row else replace(event, fate=f"the same as row {row}"))
    return found


def _expanded(row: Row, world: World, blocs: Mapping[str, Sequence[str]]) -> list[LaterEvent]:
    """Return the event of a row, and one for each member if it is that of a bloc."""
    date, iso3, instrument, kind = (row[column] for column in REQUIRED)
    event = LaterEvent(row.line, date, iso3, instrument, kind)
    codes, names = list(world.countries["iso3"]), list(world.instruments["instrument"])
    members: list[str] = []
    if instrument in HELPERS:
        fate = f"{instrument} is no instrument of the catalogue"
    elif instrument not in names:
        fate = f"'{instrument}' is not an instrument of the catalogue{nearest(instrument, names)}"
    elif not iso3:
        fate = "iso3 is empty: which country, or which bloc?"
    elif iso3 in codes:
        fate = ""
    elif members := _members(iso3, instrument, world, blocs):
        k = names.index(instrument)
        may = (world.arrays.eligible[:, k] == 1) | (world.arrays.stage[:, k] > 0)
        members = [code for code in members if may[codes.index(code)]]
        fate = f"{BLOC_FATE}, expanded to the {len(members)} members that may take it"
    else:
        # The beginning that all blocs share would make any of them look alike.
        hint = nearest_place(iso3.removeprefix(BLOC), [*codes, *blocs])
        fate = f"'{iso3}' is not a country of the forecast{hint}"
    return [replace(event, fate=fate), *(replace(event, iso3=code) for code in members)]


def _members(
    bloc: str, instrument: str, world: World, blocs: Mapping[str, Sequence[str]]
) -> list[str]:
    """Return the members of a bloc: who has the instrument by it, else all that are known."""
    by_bloc = world.network[world.network["via_bloc"] == bloc]
    own = by_bloc[by_bloc["instrument"] == instrument]
    if len(own):
        return list(own["iso3"])
    known = blocs.get(bloc.removeprefix(BLOC), by_bloc["iso3"].drop_duplicates())
    codes = set(world.countries["iso3"])
    return [code for code in known if code in codes]


def _placed(event: LaterEvent, world: World, together: Counter[tuple[str, str, str]]) -> LaterEvent:
    """Return an event with its record, or with why it has none."""
    if event.fate:
        return event
    after = world.known_until
    known = after[: len(event.date)]
    # Of the year that the forecast begins in, nobody knows whether it means what came after.
    if event.date < known or (event.date == known and len(known) > len("2025")):
        return replace(event, fate=f"not after {after}: known to the forecast")
    countries, instruments = places(world)
    country, instrument = countries[event.iso3], instruments[event.instrument]
    stage = stage_entered(event.event, str(world.instruments["path"].iloc[instrument]))
    if not stage:
        return replace(event, fate="a meeting: moves no pair")
    alone = together[event.instrument, event.event, event.date] == 1
    decision = "" if alone else f"{event.instrument} {event.date}"
    if len(event.date) == len("2025"):
        quarters = quarters_of_year(int(event.date))
    else:
        quarters = (quarter_number(str(pd.Period(event.date, "Q"))),) * 2
    first, last = (max(quarter, quarter_number(world.first_quarter)) for quarter in quarters)
    return replace(event, record=Record(country, instrument, first, last, stage, decision))


FORECASTS = ("forecast", *RULES)


@dataclass(frozen=True)
class Evaluation:
    """Scores of a forecast at a quarter.

    Attributes
    ----------
    until : str
    scores, calibration : DataFrame
        See `score_table` and `calibration_table`.
    happened : DataFrame
        New ties: ``iso3, instrument, stage, decision, probability, rank, of``, the likeliest first.
    events : DataFrame
        Every event and what became of it: ``row, date, iso3, instrument, event, fate``.
    """

    until: str
    scores: pd.DataFrame
    calibration: pd.DataFrame
    happened: pd.DataFrame
    events: pd.DataFrame

    @property
    def decisions(self) -> int:
        """Independent decisions that made something happen."""
        return int(self.scores.loc[self.scores["group"] == "all", "decisions"].iloc[0])


def read_forecast(path: Path, evidence: HistoryEvidence) -> pd.DataFrame:
    """Return a forecast from a CSV or Parquet file.

    Raises
    ------
    InputError
        One line per kind of problem: column or key, what was given, what is allowed.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    try:
        table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    except (ValueError, OSError) as error:
        raise InputError(f"{path}: cannot be read ({str(error).splitlines()[0]})") from None
    if problem := separator_problem(list(map(str, table.columns))):
        raise InputError(f"{path}: {problem}")
    refuse(
        f"{path}: column '{name}' is missing{nearest(name, table.columns)}"
        for name in (*KEYS, "probability")
        if name not in table
    )
    world = evidence.world
    probability = pd.to_numeric(table["probability"], errors="coerce")
    problems = []
    for name, known in (
        ("iso3", world.countries["iso3"]),
        ("instrument", world.instruments["instrument"]),
        ("stage", STAGES[2:]),
    ):
        wrong = ~table[name].isin(list(known))
        problems += _problem(table, wrong, name, "is unknown", known)
    wrong = ~table["by"].astype(str).str.fullmatch(r"20\d\dQ[1-4]")
    problems += _problem(table, wrong, "by", "must be a quarter such as 2026Q1")
    wrong = ~((probability > 0.0) & (probability < 1.0))
    problems += _problem(table, wrong, "probability", "must lie between 0 and 1, and be neither")
    keys = table["iso3"].astype(str).str.cat(table[list(KEYS[1:])].astype(str), sep=", ")
    problems += _problem(keys.to_frame("case"), keys.duplicated(), "case", "stands twice")
    refuse(f"{path}{problem}" for problem in problems)
    return table.assign(probability=probability.astype(np.float64))


def _problem(
    table: pd.DataFrame, wrong: pd.Series, column: str, rule: str, known: Iterable[str] = ()
) -> list[str]:
    """Return a line on the first wrong cell of a column and how many more there are, if any.

    Rows count from 1, as in a spreadsheet: the heading is row 1.
    """
    rows = np.flatnonzero(wrong)
    if not len(rows):
        return []
    cell = str(table[column].iloc[rows[0]])
    more = f" and {len(rows) - 1:,} more" if len(rows) > 1 else ""
    return [f", row {rows[0] + 2:,}{more}: {column} '{cell}' {rule}{nearest_place(cell, known)}"]


def evaluate(
    forecast: pd.DataFrame, events: Path, evidence: HistoryEvidence, until: str | None = None
) -> Evaluation:
    """Score a forecast against later events, beside simple rules.

    Parameters
    ----------
    forecast : DataFrame
        From `read_forecast`.
    events : Path
        See `read_later_events`.
    evidence : HistoryEvidence
        World and history behind the forecast.
    until : str, optional
        Quarter up to which the events are complete; that of the last event if left out.

    Raises
    ------
    InputError
        If the events or the quarter cannot be used.
    """
    world = evidence.world
    later = read_later_events(events, world)
    known = list(dict.fromkeys(forecast["by"]))
    found = sorted((one.record for one in later if one.record), key=lambda record: record.last)
    if until is None:
        if not found:
            raise InputError(f"{events}: holds no event; say until=QUARTER to score anyway")
        until = min(max(known), quarter_name(max(record.last for record in found)))
    if until not in known:
        raise InputError(
            f"until={until}: must be a quarter of the forecast, {min(known)} to {max(known)}"
        )
    cut = Cut(evidence, quarter_number(world.first_quarter) - 1)
    table = forecast[forecast["by"] == until].reset_index(drop=True)
    cases = with_outcomes(table, found, cut)
    # Only a pair that was under way has left its first stage behind, which is then no case.
    pairs = pd.MultiIndex.from_frame(table[["iso3", "instrument"]])
    cases["pipeline"] = ~pairs.isin(pairs[(table["stage"] == "announced").to_numpy()])
    cases = cases.rename(columns={"probability": "forecast"})
    cases = with_rules(cases, cut, cut.now())
    parts = groups(cases, world)
    return Evaluation(
        until,
        score_table(cases, FORECASTS, parts),
        calibration_table(cases, FORECASTS),
        _happened(cases[parts["new ties"]]),
        _fates(later, cases, world, until),
    )


def _happened(ties: pd.DataFrame) -> pd.DataFrame:
    """Return the new ties that came, with the probability and the rank that they were given."""
    ranks = ties["forecast"].rank(ascending=False, method="min").astype(int)
    came = ties.assign(rank=ranks, of=len(ties))[ties["happened"] == 1]
    came = came.rename(columns={"forecast": "probability"})
    columns = ["iso3", "instrument", "stage", "decision", "probability", "rank", "of"]
    return came[columns].sort_values("rank", kind="stable").reset_index(drop=True)


def _fates(
    later: Sequence[LaterEvent], cases: pd.DataFrame, world: World, until: str
) -> pd.DataFrame:
    """Return every event with what became of it."""
    open_cases = set(zip(cases["iso3"], cases["instrument"], cases["stage"], strict=True))
    pairs = {case[:2] for case in open_cases}
    present = world.network.set_index(["iso3", "instrument"])["stage"].to_dict()
    reached: dict[tuple[str, str], tuple[str, int]] = {}
    rows = {}
    for place, event in sorted(enumerate(later), key=lambda one: one[1].date):
        fate, record = event.fate, event.record
        if record is not None:
            pair = event.iso3, event.instrument
            stage, there = record.stage, present.get(pair, "none")
            before, row = reached.get(pair, ("none", 0))
            if quarter_name(record.last) > until:
                fate = f"after {until}, up to which is scored"
            elif stage == "none":
                fate = "an end: no forecast of ends"
                reached.pop(pair, None)
            elif STAGES.index(before) >= STAGES.index(stage):
                fate = f"held already: {before} by row {row}"
            elif (*pair, stage) in open_cases:
                fate, reached[pair] = SCORED, (stage, event.row)
            elif STAGES.index(there) >= STAGES.index(stage):
                fate = f"held already: {there} when the forecast began"
            elif pair in pairs:
                fate = f"its path knows no stage {stage}"
            else:
                fate = "no case of the forecast: not open to this partner"
        rows[place] = (event.row, event.date, event.iso3, event.instrument, event.event, fate)
    return pd.DataFrame([rows[place] for place in sorted(rows)], columns=["row", *REQUIRED, "fate"])
