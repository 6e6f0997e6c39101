"""Write what the shipped experiments find: digests, values, tolerances and figures out of results.

Usage: ``python tools/write_experiments.py [NAME ...]``, after ``partnersim reproduce`` of these
names (of all if none is given). ``make experiments`` does everything at once. An experiment is left
as it is if its sentences are not true of the results: then the sentences need another look.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from partnersim.cli.reproduce import OUTPUT
from partnersim.errors import InputError, refuse
from partnersim.reproduction.experiments import (
    Expected,
    experiment_folders,
    named_folders,
    read_expected,
)
from partnersim.reproduction.findings import written
from partnersim.reproduction.numbers import Results, number_of
from partnersim.show.figures import draw_figures

HEADING = (
    "# Question and findings of an experiment. Digest, values and the tolerances that follow from\n"
    "# intervals are written by tools/write_experiments.py; the rest by hand.\n"
)


def main(words: Sequence[str]) -> int:
    """Write the named experiments, or all; return 1 if one had to be left as it is."""
    output = next((word[7:] for word in words if word.startswith("output=")), OUTPUT)
    names = [word for word in words if not word.startswith("output=")]
    status = 0
    for folder in named_folders(names) if names else experiment_folders().values():
        expected = read_expected(folder.expected)
        results = Results(Path(output).expanduser() / folder.name)
        try:
            write_expected(folder.expected, updated(results, expected))
            shutil.copyfile(draw_figures(results.folder, [expected.figure])[0], folder.figure)
        except InputError as error:
            status = 1
            for problem in error.problems:
                print(f"{folder.name}: {problem}", file=sys.stderr)
        else:
            print(f"{folder.name}: written")
    return status


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
            got = number_of(results, finding.number, finding.of, finding.than)
        except InputError as error:
            problems += [f"{finding.says}: {problem}" for problem in error.problems]
            continue
        low, high = got.interval
        if not finding.claim.holds(low, high):
            problems.append(
                f"{finding.says}: not true of {got.value:.6g} ({low:.6g} to {high:.6g})"
            )
        new = written(finding, got)
        if "tolerance" not in new and (finding.tolerance is None or not finding.because):
            problems.append(f"{finding.says}: needs a tolerance, and why (because)")
        findings.append(finding.model_copy(update=new))
    refuse(problems)
    return expected.model_copy(update={"digest": results.digest, "findings": tuple(findings)})


def write_expected(path: Path, expected: Expected) -> None:
    """Write what `read_expected` reads; the same content gives the same bytes."""
    tree = expected.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    content = yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=96)
    path.write_text(HEADING + content, "utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
