"""How the benchmarks measure: rounds, medians, the machine."""

from __future__ import annotations

import gc
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

#: For programs of their own: writes how much memory they needed at most, MiB. Unlike what getrusage
#: tells, this begins anew with the program.
PRINT_PEAK = """
from pathlib import Path
status = Path("/proc/self/status").read_text()
peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
print(int(peak.split()[1]) / 1024)
"""


def cpu_seconds(work: Callable[..., object], *arguments: object) -> float:
    """Return the CPU seconds that a piece of work takes in this process."""
    gc.collect()
    began = time.process_time()
    work(*arguments)
    return time.process_time() - began


def wall_seconds(work: Callable[..., object], *arguments: object) -> float:
    """Return the seconds that a piece of work takes by the clock on the wall."""
    gc.collect()
    began = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - began


def spread(values: Sequence[float], digits: int, factor: float = 1.0) -> str:
    """Write a median with its smallest and largest value, all times a factor."""
    middle, low, high = (factor * f(values) for f in (statistics.median, min, max))
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def machine() -> list[str]:
    """Describe the machine, and warn if others are using it."""
    model = platform.processor() or "unknown processor"
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "mesa"))
    lines = [
        f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}, {packages}, partnersim {version('partnersim')}",
    ]
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    if busy > 0.3:
        lines.append(
            f"WARNING: the machine is busy (load {busy:.1f}): CPU times are inflated, "
            "ratios by the clock are worthless"
        )
    return lines


#: What was shown: part, what, value.
ROWS: list[tuple[str, str, str]] = []
_part = [""]


def begin(part: str) -> None:
    """Print the heading of what comes next."""
    _part[0] = part
    print(f"\n{part}")


def show(name: str, value: str) -> None:
    """Print one line of the table."""
    ROWS.append((_part[0], name, value))
    print(f"  {name:<58} {value}")
    sys.stdout.flush()
