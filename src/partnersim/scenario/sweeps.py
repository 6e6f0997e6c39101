"""Sweeps: several values in one word stand for several jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice, product
from typing import Any

from partnersim.errors import InputError
from partnersim.scenario.config_files import GROUPS, options
from partnersim.scenario.request import PATH_KEYS
from partnersim.scenario.words import refusal

#: Jobs of one multirun; more than that is a design, not a sweep.
LARGEST_SWEEP = 500

#: Parses a word into an override of Hydra's grammar.
Parse = Callable[[str], Any]


def _alternatives(token: str, parse: Parse) -> list[str]:
    """Return the words that a sweep stands for; a word without a sweep stands for itself."""
    key = token.partition("=")[0]
    if refusal(token) is not None or key in PATH_KEYS:
        return [token]
    try:
        override = parse(token)
    except InputError:
        return [token]
    if not override.is_sweep_override():
        return [token]
    if override.is_interval_sweep():
        raise InputError(f"{token}: an interval has no end of values; write range() or a list")
    value: Any = override.value()
    if hasattr(value, "filter"):
        if key not in GROUPS:
            raise InputError(f"{token}: glob() chooses among options of {', '.join(GROUPS)}")
        found = value.filter(list(options(key)))
        if not found:
            raise InputError(f"{token}: no option fits (options: {', '.join(options(key))})")
        return [f"{key}={option}" for option in found]
    values = list(islice(override.sweep_string_iterator(), LARGEST_SWEEP + 1))
    if not values:
        raise InputError(f"{token}: an empty range")
    return [f"{key}={value}" for value in values]


def jobs(
    overrides: Sequence[str], parse: Parse, check: Callable[[Sequence[str]], object]
) -> Iterator[tuple[list[tuple[str, str]], list[str]]]:
    """Return the swept keys with values, and all words, of every job.

    Parameters
    ----------
    overrides : sequence of str
        Words, some of which may be sweeps.
    parse : callable
        Hydra's grammar: turns a word into an override or raises `InputError`.
    check : callable
        Raises `InputError` for words without sweeps that are wrong.

    Raises
    ------
    InputError
        If a sweep cannot be expanded, or there are too many jobs.
    """
    problems: list[str] = []
    expanded: list[list[str]] = []
    for token in overrides:
        try:
            expanded.append(_alternatives(token, parse))
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        # What is wrong with the other words is told as well.
        try:
            check([words[0] for words in expanded])
        except InputError as error:
            problems.extend(error.problems)
        raise InputError(problems)
    count = 1
    for words in expanded:
        count *= len(words)
    if count > LARGEST_SWEEP:
        raise InputError(f"-m: more than {LARGEST_SWEEP} combinations")
    for job in product(*expanded):
        swept = [
            (word.partition("=")[0], word.partition("=")[2])
            for word, words in zip(job, expanded, strict=True)
            if len(words) > 1
        ]
        yield swept, list(job)
