"""The verb ``report``: one page about the results of a sweep or an experiment."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from partnersim.cli.verbs import is_path, paths_and_own
from partnersim.errors import InputError, nearest, refuse
from partnersim.user_path import user_path

if TYPE_CHECKING:
    from partnersim.cli.screen import Screen
    from partnersim.compare.comparison import Comparison

#: Settings: what counts as failing, and how drivers are looked for.
_FAILS, _DRIVERS = "fails", "drivers"


def _failing(asked: str, metrics: Sequence[str]) -> tuple[str, float]:
    """Return the metric and the threshold that are asked for.

    Raises
    ------
    InputError
        If there is no such metric, more is neither better nor worse, or there is no number.
    """
    from partnersim.compare.labels import metric_label

    word = f"{_FAILS}={asked}"
    metric, _, given = asked.partition(":")
    if metric not in metrics:
        raise InputError(
            f"{word}: these results hold no metric '{metric}'{nearest(metric, metrics)}"
        )
    if not metric_label(metric).better:
        raise InputError(f"{word}: neither more nor less of {metric} is better")
    try:
        limit = float(given.rstrip("%")) / (100 if given.endswith("%") else 1)
    except ValueError:
        limit = math.nan
    if not math.isfinite(limit):
        raise InputError(f"{word}: write METRIC:NUMBER, such as {_FAILS}=links:40")
    return metric, limit


def main(words: Sequence[str]) -> int:
    """Write the report of the folder that the words name.

    Parameters
    ----------
    words : sequence of str
        The folder.

    Raises
    ------
    InputError
        If there is not exactly one folder, it holds no results, or the page cannot be written.
    """
    from partnersim.runs.stored_forecast import holds_forecast

    folders = [user_path(word) for word in words if is_path(word)]
    if len(folders) == 1 and holds_forecast(folders[0]):
        from partnersim.cli.forecast import report_again

        return report_again(folders[0], words)
    folders, asked, problems = paths_and_own(words, {_FAILS: "METRIC:NUMBER", _DRIVERS: "METHOD"})
    refuse(problems)
    if len(folders) != 1:
        given = f"{len(folders)} folders given" if folders else "no folder given"
        raise InputError(f"report: {given}, one is needed: partnersim report results/main")
    (folder,) = folders
    if not folder.is_dir():
        raise InputError(f"{folder}: is not a folder of results")
    from partnersim.cli.screen import Screen
    from partnersim.compare.comparison import Comparison
    from partnersim.compare.drivers import METHODS
    from partnersim.runs.reader import read_runs

    method = asked.get(_DRIVERS)
    if method is not None and method not in METHODS:
        raise InputError(
            f"{_DRIVERS}={method}: must be one of {', '.join(METHODS)}{nearest(method, METHODS)}"
        )

    runs = read_runs(folder)
    fails = _failing(asked[_FAILS], runs.metrics) if _FAILS in asked else None
    screen = Screen()
    screen.line("Analysing and drawing ...")
    make_report(Comparison(runs, fails, method), screen)
    return 0


def make_report(comparison: Comparison, screen: Screen) -> None:
    """Write the page about a comparison; show its answer, and where it is.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    from partnersim.show.answer import which
    from partnersim.show.report import write_report

    written = write_report(comparison, screen.note)
    screen.answer(which(comparison)[0].sentence)
    screen.line(f"Report in {written}")
