"""Who signs next: the pairs of partner and instrument most likely to come into force."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from partnersim.compare.measures import called, listed
from partnersim.runs.wording import NO_BREAK, number

#: So many years after the first year end is "next".
YEARS_AHEAD = 2


@dataclass(frozen=True)
class Signers:
    """Chances of new instruments under one policy.

    Attributes
    ----------
    policy : str
        Under which.
    year : int
        The year end that "next" means.
    chances : DataFrame
        ``iso3``, ``instrument``, ``year``, ``probability``, ``low``, ``high``, all years.
    country, instrument : dict
        Names by code.
    """

    policy: str
    year: int
    chances: pd.DataFrame
    country: dict[str, str]
    instrument: dict[str, str]

    def by(self, year: int) -> pd.DataFrame:
        """Return the chances at the end of a year, the most likely pairs first."""
        rows = self.chances[self.chances["year"] == year]
        order = ["probability", "iso3", "instrument"]
        return rows.sort_values(order, ascending=[False, True, True], ignore_index=True)

    @property
    def next(self) -> pd.DataFrame:
        """The chances at the end of the year that "next" means."""
        return self.by(self.year)

    def pair(self, row: pd.Series) -> str:
        """Return partner and instrument of a row in words."""
        title = self.instrument.get(row["instrument"], str(row["instrument"])).split(" (")[0]
        return f"{self.country.get(row['iso3'], str(row['iso3']))}: {title}"

    @property
    def headline(self) -> str:
        """Who signs next, in one line without intervals."""
        rows = self.next.head(2)
        if rows.empty:
            return self.sentence
        told = [f"{self.pair(row)} ({percent(row['probability'])})" for _, row in rows.iterrows()]
        return f"Likeliest by the end of {self.year} under {called(self.policy)}: {listed(told)}"

    @property
    def sentence(self) -> str:
        """Who signs next, in words."""
        rows = self.next.head(3)
        if rows.empty or rows["probability"].iloc[0] == 0:
            return (
                f"Under {called(self.policy)} nothing new comes into force by the end of "
                f"{self.year}"
            )
        told = [
            f"{self.pair(row)} ({percent(row['probability'])}, {number(100 * row['low'])} to "
            f"{number(100 * row['high'])})"
            for _, row in rows.iterrows()
        ]
        return (
            f"Most likely in force by the end of {self.year} under "
            f"{called(self.policy)}, of all that was not in June 2025: {listed(told)}"
        )


def percent(share: float) -> str:
    """Return a share in whole percent."""
    return f"{number(100 * share)}{NO_BREAK}%"


def signers(
    signing: pd.DataFrame, policy: str, country: dict[str, str], instrument: dict[str, str]
) -> Signers:
    """Return who signs under a policy, from the signing table of a study."""
    rows = signing[signing["policy"] == policy]
    years = sorted({int(year) for year in signing["year"]})
    ahead = years[min(YEARS_AHEAD, len(years) - 1)] if years else 0
    columns = ["iso3", "instrument", "year", "probability", "low", "high"]
    return Signers(policy, ahead, rows[columns].reset_index(drop=True), country, instrument)
