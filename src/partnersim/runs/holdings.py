"""What is there of a sweep: its parts are opened and counted, nobody's word is taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from partnersim.runs.stored_part import StoredPart
from partnersim.runs.sweep_layout import SweepLayout
from partnersim.runs.sweep_parts import (
    DAMAGED,
    FOREIGN,
    OVERLAPPING,
    UnusablePart,
    missing,
    parts_on_disk,
)

#: What runs are that no file promises.
MISSING = "missing"
#: So many losses are told one by one.
_TOLD = 3


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
    """Open all parts of a sweep and recompute their digests.

    Parameters
    ----------
    folder : Path
        The folder of the parts.
    sweep : str
        Hash of the sweep; parts of another one are of no use.
    layout : SweepLayout
        Its axes.
    """
    parts, useless = parts_on_disk(folder, sweep, layout, opened=True)
    # A part too many loses nothing.
    unusable = (file for file in useless if file.reason != OVERLAPPING)
    return Holdings(tuple(parts), tuple(unusable), layout.runs)
