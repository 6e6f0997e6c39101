"""The verb ``resume``: finish an experiment or a sweep that was interrupted."""

from __future__ import annotations

from collections.abc import Sequence

from partnersim.cli.experiment import follow
from partnersim.cli.screen import Screen
from partnersim.cli.verbs import folder_and_settings
from partnersim.configuration import load_experiment
from partnersim.runs.reader import read_runs, the_one_in
from partnersim.runs.running import check_resumable, resume_runs
from partnersim.search.problem import is_search

_SETTINGS = ("engine", "threads", "figures")


def main(words: Sequence[str]) -> int:
    """Finish the runs in a folder.

    Raises
    ------
    InputError
        If the folder holds no runs, or results cannot be written.
    """
    folder, overrides = folder_and_settings("resume", words, _SETTINGS)
    settings = load_experiment(overrides).settings
    screen = Screen()
    if is_search(place := the_one_in(folder)):
        from partnersim.cli.search import resume_search

        resume_search(place, settings, screen)
        return 0
    stored = read_runs(folder)
    check_resumable(stored)
    engine, threads = settings.engine, settings.threads
    follow(
        screen,
        stored.folder,
        stored.layout.runs,
        lambda progress: resume_runs(
            stored.folder, engine, threads=threads, progress=progress, note=screen.note
        ),
        figures=settings.figures,
    )
    return 0
