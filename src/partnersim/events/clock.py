"""Times as numbers: plain numbers stay as they are, dates become days."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from partnersim.arrays import Floats

_NANOSECONDS_PER_DAY = 86_400 * 10**9
#: Whole numbers between these, most of which are dates written YYYYMMDD, are read as dates.
_FIRST_DAY, _LAST_DAY = 15000101, 22001231


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

    def read(self, column: pd.Series) -> tuple[Floats, dict[int, str] | str, str]:
        """Return a column of times as numbers, what is wrong with it, and a note on it.

        Returns
        -------
        times : (rows,) array
            NaN where a time cannot be read.
        wrong : dict of int to str, or str
            Problems by row, or the one of the whole column.
        note : str
            How times were read, if that needs saying; else empty.
        """
        items = column.tolist()
        if not items:
            return np.empty(0), {}, ""
        note = ""
        plain = all(isinstance(item, (int, float)) for item in items)
        days = plain and _are_days(items)
        if days:
            column = pd.Series([f"{item:.0f}" for item in items])
            column = column.str[:4] + "-" + column.str[4:6] + "-" + column.str[6:]
            note = (
                f"time {items[0]:.0f} is read as the date {column[0]}, and so are all of the column"
            )
        elif plain and _are_months(items):
            note = f"time {items[0]:.0f} is read as a plain number; write months as 2020-01-31"
        dates = days or not any(isinstance(item, (int, float)) and item == item for item in items)
        numbers = [item if isinstance(item, (int, float)) else np.nan for item in items]
        times = _days(column) if dates else np.array(numbers, float)
        if self.dates is None:
            self.dates = dates
        elif self.dates != dates:
            kinds = ("numbers", "dates")
            return (
                np.full(len(times), np.nan),
                f"time holds {kinds[dates]}, but tables before it hold {kinds[self.dates]}; "
                "all times must be of one kind",
                "",
            )
        wrong = {
            int(row): f"time {items[row]!r} given, must be a number or a date such as 1960-01-31"
            for row in np.flatnonzero(~np.isfinite(times))
        }
        return times, wrong, note

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


def _are_days(items: list[Any]) -> bool:
    """Return whether times are meant as dates written YYYYMMDD, of which a few may be no dates."""
    if not all(_FIRST_DAY <= item <= _LAST_DAY and item == int(item) for item in items):
        return False
    texts = pd.Series([f"{item:.0f}" for item in items])
    return bool(pd.to_datetime(texts, format="%Y%m%d", errors="coerce").notna().mean() > 0.5)


def _are_months(items: list[Any]) -> bool:
    """Return whether times look like months written YYYYMM."""
    return all(
        _FIRST_DAY <= 100 * item + 1 <= _LAST_DAY and 1 <= item % 100 <= 12 for item in items
    )


def _days(column: pd.Series) -> Floats:
    """Return dates, written or as objects, in days; NaN for anything else."""
    values = column.map(lambda item: item.isoformat() if isinstance(item, date) else item)
    values = values.where(values.map(lambda item: isinstance(item, str)), None)
    read = pd.to_datetime(values, format="ISO8601", errors="coerce", utc=True)
    moments = pd.DatetimeIndex(read).as_unit("ns")
    return np.where(moments.isna(), np.nan, moments.asi8 / _NANOSECONDS_PER_DAY)
