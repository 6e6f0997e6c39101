"""Killed sweeps.

Tried: `kill -9` of the program in the middle of a sweep of 48 runs: at any moment, while parts are
written, or at one of its writes (before or after a file is forced to disk or takes its name); some
sweeps twice. Then `partnersim resume`, or the same command again

Held: manifest and every number equal those of an undisturbed sweep, whole parts are kept, nothing
is left behind, no worker lives on
"""

from __future__ import annotations

import random
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from program import PROGRAM, ROOT, Trials, begun, ended, files, killed
from small_results import SWEEP, finished, folder_in, made, manifests, must_equal

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="needs Linux"),
]
MOMENTS = ("at any moment", "while parts are written", "at a write")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("whole"), SWEEP)


def parts(output: Path) -> set[Path]:
    return {path for path in output.rglob("part-*") if path.parent.name == "parts"}


def killed_at(draw: random.Random, output: Path, moment: str, words: list[str]) -> bool:
    """Start the program and kill it; tell whether it was still alive."""
    program = list(PROGRAM)
    if moment == "at a write":
        number, when = str(draw.randint(1, 90)), draw.choice(("before", "after"))
        program = [sys.executable, str(ROOT / "tests/reliability/dying.py"), number, when]
    process = begun(*words, program=program)
    deadline = time.monotonic() + (draw.uniform(1.0, 5.0) if moment == "at any moment" else 120)
    wanted = len(parts(output)) + draw.randint(1, 12)
    while process.poll() is None and time.monotonic() < deadline:
        if moment == "while parts are written" and len(parts(output)) >= wanted:
            break
        time.sleep(0.002)
    workers = children(process.pid)
    process.kill()
    process.wait()
    deadline = time.monotonic() + 20
    while any(map(lives, workers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    left = [worker for worker in workers if lives(worker)]
    killed(process)
    assert not left, "workers live on after the coordinator was killed"
    return ended(process).status == -signal.SIGKILL


def test_killed_sweeps_are_finished(trials: Trials, whole: Path, tmp_path: Path) -> None:
    output = tmp_path / "killed"

    def trial(draw: random.Random) -> str | None:
        shutil.rmtree(output, ignore_errors=True)
        output.mkdir()
        moment = draw.choice(MOMENTS)
        engine = "processes" if draw.random() < 0.15 and moment != "at a write" else "threads"
        words = [*SWEEP, f"output={output}", f"engine={engine}"]
        if draw.random() < 0.2:
            killed_at(draw, output, "while parts are written", words)
        died = killed_at(draw, output, moment, words)
        kept = {path: files(path) for path in parts(output)}
        answer = finished(output)
        assert answer.status == 0, answer
        must_equal(folder_in(output), whole)
        lost = [path.name for path, content in kept.items() if files(path) != content]
        assert not lost, "parts that were whole were lost"
        return moment if died else None

    trials(trial, 3, 100)
    assert list(manifests(output))


def children(parent: int) -> list[int]:
    """Return the processes that a process started."""
    try:
        tasks = list(Path(f"/proc/{parent}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []


def lives(process: int) -> bool:
    """Tell whether a process is still at work."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
