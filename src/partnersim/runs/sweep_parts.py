"""Which runs of a sweep are done: the parts on disk are counted, nobody's word is taken."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from partnersim.runs.part import part_of_signing
from partnersim.runs.stored_part import StoredPart, read_part
from partnersim.runs.sweep_layout import SweepLayout

Stretch = tuple[int, int]

#: Why a file is of no use as a part.
DAMAGED, FOREIGN, OVERLAPPING = "damaged", "of another sweep", "of runs that another part holds"
_STRETCH = re.compile(r"part-(\d+)-(\d+)\.parquet")


class UnusablePart(NamedTuple):
    """A file that cannot be used as a part of the sweep."""

    path: Path
    """Where it lies."""
    reason: str
    """`DAMAGED`, `FOREIGN` or `OVERLAPPING`."""

    @property
    def stretch(self) -> Stretch | None:
        """The runs that its name promises."""
        found = _STRETCH.fullmatch(self.path.name)
        return (int(found[1]), int(found[2])) if found else None


def parts_on_disk(
    folder: Path, sweep: str, layout: SweepLayout, *, opened: bool
) -> tuple[list[StoredPart], list[UnusablePart]]:
    """Return the parts of a sweep that do not overlap, in order, and the files that are no use.

    Parameters
    ----------
    folder : Path
        The folder of the parts.
    sweep : str
        Hash of the sweep; parts of another one are of no use.
    layout : SweepLayout
        Its axes.
    opened : bool
        Whether all content is read, one part at a time, and its digest recomputed; otherwise
        what a part tells of itself is believed.
    """
    usable: list[StoredPart] = []
    useless: list[UnusablePart] = []
    for path in sorted(folder.glob("part-*.parquet")):
        part = read_part(path)
        if part is not None and part.sweep != sweep:
            useless.append(UnusablePart(path, FOREIGN))
        elif (
            part is None
            or not 0 <= part.start < part.stop <= layout.runs
            or (opened and not part.intact(layout))
        ):
            useless.append(UnusablePart(path, DAMAGED))
        elif usable and part.start < usable[-1].stop:
            # Two coordinators cut the runs differently; the same runs must not count twice.
            useless.append(UnusablePart(path, OVERLAPPING))
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
