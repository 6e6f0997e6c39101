"""Groups of countries by what they are: status, income, membership, region; the words for them."""

from __future__ import annotations

from collections.abc import Mapping

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
_STATUS = {"candidate": "candidate", "potential_candidate": "potential candidate"}
_FLAGS = ("ldc", "landlocked", "borders_eu", "named")


def groups_in(
    countries: pd.DataFrame, members: Mapping[str, frozenset[str]]
) -> dict[str, tuple[str, ...]]:
    """Return the members of every group of countries, by the name that settings use.

    Names are ``candidate`` and ``potential_candidate`` (of accession), ``low_income``,
    ``lower_middle_income``, ``upper_middle_income``, ``high_income`` (by gross domestic product per
    head), ``ldc``, ``landlocked``, ``borders_eu``, ``named`` (in the document), regions, subregions
    of the United Nations, and organisations, each in small letters with underscores.

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
    found: dict[str, pd.Series] = {}
    # An invented world does not tell everything of its countries.
    if "enlargement" in countries:
        found = {name: countries["enlargement"] == status for name, status in _STATUS.items()}
    if "gdp_per_person" in countries:
        low, income = 0.0, countries["gdp_per_person"]
        for name, high in _INCOMES.items():
            found[name] = (income >= low) & (income < high)
            low = high
    found |= {name: countries[name].astype(bool) for name in _FLAGS if name in countries}
    for column in ("un_subregion", "region"):
        names = sorted(set(countries[column]) - {""}) if column in countries else []
        found |= {short_name(name): countries[column] == name for name in names}
    found |= {short_name(name): countries["iso3"].isin(codes) for name, codes in members.items()}
    codes = countries["iso3"].astype(str)
    return {name: tuple(codes[inside]) for name, inside in found.items() if inside.any()}
