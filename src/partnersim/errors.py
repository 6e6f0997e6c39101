"""The one error that users cause: input that cannot be used, told in one line per problem."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


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


def nearest(name: object, allowed: Iterable[object]) -> str:
    """Return ``", did you mean 'x'?"`` for the closest allowed name, or an empty string."""
    by_folded = {str(item).casefold(): str(item) for item in allowed}
    close = get_close_matches(str(name).casefold(), by_folded, n=1, cutoff=0.5)
    return f", did you mean '{by_folded[close[0]]}'?" if close else ""
