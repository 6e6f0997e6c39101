"""The backtest: fit to the end of 2022, forecast 2023 to June 2025, compare with what happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from partnersim.arrays import Truths
from partnersim.history.design import CalibrationChoices, known_until, on_offer, quarter_world
from partnersim.history.estimated import behaviour_of
from partnersim.history.evidence import HistoryEvidence, estimate, past_scenario
from partnersim.history.forecast import forecast
from partnersim.history.history import records
from partnersim.history.outcomes import with_outcomes
from partnersim.history.posterior import Posterior, covariance_of
from partnersim.history.references import REFERENCES, pooled, with_references
from partnersim.history.scores import calibration_table, score_table
from partnersim.history.timeline import LAST_QUARTER, quarter_name, quarter_number
from partnersim.scenario.coefficient_draws import draw_coefficients
from partnersim.scenario.horizon import FIRST_QUARTER, Horizon, quarter_index, quarter_label
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World

CUT = "2022Q4"
_SHIPPED = CalibrationChoices()
#: The first is what is offered; the others are compared with it.
FORECASTS = ("pooled", "model", *REFERENCES)


@dataclass(frozen=True)
class Backtest:
    """Cases, scores and calibration of a backtest.

    Attributes
    ----------
    cases : DataFrame
        One row per pair, stage and quarter: keys, ``model`` with ``low`` and ``high``, ``pooled``
        (the model with a share of popularity), the references, ``happened``, ``pipeline``,
        ``cluster``.
    scores : DataFrame
        From `score_table`, at the last quarter.
    calibration : DataFrame
        From `calibration_table`, at the last quarter.
    posterior : Posterior
        What the fit knew.
    out_of_scope : DataFrame
        New ties that no forecast at the cut could name: ``iso3, instrument``.
    """

    cases: pd.DataFrame
    scores: pd.DataFrame
    calibration: pd.DataFrame
    posterior: Posterior
    out_of_scope: pd.DataFrame


def backtest(
    evidence: HistoryEvidence,
    *,
    draws: int = 40,
    runs: int = 25,
    seed: int = 1,
    cut: str = CUT,
    until: str = LAST_QUARTER,
    choices: CalibrationChoices = _SHIPPED,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Backtest:
    """Forecast the time after a cut with what was known at it, and score the forecast.

    Parameters
    ----------
    evidence : HistoryEvidence
        From `read_evidence`.
    draws, runs : int
        Draws of the coefficients, and runs of each.
    seed : int
        Seed of draws and runs.
    cut, until : str
        Last quarter known, and last quarter forecast.
    choices : CalibrationChoices
        What is taken for granted.
    threads : int, optional
        Never changes a result.
    progress : callable, optional
        Called with the number of runs done.
    """
    posterior = estimate(evidence, cut, choices)
    start, end = quarter_number(cut), quarter_number(until)
    world = evidence.world
    found, dateless, first = known_until(world, evidence.history, cut)
    past = quarter_world(world, evidence.panel, found, start + 1, {})
    offered = on_offer(world, first, start, choices.lead_years)
    assumed = past_scenario().behaviour
    coefficients = draw_coefficients(
        behaviour_of(posterior, assumed), seed, draws, covariance_of(posterior, assumed)
    )
    scenario = _scenario(world, offered, end - start)
    table = forecast(
        past, scenario, coefficients, runs=runs, seed=seed, threads=threads, progress=progress
    )
    labels = [quarter_name(start + place) for place in range(1, end - start + 1)]
    table["by"] = table["by"].map(dict(zip(scenario.horizon.labels[1:], labels, strict=True)))
    nobody_knows = pd.MultiIndex.from_frame(_pairs(world, dateless))
    asked = pd.MultiIndex.from_frame(table[["iso3", "instrument"]])
    table = table[~asked.isin(nobody_knows)].reset_index(drop=True)
    known = records(evidence.history, world, until)
    open_to = (past.arrays.eligible == 1) & ~dateless & offered[None, :]
    cases = with_references(with_outcomes(table, known, world, start), found, past, open_to, start)
    cases = cases.rename(columns={"probability": "model"})
    cases["pooled"] = pooled(cases["model"].to_numpy(), cases["popularity"].to_numpy())
    last = cases[cases["by"] == until]
    late = np.zeros(world.arrays.stage.shape, bool)
    for record in known:
        late[record.country, record.instrument] |= record.last > start
    return Backtest(
        cases=cases,
        scores=score_table(last, FORECASTS, groups(last)),
        calibration=calibration_table(last, FORECASTS),
        posterior=posterior,
        out_of_scope=_pairs(world, late & ~offered[None, :]),
    )


def groups(cases: pd.DataFrame) -> dict[str, Truths]:
    """Return the parts of the cases that are scored apart.

    A *new tie* is the first signature or entry into force, whichever stage of the path it is.
    """
    pipeline = cases["pipeline"].to_numpy(bool)
    tie = _is_tie(cases)
    return {
        "all": np.ones(len(cases), bool),
        "pipeline": pipeline,
        "novel": ~pipeline,
        "new ties": tie,
        "new ties, pipeline": tie & pipeline,
        "new ties, novel": tie & ~pipeline,
    }


def _is_tie(cases: pd.DataFrame) -> Truths:
    """Return for every case whether its stage is the one that makes a tie on its path."""
    pairs = pd.MultiIndex.from_frame(cases[["iso3", "instrument"]])
    stage = cases["stage"].to_numpy(str)
    signed = pairs.isin(pairs[stage == "signed"])
    return (stage == "signed") | ((stage == "in_force") & ~signed)


def _scenario(world: World, offered: Truths, quarters: int) -> Scenario:
    """Return the past scenario over some quarters, without instruments nobody knew."""
    scenario = past_scenario()
    names = world.instruments["instrument"].to_numpy(str)
    choice = scenario.world.model_copy(update={"switched_off": tuple(names[~offered])})
    assert quarter_index(FIRST_QUARTER) == 1
    horizon = Horizon(start=FIRST_QUARTER, end=quarter_label(quarters))
    return scenario.model_copy(update={"world": choice, "horizon": horizon})


def _pairs(world: World, chosen: Truths) -> pd.DataFrame:
    """Return the chosen ones of all (N, K) pairs: ``iso3, instrument``."""
    rows, columns = np.nonzero(chosen)
    return pd.DataFrame(
        {
            "iso3": world.countries["iso3"].to_numpy(str)[rows],
            "instrument": world.instruments["instrument"].to_numpy(str)[columns],
        }
    )
