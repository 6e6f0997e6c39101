"""Threads of this process: compiled runs do not hold Python's lock."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from partnersim.runs.engines.pool import ExecutorPool, Pool
from partnersim.scenario.engine import Engine


@contextmanager
def pool(engine: Engine, workers: int) -> Iterator[Pool]:
    """Start the threads; they end with the block, after the chunks at work."""
    executor = ThreadPoolExecutor(workers, thread_name_prefix="sweep")
    try:
        yield ExecutorPool(executor)
    finally:
        executor.shutdown(cancel_futures=True)
