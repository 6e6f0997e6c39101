"""Groups of countries by what they are: status, income, membership, region; the words for them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import compress
from typing import Any

import numpy as np
import pandas as pd

from partnersim.world.places import short_name

#: Gross domestic product per person from which the World Bank speaks of high income
#: (US dollars, financial year 2025).
HIGH_INCOME = 14_005.0
#: Upper ends of incomes per head in US dollars, as the World Bank draws them for its year 2025.
_INCOMES = {
    **{"low_income": 1_146.0, "lower_middle_income": 4_516.0},
    **{"upper_middle_income": HIGH_INCOME, "high_income": np.inf},
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
    found["illiberal"] = [
        value < ILLIBERAL and "liberal_democracy" not in guessed
        for value, guessed in zip(
            column("liberal_democracy"), column("imputed") or [""] * len(codes), strict=False
        )
    ]
    found["democracy"] = [value >= DEMOCRACY for value in column("liberal_democracy")]
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
