"""How large work is: said before it begins, refused where that can hardly be meant."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from partnersim.cli.screen import Screen, duration
from partnersim.cli.verbs import YES
from partnersim.errors import InputError
from partnersim.runs.manifest import MANIFEST_NAME
from partnersim.runs.plan import Plan
from partnersim.runs.running import trial

#: Fewer runs begin without being timed first.
_FEW = 5_000
#: What takes longer than a day, or more room than there is, begins with `YES` only.
_LONGEST = 24 * 3600.0
_MEGABYTE = 1e6


class Work(NamedTuple):
    """Runs that a command would make."""

    plan: Plan
    """Of which some are tried."""
    runs: int
    folder: Path
    """Where they will lie."""
    minutes: int = 0
    """After so many nothing new begins; 0: there is no such limit."""
    bytes: float | None = None
    """Of a run on disk; None: as much as a run of the plan."""
    least: int = 0
    """Runs that are made even if there are no more than so many minutes."""
    extended: bool = False
    """Whether what has begun may be asked to go further."""


class Size(NamedTuple):
    """What work takes."""

    runs: float
    """Of which so many fit into its minutes."""
    seconds: float
    """On this machine, with all workers."""
    each: float
    """Seconds of one worker, per run."""
    bytes: float
    workers: int


def size_of(work: Work) -> Size:
    """Return what work takes, measured on some runs; nothing is written."""
    settings = work.plan.experiment.settings
    workers = settings.engine.workers or settings.threads or os.cpu_count() or 1
    each, room = trial(work.plan)
    a_run = each / workers
    seconds = work.runs * a_run
    if work.minutes:
        seconds = min(seconds, max(work.least * a_run, 60.0 * work.minutes))
    runs = seconds / a_run
    room = room if work.bytes is None else work.bytes
    return Size(runs, seconds, each, runs * room, workers)


def show_size(work: Work, screen: Screen) -> None:
    """Write what a dry run tells of time, room and place."""
    size = size_of(work)
    screen.line(
        f"Time      about {duration(size.seconds)} with {size.workers} workers"
        f" ({1000 * size.each:.1f} ms a run here)"
    )
    screen.line(f"Disk      about {_room(size.bytes)}; {_room(_free(work.folder))} are free")
    screen.line(f"Folder    {work.folder}")


def check_size(works: Sequence[Work], screen: Screen, *, yes: bool) -> None:
    """Tell how long large work takes, before it begins.

    What has begun goes on, whatever its size.

    Parameters
    ----------
    works : sequence of Work
        All that a command would do.
    screen : Screen
    yes : bool
        Whether the user has said that it is meant.

    Raises
    ------
    InputError
        If it takes longer than a day or more room than there is, and nobody said that it is meant.
    """
    new = [one for one in works if one.extended or not (one.folder / MANIFEST_NAME).exists()]
    runs = sum(work.runs for work in new)
    if runs <= _FEW:
        return
    sizes = [size_of(work) for work in new]
    seconds, room = sum(size.seconds for size in sizes), sum(size.bytes for size in sizes)
    runs = round(sum(size.runs for size in sizes))
    free = _free(new[0].folder)
    message = f"{runs:,} runs take about {duration(seconds)} and {_room(room)} of disk"
    if not yes and (seconds > _LONGEST or room > free):
        raise InputError(
            f"{message}, of which {_room(free)} are free: make it smaller, or start it with {YES}"
        )
    screen.note(message)


def _free(folder: Path) -> float:
    whole = folder.absolute()
    there = next(place for place in (whole, *whole.parents) if place.exists())
    return float(shutil.disk_usage(there).free)


def _room(number: float) -> str:
    if number < 1000 * _MEGABYTE:
        return f"{number / _MEGABYTE:,.1f} MB"
    return f"{number / _MEGABYTE / 1000:,.1f} GB"
