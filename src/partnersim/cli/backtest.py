"""An experiment of the kind ``backtest``: fit to the past, forecast what followed, score it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from partnersim.scenario.experiment import Experiment

if TYPE_CHECKING:
    from partnersim.cli.screen import Screen
    from partnersim.history.backtest import Backtest
    from partnersim.runs.reader import Runs


def run_backtest(experiment: Experiment, screen: Screen) -> Path:
    """Run the backtest, or what is missing of it, write its tables, draw its figure.

    Returns
    -------
    Path
        Its folder.

    Raises
    ------
    InputError
        If the results cannot be written.
    """
    from partnersim.cli.follow import watched
    from partnersim.history.backtest import CUT, backtest
    from partnersim.runs.running import start

    began = time.monotonic()
    settings = experiment.settings
    screen.note(f"Fitting to {CUT} ...")
    made = backtest(settings)
    folder, planned = made.plan.folder(), made.plan.layout.runs
    stored = watched(
        screen, folder, planned, lambda p: start(made.plan, settings.engine, p, screen.note)
    )
    finish_backtest(made, stored, screen, began, figures=settings.figures)
    return stored.folder


def finish_backtest(
    made: Backtest, stored: Runs, screen: Screen, began: float, *, figures: bool
) -> None:
    """Write the tables of finished runs, draw their figure, show the scores.

    Raises
    ------
    InputError
        If the results cannot be written.
    """
    from partnersim.cli.score import show_scores
    from partnersim.runs.export import write_tables
    from partnersim.show.figures import draw_figures

    tables = made.tables(stored)
    write_tables(stored.folder, tables, {**stored.manifest, **made.facts()}, stored.world)
    if figures:
        draw_figures(stored.folder, ["backtest"])
    show_scores(screen, tables["scores"])
    screen.line()
    screen.line(
        f"{len(tables['out_of_scope'])} more pairs came up in instruments that nobody knew at the"
        " cut; no forecast could name them."
    )
    screen.results_in(stored.folder, began)
