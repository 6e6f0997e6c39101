"""Layouts of the tables of facts: their columns, and what each cell may hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial

from partnersim.model.constants import (
    AREAS,
    MODES,
    OBJECTIVES,
    PATHS,
    ROLES,
    STAGES,
    SUMMIT_CYCLE,
)
from partnersim.model.effect_kinds import KINDS
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

    key: tuple[str, ...]
    checks: Mapping[str, Check]
    texts: tuple[str, ...] = ()
    whole: Callable[[Reader, Row, Known], None] | None = None


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


def _one_of(*words: str) -> Check:
    """Return a check that a cell is one of some words."""
    return lambda reader, row, column: reader.choice(row, column, words)


def _amount(
    reader: Reader, row: Row, column: str, *, high: float, low: float = 0.0, missing: bool = True
) -> None:
    reader.number(row, column, low, high, missing=missing)


def _filled(reader: Reader, row: Row, column: str) -> None:
    if not row[column]:
        reader.problem(row, f"{column} is empty")


def listed(reader: Reader, row: Row, column: str, names: Collection[str], what: str) -> None:
    """Check a name; an empty cell is fine."""
    if row[column]:
        reader.known(row, column, names, what)


_PAST = partial(_date, needed=True)
_PLAN = partial(_date, past=False)


def _link(reader: Reader, row: Row, known: Known) -> None:
    if row["iso3_a"] >= row["iso3_b"]:
        reader.problem(row, "iso3_a and iso3_b must be two countries in alphabetical order")


def _gate(reader: Reader, row: Row, known: Known) -> None:
    if row["until"] and row["since"] > row["until"]:
        reader.problem(row, f"since {row['since']} lies after until {row['until']}")
    allowed = (*CLASSES, *known.instruments)
    for item in row.items("bars"):
        reader.known_item(row, "bars", item, allowed, "an instrument or a class of instruments")


def _bloc_decision(reader: Reader, row: Row, known: Known) -> None:
    for item in row.items("without"):
        reader.known_item(row, "without", item, known.countries, "a country of countries.csv")


def _rhythm(reader: Reader, row: Row, column: str) -> None:
    """Check quarters from one summit to the next: the calendar must hold a whole number of them."""
    fits = [str(n) for n in range(1, SUMMIT_CYCLE + 1) if SUMMIT_CYCLE % n == 0]
    if row[column]:
        reader.known(row, column, fits, f"a number of quarters that divides {SUMMIT_CYCLE}")


def _relation(reader: Reader, row: Row, known: Known) -> None:
    """Check that a relation has what it needs: another instrument, or a date."""
    relation, other = row["relation"], row["other"]
    if relation in ("introduced", "expires", "renews"):
        if not row["date"]:
            reader.problem(row, f"{relation} needs a date")
    elif relation not in ("direct_signature", "keeps_vendors_out", "mixed") and not other:
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
    "confidence": _one_of(*CONFIDENCE),
    "source": _filled,
}

LAYOUTS: dict[str, Layout] = {
    "link_events.csv": Layout(
        ("date", "iso3_a", "iso3_b", "agreement", "stage"),
        {
            "date": _PAST,
            "coding": _one_of(*CODINGS),
            "stage": _one_of(*STAGES[2:]),
        },
        ("kind", "decision"),
        _link,
    ),
    "trade_talks.csv": Layout(
        ("partner", "agreement", "opened"),
        {
            "opened": _PAST,
            **dict.fromkeys(("concluded", "signed", "in_force", "stalled", "resumed"), _date),
            "state": _one_of("in_force", "signed", "concluded", "open", "ended"),
        },
    ),
    "agreements.csv": Layout(("agreement", "recorded_as"), {"coding": _one_of(*CODINGS)}, ("who",)),
    "gates.csv": Layout(
        ("iso3", "gate", "detail", "since"), {"since": _PAST, "until": _date}, ("bars",), _gate
    ),
    "restrictions.csv": Layout(("iso3", "by"), {"since": _PAST}, ("measure",)),
    "pacts.csv": Layout(("party", "friend"), {"since": _PAST}, ("pact",)),
    "blocs.csv": Layout(("bloc",), {"decides_jointly": _one_of("yes", "partly", "no")}, ("how",)),
    "bloc_members.csv": Layout(("bloc", "iso3"), {"member_since": _date}),
    "bloc_decisions.csv": Layout(
        ("bloc", "instrument"), {"instrument": _filled}, ("without", "why"), _bloc_decision
    ),
    "relations.csv": Layout(
        ("instrument", "relation", "other", "date"),
        {
            "date": _PLAN,
            "relation": _one_of(
                *("excludes", "supersedes", "modernises", "precursor_of", "needs"),
                *("direct_signature", "keeps_vendors_out", "mixed", "introduced"),
                *("expires", "renews"),
            ),
        },
        ("detail",),
        _relation,
    ),
    "summits.csv": Layout(
        ("partner", "date"),
        {"date": partial(_date, past=False, needed=True), "every": _rhythm},
    ),
    "landings.csv": Layout(
        ("system", "iso3", "kind"),
        {
            "kind": _one_of("landing", "branch", "land", "candidate"),
            "stage": _one_of(
                *("in_service", "laid", "contracted", "studied", "proposed", "candidate"),
                "dropped",
            ),
            **dict.fromkeys(("announced", "contract", "service"), _date),
            "expected": _PLAN,
        },
        ("note",),
    ),
    "value_objectives.csv": Layout(
        ("indicator",),
        {
            "objective": _one_of(*OBJECTIVES),
            "counted": _one_of("yes", "partly", "no"),
            "how": _filled,
        },
        ("definition", "unit", "source_of_data", "who_gains"),
    ),
    "connection_modes.csv": Layout(("instrument",), {"mode": _one_of(*MODES)}),
    "instrument_effects.csv": Layout(
        ("instrument", "effect", "target"),
        {
            "effect": _one_of(*KINDS),
            **dict.fromkeys(("low", "mode", "high"), partial(_amount, high=1.0, missing=False)),
            "half_years": partial(_amount, high=20.0, missing=False),
            "evidence": _one_of("none", "direction", "size"),
        },
        ("unit", "basis"),
        _effect,
    ),
    "project_costs.csv": Layout(
        ("instrument", "project"),
        {
            "announced": _date,
            "total_meur": partial(_amount, high=1e6),
            "eu_meur": partial(_amount, high=1e6),
        },
        ("place", "co_finance", "years", "note"),
    ),
    "rivals.csv": Layout(
        ("date", "rival", "iso3", "kind", "area", "effect", "note"),
        {
            "date": _PAST,
            "area": _one_of(*AREAS),
            "effect": _one_of("+", "-"),
        },
    ),
    "rival_kinds.csv": Layout(
        ("kind",),
        {
            **dict.fromkeys(("supplies", "builds", "vendor"), _one_of("no", "yes")),
            "keeps_out": partial(_amount, high=1.0, missing=False),
            **dict.fromkeys(
                ("lock_in", "lock_in_low", "lock_in_high"),
                partial(_amount, high=5.0, missing=False),
            ),
            **dict.fromkeys(
                ("half_years", "half_years_low", "half_years_high"),
                partial(_amount, low=0.1, high=100.0, missing=False),
            ),
        },
        ("who", "basis"),
    ),
    "rival_powers.csv": Layout(("rival",), {"high_risk": _one_of("no", "yes")}, ("name", "basis")),
    "allies.csv": Layout(("ally",), {}, ("basis",)),
    "rival_intensity.csv": Layout(
        ("year", "rival", "measure"),
        {"year": _PAST, "value": partial(_amount, high=1e12)},
        ("unit",),
    ),
    "shocks_history.csv": Layout(
        ("date", "type", "by", "on"),
        {
            "date": _PAST,
            "severity": partial(_amount, high=1.0, missing=False),
            "effect": _one_of("none", "accelerated", "delayed", "suspended"),
            "recovery_months": partial(_amount, high=1000.0),
            "status": _one_of("none", "open", "recovered_or_partial", "lasting", "ended"),
        },
        ("severity_reason", "note"),
    ),
}
