"""Why PRIM is not taken from ema_workbench: the same box, and how long both take.

    python -m benchmarks.scenario_discovery

Sampled futures with 28 factors and a choice; a box is planted in which nearly everything fails.
"""

from __future__ import annotations

import math
import statistics
import time
import warnings

import numpy as np
import pandas as pd

from benchmarks.measuring import machine, show
from partnersim.compare.box import measured
from partnersim.compare.peeling import trajectory

FACTORS = 28
REPEATS = 3


def futures(size: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Return points and where a policy fails."""
    generator = np.random.default_rng(seed)
    points = pd.DataFrame(generator.random((size, FACTORS))).rename(columns="x{}".format)
    points["geopolitics"] = generator.choice(["calm", "coercion", "fragmentation", "rivalry"], size)
    planted = (points["x0"] < 0.5) & (points["geopolitics"] == "coercion")
    return points, generator.random(size) < np.where(planted, 0.9, 0.15)


def main() -> None:
    """Print seconds by the number of points, and whether the boxes are the same."""
    for line in machine():
        print(line)
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ema_workbench.analysis.prim import Prim
    show("seconds to import ema_workbench", f"{time.perf_counter() - began:.1f}")
    for size in (128, 512):
        here, there, same = [], [], True
        for seed in range(REPEATS):
            points, fails = futures(size, seed)
            began = time.perf_counter()
            boxes = trajectory(points, fails, math.ceil(0.05 * size))
            here.append(time.perf_counter() - began)
            encoded = points.astype({"geopolitics": "category"})
            began = time.perf_counter()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = Prim(encoded, fails.astype(int)).find_box()
            there.append(time.perf_counter() - began)
            cases = [measured(limits, points, fails).cases for limits in boxes]
            same &= cases == found.peeling_trajectory["n"].tolist()
        show(
            f"{size} points: seconds for a box, ema_workbench / partnersim",
            f"{statistics.median(there):.2f} / {statistics.median(here):.2f} = "
            f"{statistics.median(there) / statistics.median(here):.0f}; same boxes: {same}",
        )


if __name__ == "__main__":
    main()
