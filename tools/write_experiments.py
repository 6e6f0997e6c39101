"""Write what the shipped experiments find: digests, values, tolerances and figures out of results.

Usage: ``python tools/write_experiments.py [NAME ...]``, after ``partnersim reproduce`` of these
names (of all if none is given). ``make experiments`` does everything at once. An experiment is left
as it is if its sentences are not true of the results: then the sentences need another look.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

from partnersim.cli.reproduce import OUTPUT, results_of
from partnersim.errors import InputError
from partnersim.reproduction.experiments import (
    experiment_folders,
    named_folders,
    read_expected,
    write_expected,
)
from partnersim.reproduction.findings import updated
from partnersim.reproduction.numbers import Results
from partnersim.show.figures import draw_figures


def main(words: Sequence[str]) -> int:
    """Write the named experiments, or all; return 1 if one had to be left as it is."""
    output = next((word[7:] for word in words if word.startswith("output=")), OUTPUT)
    names = [word for word in words if not word.startswith("output=")]
    status = 0
    for folder in named_folders(names) if names else experiment_folders().values():
        expected = read_expected(folder.expected)
        results = Results(results_of(folder, output))
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
