"""Pools of workers, alike for every engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Executor, wait
from contextlib import AbstractContextManager
from importlib import import_module
from typing import Any, Protocol, cast

from partnersim.errors import InputError
from partnersim.scenario.engine import Engine


class Job(Protocol):
    """A chunk at work."""

    def result(self) -> Any:
        """Return what the worker returned, or raise what it raised."""


class Pool(Protocol):
    """Workers that take one chunk each."""

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Job:
        """Let a worker call the function."""

    def finished(self, jobs: Iterable[Job], seconds: float) -> set[Job]:
        """Wait until a job is done, or so many seconds; return those that are done."""

    def cancel(self, jobs: Iterable[Job]) -> None:
        """Take back what has not begun."""


class ExecutorPool:
    """A pool over an executor of `concurrent.futures`."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Job:
        """Let a worker call the function."""
        return self._executor.submit(function, *arguments)

    def finished(self, jobs: Iterable[Job], seconds: float) -> set[Job]:
        """Wait until a job is done, or so many seconds; return those that are done."""
        done, _ = wait(cast(Any, list(jobs)), timeout=seconds, return_when=FIRST_COMPLETED)
        return cast(set[Job], done)

    def cancel(self, jobs: Iterable[Job]) -> None:
        """Take back what has not begun."""
        for job in jobs:
            cast(Any, job).cancel()


#: Package that an engine needs, and the extra that installs it.
_NEEDS = {"dask": "distributed", "slurm": "submitit", "mpi": "mpi4py"}


def open_pool(engine: Engine, workers: int) -> AbstractContextManager[Pool]:
    """Return the pool of an engine, to be used as a context.

    Parameters
    ----------
    engine : Engine
        Which, and how to reach it.
    workers : int
        Chunks at work at once.

    Raises
    ------
    InputError
        If the package that it needs is not installed.
    """
    needed = _NEEDS.get(engine.name)
    if needed is not None:
        try:
            import_module(needed)
        except ImportError:
            raise InputError(
                f"engine={engine.name}: needs the package {needed}, which is not installed;"
                f" install it with: pip install 'partnersim[{engine.name}]'"
            ) from None
    module = import_module(f"partnersim.runs.engines.{engine.name}_engine")
    opened: AbstractContextManager[Pool] = module.pool(engine, workers)
    return opened
