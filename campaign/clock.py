"""Clocks that jump while a sweep runs."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

from campaign import small_sweep
from campaign.program import begun, call, ended, environment
from campaign.trials import Part, Seen, Trial, drawn, must
from partnersim.cli import screen
from partnersim.runs.sweep_reader import StoredSweep, read_sweep

#: Debian's libfaketime, which changes the clock of a whole process.
_LIBRARY = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
#: Where a clock may jump to, from now.
_JUMPS = (-3.2e8, -86_400.0, -3600.0, -1.0, -0.01, 0.0, 1e-9, 0.5, 60.0, 86_400.0, 3.2e8)
_TOLD = ("-20y", "-1d", "-1h", "+0", "+1h", "+1d", "+20y")


def _jumping(draw: random.Random, clock: Callable[[], float]) -> Callable[[], float]:
    """Return a clock that jumps back and forth at every fourth look or so."""
    offset = [0.0]

    def now() -> float:
        if draw.random() < 0.25:
            offset[0] = draw.choice(_JUMPS)
        return clock() + offset[0]

    return now


class _Clock:
    """Does the trials beside the undisturbed sweep."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder, self._seed = folder, seed
        self._sweep: StoredSweep = small_sweep.undisturbed(folder / "undisturbed")

    def trial(self, number: int) -> Seen:
        draw = drawn("clock", self._seed, number)
        output = self._folder / f"trial-{number}"
        output.mkdir()
        try:
            if number % 4 == 0 and _LIBRARY.exists():
                case, told = (
                    "clock of the machine, by libfaketime",
                    self._of_the_machine(draw, output),
                )
            else:
                case, told = "all clocks of the program", self._of_the_program(draw, output)
            small_sweep.must_equal(read_sweep(output / "robustness"), self._sweep)
            must("-" not in _times(told), f"a negative time: {told}")
        finally:
            shutil.rmtree(output, ignore_errors=True)
        return Seen(case)

    def _of_the_program(self, draw: random.Random, output: Path) -> str:
        """Let every clock that the program reads jump, even those that never go back."""
        names = ("time", "monotonic", "perf_counter")
        with ExitStack() as patches:
            for name in names:
                jumping = _jumping(draw, getattr(time, name))
                patches.enter_context(patch.object(time, name, jumping))
            patches.enter_context(patch.object(screen, "LINE_SECONDS", 0.01))
            answer = call([*small_sweep.WORDS, f"output={output}"])
        must(answer.status == 0, answer.err)
        return answer.out + answer.err

    def _of_the_machine(self, draw: random.Random, output: Path) -> str:
        """Set the clock of the machine, as a user or a time server does, while it runs."""
        stamp = output / "clock"
        stamp.write_text(draw.choice(_TOLD))
        more = environment(
            LD_PRELOAD=str(_LIBRARY),
            FAKETIME_TIMESTAMP_FILE=str(stamp),
            FAKETIME_NO_CACHE="1",
            # No machine lets the time since it was started go back.
            FAKETIME_DONT_FAKE_MONOTONIC="1",
        )
        process = begun([*small_sweep.WORDS, f"output={output}"], env=more)
        while process.poll() is None:
            stamp.write_text(draw.choice(_TOLD))
            time.sleep(draw.uniform(0.01, 0.3))
        answer = ended(process)
        must(answer.status == 0, answer.err)
        return answer.out + answer.err


def _times(told: str) -> str:
    """Return what lines about progress and the end say of times."""
    lines = [line for line in told.splitlines() if " left" in line or " after " in line]
    return " ".join(line.rpartition("after")[2] if "after" in line else line for line in lines)


@contextmanager
def opened(folder: Path, seed: int) -> Iterator[Trial]:
    """Make the sweep under a clock that does not jump."""
    yield _Clock(folder, seed).trial


PART = Part(
    name="clock",
    title="Clocks that jump",
    tried=(
        "a sweep while the clock jumps by up to ten years, back and forth: every clock that the"
        " program reads, or the clock of the machine as seen by a whole process"
    ),
    held="digest and every table of an undisturbed sweep, progress does not fail, no negative time",
    trials=20,
    opened=opened,
)
