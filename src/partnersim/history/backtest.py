"""The backtest: fit to the end of 2022, forecast 2023 to June 2025, compare with what happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partnersim.history.choices import Choices
from partnersim.history.design import known_until, on_offer, quarter_world
from partnersim.history.estimated import behaviour_of
from partnersim.history.evidence import Evidence, estimate, past_scenario
from partnersim.history.forecast import forecast
from partnersim.history.history import Record, records
from partnersim.history.outcomes import with_outcomes
from partnersim.history.pool import pooled
from partnersim.history.posterior import Posterior, covariance_of
from partnersim.history.references import REFERENCES, with_references
from partnersim.history.scores import calibration_table, score_table
from partnersim.history.timeline import LAST_QUARTER, quarter_name, quarter_number
from partnersim.scenario.coefficient_draws import draw_coefficients
from partnersim.scenario.horizon import FIRST_QUARTER, Horizon, quarter_index, quarter_label
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World

CUT = "2022Q4"
_SHIPPED = Choices()
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
    evidence: Evidence,
    *,
    draws: int = 40,
    runs: int = 25,
    seed: int = 1,
    cut: str = CUT,
    until: str = LAST_QUARTER,
    choices: Choices = _SHIPPED,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Backtest:
    """Forecast the time after a cut with what was known at it, and score the forecast.

    Parameters
    ----------
    evidence : Evidence
        From `read_evidence`.
    draws, runs : int
        Draws of the coefficients, and runs of each.
    seed : int
        Seed of draws and runs.
    cut, until : str
        Last quarter known, and last quarter forecast.
    choices : Choices
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
    open_to = (past.arrays.eligible == 1) & ~dateless & offered[None, :]
    scenario = _scenario(world, offered, end - start)
    assumed = past_scenario().behaviour
    coefficients = draw_coefficients(
        behaviour_of(posterior, assumed), seed, draws, covariance_of(posterior, assumed)
    )
    table = forecast(
        past,
        scenario,
        coefficients,
        runs=runs,
        seed=seed,
        threads=threads,
        progress=progress,
    )
    labels = {
        quarter_label(place): quarter_name(start + place) for place in range(1, end - start + 1)
    }
    table["by"] = table["by"].map(labels)
    table = table[_within(table, world, ~dateless)].reset_index(drop=True)
    known = records(evidence.history, world, until)
    cases = with_outcomes(table, known, world, start)
    cases = with_references(cases, found, past, open_to, start)
    cases = cases.rename(columns={"probability": "model"})
    cases["pooled"] = pooled(cases["model"].to_numpy(), cases["popularity"].to_numpy())
    last = cases[cases["by"] == until]
    return Backtest(
        cases=cases,
        scores=score_table(last, FORECASTS, groups(last)),
        calibration=calibration_table(last, FORECASTS),
        posterior=posterior,
        out_of_scope=_out_of_scope(known, world, offered, start),
    )


def groups(cases: pd.DataFrame) -> dict[str, NDArray[np.bool_]]:
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


def _is_tie(cases: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell for every case whether its stage is the one that makes a tie on its path."""
    signs = set(
        zip(
            *(cases.loc[cases["stage"] == "signed", key] for key in ("iso3", "instrument")),
            strict=True,
        )
    )
    stage = cases["stage"].to_numpy(str)
    keys = list(zip(cases["iso3"], cases["instrument"], strict=True))
    return np.array(
        [
            name == "signed" or (name == "in_force" and key not in signs)
            for name, key in zip(stage, keys, strict=True)
        ]
    )


def _scenario(world: World, offered: NDArray[np.bool_], quarters: int) -> Scenario:
    """Return the past scenario over some quarters, without instruments nobody knew."""
    scenario = past_scenario()
    names = world.instruments["instrument"].to_numpy(str)
    choice = scenario.world.model_copy(update={"switched_off": tuple(names[~offered])})
    assert quarter_index(FIRST_QUARTER) == 1
    horizon = Horizon(start=FIRST_QUARTER, end=quarter_label(quarters))
    return scenario.model_copy(update={"world": choice, "horizon": horizon})


def _within(table: pd.DataFrame, world: World, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell for every row whether its pair is among the chosen ones."""
    rows = pd.Index(world.countries["iso3"]).get_indexer(table["iso3"])
    columns = pd.Index(world.instruments["instrument"]).get_indexer(table["instrument"])
    return chosen[rows, columns]


def _out_of_scope(
    known: list[Record],
    world: World,
    offered: NDArray[np.bool_],
    start: int,
) -> pd.DataFrame:
    """Return the pairs that came up in instruments that nobody knew at the cut."""
    pairs = {
        (record.country, record.instrument)
        for record in known
        if record.last > start and not offered[record.instrument]
    }
    iso3, names = list(world.countries["iso3"]), list(world.instruments["instrument"])
    rows = [(iso3[i], names[k]) for i, k in sorted(pairs)]
    return pd.DataFrame(rows, columns=["iso3", "instrument"])
