"""The engine: which machinery works through the chunks of a sweep. It never changes a result."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from partnersim.scenario.settings import Settings, number

EngineName = Literal["threads", "processes", "dask", "slurm", "mpi"]


class Engine(Settings):
    """How a sweep is worked through; outside the hash of the results."""

    name: EngineName = Field(default="threads", description="Which machinery does the work")
    workers: int | None = number(
        *("Chunks at work at once; null for as many as `threads`", 1, 100_000),
        unit="workers",
        default=None,
    )
    chunk_seconds: float = number(
        "How long one chunk of runs should take", 0.01, 86_400, unit="seconds", default=10.0
    )
    address: str | None = Field(
        default=None, description="dask: address of a scheduler; null starts a local cluster"
    )
    partition: str | None = Field(default=None, description="slurm: partition of the jobs")
    minutes: int = number("slurm: time limit of a job", 1, 100_000, unit="minutes", default=60)

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if self.address is not None and self.name != "dask":
            raise ValueError(f"address belongs to dask, not to {self.name}")
        if self.partition is not None and self.name != "slurm":
            raise ValueError(f"partition belongs to slurm, not to {self.name}")
        return self
