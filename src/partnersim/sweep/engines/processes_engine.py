"""Processes on this machine, started afresh: nothing of this process leaks into them."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

from partnersim.scenario.engine import Engine
from partnersim.sweep.engines.pool import ExecutorPool, Pool


def _leave_interrupts_alone() -> None:
    """Let the coordinator alone answer Ctrl-C: chunks at work are finished and kept."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def pool(engine: Engine, workers: int) -> Iterator[Pool]:
    """Start the processes; they end with the block, after the chunks at work."""
    executor = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_leave_interrupts_alone,
    )
    try:
        yield ExecutorPool(executor)
    finally:
        executor.shutdown(cancel_futures=True)
