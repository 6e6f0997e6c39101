"""An experiment of the kind ``backtest``: fit to the past, forecast what followed, score it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from partnersim.scenario.experiment import Experiment

if TYPE_CHECKING:
    from partnersim.cli.screen import Screen

#: Draws of the coefficients; ``replicates`` says how often each is run.
DRAWS = 40


def run_backtest(experiment: Experiment, screen: Screen) -> Path:
    """Run the backtest, write its tables, draw its figure; return the folder.

    Raises
    ------
    InputError
        If the results cannot be written.
    """
    from partnersim.cli.score import show_scores
    from partnersim.history.backtest import CUT, backtest
    from partnersim.history.evidence import read_evidence
    from partnersim.history.timeline import LAST_QUARTER
    from partnersim.runs.export import write_tables
    from partnersim.show.figures import draw_figures

    began = time.monotonic()
    settings = experiment.settings
    total = DRAWS * settings.replicates
    screen.note(f"Fitting to {CUT} ...")
    with screen.progress("Simulating", total) as show:
        result = backtest(
            read_evidence(),
            draws=DRAWS,
            runs=settings.replicates,
            seed=settings.seed,
            threads=settings.threads,
            progress=lambda done: show("Simulating", done),
        )
    facts = {
        "kind": "backtest",
        "experiment": settings.experiment,
        "seed": settings.seed,
        "draws": DRAWS,
        "runs": settings.replicates,
        "cut": CUT,
        "until": LAST_QUARTER,
        "estimated": list(result.posterior.names),
    }
    folder = write_tables(
        Path(settings.output).expanduser() / settings.experiment,
        {
            "scores": result.scores,
            "calibration": result.calibration,
            "cases": result.cases,
            "out_of_scope": result.out_of_scope,
        },
        facts,
    )
    if settings.figures:
        draw_figures(folder, ["backtest"])
    show_scores(screen, result.scores)
    screen.line()
    screen.line(
        f"{len(result.out_of_scope)} more pairs came up in instruments that nobody knew at the"
        " cut; no forecast could name them."
    )
    screen.results_in(folder, began)
    return folder
