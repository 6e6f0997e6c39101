"""Sweeps are killed at random moments, and finished."""

from __future__ import annotations

import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from campaign.forked import forked
from campaign.program import begun, call, ended, killed, must_not_crash
from campaign.small_sweep import WORDS, finished, must_equal, sweep_in, undisturbed
from campaign.trials import Part, Seen, Trial, drawn, must
from partnersim.runs.sweep_reader import StoredSweep, read_sweep

#: Writes of the sweep that are counted: each part alone has eight.
_WRITES = 90
_SOON = 0.02
#: Share of the kills of a program that is started as a user does, which takes most of its time.
_FROM_THE_START = 0.2
#: Time that a program which is loaded already takes, as a share.
_FORKED = 0.3
#: Seconds that workers of a killed coordinator have to notice.
_FAREWELL = 20


@contextmanager
def opened(folder: Path, seed: int) -> Iterator[Trial]:
    """Run the sweep undisturbed, and again as a process to know how long it takes."""
    whole = undisturbed(folder / "undisturbed")
    began = time.monotonic()
    must(ended(begun([*WORDS, f"output={folder / 'timed'}"])).status == 0, "cannot be run")
    seconds = time.monotonic() - began

    def trial(number: int) -> Seen:
        output = folder / f"trial-{number}"
        try:
            return _trial(drawn("kills", seed, number), output, whole, seconds)
        finally:
            shutil.rmtree(output, ignore_errors=True)

    yield trial


def _trial(draw: random.Random, output: Path, whole: StoredSweep, seconds: float) -> Seen:
    output.mkdir()
    moment = draw.choice(("at any moment", "while parts are written", "at a write"))
    engine = "processes" if draw.random() < 0.15 and moment != "at a write" else "threads"
    sweep = sweep_in(output)
    words = [*WORDS, f"output={output}", f"engine={engine}"]
    if draw.random() < 0.2:
        # A sweep that was resumed is killed as well.
        _kill(draw, output, "while parts are written", words, seconds)
        sweep = sweep_in(output)
    if sweep is not None:
        words = ["resume", str(sweep.folder), "threads=2", "figures=false", f"engine={engine}"]
    died = _kill(draw, output, moment, words, seconds)
    kept = sweep_in(output)
    if kept is not None:
        must(all(part.intact(kept.layout) for part in kept.parts), "a half-written part counts")
        before = {part.path.name for part in kept.parts}
        if draw.random() < 0.2:
            must_not_crash(call(["verify", str(kept.folder), "threads=2"]), "verify")
    again = "processes" if draw.random() < 0.15 else "threads"
    answer = finished(output, f"engine={again}", *(["engine.workers=2"] * (again == "processes")))
    must(answer.status == 0, answer.err)
    sweep = read_sweep(output / "robustness")
    must_equal(sweep, whole)
    if kept is not None:
        lost = before - {part.path.name for part in sweep.parts}
        must(not lost, f"parts that were whole were lost: {sorted(lost)}")
    if not died:
        return Seen("ended before the kill", counts=False)
    return Seen(moment if engine == again else f"{moment}, finished on another engine")


def _kill(draw: random.Random, output: Path, moment: str, words: list[str], seconds: float) -> bool:
    """Start the program and kill it; tell whether it was still alive."""
    if draw.random() < _FROM_THE_START or "engine=processes" in words:
        return _kill_from_the_start(draw, output, moment, words, seconds)
    killed_at = (draw.randint(1, _WRITES), draw.choice(("before", "after")))
    process = forked(words, killed_at=killed_at if moment == "at a write" else None)
    if moment != "at a write":
        _wait(draw, output, moment, process.is_alive, _FORKED * seconds)
        process.kill()
    process.join()
    return process.exitcode == -signal.SIGKILL


def _kill_from_the_start(
    draw: random.Random, output: Path, moment: str, words: list[str], seconds: float
) -> bool:
    """Kill the program as a user starts it, loading included, with its workers if it has any."""
    process = begun(words)
    _wait(draw, output, moment, lambda: process.poll() is None, seconds)
    workers = children(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    alive = process.returncode == -signal.SIGKILL
    deadline = time.monotonic() + _FAREWELL
    while any(map(lives, workers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    left = [worker for worker in workers if lives(worker)]
    killed(process)
    process.communicate()
    must(not left, f"workers live on after the coordinator was killed: {left}")
    return alive


def _wait(
    draw: random.Random, output: Path, moment: str, alive: Callable[[], bool], seconds: float
) -> None:
    """Wait for the moment of the kill, or until there is nothing to kill any more."""
    if moment != "while parts are written":
        time.sleep(draw.uniform(0.0, 1.0) * seconds)
        return
    wanted = len(_parts(output)) + draw.randint(1, 12)
    deadline = time.monotonic() + 10 * seconds
    while len(_parts(output)) < wanted and alive() and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(draw.uniform(0, _SOON))


def _parts(output: Path) -> list[Path]:
    return list(output.glob("robustness/*/parts/part-*.parquet"))


def children(parent: int) -> list[int]:
    """Return the processes that a process started, where the system tells."""
    try:
        threads = Path(f"/proc/{parent}/task").iterdir()
        return [
            int(child) for thread in threads for child in (thread / "children").read_text().split()
        ]
    except OSError:
        return []


def lives(process: int) -> bool:
    """Tell whether a process is still at work."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


PART = Part(
    name="kills",
    title="Killed sweeps",
    tried=(
        "`kill -9` of the program in the middle of a sweep of 48 runs: at any moment, while parts"
        " are written, or at one of its writes (before or after a file is forced to disk or takes"
        " its name); some sweeps twice. Then `partnersim resume`, or the same command again"
    ),
    held=(
        "digest, manifest and every table equal those of an undisturbed sweep, whole parts are"
        " kept, nothing is left behind, no worker lives on"
    ),
    trials=100,
    opened=opened,
)
