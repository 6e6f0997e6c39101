"""The verb ``export``: results in formats of other programs."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from partnersim.cli.streams import line, write
from partnersim.cli.verbs import CHOICES, folder_and_settings
from partnersim.errors import InputError, nearest

TO = "--to"
FORMS = CHOICES[TO]
INCOMPLETE = 1


def main(words: Sequence[str]) -> int:
    """Write the tables in another format.

    Returns
    -------
    int
        0 if all was written, 1 if runs are not there and the others were written.

    Raises
    ------
    InputError
        If the folder holds no results, or the format is not known.
    """
    form, rest = _form(list(words))
    folder, _ = folder_and_settings("export", rest, ())
    from partnersim.runs.export import export
    from partnersim.runs.reader import read_runs

    stored = read_runs(folder)
    lacking = stored.warning if stored.completeness.done else ""
    if lacking:
        write(sys.stderr, lacking)
    for path in export(stored, form):
        line(str(path))
    return INCOMPLETE if lacking else 0


def _form(words: list[str]) -> tuple[str, list[str]]:
    """Return the format and the other words; both ``--to csv`` and ``--to=csv`` are understood."""
    for place, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name != TO:
            continue
        rest = words[:place] + words[place + (1 if equals else 2) :]
        given = value if equals else "".join(words[place + 1 : place + 2])
        if given in FORMS:
            return given, rest
        raise InputError(
            f"{TO} {given}: unknown format{nearest(given, FORMS)} (formats: {', '.join(FORMS)})"
        )
    raise InputError(f"export: name a format, {TO} {'|'.join(FORMS)}")
