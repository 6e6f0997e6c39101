"""The words of verbs that work on a folder of results: ``VERB FOLDER [KEY=VALUE ...]``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from partnersim.cli.words import is_path
from partnersim.errors import InputError, nearest
from partnersim.user_path import user_path


def folder_and_settings(
    verb: str, words: Sequence[str], allowed: Sequence[str]
) -> tuple[str, list[str]]:
    """Return the folder and the settings among the words of a verb.

    Parameters
    ----------
    verb : str
        Its name, for messages.
    words : sequence of str
        The words behind it.
    allowed : sequence of str
        Settings and options, or groups of settings, that the verb takes.

    Raises
    ------
    InputError
        If there is not one folder, it cannot be the name of one, or another setting.
    """
    folders = [word for word in words if is_path(word)]
    settings = [word for word in words if word not in folders]
    problems = []
    if len(folders) != 1:
        given = f"{len(folders)} given" if folders else "none given"
        problems.append(f"{verb}: name one folder of results ({given})")
    elif Path(folders[0]).expanduser().is_file():
        problems.append(f"{folders[0]}: is a file; name the folder of the results")
    for word in settings:
        key = word.partition("=")[0]
        if not allowed:
            problems.append(f"{word}: {verb} takes no settings")
        elif key.partition(".")[0] not in allowed:
            known = ", ".join(allowed)
            problems.append(
                f"{word}: {verb} takes no such setting{nearest(key, allowed)} ({known})"
            )
    if problems:
        raise InputError(problems)
    return str(user_path(folders[0])), settings
