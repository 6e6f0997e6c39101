"""Two at once in one folder.

Tried: the same sweep or experiment begun by two or three processes at once or shortly after each
other, in one folder; or begun again after `kill -9`

Held: at least one does it, any other does it as well or is told in one line; manifest and numbers
are those of a program alone, nothing is left behind; a killed one does not block
"""

from __future__ import annotations

import random
import re
import shutil
import time
from pathlib import Path

import pytest

from program import DONE, Trials, begun, ended, killed, must_not_crash
from small_results import EXPERIMENT, SWEEP, folder_in, made, must_equal

pytestmark = pytest.mark.slow


def test_two_at_once(trials: Trials, tmp_path: Path) -> None:
    alone = {words: made(tmp_path / str(len(words)), words) for words in (SWEEP, EXPERIMENT)}
    output = tmp_path / "together"

    def trial(draw: random.Random) -> str:
        shutil.rmtree(output, ignore_errors=True)
        output.mkdir()
        words = draw.choice((SWEEP, SWEEP, EXPERIMENT))
        first = begun(*words, f"output={output}")
        if is_killed := draw.random() < 0.3:
            time.sleep(draw.uniform(1.0, 4.0))
            killed(first)
            ended(first)
        else:
            time.sleep(draw.choice((0.0, draw.uniform(0.0, 0.2), draw.uniform(1.0, 4.0))))
        others = [begun(*words, f"output={output}") for _ in range(draw.choice((1, 1, 2)))]
        answers = [ended(process) for process in [*([] if is_killed else [first]), *others]]
        for answer in answers:
            must_not_crash(answer)
            told = re.match("error: .*another program", answer.last)
            assert answer.status == DONE or told, answer
        assert any(answer.status == DONE for answer in answers)
        must_equal(folder_in(output), alone[words])
        kind = "sweeps" if words == SWEEP else "experiments"
        if is_killed:
            return f"{kind}, one killed, and others after it"
        refused = any(answer.status != DONE for answer in answers)
        return f"{kind}, one told to wait" if refused else f"{kind}, one after the other"

    trials(trial, 2, 24)
