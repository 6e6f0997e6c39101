"""Which runs are there: the parts on disk are opened and counted, nobody's word is taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from partnersim.runs.part import StoredPart, read_part, stretch_of

Stretch = tuple[int, int]

#: Why a folder is of no use as a part, or runs are not there.
DAMAGED, FOREIGN, OVERLAPPING, MISSING = (
    "damaged",
    "of another configuration",
    "of runs that another part holds",
    "missing",
)
#: So many losses are told one by one.
_SHOWN = 3


@dataclass(frozen=True)
class Completeness:
    """The runs of a design that are there.

    Attributes
    ----------
    parts : tuple of StoredPart
        Parts that are whole, in the order of their runs, without overlaps.
    unusable : dict of Path to str
        What cannot be used as a part, with the reason: `DAMAGED`, `FOREIGN` or `OVERLAPPING`.
    planned : int
        Runs of the whole design.
    """

    parts: tuple[StoredPart, ...]
    unusable: dict[Path, str]
    planned: int

    @property
    def done(self) -> int:
        """Runs that are there, those that failed included."""
        return sum(part.stop - part.start for part in self.parts)

    @property
    def failed(self) -> int:
        """Runs that are there and failed."""
        return sum(len(part.failures) for part in self.parts)

    @property
    def complete(self) -> bool:
        """Whether all runs are there."""
        return self.done == self.planned

    @property
    def gaps(self) -> list[Stretch]:
        """Stretches of runs that are not there."""
        return missing(((part.start, part.stop) for part in self.parts), self.planned)

    @cached_property
    def loss(self) -> str:
        """What is not there, in words; empty if all is."""
        if self.complete:
            return ""
        lost: dict[str, list[str]] = {reason: [] for reason in (DAMAGED, FOREIGN, MISSING)}
        promised = [(part.start, part.stop) for part in self.parts]
        for path, reason in self.unusable.items():
            # A part too many loses nothing.
            if reason != OVERLAPPING:
                lost[reason].append(path.name)
                promised += [stretch] if (stretch := stretch_of(path)) else []
        for start, stop in missing(sorted(promised), self.planned):
            one = stop - start == 1
            lost[MISSING].append(f"run {start}" if one else f"runs {start} to {stop - 1}")
        return "; ".join(f"{reason}: {_some(names)}" for reason, names in lost.items() if names)


def _some(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def completeness(folder: Path, of: str, planned: int, *, opened: bool = True) -> Completeness:
    """Look for the parts of a design.

    Parameters
    ----------
    folder : Path
        The folder of the parts.
    of : str
        Hash of the configuration; parts of another one are of no use.
    planned : int
        Runs of the whole design.
    opened : bool
        Whether all content is read and its checksums recomputed; otherwise what a part tells of
        itself is believed.
    """
    usable: list[StoredPart] = []
    unusable: dict[Path, str] = {}
    for path in sorted(path for path in folder.glob("*") if stretch_of(path)):
        part = read_part(path)
        if part is not None and part.of != of:
            unusable[path] = FOREIGN
        elif (
            part is None
            or not 0 <= part.start < part.stop <= planned
            or (opened and not part.intact())
        ):
            unusable[path] = DAMAGED
        elif usable and part.start < usable[-1].stop:
            # Two coordinators cut the runs differently; the same runs must not count twice.
            unusable[path] = OVERLAPPING
        else:
            usable.append(part)
    return Completeness(tuple(usable), unusable, planned)


def missing(done: Iterable[Stretch], runs: int) -> list[Stretch]:
    """Return the stretches of runs that are not done.

    Parameters
    ----------
    done : iterable of (int, int)
        Stretches in the order of their first runs.
    runs : int
        Number of runs of the design.
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
