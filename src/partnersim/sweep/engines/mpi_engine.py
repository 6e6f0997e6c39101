"""The ranks of an MPI job through mpi4py; started as ``mpiexec -n N python -m mpi4py.futures``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mpi4py.futures import MPIPoolExecutor

from partnersim.scenario.engine import Engine
from partnersim.sweep.engines.pool import ExecutorPool, Pool


@contextmanager
def pool(engine: Engine, workers: int) -> Iterator[Pool]:
    """Use the ranks that the job has, or let MPI start so many workers."""
    with MPIPoolExecutor(max_workers=workers) as executor:
        yield ExecutorPool(executor)
