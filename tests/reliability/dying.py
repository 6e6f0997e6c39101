"""The program, which kills itself as ``kill -9`` would at one of its writes.

``python dying.py NUMBER before|after WORDS ...``. Counted are the calls that force a file to disk
and those that let it take its name.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

_lock = threading.Lock()
_left = [int(sys.argv[1])]


def dying(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that does the same, and ends the process at the chosen write."""

    def call(*given: Any, **named: Any) -> Any:
        with _lock:
            _left[0] -= 1
            now = _left[0] == 0
        if not (now and sys.argv[2] == "before"):
            result = function(*given, **named)
        if now:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return call


if __name__ == "__main__":
    os.replace, os.fsync = dying(os.replace), dying(os.fsync)  # type: ignore[assignment]
    from partnersim.cli.program import main

    sys.exit(main(sys.argv[3:]))
