"""Quarters: their labels, their numbers, and the span that is simulated.

Quarter 0 is the last one before the start: the network as observed on 5 June 2025 if the start is
2025Q3. Quarter 1 is the first one simulated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import BeforeValidator

from partnersim.model.constants import QUARTERS_PER_YEAR
from partnersim.scenario.settings import Settings, setting

FIRST_QUARTER = "2025Q3"
LAST_QUARTER = "2060Q4"

_PATTERN = re.compile(r"(\d{4})Q([1-4])", re.ASCII)


def _absolute(label: str) -> int:
    match = _PATTERN.fullmatch(label)
    if match is None:
        raise ValueError("must be a quarter such as 2027Q2, from 2025Q3 to 2060Q4")
    return int(match[1]) * QUARTERS_PER_YEAR + int(match[2]) - 1


def quarter_index(label: str, start: str = FIRST_QUARTER) -> int:
    """Return the number of a quarter: ``start`` is 1, the observed quarter before it 0.

    Parameters
    ----------
    label : str
        A quarter such as ``"2027Q2"``.
    start : str
        First quarter simulated.

    Raises
    ------
    ValueError
        If a label is not a quarter.

    Examples
    --------
    >>> quarter_index("2026Q1")
    3
    """
    return _absolute(label) - _absolute(start) + 1


def quarter_label(index: int, start: str = FIRST_QUARTER) -> str:
    """Return the label of a quarter by its number; the inverse of `quarter_index`.

    Examples
    --------
    >>> quarter_label(0)
    '2025Q2'
    """
    year, quarter = divmod(_absolute(start) + index - 1, QUARTERS_PER_YEAR)
    return f"{year:04d}Q{quarter + 1}"


def check_quarter(label: object) -> str:
    """Return a quarter within the range that can be simulated; a year means its first quarter.

    Raises
    ------
    ValueError
        If it is not a quarter, or outside 2025Q3 .. 2060Q4.
    """
    label = _of_year(label, 1)
    first, last = _absolute(FIRST_QUARTER), _absolute(LAST_QUARTER)
    if not isinstance(label, str) or not first <= _absolute(label) <= last:
        raise ValueError(f"must be a quarter from {FIRST_QUARTER} to {LAST_QUARTER}")
    return label


def _of_year(label: object, part: int) -> object:
    """Return a quarter of a year, or what is no year as it is."""
    is_year = type(label) is int or (isinstance(label, str) and re.fullmatch(r"\d{4}", label))
    return f"{label}Q{part}" if is_year else label


Quarter = Annotated[str, BeforeValidator(check_quarter)]
#: A year means its last quarter.
EndQuarter = Annotated[Quarter, BeforeValidator(lambda label: _of_year(label, 4))]


class Horizon(Settings):
    """First and last quarter simulated."""

    start: Quarter = setting(
        f"First quarter simulated, {FIRST_QUARTER} or later; the network observed "
        "in June 2025 is the state before it"
    )
    end: EndQuarter = setting(f"Last quarter simulated, at most {LAST_QUARTER}")

    def _misfits(self) -> Iterator[str]:
        if _absolute(self.end) < _absolute(self.start):
            yield f"end {self.end} lies before start {self.start}"

    @property
    def quarters(self) -> int:
        """Number of quarters simulated."""
        return quarter_index(self.end, self.start)

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the observed quarter and of all simulated ones, in order."""
        return tuple(quarter_label(index, self.start) for index in range(self.quarters + 1))
