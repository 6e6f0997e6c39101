"""Processes on this machine, started afresh: nothing of this process leaks into them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

from partnersim.runs.engines.pool import ExecutorPool, Pool
from partnersim.scenario.engine import Engine


def _serve_the_coordinator() -> None:
    """Let it alone answer Ctrl-C (chunks at work are finished and kept), and do not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_coordinator, daemon=True).start()


def _end_with_the_coordinator() -> None:
    """End when it ends: killed, it tells nobody, and its workers would wait for ever."""
    coordinator = multiprocessing.parent_process()
    assert coordinator is not None
    coordinator.join()
    os._exit(1)


@contextmanager
def pool(engine: Engine, workers: int) -> Iterator[Pool]:
    """Start the processes; they end with the block, after the chunks at work."""
    executor = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_serve_the_coordinator,
    )
    try:
        yield ExecutorPool(executor)
    finally:
        executor.shutdown(cancel_futures=True)
