"""Clocks that jump.

Tried: a sweep while the clock jumps by up to ten years, back and forth: every clock that the
program reads, or the clock of the machine as seen by a whole process

Held: manifest and every number of an undisturbed sweep, progress does not fail, no negative time
"""

from __future__ import annotations

import random
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from program import Trials, begun, call, ended
from small_results import SWEEP, folder_in, made, must_equal

pytestmark = pytest.mark.slow
#: Debian's libfaketime, which changes the clock of a whole process.
LIBRARY = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
JUMPS = (-3.2e8, -86_400.0, -3600.0, -1.0, -0.01, 0.0, 1e-9, 0.5, 60.0, 86_400.0, 3.2e8)


def jumping(draw: random.Random, clock: Callable[[], float]) -> Callable[[], float]:
    """Return a clock that jumps back and forth at every fourth look or so."""
    offset = [0.0]

    def now() -> float:
        if draw.random() < 0.25:
            offset[0] = draw.choice(JUMPS)
        return clock() + offset[0]

    return now


def test_clocks_that_jump(trials: Trials, tmp_path: Path) -> None:
    whole = made(tmp_path / "whole", SWEEP)
    output, stamp = tmp_path / "jumping", tmp_path / "clock"

    def trial(draw: random.Random) -> str:
        shutil.rmtree(output, ignore_errors=True)
        if LIBRARY.exists() and draw.random() < 0.25:
            kind = "clock of the machine, by libfaketime"
            stamp.write_text("+0")
            fake = {"LD_PRELOAD": str(LIBRARY), "FAKETIME_TIMESTAMP_FILE": str(stamp)}
            # No machine lets the time since it was started go back.
            fake |= {"FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
            process = begun(*SWEEP, f"output={output}", env=fake)
            while process.poll() is None:
                stamp.write_text(draw.choice(("-20y", "-1d", "-1h", "+0", "+1h", "+1d", "+20y")))
                time.sleep(draw.uniform(0.01, 0.3))
            answer = ended(process)
        else:
            kind = "all clocks of the program"
            with pytest.MonkeyPatch.context() as patch:
                for name in ("time", "monotonic", "perf_counter"):
                    patch.setattr(time, name, jumping(draw, getattr(time, name)))
                patch.setattr("partnersim.cli.screen.LINE_SECONDS", 0.01)
                answer = call(*SWEEP, f"output={output}")
        assert answer.status == 0, answer
        assert not re.search(r"-\d+ (s|min|h|d)\b", answer.out + answer.err), answer
        must_equal(folder_in(output), whole)
        return kind

    trials(trial, 2, 20)
