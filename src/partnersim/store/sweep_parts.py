"""Which runs of a sweep are done: the parts on disk are counted, nobody's word is taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from partnersim.store.part import part_of_signing
from partnersim.store.stored_part import StoredPart, read_part
from partnersim.store.sweep_layout import SweepLayout

Stretch = tuple[int, int]


def parts_on_disk(folder: Path, sweep: str, runs: int) -> tuple[list[StoredPart], list[Path]]:
    """Return the parts of a sweep that do not overlap, in order, and the files that are no use.

    Their content is not read; `StoredPart.intact` does that.

    Parameters
    ----------
    folder : Path
        The folder of the parts.
    sweep : str
        Hash of the sweep; parts of another one are of no use.
    runs : int
        Number of runs of the sweep.
    """
    usable: list[StoredPart] = []
    useless: list[Path] = []
    for path in sorted(folder.glob("part-*.parquet")):
        part = read_part(path)
        if part is None or part.sweep != sweep or not 0 <= part.start < part.stop <= runs:
            useless.append(path)
        elif usable and part.start < usable[-1].stop:
            # Two coordinators cut the runs differently; the same runs must not count twice.
            useless.append(path)
        else:
            usable.append(part)
    return usable, useless


def without_part(folder: Path) -> list[Path]:
    """Return the files of counts whose part was never written, as a kill between both leaves them.

    While workers are at work such a file may be about to get its part.
    """
    return [path for path in folder.glob("signing-*.parquet") if not part_of_signing(path).exists()]


def missing(done: Iterable[Stretch], runs: int) -> list[Stretch]:
    """Return the stretches of runs that are not done.

    Parameters
    ----------
    done : iterable of (int, int)
        Stretches in the order of their first runs.
    runs : int
        Number of runs of the sweep.
    """
    gaps: list[Stretch] = []
    reached = 0
    for start, stop in done:
        if start > reached:
            gaps.append((reached, start))
        reached = max(reached, stop)
    if reached < runs:
        gaps.append((reached, runs))
    return gaps


def damaged(parts: Sequence[StoredPart], layout: SweepLayout) -> list[StoredPart]:
    """Return the parts whose content does not fit their digest."""
    return [part for part in parts if not part.intact(layout)]
