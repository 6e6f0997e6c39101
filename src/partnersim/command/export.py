"""The verb ``export``: results in formats of other programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from partnersim.command.folder_words import folder_and_settings
from partnersim.errors import InputError, nearest

TO = "--to"
FORMS = ("csv", "netcdf", "xlsx")


def help_text() -> str:
    """Return what ``partnersim export --help`` prints."""
    return (
        "partnersim export FOLDER --to csv|netcdf|xlsx writes the tables of a sweep or an\n"
        "experiment into FOLDER/export.\n"
        "\n"
        "  csv      one file per table\n"
        "  netcdf   one file: metrics over policy, future or climate, replicate and quarter\n"
        "           (needs: pip install 'partnersim[netcdf]')\n"
        "  xlsx     one workbook, one sheet per table (needs: pip install 'partnersim[xlsx]')"
    )


def main(words: Sequence[str]) -> int:
    """Write the tables in another format.

    Raises
    ------
    InputError
        If the folder holds no results, or the format is not known.
    """
    form, rest = _form(list(words))
    folder, _ = folder_and_settings("export", rest, ())
    from partnersim.store import is_sweep, read_experiment, read_sweep
    from partnersim.store.export import export

    place = Path(folder).expanduser()
    sweep = is_sweep(place) or not (place / "manifest.json").exists()
    for path in export(read_sweep(place) if sweep else read_experiment(place), form):
        print(path)
    return 0


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
