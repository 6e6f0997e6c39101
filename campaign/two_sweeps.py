"""Two or three programs at work in one folder at once."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from campaign import small_experiment, small_sweep
from campaign.program import Answer, begun, call, ended, killed, must_not_crash
from campaign.trials import Part, Seen, Trial, drawn, must
from partnersim.runs.experiment_reader import StoredExperiment, read_experiment
from partnersim.runs.sweep_reader import StoredSweep, read_sweep

_DONE, _UNUSABLE = 0, 2


class _Together:
    """Does the trials beside the undisturbed results."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder, self._seed = folder, seed
        self._sweep: StoredSweep = small_sweep.undisturbed(folder / "undisturbed")
        self._experiment: StoredExperiment = small_experiment.undisturbed(folder / "undisturbed")

    def trial(self, number: int) -> Seen:
        draw = drawn("two_sweeps", self._seed, number)
        output = self._folder / f"trial-{number}"
        output.mkdir()
        try:
            kind = draw.choice(("sweeps", "sweeps", "killed", "experiments"))
            if kind == "experiments":
                return self._experiments(draw, output)
            return self._sweeps(draw, output, first_is_killed=kind == "killed")
        finally:
            shutil.rmtree(output, ignore_errors=True)

    def _sweeps(self, draw: random.Random, output: Path, *, first_is_killed: bool) -> Seen:
        """Run the same sweep twice; the first may be killed and must not leave the door shut."""
        words = [*small_sweep.WORDS, f"output={output}"]
        first = begun(words)
        time.sleep(draw.choice((0.0, draw.uniform(0.0, 0.2), draw.uniform(1.0, 4.0))))
        if first_is_killed:
            while first.poll() is None and not list(output.rglob("part-*.parquet")):
                time.sleep(0.005)
            killed(first)
            ended(first)
            answers = [ended(begun(words))]
            must(answers[0].status == _DONE, f"a killed sweep blocks the next: {answers[0]}")
        else:
            second = begun(words)
            answers = [ended(first), ended(second)]
        self._must_be_clear(answers, "another sweep is at work in this folder")
        stored = read_sweep(output / "robustness")
        small_sweep.must_equal(stored, self._sweep)
        if first_is_killed:
            return Seen("a sweep, killed, and another after it")
        refused = sum(answer.status == _UNUSABLE for answer in answers)
        return Seen(
            "two sweeps, one told to wait" if refused else "two sweeps, one after the other"
        )

    def _experiments(self, draw: random.Random, output: Path) -> Seen:
        """Run the same experiment several times; each replaces the results of the other."""
        words = [*small_experiment.WORDS, f"output={output}"]
        if draw.random() < 0.5:
            must(call(words).status == _DONE, "cannot be run")
        answers = [ended(process) for process in [begun(words) for _ in range(draw.choice((2, 3)))]]
        self._must_be_clear(answers, "another run")
        stored = read_experiment(output / small_experiment.NAME)
        must(stored.manifest == self._experiment.manifest, "another manifest")
        must(stored.recomputed_digest() == stored.manifest["digest"], "another digest")
        left = sorted(path.name for path in output.iterdir())
        must(left == [small_experiment.NAME], f"left behind: {left}")
        return Seen("experiments, the last one stays")

    def _must_be_clear(self, answers: list[Answer], refusal: str) -> None:
        for answer in answers:
            must_not_crash(answer, "two at once")
            if answer.status != _DONE:
                must(answer.last.startswith("error: ") and refusal in answer.last, str(answer))
        must(any(answer.status == _DONE for answer in answers), f"none was done: {answers}")


@contextmanager
def opened(folder: Path, seed: int) -> Iterator[Trial]:
    """Make the results of programs that work alone."""
    yield _Together(folder, seed).trial


PART = Part(
    name="two_sweeps",
    title="Two at once in one folder",
    tried=(
        "the same sweep or experiment begun by two or three processes at once or shortly after"
        " each other, in one folder; or begun again after `kill -9`"
    ),
    held=(
        "at least one does it, any other does it as well or is told in one line; digest and"
        " tables are those of a program alone, nothing is left behind; a killed one does not block"
    ),
    trials=24,
    opened=opened,
)
