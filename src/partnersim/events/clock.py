"""Times as numbers: plain numbers stay as they are, dates become days."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from partnersim.arrays import Floats
from partnersim.events.findings import Findings
from partnersim.events.values import as_number

_NANOSECONDS_PER_DAY = 86_400 * 10**9


class Clock:
    """What the times of one data set are: numbers or dates, the same in every table.

    Attributes
    ----------
    dates : bool or None
        Whether times are dates, counted in days since 1 January 1970; None as long as no time
        has been read.
    """

    def __init__(self) -> None:
        self.dates: bool | None = None

    def read(self, column: pd.Series, where: str, findings: Findings) -> Floats:
        """Return a column of times as numbers; NaN where a time cannot be read."""
        if not len(column):
            return np.empty(0)
        items = column.tolist()
        dates = not any(isinstance(item, (int, float)) and item == item for item in items)
        times = _days(column) if dates else np.array([as_number(item) for item in items])
        if self.dates is None:
            self.dates = dates
        elif self.dates != dates:
            findings.tell(
                where,
                f"time holds {_kind(dates)}, but tables before it hold {_kind(self.dates)}; "
                "all times must be of one kind",
            )
            return np.full(len(times), np.nan)
        wrong = {
            int(row): f"time {column.iloc[row]!r} given, must be a number or a date such as "
            "1960-01-31"
            for row in np.flatnonzero(~np.isfinite(times))
        }
        findings.tell_rows(where, wrong, len(times))
        return times

    def read_one(self, time: Any, where: str, findings: Findings) -> float:
        """Return a single time as a number; NaN if it cannot be read."""
        return float(self.read(pd.Series([time]), where, findings)[0])

    def show(self, time: float) -> float | pd.Timestamp:
        """Return a time the way the user gave times."""
        if not self.dates:
            return int(time) if float(time).is_integer() else float(time)
        return pd.Timestamp(round(time * _NANOSECONDS_PER_DAY), unit="ns")

    def write(self, time: float) -> str:
        """Return a time for a message."""
        shown = self.show(time)
        if not isinstance(shown, pd.Timestamp):
            return str(shown)
        return str(shown.date()) if shown == shown.normalize() else str(shown)


def _days(column: pd.Series) -> Floats:
    """Return dates, written or as objects, in days; NaN for anything else."""
    values = column.map(lambda item: item.isoformat() if isinstance(item, date) else item)
    values = values.where(values.map(lambda item: isinstance(item, str)), None)
    read = pd.to_datetime(values, format="ISO8601", errors="coerce", utc=True)
    moments = pd.DatetimeIndex(read).as_unit("ns")
    days = moments.asi8 / _NANOSECONDS_PER_DAY
    return np.where(moments.isna(), np.nan, days)


def _kind(dates: bool) -> str:
    return "dates" if dates else "numbers"
