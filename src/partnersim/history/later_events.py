"""Events that somebody collected after a forecast, in the layout of the list behind the history."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from partnersim.errors import nearest
from partnersim.history.history import HELPERS, STAGE_OF_EVENT, Record, stage_entered
from partnersim.history.timeline import LAST_QUARTER, quarter_number, quarters_of_year
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
        hint = nearest(row[column], allowed)
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
