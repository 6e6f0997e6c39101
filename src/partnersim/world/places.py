"""Names of places: as they can be typed, and why some are no partners."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from partnersim.errors import nearest

#: Members of the EU, continents, places without data.
_TABLE = Path(__file__).parent.parent / "data" / "outsiders.csv"
#: How else places are called: codes of two letters, names in other languages and of before.
_OTHER_NAMES = _TABLE.with_name("other_names.csv")
_PARTNERS = _TABLE.with_name("countries.csv")


def short_name(name: str) -> str:
    """Return a name as it can be typed in a key, such as ``sub_saharan_africa``."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


@cache
def partner_codes() -> frozenset[str]:
    """Return the ISO 3166 codes of all partner countries of the shipped data."""
    with _PARTNERS.open(encoding="utf-8", newline="") as stream:
        return frozenset(row["iso3"] for row in csv.DictReader(stream))


@cache
def _sentences() -> dict[str, str]:
    """Return what is said of a place, by its code and by its name in small letters."""
    sentences: dict[str, str] = {}
    with _TABLE.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            sentence = f"{row['name']} is {row['why']}, not a partner"
            sentences |= dict.fromkeys((row["iso3"].casefold(), row["name"].casefold()), sentence)
    return sentences


@cache
def _other_names() -> dict[str, str]:
    """Return ISO 3166 codes of three letters by other names and codes, in small letters."""
    with _OTHER_NAMES.open(encoding="utf-8", newline="") as stream:
        return {row["name"].casefold(): row["iso3"] for row in csv.DictReader(stream)}


def code_of(name: str) -> str:
    """Return the ISO 3166 code of a place that is called by another name, else an empty text.

    Parameters
    ----------
    name : str
        Such as ``UK``, ``South Korea`` or ``Deutschland``.
    """
    return _other_names().get(name.casefold(), "")


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
    """Return why a place is no partner, else the nearest allowed name, as the end of a problem."""
    reason = why_no_partner(name)
    if reason:
        return f": {reason}"
    known = tuple(allowed)
    code = code_of(name)
    return f", did you mean '{code}'?" if code and code in known else nearest(name, known)
