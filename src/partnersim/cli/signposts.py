"""The verb ``signposts``: which early sign tells to change the policy, and what that is worth."""

from __future__ import annotations

from collections.abc import Sequence

from partnersim.cli.verbs import folder_and_settings
from partnersim.errors import refuse

_SETTINGS = ("stay", "take", "metric")


def main(words: Sequence[str]) -> int:
    """Find the signs, write and show them.

    Raises
    ------
    InputError
        If anything is wrong with the words, or the folder holds too little.
    """
    folder, settings = folder_and_settings("signposts", words, _SETTINGS)
    from partnersim.cli.screen import Screen
    from partnersim.compare.signposts import asked_problems
    from partnersim.runs.reader import read_runs
    from partnersim.show.signposts import signposts_of, write_signposts

    runs = read_runs(folder)
    asked = dict(word.split("=", 1) for word in settings)
    refuse(asked_problems(runs.layout, asked))
    found = signposts_of(runs, asked.get("stay"), asked.get("take"), asked.get("metric"))
    screen = Screen()
    screen.answer(found.sentence, found.details)
    for path in write_signposts(found):
        screen.line(f"Written: {path}")
    return 0
