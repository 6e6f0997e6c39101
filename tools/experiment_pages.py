"""Pages about the shipped experiments: the README of each, and all on one."""

from __future__ import annotations

from collections.abc import Iterable

from doc_tables import table
from partnersim.compare.labels import NO_BREAK
from partnersim.reproduction.experiments import Expected, ExperimentFolder, Finding, read_expected
from partnersim.reproduction.findings import tolerance_in_words, value_in_words
from partnersim.reproduction.numbers import KINDS

#: Confidence of an interval that says nothing else, in percent.
USUAL = 95
_HEADER = ("finding", "value", "95 % interval", "tolerance", "why so much")
#: How a tolerance follows from an interval.
_TOLERANCE = (
    "A tolerance “from the interval” is 1.4 times half of it: two repetitions with other luck, and "
    "other futures where these are sampled, lie farther apart in at most one case of twenty."
)


def readme(folder: ExperimentFolder) -> str:
    """Return the README of an experiment."""
    expected = read_expected(folder.expected)
    return (
        f"<!-- Written by tools/write_docs.py out of {folder.expected.name}; do not edit. -->\n"
        f"# {expected.question}\n\n"
        f"**{expected.answer}**\n\n"
        f"![{expected.question}]({folder.figure.name})\n\n"
        f"{expected.about}\n\n"
        f"{findings_table(expected)}\n"
        f"{_TOLERANCE}\n\n"
        "Run it again and check it:\n\n"
        f"```sh\npartnersim reproduce {folder.name}\n```\n\n"
        "Larger:\n\n"
        f"```sh\n{expected.larger}\n```\n\n"
        f"All settings are in [{folder.configuration.name}]({folder.configuration.name}), question"
        f" and findings as data in [{folder.expected.name}]({folder.expected.name}). Digest of the"
        f" results: `{expected.digest}`.\n"
    )


def findings_table(expected: Expected) -> str:
    """Return the findings with their numbers."""
    rows = [
        (
            finding.says,
            "–" if finding.value is None else value_in_words(finding, finding.value),
            interval_in_words(finding),
            tolerance_in_words(finding),
            reason_in_words(finding),
        )
        for finding in expected.findings
    ]
    return table(_HEADER, rows)


def overview(folders: Iterable[ExperimentFolder], up: str) -> str:
    """Return all experiments with question, answer and figure.

    Parameters
    ----------
    folders : iterable of ExperimentFolder
    up : str
        The way to the folder of all experiments from where the text will stand.
    """
    parts = []
    for folder in folders:
        expected = read_expected(folder.expected)
        place = f"{up}/{folder.name}"
        parts.append(
            f"## {expected.question}\n\n"
            f"{expected.answer} ([{folder.name}]({place}/{folder.readme.name}))\n\n"
            f"![{expected.question}]({place}/{folder.figure.name})\n"
        )
    return "\n".join(parts)


def interval_in_words(finding: Finding) -> str:
    """Return the interval of a finding, an en dash if it has none."""
    if finding.low is None or finding.high is None:
        return "–"
    low, high = (value_in_words(finding, end) for end in (finding.low, finding.high))
    ends = f"{low.partition(NO_BREAK)[0]} to {high}"
    confidence = KINDS[finding.number].confidence
    return ends if confidence == USUAL else f"{ends} ({confidence}{NO_BREAK}%)"


def reason_in_words(finding: Finding) -> str:
    """Say why the tolerance is as wide as it is."""
    return finding.because or "from the interval"
