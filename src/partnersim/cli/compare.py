"""The verb ``compare``: two stored results beside each other."""

from __future__ import annotations

from collections.abc import Sequence

from partnersim.cli.words import paths_and_own
from partnersim.errors import refuse

_OUTPUT = "output"

#: What ``partnersim compare --help`` prints.
HELP = """\
partnersim compare A B [output=FOLDER] sets two stored results beside each other: what B
changes against A, run by run under the same luck, headline measures first, and which
settings differ.

A and B are folders of results, or the ones above if they hold only one. Both must have
been made with the same seed. Policies and climates of the same name are compared; where
each result has one other policy, or one climate, those two as well.

A difference is clear if its interval leaves out zero, negligible if all of it is within
2 % of what A comes to, and else not clear.

  partnersim compare results/main_calm results/main_fragmentation

Writes report.html and differences.csv to results/compare/A_B, named after the hashes."""


def main(words: Sequence[str]) -> int:
    """Compare, write and show.

    Raises
    ------
    InputError
        If there are not two folders of results, or they cannot be compared.
    """
    folders, given, problems = paths_and_own(words, {_OUTPUT: "FOLDER"})
    if len(folders) != 2:
        problems.append(f"compare: name two folders of results ({len(folders)} given)")
    refuse(problems)
    from partnersim.compare.two_results import two_results
    from partnersim.runs.folder import check_place
    from partnersim.runs.reader import read_runs
    from partnersim.show.two_results import details, sentence, write_two_results

    place = check_place(given.get(_OUTPUT, "results"))
    found = two_results(*(read_runs(folder) for folder in folders))
    print(f"{sentence(found)}.")
    for line in details(found):
        print(f"- {line}.")
    for path in write_two_results(found, place):
        print(f"Written: {path}")
    return 0
