"""The one error that users cause: input that cannot be used, shown as one line per problem."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from functools import lru_cache

#: Whoever gave a very long value knows it; its beginning tells which one is meant.
_LONGEST_LINE = 2000
#: A longer name is not compared with others to its end.
_LONGEST_NAME = 100
#: How much alike two names must be at least for one to be meant by the other, 0..1.
_ALIKE = 0.5


class InputError(ValueError):
    """Input that cannot be used.

    Parameters
    ----------
    problems : iterable of str or str
        One line per problem: which key or file and row, what was given, what is allowed.

    Attributes
    ----------
    problems : tuple of str
        The lines, in the order found.
    """

    def __init__(self, problems: str | Iterable[str]) -> None:
        self.problems = (problems,) if isinstance(problems, str) else tuple(problems)
        super().__init__("\n".join(self.problems))


def refuse(problems: Iterable[str]) -> None:
    """Raise problems together, if there are any.

    Raises
    ------
    InputError
        One line per problem.
    """
    if found := tuple(problems):
        raise InputError(found)


def read_each[Given, Found](items: Iterable[Given], read: Callable[[Given], Found]) -> list[Found]:
    """Return what each of several items means.

    Raises
    ------
    InputError
        All that is wrong with them, each problem once.
    """
    found: list[Found] = []
    problems: list[str] = []
    for item in items:
        try:
            found.append(read(item))
        except InputError as error:
            problems.extend(error.problems)
    refuse(dict.fromkeys(problems))
    return found


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
    refuse(dict.fromkeys(problems))
    return loaded


def one_line(problem: str) -> str:
    """Return a problem as one line that a terminal can show, whatever a user's value holds.

    Control characters, and those that turn the writing direction, become question marks.
    """
    line = "".join(c if c.isprintable() else "?" for c in " ".join(problem.split()))
    return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 3]}..."


def separator_problem(columns: Sequence[str]) -> str:
    """Return what is wrong with a table if nothing but its separator is; else nothing.

    Parameters
    ----------
    columns : sequence of str
        Its column names as they were read, by commas.
    """
    for mark, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(columns) == 1 and mark in columns[0]:
            return (
                f"columns are separated by {name}, not by commas: save it as CSV with commas, and"
                " with points in numbers"
            )
    return ""


def nearest(name: object, allowed: Iterable[object]) -> str:
    """Return ``", did you mean 'x'?"`` for the closest allowed name, or an empty string.

    Parameters
    ----------
    name : object
        What was given; of a long text the beginning is looked at.
    allowed : iterable of object
    """
    return _nearest(str(name)[:_LONGEST_NAME], tuple(map(str, allowed)))


@lru_cache(maxsize=4096)
def _nearest(name: str, allowed: tuple[str, ...]) -> str:
    by_folded = {item.casefold(): item for item in allowed}
    close = get_close_matches(name.casefold(), by_folded, n=1, cutoff=_ALIKE)
    return f", did you mean '{by_folded[close[0]]}'?" if close else ""
