"""Generated parts about estimates: from which history, how far they can be trusted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from doc_tables import RESULTS, code, listed, number
from partnersim.configuration import load_scenario
from partnersim.errors import InputError
from partnersim.history.estimate import past_scenario, read_evidence
from partnersim.history.past_world import world_of_year
from partnersim.model.coefficients import LINK
from partnersim.model.constants import AREAS
from partnersim.reproduction.findings import table
from partnersim.runs.export import read_tables
from partnersim.world.world import World


def estimates() -> str:
    """Return the estimated coefficients beside their priors."""
    assumed = past_scenario().behaviour.coefficients
    behaviour = load_scenario().behaviour
    rows = []
    for name in behaviour.named_by_origin("estimated"):
        if name in LINK:
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
        for name in LINK
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
    gap = score_gap(evidence.world, world_of_year(evidence.world, evidence.panel, 2025))
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


def backtest() -> str | None:
    """Return the scores of the backtest; None if it was not run."""
    folder = RESULTS / "backtest"
    try:
        scores = read_tables(folder, ("scores",))["scores"]
    except InputError:
        return None
    forecasts = {
        "pooled": "forecast",
        "model": "bare model",
        "base_rate": "base rate",
        "pipeline_rate": "pipeline",
        "popularity": "popularity",
    }
    rows = []
    for (group, score), part in scores.groupby(["group", "score"], sort=False):
        known = part.set_index("forecast")
        happened, cases = known.loc["model", ["happened", "cases"]]
        cells = [
            f"{known.at[name, 'value']:.3f} ({known.at[name, 'low']:.3f}"
            f" to {known.at[name, 'high']:.3f})"
            for name in forecasts
        ]
        rows.append((f"{group} ({happened} of {cases})", score, *cells))
    return table(("cases (happened)", "score", *forecasts.values()), rows)


def cross_validation() -> str | None:
    """Return how other choices did before 2023; None if they were not tried."""
    try:
        folds = read_tables(RESULTS / "cross_validation", ("folds",))["folds"]
    except InputError:
        return None
    rows = [
        (
            row.choices,
            f"after {row.cut}, to {row.until}",
            f"{row.log_score:.3f}",
            f"{row.best_rule:.3f}",
            f"{100 * row.recall_at_50:.0f} %",
            f"{100 * row.best_rule_recall:.0f} %",
        )
        for row in folds.itertuples()
    ]
    header = ("choices", "forecast", "log score", "best rule", "recall at 50", "best rule's")
    return table(header, rows)


def shares() -> str | None:
    """Return the scores with several shares of popularity; None if they were not tried."""
    try:
        tried = read_tables(RESULTS / "cross_validation", ("shares",))["shares"]
    except InputError:
        return None
    wide = tried.pivot(index="share", columns=["cut", "until"], values="log_score")
    rows = [
        (f"{share:.0%}", *(f"{value:.4f}" for value in line), f"{line.mean():.4f}")
        for share, line in zip(wide.index, wide.to_numpy(), strict=True)
    ]
    header = [f"after {cut}, to {until}" for cut, until in wide.columns]
    return table(("share of popularity", *header, "mean"), rows)
