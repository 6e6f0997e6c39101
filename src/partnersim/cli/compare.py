"""The verb ``compare``: two stored results beside each other."""

from __future__ import annotations

from collections.abc import Sequence

from partnersim.cli.verbs import paths_and_own
from partnersim.errors import refuse


def main(words: Sequence[str]) -> int:
    """Compare, write and show.

    Raises
    ------
    InputError
        If there are not two folders of results, or they cannot be compared.
    """
    folders, given, problems = paths_and_own(words, {"output": "FOLDER"})
    if len(folders) != 2:
        problems.append(f"compare: name two folders of results ({len(folders)} given)")
    refuse(problems)
    from partnersim.cli.screen import Screen
    from partnersim.compare.two_results import two_results
    from partnersim.runs.folder import check_place
    from partnersim.runs.reader import read_runs
    from partnersim.show.two_results import details, sentence, write_two_results

    place = check_place(given.get("output", "results"))
    found = two_results(*(read_runs(folder) for folder in folders))
    screen = Screen()
    screen.answer(sentence(found), details(found))
    for path in write_two_results(found, place):
        screen.line(f"Written: {path}")
    return 0
