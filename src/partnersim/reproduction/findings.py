"""What an experiment is expected to find, beside what came out now."""

from __future__ import annotations

import math
from dataclasses import dataclass

from partnersim.compare.labels import number, with_unit
from partnersim.compare.words import amount, decimals_of
from partnersim.errors import InputError
from partnersim.reproduction.experiments import Expected, Finding
from partnersim.reproduction.numbers import KINDS, Number, Results, number_of

#: Two independent means with equal errors differ by the root of two times the error of one.
_TWO_MEANS = math.sqrt(2.0)
_DIGITS = 6
_ROUNDING = 1e-4
#: How numbers of a unit are written: what they are multiplied with, digits, unit as printed.
_UNITS = {
    "share": (100, 0, "%"),
    "percent": (1, 1, "%"),
    "quarters": (1, 0, "quarters"),
    "": (1, 3, ""),
}


@dataclass(frozen=True)
class Verdict:
    """A finding beside what came out now.

    Attributes
    ----------
    finding : Finding
        What is expected.
    got : Number or None
        What came out; None if the results do not hold the number.
    problem : str
        Why it does not hold; empty if it does.
    """

    finding: Finding
    got: Number | None
    problem: str

    @property
    def line(self) -> str:
        """The verdict in one line."""
        finding = self.finding
        if self.got is None or finding.value is None or finding.tolerance is None:
            return f"DOES NOT HOLD  {finding.says} ({self.problem})"
        numbers = (
            f"expected {value_in_words(finding, finding.value)}, got "
            f"{value_in_words(finding, self.got.value)}, tolerance {tolerance_in_words(finding)}"
        )
        if self.problem:
            return f"DOES NOT HOLD  {finding.says} ({numbers}: {self.problem})"
        return f"holds          {finding.says} ({numbers})"


def verdicts(results: Results, expected: Expected) -> list[Verdict]:
    """Check every finding of an experiment against results.

    A finding holds if its number lies within the tolerance of what is expected and its sentence
    is still true of the number, or of its whole interval. Of the very results that are expected the
    number must be the very same.
    """
    same = results.digest == expected.digest
    return [_verdict(results, finding, same=same) for finding in expected.findings]


def _verdict(results: Results, finding: Finding, *, same: bool) -> Verdict:
    """Check one finding."""
    try:
        got = number_of(results, finding.number, finding.of, finding.than)
    except InputError as error:
        return Verdict(finding, None, "; ".join(error.problems))
    if finding.value is None or finding.tolerance is None:
        return Verdict(finding, got, "no value is expected yet")
    # What is expected is written down with so many digits.
    if abs(_short(got.value) - finding.value) > finding.tolerance:
        return Verdict(finding, got, "too far off")
    if not finding.claim.holds(*got.interval):
        return Verdict(finding, got, "the sentence is no longer true")
    if same and not _is_written(finding, written(finding, got)):
        return Verdict(finding, got, "the results are those expected, but what is written is not")
    return Verdict(finding, got, "")


def written(finding: Finding, got: Number) -> dict[str, float | None]:
    """Return what is to be written of a number: value, interval, and the tolerance out of it."""
    low, high = got.interval
    new: dict[str, float | None] = {"value": _short(got.value), "low": None, "high": None}
    if low < high:
        new |= {"low": _short(low), "high": _short(high)}
        if KINDS[finding.number].of_luck:
            new["tolerance"] = _short(_TWO_MEANS * max(high - got.value, got.value - low))
    return new


def _is_written(finding: Finding, new: dict[str, float | None]) -> bool:
    """Say whether a finding holds these numbers, but for rounding."""
    return all(
        written is value
        if written is None or value is None
        else math.isclose(written, value, rel_tol=_ROUNDING)
        for written, value in ((getattr(finding, key), value) for key, value in new.items())
    )


def _short(value: float) -> float:
    """Return a number with six digits, as it is written down."""
    return float(f"{value:.{_DIGITS}g}")


def value_in_words(finding: Finding, value: float) -> str:
    """Return a value of a finding with its unit; differences carry a sign."""
    return _in_words(finding, value, sign=KINDS[finding.number].signed or bool(finding.than))


def tolerance_in_words(finding: Finding) -> str:
    """Return the tolerance of a finding with its unit; en dash if it has none yet."""
    return "–" if finding.tolerance is None else _in_words(finding, finding.tolerance, sign=False)


def _in_words(finding: Finding, value: float, *, sign: bool) -> str:
    kind = KINDS[finding.number]
    points = "points" if finding.than or finding.number == "difference" else "%"
    if kind.unit == "measure":
        measure = str(finding.of["measure"])
        digits = decimals_of(measure, finding.tolerance or 0.0)
        return amount(measure, value, digits, sign=sign, share=points)
    if kind.unit == "year":
        return f"{value:.0f}"
    scale, digits, unit = _UNITS[kind.unit]
    text = number(scale * value, digits, sign=sign)
    return with_unit(text, points if unit == "%" else unit)
