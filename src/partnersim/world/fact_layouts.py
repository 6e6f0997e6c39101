"""Layouts of the tables of facts: their columns, and what each cell may hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from partnersim.model.constants import AREAS, MODES, OBJECTIVES, PATHS, ROLES, STAGES, SUMMIT_CYCLE
from partnersim.model.effect_kinds import KINDS
from partnersim.shipped_folder import rows_of
from partnersim.world.tables import Reader, Row

#: Last day that facts may speak of as past.
LAST_DAY = "2025-06-05"
#: Strict coding of links leaves out trade chapters and the Digital Cooperation Organization.
CODINGS = ("strict", "wide")
#: Classes of instruments that a gate may bar: all, what needs trust, a role, a path.
CLASSES = ("all", "trust", *ROLES, *PATHS)
CONFIDENCE = ("seed", "verified", "recalled", "assumed")
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")

Check = Callable[[Reader, Row, str], object]


@dataclass(frozen=True)
class Known:
    """Names that cells may hold: countries, instruments, types of shocks.

    A world is loaded without a catalogue of shocks, and reads no table that names one.
    """

    countries: Collection[str]
    instruments: Collection[str]
    shocks: Collection[str] = ()


@dataclass(frozen=True)
class Layout:
    """Columns of a table: its key, checks of single cells, and a check of whole rows."""

    columns: list[str]
    key: list[str]
    checks: dict[str, Check]
    whole: Callable[[Reader, Row, Known], None] | None


def _date(
    reader: Reader, row: Row, column: str, *, past: bool = True, needed: bool = False
) -> None:
    """Check a year, month or day; one that is past must not lie after the facts end."""
    text = row[column]
    if not text and not needed:
        return
    if not _DATE.fullmatch(text):
        reader.problem(row, f"{column} '{text}' must be a date such as 2024, 2024-06 or 2024-06-25")
    elif past and text > LAST_DAY:
        reader.problem(row, f"{column} '{text}' lies after {LAST_DAY}, where the facts end")


def _filled(reader: Reader, row: Row, column: str) -> None:
    if not row[column]:
        reader.problem(row, f"{column} is empty")


def _link(reader: Reader, row: Row, known: Known) -> None:
    if row["iso3_a"] >= row["iso3_b"]:
        reader.problem(row, "iso3_a and iso3_b must be two countries in alphabetical order")


def _gate(reader: Reader, row: Row, known: Known) -> None:
    if row["until"] and row["since"] > row["until"]:
        reader.problem(row, f"since {row['since']} lies after until {row['until']}")
    allowed = (*CLASSES, *known.instruments)
    what = "an instrument or a class of instruments"
    reader.known(row, "bars", allowed, what, row.items("bars"))


def _bloc_decision(reader: Reader, row: Row, known: Known) -> None:
    what = "a country of countries.csv"
    reader.known(row, "without", known.countries, what, row.items("without"))


def _rhythm(reader: Reader, row: Row, column: str) -> None:
    """Check quarters from one summit to the next: the calendar must hold a whole number of them."""
    fits = [str(n) for n in range(1, SUMMIT_CYCLE + 1) if SUMMIT_CYCLE % n == 0]
    if row[column]:
        reader.known(row, column, fits, f"a number of quarters that divides {SUMMIT_CYCLE}")


#: Relations of an instrument to nothing else.
OF_ONE = ("applied_provisionally", "direct_signature", "keeps_vendors_out", "mixed")


def _relation(reader: Reader, row: Row, known: Known) -> None:
    """Check that a relation has what it needs: another instrument, or a date."""
    relation, other = row["relation"], row["other"]
    if relation in ("introduced", "expires", "renews"):
        if not row["date"]:
            reader.problem(row, f"{relation} needs a date")
    elif relation not in OF_ONE and not other:
        reader.problem(row, f"{relation} needs another instrument")
    if other and other == row["instrument"]:
        reader.problem(row, f"{other} cannot have the relation {relation} to itself")


def _effect(reader: Reader, row: Row, known: Known) -> None:
    """Check what an effect acts on, and that its range rises."""
    targets: dict[str, tuple[Collection[str], str]] = {
        "shock": (known.shocks or (row["target"],), "a shock of the catalogue"),
        "instrument": (known.instruments, "an instrument of instruments.csv"),
        "objective": (OBJECTIVES, "an objective"),
        "area": (AREAS, "an area"),
    }
    on = KINDS.get(row["effect"], "")
    if on in targets:
        reader.known(row, "target", *targets[on])
    try:
        rises = float(row["low"]) <= float(row["mode"]) <= float(row["high"])
    except ValueError:
        return
    if not rises:
        reader.problem(row, "low, mode and high must rise")


#: Checks by the name of a column, the same in all tables.
COMMON: dict[str, Check] = {
    "confidence": partial(Reader.choice, allowed=CONFIDENCE),
    "source": _filled,
}

#: Words that a cell may be, by the name that ``fact_layouts.csv`` has for them.
_WORDS = {
    **{"AREAS": AREAS, "CODINGS": CODINGS, "EFFECTS": tuple(KINDS)},
    **{"MODES": MODES, "OBJECTIVES": OBJECTIVES, "STAGES": STAGES[2:]},
}
_CHECKS: dict[str, Check] = {
    "date": _date,
    "past": partial(_date, needed=True),
    "plan": partial(_date, past=False),
    "planned": partial(_date, past=False, needed=True),
    "rhythm": _rhythm,
    "filled": _filled,
}
_WHOLE = {
    "link_events.csv": _link,
    "gates.csv": _gate,
    "bloc_decisions.csv": _bloc_decision,
    "relations.csv": _relation,
    "instrument_effects.csv": _effect,
}


def _check(check: str, allowed: str) -> Check:
    """Return a check as ``fact_layouts.csv`` writes it."""
    if check == "one of":
        return partial(Reader.choice, allowed=_WORDS.get(allowed) or allowed.split(";"))
    if check.startswith("amount"):
        low, high = map(float, allowed.split(" to "))
        return partial(Reader.number, low=low, high=high, missing=check == "amount or none")
    return _CHECKS[check]


def _layouts() -> dict[str, Layout]:
    found: dict[str, Layout] = {}
    for row in rows_of(Path(__file__).with_name("fact_layouts.csv")):
        table, column = row["table"], row["column"]
        layout = found.setdefault(table, Layout([], [], {}, _WHOLE.get(table)))
        layout.columns.append(column)
        if row["key"]:
            layout.key.append(column)
        if row["check"]:
            layout.checks[column] = _check(row["check"], row["allowed"])
    return found


#: By table, in ``fact_layouts.csv``: its columns, which of them are its key, checks of cells.
LAYOUTS = _layouts()
