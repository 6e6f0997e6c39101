"""The table on the screen: rows that appear as the arms finish."""

from __future__ import annotations

import math
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from partnersim.cli.streams import line, write
from partnersim.compare.labels import metric_label, number
from partnersim.compare.tables import BAND_RUNS
from partnersim.compare.words import counted
from partnersim.compiler.compiled import compiled_before
from partnersim.runs.folder import resume_command
from partnersim.runs.reader import Runs

#: The metrics on the screen with two-line headings; a narrow terminal shows the first ones.
COLUMNS = (
    ("instruments", ("Instruments", "in force")),
    ("links", ("Links", "")),
    ("partner_value", ("Value to", "partners")),
    ("eu_value", ("Value to", "the EU")),
    ("partners", ("Partners", "")),
    ("hub_dependence", ("Depends on", "the EU %")),
)
_CELL = 13
#: Seconds between two lines about the progress where there is no terminal.
LINE_SECONDS = 30.0
_NARROWEST_LABEL = 14


class Screen:
    """Writes notes, progress and rows; plain lines where there is no terminal."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)
        self._live = self._console.is_terminal and not self._console.is_dumb_terminal
        width = shutil.get_terminal_size((100, 24)).columns if self._live else 100
        self._width = max(width, 60)

    def line(self, text: str = "") -> None:
        """Write a line of results."""
        line(text)

    def answer(self, sentence: str, details: Iterable[str] = ()) -> None:
        """Write an answer, and below it what is to be known of it."""
        self.line(f"{sentence}.")
        for detail in details:
            self.line(f"- {detail}.")

    def results_in(self, folder: Path, began: float, report: Path | None = None) -> None:
        """Say where results are and how long they took since a reading of `time.monotonic`."""
        self.line()
        if report is not None:
            self.line(f"Report in {report}")
        self.line(f"Results in {folder} after {duration(time.monotonic() - began)}")

    def note(self, text: str) -> None:
        """Write a remark that is no result."""
        write(sys.stderr, text)

    @contextmanager
    def progress(self, what: str, total: int) -> Iterator[Callable[[str, int], None]]:
        """Show how far the work has come; yields a function of a text and the runs done.

        A bar with rate and time left; a line every half minute where there is no terminal.
        """
        if not self._live:
            yield _lines(self.note, what, total)
            return
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:,.0f} of {task.total:,.0f} runs"),
            _Rate(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self._console, transient=True) as bar:
            task = bar.add_task(what, total=total)
            yield lambda text, done: bar.update(task, description=text, completed=done)

    def compiling(self) -> None:
        """Say that the rules are compiled, if this machine has not done so."""
        if not compiled_before():
            self.note("Compiling the rules for this machine, once; about half a minute ...")

    @contextmanager
    def resumable(
        self, what: str, total: int, folder: Path
    ) -> Iterator[Callable[[int, int], None]]:
        """Show how far work has come that is kept in a folder; yields a function of runs done.

        Raises
        ------
        KeyboardInterrupt
            With a line that says how to go on.
        """
        self.compiling()
        try:
            with self.progress(what, total) as show:
                yield lambda done, _: show(what, done)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                f"what is done is kept; go on with: {resume_command(folder)}"
            ) from None


class _Rate(ProgressColumn):
    """Runs per second."""

    def render(self, task: Task) -> Text:
        """Return the rate of the last runs, empty before there are any."""
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


def _lines(note: Callable[[str], None], what: str, total: int) -> Callable[[str, int], None]:
    """Return what tells the progress in lines, one every half minute."""
    last_line, first = time.monotonic(), None

    def show(_: str, done: int) -> None:
        nonlocal last_line, first
        now = time.monotonic()
        begun, before = first = first or (now, done)
        if now - last_line < LINE_SECONDS or done <= before:
            return
        last_line = now
        rate = (done - before) / (now - begun)
        left = duration((total - done) / rate)
        note(f"{what}: {done:,} of {total:,} runs, {rate:,.0f} a second, {left} left")

    return show


def duration(seconds: float) -> str:
    """Return a time span in the two units that matter: ``40 s``, ``3 min 20 s``, ``5 h 2 min``."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60:,} h {minutes % 60} min"


class PolicyTable:
    """Rows of policies: main number, 90 % band, difference to the reference with its interval.

    Parameters
    ----------
    screen : Screen
        Where to write.
    runs : Runs
        Tell the policies, the reference that the others are compared with, and the last quarter.
    compared : int
        How many differences hold together.
    """

    def __init__(self, screen: Screen, runs: Runs, compared: int) -> None:
        self.compared = compared
        self._screen = screen
        self._reference = runs.reference
        self._quarter = runs.quarters[-1]
        names = [f"  vs {runs.reference}", *runs.policies]
        self._label = max(_NARROWEST_LABEL, *map(len, names))
        fitting = (screen._width - self._label) // _CELL
        self._columns = COLUMNS[: max(1, fitting)]
        self._climate = ""

    def add(self, found: pd.DataFrame, policy: str, climate: str) -> None:
        """Write the rows of an arm.

        Parameters
        ----------
        found : DataFrame
            Means, bands and differences of policies, see `partnersim.compare.summary`.
        policy, climate : str
            Names of the arm.
        """
        metrics = [metric for metric, _ in self._columns]
        table = found[found["policy"] == policy].set_index("metric").loc[metrics]
        rows: list[Any] = list(table.itertuples())
        runs = int(rows[0].runs)
        if climate != self._climate:
            self._climate = climate
            band = " and 90 % band" if runs >= BAND_RUNS else ""
            together = f"all {self.compared}" if self.compared > 1 else "alone"
            self._screen.line(
                f"\n{climate}, {self._quarter}: mean{band} of {counted(runs, 'run')},"
                f" difference to {self._reference} ± 95 % interval, {together} together"
            )
            for place in (0, 1):
                self._row("", [heading[place] for _, heading in self._columns])
        self._row(policy, [value_text(row.Index, row.mean) for row in rows])
        if runs >= BAND_RUNS:
            ends = [[value_text(row.Index, end) for end in (row.low, row.high)] for row in rows]
            self._row("  90 % band", map("..".join, ends))
        if policy != self._reference:
            self._row(f"  vs {self._reference}", [_difference(row) for row in rows])

    def _row(self, label: str, cells: Iterable[str]) -> None:
        text = f"{label:{self._label}s}" + "".join(f"{cell:>{_CELL}s}" for cell in cells)
        self._screen.line(text.rstrip())


def value_text(metric: str, value: float) -> str:
    """Return a value of a metric as it stands in the table, shares in percent."""
    label = metric_label(metric)
    return number(label.scale * value, label.decimals)


def _difference(row: Any) -> str:
    """Return a mean difference and half the width of its symmetric interval."""
    label = metric_label(row.Index)
    half = label.scale * (row.difference_high - row.difference_low) / 2
    decimals = max(label.decimals, 1)
    text = number(label.scale * row.difference, decimals, sign=True)
    return text if math.isnan(half) else f"{text} ±{number(half, decimals)}"
