"""The numbers of findings in words, with their units."""

from __future__ import annotations

from partnersim.compare.measures import amount, decimals_of
from partnersim.reproduction.expected import Finding
from partnersim.reproduction.numbers import KINDS
from partnersim.runs.wording import NO_BREAK, number

#: Why a tolerance that follows from an interval is as wide as it is.
FROM_INTERVAL = "from the interval"
#: Confidence of an interval that says nothing else, in percent.
USUAL = 95
_OF_A_MEASURE = ("difference", "level")
_SHARES = ("comes_first", "regret", "stands")
_PERCENT = ("loss", "lost_at_end")
_SIGNED = ("difference", "behind")


def told(finding: Finding, value: float) -> str:
    """Return a value of a finding with its unit; differences carry a sign."""
    return _told(finding, value, sign=finding.number in _SIGNED)


def tolerance(finding: Finding) -> str:
    """Return the tolerance of a finding with its unit; en dash if it has none yet."""
    return "–" if finding.tolerance is None else _told(finding, finding.tolerance, sign=False)


def interval(finding: Finding) -> str:
    """Return the interval of a finding, an en dash if it has none."""
    if finding.low is None or finding.high is None:
        return "–"
    low, high = (told(finding, end) for end in (finding.low, finding.high))
    ends = f"{low.partition(NO_BREAK)[0]} to {high}"
    confidence = KINDS[finding.number].confidence
    return ends if confidence == USUAL else f"{ends} ({confidence}{NO_BREAK}%)"


def because(finding: Finding) -> str:
    """Say why the tolerance is as wide as it is."""
    return finding.because or FROM_INTERVAL


def _told(finding: Finding, value: float, *, sign: bool) -> str:
    kind = finding.number
    if kind in _OF_A_MEASURE:
        measure = str(finding.of["measure"])
        digits = decimals_of(measure, finding.tolerance or 0.0)
        share = "points" if kind == "difference" else "%"
        return amount(measure, value, digits, sign=sign, share=share)
    if kind in _SHARES:
        return f"{number(100 * value)}{NO_BREAK}%"
    if kind in _PERCENT:
        return f"{number(value, 1)}{NO_BREAK}%"
    if kind == "stands_from":
        return f"{value:.0f}"
    if kind == "half_back":
        return f"{number(value)}{NO_BREAK}quarters"
    return number(value, 3, sign=sign)
