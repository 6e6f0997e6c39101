"""Lines that tell how far long work is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import monotonic

#: Seconds of silence.
_PAUSE = 5.0


class Progress:
    """Tells how far something is, now and then.

    Parameters
    ----------
    tell : callable, optional
        Called with every line of text. If left out, standard error gets a line every five seconds:
        what takes less says nothing.
    """

    def __init__(self, tell: Callable[[str], object] | None = None) -> None:
        self._tell = tell
        self._said = monotonic()

    def step(self, line: str) -> None:
        """Tell a step that has been made."""
        if self._tell is None:
            self.within(line)
        else:
            self._tell(line)

    def within(self, line: str) -> None:
        """Tell how far a long step is, at most every five seconds."""
        if monotonic() - self._said < _PAUSE:
            return
        self._said = monotonic()
        if self._tell is not None:
            self._tell(line)
        elif sys.stderr is not None:
            print(line, file=sys.stderr, flush=True)
