"""The verb ``verify``: run results again and compare them bit by bit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from partnersim.cli.folder_words import folder_and_settings
from partnersim.configuration import load_experiment
from partnersim.errors import InputError

ALL = "--all"
DIFFERENT = 1
#: Runs of a sample.
_SAMPLE = 24
#: Differences that are told one by one.
_TOLD = 10

#: The manifest, the differences, and what was run again.
Verified = tuple[Mapping[str, Any], list[str], str]


def help_text() -> str:
    """Return what ``partnersim verify --help`` prints."""
    return (
        "partnersim verify FOLDER [--all] [threads=N] runs stored results again and compares\n"
        "them, bit by bit.\n"
        "\n"
        f"Of a sweep {_SAMPLE} runs, spread evenly, are run again, of an experiment without a\n"
        "design the first replicate of every arm; with --all everything is. Checksums and the\n"
        "digest are recomputed in any case.\n"
        "\n"
        "Exit status: 0 if all is as stored, 1 if something differs or the sweep is unfinished,\n"
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
    from partnersim.runs.sweep_reader import is_sweep
    from partnersim.runs.versions import other_maker

    place = Path(folder)
    if is_sweep(place) or not (place / "manifest.json").exists():
        manifest, problems, told = _verify_sweep(place, everything, threads)
    else:
        manifest, problems, told = _verify_experiment(place, everything, threads)
    for problem in problems[:_TOLD]:
        print(f"not as it should be: {problem}")
    if len(problems) > _TOLD:
        print(f"... and {len(problems) - _TOLD:,} more differences")
    other = other_maker(manifest)
    if problems and other:
        print(f"note: {folder} was {other}; the version that made it may give it again")
    print(f"{folder}: {'NOT as it should be' if problems else 'as stored'}; {told}")
    return DIFFERENT if problems else 0


def _verify_sweep(folder: Path, everything: bool, threads: int | None) -> Verified:
    from partnersim.cli.screen import Screen
    from partnersim.runs.sweep_reader import read_sweep
    from partnersim.runs.verifying import differences

    stored = read_sweep(folder)
    held = stored.held.there
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
    return stored.manifest, problems, f"{wanted:,} of {stored.layout.runs:,} runs run again"


def _verify_experiment(folder: Path, everything: bool, threads: int | None) -> Verified:
    from partnersim.cli.verify_experiment import differences
    from partnersim.runs.experiment_reader import read_experiment

    stored = read_experiment(folder)
    replicates = stored.manifest["replicates"] if everything else 1
    problems = differences(stored, replicates=replicates, threads=threads)
    arms = len(stored.arms)
    all_runs = arms * stored.manifest["replicates"]
    return stored.manifest, problems, f"{arms * replicates:,} of {all_runs:,} runs run again"
