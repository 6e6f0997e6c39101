"""The numbers that key a run: seed, replicates, threads. Checked alike by every driver."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral

from partnersim.scenario.problems import shown
from partnersim.scenario.run_settings import LARGEST_SEED

#: Replicates are stored in 32 bits.
LARGEST_REPLICATE = 2**31 - 1


def run_number_problems(
    seed: object, replicates: Iterable[object], threads: object = None
) -> list[str]:
    """Return one line for every number that is not a whole number in its range.

    Parameters
    ----------
    seed : int
        0 .. 2**63 - 1.
    replicates : iterable of int
        Numbers of replicates, each 0 .. 2**31 - 1; at least one.
    threads : int, optional
        At least 1.
    """
    numbers = list(replicates)
    problems = []
    if not _is_whole(seed, 0, LARGEST_SEED):
        problems.append(f"seed: {shown(seed)} given, allowed whole numbers 0 to {LARGEST_SEED}")
    if not numbers:
        problems.append("replicates: none given, at least 1 is needed")
    problems.extend(
        f"replicates: number {shown(number)} given, allowed whole numbers 0 to {LARGEST_REPLICATE}"
        for number in numbers
        if not _is_whole(number, 0, LARGEST_REPLICATE)
    )
    if threads is not None and not _is_whole(threads, 1, LARGEST_REPLICATE):
        problems.append(f"threads: {shown(threads)} given, a whole number of at least 1 is needed")
    return problems


def _is_whole(value: object, low: int, high: int) -> bool:
    """Tell whether a value is a whole number in a range; True and False are none."""
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    return whole and low <= int(value) <= high  # type: ignore[call-overload]
