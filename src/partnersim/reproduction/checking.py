"""Comparing results with what an experiment is expected to find."""

from __future__ import annotations

import math
from dataclasses import dataclass

from partnersim.errors import InputError
from partnersim.reproduction.expected import Expected, Finding
from partnersim.reproduction.numbers import KINDS, Number, number_of
from partnersim.reproduction.results import Results
from partnersim.reproduction.wording import told, tolerance

#: Two independent means with equal errors differ by the root of two times the error of one.
_TWO_MEANS = math.sqrt(2.0)
_DIGITS = 6


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
            f"expected {told(finding, finding.value)}, got {told(finding, self.got.value)},"
            f" tolerance {tolerance(finding)}"
        )
        if self.problem:
            return f"DOES NOT HOLD  {finding.says} ({numbers}: {self.problem})"
        return f"holds          {finding.says} ({numbers})"


def verdicts(results: Results, expected: Expected) -> list[Verdict]:
    """Check every finding of an experiment against results.

    A finding holds if its number lies within the tolerance of what is expected and its sentence
    is still true of the number, or of its whole interval.
    """
    return [verdict(results, finding) for finding in expected.findings]


def verdict(results: Results, finding: Finding) -> Verdict:
    """Check one finding."""
    try:
        got = number_of(results, finding.number, finding.of)
    except InputError as error:
        return Verdict(finding, None, "; ".join(error.problems))
    if finding.value is None or finding.tolerance is None:
        return Verdict(finding, got, "no value is expected yet")
    if abs(got.value - finding.value) > finding.tolerance:
        return Verdict(finding, got, "too far off")
    if not finding.claim.holds(*got.interval):
        return Verdict(finding, got, "the sentence is no longer true")
    return Verdict(finding, got, "")


def updated(results: Results, expected: Expected) -> Expected:
    """Return an experiment with digest and values taken from results.

    Raises
    ------
    InputError
        One line per finding whose number is missing, whose sentence is not true of it, or that has
        neither interval nor tolerance.
    """
    problems: list[str] = []
    findings = []
    for finding in expected.findings:
        try:
            got = number_of(results, finding.number, finding.of)
        except InputError as error:
            problems += [f"{finding.says}: {problem}" for problem in error.problems]
            continue
        low, high = got.interval
        if not finding.claim.holds(low, high):
            problems.append(
                f"{finding.says}: not true of {got.value:.6g} ({low:.6g} to {high:.6g})"
            )
        new: dict[str, float | None] = {"value": short(got.value), "low": None, "high": None}
        if low < high:
            new |= {"low": short(low), "high": short(high)}
        if low < high and KINDS[finding.number].of_luck:
            half = max(high - got.value, got.value - low)
            new["tolerance"] = short(_TWO_MEANS * half)
        elif finding.tolerance is None or not finding.because:
            problems.append(f"{finding.says}: needs a tolerance, and why (because)")
        findings.append(finding.model_copy(update=new))
    if problems:
        raise InputError(problems)
    return expected.model_copy(update={"digest": results.digest, "findings": tuple(findings)})


def short(value: float) -> float:
    """Return a number with six digits, as it is written down."""
    return float(f"{value:.{_DIGITS}g}")
