"""Generated parts about estimates: from which history, how far they can be trusted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from doc_tables import RESULTS, code, listed, number, table
from partnersim.configuration import load_scenario
from partnersim.errors import InputError
from partnersim.history.estimate import past_scenario
from partnersim.history.evidence import read_evidence
from partnersim.model.coefficients import GROUPS
from partnersim.model.constants import AREAS
from partnersim.runs.export import read_tables
from partnersim.world.world import World


def estimates() -> str:
    """Return the estimated coefficients beside their priors."""
    assumed = past_scenario().behaviour.coefficients
    behaviour = load_scenario().behaviour
    rows = []
    for name in behaviour.named_by_origin("estimated"):
        if name in GROUPS["link"]:
            continue
        item, prior = behaviour.coefficients[name], assumed[name]
        cut = item.source.rpartition("cut to ")[2] if "cut to" in item.source else "at its end"
        rows.append(
            (
                code(name),
                number(prior.value),
                f"{number(prior.low)} to {number(prior.high)}",
                number(item.value),
                "-" if cut == "at its end" else f"{number(item.low)} to {number(item.high)}",
                cut,
            )
        )
    return table(
        ("name", "prior", "plausible", "estimate", "two deviations", "deviation left"), rows
    )


def link_estimates() -> str:
    """Return the estimated coefficients of links, and from how many decisions."""
    behaviour = load_scenario().behaviour.coefficients
    rows = [
        (
            code(name),
            number(behaviour[name].value),
            f"{number(behaviour[name].low)} to {number(behaviour[name].high)}",
            behaviour[name].source,
        )
        for name in GROUPS["link"]
        if behaviour[name].origin == "estimated"
    ]
    return table(("name", "estimate", "two standard errors", "from"), rows)


def stay_assumed() -> str:
    """Return the coefficients of the likelihood that stay assumed, and why."""
    behaviour = load_scenario().behaviour.coefficients
    reasons: dict[str, list[str]] = {}
    for name, item in behaviour.items():
        if item.origin == "assumed":
            reason = "not identified" if item.source.startswith("not id") else item.source
            reasons.setdefault(reason, []).append(name)
    return table(("why", "coefficients"), ((why, listed(names)) for why, names in reasons.items()))


def stand_ins() -> str:
    """Return how scores from the panel compare with scores from all indicators."""
    evidence = read_evidence()
    gap = score_gap(evidence.world, evidence.world_of(2025))
    rows = [
        (
            row.score,
            row.area or "-",
            f"{row.correlation:.2f}",
            f"{row.mean_panel:.2f}",
            f"{row.mean_full:.2f}",
        )
        for row in gap.itertuples()
    ]
    return table(("score", "area", "correlation", "mean, panel", "mean, all indicators"), rows)


def score_gap(world: World, past: World) -> pd.DataFrame:
    """Return how the scores from the panel compare with those from all indicators.

    Returns
    -------
    DataFrame
        ``score, area, correlation, mean_panel, mean_full``; ``area`` empty for alignment and size.
    """
    rows = []
    for name in ("size", "alignment", "readiness", "need", "rival", "threat"):
        full, panel = getattr(world.arrays, name), getattr(past.arrays, name)
        columns = AREAS if full.ndim == 2 else ("",)
        for place, area in enumerate(columns):
            one = full[:, place] if full.ndim == 2 else full
            other = panel[:, place] if full.ndim == 2 else panel
            rows.append(
                {
                    "score": name,
                    "area": area,
                    "correlation": float(np.corrcoef(one, other)[0, 1]),
                    "mean_panel": float(other.mean()),
                    "mean_full": float(one.mean()),
                }
            )
    return pd.DataFrame(rows)


#: Forecasts of the backtest in words.
_FORECASTS = {
    "pooled": "**forecast**",
    "model": "bare model",
    "record": "record alone",
    "instrument_rate": "rule: instrument",
    "pipeline_rate": "rule: pipeline",
    "popularity": "rule: popularity",
    "base_rate": "rule: base rate",
}
_SCORES = ("log score", "log score by decision", "area under curve", "recall at 100")


def _of_backtest(name: str) -> pd.DataFrame | None:
    """Return a table of the backtest; None if it was not run."""
    try:
        return read_tables(RESULTS / "backtest", (name,))[name]
    except InputError:
        return None


def backtest() -> str | None:
    """Return the scores of the backtest; None if it was not run."""
    scores = _of_backtest("scores")
    if scores is None:
        return None
    rows = []
    for group, part in scores.groupby("group", sort=False):
        first = part.iloc[0]
        came = f"{first['happened']} of {first['cases']}, {first['decisions']} decisions"
        happened = f"{group}: {came}"
        values = part.set_index(["forecast", "score"])
        for forecast, words in _FORECASTS.items():
            log = values.loc[(forecast, "log score")]
            ahead = "-"
            if forecast != first["forecast"]:
                ahead = (
                    f"{-100 * log['difference'] / log['value']:+.1f} %,"
                    f" {-log['difference']:+.4f} ({-log['difference_high']:+.4f} to"
                    f" {-log['difference_low']:+.4f}); {log['won']} of {log['cuts']}"
                )
            cells = [f"{values.at[(forecast, score), 'value']:.4f}" for score in _SCORES]
            rows.append((happened, words, *cells, ahead))
            happened = ""
    header = ("cases that happened", "forecast", *_SCORES, "log score of the forecast against it")
    return table(header, rows)


def coverage() -> str | None:
    """Return how often what came lies within the intervals; None without a backtest."""
    found = _of_backtest("coverage")
    if found is None:
        return None
    shares = ("covered", "nominal", "by_luck")
    rows = [
        (row.kind, str(row.groups), *(f"{100 * getattr(row, name):.0f} %" for name in shares))
        for row in found[found["groups"] > 0].itertuples()
    ]
    header = ("cases grouped by", "groups", "within the interval", "expected", "luck alone")
    return table(header, rows)


def classes() -> str | None:
    """Return how often it happened, by class of probability; None without a backtest."""
    found = _of_backtest("calibration")
    if found is None:
        return None
    rows = [
        (
            f"{100 * row.class_low:g} to {100 * row.class_high:g} %",
            f"{row.cases:,}",
            str(row.decisions),
            f"{100 * row.probability:.2f} %",
            f"{100 * row.frequency:.2f} % ({100 * row.low:.2f} to {100 * row.high:.2f})",
        )
        for row in found[found["forecast"] == "pooled"].itertuples()
    ]
    return table(("class", "cases", "decisions", "mean probability", "happened"), rows)
