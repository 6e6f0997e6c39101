"""Parts of the campaign, and what one trial of a part has seen."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# What tests hold of every run is stated once, there.
sys.path.insert(0, str(ROOT / "tests"))


class NotHeldError(AssertionError):
    """Something that must hold in every trial did not."""


class LeftOutError(Exception):
    """A trial that this machine cannot do, with the reason."""


@dataclass(frozen=True)
class Seen:
    """What a trial has seen.

    Attributes
    ----------
    case : str
        Kind of the trial; trials are counted by it.
    counts : bool
        Whether it is one of the trials wanted. A changed file that is still valid is none of the
        malformed ones, a program that ended before it was killed none of the kills.
    """

    case: str
    counts: bool = True


#: Does the trial of a number; raises `NotHeldError` if something did not hold.
Trial = Callable[[int], Seen]


@dataclass(frozen=True)
class Part:
    """A part of the campaign.

    Attributes
    ----------
    name : str
        Its file.
    title : str
        Of its row in the table.
    tried, held : str
        What a trial does, and what must hold in each.
    trials : int
        How many there are in the whole campaign.
    opened : callable
        From an empty folder and a seed to a context that yields the trials.
    """

    name: str
    title: str
    tried: str
    held: str
    trials: int
    opened: Callable[[Path, int], AbstractContextManager[Trial]]


def drawn(part: str, seed: int, number: int) -> random.Random:
    """Return the random numbers of one trial."""
    return random.Random(f"{part} {seed} {number}")


def must(held: bool, told: str) -> None:
    """Raise `NotHeldError` unless something holds."""
    if not held:
        raise NotHeldError(told)
