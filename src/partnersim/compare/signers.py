"""What comes into force: the pairs of partner and instrument that do so in most runs.

That is a count of runs under one policy, and no forecast: what the dated record alone says is not
in it. Who signs next is the business of `partnersim.history.forecast`.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from partnersim.compare.labels import number
from partnersim.compare.words import called, listed, percent, share_of_runs

#: What the counts are, and what they are not; said wherever they are shown.
A_COUNT = (
    "A count of these runs: what a policy does. Who signs next, with what the dated record says,"
    " is forecast by: partnersim forecast"
)
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
        ``iso3``, ``instrument``, ``year``, ``runs``, ``probability``, ``low``, ``high``, all years.
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
        """What comes into force, in one line without intervals."""
        rows = self.next.head(2)
        if rows.empty:
            return self.sentence
        likely = [
            f"{self.pair(row)} ({share_of_runs(row['probability'], row['runs'])})"
            for _, row in rows.iterrows()
        ]
        return (
            f"In most runs in force by the end of {self.year} under {called(self.policy)}:"
            f" {listed(likely)}"
        )

    @property
    def sentence(self) -> str:
        """What comes into force, in words."""
        rows = self.next.head(3)
        if rows.empty or rows["probability"].iloc[0] == 0:
            return (
                f"Under {called(self.policy)} nothing new comes into force by the end of "
                f"{self.year}"
            )
        likely = [
            f"{self.pair(row)} ({share_of_runs(row['probability'], row['runs'])}, "
            f"{number(100 * row['low'])} to {percent(row['high'])})"
            for _, row in rows.iterrows()
        ]
        return (
            f"In most runs in force by the end of {self.year} under "
            f"{called(self.policy)}, of all that was not at the start: {listed(likely)}"
        )


def signers(
    signing: pd.DataFrame, policy: str, country: dict[str, str], instrument: dict[str, str]
) -> Signers:
    """Return what comes into force under a policy, from the table of chances of all policies."""
    rows = signing[signing["policy"] == policy].drop(columns="policy").reset_index(drop=True)
    years = sorted({int(year) for year in signing["year"]})
    ahead = years[min(YEARS_AHEAD, len(years) - 1)] if years else 0
    return Signers(policy, ahead, rows, country, instrument)


def new_pairs(counts: pd.DataFrame, held: set[tuple[str, str]]) -> pd.DataFrame:
    """Return the rows of pairs that were not in force at the start, their codes as text.

    Parameters
    ----------
    counts : DataFrame
        ``iso3``, ``instrument`` and other columns.
    held : set of (iso3, instrument)
        Pairs in force at the start.
    """
    rows = counts.astype({"iso3": str, "instrument": str})
    pairs = pd.MultiIndex.from_frame(rows[["iso3", "instrument"]])
    return rows[~pairs.isin(list(held))]
