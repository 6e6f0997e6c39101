"""The verb ``verify``: run results again and compare them bit by bit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from partnersim.cli.folder_words import folder_and_settings
from partnersim.cli.streams import line
from partnersim.configuration import load_experiment
from partnersim.errors import InputError

if TYPE_CHECKING:
    from partnersim.runs.reader import Runs

ALL = "--all"
DIFFERENT = 1
#: Runs of a sample.
_SAMPLE = 24
#: Differences that are shown one by one.
_SHOWN = 10


def help_text() -> str:
    """Return what ``partnersim verify --help`` prints."""
    return (
        "partnersim verify FOLDER [--all] [threads=N] runs stored results again and compares\n"
        "them, bit by bit.\n"
        "\n"
        f"{_SAMPLE} runs, spread evenly, are run again; with --all everything is, also the counts\n"
        "over runs and the tables of a forecast or backtest. Checksums, digests, futures and the\n"
        "tables of the world are derived again in any case.\n"
        "\n"
        "Exit status: 0 if all is as stored, 1 if something differs or runs are not there,\n"
        "2 if the folder cannot be used."
    )


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
    from partnersim.cli.screen import Screen
    from partnersim.runs.manifest import other_machine, other_maker
    from partnersim.runs.reader import read_runs
    from partnersim.runs.verify import ROUNDING, differences

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
    if everything and not problems and "tables" in stored.manifest:
        problems = _tables_differing(stored)
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


def _tables_differing(stored: Runs) -> list[str]:
    """Tell which tables of a forecast or a backtest are not those that its runs give."""
    from partnersim.history.backtest import derived_tables
    from partnersim.runs.export import read_tables

    problems = []
    for name, frame in derived_tables(stored).items():
        path = stored.folder / f"{name}.csv"
        try:
            kept = path.read_bytes()
            read_tables(stored.folder, [name])
        except (OSError, InputError) as error:
            problems.append(f"{path}: {error}")
            continue
        if kept != frame.to_csv(index=False, lineterminator="\n").encode():
            problems.append(f"{path}: differs from what its runs give")
    return problems
