"""Layouts of the tables of a data folder: their columns, what each cell may hold, and its reading.

They stand in ``layouts.csv``. A code that nobody knows, a bloc without members, an instrument that
supersedes itself, a gate without date or an effect on an unknown shock is refused with file, row
and reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from partnersim.model import constants
from partnersim.model.constants import AREAS, OBJECTIVES, PATHS, ROLES, STAGES, SUMMIT_CYCLE
from partnersim.model.effect_kinds import KINDS
from partnersim.shipped_folder import rows_of
from partnersim.world.tables import Reader, Row

#: Last day that facts may speak of as past.
LAST_DAY = "2025-06-05"
#: Strict coding of links leaves out trade chapters and the Digital Cooperation Organization.
CODINGS = ("strict", "wide")
#: Classes of instruments that a gate may bar: all, what needs trust, packages of the Offer, a
#: role, a path.
CLASSES = ("all", "trust", "package", *ROLES, *PATHS)
CONFIDENCE = ("seed", "verified", "recalled", "assumed")
ENLARGEMENT = ("", "potential candidate", "candidate")
#: Tables of facts that say what may happen to a world: they are read with it.
OF_THE_WORLD = (
    *("link_events.csv", "agreements.csv", "gates.csv", "blocs.csv", "bloc_members.csv"),
    *("bloc_decisions.csv", "relations.csv", "summits.csv", "instrument_effects.csv"),
    *("connection_modes.csv", "joint_texts.csv", "terms.csv"),
    *("rivals.csv", "rival_kinds.csv", "rival_powers.csv", "allies.csv", "restrictions.csv"),
    "pacts.csv",
)
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")

Facts = dict[str, list[Row]]
#: Notes what is wrong with a cell, and returns what it holds.
Check = Callable[[Reader, Row, str], object]


@dataclass(frozen=True)
class Known:
    """Names that cells may hold: countries, instruments, types of shocks; all if there are none.

    A world is loaded without a catalogue of shocks, and reads no table that names one.
    """

    countries: Collection[str] = ()
    instruments: Collection[str] = ()
    shocks: Collection[str] = ()


@dataclass(frozen=True)
class Layout:
    """Columns of a table, those of its key, and checks of single cells."""

    columns: list[str]
    key: list[str]
    checks: dict[str, Check]


# Checks of cells


def _date(reader: Reader, row: Row, column: str, *, past: bool = True, needed: bool = False) -> str:
    """Check a year, month or day; one that is past must not lie after the facts end."""
    text = row[column]
    if not text and not needed:
        return text
    if not _DATE.fullmatch(text):
        reader.problem(row, f"{column} '{text}' must be a date such as 2024, 2024-06 or 2024-06-25")
    elif past and text > LAST_DAY:
        reader.problem(row, f"{column} '{text}' lies after {LAST_DAY}, where the facts end")
    return text


def _filled(reader: Reader, row: Row, column: str) -> str:
    if not row[column]:
        reader.problem(row, f"{column} is empty")
    return row[column]


def _rhythm(reader: Reader, row: Row, column: str) -> str:
    """Check quarters from one summit to the next: the calendar must hold a whole number of them."""
    fits = [str(n) for n in range(1, SUMMIT_CYCLE + 1) if SUMMIT_CYCLE % n == 0]
    if row[column]:
        reader.known(row, column, fits, f"a number of quarters that divides {SUMMIT_CYCLE}")
    return row[column]


def _code(reader: Reader, row: Row, column: str) -> str:
    code = row[column]
    if not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
        reader.problem(row, f"{column} '{code}' must be three capital letters")
    return code


def _list(reader: Reader, row: Row, column: str, allowed: Sequence[str], what: str) -> str:
    _filled(reader, row, column)
    reader.known(row, column, allowed, what, row.items(column))
    return row[column]


# Checks of rows


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


#: Relations of an instrument to nothing else.
OF_ONE = ("applied_provisionally", "direct_signature", "keeps_vendors_out", "mixed")


def _relation(reader: Reader, row: Row, known: Known) -> None:
    """Check that a relation has what it needs: another instrument, or a date."""
    relation, other = row["relation"], row["other"]
    if relation in ("introduced", "expires", "renews", "serves"):
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


_OF_ROWS: dict[str, Callable[[Reader, Row, Known], None]] = {
    "link_events.csv": _link,
    "gates.csv": _gate,
    "bloc_decisions.csv": _bloc_decision,
    "relations.csv": _relation,
    "instrument_effects.csv": _effect,
}
#: Words that a cell may be, by the name that ``layouts.csv`` has for them.
_WORDS = {
    **vars(constants),
    **{"CODINGS": CODINGS, "CONFIDENCE": CONFIDENCE, "EFFECTS": tuple(KINDS)},
    **{"ENLARGEMENT": ENLARGEMENT, "NETWORK_STAGES": STAGES[1:], "STAGES": STAGES[2:]},
}
_CHECKS: dict[str, Check] = {
    "date": _date,
    "past": partial(_date, needed=True),
    "plan": partial(_date, past=False),
    "planned": partial(_date, past=False, needed=True),
    "rhythm": _rhythm,
    "filled": _filled,
    "code": _code,
    "flag": Reader.flag,
}


def _check(check: str, allowed: str) -> Check:
    """Return a check as ``layouts.csv`` writes it."""
    words = _WORDS.get(allowed) or allowed.split(";")
    if check == "one of":
        return partial(Reader.choice, allowed=words)
    if check == "list of":
        what = {"AREAS": "an area", "DIRECTIONS": "a direction"}[allowed]
        return partial(_list, allowed=words, what=what)
    if check == "whole":
        first, last = map(int, allowed.split(" to "))
        return partial(Reader.integer, low=first, high=last)
    if check.startswith("amount"):
        low, high = map(float, allowed.split(" to "))
        return partial(Reader.number, low=low, high=high, missing=check == "amount or none")
    return _CHECKS[check]


def _layouts() -> dict[str, Layout]:
    found: dict[str, Layout] = {}
    for row in rows_of(Path(__file__).with_name("layouts.csv")):
        column = row["column"]
        layout = found.setdefault(row["table"], Layout([], [], {}))
        layout.columns.append(column)
        if row["key"]:
            layout.key.append(column)
        if row["check"]:
            layout.checks[column] = _check(row["check"], row["allowed"])
    return found


#: By table, in ``layouts.csv``: its columns, which of them are its key, checks of cells.
LAYOUTS = _layouts()


# Reading by layouts


#: What is known before any table is read.
NOTHING = Known()


def read_rows(reader: Reader, name: str, known: Known = NOTHING) -> list[Row]:
    """Return the rows of a table, each cell checked; problems are noted."""
    rows = reader.read(name, LAYOUTS[name].columns, LAYOUTS[name].key)
    check_rows(reader, name, rows, known)
    return rows


def check_rows(reader: Reader, name: str, rows: Sequence[Row], known: Known) -> None:
    """Check each cell of some rows of a table, and keep what it holds."""
    layout = LAYOUTS[name]
    # Of lists, each look-up would go through all names.
    countries = dict.fromkeys(known.countries), "a country of countries.csv"
    instruments = dict.fromkeys(known.instruments), "an instrument of instruments.csv"
    named = {
        **dict.fromkeys(("iso3", "iso3_a", "iso3_b"), countries),
        **dict.fromkeys(("instrument", "other"), instruments),
        "type": (known.shocks, "a shock of the catalogue"),
    }
    looked_up = [column for column in layout.columns if column in named and named[column][0]]
    # What may be empty is `other`, or has a check of its own.
    may_be_empty = {"other", *layout.checks}
    for row in rows:
        for column in looked_up:
            if row[column] or column not in may_be_empty:
                reader.known(row, column, *named[column])
        row.values.update(row.cells)
        for column, check in layout.checks.items():
            row.values[column] = check(reader, row, column)
        if name in _OF_ROWS:
            _OF_ROWS[name](reader, row, known)


def table_of(name: str, rows: Sequence[Row]) -> pd.DataFrame:
    """Return rows of a table as a frame with the columns of its layout."""
    return pd.DataFrame([row.values for row in rows], columns=LAYOUTS[name].columns)


def read_tables(reader: Reader, known: Known, names: Sequence[str]) -> Facts:
    """Return the rows of some tables of facts by file, each cell checked; problems are noted."""
    tables = {name: read_rows(reader, name, known) for name in names}
    blocs = {row["bloc"] for row in tables["blocs.csv"]}
    members = {row["bloc"] for row in tables["bloc_members.csv"]}
    for row in tables["blocs.csv"]:
        if row["bloc"] not in members:
            reader.problem(row, f"{row['bloc']} has no members in bloc_members.csv")
    for file, column, other, named, what in (
        ("bloc_members.csv", "bloc", "blocs.csv", "bloc", "a bloc"),
        ("bloc_decisions.csv", "bloc", "blocs.csv", "bloc", "a bloc"),
        ("agreements.csv", "recorded_as", "link_events.csv", "agreement", "an agreement"),
        ("rivals.csv", "kind", "rival_kinds.csv", "kind", "a kind"),
        ("rivals.csv", "rival", "rival_powers.csv", "rival", "a rival"),
    ):
        there = {row[named] for row in tables[other]}
        for row in tables[file]:
            reader.known(row, column, there, f"{what} of {other}")
    for row in (*tables.get("trade_talks.csv", ()), *tables.get("summits.csv", ())):
        reader.known(row, "partner", {*known.countries, *blocs}, "a country or a bloc")
    return tables
