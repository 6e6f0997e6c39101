"""Speed of the bare actor-oriented mode: ministeps per CPU second, and what a second thread adds.

    python -m benchmarks.actor_oriented

The network starts with 8 partners per actor; the model has density, closure, popularity, an
alter and a dyadic covariate; each actor takes 20 ministeps on average. Compilation is left out.
"""

from __future__ import annotations

import time

import numpy as np

from benchmarks.measuring import begin, show, spread
from partnersim.actor_oriented import Simulation, simulate

REPEATS = 9
MINISTEPS = 400_000
RATE = 20.0
#: Actors, and a density at which the number of partners stays moderate.
CASES = ((60, -1.6), (190, -2.0))


def run(
    actors: int, density: float, tie_model: str, seed: int, threads: int
) -> tuple[Simulation, float, float]:
    """Return one simulation with the CPU and the wall-clock seconds that it took."""
    generator = np.random.default_rng(1)
    upper = np.triu(generator.random((actors, actors)) < 8.0 / actors, 1)
    distance = generator.normal(size=(actors, actors))
    arguments = dict(
        coefficients={
            "density": density,
            "shared_partners": 0.2,
            "degree_of_alter": 0.02,
            "alter.wealth": 0.2,
            "dyadic.distance": -0.2,
        },
        alter={"wealth": generator.normal(size=actors)},
        dyadic={"distance": distance + distance.T},
        rate=RATE,
        tie_model=tie_model,
        seed=seed,
        replicates=round(MINISTEPS / (RATE * actors)),
        threads=threads,
    )
    wall, processor = time.perf_counter(), time.process_time()
    result = simulate(upper | upper.T, **arguments)  # type: ignore[arg-type]
    return result, time.process_time() - processor, time.perf_counter() - wall


def main() -> None:
    """Print one line per number of actors and tie model."""
    run(8, -1.0, "forcing", 0, 1)
    begin("Bare actor-oriented mode")
    for actors, density in CASES:
        for tie_model in ("forcing", "confirmation"):
            speeds, ratios = [], []
            for seed in range(REPEATS):
                result, processor, wall = run(actors, density, tie_model, seed, 1)
                speeds.append(result.ministeps.sum() / processor / 1e6)
                ratios.append(wall / run(actors, density, tie_model, seed, 2)[2])
            changing = result.changes.sum() / result.ministeps.sum()
            show(
                f"{actors} actors, {tie_model}: million ministeps per CPU s",
                f"{spread(speeds, 2)}; {changing:.0%} change a tie",
            )
            show(f"{actors} actors, {tie_model}: two threads / one", spread(ratios, 2))


if __name__ == "__main__":
    main()
