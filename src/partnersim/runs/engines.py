"""Engines: what works through the chunks. Each is an executor; none can change a result."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from partnersim.errors import InputError, one_line
from partnersim.scenario.run_settings import Engine

#: Package that an engine needs; the extra that installs it has the engine's name.
_NEEDS = {"dask": "distributed", "slurm": "submitit", "mpi": "mpi4py"}
#: So long a dask scheduler may take to answer.
_PATIENCE = "20s"
#: Folder of the scripts and logs of Slurm's jobs, below the home folder.
LOGS_NAME = "partnersim_slurm"


@contextmanager
def open_engine(engine: Engine, workers: int) -> Iterator[Executor]:
    """Start what does the work; it ends with the block, after the chunks at work.

    Parameters
    ----------
    engine : Engine
        Which, and how to reach it.
    workers : int
        Chunks at work at once.

    Raises
    ------
    InputError
        If the package that it needs is not installed, or it cannot be reached.
    """
    if engine.name in _NEEDS:
        check_installed(_NEEDS[engine.name], f"engine={engine.name}", engine.name)
    with ExitStack() as stack:
        executor = _EXECUTORS[engine.name](engine, workers, stack)
        stack.callback(executor.shutdown)
        yield executor


def check_installed(package: str, asked: str, extra: str) -> None:
    """Refuse what was asked for if the package that it needs is not installed.

    Raises
    ------
    InputError
        It names the extra that installs the package.
    """
    try:
        import_module(package)
    except ImportError:
        raise InputError(
            f"{asked}: needs the package {package}, which is not installed; install it with:"
            f" pip install 'partnersim[{extra}]'"
        ) from None


def _threads(engine: Engine, workers: int, stack: ExitStack) -> Executor:
    """Start threads of this process: compiled runs do not hold Python's lock."""
    return ThreadPoolExecutor(workers, thread_name_prefix="runs")


def _processes(engine: Engine, workers: int, stack: ExitStack) -> Executor:
    """Start fresh processes on this machine: nothing of this process leaks into them."""
    spawned = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=spawned, initializer=_serve_the_coordinator)


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


def _dask(engine: Engine, workers: int, stack: ExitStack) -> Executor:
    """Start a dask cluster on this machine, or reach a scheduler elsewhere."""
    from dask import config
    from distributed import Client, LocalCluster

    address = engine.address
    if address is None:
        # Workers would take a look at themselves a hundred times a second, for a page that is off.
        stack.enter_context(config.set({"distributed.worker.profile.enabled": False}))
        cluster = LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None
        )
        address = stack.enter_context(cluster)
    try:
        client = stack.enter_context(Client(address, timeout=_PATIENCE))
    except (OSError, ValueError) as error:
        raise InputError(
            f"engine.address={engine.address}: no dask scheduler answers there ({error})"
        ) from None
    return client.get_executor(pure=False)


def _mpi(engine: Engine, workers: int, stack: ExitStack) -> Executor:
    """Reach the ranks of an MPI job, started as ``mpiexec -n N python -m mpi4py.futures``."""
    try:
        from mpi4py import MPI
        from mpi4py.futures import MPIPoolExecutor
    except (ImportError, RuntimeError) as error:
        raise InputError(f"engine=mpi: no MPI was found ({one_line(str(error))})") from None
    # MPI would wait for ranks that nobody starts.
    if MPI.COMM_WORLD.size < 2:
        raise InputError(
            "engine=mpi: this is no MPI job of two ranks or more; start one with: mpiexec -n 4"
            " python -m mpi4py.futures -m partnersim.cli.program ... engine=mpi"
        )
    return MPIPoolExecutor(max_workers=workers)


def slurm_executor() -> Any:
    """Return submitit's executor; its logs lie where every node can see them."""
    import submitit

    return submitit.AutoExecutor(Path.home() / LOGS_NAME, cluster="slurm")


class SlurmExecutor(Executor):
    """Slurm jobs through submitit, on machines that share the results folder.

    One job per chunk, and one thread that waits for it.

    Parameters
    ----------
    slurm : submitit.Executor
        What queues the jobs.
    """

    def __init__(self, slurm: Any) -> None:
        self._slurm = slurm
        self._jobs: dict[Future[Any], Any] = {}

    def submit[Result](
        self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any
    ) -> Future[Result]:
        """Queue a job that calls the function.

        Raises
        ------
        InputError
            If Slurm does not take it.
        """
        from submitit.core.utils import FailedJobError

        try:
            job = self._slurm.submit(fn, *args, **kwargs)
        except FailedJobError as error:
            raise InputError(f"engine=slurm: Slurm takes no job ({one_line(str(error))})") from None
        future: Future[Result] = Future()
        future.set_running_or_notify_cancel()
        self._jobs[future] = job
        threading.Thread(target=_hand_on, args=(job, future), daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take jobs out of the queue that nobody waits for any more."""
        for future, job in self._jobs.items():
            if not future.done():
                job.cancel(check=False)


def _hand_on(job: Any, future: Future[Any]) -> None:
    """Wait for a job of Slurm, and hand on its result or its failure."""
    try:
        future.set_result(job.result())
    except Exception as error:
        future.set_exception(error)


def _slurm(engine: Engine, workers: int, stack: ExitStack) -> Executor:
    """Reach Slurm from a login node."""
    try:
        executor = slurm_executor()
    except RuntimeError as error:
        raise InputError(f"engine=slurm: {error}") from None
    settings: dict[str, Any] = {"timeout_min": engine.minutes, "cpus_per_task": 1}
    if engine.partition is not None:
        settings["slurm_partition"] = engine.partition
    executor.update_parameters(name="partnersim", **settings)
    return SlurmExecutor(executor)


_EXECUTORS: dict[str, Callable[[Engine, int, ExitStack], Executor]] = {
    "threads": _threads,
    "processes": _processes,
    "dask": _dask,
    "slurm": _slurm,
    "mpi": _mpi,
}
