"""Conditions on the rows of a table, as a pattern writes them.

``path=treaty; region=LAC or group=G7, NATO; gdp_per_person>25000``: all conditions between
semicolons must hold; of alternatives joined by ``or`` one is enough; of values behind ``=`` any.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partnersim.errors import nearest
from partnersim.history.pattern_tables import Background, Plays
from partnersim.history.timeline import quarter_number
from partnersim.model.constants import AREAS, PATHS, ROLES, STAGES
from partnersim.world.tables import Reader, Row

Mask = NDArray[np.bool_]

#: Quarters, that of the row included, in which a shock still counts for ``struck``.
STRUCK_WITHIN = 4
PARTNER_TEXTS = ("country", "region", "group", "enlargement", "ldc")
PARTNER_NUMBERS = ("gdp", "gdp_per_person", "population")
INSTRUMENT_TEXTS = ("instrument", "path", "role", "area", "funded")
#: Of a negotiation: quarters at which it reached something.
MOMENTS = ("opened", *STAGES[2:], "ended")
_ENDS = ("both_country", "both_group", "joint_group")
_OTHERS = ("stage", "shock", "origin", "holds", "struck", "struck_only")
_NUMBERS = (*PARTNER_NUMBERS, "binding", "severity", "paused")
NAMES = (*PARTNER_TEXTS, *INSTRUMENT_TEXTS, *_OTHERS, *_ENDS, *_NUMBERS, *MOMENTS)
_ANY, _NEVER = "any", "never"
_FORM = re.compile(r"(\w+)\s*(!=|>=|<=|=|>|<)\s*(.+)")
_COMPARE: dict[str, Callable[[np.ndarray, float], Mask]] = {
    ">=": np.greater_equal,
    "<=": np.less_equal,
    ">": np.greater,
    "<": np.less,
}


@dataclass(frozen=True)
class Term:
    """One comparison: a name, an operator, and values."""

    name: str
    operator: str
    values: tuple[str, ...]


#: All must hold; of the terms of each, one.
Conditions = tuple[tuple[Term, ...], ...]


def parse(reader: Reader, row: Row, column: str, known: Background) -> Conditions:
    """Read the conditions of a cell; note every problem in them. An empty cell means all rows."""
    conditions = []
    for part in row.items(column):
        terms = []
        for alternative in re.split(r"\s+or\s+", part):
            form = _FORM.fullmatch(alternative.strip())
            if form is None:
                reason = f"'{alternative}' must read NAME=VALUE, VALUE or NAME>NUMBER"
            else:
                term = Term(form[1], form[2], tuple(v.strip() for v in form[3].split(",")))
                reason = _wrong(term, known)
                terms.append(term)
            if reason:
                reader.problem(row, f"{column}: {reason}")
        conditions.append(tuple(terms))
    return tuple(conditions)


def _wrong(term: Term, known: Background) -> str:
    """Return why a term cannot be used; empty if it can."""
    if term.name not in NAMES:
        return f"'{term.name}' is no name of a condition{nearest(term.name, NAMES)}"
    if term.name in _NUMBERS or term.operator in _COMPARE:
        return _wrong_number(term)
    allowed = _allowed(term.name, known)
    strange = [value for value in term.values if value not in allowed]
    if strange:
        return f"{term.name} '{strange[0]}' is unknown{nearest(strange[0], allowed)}"
    return ""


def _wrong_number(term: Term) -> str:
    value = term.values[0]
    if term.operator not in _COMPARE or len(term.values) > 1:
        return f"'{term.name}' must be compared with one number by >, >=, < or <="
    if term.name in MOMENTS:
        fine = re.fullmatch(r"\d{4}Q[1-4]", value)
        return "" if fine else f"{term.name} '{value}' must be a quarter such as 2029Q4"
    if term.name not in _NUMBERS:
        return f"'{term.name}' has no order; only = and != are possible"
    fine = re.fullmatch(r"-?\d+(\.\d+)?(e\d+)?", value)
    return "" if fine else f"{term.name} '{value}' must be a number"


def _allowed(name: str, known: Background) -> Collection[str]:
    """Return the values that a name may be compared with by = and !=."""
    if name in MOMENTS:
        return (_ANY, _NEVER)
    values: Mapping[str, Collection[str]] = {
        "country": known.partners.index,
        "region": set(known.partners["region"]),
        "group": known.members,
        "enlargement": ("none", "candidate", "potential candidate"),
        "ldc": ("no", "yes"),
        "instrument": known.instruments.index,
        "path": PATHS,
        "role": ROLES,
        "area": AREAS,
        "funded": ("no", "yes"),
        "stage": STAGES[1:],
        "shock": known.shocks,
        "origin": ("run", "start"),
        "holds": known.instruments.index,
        "struck": known.shocks,
        "struck_only": known.shocks,
        "both_country": known.partners.index,
        "both_group": known.members,
        "joint_group": known.members,
    }
    return values[name]


def about_partners(conditions: Conditions) -> Conditions:
    """Return those conditions that ask about the partner alone."""
    names = {*PARTNER_TEXTS, *PARTNER_NUMBERS}
    return tuple(terms for terms in conditions if all(term.name in names for term in terms))


def about_pairs(conditions: Conditions) -> Conditions:
    """Return those conditions that ask about partner and instrument alone, or a link's ends."""
    names = {*PARTNER_TEXTS, *PARTNER_NUMBERS, *INSTRUMENT_TEXTS, "binding", *_ENDS}
    return tuple(terms for terms in conditions if all(term.name in names for term in terms))


