"""The backtest: fit to what was known at a cut, forecast the year after, compare; cut by cut."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pandas as pd

from partnersim.history.cases import Cut, Moment, groups, quiet_share, with_outcomes
from partnersim.history.estimate import PLAYED_AGAIN, behaviour_of, estimate, past_scenario
from partnersim.history.evidence import HistoryEvidence
from partnersim.history.forecast import SHARE, Simulated, Ways, forecast_table, simulated
from partnersim.history.hazard import fit_hazard
from partnersim.history.history import LAST_QUARTER, quarter_name, quarter_number, records
from partnersim.history.posterior import Posterior, covariance_of
from partnersim.history.scores import EDGES, calibration_table, coverage_table, score_table
from partnersim.history.simple_rules import RULES, with_rules
from partnersim.model.constants import QUARTERS_PER_YEAR
from partnersim.scenario.coefficient_draws import draw_coefficients, with_values
from partnersim.scenario.horizon import FIRST_QUARTER, Horizon, quarter_label
from partnersim.scenario.run_settings import RunSettings
from partnersim.scenario.scenario import Scenario
from partnersim.world.pooled import pooled_arrays
from partnersim.world.world import World

#: The first is what is offered; the others are compared with it.
FORECASTS = ("pooled", "model", "record", *RULES)
#: Draws of the coefficients; ``replicates`` says how often each is run.
DRAWS = 20


def fold(
    evidence: HistoryEvidence,
    cut: str,
    settings: RunSettings,
    note: Callable[[], object] = lambda: None,
) -> pd.DataFrame:
    """Return the cases of one cut: every pair that may become a tie, and whether it did.

    Parameters
    ----------
    evidence : HistoryEvidence
        Nothing of it that came after the cut is used, but to say what happened.
    cut : str
        Last quarter known; the forecast is that of the year after it, as far as facts reach.
    settings : RunSettings
        ``replicates`` (runs of each draw) and the seed of draws and runs.
    note : callable
        Called after each draw.

    Returns
    -------
    DataFrame
        ``cut, iso3, instrument, stage, by``, the probabilities `FORECASTS`, ``low`` and ``high`` of
        the first, ``happened``, ``pipeline``, ``decision``, ``cluster``.
    """
    known = Cut(evidence, quarter_number(cut))
    end = min(known.quarter + QUARTERS_PER_YEAR, quarter_number(LAST_QUARTER))
    posterior = estimate(evidence, cut)
    moment = _moment(known, posterior)
    scenario = _scenario(known, posterior, end - known.quarter)
    assumed = past_scenario().behaviour
    drawn = draw_coefficients(
        scenario.behaviour, settings.seed, DRAWS, covariance_of(posterior, assumed)
    )[list(posterior.names)]
    ways = Ways(settings.seed, settings.replicates, settings.threads or 1, quiet=quiet_share(known))
    of_model = simulated(moment, scenario, drawn, ways, note)
    tie = of_model.stages == moment.ties[of_model.columns]
    of_model = Simulated(*(part[tie] for part in of_model))
    labels = [quarter_name(number) for number in range(known.quarter + 1, end + 1)]
    hazard = fit_hazard(known)
    cases, *parts = (
        forecast_table(moment, of_model, hazard, labels, share) for share in (SHARE, 0.0, 1.0)
    )
    cases = cases.rename(columns={"probability": "pooled"})
    for name, part in zip(("model", "record"), parts, strict=True):
        cases[name] = part["probability"]
    cases["pipeline"] = np.repeat(moment.under_way[of_model.rows, of_model.columns], len(labels))
    cases = cases[cases["by"] == labels[-1]].reset_index(drop=True)
    found = records(evidence.history, evidence.world, labels[-1])
    cases = with_outcomes(cases, found, known)
    cases = with_rules(cases, known, moment)
    cases.insert(0, "cut", cut)
    return cases


def backtest_tables(cases: pd.DataFrame, world: World) -> dict[str, pd.DataFrame]:
    """Return the tables of a backtest from the cases of all its cuts.

    Returns
    -------
    dict of str to DataFrame
        ``cases``, ``scores``, ``calibration`` and ``coverage``, see `score_table`,
        `calibration_table` and `coverage_table`.
    """
    parts = {name: part for name, part in groups(cases, world).items() if name != "all"}
    classes = pd.cut(cases["pooled"], EDGES, right=False, labels=False)
    kinds = {
        "class of probability": classes,
        "cut": cases["cut"],
        "class at a cut": cases["cut"] + classes.astype(str),
        "instrument": cases["instrument"],
        "region": cases["iso3"].map(world.countries.set_index("iso3")["region"]),
        "partner": cases["iso3"],
    }
    return {
        "scores": score_table(cases, FORECASTS, parts),
        "calibration": calibration_table(cases, FORECASTS),
        "coverage": coverage_table(cases, kinds),
        "cases": cases,
    }


def _moment(known: Cut, posterior: Posterior) -> Moment:
    """Return what was known after a cut, with the pooled effects estimated then.

    In the past the EU had the money that its instruments needed. Which blocs would decide for
    their members nobody knew, nor who would meet: summits are expected as in the year before.
    """
    moment = known.moment(known.quarter + 1)
    world, arrays = moment.world, moment.world.arrays
    summit = np.zeros_like(arrays.summit)
    for quarter in range(1, QUARTERS_PER_YEAR + 1):
        before = known.quarter + quarter - QUARTERS_PER_YEAR
        calendar = known.moment(before).world.arrays.summit
        summit[:, quarter] = calendar[:, 1 + before % QUARTERS_PER_YEAR]
    codes, instruments = list(world.countries["iso3"]), world.instruments
    names, paths = list(instruments["instrument"]), list(instruments["path"])
    arrays = arrays._replace(
        **pooled_arrays(posterior.effects, codes, world.regions, names, paths),
        eligible=np.ascontiguousarray(arrays.eligible * ~known.dateless).astype(np.uint8),
        bloc=np.full_like(arrays.bloc, -1),
        summit=summit,
        cost=np.zeros_like(arrays.cost),
    )
    return dataclasses.replace(moment, world=dataclasses.replace(world, arrays=arrays))


def _scenario(known: Cut, posterior: Posterior, quarters: int) -> Scenario:
    """Return the past scenario over some quarters, without instruments nobody knew."""
    scenario = past_scenario()
    behaviour = behaviour_of(posterior, scenario.behaviour)
    names = known.evidence.world.instruments["instrument"].to_numpy(str)
    off = tuple(names[~known.on_offer(known.quarter)])
    choice = scenario.world.model_copy(update={"switched_off": off})
    horizon = Horizon(start=FIRST_QUARTER, end=quarter_label(quarters))
    changes = {"world": choice, "horizon": horizon, "behaviour": behaviour}
    return with_values(scenario.model_copy(update=changes), PLAYED_AGAIN)
