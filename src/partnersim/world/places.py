"""Names of places as they can be typed, why some are no partners, and groups of countries."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache, lru_cache
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partnersim.shipped_folder import rows_of

if TYPE_CHECKING:
    import pandas as pd

#: The tables of the package itself.
PACKAGE_DATA = Path(__file__).parent.parent / "data"
#: Groups of countries by what they are, see `groups_in`.
GROUPS = (
    *("candidate", "potential_candidate", "low_income", "lower_middle_income"),
    *("upper_middle_income", "high_income", "illiberal", "democracy", "small_state", "ldc"),
    *("landlocked", "borders_eu", "named", "sanctioned"),
)
#: How much alike names of countries must be for one to be meant by the other.
_ALIKE = 0.75
#: Letters of a code, and of a name as far as it is compared.
_CODE, _LONGEST = 3, 100
#: Gross domestic product per person from which the World Bank speaks of high income
#: (US dollars, financial year 2025).
HIGH_INCOME = 14_005.0
#: US dollars per head of the EU as a whole, 2023, in round numbers.
MEMBER_INCOME = 40_000.0
#: Regions of the European Neighbourhood Policy, for which the EU sets money of its own aside.
NEIGHBOURHOOD = ("Eastern Partnership", "Southern Neighbourhood")
#: Upper ends of incomes per head in US dollars, as the World Bank draws them for its year 2025.
_INCOMES = {
    **{"low_income": 1_146.0, "lower_middle_income": 4_516.0},
    **{"upper_middle_income": HIGH_INCOME, "high_income": math.inf},
}
#: Index of liberal democracy (V-Dem) below which a country counts as illiberal: no decision on
#: adequacy was ever made for one, and talks are held with Kenya (0.43).
ILLIBERAL = 0.4
#: Index from which a country counts as a democracy; of microstates the imputed one.
DEMOCRACY = 0.5
#: Inhabitants below which a state counts as small.
SMALL_STATE = 1_000_000
_STATUS = {"candidate": "candidate", "potential_candidate": "potential candidate"}
_FLAGS = ("ldc", "landlocked", "borders_eu", "named")


def short_name(name: str) -> str:
    """Return a name as it can be typed in a key, such as ``sub_saharan_africa``."""
    return re.sub(r"[^a-z0-9]+", "_", _plain(name)).strip("_")


@cache
def partner_names() -> dict[str, str]:
    """Return the names of all partner countries of the shipped data, by their ISO 3166 codes."""
    return {row["iso3"]: row["name"] for row in rows_of(PACKAGE_DATA / "countries.csv")}


@cache
def group_names() -> tuple[str, ...]:
    """Return the groups of countries that a smaller world may lack: own words, organisations."""
    organisations = rows_of(PACKAGE_DATA / "organisations.csv")
    return (*GROUPS, *(short_name(row["organisation"]) for row in organisations))


@cache
def _sentences() -> dict[str, str]:
    """Return what is said of a place, by its code and by its name in small letters."""
    sentences: dict[str, str] = {}
    # Members of the EU, continents, places without data.
    for row in rows_of(PACKAGE_DATA / "outsiders.csv"):
        sentence = f"{row['name']} is {row['why']}"
        # A continent is said with its regions.
        sentence += "" if ";" in sentence else ", not a partner"
        sentences |= dict.fromkeys((row["iso3"].casefold(), row["name"].casefold()), sentence)
    return sentences


@cache
def _codes() -> dict[str, str]:
    """Return ISO 3166 codes of three letters by all names and codes, in small letters."""
    # Codes of two letters, names in other languages and of before.
    rows = rows_of(PACKAGE_DATA / "other_names.csv")
    others = {row["name"].casefold(): row["iso3"] for row in rows}
    partners = partner_names().items()
    return others | {word.casefold(): code for code, name in partners for word in (code, name)}


def code_of(name: str) -> str:
    """Return the ISO 3166 code of a place that is called by a name, else an empty text.

    Parameters
    ----------
    name : str
        Such as ``jpn``, ``Japan``, ``UK``, ``South Korea`` or ``Deutschland``.
    """
    return _codes().get(name.casefold(), "")


def why_no_partner(name: str) -> str:
    """Say why a place is no partner country.

    Parameters
    ----------
    name : str
        A code, or a name.

    Returns
    -------
    str
        A sentence without full stop; empty if nothing is known about the place.
    """
    known = (code_of(name) or name).casefold()
    return _sentences().get(known, "") if known else ""


def nearest_place(name: str, allowed: Iterable[str]) -> str:
    """Return why a place is no partner, else the nearest allowed name, as the end of a problem.

    Where codes of countries are allowed, their names are compared with what was given: a name is
    nowhere near the code of its country.
    """
    known, found = tuple(allowed), code_of(name) or (name if why_no_partner(name) else "")
    # What is a name of another place is not a misspelt one, nor is a code of two letters.
    if not found and len(name) >= _CODE:
        found = _alike(name, known)
    if reason := why_no_partner(found):
        return f": {reason}"
    if found not in known:
        return ""
    called = f" ({partner_names()[found]})" if found in partner_names() else ""
    return f", did you mean '{found}'{called}?"


@lru_cache(maxsize=4096)
def _alike(name: str, known: tuple[str, ...]) -> str:
    """Return the known name, or the place that is no partner, that is meant, else an empty text."""
    given, within = _plain(name[:_LONGEST]), {*known, *map(str.upper, _sentences())}
    words = {_plain(word): word for word in known}
    called = {_plain(word): code for word, code in _codes().items() if code in within}
    called |= {word: word for word in _sentences()} | words
    called = {word: place for word, place in called.items() if len(word) > _CODE}
    # A code may be a misspelt one; to any other word it is near by chance.
    of_places = {word: place for word, place in words.items() if place not in partner_names()}
    as_code = len(name) == _CODE or (len(name) == _CODE + 1 and name.isupper())
    tries = ((words, 0.5),) if as_code else ((called, _ALIKE), (of_places, 0.5))
    for among, least in tries:
        if close := get_close_matches(given, among, n=1, cutoff=least):
            return among[close[0]]
    return ""


def _plain(name: str) -> str:
    """Return a name in small letters without accents."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()


