"""The ranks of an MPI job through mpi4py; started as ``mpiexec -n N python -m mpi4py.futures``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mpi4py.futures import MPIPoolExecutor

from partnersim.errors import InputError, one_line
from partnersim.runs.engines.pool import ExecutorPool, Pool
from partnersim.scenario.engine import Engine


@contextmanager
def pool(engine: Engine, workers: int) -> Iterator[Pool]:
    """Use the ranks that the job has.

    Raises
    ------
    InputError
        If this is no MPI job: MPI would wait for ranks that nobody starts.
    """
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:
        raise InputError(f"engine=mpi: no MPI was found ({one_line(str(error))})") from None
    if MPI.COMM_WORLD.size < 2:
        raise InputError(
            "engine=mpi: this is no MPI job of two ranks or more; start one with: mpiexec -n 4"
            " python -m mpi4py.futures -m partnersim.cli.program ... engine=mpi"
        )
    with MPIPoolExecutor(max_workers=workers) as executor:
        yield ExecutorPool(executor)
