"""Counts over runs: who has what in force when, countries at the ends of years, links at the end.

All are whole numbers, so that sums over runs do not depend on their order or on the parts that
they are kept in.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from partnersim.model.constants import (
    AREAS,
    EVENT_COUNTRY,
    EVENT_INSTRUMENT,
    EVENT_KIND,
    EVENT_QUARTER,
    EVENTS,
    QUARTERS_PER_YEAR,
)
from partnersim.runs.replicate import MILLIONTHS, YearEnds, new_year_ends

_ADVANCED = EVENTS.index("advanced")
_DEPTHS = [f"depth_{area}" for area in AREAS]


class Totals:
    """Sums over the runs of one series, or of all futures of a policy.

    Parameters
    ----------
    years, countries, instruments : int
        Sizes of the axes.

    Attributes
    ----------
    runs : int
    sums : YearEnds
        int64 sums over the runs.
    moved : (Y, N, K) int64 array
        Runs in which a pair has reached at least one new stage by the end of a year; only known
        where event logs are given.
    """

    def __init__(self, years: int, countries: int, instruments: int) -> None:
        self.runs = 0
        empty = new_year_ends(years, countries, instruments)
        self.sums = YearEnds(*(part.astype(np.int64) for part in empty))
        self.moved = np.zeros((years, countries, instruments), np.int64)

    def add(self, year_ends: YearEnds) -> None:
        """Add one run."""
        self.runs += 1
        for total, part in zip(self.sums, year_ends, strict=True):
            total += part

    def add_log(
        self, events: npt.NDArray[np.int32], year_of_quarter: npt.NDArray[np.int64]
    ) -> None:
        """Add the event log of one run.

        Parameters
        ----------
        events : (E, 9) int32 array
        year_of_quarter : (T + 1,) int64 array
            Position of the first end of a year in or after each quarter, Y where there is none.
        """
        years, partners, instruments = self.moved.shape
        steps = events[events[:, EVENT_KIND] == _ADVANCED]
        pairs = steps[:, EVENT_COUNTRY].astype(np.int64) * instruments
        pairs += steps[:, EVENT_INSTRUMENT]
        pairs, first = np.unique(pairs, return_index=True)
        year = year_of_quarter[steps[first, EVENT_QUARTER]]
        by = self.moved.reshape(years, partners * instruments)
        for place in range(years):
            by[place, pairs[year <= place]] += 1

    def merge(self, other: Totals) -> None:
        """Add the runs of another sum."""
        self.runs += other.runs
        self.moved += other.moved
        for total, part in zip(self.sums, other.sums, strict=True):
            total += part

    def in_force_rows(
        self, years: Sequence[int], iso3: Sequence[str], instruments: Sequence[str]
    ) -> pd.DataFrame:
        """Return ``iso3, instrument, year, in_force, moved`` (runs), without rows of zeros."""
        counts = self.sums.in_force.transpose(1, 2, 0)
        moved = self.moved.transpose(1, 2, 0)
        country, instrument, year = np.nonzero((counts > 0) | (moved > 0))
        return pd.DataFrame(
            {
                "iso3": pd.Categorical.from_codes(country, list(iso3)),
                "instrument": pd.Categorical.from_codes(instrument, list(instruments)),
                "year": np.asarray(years, np.int32)[year],
                "in_force": counts[country, instrument, year],
                "moved": moved[country, instrument, year],
            }
        )

    def country_rows(self, years: Sequence[int], iso3: Sequence[str]) -> pd.DataFrame:
        """Return sums over runs per end of a year and country; `country_means` divides them.

        Returns
        -------
        DataFrame
            ``quarter, iso3, depth_<area>, instruments, links``, ``invested`` and ``alignment`` in
            millionths, ``runs``.
        """
        sums = self.sums
        quarters = [f"{year}Q{QUARTERS_PER_YEAR}" for year in years]
        year, country = np.divmod(np.arange(len(years) * len(iso3)), len(iso3))
        frame: dict[str, object] = {
            "quarter": pd.Categorical.from_codes(year, quarters),
            "iso3": pd.Categorical.from_codes(country, list(iso3)),
        }
        for place, name in enumerate(_DEPTHS):
            frame[name] = sums.depth[:, :, place].ravel()
        frame["instruments"] = sums.in_force.sum(axis=2).ravel()
        for name in ("links", "invested", "alignment"):
            frame[name] = getattr(sums, name).ravel()
        return pd.DataFrame(frame).assign(runs=self.runs)

    def link_rows(self, iso3: Sequence[str]) -> pd.DataFrame:
        """Return ``iso3_a, iso3_b, linked`` (runs) of the pairs that are linked in some run."""
        counts = np.triu(self.sums.linked, k=1)
        first, second = np.nonzero(counts)
        return pd.DataFrame(
            {
                "iso3_a": pd.Categorical.from_codes(first, list(iso3)),
                "iso3_b": pd.Categorical.from_codes(second, list(iso3)),
                "linked": counts[first, second],
            }
        )


def country_means(sums: pd.DataFrame) -> pd.DataFrame:
    """Turn sums over runs (see `Totals.country_rows`) into means over runs.

    Returns
    -------
    DataFrame
        The leading columns, ``depth_<area>`` and ``depth`` (mean over areas, 0..4),
        ``instruments``, ``links`` (counts), ``invested`` (million EUR), ``alignment`` (0..1).
    """
    means = sums.drop(columns="runs")
    for name in (*_DEPTHS, "instruments", "links", "invested", "alignment"):
        means[name] = sums[name] / sums["runs"]
    for name in ("invested", "alignment"):
        means[name] /= MILLIONTHS
    means.insert(means.columns.get_loc("instruments"), "depth", means[_DEPTHS].mean(axis=1))
    return means
