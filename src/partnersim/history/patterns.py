"""Patterns: stylised facts with a band, each with one definition that runs can be measured by.

Pattern-oriented modelling: Grimm et al. (2005), doi:10.1126/science.1116681.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from partnersim.errors import InputError, nearest
from partnersim.history.history import quarter_number
from partnersim.history.pattern_conditions import MOMENTS, NUMBERS, parse, unknown
from partnersim.history.pattern_measures import MEASURES, STOCKS, Definition, Measure
from partnersim.history.pattern_tables import Background, Plays
from partnersim.world.tables import PACKAGE_DATA, Reader, Row

FILE = PACKAGE_DATA / "patterns.csv"
COLUMNS = (
    *("id", "group", "role", "pattern", "play", "measure", "table", "where", "meeting", "options"),
    *("window", "change", "against", "compare", "low", "high", "unit", "source", "confidence"),
)
ROLES = ("emergent", "by rule or data")
PLAYS = ("forward", "replay")

#: How the number under ``change`` is held against that under ``against``.
COMPARE = {
    "difference": lambda changed, base: changed - base,
    "ratio": lambda changed, base: changed / base if base else math.nan,
    "relative": lambda changed, base: changed / base - 1 if base else math.nan,
    "percent": lambda changed, base: 100 * (changed / base - 1) if base else math.nan,
}
_QUARTER = r"\d{4}Q[1-4]"
_WINDOW = re.compile(rf"{_QUARTER}\.\.{_QUARTER}|{_QUARTER}(\s*,\s*{_QUARTER})*")
#: Options whose values are not numbers.
_CHOICES = {
    "each": ("partner",),
    "per": ("year", "decade"),
    "by": ("quarter", "year"),
    "once_a_year": ("country",),
}


@dataclass(frozen=True)
class Pattern:
    """One stylised fact.

    Attributes
    ----------
    id, group, role, text, unit : str
        Its name, what it is about, whether it must emerge or may hold by rule or data, in words,
        and the unit of its number.
    play : str
        ``forward`` (from June 2025) or ``replay`` (from 2010).
    definition : Definition
        How its number is worked out.
    change, against : str
        Settings of two further sets of runs that are compared instead, empty if there are none.
    compare : str
        One of `COMPARE`.
    low, high : float
        The band.
    """

    id: str
    group: str
    role: str
    text: str
    unit: str
    play: str
    definition: Definition
    change: str
    against: str
    compare: str
    low: float
    high: float

    def result(self, value: float) -> str:
        """Return ``pass``, ``fail``, or ``no cases`` where there was nothing to measure."""
        if math.isnan(value):
            return "no cases"
        return "pass" if self.low <= value <= self.high else "fail"


def read_patterns(path: Path, known: Background) -> tuple[list[Pattern], pd.DataFrame]:
    """Read a table of patterns.

    Parameters
    ----------
    path : Path
        Comma-separated, one header line, UTF-8; columns as in ``patterns.csv`` of the package.
    known : Background
        Which names exist.

    Returns
    -------
    list of Pattern, DataFrame
        The patterns, and the table as it stands.

    Raises
    ------
    InputError
        One line per problem: file, row, reason.
    """
    reader = Reader(path.parent)
    rows = reader.read(path.name, COLUMNS, ("id",))
    if not rows and not reader.problems:
        raise InputError(f"{path.name}: no rows")
    patterns = [_pattern(reader, row, known) for row in rows]
    reader.refuse()
    return patterns, pd.DataFrame([row.cells for row in rows])[list(COLUMNS)]


def _pattern(reader: Reader, row: Row, known: Background) -> Pattern:
    """Check one row."""
    for column in ("id", "group", "pattern", "measure"):
        if not row[column]:
            reader.problem(row, f"{column} is empty" if column != "measure" else "no definition")
    low = reader.number(row, "low", -math.inf, math.inf)
    high = reader.number(row, "high", -math.inf, math.inf)
    if low > high:
        reader.problem(row, f"low {low:g} is above high {high:g}")
    if bool(row["change"]) != bool(row["compare"]):
        reader.problem(row, "change and compare must be given together")
    compare = reader.choice(row, "compare", ("", *COMPARE))
    if row["against"] and not row["change"]:
        reader.problem(row, "against needs change")
    return Pattern(
        **{name: row[name] for name in ("id", "group", "unit", "change", "against")},
        role=reader.choice(row, "role", ROLES),
        text=row["pattern"],
        play=reader.choice(row, "play", PLAYS),
        definition=_definition(reader, row, known),
        compare=compare,
        low=low,
        high=high,
    )


def _definition(reader: Reader, row: Row, known: Background) -> Definition:
    """Check the measure of one row with all that belongs to it."""
    name, table = row["measure"], row["table"]
    measure = MEASURES.get(name)
    conditions = {}
    if measure is None:
        if name:
            reader.known(row, "measure", MEASURES, "a measure")
    elif table not in measure.tables:
        reader.problem(
            row,
            f"table '{table}' cannot be measured by {name}"
            f"{nearest(table, measure.tables)} (possible: {', '.join(measure.tables)})",
        )
    else:
        conditions = {one: parse(reader, row, one, known) for one in ("where", "meeting")}
    if name in ("share", "gap") and not row["meeting"]:
        reader.problem(row, f"{name} needs meeting")
    options = _options(reader, row, measure, known)
    window = _window(reader, row)
    if name == "renewed" and ".." not in row["window"]:
        reader.problem(row, "renewed needs a window such as 2027Q4..2029Q4")
    return Definition(name, table, **conditions, options=options, window=window)


def _options(
    reader: Reader, row: Row, measure: Measure | None, known: Background
) -> dict[str, str]:
    """Check the options of one row."""
    options: dict[str, str] = {}
    for part in row.items("options"):
        name, sign, value = (text.strip() for text in part.partition("="))
        allowed = (*measure.needs, *measure.may) if measure else (name,)
        if not sign or not value:
            reason = f"'{part}' must read NAME=VALUE"
        elif name not in allowed:
            reason = (
                f"{row['measure']} has no option '{name}'{nearest(name, allowed)}"
                f" (possible: {', '.join(allowed) or 'none'})"
            )
        else:
            reason = _wrong_option(name, value, row["table"], known)
            options[name] = value
        if reason:
            reader.problem(row, f"options: {reason}")
    for name in measure.needs if measure else ():
        if name not in options:
            reader.problem(row, f"options: {row['measure']} needs {name}=...")
    return options


def _wrong_option(name: str, value: str, table: str, known: Background) -> str:
    """Return why an option cannot be used; empty if it can."""
    names: Mapping[str, tuple[str, ...]] = {
        **_CHOICES,
        **dict.fromkeys(("from", "to"), MOMENTS.get(table, ())),
        "weight": NUMBERS.get(table, ()),
        "value": known.metrics if table == "metrics" else NUMBERS["partners"],
        "shock": tuple(known.shocks),
        "once": ("country", *known.members),
    }
    if name in names:
        return unknown(name, map(str.strip, value.split(",")), names[name])
    if re.fullmatch(r"\d+(\.\d+)?", value) and float(value) <= 1000:
        return ""
    return f"{name} '{value}' must be a number from 0 to 1000"


def _window(reader: Reader, row: Row) -> tuple[int, ...]:
    """Return the quarters of a window."""
    text = row["window"]
    if not text:
        return ()
    if not _WINDOW.fullmatch(text):
        reader.problem(row, f"window '{text}' must read 2025Q3..2028Q4, or 2025Q2, 2035Q4")
        return ()
    quarters = tuple(quarter_number(part.strip()) for part in re.split(r"\.\.|,", text))
    if row["table"] not in STOCKS and len(quarters) != 2:
        quarters = (quarters[0], quarters[-1])
    if list(quarters) != sorted(quarters):
        reader.problem(row, f"window '{text}' must rise")
    return quarters


def evaluate(
    patterns: list[Pattern], plays: Mapping[str, Plays]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measure every pattern.

    Parameters
    ----------
    patterns : list of Pattern
    plays : mapping of str to Plays
        ``forward``, ``replay``, and those of every text of settings in ``change`` and ``against``.

    Returns
    -------
    DataFrame, DataFrame
        ``id, group, role, value, low, high, result``, over all runs together; and
        ``id, climate, value, result`` of patterns measured on the forward runs.
    """
    rows, by_climate = [], []
    climates = {}
    if "forward" in plays:
        names = plays["forward"].climates["climate"].drop_duplicates()
        climates = {climate: plays["forward"].of_climate(climate) for climate in names}
    for pattern in patterns:
        value = _value(pattern, plays)
        band = pattern.low, pattern.high
        rows.append((pattern.id, pattern.group, pattern.role, value, *band, pattern.result(value)))
        if pattern.play == "forward" and not pattern.change:
            for climate, played in climates.items():
                one = _measured(pattern, played)
                by_climate.append((pattern.id, climate, one, pattern.result(one)))
    return (
        pd.DataFrame(rows, columns=["id", "group", "role", "value", "low", "high", "result"]),
        pd.DataFrame(by_climate, columns=["id", "climate", "value", "result"]),
    )


def _value(pattern: Pattern, plays: Mapping[str, Plays]) -> float:
    if not pattern.change:
        return _measured(pattern, plays[pattern.play])
    changed, base = (
        _measured(pattern, plays[settings]) for settings in (pattern.change, pattern.against)
    )
    return round(COMPARE[pattern.compare](changed, base), 6)


def _measured(pattern: Pattern, plays: Plays) -> float:
    definition = pattern.definition
    return round(MEASURES[definition.measure].work_out(definition, plays), 6)
