"""Processes of the program that are at work at once: forked from one that has loaded it."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from multiprocessing.process import BaseProcess

from campaign.self_killing import arm
from partnersim.cli.program import main

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["campaign.preloaded"])


def forked(words: Sequence[str], *, killed_at: tuple[int, str] | None = None) -> BaseProcess:
    """Start the program in a process of its own.

    Parameters
    ----------
    words : sequence of str
        Its words.
    killed_at : (int, str), optional
        Number of the write at which it kills itself, and ``before`` or ``after``.
    """
    process = _CONTEXT.Process(target=_run, args=(list(words), killed_at))
    process.start()
    return process


def _run(words: list[str], killed_at: tuple[int, str] | None) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    if killed_at is not None:
        arm(*killed_at)
    os._exit(main(words))
