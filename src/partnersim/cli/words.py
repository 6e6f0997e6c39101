"""Words of a verb that has a few settings of its own beside those of a scenario."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from partnersim.errors import InputError


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
