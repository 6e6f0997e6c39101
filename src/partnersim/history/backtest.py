"""The backtest: fit to the end of 2022, forecast 2023 to June 2025, compare with what happened."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from partnersim.arrays import Truths
from partnersim.history.cases import REFERENCES, pooled, with_outcomes, with_references
from partnersim.history.design import CalibrationChoices, known_until, on_offer, quarter_world
from partnersim.history.estimate import (
    HistoryEvidence,
    behaviour_of,
    estimate,
    past_scenario,
    read_evidence,
)
from partnersim.history.forecast import (
    FORECAST,
    experiment_of,
    forecast_tables,
    probabilities,
)
from partnersim.history.history import LAST_QUARTER, Record, quarter_name, quarter_number, records
from partnersim.history.posterior import Posterior, covariance_of
from partnersim.history.scores import calibration_table, score_table
from partnersim.runs.plan import Plan, plan_in
from partnersim.runs.reader import Runs
from partnersim.scenario.coefficient_draws import draw_coefficients
from partnersim.scenario.experiment import Experiment
from partnersim.scenario.horizon import FIRST_QUARTER, Horizon, quarter_index, quarter_label
from partnersim.scenario.run_settings import RunSettings
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World

CUT = "2022Q4"
_SHIPPED = CalibrationChoices()
#: The first is what is offered; the others are compared with it.
FORECASTS = ("pooled", "model", *REFERENCES)


#: Draws of the coefficients; ``replicates`` says how often each is run.
DRAWS = 40


@dataclass(frozen=True, eq=False)
class Backtest:
    """A forecast of the past: what was known at a cut, the fit to it, and what is run.

    Attributes
    ----------
    evidence : HistoryEvidence
    cut, until : int
        Last quarter known, and last quarter forecast, counted from 2010Q1.
    posterior : Posterior
        What the fit knew.
    found : list of Record
        Records up to the cut.
    dateless : (N, K) array of bool
        Pairs of which nobody knows since when they are there: no cases.
    offered : (K,) array of bool
        Instruments that were known.
    plan : Plan
        The runs; every future is a draw of the coefficients.
    """

    evidence: HistoryEvidence
    cut: int
    until: int
    posterior: Posterior
    found: list[Record]
    dateless: Truths
    offered: Truths
    plan: Plan

    def tables(self, stored: Runs) -> dict[str, pd.DataFrame]:
        """Return the tables of a backtest from its finished runs.

        Parameters
        ----------
        stored : Runs
            Of `plan`.

        Returns
        -------
        dict of str to DataFrame
            ``cases``: one row per pair, stage and quarter: keys, ``model`` with ``low`` and
            ``high``, ``pooled`` (the model with a share of popularity), the references,
            ``happened``, ``pipeline``, ``cluster``. ``scores`` and ``calibration`` at the last
            quarter, see `score_table` and `calibration_table`. ``out_of_scope``: new ties that no
            forecast at the cut could name, ``iso3, instrument``.
        """
        world, past = self.evidence.world, self.plan.world
        table = probabilities(stored, self.plan)
        labels = [quarter_name(number) for number in range(self.cut + 1, self.until + 1)]
        table["by"] = table["by"].map(dict(zip(self.plan.horizon.labels[1:], labels, strict=True)))
        nobody_knows = pd.MultiIndex.from_frame(_pairs(world, self.dateless))
        asked = pd.MultiIndex.from_frame(table[["iso3", "instrument"]])
        table = table[~asked.isin(nobody_knows)].reset_index(drop=True)
        known = records(self.evidence.history, world, labels[-1])
        open_to = (past.arrays.eligible == 1) & ~self.dateless & self.offered[None, :]
        cases = with_outcomes(table, known, world, self.cut)
        cases = with_references(cases, self.found, past, open_to, self.cut)
        cases = cases.rename(columns={"probability": "model"})
        cases["pooled"] = pooled(cases["model"].to_numpy(), cases["popularity"].to_numpy())
        last = cases[cases["by"] == labels[-1]]
        late = np.zeros(world.arrays.stage.shape, bool)
        for record in known:
            late[record.country, record.instrument] |= record.last > self.cut
        return {
            "scores": score_table(last, FORECASTS, groups(last)),
            "calibration": calibration_table(last, FORECASTS),
            "cases": cases,
            "out_of_scope": _pairs(world, late & ~self.offered[None, :]),
        }

    def facts(self) -> dict[str, object]:
        """Return what a manifest tells of it besides: the quarters and what was estimated."""
        quarters = {"cut": quarter_name(self.cut), "until": quarter_name(self.until)}
        return {**quarters, "estimated": list(self.posterior.names)}


def backtest(
    settings: RunSettings,
    evidence: HistoryEvidence | None = None,
    *,
    draws: int = DRAWS,
    cut: str = CUT,
    until: str = LAST_QUARTER,
    choices: CalibrationChoices = _SHIPPED,
) -> Backtest:
    """Fit to what was known at a cut, and plan the forecast of the time after it.

    Parameters
    ----------
    settings : RunSettings
        ``replicates`` (runs of each draw), seed of draws and runs, output, threads.
    evidence : HistoryEvidence, optional
        From `read_evidence`; the shipped one if left out.
    draws : int
        Draws of the coefficients.
    cut, until : str
        Last quarter known, and last quarter forecast.
    choices : CalibrationChoices
        What is taken for granted.
    """
    evidence = read_evidence() if evidence is None else evidence
    start, end = quarter_number(cut), quarter_number(until)
    posterior = estimate(evidence, cut, choices)
    assumed = past_scenario().behaviour
    drawn = draw_coefficients(
        behaviour_of(posterior, assumed), settings.seed, draws, covariance_of(posterior, assumed)
    )
    futures = (
        drawn[list(posterior.names)].add_prefix("behaviour.coefficients.").add_suffix(".value")
    )
    futures.insert(0, "future", range(draws))
    found, dateless, first = known_until(evidence.world, evidence.history, cut)
    offered = on_offer(evidence.world, first, start, choices.lead_years)
    past = quarter_world(evidence.world, evidence.panel, found, start + 1, {})
    scenario = _scenario(evidence.world, offered, end - start)
    plan = Plan(experiment_of(scenario, settings, {"kind": "backtest"}), past, futures)
    return Backtest(evidence, start, end, posterior, found, dateless, offered, plan)


def world_of(experiment: Experiment) -> World:
    """Return the world of a backtest: as it stood after the cut."""
    evidence = read_evidence()
    found = known_until(evidence.world, evidence.history, CUT)[0]
    return quarter_world(evidence.world, evidence.panel, found, quarter_number(CUT) + 1, {})


def plan_of(experiment: Experiment) -> Plan:
    """Return the plan of an experiment of the kind ``backtest``."""
    return backtest(experiment.settings).plan


def derived_tables(stored: Runs) -> dict[str, pd.DataFrame]:
    """Return the tables of a finished forecast or backtest, from its runs; none of other runs."""
    kind = stored.manifest["configuration"]["kind"]
    if kind == FORECAST:
        return forecast_tables(stored)
    if kind == "backtest":
        return backtest(plan_in(stored).experiment.settings).tables(stored)
    return {}


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
