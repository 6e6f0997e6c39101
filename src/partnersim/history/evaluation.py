"""Scoring a forecast of June 2025 once later events are known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from partnersim.errors import InputError, nearest
from partnersim.history.backtest import groups
from partnersim.history.design import known_until
from partnersim.history.evidence import HistoryEvidence
from partnersim.history.later_events import read_later_events
from partnersim.history.outcomes import KEYS, with_outcomes
from partnersim.history.references import REFERENCES, with_references
from partnersim.history.scores import calibration_table, score_table
from partnersim.history.timeline import LAST_QUARTER, quarter_name, quarter_number
from partnersim.model.constants import STAGES

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
    return [f", row {rows[0] + 2:,}{more}: {column} '{cell}' {rule}{nearest(cell, known)}"]


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
