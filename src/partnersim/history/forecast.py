"""Forecasts: how likely a pair reaches a stage by a quarter, from runs under drawn coefficients."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import beta

from partnersim.history.coding import positions
from partnersim.model.constants import STAGES
from partnersim.runs.ensemble import simulate_ensemble
from partnersim.scenario.coefficient_draws import with_values
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World

KEYS = ("iso3", "instrument", "stage", "by")
COLUMNS = (*KEYS, "probability", "low", "high")
#: Share of the posterior that an interval holds.
INTERVAL = 0.9
DECIMALS = 5

Counts = NDArray[np.int64]


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
    quarters = scenario.horizon.quarters
    countries, instruments = world.arrays.stage.shape
    shape = (countries, instruments, len(STAGES), quarters + 1)
    total = np.zeros(shape, np.int64)
    squares = np.zeros(shape, np.int64)
    within = np.zeros(shape, np.int64)
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
    return _table(world, scenario, total, squares, within, len(coefficients), runs)


def _reached(events: pd.DataFrame, shape: tuple[int, ...]) -> Counts:
    """Return in how many runs each pair had reached each stage by each quarter."""
    moved = events[events["event"].isin(["approached", "advanced"])]
    counts = np.zeros(shape, np.int64)
    place = tuple(
        moved[name].cat.codes.to_numpy() for name in ("iso3", "instrument", "stage", "quarter")
    )
    np.add.at(counts, place, 1)
    return counts.cumsum(axis=3)


def _table(
    world: World,
    scenario: Scenario,
    total: Counts,
    squares: Counts,
    within: Counts,
    draws: int,
    runs: int,
) -> pd.DataFrame:
    """Return the table of all pairs, stages and quarters that are open."""
    asked = _asked(world, scenario)
    rows, columns, stages = np.nonzero(asked)
    labels = list(scenario.horizon.labels)[1:]
    everything = draws * runs
    count = total[rows, columns, stages, 1:].ravel()
    square = squares[rows, columns, stages, 1:].ravel()
    inside = within[rows, columns, stages, 1:].ravel()
    # Few combinations differ, and quantiles of a beta distribution are slow.
    cases, place = np.unique(np.stack([count, square, inside]), axis=1, return_inverse=True)
    probability = (cases[0] + 0.5) / (everything + 1.0)
    low, high = _interval(cases, probability, draws, runs)
    times = len(labels)
    return pd.DataFrame(
        {
            "iso3": np.repeat(world.countries["iso3"].to_numpy(str)[rows], times),
            "instrument": np.repeat(world.instruments["instrument"].to_numpy(str)[columns], times),
            "stage": np.repeat(np.array(STAGES)[stages], times),
            "by": np.tile(labels, len(rows)),
            "probability": probability.round(DECIMALS)[place],
            "low": low.round(DECIMALS)[place],
            "high": high.round(DECIMALS)[place],
        }
    )


def _asked(world: World, scenario: Scenario) -> NDArray[np.bool_]:
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


def _interval(
    cases: Counts, probability: NDArray[np.float64], draws: int, runs: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
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
