"""The verb ``verify``: run results again and compare them bit by bit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from partnersim.cli.screen import Screen
from partnersim.cli.streams import line
from partnersim.cli.verbs import folder_and_settings
from partnersim.configuration import load_experiment
from partnersim.errors import InputError
from partnersim.runs.export import read_tables
from partnersim.runs.for_people import csv_for_people
from partnersim.runs.manifest import MANIFEST_NAME, other_machine, other_maker, read_manifest
from partnersim.runs.reader import read_runs, the_one_in
from partnersim.runs.verify import ROUNDING, differences

ALL = "--all"
DIFFERENT = 1
#: Runs of a sample.
_SAMPLE = 24
#: Differences that are shown one by one.
_SHOWN = 10


def main(words: Sequence[str]) -> int:
    """Verify the results in a folder.

    Returns
    -------
    int
        0 if all is as stored, 1 if something differs or is still to be done.

    Raises
    ------
    InputError
        If the folder holds no results.
    """
    everything = ALL in words
    folder, overrides = folder_and_settings(
        "verify", [word for word in words if word != ALL], (ALL, "threads")
    )
    threads = load_experiment(overrides).settings.threads
    if (place := the_one_in(folder)).joinpath(MANIFEST_NAME).exists():
        manifest = read_manifest(place)
        asked = manifest["configuration"]
        # Of a forecast or a backtest: tables that rest on the history.
        if "tables" in manifest and (asked.get("kind") == "backtest" or "draws" in asked):
            return _verify_tables(place, asked, threads)
    stored = read_runs(folder)
    held = stored.completeness.done
    wanted = held if everything else min(_SAMPLE, held)
    if not held:
        raise InputError(stored.warning)
    with Screen().progress("Verifying", wanted) as show:
        problems = differences(
            stored,
            runs=None if everything else _SAMPLE,
            threads=threads,
            progress=lambda done, _: show("Verifying", done),
        )
    for problem in problems[:_SHOWN]:
        line(f"not as it should be: {problem}")
    if len(problems) > _SHOWN:
        line(f"... and {len(problems) - _SHOWN:,} more differences")
    if problems and all(problem.endswith(ROUNDING) for problem in problems):
        line(
            "note: nothing but last digits differs, as other processors and libraries of"
            " mathematics make them, not as somebody changes results by hand:"
            f" {other_machine(stored.manifest)}"
        )
    other = other_maker(stored.manifest)
    if problems and other:
        line(f"note: {folder} was {other}; the version that made it may give it again")
    line(
        f"{folder}: {'NOT as it should be' if problems else 'as stored'};"
        f" {wanted:,} of {stored.layout.runs:,} runs run again"
    )
    return DIFFERENT if problems else 0


def _verify_tables(folder: Path, asked: Mapping[str, Any], threads: int | None) -> int:
    """Make the tables of a forecast or a backtest again and compare them; return the status."""
    # Only here: what estimates from the history takes a second to load.
    from partnersim.cli.backtest import backtest_again
    from partnersim.cli.forecast import forecast_again

    again = backtest_again if asked.get("kind") == "backtest" else forecast_again
    problems = []
    for name, frame in again(asked, threads, Screen()).items():
        path = folder / f"{name}.csv"
        try:
            kept = path.read_text("utf-8", "replace")  # whatever the ends of its lines
            read_tables(folder, [name])
        except (OSError, InputError) as error:
            problems.append(f"{path}: {error}")
            continue
        if kept != csv_for_people(frame).decode():
            problems.append(f"{path}: differs from what its configuration gives")
    for problem in problems:
        line(f"not as it should be: {problem}")
    line(f"{folder}: {'NOT as it should be' if problems else 'as stored'}; all made again")
    return DIFFERENT if problems else 0
