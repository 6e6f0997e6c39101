"""A program that kills itself, as ``kill -9`` would, at one of its writes: ``-m`` of a trial.

    python -m campaign.self_killing NUMBER before|after WORDS ...

Counted are the calls that force a file to disk and those that let it take its name.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any


def killing(function: Callable[..., Any], countdown: list[int], before: bool) -> Callable[..., Any]:
    """Return a function that does the same, and kills the process when the countdown ends."""
    lock = threading.Lock()

    def call(*given: Any, **named: Any) -> Any:
        with lock:
            countdown[0] -= 1
            now = countdown[0] == 0
        if now and before:
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*given, **named)
        if now:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return call


def arm(number: int, moment: str) -> None:
    """Let this process kill itself ``before`` or ``after`` the write of a number."""
    countdown = [number]
    os.replace = killing(os.replace, countdown, moment == "before")
    os.fsync = killing(os.fsync, countdown, moment == "before")


def main() -> int:
    """Run the program until the write of a number."""
    number, moment, *words = sys.argv[1:]
    arm(int(number), moment)
    from partnersim.cli.program import main as program

    return program(words)


if __name__ == "__main__":
    sys.exit(main())
