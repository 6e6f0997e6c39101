"""Forecasts: how likely a pair reaches a stage by a quarter, from runs under drawn coefficients."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.stats import beta

from partnersim.arrays import Floats, Integers, Truths
from partnersim.history.history import positions
from partnersim.history.outcomes import KEYS
from partnersim.history.references import DECIMALS
from partnersim.model.constants import STAGES
from partnersim.runs.play import simulate_ensemble
from partnersim.scenario.coefficient_draws import with_values
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World

COLUMNS = (*KEYS, "probability", "low", "high")
#: Share of the posterior that an interval holds.
INTERVAL = 0.9


def forecast(
    world: World,
    scenario: Scenario,
    coefficients: pd.DataFrame,
    *,
    runs: int,
    seed: int = 1,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> pd.DataFrame:
    """Return the probability that each pair reaches each stage by each quarter.

    Each draw of the coefficients is simulated ``runs`` times with luck of its own. A probability
    is the share of runs of all draws, half a run added on either side, so that nothing is called
    certain. Its interval is that of a beta distribution with the mean and variance of the
    probability over draws; the variance from the finite number of runs within a draw is taken out
    of it, that of the whole number of runs is put in.

    Parameters
    ----------
    world : World
        Stages at the start.
    scenario : Scenario
        Policy, climate and horizon.
    coefficients : DataFrame
        One row per draw, from `partnersim.scenario.coefficient_draws.draw_coefficients`.
    runs : int
        Runs per draw, at least 2.
    seed : int
        Seed of the runs.
    threads : int, optional
        Never changes a result.
    progress : callable, optional
        Called with the number of runs done.

    Returns
    -------
    DataFrame
        ``iso3, instrument, stage, by, probability, low, high``; one row per pair that is open to
        the country, stage of its path that it has not reached, and quarter.
    """
    shape = (*world.arrays.stage.shape, len(STAGES), scenario.horizon.quarters + 1)
    total, squares, within = np.zeros((3, *shape), np.int64)
    for draw in range(len(coefficients)):
        ensemble = simulate_ensemble(
            world,
            with_values(scenario, coefficients.iloc[draw].to_dict()),
            seed=seed,
            replicates=range(draw * runs, (draw + 1) * runs),
            threads=threads,
        )
        reached = _reached(ensemble.events, shape)
        total += reached
        squares += reached**2
        within += reached * (runs - reached)
        if progress is not None:
            progress((draw + 1) * runs)
    rows, columns, stages = np.nonzero(_asked(world, scenario))
    counts = np.stack([total, squares, within])[:, rows, columns, stages, 1:].reshape(3, -1)
    # Few combinations differ, and quantiles of a beta distribution are slow.
    cases, place = np.unique(counts, axis=1, return_inverse=True)
    probability = (cases[0] + 0.5) / (len(coefficients) * runs + 1.0)
    low, high = _interval(cases, probability, len(coefficients), runs)
    labels = scenario.horizon.labels[1:]
    names = world.countries["iso3"].to_numpy(str), world.instruments["instrument"].to_numpy(str)
    return pd.DataFrame(
        {
            "iso3": np.repeat(names[0][rows], len(labels)),
            "instrument": np.repeat(names[1][columns], len(labels)),
            "stage": np.repeat(np.array(STAGES)[stages], len(labels)),
            "by": np.tile(labels, len(rows)),
            "probability": probability.round(DECIMALS)[place],
            "low": low.round(DECIMALS)[place],
            "high": high.round(DECIMALS)[place],
        }
    )


def _reached(events: pd.DataFrame, shape: tuple[int, ...]) -> Integers:
    """Return in how many runs each pair had reached each stage by each quarter."""
    moved = events[events["event"].isin(["approached", "advanced"])]
    counts = np.zeros(shape, np.int64)
    place = tuple(
        moved[name].cat.codes.to_numpy() for name in ("iso3", "instrument", "stage", "quarter")
    )
    np.add.at(counts, place, 1)
    return counts.cumsum(axis=3)


def _asked(world: World, scenario: Scenario) -> Truths:
    """Return (N, K, 7) flags of the stages that a pair has not reached and may reach."""
    present = world.arrays.stage
    asked = np.zeros((*present.shape, len(STAGES)), bool)
    off = set(scenario.world.switched_off)
    for column, (name, path) in enumerate(
        zip(world.instruments["instrument"], world.instruments["path"], strict=True)
    ):
        if name in off:
            continue
        for stage in positions(path):
            if stage != "none":
                number = STAGES.index(stage)
                asked[:, column, number] = present[:, column] < number
    under_way = present > STAGES.index("planned")
    return asked & ((world.arrays.eligible == 1) | under_way)[:, :, None]


def _interval(cases: Integers, probability: Floats, draws: int, runs: int) -> tuple[Floats, Floats]:
    """Return the ends of the interval of each case: count, sum of squares, sum within draws."""
    mean = cases[0] / (draws * runs)
    spread = cases[1] / (draws * runs**2) - mean**2
    noise = cases[2] / (draws * runs**2) / (runs - 1)
    between = np.maximum(0.0, spread - noise)
    variance = between + probability * (1.0 - probability) / (draws * runs)
    size = np.maximum(probability * (1.0 - probability) / variance - 1.0, 1.0)
    first, second = probability * size, (1.0 - probability) * size
    tail = (1.0 - INTERVAL) / 2.0
    # A skewed interval may leave the mean out; it is then drawn out to it.
    low = np.minimum(beta.ppf(tail, first, second), probability)
    high = np.maximum(beta.ppf(1.0 - tail, first, second), probability)
    return low, high
