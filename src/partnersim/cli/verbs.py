"""The verbs of the program: what its first word may say, and the words that may follow it."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import MappingProxyType, ModuleType

from partnersim.errors import nearest, refuse
from partnersim.shipped_folder import rows_of
from partnersim.user_path import user_path

#: Used when the first word is not a verb.
DEFAULT_VERB = "run"
#: Kinds of words that may follow a verb: ``KEY=VALUE``, paths, shipped experiments.
SETTINGS, PATHS, EXPERIMENTS = "KEY=VALUE", "PATH", "EXPERIMENT"
#: Options of verbs that run something: see what it would take; begin whatever it takes.
DRY_RUN, YES = "--dry-run", "--yes"
#: What follows an option.
CHOICES = {"--to": ("csv", "netcdf", "xlsx", "graphml")}


@dataclass(frozen=True)
class Verb:
    """A verb: its name, what it does in one line, and the words that may follow it.

    The module of the same name is imported only when the verb is used, so that help starts at
    once.
    """

    name: str
    summary: str
    words: tuple[str, ...] = ()

    def load(self) -> ModuleType:
        """Import the module of the verb; its ``main`` does it and returns the exit status."""
        return import_module(f"partnersim.cli.{self.name}")


#: All verbs, one row each in ``verbs.csv``.
VERBS = tuple(
    Verb(row["name"], row["summary"], tuple(row["words"].split()))
    for row in rows_of(Path(__file__).with_name("verbs.csv"))
)


def verb_named(name: str) -> Verb | None:
    """Return the verb of this name, None if there is none."""
    return next((verb for verb in VERBS if verb.name == name), None)


def is_path(word: str) -> bool:
    """Tell whether a word is a path, not an option or a setting.

    One that holds a = is a path if a slash stands before that, which no key holds, or if a file or
    folder of this name is there.
    """
    key, sign, _ = word.partition("=")
    if word.startswith("-"):
        return False
    return not sign or "/" in key or os.sep in key or os.path.exists(word)


def own_texts(words: Sequence[str], names: Collection[str]) -> tuple[dict[str, str], list[str]]:
    """Return the verb's own settings among its words, the last of each, and all other words."""
    given, rest = {}, []
    for word in words:
        name, sign, value = word.partition("=")
        if sign and name in names:
            given[name] = value
        else:
            rest.append(word)
    return given, rest


def own_numbers(
    words: Sequence[str], ranges: Mapping[str, tuple[int, int, int]]
) -> tuple[dict[str, int], list[str], list[str]]:
    """Return the whole numbers among a verb's own settings, all other words, and problems.

    Parameters
    ----------
    words : sequence of str
        What the user typed.
    ranges : mapping of str to tuple of int
        Default, lowest and highest value of each setting; a wrong one keeps its default.
    """
    given, rest = own_texts(words, ranges)
    numbers, problems = {}, []
    for name, (default, low, high) in ranges.items():
        value = given.get(name, str(default))
        try:
            number = int(value)
        except ValueError:
            number = low - 1
        numbers[name] = number if low <= number <= high else default
        if not low <= number <= high:
            problems.append(f"{name}={value}: must be a whole number from {low} to {high}")
    return numbers, rest, problems


def paths_and_own(
    words: Sequence[str], allowed: Mapping[str, str]
) -> tuple[list[Path], dict[str, str], list[str]]:
    """Return the paths among the words of a verb, its settings, and a line on each other word.

    Parameters
    ----------
    words : sequence of str
        What the user typed.
    allowed : mapping of str to str
        By setting what its value is, such as ``FOLDER``.
    """
    given, rest = own_texts(words, allowed)
    known = ", ".join(f"{name}={kind}" for name, kind in allowed.items())
    problems = [
        f"{name}=: needs a value, {name}={allowed[name]}"
        for name, value in given.items()
        if not value
    ]
    problems += [
        f"{word}: unknown {'option' if word.startswith('-') else 'setting'}"
        f"{nearest(word.partition('=')[0], allowed)} (allowed: {known})"
        for word in rest
        if not is_path(word)
    ]
    return [user_path(word) for word in rest if is_path(word)], given, problems


def folder_and_settings(
    verb: str, words: Sequence[str], allowed: Sequence[str]
) -> tuple[Path, list[str]]:
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
    problems = []
    if len(folders) != 1:
        given = f"{len(folders)} given" if folders else "none given"
        problems.append(f"{verb}: name one folder of results ({given})")
    elif user_path(folders[0]).is_file():
        problems.append(f"{folders[0]}: is a file; name the folder of the results")
    settings, foreign = sorted_out(
        verb, [word for word in words if word not in folders], allowed, allowed
    )
    refuse([*problems, *foreign])
    return user_path(folders[0]), settings


def sorted_out(
    verb: str,
    words: Sequence[str],
    groups: Sequence[str],
    names: Sequence[str],
    instead: Mapping[str, str] = MappingProxyType({}),
) -> tuple[list[str], list[str]]:
    """Return the words that mean something to a verb, and a line on each other one.

    Parameters
    ----------
    verb : str
        Its name.
    words : sequence of str
        What the user typed.
    groups : sequence of str
        Groups of settings, and options, that the verb takes.
    names : sequence of str
        All that a message names as allowed.
    instead : mapping of str to str
        What to say of settings, or groups of them, that are written otherwise here.
    """
    kept, problems = [], []
    for word in words:
        key = word.partition("=")[0]
        group = key.partition(".")[0]
        if group in groups and key not in instead:
            kept.append(word)
        elif other := instead.get(key) or instead.get(group):
            problems.append(f"{word}: {other}")
        elif not names:
            problems.append(f"{word}: {verb} takes no settings")
        else:
            kind = "option" if word.startswith("-") else "setting"
            known = f"{nearest(key, names)} ({', '.join(names)})"
            problems.append(f"{word}: {verb} takes no such {kind}{known}")
    return kept, problems


def lasting(words: Sequence[str]) -> Iterator[str]:
    """Yield the words that ask for the same anywhere: no places, no engine, no options."""
    for word in words:
        key, sign, value = word.partition("=")
        if key == "scenario":
            yield f"{key}={user_path(value).absolute()}"
        elif sign and key.partition(".")[0] not in ("output", "engine", "threads", "figures"):
            yield word