def meeting(rows: pd.DataFrame, conditions: Conditions, plays: Plays) -> pd.DataFrame:
    """Return the rows that meet all conditions."""
    mask = np.ones(len(rows), bool)
    for terms in conditions:
        mask &= np.logical_or.reduce([_met(rows, term, plays) for term in terms])
    return rows[mask]


def _met(rows: pd.DataFrame, term: Term, plays: Plays) -> Mask:
    """Tell for every row whether it meets one term."""
    if term.operator in _COMPARE:
        text = term.values[0]
        limit = quarter_number(text) if term.name in MOMENTS else float(text)
        return _COMPARE[term.operator](_column(rows, term.name, plays).astype(float), limit)
    met = _equal(rows, term, plays)
    return ~met if term.operator == "!=" else met


def _equal(rows: pd.DataFrame, term: Term, plays: Plays) -> Mask:
    known, values = plays.known, term.values
    if term.name in MOMENTS:
        reached = rows[term.name].notna().to_numpy()
        return reached if values == (_ANY,) else ~reached if values == (_NEVER,) else reached | True
    if term.name == "group":
        return _in(rows["iso3"], frozenset().union(*(known.members[name] for name in values)))
    if term.name == "area":
        covered = known.instruments["areas"]
        return _in(rows["instrument"], covered.index[[bool(a & {*values}) for a in covered]])
    if term.name == "both_country":
        return _in(rows["iso3"], values) & _in(rows["other"], values)
    if term.name == "both_group":
        everybody = frozenset().union(*(known.members[name] for name in values))
        return _in(rows["iso3"], everybody) & _in(rows["other"], everybody)
    if term.name == "joint_group":
        joint = [
            _in(rows["iso3"], known.members[name]) & _in(rows["other"], known.members[name])
            for name in values
        ]
        return np.logical_or.reduce(joint)
    if term.name == "holds":
        return _held_before(rows, values, plays)
    if term.name in ("struck", "struck_only"):
        return _struck(rows, values, plays, only=term.name == "struck_only")
    column = _column(rows, term.name, plays)
    return np.isin(column, ["" if value == "none" else value for value in values])


def _in(column: pd.Series, values: Collection[str]) -> Mask:
    return column.isin(list(values)).to_numpy()


def _column(rows: pd.DataFrame, name: str, plays: Plays) -> np.ndarray:
    """Return an attribute of each row: of its partner, its instrument, or its own."""
    if name == "country":
        return rows["iso3"].to_numpy(str)
    for table, key in ((plays.known.partners, "iso3"), (plays.known.instruments, "instrument")):
        if name in table:
            return table[name].reindex(rows[key]).to_numpy()
    return rows[name].to_numpy(str if rows[name].dtype == object else None)


def _held_before(rows: pd.DataFrame, instruments: Collection[str], plays: Plays) -> Mask:
    """Tell whether the partner had one of some instruments in force the quarter before."""
    spells = plays.held[_in(plays.held["instrument"], instruments)]
    return _any_between(
        rows,
        spells,
        lambda joined: (joined["begin"] < joined["at"]) & (joined["end"] >= joined["at"]),
    )


def _struck(rows: pd.DataFrame, shocks: Collection[str], plays: Plays, *, only: bool) -> Mask:
    """Tell whether some shocks struck the partner itself lately, and whether no other did."""
    direct = plays.strikes[plays.strikes["direct"]]

    def lately(strikes: pd.DataFrame) -> Mask:
        return _any_between(
            rows,
            strikes.rename(columns={"quarter": "struck_at"}),
            lambda joined: (
                (joined["struck_at"] <= joined["at"])
                & (joined["struck_at"] > joined["at"] - STRUCK_WITHIN)
            ),
        )

    those = _in(direct["shock"], shocks)
    found = lately(direct[those])
    return found & ~lately(direct[~those]) if only else found


def _any_between(
    rows: pd.DataFrame, spells: pd.DataFrame, meets: Callable[[pd.DataFrame], pd.Series]
) -> Mask:
    """Tell for each row whether any spell of its run and partner meets a condition."""
    asked = rows[["run", "iso3", "quarter"]].rename(columns={"quarter": "at"})
    asked = asked.assign(place=np.arange(len(rows)))
    joined = asked.merge(spells, on=["run", "iso3"])
    found = np.zeros(len(rows), bool)
    found[joined.loc[meets(joined), "place"].to_numpy(int)] = True
    return found
