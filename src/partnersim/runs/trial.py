"""A trial: a few runs tell how long the others take and how much room they need."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from partnersim.runs.chunk import Workbench, simulate_chunk
from partnersim.runs.part import encoded_size
from partnersim.runs.plan import Plan

#: Runs of a trial, spread over the whole sweep.
_RUNS = 8
#: A stretch of runs whose part is weighed.
_STRETCH = 64
_ENOUGH_SECONDS = 2.0


@dataclass(frozen=True)
class Trial:
    """What a trial found.

    Attributes
    ----------
    seconds : float
        Of one worker, per run.
    bytes : float
        On disk, per run.
    """

    seconds: float
    bytes: float


def seconds_per_run(plan: Plan) -> float:
    """Return how long a run takes, compiling the rules first if need be."""
    bench = Workbench(plan)
    simulate_chunk(bench, 0, 1)
    runs = np.unique(np.linspace(0, plan.layout.runs - 1, _RUNS).astype(int))
    began = time.perf_counter()
    for run in runs:
        simulate_chunk(bench, int(run), int(run) + 1)
    return (time.perf_counter() - began) / len(runs)


def trial(plan: Plan) -> Trial:
    """Time some runs and weigh their part; nothing is written."""
    seconds = seconds_per_run(plan)
    stop = min(plan.layout.runs, _STRETCH, max(1, int(_ENOUGH_SECONDS / seconds)))
    part = simulate_chunk(Workbench(plan), 0, stop)
    return Trial(seconds, encoded_size(plan.layout, part) / stop)
