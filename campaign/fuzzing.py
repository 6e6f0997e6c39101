"""Configurations, scenario files, tables and folders gone wrong, thousands of them."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from unittest.mock import patch

from campaign import small_experiment, small_sweep
from campaign.folder_mutants import mutated_folder
from campaign.program import begun, call, ended, files, must_refuse
from campaign.table_mutants import EVENTS, mutated_table
from campaign.trials import Part, Seen, Trial, drawn, must
from campaign.word_mutants import mutated_words, other_words
from campaign.yaml_mutants import mutated_text, mutated_tree
from partnersim.history import evidence

#: One trial of so many is done by a process as well, which must say the same.
_AS_PROCESS = 250
#: What verify found to differ is told on its own and ends with this status.
_DIFFERENT = 1


class UnderstoodError(BaseException):
    """The input was taken: what comes next would be the work itself."""


#: Where the work begins, by module.
_WORK = (
    *("partnersim.runs.simulate_ensemble", "partnersim.runs.running.start"),
    *("partnersim.cli.sweep.describe", "partnersim.cli.backtest.run_backtest"),
    *("partnersim.scenario.coefficient_draws.draw_coefficients", "partnersim.page.server.Workshop"),
    *("partnersim.show.report.draw_study", "partnersim.show.report.draw_experiment"),
)


def _understood(*given: object, **named: object) -> None:
    raise UnderstoodError


_read_evidence = cache(evidence.read_evidence)


@contextmanager
def without_work() -> Iterator[None]:
    """Let the program stop where it has understood everything and would begin to work."""
    with ExitStack() as patches:
        for place in _WORK:
            patches.enter_context(patch(place, _understood))
        # Reading the history takes longer than all that is on trial here.
        patches.enter_context(patch.object(evidence, "read_evidence", _read_evidence))
        yield


class _Fuzzing:
    """Makes mutants in a room of their own and feeds them to the program."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._seed = seed
        self._room = folder / "room"
        self._folder = folder
        self._kinds: list[tuple[str, int, Callable[[random.Random], list[str]]]] = [
            ("scenario files: settings", 40, self._file_of_settings),
            ("scenario files: text", 20, self._file_of_text),
            ("command lines of scenarios", 20, mutated_words),
            ("command lines of other verbs", 7, other_words),
            ("forecasts and lists of events", 7, self._tables),
            ("folders of results", 6, self._results),
        ]

    def _file_of_settings(self, draw: random.Random) -> list[str]:
        (self._room / "mine.yaml").write_text(mutated_tree(draw), "utf-8")
        return ["scenario=mine.yaml"]

    def _file_of_text(self, draw: random.Random) -> list[str]:
        (self._room / "mine.yaml").write_bytes(mutated_text(draw))
        return ["scenario=mine.yaml"]

    @cached_property
    def _sources(self) -> dict[str, Path]:
        """Folders of real results."""
        return {
            "sweep": small_sweep.undisturbed(self._folder / "sweep").folder,
            "experiment": small_experiment.undisturbed(self._folder / "experiment").folder,
        }

    @cached_property
    def _forecast(self) -> str:
        """The beginning of a real forecast."""
        path = small_experiment.forecast(self._folder / "forecast")
        return "".join(path.read_text("utf-8").splitlines(keepends=True)[:400])

    def _tables(self, draw: random.Random) -> list[str]:
        contents = {"forecast.csv": self._forecast.encode(), "events.csv": EVENTS.encode()}
        wrong = draw.choice(sorted(contents))
        contents[wrong] = mutated_table(draw, contents[wrong].decode())
        for name, content in contents.items():
            (self._room / name).write_bytes(content)
        return ["score", "forecast.csv", "events.csv", "until=2026Q2"]

    def _results(self, draw: random.Random) -> list[str]:
        folder = mutated_folder(draw, self._sources, self._room)
        verb = draw.choice(("verify", "resume", "export", "report"))
        return [verb, folder, *(["--to", "csv"] if verb == "export" else [])]

    def trial(self, number: int) -> Seen:
        draw = drawn("fuzzing", self._seed, number)
        shutil.rmtree(self._room, ignore_errors=True)
        self._room.mkdir()
        os.chdir(self._room)
        titles, weights, makers = zip(*self._kinds, strict=True)
        title, make = draw.choices(list(zip(titles, makers, strict=True)), weights)[0]
        words = make(draw)
        before = files(self._room)
        try:
            with without_work():
                answer = call(words)
        except UnderstoodError:
            return Seen("valid all the same", counts=False)
        if answer.status == 0:
            return Seen("valid all the same", counts=False)
        shown = " ".join(words)[:300]
        if words[:1] == ["verify"] and answer.status == _DIFFERENT:
            must("not as it should be: " in answer.out and not answer.err, f"{shown}: {answer}")
        else:
            must_refuse(answer, shown)
        must(files(self._room) == before, f"{shown}: something was written")
        if number % _AS_PROCESS == 0 and not any("\0" in word for word in words):
            process: Any = ended(begun(words, cwd=self._room))
            told = f"{shown}: a process says {process}, a call {answer}"
            must((process.status, process.err) == (answer.status, answer.err), told)
        return Seen(title)


@contextmanager
def opened(folder: Path, seed: int) -> Iterator[Trial]:
    """Make real results to damage, and a room for the mutants."""
    before = Path.cwd()
    fuzzing = _Fuzzing(folder, seed)
    try:
        yield fuzzing.trial
    finally:
        os.chdir(before)


PART = Part(
    name="fuzzing",
    title="Malformed input",
    tried=(
        "scenario files, command lines, forecasts, lists of events and folders of results that"
        " were mutated: keys, values, types, syntax, bytes, depth, size, tags, aliases,"
        " interpolations, paths; mutants that are still valid are not counted"
    ),
    held=(
        "exit status 2, nothing but clear lines that begin with `error:`, no traceback, nothing"
        " written (a damaged folder may also be told by `verify`, with status 1)"
    ),
    trials=10_000,
    opened=opened,
)
