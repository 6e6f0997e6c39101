"""Tables for people: names beside codes, and files that a spreadsheet reads as they are meant."""

from __future__ import annotations

import pandas as pd

from partnersim.runs.reader import WorldNames

#: How a text begins that a spreadsheet would calculate.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: Excel takes a file without this mark for one of another encoding.
_MARK = b"\xef\xbb\xbf"
#: Columns of codes: whose names they are, and what the column of names is called.
_COUNTRIES = {"iso3": "country", "iso3_a": "country_a", "iso3_b": "country_b"}
_INSTRUMENTS = {"instrument": "instrument_name"}


def csv_for_people(frame: pd.DataFrame, names: WorldNames | None = None) -> bytes:
    """Return a table as CSV: with names beside codes if they are known, and without formulas."""
    shown = _without_formulas(frame if names is None else with_names(frame, names))
    return _MARK + shown.to_csv(index=False, lineterminator="\n").encode()


def with_names(frame: pd.DataFrame, names: WorldNames) -> pd.DataFrame:
    """Return a table with the name of every country and instrument beside its code."""
    shown = frame.copy()
    for columns, known in ((_COUNTRIES, names.country), (_INSTRUMENTS, names.instrument)):
        for code, name in columns.items():
            if code in shown and not {name, "name"} & set(shown):
                place = list(shown).index(code) + 1
                shown.insert(place, name, shown[code].astype(object).map(known).fillna(""))
    return shown


def _without_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table in which texts that a spreadsheet would calculate begin with an apostrophe."""
    shown = frame.copy()
    for name in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[name]):
            texts = frame[name].astype(object)
            # Long columns repeat few words.
            words = [word for word in texts.unique() if isinstance(word, str)]
            if risky := [word for word in words if word.startswith(_FORMULA)]:
                shown[name] = texts.where(~texts.isin(risky), "'" + texts.astype(str))
    return shown
