"""Conditions on the rows of a table, as a pattern writes them.

``path=treaty; region=LAC or group=G7, NATO; gdp_per_person>25000``: all conditions between
semicolons must hold; of alternatives joined by ``or`` one is enough; of values behind ``=`` any.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from partnersim.arrays import Truths
from partnersim.errors import nearest
from partnersim.history.history import quarter_number
from partnersim.history.pattern_tables import LINK, Background, Plays
from partnersim.model.constants import AREAS, STAGES
from partnersim.world.tables import Reader, Row

#: Quarters, that of the row included, in which a shock still counts for ``struck``.
STRUCK_WITHIN = 4
#: Of a negotiation: quarters at which it reached something.
TALKS = ("opened", *STAGES[2:], "ended")
SUSPENSIONS = ("suspended", "resumed")
#: Tables of what happens to a pair, and all whose rows are about a pair.
PAIR_FLOWS = ("requests", "openings", "steps", "new_ties", "talks", "suspensions", "pauses")
PAIR_TABLES = (*PAIR_FLOWS, "ties", "held_ties")
LINK_TABLES = ("links", "new_links", "link_cuts")
#: What rows of a table have of their own: quarters, numbers, words.
MOMENTS = {"talks": TALKS, "suspensions": SUSPENSIONS, "pauses": SUSPENSIONS}
NUMBERS = {
    "talks": ("paused", "took"),
    "strikes": ("severity",),
    "shocks": ("severity",),
    "partners": ("ties", "links", "depth", "invested"),
}
WORDS = {
    **{"requests": ("event",), "talks": ("origin",)},
    **dict.fromkeys(("steps", "suspensions", "pauses"), ("stage",)),
    **dict.fromkeys(("strikes", "shocks"), ("shock",)),
}
_BEFORE = ("holds", "struck", "struck_only")
_JOINT, _SAME, _BOTH = "joint_group", "same", "both_"
_ANY, _NEVER, _NONE = "any", "never", "none"
_FORM = re.compile(r"(\w+)\s*(!=|>=|<=|=|>|<)\s*(.+)")
_COMPARE: dict[str, Callable[[np.ndarray, float], Truths]] = {
    ">=": np.greater_equal,
    "<=": np.less_equal,
    ">": np.greater,
    "<": np.less,
}


@dataclass(frozen=True)
class Term:
    """One comparison: a name, an operator, values, and what it is about.

    About the ``partner``, the instrument (``pair``), both ends of a ``link`` or the ``row`` itself.
    """

    name: str
    operator: str
    values: tuple[str, ...]
    about: str


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
                values = tuple(value.strip() for value in form[3].split(","))
                asked = _asked(row["table"], known)
                term = Term(form[1], form[2], values, asked.get(form[1], ""))
                reason = _wrong(term, asked, row["table"], known)
                terms.append(term)
            if reason:
                reader.problem(row, f"{column}: {reason}")
        conditions.append(tuple(terms))
    return tuple(conditions)


def _asked(table: str, known: Background) -> dict[str, str]:
    """Return what rows of a table may be asked for, and whom it is about."""
    partner = ("country", "group", *known.partners.columns)
    names = dict.fromkeys(partner, "partner") if table != "metrics" else {}
    if table in PAIR_TABLES:
        names |= dict.fromkeys(("instrument", *known.instruments.columns), "pair")
    if table in LINK_TABLES:
        names |= dict.fromkeys((*(f"{_BOTH}{name}" for name in partner), _JOINT, _SAME), "link")
    elif table not in ("metrics", "shocks"):
        names |= dict.fromkeys(_BEFORE, "row")
    own = (*MOMENTS.get(table, ()), *NUMBERS.get(table, ()), *WORDS.get(table, ()))
    return names | dict.fromkeys(own, "row")


def _wrong(term: Term, asked: Collection[str], table: str, known: Background) -> str:
    """Return why a term cannot be used; empty if it can."""
    if term.name not in asked:
        return f"rows of {table} have no '{term.name}'{nearest(term.name, asked)}"
    plain = term.name.removeprefix(_BOTH)
    if plain in MOMENTS.get(table, ()):
        return _wrong_moment(term)
    if plain in _numbers(table, known):
        number = re.fullmatch(r"-?\d+(\.\d+)?(e\d+)?", ", ".join(term.values))
        if term.operator not in _COMPARE or not number:
            return f"'{term.name}' must be compared with one number by >, >=, < or <="
        return ""
    if term.operator in _COMPARE:
        return f"'{term.name}' has no order; only = and != are possible"
    return unknown(term.name, term.values, _allowed(plain, known))


def unknown(name: str, values: Iterable[str], allowed: Collection[str]) -> str:
    """Say which of several values is unknown, the first of them; empty if none is."""
    for value in values:
        if value not in allowed:
            return f"{name} '{value}' is unknown{nearest(value, allowed)}"
    return ""


def _wrong_moment(term: Term) -> str:
    text = ", ".join(term.values)
    fine = text in (_ANY, _NEVER)
    if term.operator in _COMPARE:
        fine = bool(re.fullmatch(r"\d{4}Q[1-4]", text))
    return "" if fine else f"{term.name} '{text}': = takes {_ANY} or {_NEVER}, < a quarter"


def _numbers(table: str, known: Background) -> tuple[str, ...]:
    """Return the names that are numbers: of the row, the partner, the instrument."""
    tables = (known.partners, known.instruments)
    found = (name for of in tables for name in of.columns if is_numeric_dtype(of[name]))
    return (*NUMBERS.get(table, ()), *found)


def _allowed(name: str, known: Background) -> Collection[str]:
    """Return the values that a name may be compared with by = and !=."""
    if name in known.partners:
        return {text or _NONE for text in known.partners[name]}
    if name in known.instruments and name != "area":
        return set(known.instruments[name])
    values: Mapping[str, Collection[str]] = {
        "country": known.partners.index,
        "group": known.members,
        _JOINT: known.members,
        _SAME: [name for name in known.partners if not is_numeric_dtype(known.partners[name])],
        "instrument": known.instruments.index,
        "area": AREAS,
        "stage": STAGES[1:],
        "event": ("approached", "refused"),
        "origin": ("run", "start"),
        "holds": known.instruments.index,
        **dict.fromkeys(("shock", "struck", "struck_only"), known.shocks),
    }
    return values[name]


def about(conditions: Conditions, *whom: str) -> Conditions:
    """Return those conditions that ask about the partner, the pair or the link alone."""
    return tuple(terms for terms in conditions if all(term.about in whom for term in terms))


def meeting(rows: pd.DataFrame, conditions: Conditions, plays: Plays) -> pd.DataFrame:
    """Return the rows that meet all conditions."""
    mask = np.ones(len(rows), bool)
    for terms in conditions:
        mask &= np.logical_or.reduce([_met(rows, term, plays) for term in terms])
    return rows[mask]


def _met(rows: pd.DataFrame, term: Term, plays: Plays) -> Truths:
    """Tell for every row whether it meets one term."""
    if term.name.startswith(_BOTH):
        one = replace(term, name=term.name.removeprefix(_BOTH))
        other = rows.drop(columns="iso3").rename(columns={"other": "iso3"})
        return _met(rows, one, plays) & _met(other, one, plays)
    if term.operator in _COMPARE:
        text = term.values[0]
        limit = quarter_number(text) if re.fullmatch(r"\d{4}Q\d", text) else float(text)
        return _COMPARE[term.operator](_column(rows, term.name, plays).astype(float), limit)
    met = _equal(rows, term, plays)
    return ~met if term.operator == "!=" else met


def _equal(rows: pd.DataFrame, term: Term, plays: Plays) -> Truths:
    known, values = plays.known, term.values
    if term.values in ((_ANY,), (_NEVER,)):
        reached = rows[term.name].notna().to_numpy()
        return reached if values == (_ANY,) else ~reached
    if term.name == "group":
        return _in(rows["iso3"], frozenset().union(*(known.members[name] for name in values)))
    if term.name == "area":
        covered = known.instruments["area"]
        return _in(rows["instrument"], covered.index[[bool(a & {*values}) for a in covered]])
    if term.name == _JOINT:
        joint = [_in(rows[end], known.members[name]) for name in values for end in LINK[1:]]
        return np.logical_or.reduce([a & b for a, b in zip(joint[::2], joint[1::2], strict=True)])
    if term.name == _SAME:
        ends = [known.partners.reindex(rows[end])[list(values)].to_numpy() for end in LINK[1:]]
        return np.asarray((ends[0] == ends[1]).any(axis=1))
    if term.name == "holds":
        # In force the quarter before.
        spells = plays.held[_in(plays.held["instrument"], values)]
        return _within_any(rows, spells, spells["begin"] + 1, spells["end"] + 1)
    if term.name in ("struck", "struck_only"):
        return _struck(rows, values, plays, only=term.name == "struck_only")
    column = _column(rows, term.name, plays)
    return np.isin(column, ["" if value == _NONE else value for value in values])


def _in(column: pd.Series, values: Collection[str]) -> Truths:
    return column.isin(list(values)).to_numpy()


def _column(rows: pd.DataFrame, name: str, plays: Plays) -> np.ndarray:
    """Return an attribute of each row: of its own, of its partner, or of its instrument."""
    if name == "country":
        return rows["iso3"].to_numpy(str)
    if name in rows:
        return rows[name].to_numpy(str if rows[name].dtype == object else None)
    known = plays.known
    if name in known.partners:
        return known.partners[name].reindex(rows["iso3"]).to_numpy()
    return known.instruments[name].reindex(rows["instrument"]).to_numpy()


def _struck(rows: pd.DataFrame, shocks: Collection[str], plays: Plays, *, only: bool) -> Truths:
    """Tell whether some shocks struck the partner itself lately, and whether no other did."""
    direct = plays.strikes[plays.strikes["direct"]]
    those = _in(direct["shock"], shocks)
    lately, others = (
        _within_any(rows, struck, struck["quarter"], struck["quarter"] + STRUCK_WITHIN)
        for struck in (direct[those], direct[~those])
    )
    return lately & ~others if only else lately


def _within_any(rows: pd.DataFrame, of: pd.DataFrame, begin: pd.Series, end: pd.Series) -> Truths:
    """Tell for each row whether its quarter lies in any spell of its run and partner.

    Spells last from the quarter in which they begin to before the one in which they end.
    """
    asked = rows[["run", "iso3", "quarter"]].assign(place=np.arange(len(rows)))
    joined = asked.merge(of[["run", "iso3"]].assign(begin=begin, end=end), on=["run", "iso3"])
    inside = (joined["begin"] <= joined["quarter"]) & (joined["quarter"] < joined["end"])
    found = np.zeros(len(rows), bool)
    found[joined.loc[inside, "place"].to_numpy(int)] = True
    return found
