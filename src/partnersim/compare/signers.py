"""What comes into force: the pairs of partner and instrument that are likely to.

The numbers are those of a forecast of the same policy and climate, if one is stored. Else they
count runs, which do not hold what the dated record alone says; where they are shown, that is said.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from partnersim.compare.labels import NO_BREAK, number
from partnersim.compare.words import called, counted, listed, percent, share_of_runs, small_percent
from partnersim.runs.stored_forecast import StoredForecast

#: What the counts are, and what they are not; said wherever they are shown.
A_COUNT = (
    "A count of these runs: what a policy does. Who signs next, with what the dated record says,"
    " is forecast by partnersim forecast; once that of this policy and climate lies beside these"
    " results, a new report shows its numbers here"
)
#: So many years after the first year end is "next".
YEARS_AHEAD = 2


def note_of(forecast: StoredForecast | None) -> str:
    """Return what chances are, and what they are not."""
    if forecast is None:
        return A_COUNT
    return f"Forecast in {forecast.folder.name}. {forecast.assumptions}"


def percent_of(forecast: StoredForecast | None, runs: int) -> str:
    """Return what chances are percentages of."""
    if forecast is not None:
        return "Chance in percent that an instrument"
    return f"Percent of {counted(runs, 'run')} in which an instrument"


@dataclass(frozen=True)
class Signers:
    """Chances of new instruments under one policy.

    Attributes
    ----------
    policy : str
        Under which.
    year : int
        The year end that "next" means; 0 if no year ends with anything new, or none ends at all.
    chances : DataFrame
        ``iso3``, ``instrument``, ``year``, ``runs`` (0 of a forecast, which has ``reason``),
        ``probability``, ``low``, ``high``, all years.
    country, instrument : dict
        Names by code.
    forecast : StoredForecast, optional
        That they are from; shares of runs without.
    """

    policy: str
    year: int
    chances: pd.DataFrame
    country: dict[str, str]
    instrument: dict[str, str]
    forecast: StoredForecast | None = None

    @property
    def lead(self) -> str:
        """What a sentence about the likeliest pairs begins with."""
        if self.forecast is not None:
            return "Likeliest to be"
        return "In most runs" if (self.next["probability"].head(3) > 0.5).all() else "Most often"

    def chance(self, share: float, runs: int) -> str:
        """Return how likely a pair is, in words."""
        if self.forecast is not None:
            return f"{small_percent(share)}{NO_BREAK}%"
        return share_of_runs(share, runs)

    def between(self, low: float, high: float) -> str:
        """Return the interval of a chance, in words."""
        if self.forecast is not None:
            return f"{small_percent(low)} to {small_percent(high)}{NO_BREAK}%"
        return f"{number(100 * low)} to {percent(high)}"

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
        if self.next.empty:
            return self.sentence
        likely = [
            f"{self.pair(row)} ({self.chance(row['probability'], row['runs'])})"
            for _, row in self.next.head(2).iterrows()
        ]
        return f"{self.lead} in force {self._when}: {listed(likely)}"

    @property
    def _when(self) -> str:
        return f"by the end of {self.year} under {called(self.policy)}"

    @property
    def sentence(self) -> str:
        """What comes into force, in words."""
        rows, policy = self.next.head(3), called(self.policy)
        if not self.year:
            return f"No year of these runs ends with anything new in force under {policy}"
        if rows.empty or rows["probability"].iloc[0] == 0:
            return f"Under {policy} nothing new comes into force by the end of {self.year}"
        likely = [
            f"{self.pair(row)} ({self.chance(row['probability'], row['runs'])}, "
            f"{self.between(row['low'], row['high'])})"
            for _, row in rows.iterrows()
        ]
        new = "of all that was not at the start"
        return f"{self.lead} in force {self._when}, {new}: {listed(likely)}"


def signers(
    signing: pd.DataFrame,
    policy: str,
    country: dict[str, str],
    instrument: dict[str, str],
    forecast: StoredForecast | None = None,
) -> Signers:
    """Return what comes into force under a policy, from the table of chances of all policies."""
    rows = signing[signing["policy"] == policy].drop(columns="policy").reset_index(drop=True)
    years = sorted({int(year) for year in signing["year"]})
    ahead = years[min(YEARS_AHEAD, len(years) - 1)] if years else 0
    return Signers(policy, ahead, rows, country, instrument, forecast)


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
