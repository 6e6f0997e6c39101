"""Forecasts: how likely a pair reaches a stage by a quarter, from runs under drawn coefficients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.stats import beta

from partnersim.arrays import Floats, Integers, Truths
from partnersim.errors import InputError
from partnersim.history.cases import DECIMALS, KEYS, pool_forecast
from partnersim.history.history import positions, read_history
from partnersim.model.constants import OPENINGS, STAGES
from partnersim.runs.plan import POPULARITY, Plan, plan_in, plan_of
from partnersim.runs.reader import Runs
from partnersim.scenario.coefficient_draws import draw_coefficients
from partnersim.scenario.design import Design, Factor
from partnersim.scenario.experiment import Experiment
from partnersim.scenario.run_settings import RunSettings
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World

COLUMNS = (*KEYS, "probability", "low", "high")
#: Kind of these runs, name of their table and of its folder.
FORECAST = "forecast"
#: Share of the posterior that an interval holds.
INTERVAL = 0.9


def forecast_plan(
    scenario: Scenario, settings: RunSettings, *, draws: int, runs: int, popularity: int
) -> Plan:
    """Return the runs of a forecast: draws of the coefficients are its futures.

    Each draw is simulated several times with luck of its own.

    Parameters
    ----------
    scenario : Scenario
        Policy, climate and horizon.
    settings : RunSettings
        Seed of draws and runs, output, threads.
    draws, runs : int
        Draws of the coefficients from their posterior, and runs of each, at least 2.
    popularity : int
        Share of popularity that is mixed in, in percent.

    Raises
    ------
    InputError
        If the scenario has no estimated coefficient to draw.
    """
    behaviour = scenario.behaviour
    draw_coefficients(behaviour, settings.seed, 1)
    drawn = {name: behaviour.coefficients[name] for name in behaviour.named_by_origin("estimated")}
    design = Design(
        kind="latin_hypercube",
        points=draws,
        factors={
            f"behaviour.coefficients.{name}.value": Factor(
                distribution="posterior", low=item.low, high=item.high
            )
            for name, item in drawn.items()
        },
        quarters="all",
    )
    own = {"experiment": FORECAST, "kind": FORECAST, "replicates": runs, "design": design}
    plan = plan_of(experiment_of(scenario, settings, own))
    return replace(plan, more={POPULARITY: popularity})


def experiment_of(
    scenario: Scenario, settings: RunSettings, changes: Mapping[str, object]
) -> Experiment:
    """Return the experiment that plays one scenario, with changed settings of the run."""
    name, climate = scenario.policy.name, scenario.geopolitics.name
    alone = {"policies": (), "climates": (), "reference": name, "shock_tests": (), "design": None}
    return Experiment(
        settings=settings.model_copy(update={**alone, **changes}),
        policy={name: scenario.policy},
        geopolitics={climate: scenario.geopolitics},
        **{part: getattr(scenario, part) for part in ("world", "shocks", "behaviour", "horizon")},
    )


def forecast_tables(stored: Runs) -> dict[str, pd.DataFrame]:
    """Return the table of a finished forecast: its probabilities, popularity mixed in."""
    plan = plan_in(stored)
    table = probabilities(stored, plan)
    share = int(plan.more[POPULARITY]) / 100
    return {FORECAST: pool_forecast(table, plan.world, read_history(), share)}


def probabilities(stored: Runs, plan: Plan) -> pd.DataFrame:
    """Return the probability that each pair reaches each stage by each quarter.

    A probability is the share of runs of all draws, half a run added on either side, so that
    nothing is called certain. Its interval is that of a beta distribution with the mean and
    variance of the probability over draws; the variance from the finite number of runs within a
    draw is taken out of it, that of the whole number of runs is put in.

    Parameters
    ----------
    stored : Runs
        Complete; every future is a draw of the coefficients.
    plan : Plan
        Theirs.

    Returns
    -------
    DataFrame
        ``iso3, instrument, stage, by, probability, low, high``; one row per pair that is open to
        the country, stage of its path that it has not reached, and quarter.

    Raises
    ------
    InputError
        If runs are missing or failed.
    """
    if stored.warning or stored.completeness.failed:
        raise InputError(
            stored.warning or f"{stored.folder}: {stored.completeness.failed} runs failed"
        )
    world, scenario, layout = plan.world, plan.experiment.arms[0].scenario, stored.layout
    draws, runs = layout.futures, layout.replicates
    shape = (*world.arrays.stage.shape, len(STAGES), scenario.horizon.quarters + 1)
    total, squares, within = np.zeros((3, *shape), np.int64)
    for draw in range(draws):
        reached = _reached(stored.events(future=draw), scenario.horizon.labels, shape)
        total += reached
        squares += reached**2
        within += reached * (runs - reached)
    rows, columns, stages = np.nonzero(_asked(world, scenario))
    counts = np.stack([total, squares, within])[:, rows, columns, stages, 1:].reshape(3, -1)
    # Few combinations differ, and quantiles of a beta distribution are slow.
    cases, place = np.unique(counts, axis=1, return_inverse=True)
    probability = (cases[0] + 0.5) / (draws * runs + 1.0)
    low, high = _interval(cases, probability, draws, runs)
    labels = scenario.horizon.labels[1:]
    return pd.DataFrame(
        {
            "iso3": np.repeat(np.array(layout.iso3)[rows], len(labels)),
            "instrument": np.repeat(np.array(layout.instruments)[columns], len(labels)),
            "stage": np.repeat(np.array(STAGES)[stages], len(labels)),
            "by": np.tile(labels, len(rows)),
            "probability": probability.round(DECIMALS)[place],
            "low": low.round(DECIMALS)[place],
            "high": high.round(DECIMALS)[place],
        }
    )


def _reached(events: pd.DataFrame, quarters: Sequence[str], shape: tuple[int, ...]) -> Integers:
    """Return in how many runs each pair had reached each stage by each quarter."""
    moved = events[events["event"].isin([*OPENINGS, "advanced"])]
    axes = {"stage": list(STAGES), "quarter": list(quarters)}
    coded = moved.astype({name: pd.CategoricalDtype(words) for name, words in axes.items()})
    counts = np.zeros(shape, np.int64)
    place = tuple(coded[name].cat.codes.to_numpy() for name in ("iso3", "instrument", *axes))
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