def groups_in(
    countries: pd.DataFrame, members: Mapping[str, frozenset[str]]
) -> dict[str, tuple[str, ...]]:
    """Return the members of every group of countries, by the name that settings use.

    Names are ``candidate`` and ``potential_candidate`` (of accession), ``low_income``,
    ``lower_middle_income``, ``upper_middle_income``, ``high_income`` (by gross domestic product per
    head), ``illiberal`` (below `ILLIBERAL`), ``democracy`` (from `DEMOCRACY` on),
    ``small_state`` (fewer people than `SMALL_STATE`), ``ldc``, ``landlocked``, ``borders_eu``,
    ``named`` (in the document), regions, subregions of the United Nations, and organisations, each
    in small letters with underscores.

    Parameters
    ----------
    countries : DataFrame
        As in a `World`.
    members : mapping of str to frozenset of str
        Of each organisation.

    Returns
    -------
    dict of str to tuple of str
        ISO 3166 codes in the order of the world; groups without a member are left out.
    """
    codes = countries["iso3"].astype(str).tolist()
    found: dict[str, list[bool]] = {}

    def column(name: str) -> list[Any]:
        # An invented world does not tell everything of its countries.
        return countries[name].tolist() if name in countries else []

    for name, status in _STATUS.items():
        found[name] = [value == status for value in column("enlargement")]
    low = 0.0
    for name, high in _INCOMES.items():
        found[name] = [low <= income < high for income in column("gdp_per_person")]
        low = high
    # Of microstates the index is imputed: it tells nothing of them.
    index, imputed = column("liberal_democracy"), column("imputed") or [""] * len(codes)
    found["illiberal"] = [
        value < ILLIBERAL and "liberal_democracy" not in guessed
        for value, guessed in zip(index, imputed, strict=False)
    ]
    found["democracy"] = [value >= DEMOCRACY for value in index]
    found["small_state"] = [value < SMALL_STATE for value in column("population")]
    for name in _FLAGS:
        found[name] = list(map(bool, column(name)))
    for place in ("un_subregion", "region"):
        places = column(place)
        for name in sorted(set(places) - {""}):
            found[short_name(name)] = [value == name for value in places]
    for name, inside in members.items():
        found[short_name(name)] = [code in inside for code in codes]
    return {name: tuple(compress(codes, inside)) for name, inside in found.items() if any(inside)}
