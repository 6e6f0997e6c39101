"""What a worker of any engine does: read the plan from the folder, simulate, leave a part."""

from __future__ import annotations

import threading
import time
from functools import lru_cache
from pathlib import Path

from partnersim.runs.chunk import Workbench, simulate_chunk
from partnersim.runs.part import write_part
from partnersim.runs.plan import Plan, plan_in
from partnersim.runs.staged_folder import told
from partnersim.runs.sweep_layout import PARTS_NAME
from partnersim.runs.sweep_reader import read_sweep

_own = threading.local()
_reading = threading.Lock()


@lru_cache(maxsize=1)
def _plan(folder: str, sweep: str) -> Plan:
    return plan_in(read_sweep(folder))


def plan_for(folder: str, sweep: str) -> Plan:
    """Return the plan in a folder, read once per process.

    Parameters
    ----------
    folder : str
        Folder of the sweep.
    sweep : str
        Hash of its configuration.
    """
    with _reading:
        return _plan(folder, sweep)


def work(folder: str, sweep: str, start: int, stop: int) -> float:
    """Simulate the runs ``start`` .. ``stop - 1`` and write them as a part.

    Parameters
    ----------
    folder : str
        Folder of the sweep, which all workers see.
    sweep : str
        Hash of its configuration.
    start, stop : int
        Numbers of runs.

    Returns
    -------
    float
        Seconds that it took.

    Raises
    ------
    InputError
        If the plan cannot be read or the part not be written.
    """
    began = time.perf_counter()
    plan = plan_for(folder, sweep)
    bench: Workbench | None = getattr(_own, "bench", None)
    if bench is None or bench.plan is not plan:
        bench = _own.bench = Workbench(plan)
    part = simulate_chunk(bench, start, stop)
    with told(Path(folder)):
        write_part(Path(folder) / PARTS_NAME, sweep, plan.layout, part)
    return time.perf_counter() - began
