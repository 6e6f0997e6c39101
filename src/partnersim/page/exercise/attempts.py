"""How often somebody may try a code that is wrong."""

from __future__ import annotations

import time
from collections import deque

#: Wrong codes a minute, of one address and of all.
MOST_OF_ONE, MOST_OF_ALL = 12, 60
_SECONDS = 60.0


class Attempts:
    """Wrong codes of the last minute; while there are too many, no code counts."""

    def __init__(self) -> None:
        self._wrong: deque[tuple[float, str]] = deque()

    def too_many(self, address: str) -> bool:
        """Tell whether an address has to wait before its next attempt."""
        now = time.monotonic()
        while self._wrong and self._wrong[0][0] <= now - _SECONDS:
            self._wrong.popleft()
        of_one = sum(one == address for _, one in self._wrong)
        return of_one >= MOST_OF_ONE or len(self._wrong) >= MOST_OF_ALL

    def note(self, address: str) -> None:
        """Note a wrong code."""
        self._wrong.append((time.monotonic(), address))
