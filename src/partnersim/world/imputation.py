"""Missing indicators: what stands in for them, and how that is flagged."""

from __future__ import annotations

import pandas as pd

from partnersim.world.countries import INDICATORS


def impute(countries: pd.DataFrame) -> pd.DataFrame:
    """Fill missing indicators, and say so.

    A missing value becomes the median of the country's region, else of its United Nations
    subregion, else of all countries. Missing output becomes the median output per person times
    the population.

    Parameters
    ----------
    countries : DataFrame
        As read, with not-a-number for what is missing.

    Returns
    -------
    DataFrame
        Without missing values, with ``gdp_per_person`` (US dollars) and ``imputed``: names of the
        imputed columns joined by semicolons, empty if there are none.
    """
    filled = countries.copy()
    filled["gdp_per_person"] = filled["gdp_usd"] / filled["population"]
    columns = [name for name in INDICATORS if name != "gdp_usd"]
    missing = filled[list(INDICATORS)].isna()
    for column in (*columns, "gdp_per_person"):
        values = filled[column]
        for group in ("region", "un_subregion"):
            values = values.fillna(filled.groupby(group)[column].transform("median"))
        filled[column] = values.fillna(filled[column].median())
    filled["gdp_usd"] = filled["gdp_usd"].fillna(filled["gdp_per_person"] * filled["population"])
    filled["imputed"] = [
        ";".join(column for column in INDICATORS if row[column])
        for row in missing.to_dict("records")
    ]
    return filled
