"""Slurm jobs through submitit: one job per chunk, on machines that share the results folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import submitit
from submitit.core.utils import FailedJobError

from partnersim.errors import InputError, one_line
from partnersim.runs.engines.pool import Job, Pool
from partnersim.scenario.engine import Engine

#: Seconds between two looks at the queue.
_PAUSE = 0.5
#: Folder of the jobs' scripts and logs, below the home folder.
LOGS_NAME = "partnersim_slurm"


class SlurmPool:
    """Jobs of a submitit executor."""

    def __init__(self, executor: Any) -> None:
        self._executor = executor

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Job:
        """Queue a job that calls the function.

        Raises
        ------
        InputError
            If Slurm does not take it.
        """
        try:
            return cast(Job, self._executor.submit(function, *arguments))
        except FailedJobError as error:
            raise InputError(f"engine=slurm: Slurm takes no job ({one_line(str(error))})") from None

    def finished(self, jobs: Iterable[Job], seconds: float) -> set[Job]:
        """Wait until a job is done, or so many seconds; return those that are done."""
        waiting = list(jobs)
        until = time.monotonic() + seconds
        while True:
            done = {job for job in waiting if cast(Any, job).done()}
            if done or time.monotonic() > until:
                return done
            time.sleep(min(_PAUSE, seconds))

    def cancel(self, jobs: Iterable[Job]) -> None:
        """Take jobs out of the queue."""
        for job in jobs:
            cast(Any, job).cancel(check=False)


def _executor() -> Any:
    """Return submitit's executor; its logs lie where every node can see them."""
    return submitit.AutoExecutor(Path.home() / LOGS_NAME, cluster="slurm")


@contextmanager
def pool(engine: Engine, workers: int) -> Iterator[Pool]:
    """Reach Slurm from a login node.

    Raises
    ------
    InputError
        If this machine has no Slurm.
    """
    try:
        executor = _executor()
    except RuntimeError as error:
        raise InputError(f"engine=slurm: {error}") from None
    settings: dict[str, Any] = {"timeout_min": engine.minutes, "cpus_per_task": 1}
    if engine.partition is not None:
        settings["slurm_partition"] = engine.partition
    executor.update_parameters(name="partnersim", **settings)
    yield SlurmPool(executor)
