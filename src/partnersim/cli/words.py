"""Words of a verb that has a few settings of its own beside those of a scenario."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from partnersim.errors import InputError, nearest
from partnersim.user_path import user_path


def is_path(word: str) -> bool:
    """Tell whether a word is no setting and no option: a key holds no slash, a path may hold =."""
    key, sign, _ = word.partition("=")
    return not word.startswith("-") and (not sign or "/" in key or os.sep in key)


def own_numbers(
    words: Sequence[str], ranges: Mapping[str, tuple[int, int, int]]
) -> tuple[dict[str, int], list[str], list[str]]:
    """Take whole numbers of the verb's own out of its words.

    Parameters
    ----------
    words : sequence of str
        What the user typed.
    ranges : mapping of str to tuple of int
        Default, lowest and highest value of each setting.

    Returns
    -------
    numbers : dict of str to int
    rest : list of str
        All other words.
    problems : list of str
        One line each.
    """
    numbers = {name: default for name, (default, _, _) in ranges.items()}
    rest, problems = [], []
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or name not in ranges:
            rest.append(word)
            continue
        _, low, high = ranges[name]
        try:
            numbers[name] = int(value)
        except ValueError:
            numbers[name] = low - 1
        if not low <= numbers[name] <= high:
            problems.append(f"{word}: must be a whole number from {low} to {high}")
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
    paths, given, problems = [], {}, []
    for word in words:
        name, sign, value = word.partition("=")
        if sign and name in allowed:
            given[name] = value
            if not value:
                problems.append(f"{word}: needs a value, {name}={allowed[name]}")
        elif word.startswith("-") or (sign and not user_path(word).exists()):
            known = ", ".join(f"{own}={kind}" for own, kind in allowed.items())
            problems.append(f"{word}: unknown setting{nearest(name, allowed)} (allowed: {known})")
        else:
            paths.append(user_path(word))
    return paths, given, problems


def lasting(words: Sequence[str]) -> Iterator[str]:
    """Yield the words that ask for the same anywhere: no places, no engine, no options."""
    for word in words:
        key, sign, value = word.partition("=")
        if key == "scenario":
            yield f"{key}={user_path(value).absolute()}"
        elif sign and key.partition(".")[0] not in ("output", "engine", "threads", "figures"):
            yield word


def with_problems_of[Loaded](load: Callable[[], Loaded], problems: list[str]) -> Loaded:
    """Return what a function returns, or raise its problems together with earlier ones.

    Raises
    ------
    InputError
        All problems, each once.
    """
    try:
        loaded = load()
    except InputError as error:
        raise InputError(dict.fromkeys([*problems, *error.problems])) from None
    if problems:
        raise InputError(dict.fromkeys(problems))
    return loaded
