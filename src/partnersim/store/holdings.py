"""What is there of a sweep: its parts are opened and counted, nobody's word is taken."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from partnersim.store.stored_part import StoredPart, read_part
from partnersim.store.sweep_layout import SweepLayout
from partnersim.store.sweep_parts import Stretch, missing

#: What may be wrong with runs that are not there.
DAMAGED, FOREIGN, MISSING = "damaged", "of another sweep", "missing"
_STRETCH = re.compile(r"part-(\d+)-(\d+)\.parquet")
#: So many losses are told one by one.
_TOLD = 3


class UnusablePart(NamedTuple):
    """A file that cannot be used as a part of the sweep."""

    path: Path
    """Where it lies."""
    reason: str
    """`DAMAGED` or `FOREIGN`."""

    @property
    def stretch(self) -> Stretch | None:
        """The runs that its name promises."""
        found = _STRETCH.fullmatch(self.path.name)
        return (int(found[1]), int(found[2])) if found else None


@dataclass(frozen=True)
class Holdings:
    """The runs of a sweep that are there.

    Attributes
    ----------
    parts : tuple of StoredPart
        Parts that are whole, in the order of their runs, without overlaps.
    unusable : tuple of UnusablePart
        Files that are damaged, or of another sweep.
    planned : int
        Runs of the whole sweep.
    """

    parts: tuple[StoredPart, ...]
    unusable: tuple[UnusablePart, ...]
    planned: int

    @property
    def there(self) -> int:
        """Runs that are there, those that failed included."""
        return sum(part.stop - part.start for part in self.parts)

    @property
    def failed(self) -> int:
        """Runs that are there and failed."""
        return sum(len(part.failures) for part in self.parts)

    @property
    def complete(self) -> bool:
        """Whether all runs are there."""
        return self.there == self.planned

    @cached_property
    def loss(self) -> str:
        """What is not there, in words; empty if all is."""
        if self.complete:
            return ""
        lost: dict[str, list[str]] = {reason: [] for reason in (DAMAGED, FOREIGN, MISSING)}
        for file in self.unusable:
            lost[file.reason].append(file.path.name)
        promised = [file.stretch for file in self.unusable if file.stretch]
        held = [part.stretch for part in self.parts]
        for start, stop in missing(sorted([*held, *promised]), self.planned):
            one = stop - start == 1
            lost[MISSING].append(f"run {start}" if one else f"runs {start} to {stop - 1}")
        return "; ".join(f"{reason}: {_some(names)}" for reason, names in lost.items() if names)


def _some(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are."""
    more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    return ", ".join(names[:_TOLD]) + more


def read_holdings(folder: Path, sweep: str, layout: SweepLayout) -> Holdings:
    """Open all parts of a sweep, one at a time, and recompute their digests.

    Parameters
    ----------
    folder : Path
        The folder of the parts.
    sweep : str
        Hash of the sweep; parts of another one are of no use.
    layout : SweepLayout
        Its axes.
    """
    whole: list[StoredPart] = []
    unusable: list[UnusablePart] = []
    for path in sorted(folder.glob("part-*.parquet")):
        part = read_part(path)
        if part is not None and part.sweep != sweep:
            unusable.append(UnusablePart(path, FOREIGN))
        elif part is None or part.stop > layout.runs or not part.intact(layout):
            unusable.append(UnusablePart(path, DAMAGED))
        # Two coordinators may have cut the runs differently; no run counts twice.
        elif not whole or part.start >= whole[-1].stop:
            whole.append(part)
    return Holdings(tuple(whole), tuple(unusable), layout.runs)
