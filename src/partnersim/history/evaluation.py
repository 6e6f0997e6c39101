"""Scoring a forecast against events that somebody collected after it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from partnersim.errors import InputError, nearest
from partnersim.history.backtest import groups
from partnersim.history.cases import KEYS, REFERENCES, with_outcomes, with_references
from partnersim.history.design import known_until
from partnersim.history.estimate import HistoryEvidence
from partnersim.history.history import (
    HELPERS,
    LAST_QUARTER,
    STAGE_OF_EVENT,
    Record,
    quarter_name,
    quarter_number,
    quarters_of_year,
    stage_entered,
)
from partnersim.history.scores import calibration_table, score_table
from partnersim.model.constants import STAGES
from partnersim.world.places import nearest_place
from partnersim.world.tables import Reader, Row
from partnersim.world.world import World

REQUIRED = ("date", "iso3", "instrument", "event")
#: The forecast knows everything up to this day.
KNOWN_UNTIL = "2025-06-05"
#: Codes of blocs as a whole, which name no country.
BLOC = "BLOC_"

_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)


def read_later_events(path: Path, world: World) -> tuple[list[Record], list[str]]:
    """Return what later events make of the pairs, and notes on what was left out.

    Parameters
    ----------
    path : Path
        CSV with at least ``date, iso3, instrument, event``. Dates are years, months or days;
        a year counts as its last quarter, a month as its quarter.
    world : World
        Countries and catalogue of the forecast.

    Raises
    ------
    InputError
        One line per problem: file, row, reason.
    """
    reader = Reader(path.parent)
    rows = reader.read(path.name, REQUIRED, REQUIRED)
    codes = {code: place for place, code in enumerate(world.countries["iso3"])}
    names = {name: place for place, name in enumerate(world.instruments["instrument"])}
    rules: dict[str, tuple[Callable[[str], bool], str, Sequence[str]]] = {
        "date": (_is_date, "must be YYYY, YYYY-MM or YYYY-MM-DD", ()),
        "iso3": (
            lambda code: code in codes or code.startswith(BLOC),
            "is not a country of the forecast",
            list(codes),
        ),
        "instrument": (
            lambda name: name in names or name in HELPERS,
            "is not an instrument of the catalogue",
            (*names, *HELPERS),
        ),
        "event": (
            STAGE_OF_EVENT.__contains__,
            f"must be one of {', '.join(STAGE_OF_EVENT)}",
            tuple(STAGE_OF_EVENT),
        ),
    }
    for column, (right, rule, allowed) in rules.items():
        _check(reader, rows, column, right, rule, allowed)
    reader.refuse()
    kept = [row for row in rows if _kept(row, names)]
    together = Counter((row["instrument"], row["event"], row["date"]) for row in kept)
    paths = list(world.instruments["path"])
    found = []
    for row in sorted(kept, key=lambda row: row["date"]):
        first, last = _quarters(row["date"])
        instrument = names[row["instrument"]]
        stage = stage_entered(row["event"], paths[instrument])
        if not stage:
            continue
        alone = together[row["instrument"], row["event"], row["date"]] == 1
        decision = "" if alone else f"{row['instrument']} {row['date']}"
        found.append(Record(codes[row["iso3"]], instrument, first, last, stage, decision))
    left_out = len(rows) - len(found)
    notes = []
    if left_out:
        notes.append(
            f"{left_out} of {len(rows)} events are left out: meetings, blocs as a whole,"
            f" instruments outside the catalogue, or not after {KNOWN_UNTIL}"
        )
    return found, notes


def _is_date(text: str) -> bool:
    return bool(_DATE.fullmatch(text))


def _check(
    reader: Reader,
    rows: Sequence[Row],
    column: str,
    right: Callable[[str], bool],
    rule: str,
    allowed: Sequence[str],
) -> None:
    """Note the cells of a column that are wrong, in one line if all of several are."""
    wrong = [row for row in rows if not right(row[column])]
    several = f"; and so on, none of the {len(rows):,} rows can be used"
    whole = len(rows) > 2 and len(wrong) == len(rows)
    for row in wrong[:1] if whole else wrong:
        hint = nearest_place(row[column], allowed)
        reader.problem(row, f"{column} '{row[column]}' {rule}{hint}{several if whole else ''}")


def _kept(row: Row, names: dict[str, int]) -> bool:
    late = row["date"] > KNOWN_UNTIL[: len(row["date"])]
    return late and row["instrument"] in names and not row["iso3"].startswith(BLOC)


def _quarters(date: str) -> tuple[int, int]:
    """Return the first and last quarter that a date may mean, none before the forecast begins."""
    begin = quarter_number(LAST_QUARTER) + 1
    if len(date) == 4:
        first, last = quarters_of_year(int(date))
    else:
        first = last = quarter_number(f"{date[:4]}Q{(int(date[5:7]) + 2) // 3}")
    return max(first, begin), max(last, begin)


FORECASTS = ("forecast", *REFERENCES)


@dataclass(frozen=True)
class Evaluation:
    """Scores of a forecast at a quarter: tables of `score_table` and `calibration_table`."""

    until: str
    scores: pd.DataFrame
    calibration: pd.DataFrame
    notes: tuple[str, ...]

    @property
    def happened(self) -> int:
        """Cases that happened."""
        return int(self.scores.loc[self.scores["group"] == "all", "happened"].iloc[0])


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
    missing = [name for name in (*KEYS, "probability") if name not in table]
    if missing:
        raise InputError(
            f"{path}: column '{name}' is missing{nearest(name, table.columns)}" for name in missing
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
    problems = [f"{path}{problem}" for problem in problems]
    if problems:
        raise InputError(problems)
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
    """Score a forecast against later events, beside three references.

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
    found, notes = read_later_events(events, world)
    known = list(dict.fromkeys(forecast["by"]))
    if until is None:
        if not found:
            raise InputError(f"{events}: no event moves a pair; say until=QUARTER to score anyway")
        until = quarter_name(max(record.last for record in found))
    if until not in known:
        raise InputError(
            f"until={until}: the forecast holds {min(known)} to {max(known)}{nearest(until, known)}"
        )
    start = quarter_number(LAST_QUARTER)
    table = forecast[forecast["by"] == until].reset_index(drop=True)
    cases = with_outcomes(table, found, world, start).rename(columns={"probability": "forecast"})
    before, dateless, _ = known_until(world, evidence.history, LAST_QUARTER)
    open_to = (world.arrays.eligible == 1) & ~dateless
    cases = with_references(cases, before, world, open_to, start)
    return Evaluation(
        until,
        score_table(cases, FORECASTS, groups(cases)),
        calibration_table(cases, FORECASTS),
        tuple(notes),
    )
