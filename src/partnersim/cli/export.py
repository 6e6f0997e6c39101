"""The verb ``export``: results in formats of other programs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from partnersim.cli.folder_words import folder_and_settings
from partnersim.errors import InputError, nearest

if TYPE_CHECKING:
    from partnersim.runs.experiment_reader import StoredExperiment
    from partnersim.runs.sweep_reader import StoredSweep

TO = "--to"
FORMS = ("csv", "netcdf", "xlsx")
INCOMPLETE = 1


def help_text() -> str:
    """Return what ``partnersim export --help`` prints."""
    return (
        "partnersim export FOLDER --to csv|netcdf|xlsx writes the tables of a sweep or an\n"
        "experiment into FOLDER/export.\n"
        "\n"
        "  csv      one file per table\n"
        "  netcdf   one file: metrics over policy, future or climate, replicate and quarter\n"
        "           (needs: pip install 'partnersim[netcdf]')\n"
        "  xlsx     one workbook, one sheet per table (needs: pip install 'partnersim[xlsx]')\n"
        "\n"
        "Exit status: 0 if all was written, 1 if runs of a sweep are not there (the others are\n"
        "written), 2 if nothing can be."
    )


def main(words: Sequence[str]) -> int:
    """Write the tables in another format.

    Returns
    -------
    int
        0 if all was written, 1 if runs of a sweep are not there and the others were written.

    Raises
    ------
    InputError
        If the folder holds no results, or the format is not known.
    """
    form, rest = _form(list(words))
    folder, _ = folder_and_settings("export", rest, ())
    from partnersim.runs.experiment_reader import read_experiment
    from partnersim.runs.export import export
    from partnersim.runs.sweep_reader import is_sweep, read_sweep

    place = Path(folder)
    stored: StoredSweep | StoredExperiment
    if not is_sweep(place) and (place / "manifest.json").exists():
        stored, lacking = read_experiment(place), ""
    else:
        stored = read_sweep(place)
        lacking = stored.warning if stored.held.there else ""
    if lacking:
        print(lacking, file=sys.stderr, flush=True)
    for path in export(stored, form):
        print(path)
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
        told = f"{TO} {given}: unknown format{nearest(given, FORMS)}"
        raise InputError(f"{told} (formats: {', '.join(FORMS)})")
    raise InputError(f"export: name a format, {TO} {'|'.join(FORMS)}")
