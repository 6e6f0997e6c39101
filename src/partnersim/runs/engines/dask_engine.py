"""dask.distributed: a cluster of processes on this machine, or a scheduler elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from distributed import Client, LocalCluster

from partnersim.errors import InputError
from partnersim.runs.engines.pool import ExecutorPool, Pool
from partnersim.scenario.engine import Engine

#: So long a scheduler may take to answer.
_PATIENCE = "20s"


@contextmanager
def pool(engine: Engine, workers: int) -> Iterator[Pool]:
    """Start or reach the cluster.

    Raises
    ------
    InputError
        If no scheduler answers at the address.
    """
    if engine.address is not None:
        try:
            client = Client(engine.address, timeout=_PATIENCE)
        except (OSError, ValueError) as error:
            raise InputError(
                f"engine.address={engine.address}: no dask scheduler answers there ({error})"
            ) from None
        with client:
            yield ExecutorPool(client.get_executor(pure=False))
        return
    with (
        LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
    ):
        yield ExecutorPool(client.get_executor(pure=False))
