"""Labels: names, units and number formats of the metrics, for the screen and the figures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from partnersim.model.metrics import metrics, regional, shown_metrics

#: What an adviser reads first, in this order.
MAIN_METRICS = shown_metrics("main")
#: The few of them that are named first, in this order.
HEADLINES = shown_metrics("headline")

#: Stands between a number and its unit, so that no line ends between them.
NO_BREAK = "\u00a0"


_ACRONYMS = {"ai": "AI", "eu": "EU", "gdp": "GDP", "ldc": "LDC", "lac": "LAC"}


@dataclass(frozen=True)
class MetricLabel:
    """How a metric is called and shown.

    Attributes
    ----------
    title : str
        Name in words.
    unit : str
        Unit as printed behind a number, or empty; shares are shown in percent.
    decimals : int
        Digits after the point.
    better : str
        ``more``, ``less``, or empty where neither is better in itself.
    """

    title: str
    unit: str = ""
    decimals: int = 0
    better: str = ""

    @property
    def heading(self) -> str:
        """The title, of which no line ends within the range behind its comma."""
        name, comma, span = self.title.partition(", ")
        return f"{name}{comma}{span.replace(' ', NO_BREAK)}"

    @property
    def scale(self) -> float:
        """What values are multiplied with to be shown: 100 for shares, else 1."""
        return 100.0 if self.unit == "%" else 1.0

    @property
    def unit_of_difference(self) -> str:
        """Unit of a difference: percentage points of shares."""
        return "percentage points" if self.unit == "%" else self.unit

    @property
    def sign(self) -> float:
        """-1 where less is better, else 1: what turns values such that more is better."""
        return -1.0 if self.better == "less" else 1.0


@cache
def metric_label(metric: str) -> MetricLabel:
    """Return how a metric is called and shown.

    A metric that is not in the table of metrics is called by its own name.
    """
    row, region = metrics().get(metric), ""
    if row is None:
        row, region = regional(metric)
    if row is None:
        return MetricLabel(headed(metric), decimals=2)
    # Only the labels of metrics by region hold a place for its name.
    return MetricLabel(row.label.en.format(words(region)), row.unit, row.decimals, row.better)


def words(name: str) -> str:
    """Return an identifier as words: ``eu_budget_cut`` as ``EU budget cut``."""
    return " ".join(_ACRONYMS.get(word, word) for word in name.split("_"))


def headed(name: str) -> str:
    """Return an identifier as a heading: ``deepen_first`` as ``Deepen first``."""
    return capitalised(words(name))


def capitalised(text: str) -> str:
    """Return the text with a capital first letter, leaving the others alone."""
    return text[:1].upper() + text[1:]


def inside_sentence(title: str) -> str:
    """Return a title as it stands within a sentence: no capital, unless it is an acronym."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]


def number(value: float, decimals: int = 0, *, sign: bool = False) -> str:
    """Return a number with thousands separated by thin spaces and a true minus sign.

    Parameters
    ----------
    value : float
        NaN gives an en dash.
    decimals : int
        Digits after the point.
    sign : bool
        Whether a positive number carries a plus; zero never does.
    """
    if math.isnan(value):
        return "–"
    text = f"{abs(value):,.{decimals}f}".replace(",", "\u2009")
    zero = not any(digit in text for digit in "123456789")
    if value < 0 and not zero:
        return f"−{text}"
    return f"+{text}" if sign and not zero else text


def with_unit(text: str, unit: str) -> str:
    """Return a number with its unit, from which no line parts it; alone if it has none."""
    return f"{text}{NO_BREAK}{unit}" if unit else text


def quantity(metric: str, value: float, decimals: int | None = None) -> str:
    """Return a metric's value with its unit; shares in percent (of 1).

    Parameters
    ----------
    decimals : int, optional
        Digits after the point, if others than usual.
    """
    label = metric_label(metric)
    text = number(label.scale * value, label.decimals if decimals is None else decimals)
    return with_unit(text, label.unit)
