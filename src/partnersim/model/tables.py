"""Reading the tables of the model: metrics, coefficients, shock effects, targeting and others.

Each is one CSV file beside the rules, one row per thing. What is shown, documented and stored of it
is generated from the row.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

from partnersim.shipped_folder import rows_of


class Label(NamedTuple):
    """What a thing is called in the languages of the page."""

    en: str
    de: str
    fr: str

    def of(self, part: Label) -> Label:
        """Return the label with ``{}`` replaced by the name of a part, language by language."""
        return Label(*(text.format(name) for text, name in zip(self, part, strict=True)))


def label(row: Mapping[str, str]) -> Label:
    """Return the label of a row, from its columns ``en``, ``de`` and ``fr``."""
    return Label(row["en"], row["de"], row["fr"])


def read_table(name: str) -> list[dict[str, str]]:
    """Return the rows of a table as dictionaries by column.

    Parameters
    ----------
    name : str
        Of the file beside this one, without ``.csv``.
    """
    return rows_of(Path(__file__).with_name(f"{name}.csv"))


def places_of(widths: Mapping[str, int]) -> Any:
    """Return the first row of each name in an array, as a record that compiled rules read by name.

    Parameters
    ----------
    widths : mapping of str to int
        Rows that each name takes, in the order of the array.
    """
    kind: Any = namedtuple("Places", widths)
    ends = accumulate(widths.values(), initial=0)
    return kind(*(first for first, _ in zip(ends, widths, strict=False)))
