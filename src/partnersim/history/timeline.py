"""Quarters of the history, counted from the first quarter of 2010."""

from __future__ import annotations

from partnersim.model.constants import QUARTERS_PER_YEAR

FIRST_YEAR = 2010
#: Last quarter that the facts reach into: they end on 5 June 2025.
LAST_QUARTER = "2025Q2"


def quarter_number(label: str) -> int:
    """Return the number of a quarter; 2010Q1 is 0.

    Examples
    --------
    >>> quarter_number("2011Q2")
    5
    """
    return (int(label[:4]) - FIRST_YEAR) * QUARTERS_PER_YEAR + int(label[5:]) - 1


def quarter_name(number: int) -> str:
    """Return the label of a quarter by its number.

    Examples
    --------
    >>> quarter_name(5)
    '2011Q2'
    """
    year, place = divmod(number, QUARTERS_PER_YEAR)
    return f"{FIRST_YEAR + year}Q{place + 1}"


def year_of(number: int) -> int:
    """Return the year of a quarter by its number."""
    return FIRST_YEAR + number // QUARTERS_PER_YEAR


def quarters_of_year(year: int) -> tuple[int, int]:
    """Return the first and the last quarter of a year."""
    first = (year - FIRST_YEAR) * QUARTERS_PER_YEAR
    return first, first + QUARTERS_PER_YEAR - 1
